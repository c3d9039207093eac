"""The whole project in one file: written, read as untrusted input, and restored."""
