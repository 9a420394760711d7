"""The local store: an append journal for what is hot, DuckDB for what is queried."""
