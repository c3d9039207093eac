"""The page that shows a source and its passages, for annotating or reading."""
