"""How the engine reads foreign files and the machine's own zone."""
