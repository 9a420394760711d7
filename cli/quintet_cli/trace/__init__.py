"""The verbs of `ai trace`."""

VERBS: dict[str, str] = {
    "list": "the last runs: how long, what it cost, how it ended",
    "show": "one run as a waterfall; `ai trace RUN` is the same",
    "export": "send what was seen to a collector of yours (OTLP)",
}
