"""The verbs of `ai config`."""

VERBS: dict[str, str] = {}
