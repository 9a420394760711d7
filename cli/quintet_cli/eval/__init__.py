"""`ai eval`: whether it works, how sure that is, and what got worse."""

VERBS: dict[str, str] = {
    "run": "try the cases of a file, and tell what got worse",
    "check": "see that every case can fail: wrong answers are put to it",
    "compare": "set two runs or baselines against each other",
    "from-run": "freeze a recorded action into a case that replays offline",
    "show": "earlier runs, or one of them case by case",
}
