"""Spending that is reserved before it happens and settled afterwards, within limits."""
