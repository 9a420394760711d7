"""The verbs of `ai life`."""

VERBS: dict[str, str] = {}
