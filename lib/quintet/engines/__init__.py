"""Five engines, strangers to each other."""
