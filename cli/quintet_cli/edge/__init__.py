"""The verbs of `ai edge`."""

VERBS: dict[str, str] = {
    "fit": "which models this machine can run, at which quantisation, how fast at best",
    "index": "take documents in so that they can be asked, or bring that up to date",
    "ask": "answer a question with quotes from your documents, or say that they do not say",
    "sources": "which documents are indexed, and which could not be",
    "forget": "take documents out of the index, down to the last byte",
}
