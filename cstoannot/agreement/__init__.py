"""Agreement between coders, its confidence intervals, and the passages behind each number.

Queries load arrays, `cstoannot.stats` computes numbers, reports add names.
"""
