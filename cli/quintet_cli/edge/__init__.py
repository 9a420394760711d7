"""The verbs of `ai edge`."""

VERBS: dict[str, str] = {}
