"""Deleted projects are removed for good once nobody can bring them back."""
