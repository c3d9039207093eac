"""Positions of the sources on each claim: where they agree, diverge and stay silent.

Queries load what the reader may see as arrays, `cstoannot.stats` counts, reports add names.
"""
