"""The verbs of `ai prove`."""

VERBS: dict[str, str] = {}
