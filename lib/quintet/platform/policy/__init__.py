"""Consent: plans that a person approves, and rules for what may leave the machine."""
