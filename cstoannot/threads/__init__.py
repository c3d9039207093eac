"""Conversations on places, sources, codes and decisions."""
