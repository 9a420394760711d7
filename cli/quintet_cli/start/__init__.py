"""Verbs for the first minutes."""
