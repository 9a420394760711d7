# Completion of `ai` for bash 3.2 and later. @@header
# shellcheck shell=bash disable=SC2034

# What may follow a path: words, or for a verb its flags, the flags that take a value, its places.
_ai_table() {
  words='' is_verb='' flags='' takes='' places=''
  case $1 in
@@table
  esac
}

# `typed`: the words before the cursor, with what bash cut at "=" and ":" put together again.
# `glue`: the part of the last word that bash keeps to itself.
_ai_split() {
  local rest=${COMP_LINE:0:COMP_POINT} part i last
  typed=() glue=''
  for ((i = 0; i <= COMP_CWORD; i++)); do
    part=${COMP_WORDS[i]}
    last=$((${#typed[@]} - 1))
    if ((last < 0)) || [[ $rest == [[:space:]]* ]]; then
      rest=${rest#"${rest%%[![:space:]]*}"}
      ((i == COMP_CWORD)) && part=$rest
      typed+=("$part") glue=''
    else
      ((i == COMP_CWORD)) && part=$rest
      glue=${typed[last]}
      typed[last]+=$part
    fi
    rest=${rest#"$part"}
  done
  # Right after "=" or ":" there is nothing yet that bash would replace.
  [[ $part == [=:] ]] && glue+=$part
}

# What a flag takes, in `wanted`; empty for a flag that takes nothing.
_ai_taken_by() {
  local pair
  wanted=''
  for pair in $takes @@common_takes; do
    [[ ${pair%%=*} == "$1" ]] && wanted=${pair#*=}
  done
}

_ai_offer() {
  local word
  for word in "$@"; do
    [[ $word == "$current"* ]] && COMPREPLY+=("$prefix$word")
  done
}

# Names that commands left behind: ids, models and the like, one a line.
_ai_cached() {
  local folder word note
  if [[ -n ${AI_HOME-} ]]; then
    folder=$AI_HOME/cache
  elif [[ ${XDG_CACHE_HOME-} == /* ]]; then
    folder=$XDG_CACHE_HOME/ai
  else
    folder=${HOME-}/.cache/ai
  fi
  [[ -r $folder/complete/$1 ]] || return 0
  while IFS=$'\t' read -r word note; do
    _ai_offer "$word"
  done <"$folder/complete/$1"
}

_ai_paths() {
  local path
  if type compopt &>/dev/null; then
    compopt -o "$1"
    return
  fi
  while IFS= read -r path; do
    COMPREPLY+=("$prefix$path")
  done < <(compgen "$2" -- "$current")
}

_ai_choices() {
  local IFS='|'
  _ai_offer $1
}

_ai_value() {
  case $1 in
    '' | -) ;;
    *'|') _ai_choices "$1" ;;
    *+*) _ai_value "${1%%+*}"; _ai_value "${1#*+}" ;;
    FILE) _ai_paths default -f ;;
    FOLDER) _ai_paths dirnames -d ;;
    COMMAND) _ai_command ;;
    *) _ai_cached "$1" ;;
  esac
}

# A command line inside ours, as in `ai prove offline -- ls`: the other program's own completion.
_ai_command() {
  local i path
  glue=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -- ]] && break
  done
  if type _command_offset &>/dev/null && ((i < COMP_CWORD)); then
    _command_offset $((i + 1))
  elif ((place == 0)); then
    while IFS= read -r path; do
      COMPREPLY+=("$path")
    done < <(compgen -c -- "$current")
  else
    _ai_paths default -f
  fi
}

# The kind of the place that the cursor is at, in `wanted`.
_ai_place() {
  local kind at=0
  wanted=''
  for kind in $places; do
    if ((at == place)) || [[ $kind == *'*' ]]; then
      wanted=${kind%'*'}
      return
    fi
    at=$((at + 1))
  done
}

_ai() {
  local typed glue words is_verb flags takes places wanted='' prefix='' path='' place=0 ended='' i
  local IFS=$' \t\n'
  COMPREPLY=()
  _ai_split
  local last=$((${#typed[@]} - 1))
  local current=${typed[last]}

  _ai_table ''
  for ((i = 1; i < last && ! is_verb; i++)); do
    path+=${path:+ }${typed[i]}
    _ai_table "$path"
  done
  for (( ; i < last; i++)); do
    if [[ -n $wanted ]]; then
      wanted=''
    elif [[ -n $ended || ${typed[i]} != -* || ${typed[i]} == - ]]; then
      place=$((place + 1))
    elif [[ ${typed[i]} == -- ]]; then
      ended=1
    else
      _ai_taken_by "${typed[i]}"
    fi
  done

  if [[ -z $is_verb ]]; then
    [[ $current == -* ]] && words="--help $flags"
    _ai_offer $words
  elif [[ -n $wanted ]]; then
    _ai_value "$wanted"
  elif [[ -z $ended && $current == --*=* ]]; then
    _ai_taken_by "${current%%=*}"
    prefix=${current%%=*}= current=${current#*=}
    _ai_value "$wanted"
  elif [[ -z $ended && $current == -* ]]; then
    _ai_offer $flags @@common_flags
  else
    _ai_place
    _ai_value "$wanted"
  fi
  [[ -n $glue ]] && COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]#"$glue"}"})
  return 0
}

complete -F _ai ai
