"""Comparison of actors: positions, verdicts, networks, repeats, leave-one-out and layouts."""
