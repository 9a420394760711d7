"""The verbs of `ai mcp`."""

VERBS: dict[str, str] = {
    "serve": "offer the verbs of ai to other programs, as tools",
}
