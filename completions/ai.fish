# Completion of `ai` for fish. Generated from the command tree by `make generated`; changes here will be lost.

function __ai_below -d 'Whether exactly these words were typed'
    set -l typed (commandline -opc)
    test "$typed[2..]" = "$argv"
end

function __ai_in -d 'Whether this verb was typed'
    set -l typed (commandline -opc)
    string match -q -- "$argv[1] *" "$typed[2..] "
end

function __ai_in_verb -d 'Whether any verb was typed'
    set -l typed (commandline -opc)
    contains -- "$typed[2]" demo log show why undo plans apply doctor selftest setup version
    or begin
        contains -- "$typed[2]" edge code video life ops models budget policy schedule prove key trace mcp eval store config completion
        and test (count $typed) -gt 2
    end
end

function __ai_at -d 'Whether the cursor is at this place of this verb; then its flags with a value'
    __ai_in $argv[1]
    or return
    set -l typed (commandline -opc)
    set -l from (math 2 + (count (string split ' ' $argv[1])))
    set -l at 1
    set -l is_value 0
    set -l is_ended 0
    for word in $typed[$from..]
        if test $is_value = 1
            set is_value 0
        else if test $is_ended = 1; or not string match -q -- '-?*' $word
            set at (math $at + 1)
        else if test $word = --
            set is_ended 1
        else if contains -- $word $argv[3..]
            set is_value 1
        end
    end
    test $is_value = 0
    and test $at -ge (string trim -rc + $argv[2])
    and begin
        string match -q '*+' $argv[2]
        or test $at = $argv[2]
    end
end

function __ai_cached -d 'Names that commands left behind: ids, models and the like'
    set -l folder $HOME/.cache/ai
    string match -q '/*' -- "$XDG_CACHE_HOME"
    and set folder $XDG_CACHE_HOME/ai
    test -n "$AI_HOME"
    and set folder $AI_HOME/cache
    test -r $folder/complete/$argv[1]
    and string match '*' <$folder/complete/$argv[1]
end

function __ai_command -d 'The completion of another program after --'
    set -l typed (commandline -opc)
    set -l at (contains -i -- -- $typed)
    and complete -C (string join ' ' -- (string escape -- $typed[(math $at + 1)..]) (commandline -ct))
end

