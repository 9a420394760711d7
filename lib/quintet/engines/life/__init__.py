"""A private view over calendar, money, health and messages."""
