"""Evals: cases and what must hold of them, how sure a result is, and what got worse since."""
