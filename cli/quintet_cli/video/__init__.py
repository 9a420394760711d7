"""The verbs of `ai video`."""

VERBS: dict[str, str] = {
    "scenes": "where the scenes of a clip begin and end, and why there",
}
