"""The verbs of `ai config`."""

VERBS: dict[str, str] = {
    "get": "one setting",
    "set": "change a setting of your own",
    "unset": "leave a setting to its default, or to whoever else sets it",
    "list": "settings, and where each came from",
    "edit": "open your settings in your editor",
    "path": "where your settings are",
    "validate": "look for mistakes in all settings",
    "schema": "what can be set, as JSON schema or as a commented file",
    "trust": "let this project's own file set what a project may set",
}
