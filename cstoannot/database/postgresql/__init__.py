"""The backend for PostgreSQL; Django loads `base`."""
