"""The verbs of `ai schedule`."""

VERBS: dict[str, str] = {
    "add": "run a command of ai at set times",
    "list": "the jobs, when each is next, and how it went last",
    "remove": "take a job out again",
    "install": "show what would call the jobs, and have it written after your yes",
    "uninstall": "have nothing call the jobs any more",
    "status": "what calls the jobs, whether it fits them, and what the last runs printed",
    "run": "run what is due; this is what cron and systemd call",
}
