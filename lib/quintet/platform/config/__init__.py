"""Settings whose every value knows where it came from."""
