"""The verbs of `ai budget`."""

VERBS: dict[str, str] = {
    "show": "limits, what is spent and held, and what is left",
    "set": "change a limit",
    "unblock": "allow spending again after a call used more than it had reserved",
    "reset": "forget what was spent, also if it cannot be read any more",
}
