"""Every promise of the product: an id, and the sentence that at least one test proves.

A test cites what it proves by `@pytest.mark.demand("ID")`; both directions are checked by
`tests/architecture/test_demands.py`.
"""

DEMANDS = {
    "CLI-1": "`ai --version` costs at most three times the CPU time of a bare Python.",
    "CLI-2": "`ai --help` and the help of a group import neither the parser nor any engine.",
    "CLI-3": "A command loads only what it needs: `ai version` loads no database and no network.",
    "CLI-4": "Every exit status has one meaning, told in the manual, and no other is ever used.",
    "CLI-5": "A word that is mistyped is answered with the one that was meant.",
    "CLI-6": "With --json every verb prints one object with a versioned schema, failures included.",
    "CLI-7": "A failure says what happened, why and what to do; a traceback is never shown.",
    "CLI-8": "TAB completes commands, flags, files and names in bash, zsh and fish.",
    "CLI-9": "TAB starts no Python and costs at most one and a half times a bare Python.",
    "CLI-10": "A closed pipe ends any command quietly.",
    "CLI-11": "A full disk, or one that cannot be written, is said plainly by every command.",
    "CLI-12": "Ctrl-C and SIGTERM end any command at any moment with status 130, and nothing lost.",
    "CLI-13": "Without a home directory every command still answers, or says what is missing.",
    "CLI-14": "Names and arguments that are not UTF-8 are taken, and shown without harm.",
    "CLI-15": "Every command works without a locale, a terminal, colours or a wide screen.",
    "CLI-16": "Without a terminal no command waits for an answer.",
    "CLI-17": "Two copies of any command at once do not harm each other.",
    "CLI-18": "Every command behaves the same for root and for an ordinary user.",
    "CLI-19": "Every verb has help with examples, a manual page and a line in the reference.",
    "CLI-20": "The wheel brings the library, its data, completions and manual pages.",
}
