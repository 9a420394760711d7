"""Verbs that look after the installation itself."""
