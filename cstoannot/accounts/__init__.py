"""User accounts, and the tokens of their programs."""
