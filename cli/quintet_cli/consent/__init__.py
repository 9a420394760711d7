"""Verbs without a group that belong to the consent."""
