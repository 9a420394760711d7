"""The verbs of `ai completion`."""

VERBS: dict[str, str] = {}
