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
    contains -- "$typed[2]" doctor setup version
    or begin
        contains -- "$typed[2]" edge code video life ops models budget policy prove key store config completion
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
complete -c ai -n __ai_below -a doctor -d 'what works here, what does not, and the command that helps'
complete -c ai -n __ai_below -a setup -d 'install a heavy part: llm, native, video'
complete -c ai -n __ai_below -a version -d 'versions of everything that matters'
complete -c ai -n __ai_below -a edge -d 'small language models on your own hardware, offline'
complete -c ai -n __ai_below -a code -d 'find and fix faults in code until the tests pass'
complete -c ai -n __ai_below -a video -d 'understand and edit footage'
complete -c ai -n __ai_below -a life -d 'a private view over calendar, money, health and messages'
complete -c ai -n __ai_below -a ops -d 'workflows from an event to an audited outcome'
complete -c ai -n __ai_below -a models -d 'language models and embedders that the engines may use'
complete -c ai -n __ai_below -a budget -d 'what may be spent, and what was'
complete -c ai -n __ai_below -a policy -d 'what may leave the machine, and for what'
complete -c ai -n __ai_below -a prove -d 'run any command with the network denied by the kernel'
complete -c ai -n __ai_below -a key -d 'the keys that protect your data'
complete -c ai -n __ai_below -a store -d 'the local database: look, back up, check, restore'
complete -c ai -n __ai_below -a config -d 'settings, and where each came from'
complete -c ai -n __ai_below -a completion -d 'TAB completion for your shell'
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
complete -c ai -n '__ai_in \'doctor\'' -l fix -d 'Carry out the repairs that are safe.'
complete -c ai -n '__ai_in \'doctor\'' -l bundle -d 'Write a report without private data.' -r -F
complete -c ai -n '__ai_at \'completion show\' 1 --config' -a 'bash zsh fish'
