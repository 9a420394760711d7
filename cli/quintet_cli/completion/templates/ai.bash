# Completion of `ai` for bash 3.2 and later. @@header
# shellcheck shell=bash disable=SC2034

# What may follow a path: words, or for a verb its flags, the flags that take a value, its places.
_ai_table() {
  words='' is_verb='' flags='' takes='' places=''
  case $1 in
@@table
  esac
}

# `typed`: the words before the cursor, with what bash 4 cut at "=" and ":" put together again.
_ai_split() {
  local rest=${COMP_LINE:0:COMP_POINT} part i last
  typed=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    part=${COMP_WORDS[i]}
    last=$((${#typed[@]} - 1))
    if ((last < 0)) || [[ $rest == [[:space:]]* ]]; then
      rest=${rest#"${rest%%[![:space:]]*}"}
      ((i == COMP_CWORD)) && part=$rest
      typed+=("$part")
    else
      ((i == COMP_CWORD)) && part=$rest
      typed[last]+=$part
    fi
    rest=${rest#"$part"}
  done
}

# Bash replaces only what stands behind the last "=" or ":"; candidates begin there too.
_ai_unglue() {
  local breaks='' glue
  [[ ${COMP_WORDBREAKS-} == *=* ]] && breaks+='='
  [[ ${COMP_WORDBREAKS-} == *:* ]] && breaks+=':'
  [[ -n $breaks ]] || return 0
  glue=${typed[last]%"${typed[last]##*[$breaks]}"}
  COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]#"$glue"}"})
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

# Bash 4 completes and quotes paths itself when it is asked to.
_ai_paths() {
  local path
  if type compopt &>/dev/null; then
    compopt -o "$1"
    return
  fi
  while IFS= read -r path; do
    [[ -d $path ]] && path+=/
    printf -v path %q "$path"
    COMPREPLY+=("$prefix$path")
  done < <(compgen "$2" -- "${current//\\/}")
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
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -- ]] && break
  done
  if type _command_offset &>/dev/null && ((i < COMP_CWORD)); then
    _command_offset $((i + 1))
    is_theirs=1
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
  local typed words is_verb flags takes places wanted='' prefix='' path='' place=0 ended='' i
  local is_theirs=''
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
  [[ -n $is_theirs ]] || _ai_unglue
  return 0
}

complete -F _ai ai
