"""What evals need of the operating system."""
