"""The verbs of `ai prove`."""

VERBS: dict[str, str] = {
    "offline": "run a command with the network denied by the kernel, and say what it tried",
}
