"""Compare what sources say: annotate together, measure agreement, read side by side."""

__version__ = "0.1.0"
