"""A whole project in one file, and back: what stands in it, how it is written and restored."""
