"""Breaks the store, the record and the budget on purpose, on the user's own disk, and counts."""
