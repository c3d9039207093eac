"""The server: a supervisor that keeps worker processes alive, and in each worker an event loop
that talks to clients and threads that run the application. No thread waits for a small request.
"""
