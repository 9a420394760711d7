# Completion of `ai` for bash 3.2 and later. Generated from the command tree by `make generated`; changes here will be lost.
# shellcheck shell=bash disable=SC2034

# What may follow a path: words, or for a verb its flags, the flags that take a value, its places.
_ai_table() {
  words='' is_verb='' flags='' takes='' places=''
  case $1 in
    '') words='demo log show why undo plans apply doctor selftest setup version edge code video life ops models budget policy schedule prove key trace mcp eval store config completion' flags='--version' ;;
    edge) words='fit index ask sources forget' ;;
    code) words='locate' ;;
    video) words='scenes' ;;
    life) words='add brief' ;;
    ops) words='trigger' ;;
    models) words='list add show rm test' ;;
    budget) words='show set unblock reset' ;;
    policy) words='list allow deny remove explain log' ;;
    schedule) words='add list remove install uninstall status run' ;;
    prove) words='offline' ;;
    key) words='status add remove unlock lock rotate export import' ;;
    trace) words='list show export' ;;
    mcp) words='serve add list show tools call pin remove' ;;
    eval) words='run check compare from-run show' ;;
    store) words='info sql check backup restore vacuum export' ;;
    config) words='get set unset list edit path validate schema trust' ;;
    completion) words='show install status' ;;
    'demo') is_verb=1 flags='--keep' takes='--keep=FOLDER' ;;
    'log') is_verb=1 flags='--group --verb --since --limit -n --against' takes='--group=edge|code|video|life|ops| --verb=- --since=- --limit=- -n=- --against=-' places='list|verify|anchor|usage|tidy|' ;;
    'show') is_verb=1 places='action' ;;
    'why') is_verb=1 places='action' ;;
    'undo') is_verb=1 flags='--since --cascade --skip-conflicts' takes='--since=-' places='action*' ;;
    'plans') is_verb=1 ;;
    'apply') is_verb=1 places='plan' ;;
    'doctor') is_verb=1 flags='--fix --bundle' takes='--bundle=FILE' ;;
    'selftest') is_verb=1 flags='--torture' takes='--torture=-' ;;
    'setup') is_verb=1 places='llm|native|video|mcp|pg|' ;;
    'version') is_verb=1 ;;
    'edge fit') is_verb=1 flags='--context' takes='--context=-' places='FILE' ;;
    'edge index') is_verb=1 places='FILE+FOLDER*' ;;
    'edge ask') is_verb=1 flags='--in --since --until --limit' takes='--in=FILE+FOLDER --since=- --until=- --limit=-' places='-*' ;;
    'edge sources') is_verb=1 ;;
    'edge forget') is_verb=1 places='FILE+FOLDER*' ;;
    'code locate') is_verb=1 flags='--test --timeout' takes='--test=COMMAND --timeout=-' places='FILE' ;;
    'video scenes') is_verb=1 places='FILE' ;;
    'life add') is_verb=1 places='FILE*' ;;
    'life brief') is_verb=1 flags='--date' takes='--date=-' ;;
    'ops trigger') is_verb=1 flags='--event --in' takes='--event=- --in=FOLDER' places='workflow' ;;
    'models list') is_verb=1 ;;
    'models add') is_verb=1 flags='--name' takes='--name=-' places='FILE' ;;
    'models show') is_verb=1 places='model+FILE' ;;
    'models rm') is_verb=1 places='model' ;;
    'models test') is_verb=1 flags='--prompt' takes='--prompt=-' places='model+FILE' ;;
    'budget show') is_verb=1 ;;
    'budget set') is_verb=1 places='day_usd|month_usd|run_usd|call_usd|day_tokens|month_tokens|run_tokens|call_tokens|day_s|month_s|run_s|call_s|group_day_usd|group_month_usd|group_day_tokens|group_month_tokens|group_day_s|group_month_s| -' ;;
    'budget unblock') is_verb=1 ;;
    'budget reset') is_verb=1 ;;
    'policy list') is_verb=1 ;;
    'policy allow') is_verb=1 flags='--port --purpose --data --note' takes='--port=- --purpose=- --data=- --note=-' places='-' ;;
    'policy deny') is_verb=1 flags='--note' takes='--note=-' places='-' ;;
    'policy remove') is_verb=1 places='-' ;;
    'policy explain') is_verb=1 flags='--port --purpose --data' takes='--port=- --purpose=- --data=-' places='-' ;;
    'policy log') is_verb=1 flags='--limit' takes='--limit=-' ;;
    'schedule add') is_verb=1 flags='--catch-up --timeout --jitter --only-on-power' takes='--catch-up=skip|once|all| --timeout=- --jitter=-' places='- - -*' ;;
    'schedule list') is_verb=1 ;;
    'schedule remove') is_verb=1 places='job' ;;
    'schedule install') is_verb=1 flags='--with' takes='--with=-' ;;
    'schedule uninstall') is_verb=1 flags='--with' takes='--with=-' ;;
    'schedule status') is_verb=1 places='job' ;;
    'schedule run') is_verb=1 flags='--due --now --by' takes='--by=-' places='job' ;;
    'prove offline') is_verb=1 flags='--certificate' takes='--certificate=FILE' places='COMMAND*' ;;
    'key status') is_verb=1 ;;
    'key add') is_verb=1 flags='--only --to --command --passphrase-from --label' takes='--only=edge|code|video|life|ops| --to=FILE --command=- --passphrase-from=FILE --label=-' places='passphrase|recovery|keyfile|keyring|command|' ;;
    'key remove') is_verb=1 places='slot' ;;
    'key unlock') is_verb=1 flags='--for' takes='--for=-' ;;
    'key lock') is_verb=1 ;;
    'key rotate') is_verb=1 flags='--data' takes='--data=edge|code|video|life|ops|' ;;
    'key export') is_verb=1 flags='--passphrase-from' takes='--passphrase-from=FILE' places='FILE' ;;
    'key import') is_verb=1 flags='--passphrase-from' takes='--passphrase-from=FILE' places='FILE' ;;
    'trace list') is_verb=1 flags='--limit -n --all' takes='--limit=- -n=-' ;;
    'trace show') is_verb=1 flags='--html' takes='--html=FILE' places='run+action' ;;
    'trace export') is_verb=1 flags='--since' takes='--since=-' places='run+action' ;;
    'mcp serve') is_verb=1 flags='--http --tools' takes='--http=- --tools=search|all|' ;;
    'mcp add') is_verb=1 flags='--env --token-from' takes='--env=- --token-from=-' places='- COMMAND*' ;;
    'mcp list') is_verb=1 ;;
    'mcp show') is_verb=1 places='-' ;;
    'mcp tools') is_verb=1 places='-' ;;
    'mcp call') is_verb=1 places='- - -' ;;
    'mcp pin') is_verb=1 places='-' ;;
    'mcp remove') is_verb=1 places='-' ;;
    'eval run') is_verb=1 flags='--repeat -n --case --baseline --save-baseline --confidence --need --junit --markdown --model --seed --jobs --budget --own-home --resume' takes='--repeat=- -n=- --case=- --baseline=run+FILE --save-baseline=FILE --confidence=- --need=- --junit=FILE --markdown=FILE --model=model --seed=- --jobs=- --budget=- --resume=run' places='FILE' ;;
    'eval check') is_verb=1 places='FILE' ;;
    'eval compare') is_verb=1 flags='--confidence' takes='--confidence=-' places='- -' ;;
    'eval from-run') is_verb=1 flags='--into --private' takes='--into=FILE' places='action' ;;
    'eval show') is_verb=1 flags='--limit' takes='--limit=-' places='run' ;;
    'store info') is_verb=1 places='spine|edge|life|ops|trace|evals|' ;;
    'store sql') is_verb=1 flags='--limit' takes='--limit=-' places='spine|edge|life|ops|trace|evals| -' ;;
    'store check') is_verb=1 places='spine|edge|life|ops|trace|evals|' ;;
    'store backup') is_verb=1 flags='--to' takes='--to=FOLDER' places='spine|edge|life|ops|trace|evals|' ;;
    'store restore') is_verb=1 places='spine|edge|life|ops|trace|evals| FILE' ;;
    'store vacuum') is_verb=1 places='spine|edge|life|ops|trace|evals|' ;;
    'store export') is_verb=1 flags='--format' takes='--format=csv|jsonl|parquet|' places='spine|edge|life|ops|trace|evals| FOLDER' ;;
    'config get') is_verb=1 places='budget.day_usd|budget.month_usd|budget.run_usd|budget.call_usd|budget.day_tokens|budget.month_tokens|budget.run_tokens|budget.call_tokens|budget.day_s|budget.month_s|budget.run_s|budget.call_s|budget.group_day_usd|budget.group_month_usd|budget.group_day_tokens|budget.group_month_tokens|budget.group_day_s|budget.group_month_s|consent.plan_lifetime_h|http.connect_timeout_s|http.read_timeout_s|http.total_timeout_s|http.response_limit_bytes|http.line_limit_bytes|http.retries|http.redirects|http.proxy|keys.keyring|keys.keyring_timeout_s|keys.command_timeout_s|life.time_zone|life.day_starts|life.day_ends|life.shortest_free_min|mcp.call_timeout_s|mcp.result_limit_bytes|models.default|models.replay_from|models.embedder|models.openai_key|models.anthropic_key|models.keys|models.allow_unpriced|models.context_tokens|models.threads|models.timeout_s|record.keep_days|record.keep_bytes|record.keep_last|record.freezable|record.copy_limit_bytes|trace.enabled|trace.content|trace.keep_days|trace.keep_bytes|trace.endpoint|trace.export|trace.export_timeout_s|video.least_change|video.times_neighbours|video.shortest_scene_s|video.dark_level|' ;;
    'config set') is_verb=1 places='budget.day_usd|budget.month_usd|budget.run_usd|budget.call_usd|budget.day_tokens|budget.month_tokens|budget.run_tokens|budget.call_tokens|budget.day_s|budget.month_s|budget.run_s|budget.call_s|budget.group_day_usd|budget.group_month_usd|budget.group_day_tokens|budget.group_month_tokens|budget.group_day_s|budget.group_month_s|consent.plan_lifetime_h|http.connect_timeout_s|http.read_timeout_s|http.total_timeout_s|http.response_limit_bytes|http.line_limit_bytes|http.retries|http.redirects|http.proxy|keys.keyring|keys.keyring_timeout_s|keys.command_timeout_s|life.time_zone|life.day_starts|life.day_ends|life.shortest_free_min|mcp.call_timeout_s|mcp.result_limit_bytes|models.default|models.replay_from|models.embedder|models.openai_key|models.anthropic_key|models.keys|models.allow_unpriced|models.context_tokens|models.threads|models.timeout_s|record.keep_days|record.keep_bytes|record.keep_last|record.freezable|record.copy_limit_bytes|trace.enabled|trace.content|trace.keep_days|trace.keep_bytes|trace.endpoint|trace.export|trace.export_timeout_s|video.least_change|video.times_neighbours|video.shortest_scene_s|video.dark_level| -' ;;
    'config unset') is_verb=1 places='budget.day_usd|budget.month_usd|budget.run_usd|budget.call_usd|budget.day_tokens|budget.month_tokens|budget.run_tokens|budget.call_tokens|budget.day_s|budget.month_s|budget.run_s|budget.call_s|budget.group_day_usd|budget.group_month_usd|budget.group_day_tokens|budget.group_month_tokens|budget.group_day_s|budget.group_month_s|consent.plan_lifetime_h|http.connect_timeout_s|http.read_timeout_s|http.total_timeout_s|http.response_limit_bytes|http.line_limit_bytes|http.retries|http.redirects|http.proxy|keys.keyring|keys.keyring_timeout_s|keys.command_timeout_s|life.time_zone|life.day_starts|life.day_ends|life.shortest_free_min|mcp.call_timeout_s|mcp.result_limit_bytes|models.default|models.replay_from|models.embedder|models.openai_key|models.anthropic_key|models.keys|models.allow_unpriced|models.context_tokens|models.threads|models.timeout_s|record.keep_days|record.keep_bytes|record.keep_last|record.freezable|record.copy_limit_bytes|trace.enabled|trace.content|trace.keep_days|trace.keep_bytes|trace.endpoint|trace.export|trace.export_timeout_s|video.least_change|video.times_neighbours|video.shortest_scene_s|video.dark_level|' ;;
    'config list') is_verb=1 flags='--sources --changed' places='budget|consent|http|keys|life|mcp|models|record|trace|video|' ;;
    'config edit') is_verb=1 ;;
    'config path') is_verb=1 ;;
    'config validate') is_verb=1 ;;
    'config schema') is_verb=1 flags='--sample' places='budget.day_usd|budget.month_usd|budget.run_usd|budget.call_usd|budget.day_tokens|budget.month_tokens|budget.run_tokens|budget.call_tokens|budget.day_s|budget.month_s|budget.run_s|budget.call_s|budget.group_day_usd|budget.group_month_usd|budget.group_day_tokens|budget.group_month_tokens|budget.group_day_s|budget.group_month_s|consent.plan_lifetime_h|http.connect_timeout_s|http.read_timeout_s|http.total_timeout_s|http.response_limit_bytes|http.line_limit_bytes|http.retries|http.redirects|http.proxy|keys.keyring|keys.keyring_timeout_s|keys.command_timeout_s|life.time_zone|life.day_starts|life.day_ends|life.shortest_free_min|mcp.call_timeout_s|mcp.result_limit_bytes|models.default|models.replay_from|models.embedder|models.openai_key|models.anthropic_key|models.keys|models.allow_unpriced|models.context_tokens|models.threads|models.timeout_s|record.keep_days|record.keep_bytes|record.keep_last|record.freezable|record.copy_limit_bytes|trace.enabled|trace.content|trace.keep_days|trace.keep_bytes|trace.endpoint|trace.export|trace.export_timeout_s|video.least_change|video.times_neighbours|video.shortest_scene_s|video.dark_level|' ;;
    'config trust') is_verb=1 flags='--revoke' ;;
    'completion show') is_verb=1 places='bash|zsh|fish|' ;;
    'completion install') is_verb=1 places='bash|zsh|fish|' ;;
    'completion status') is_verb=1 ;;
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
  for pair in $takes --config=FILE; do
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
    _ai_offer $flags --json --dry-run --yes -y --quiet -q --verbose -v --no-input --config --help
  else
    _ai_place
    _ai_value "$wanted"
  fi
  [[ -n $is_theirs ]] || _ai_unglue
  return 0
}

complete -F _ai ai
