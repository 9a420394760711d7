"""The command tree as text: manual pages, the reference, and completion for three shells."""
