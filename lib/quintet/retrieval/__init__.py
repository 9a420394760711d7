"""Finding passages in the user's own documents, each with a citation that can be verified."""
