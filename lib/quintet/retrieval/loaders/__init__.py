"""One module for each family of formats: bytes in, a document out, within limits."""
