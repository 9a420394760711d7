"""What every engine needs and nothing that an engine knows."""
