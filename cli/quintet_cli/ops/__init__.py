"""The verbs of `ai ops`."""

VERBS: dict[str, str] = {}
