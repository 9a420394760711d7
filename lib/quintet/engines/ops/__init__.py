"""Business workflows from an event to an audited outcome."""
