"""The API, version 1: one file per resource, on the same queries and actions as the pages."""
