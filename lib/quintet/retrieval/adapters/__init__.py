"""Where retrieval meets databases, native parsers and processes."""
