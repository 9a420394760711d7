"""The verbs of `ai key`."""

VERBS: dict[str, str] = {
    "status": "what protects your data, and how to strengthen it",
    "add": "another way in: passphrase, recovery, keyfile, keyring, command",
    "remove": "take a way in away",
    "unlock": "open everything for a while, without asking again",
    "lock": "end what unlock began",
    "rotate": "new keys in place of old ones",
    "export": "all keys in one file that a passphrase opens",
    "import": "take keys from such a file",
}
