"""Words with which each verb can be run by anybody, anywhere, in a second or so."""

from quintet_cli.tree import TOP, walk

# Verbs that are not listed need no words.
WORDS: dict[str, tuple[str, ...]] = {
    "show": ("k7f3q9",),
    "why": ("k7f3q9",),
    "apply": ("b582c9",),
    "selftest": ("--torture", "1s"),
    "video scenes": ("clip.mp4",),
    "life add": ("dentist tomorrow 15:00",),
    "ops trigger": ("invoice-received", "--event", '{"id": "m-1"}'),
    "models add": ("openai:tiny@http://127.0.0.1:9/v1", "--name", "tiny"),
    "models show": ("tiny",),
    "models rm": ("tiny",),
    "models test": ("tiny",),
    "policy allow": ("api.example.com", "--port", "443", "--purpose", "models"),
    "policy deny": ("*.example.com",),
    "policy remove": ("1",),
    "policy explain": ("api.example.com", "--port", "443", "--purpose", "models"),
    "eval run": ("everyday", "--case", "no-such-day"),
    "eval check": ("cases.jsonl",),
    "eval compare": ("before.json", "now.json"),
    "prove offline": ("--", "true"),
    "budget set": ("day_usd", "1.00"),
    "key add": ("recovery",),
    "key remove": ("keyfile",),
    "key export": ("keys.json",),
    "key import": ("keys.json",),
    "store sql": ("spine", "SELECT 42"),
    "store restore": ("spine", "backup.duckdb"),
    "store export": ("spine", "exported"),
    "config get": ("budget.day_usd",),
    "config set": ("budget.day_usd", "1.00"),
    "config unset": ("budget.day_usd",),
    "mcp serve": ("--dry-run",),
    "completion show": ("bash",),
    "schedule add": ("morning", "daily 07:00", "--", "version"),
    "schedule remove": ("morning",),
    "schedule run": ("--due",),
    "completion install": ("bash",),
}


Line = tuple[str, ...]


def command_lines() -> list[Line]:
    """One harmless command line for each verb."""
    return [(*path, *WORDS.get(" ".join(path), ())) for path in walk()]


def with_flags(line: Line, *flags: str) -> Line:
    """The line with flags behind the verb, where they mean the verb and not its words."""
    verb_at = 1 if line[0] in TOP else 2
    return (*line[:verb_at], *flags, *line[verb_at:])


def name_of(line: Line) -> str:
    """A line as a test's name."""
    return " ".join(line)
