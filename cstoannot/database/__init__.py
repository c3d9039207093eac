"""Additions to Django's database backends."""
