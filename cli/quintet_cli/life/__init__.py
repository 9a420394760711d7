"""The verbs of `ai life`."""

VERBS: dict[str, str] = {
    "add": "take in a calendar file, or a line such as: dentist friday 15:00",
    "brief": "today and tomorrow in ten seconds: what, conflicts, free time, overdue",
}
