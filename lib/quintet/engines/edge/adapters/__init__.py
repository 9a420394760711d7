"""How machines are read."""
