"""Finding and fixing faults in code."""
