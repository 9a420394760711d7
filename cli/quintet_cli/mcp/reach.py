"""How far other programs reach: which verbs are no tools for them, and which only make plans.

A verb that is not named here is a tool. A person's word is never a client's to give.
"""

_OTHERS = "it starts or reaches another server, which a client does by itself"
_A_PERSON = "it is a person's word, which no program can give for them"
_KEYS = "the keys to the data are handled by a person at a terminal"
_TERMINAL = "it belongs to a shell or an editor at a terminal"

# Verbs that are no tools, each with the reason.
_ANY_COMMAND = "it runs any command line, which is for the client's own shell"
KEPT_BACK: dict[str, str] = {
    "apply": _A_PERSON,
    "config edit": _TERMINAL,
    "completion install": _TERMINAL,
    "completion show": _TERMINAL,
    "completion status": _TERMINAL,
    "demo": "it is a tour for eyes",
    "eval check": _ANY_COMMAND,
    "eval run": _ANY_COMMAND,
    "key add": _KEYS,
    "key export": _KEYS,
    "key import": _KEYS,
    "key lock": _KEYS,
    "key remove": _KEYS,
    "key rotate": _KEYS,
    "key unlock": _KEYS,
    "mcp add": _OTHERS,
    "mcp call": _OTHERS,
    "mcp pin": _OTHERS,
    "mcp tools": _OTHERS,
    "mcp serve": "a server that is asked to serve would not come to an end",
    "prove offline": _ANY_COMMAND,
    "schedule run": "it is what cron calls; a client calls the verb itself",
    "selftest": "it keeps the disk busy on purpose",
    "store export": "it writes private data where everybody may read it",
    "store vacuum": "what it takes off the disk was not shown to anybody before",
}

# Verbs that by a client only make a plan: they widen what a client, or anybody, may do.
PLAN_ONLY = frozenset(
    {
        "budget set",
        "budget unblock",
        "config set",
        "config trust",
        "config unset",
        "mcp remove",
        "policy allow",
        "policy deny",
        "policy remove",
        "schedule add",
        "schedule install",
        "schedule remove",
        "schedule uninstall",
        "setup",
    }
)

# Verbs whose results hold no word from outside. Every other result is labelled as untrusted.
OWN_WORDS = frozenset(
    {
        "budget show",
        "config list",
        "config path",
        "config schema",
        "key status",
        "policy explain",
        "policy list",
        "version",
    }
)
