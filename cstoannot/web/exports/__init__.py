"""The export page and the files it offers."""
