"""The rows of an export: read in pages, completed with names, and written as lines."""
