"""Understanding and editing footage."""
