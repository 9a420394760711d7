"""The verbs of `ai budget`."""

VERBS: dict[str, str] = {}
