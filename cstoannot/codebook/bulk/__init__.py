"""Many codes added at once: all of them, as one revision, or none."""
