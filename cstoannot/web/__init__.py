"""The pages: server-rendered, over the same queries and actions as the API."""
