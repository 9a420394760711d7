"""The verbs of `ai video`."""

VERBS: dict[str, str] = {}