complete -c ai -f
complete -c ai -n __ai_below -l version -d 'Show the version.'
complete -c ai -n __ai_below -a demo -d 'a two-minute tour of what works offline, on its own data'
complete -c ai -n __ai_below -a log -d 'what was done'
complete -c ai -n __ai_below -a show -d 'one action in full'
complete -c ai -n __ai_below -a why -d 'the reasons and evidence behind an action'
complete -c ai -n __ai_below -a undo -d 'take actions back'
complete -c ai -n __ai_below -a plans -d 'plans that wait for your word'
complete -c ai -n __ai_below -a apply -d 'carry out a plan exactly as it was shown'
complete -c ai -n __ai_below -a doctor -d 'what works here, what does not, and the command that helps'
complete -c ai -n __ai_below -a selftest -d 'torture the store, the record and the budget on your own disk'
complete -c ai -n __ai_below -a setup -d 'install a heavy part: llm, native, video, mcp, pg'
complete -c ai -n __ai_below -a version -d 'versions of everything that matters'
complete -c ai -n __ai_below -a edge -d 'small language models on your own hardware, offline'
complete -c ai -n __ai_below -a code -d 'find and fix faults in code until the tests pass'
complete -c ai -n __ai_below -a video -d 'understand and edit footage'
complete -c ai -n __ai_below -a life -d 'a private view over calendar, money, health and messages'
complete -c ai -n __ai_below -a ops -d 'workflows from an event to an audited outcome'
complete -c ai -n __ai_below -a models -d 'language models and embedders that the engines may use'
complete -c ai -n __ai_below -a budget -d 'what may be spent, and what was'
complete -c ai -n __ai_below -a policy -d 'what may leave the machine, and for what'
complete -c ai -n __ai_below -a schedule -d 'run verbs at set times, by cron, systemd or launchd'
complete -c ai -n __ai_below -a prove -d 'run any command with the network denied by the kernel'
complete -c ai -n __ai_below -a key -d 'the keys that protect your data'
complete -c ai -n __ai_below -a trace -d 'what happened in a run: commands, models, tools, subprocesses'
complete -c ai -n __ai_below -a mcp -d 'verbs as tools for other programs, and their tools for you'
complete -c ai -n __ai_below -a eval -d 'whether it works: cases, how sure a result is, what got worse'
complete -c ai -n __ai_below -a store -d 'the local database: look, back up, check, restore'
complete -c ai -n __ai_below -a config -d 'settings, and where each came from'
complete -c ai -n __ai_below -a completion -d 'TAB completion for your shell'
complete -c ai -n '__ai_below edge' -a fit -d 'which models this machine can run, at which quantisation, how fast at best'
complete -c ai -n '__ai_below edge' -a index -d 'take documents in so that they can be asked, or bring that up to date'
complete -c ai -n '__ai_below edge' -a ask -d 'answer a question with quotes from your documents, or say that they do not say'
complete -c ai -n '__ai_below edge' -a sources -d 'which documents are indexed, and which could not be'
complete -c ai -n '__ai_below edge' -a forget -d 'take documents out of the index, down to the last byte'
complete -c ai -n '__ai_below code' -a locate -d 'the lines to suspect when tests fail, and why these'
complete -c ai -n '__ai_below video' -a scenes -d 'where the scenes of a clip begin and end, and why there'
complete -c ai -n '__ai_below life' -a add -d 'take in a file such as a calendar, or a line: dentist friday 15:00'
complete -c ai -n '__ai_below life' -a brief -d 'today and tomorrow in ten seconds: what, conflicts, free time, overdue'
complete -c ai -n '__ai_below ops' -a trigger -d 'carry a workflow out for an event, once, as one action that can be undone'
complete -c ai -n '__ai_below models' -a list -d 'the models that are known here, what they need and what they cost'
complete -c ai -n '__ai_below models' -a add -d 'give a GGUF file or a model server a name'
complete -c ai -n '__ai_below models' -a show -d 'what a model is, what it needs and whether it fits'
complete -c ai -n '__ai_below models' -a rm -d 'forget a model; its file stays'
complete -c ai -n '__ai_below models' -a test -d 'try a model out: does it answer, does it keep to a schema, how fast'
complete -c ai -n '__ai_below budget' -a show -d 'limits, what is spent and held, and what is left'
complete -c ai -n '__ai_below budget' -a set -d 'change a limit'
complete -c ai -n '__ai_below budget' -a unblock -d 'allow spending again after a call used more than it had reserved'
complete -c ai -n '__ai_below budget' -a reset -d 'forget what was spent, also if it cannot be read any more'
complete -c ai -n '__ai_below policy' -a list -d 'the rules for what may leave this machine'
complete -c ai -n '__ai_below policy' -a allow -d 'let something leave, to one place for one purpose'
complete -c ai -n '__ai_below policy' -a deny -d 'never let anything leave to a place, whatever else allows it'
complete -c ai -n '__ai_below policy' -a remove -d 'take a rule out again'
complete -c ai -n '__ai_below policy' -a explain -d 'what the rules say about a place, without trying it'
complete -c ai -n '__ai_below policy' -a log -d 'what tried to leave, and what became of it'
complete -c ai -n '__ai_below schedule' -a add -d 'run a command of ai at set times'
complete -c ai -n '__ai_below schedule' -a list -d 'the jobs, when each is next, and how it went last'
complete -c ai -n '__ai_below schedule' -a remove -d 'take a job out again'
complete -c ai -n '__ai_below schedule' -a install -d 'show what would call the jobs, and have it written after your yes'
complete -c ai -n '__ai_below schedule' -a uninstall -d 'have nothing call the jobs any more'
complete -c ai -n '__ai_below schedule' -a status -d 'what calls the jobs, whether it fits them, and what the last runs printed'
complete -c ai -n '__ai_below schedule' -a run -d 'run what is due; this is what cron and systemd call'
complete -c ai -n '__ai_below prove' -a offline -d 'run a command with the network denied by the kernel, and say what it tried'
complete -c ai -n '__ai_below key' -a status -d 'what protects your data, and how to strengthen it'
complete -c ai -n '__ai_below key' -a add -d 'another way in: passphrase, recovery, keyfile, keyring, command'
complete -c ai -n '__ai_below key' -a remove -d 'take a way in away'
complete -c ai -n '__ai_below key' -a unlock -d 'open everything for a while, without asking again'
complete -c ai -n '__ai_below key' -a lock -d 'end what unlock began'
complete -c ai -n '__ai_below key' -a rotate -d 'new keys in place of old ones'
complete -c ai -n '__ai_below key' -a export -d 'all keys in one file that a passphrase opens'
complete -c ai -n '__ai_below key' -a import -d 'take keys from such a file'
complete -c ai -n '__ai_below trace' -a list -d 'the last runs: how long, what it cost, how it ended'
complete -c ai -n '__ai_below trace' -a show -d 'one run as a waterfall; `ai trace RUN` is the same'
complete -c ai -n '__ai_below trace' -a export -d 'send what was seen to a collector of yours (OTLP)'
complete -c ai -n '__ai_below mcp' -a serve -d 'offer the verbs of ai to other programs, as tools'
complete -c ai -n '__ai_below mcp' -a add -d 'get to know a server of somebody else, and pin its tools'
complete -c ai -n '__ai_below mcp' -a list -d 'the servers that are known'
complete -c ai -n '__ai_below mcp' -a show -d 'one server, and its tools as they were pinned'
complete -c ai -n '__ai_below mcp' -a tools -d 'ask a server for its tools, and whether they are those that were pinned'
complete -c ai -n '__ai_below mcp' -a call -d 'call a tool of a server, if nothing of it has changed'
complete -c ai -n '__ai_below mcp' -a pin -d 'accept a server as it is now'
complete -c ai -n '__ai_below mcp' -a remove -d 'forget a server'
complete -c ai -n '__ai_below eval' -a run -d 'try the cases of a file, and tell what got worse'
complete -c ai -n '__ai_below eval' -a check -d 'see that every case can fail: wrong answers are put to it'
complete -c ai -n '__ai_below eval' -a compare -d 'set two runs or baselines against each other'
complete -c ai -n '__ai_below eval' -a from-run -d 'freeze a recorded action into a case that replays offline'
complete -c ai -n '__ai_below eval' -a show -d 'earlier runs, or one of them case by case'
complete -c ai -n '__ai_below store' -a info -d 'what is stored, where, how large, and its documented views'
complete -c ai -n '__ai_below store' -a sql -d 'ask with SQL; nothing can be changed by it'
complete -c ai -n '__ai_below store' -a check -d 'read every row and say whether all is well'
complete -c ai -n '__ai_below store' -a backup -d 'a consistent copy, also while others are at work'
complete -c ai -n '__ai_below store' -a restore -d 'put a backup in a store\'s place'
complete -c ai -n '__ai_below store' -a vacuum -d 'write a store anew, so that what was deleted leaves the disk'
complete -c ai -n '__ai_below store' -a export -d 'the documented views as CSV, JSON lines or Parquet'
complete -c ai -n '__ai_below config' -a get -d 'one setting'
complete -c ai -n '__ai_below config' -a set -d 'change a setting of your own'
complete -c ai -n '__ai_below config' -a unset -d 'leave a setting to its default, or to whoever else sets it'
complete -c ai -n '__ai_below config' -a list -d 'settings, and where each came from'
complete -c ai -n '__ai_below config' -a edit -d 'open your settings in your editor'
complete -c ai -n '__ai_below config' -a path -d 'where your settings are'
complete -c ai -n '__ai_below config' -a validate -d 'look for mistakes in all settings'
complete -c ai -n '__ai_below config' -a schema -d 'what can be set, as JSON schema or as a commented file'
complete -c ai -n '__ai_below config' -a trust -d 'let this project\'s own file set what a project may set'
complete -c ai -n '__ai_below completion' -a show -d 'print the completion script for a shell'
complete -c ai -n '__ai_below completion' -a install -d 'put the script where your shell looks for it'
complete -c ai -n '__ai_below completion' -a status -d 'which shells complete ai, and whether their scripts are current'
complete -c ai -n '__ai_in_verb' -l json -d 'One JSON object on stdout.'
complete -c ai -n '__ai_in_verb' -l dry-run -d 'Show the plan and its id; change nothing.'
complete -c ai -n '__ai_in_verb' -l yes -s y -d 'Answer yes to questions that are not severe.'
complete -c ai -n '__ai_in_verb' -l quiet -s q -d 'Say nothing but the result.'
complete -c ai -n '__ai_in_verb' -l verbose -s v -d 'Say more about what is going on.'
complete -c ai -n '__ai_in_verb' -l no-input -d 'Never ask; end with status 4 where a word is needed.'
complete -c ai -n '__ai_in_verb' -l config -d 'KEY=VALUE for this run, or a file instead of your own.' -r -F
complete -c ai -n '__ai_in_verb' -l help -d 'Show this help.'
complete -c ai -n '__ai_in \'demo\'' -l keep -d 'Leave the made files and their store here.' -x -a '(__fish_complete_directories)'
complete -c ai -n '__ai_in \'log\'' -l group -d 'Only of this group.' -x -a 'edge code video life ops'
complete -c ai -n '__ai_in \'log\'' -l verb -d 'Only of this verb.' -x
complete -c ai -n '__ai_in \'log\'' -l since -d 'Only from then on: 2h, 3d, 2026-03-02, 09:30.' -x
complete -c ai -n '__ai_in \'log\'' -l limit -s n -d 'How many at most.  [default: 20; x>=1]' -x
complete -c ai -n '__ai_in \'log\'' -l against -d 'verify: an anchor that was noted earlier.' -x
complete -c ai -n '__ai_at \'log\' 1 --group --verb --since --limit -n --against --config' -a 'list verify anchor usage tidy'
complete -c ai -n '__ai_at \'show\' 1 --config' -a '(__ai_cached action)'
complete -c ai -n '__ai_at \'why\' 1 --config' -a '(__ai_cached action)'
complete -c ai -n '__ai_in \'undo\'' -l since -d 'Everything from then on: 2h, 3d, 09:30.' -x
complete -c ai -n '__ai_in \'undo\'' -l cascade -d 'Also later actions that stand in the way.'
complete -c ai -n '__ai_in \'undo\'' -l skip-conflicts -d 'Leave what was changed since as it is.'
complete -c ai -n '__ai_at \'undo\' 1+ --since --config' -a '(__ai_cached action)'
complete -c ai -n '__ai_at \'apply\' 1 --config' -a '(__ai_cached plan)'
complete -c ai -n '__ai_in \'doctor\'' -l fix -d 'Carry out the repairs that are safe.'
complete -c ai -n '__ai_in \'doctor\'' -l bundle -d 'Write a report without private data.' -r -F
complete -c ai -n '__ai_in \'selftest\'' -l torture -d 'For how long: 60s, 5m.  [default: 10s]' -x
complete -c ai -n '__ai_at \'setup\' 1 --config' -a 'llm native video mcp pg'
complete -c ai -n '__ai_in \'edge fit\'' -l context -d 'Tokens of text that it should keep in mind.  [default: 4096; x>=1]' -x
complete -c ai -n '__ai_at \'edge fit\' 1 --context --config' -F
complete -c ai -n '__ai_at \'edge index\' 1+ --config' -F -a '(__fish_complete_directories)'
complete -c ai -n '__ai_in \'edge ask\'' -l in -d 'Only documents at or below this.' -x -F -a '(__fish_complete_directories)'
complete -c ai -n '__ai_in \'edge ask\'' -l since -d 'Only what was written since then.' -x
complete -c ai -n '__ai_in \'edge ask\'' -l until -d 'Only what was written before its end.' -x
complete -c ai -n '__ai_in \'edge ask\'' -l limit -d 'How many quotes at most.  [default: 3; 1<=x<=20]' -x
complete -c ai -n '__ai_at \'edge forget\' 1+ --config' -F -a '(__fish_complete_directories)'
complete -c ai -n '__ai_in \'code locate\'' -l test -d 'How the tests are run.' -x -a '(__ai_command)'
complete -c ai -n '__ai_in \'code locate\'' -l timeout -d 'How long they may take.  [default: 5m]' -x
complete -c ai -n '__ai_at \'code locate\' 1 --test --timeout --config' -F
complete -c ai -n '__ai_at \'video scenes\' 1 --config' -F
complete -c ai -n '__ai_at \'life add\' 1+ --config' -F
complete -c ai -n '__ai_in \'life brief\'' -l date -d 'Another day: 2026-12-24.' -x
complete -c ai -n '__ai_in \'ops trigger\'' -l event -d 'The event; @FILE reads one, - a pipe.  [required]' -x
complete -c ai -n '__ai_in \'ops trigger\'' -l in -d 'Where it acts, and nowhere else.  [default: .]' -x -a '(__fish_complete_directories)'
complete -c ai -n '__ai_at \'ops trigger\' 1 --event --in --config' -a '(__ai_cached workflow)'
complete -c ai -n '__ai_in \'models add\'' -l name -d 'What to call it; made from the source.' -x
complete -c ai -n '__ai_at \'models add\' 1 --name --config' -F
complete -c ai -n '__ai_at \'models show\' 1 --config' -a '(__ai_cached model)' -F
complete -c ai -n '__ai_at \'models rm\' 1 --config' -a '(__ai_cached model)'
complete -c ai -n '__ai_in \'models test\'' -l prompt -d 'What to ask it.  [default: Name three primary colours.]' -x
complete -c ai -n '__ai_at \'models test\' 1 --prompt --config' -a '(__ai_cached model)' -F
complete -c ai -n '__ai_at \'budget set\' 1 --config' -a 'day_usd month_usd run_usd call_usd day_tokens month_tokens run_tokens call_tokens day_s month_s run_s call_s group_day_usd group_month_usd group_day_tokens group_month_tokens group_day_s group_month_s'
complete -c ai -n '__ai_in \'policy allow\'' -l port -d 'Which port.  [1<=x<=65535; required]' -x
complete -c ai -n '__ai_in \'policy allow\'' -l purpose -d 'What for, in one word: model.  [required]' -x
complete -c ai -n '__ai_in \'policy allow\'' -l data -d 'What may go: mine,private,untrusted.' -x
complete -c ai -n '__ai_in \'policy allow\'' -l note -d 'Why, for yourself.' -x
complete -c ai -n '__ai_in \'policy deny\'' -l note -d 'Why, for yourself.' -x
complete -c ai -n '__ai_in \'policy explain\'' -l port -d 'Which port.  [default: 443; 1<=x<=65535]' -x
complete -c ai -n '__ai_in \'policy explain\'' -l purpose -d 'What for, in one word.  [default: model]' -x
complete -c ai -n '__ai_in \'policy explain\'' -l data -d 'What would go.' -x
complete -c ai -n '__ai_in \'policy log\'' -l limit -d 'How many at most.  [default: 20; x>=1]' -x
complete -c ai -n '__ai_in \'schedule add\'' -l catch-up -d 'What becomes of missed runs.  [default: once]' -x -a 'skip once all'
complete -c ai -n '__ai_in \'schedule add\'' -l timeout -d 'It is ended after this long.  [default: 1h]' -x
complete -c ai -n '__ai_in \'schedule add\'' -l jitter -d 'It begins up to this much later.  [default: 0s]' -x
complete -c ai -n '__ai_in \'schedule add\'' -l only-on-power -d 'On battery it waits.'
complete -c ai -n '__ai_at \'schedule remove\' 1 --config' -a '(__ai_cached job)'
complete -c ai -n '__ai_in \'schedule install\'' -l with -d 'cron, systemd or launchd; what is here.' -x
complete -c ai -n '__ai_in \'schedule uninstall\'' -l with -d 'Only cron, systemd or launchd.' -x
complete -c ai -n '__ai_at \'schedule status\' 1 --config' -a '(__ai_cached job)'
complete -c ai -n '__ai_in \'schedule run\'' -l due -d 'All jobs that are due, missed ones included.'
complete -c ai -n '__ai_in \'schedule run\'' -l now -d 'Whether it is due or not.'
complete -c ai -n '__ai_in \'schedule run\'' -l by -d 'Who calls: cron, systemd or launchd.  [default: you]' -x
complete -c ai -n '__ai_at \'schedule run\' 1 --by --config' -a '(__ai_cached job)'
complete -c ai -n '__ai_in \'prove offline\'' -l certificate -d 'Write the proof here.' -r -F
complete -c ai -n '__ai_at \'prove offline\' 1+ --certificate --config' -a '(__ai_command)'
complete -c ai -n '__ai_in \'key add\'' -l only -d 'Open no more than this group.' -x -a 'edge code video life ops'
complete -c ai -n '__ai_in \'key add\'' -l to -d 'keyfile: where to write it.' -r -F
complete -c ai -n '__ai_in \'key add\'' -l command -d 'command: what prints the secret.' -x
complete -c ai -n '__ai_in \'key add\'' -l passphrase-from -d 'passphrase: its first line; - is stdin.' -r -F
complete -c ai -n '__ai_in \'key add\'' -l label -d 'A name for it.' -x
complete -c ai -n '__ai_at \'key add\' 1 --only --to --command --passphrase-from --label --config' -a 'passphrase recovery keyfile keyring command'
complete -c ai -n '__ai_at \'key remove\' 1 --config' -a '(__ai_cached slot)'
complete -c ai -n '__ai_in \'key unlock\'' -l for -d 'How long: 30m, 8h, 2d.  [default: 8h]' -x
complete -c ai -n '__ai_in \'key rotate\'' -l data -d 'A new key for the data of this group.' -x -a 'edge code video life ops'
complete -c ai -n '__ai_in \'key export\'' -l passphrase-from -d 'Its passphrase: the first line; - is stdin.' -r -F
complete -c ai -n '__ai_at \'key export\' 1 --passphrase-from --config' -F
complete -c ai -n '__ai_in \'key import\'' -l passphrase-from -d 'Its passphrase: the first line; - is stdin.' -r -F
complete -c ai -n '__ai_at \'key import\' 1 --passphrase-from --config' -F
complete -c ai -n '__ai_in \'trace list\'' -l limit -s n -d 'How many at most.  [default: 20; x>=1]' -x
complete -c ai -n '__ai_in \'trace list\'' -l all -d 'Those that looked at traces too.'
complete -c ai -n '__ai_in \'trace show\'' -l html -d 'Write a page to look at; - for stdout.' -r -F
complete -c ai -n '__ai_at \'trace show\' 1 --html --config' -a '(__ai_cached run)' -a '(__ai_cached action)'
complete -c ai -n '__ai_in \'trace export\'' -l since -d 'Only what began since then.' -x
complete -c ai -n '__ai_at \'trace export\' 1 --since --config' -a '(__ai_cached run)' -a '(__ai_cached action)'
complete -c ai -n '__ai_in \'mcp serve\'' -l http -d 'Listen here instead.  [1<=x<=65535]' -x
complete -c ai -n '__ai_in \'mcp serve\'' -l tools -d 'Three tools to search by, or every one.  [default: search]' -x -a 'search all'
complete -c ai -n '__ai_in \'mcp add\'' -l env -d 'What of yours it may see.' -x
complete -c ai -n '__ai_in \'mcp add\'' -l token-from -d 'URL: where its token is.' -x
complete -c ai -n '__ai_at \'mcp add\' 2+ --env --token-from --config' -a '(__ai_command)'
complete -c ai -n '__ai_in \'eval run\'' -l repeat -s n -d 'Tries of each case.  [default: 1; 1<=x<=10000]' -x
complete -c ai -n '__ai_in \'eval run\'' -l case -d 'Only this case; repeatable.' -x
complete -c ai -n '__ai_in \'eval run\'' -l baseline -d 'What to compare with.' -r -a '(__ai_cached run)' -F
complete -c ai -n '__ai_in \'eval run\'' -l save-baseline -d 'Keep this run here.' -r -F
complete -c ai -n '__ai_in \'eval run\'' -l confidence -d 'Of intervals and verdict.  [default: 0.99; 0.5<=x<=0.9999]' -x
complete -c ai -n '__ai_in \'eval run\'' -l need -d 'Share that must pass, if no baseline.  [default: 1.0; 0.0<=x<=1.0]' -x
complete -c ai -n '__ai_in \'eval run\'' -l junit -d 'Write JUnit XML here.' -r -F
complete -c ai -n '__ai_in \'eval run\'' -l markdown -d 'Write a summary here.' -r -F
complete -c ai -n '__ai_in \'eval run\'' -l model -d 'For all prompts, whatever they name.' -x -a '(__ai_cached model)'
complete -c ai -n '__ai_in \'eval run\'' -l seed -d 'Also sent to models. Without: 0, not sent.  [x>=0]' -x
complete -c ai -n '__ai_in \'eval run\'' -l jobs -d 'Tries at once.  [default: 2; 1<=x<=32]' -x
complete -c ai -n '__ai_in \'eval run\'' -l budget -d 'Most that it may cost.  [x>=0.0]' -x
complete -c ai -n '__ai_in \'eval run\'' -l own-home -d 'Run verbs on your own data, not in a fresh home.'
complete -c ai -n '__ai_in \'eval run\'' -l resume -d 'Go on with a run that was cut short.' -x -a '(__ai_cached run)'
complete -c ai -n '__ai_at \'eval run\' 1 --repeat -n --case --baseline --save-baseline --confidence --need --junit --markdown --model --seed --jobs --budget --resume --config' -F
complete -c ai -n '__ai_at \'eval check\' 1 --config' -F
complete -c ai -n '__ai_in \'eval compare\'' -l confidence -d 'Of interval and verdict.  [default: 0.99; 0.5<=x<=0.9999]' -x
complete -c ai -n '__ai_in \'eval from-run\'' -l into -d 'The suite that it is added to.' -r -F
complete -c ai -n '__ai_in \'eval from-run\'' -l private -d 'Also what is private goes into a plain file.'
complete -c ai -n '__ai_at \'eval from-run\' 1 --into --config' -a '(__ai_cached action)'
complete -c ai -n '__ai_in \'eval show\'' -l limit -d 'How many runs at most.  [default: 20; x>=1]' -x
complete -c ai -n '__ai_at \'eval show\' 1 --limit --config' -a '(__ai_cached run)'
complete -c ai -n '__ai_at \'store info\' 1 --config' -a 'spine edge life ops trace evals'
complete -c ai -n '__ai_in \'store sql\'' -l limit -d 'How many rows at most.  [default: 1000; x>=1]' -x
complete -c ai -n '__ai_at \'store sql\' 1 --limit --config' -a 'spine edge life ops trace evals'
complete -c ai -n '__ai_at \'store check\' 1 --config' -a 'spine edge life ops trace evals'
complete -c ai -n '__ai_in \'store backup\'' -l to -d 'Where to; else beside the store.' -x -a '(__fish_complete_directories)'
complete -c ai -n '__ai_at \'store backup\' 1 --to --config' -a 'spine edge life ops trace evals'
complete -c ai -n '__ai_at \'store restore\' 1 --config' -a 'spine edge life ops trace evals'
complete -c ai -n '__ai_at \'store restore\' 2 --config' -F
complete -c ai -n '__ai_at \'store vacuum\' 1 --config' -a 'spine edge life ops trace evals'
complete -c ai -n '__ai_in \'store export\'' -l format -d 'What to write.  [default: csv]' -x -a 'csv jsonl parquet'
complete -c ai -n '__ai_at \'store export\' 1 --format --config' -a 'spine edge life ops trace evals'
complete -c ai -n '__ai_at \'store export\' 2 --format --config' -a '(__fish_complete_directories)'
complete -c ai -n '__ai_at \'config get\' 1 --config' -a 'budget.day_usd budget.month_usd budget.run_usd budget.call_usd budget.day_tokens budget.month_tokens budget.run_tokens budget.call_tokens budget.day_s budget.month_s budget.run_s budget.call_s budget.group_day_usd budget.group_month_usd budget.group_day_tokens budget.group_month_tokens budget.group_day_s budget.group_month_s consent.plan_lifetime_h http.connect_timeout_s http.read_timeout_s http.total_timeout_s http.response_limit_bytes http.line_limit_bytes http.retries http.redirects http.proxy keys.keyring keys.keyring_timeout_s keys.command_timeout_s life.time_zone life.day_starts life.day_ends life.shortest_free_min mcp.call_timeout_s mcp.result_limit_bytes models.default models.replay_from models.embedder models.openai_key models.anthropic_key models.keys models.allow_unpriced models.context_tokens models.threads models.timeout_s record.keep_days record.keep_bytes record.keep_last record.freezable record.copy_limit_bytes trace.enabled trace.content trace.keep_days trace.keep_bytes trace.endpoint trace.export trace.export_timeout_s video.least_change video.times_neighbours video.shortest_scene_s video.dark_level'
complete -c ai -n '__ai_at \'config set\' 1 --config' -a 'budget.day_usd budget.month_usd budget.run_usd budget.call_usd budget.day_tokens budget.month_tokens budget.run_tokens budget.call_tokens budget.day_s budget.month_s budget.run_s budget.call_s budget.group_day_usd budget.group_month_usd budget.group_day_tokens budget.group_month_tokens budget.group_day_s budget.group_month_s consent.plan_lifetime_h http.connect_timeout_s http.read_timeout_s http.total_timeout_s http.response_limit_bytes http.line_limit_bytes http.retries http.redirects http.proxy keys.keyring keys.keyring_timeout_s keys.command_timeout_s life.time_zone life.day_starts life.day_ends life.shortest_free_min mcp.call_timeout_s mcp.result_limit_bytes models.default models.replay_from models.embedder models.openai_key models.anthropic_key models.keys models.allow_unpriced models.context_tokens models.threads models.timeout_s record.keep_days record.keep_bytes record.keep_last record.freezable record.copy_limit_bytes trace.enabled trace.content trace.keep_days trace.keep_bytes trace.endpoint trace.export trace.export_timeout_s video.least_change video.times_neighbours video.shortest_scene_s video.dark_level'
complete -c ai -n '__ai_at \'config unset\' 1 --config' -a 'budget.day_usd budget.month_usd budget.run_usd budget.call_usd budget.day_tokens budget.month_tokens budget.run_tokens budget.call_tokens budget.day_s budget.month_s budget.run_s budget.call_s budget.group_day_usd budget.group_month_usd budget.group_day_tokens budget.group_month_tokens budget.group_day_s budget.group_month_s consent.plan_lifetime_h http.connect_timeout_s http.read_timeout_s http.total_timeout_s http.response_limit_bytes http.line_limit_bytes http.retries http.redirects http.proxy keys.keyring keys.keyring_timeout_s keys.command_timeout_s life.time_zone life.day_starts life.day_ends life.shortest_free_min mcp.call_timeout_s mcp.result_limit_bytes models.default models.replay_from models.embedder models.openai_key models.anthropic_key models.keys models.allow_unpriced models.context_tokens models.threads models.timeout_s record.keep_days record.keep_bytes record.keep_last record.freezable record.copy_limit_bytes trace.enabled trace.content trace.keep_days trace.keep_bytes trace.endpoint trace.export trace.export_timeout_s video.least_change video.times_neighbours video.shortest_scene_s video.dark_level'
complete -c ai -n '__ai_in \'config list\'' -l sources -d 'Who set each value, and on which line.'
complete -c ai -n '__ai_in \'config list\'' -l changed -d 'Only what is not left to its default.'
complete -c ai -n '__ai_at \'config list\' 1 --config' -a 'budget consent http keys life mcp models record trace video'
complete -c ai -n '__ai_in \'config schema\'' -l sample -d 'A commented settings file instead.'
complete -c ai -n '__ai_at \'config schema\' 1 --config' -a 'budget.day_usd budget.month_usd budget.run_usd budget.call_usd budget.day_tokens budget.month_tokens budget.run_tokens budget.call_tokens budget.day_s budget.month_s budget.run_s budget.call_s budget.group_day_usd budget.group_month_usd budget.group_day_tokens budget.group_month_tokens budget.group_day_s budget.group_month_s consent.plan_lifetime_h http.connect_timeout_s http.read_timeout_s http.total_timeout_s http.response_limit_bytes http.line_limit_bytes http.retries http.redirects http.proxy keys.keyring keys.keyring_timeout_s keys.command_timeout_s life.time_zone life.day_starts life.day_ends life.shortest_free_min mcp.call_timeout_s mcp.result_limit_bytes models.default models.replay_from models.embedder models.openai_key models.anthropic_key models.keys models.allow_unpriced models.context_tokens models.threads models.timeout_s record.keep_days record.keep_bytes record.keep_last record.freezable record.copy_limit_bytes trace.enabled trace.content trace.keep_days trace.keep_bytes trace.endpoint trace.export trace.export_timeout_s video.least_change video.times_neighbours video.shortest_scene_s video.dark_level'
complete -c ai -n '__ai_in \'config trust\'' -l revoke -d 'Trust it no longer.'
complete -c ai -n '__ai_at \'completion show\' 1 --config' -a 'bash zsh fish'
complete -c ai -n '__ai_at \'completion install\' 1 --config' -a 'bash zsh fish'
