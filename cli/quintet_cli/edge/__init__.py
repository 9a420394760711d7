"""The verbs of `ai edge`."""

VERBS: dict[str, str] = {
    "fit": "which models this machine can run, at which quantisation, how fast at best",
}
