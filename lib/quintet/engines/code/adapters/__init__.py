"""How the engine reaches projects and their interpreters."""
