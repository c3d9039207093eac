"""Middleware and handlers for every request, of the API and of pages."""
