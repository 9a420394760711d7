"""Small language models on the user's own hardware."""
