"""Statistics: agreement of coders, intervals, disagreements and comparison of actors.

Pure functions: arrays in, frozen dataclasses out, NumPy only. `agreement.engine` is the entry point
for agreement.
"""
