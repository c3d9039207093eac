"""Who said that which passage carries which code; who may see it is decided in queries.py."""
