"""The verbs of `ai completion`."""

VERBS: dict[str, str] = {
    "show": "print the completion script for a shell",
    "install": "put the script where your shell looks for it",
    "status": "which shells complete ai, and whether their scripts are current",
}
