"""The verbs of `ai models`."""

VERBS: dict[str, str] = {
    "list": "the models that are known here, what they need and what they cost",
    "add": "give a GGUF file or a model server a name",
    "show": "what a model is, what it needs and whether it fits",
    "rm": "forget a model; its file stays",
    "test": "try a model out: does it answer, does it keep to a schema, how fast",
}
