"""The verbs of `ai policy`."""

VERBS: dict[str, str] = {}
