"""Attempts to sign in: an account and an address are slowed down, a known device is not."""
