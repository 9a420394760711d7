"""The verbs of `ai store`."""

VERBS: dict[str, str] = {
    "info": "what is stored, where, how large, and its documented views",
    "sql": "ask with SQL; nothing can be changed by it",
    "check": "read every row and say whether all is well",
    "backup": "a consistent copy, also while others are at work",
    "restore": "put a backup in a store's place",
    "vacuum": "write a store anew, so that what was deleted leaves the disk",
    "export": "the documented views as CSV, JSON lines or Parquet",
}
