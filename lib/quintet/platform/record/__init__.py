"""What was done, why, with what effect, and how to take it back."""
