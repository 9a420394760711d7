"""The verbs of `ai policy`."""

VERBS: dict[str, str] = {
    "list": "the rules for what may leave this machine",
    "allow": "let something leave, to one place for one purpose",
    "deny": "never let anything leave to a place, whatever else allows it",
    "remove": "take a rule out again",
    "explain": "what the rules say about a place, without trying it",
    "log": "what tried to leave, and what became of it",
}
