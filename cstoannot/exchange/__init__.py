"""What comes into a project from files, and what leaves it."""
