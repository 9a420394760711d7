# Completion of `ai` for fish. @@header

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
    contains -- "$typed[2]" @@top
    or begin
        contains -- "$typed[2]" @@groups
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
@@rows
