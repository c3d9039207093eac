"""The server: a supervisor and its worker processes.

Each worker has an event loop that talks to clients, and threads that run the application. No thread
waits for a small request.
"""
