"""What each kind of effect does to the world, and how it is taken back."""
