"""The kinds of slots: each sibling knows where the secret of one kind lives."""
