"""What every page says beside the verbs: the variables that are read and the places of files."""

ENVIRONMENT = {
    "AI_HOME": "one folder for everything that ai keeps, instead of the four below",
    "XDG_CONFIG_HOME": "settings are in ai/ below it; ~/.config if unset",
    "XDG_DATA_HOME": "data and the record are in ai/ below it; ~/.local/share if unset",
    "XDG_STATE_HOME": "logs and traces are in ai/ below it; ~/.local/state if unset",
    "XDG_CACHE_HOME": "what can be made again is in ai/ below it; ~/.cache if unset",
    "NO_COLOR": "no colour, whatever the terminal can do",
    "CLICOLOR_FORCE": "colour even where the output is not a terminal; FORCE_COLOR too",
    "COLUMNS": "the width of tables, instead of the terminal's own",
}
