"""The verbs of `ai code`."""

VERBS: dict[str, str] = {
    "locate": "the lines to suspect when tests fail, and why these",
}
