"""The verbs of `ai store`."""

VERBS: dict[str, str] = {}
