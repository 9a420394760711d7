"""The verbs of `ai mcp`."""

VERBS: dict[str, str] = {
    "serve": "offer the verbs of ai to other programs, as tools",
    "add": "get to know a server of somebody else, and pin its tools",
    "list": "the servers that are known",
    "show": "one server, and its tools as they were pinned",
    "tools": "ask a server for its tools, and whether they are those that were pinned",
    "call": "call a tool of a server, if nothing of it has changed",
    "pin": "accept a server as it is now",
    "remove": "forget a server",
}
