"""Assignments of sources to annotators, and their progress."""
