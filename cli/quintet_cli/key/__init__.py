"""The verbs of `ai key`."""

VERBS: dict[str, str] = {}
