"""Who codes which source, and how far they are."""
