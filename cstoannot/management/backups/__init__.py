"""Backups of the whole installation's database, and the way back."""
