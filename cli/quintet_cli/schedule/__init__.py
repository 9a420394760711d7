"""The verbs of `ai schedule`."""

VERBS: dict[str, str] = {
    "add": "run a command of ai at set times",
    "list": "the jobs, when each is next, and how it went last",
    "remove": "take a job out again",
    "run": "run what is due; this is what cron and systemd call",
}
