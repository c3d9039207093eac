"""Many annotations saved at once: all of them, or none."""
