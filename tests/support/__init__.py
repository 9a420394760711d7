"""What several tests need: a hermetic terminal, fakes that mirror the real pieces."""
