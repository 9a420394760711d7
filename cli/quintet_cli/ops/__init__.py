"""The verbs of `ai ops`."""

VERBS: dict[str, str] = {
    "trigger": "carry a workflow out for an event, once, as one action that can be undone",
}
