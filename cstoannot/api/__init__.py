"""The API, version 1: one file a resource, thin, over the same queries and actions as the pages."""
