"""The server: what clients may hold of it, and what it does when processes end."""
