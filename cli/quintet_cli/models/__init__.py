"""The verbs of `ai models`."""

VERBS: dict[str, str] = {}
