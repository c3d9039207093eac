"""Statistics: agreement of coders, intervals, disagreements and comparison of actors.

Pure functions on NumPy arrays. `agreement.engine` is the entry point for agreement.
"""
