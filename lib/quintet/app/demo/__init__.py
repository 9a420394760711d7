"""A small world that the program makes for itself, so that a newcomer needs no data to try it."""
