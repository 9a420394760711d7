"""The verbs of `ai code`."""

VERBS: dict[str, str] = {}
