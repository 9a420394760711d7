"""The verbs of `ai life`."""

VERBS: dict[str, str] = {
    "add": "take in a file such as a calendar, or a line: dentist friday 15:00",
    "brief": "today and tomorrow in ten seconds: what, conflicts, free time, overdue",
}
