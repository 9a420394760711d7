"""Looks at everything that the toolkit stands on, and names the command that helps."""
