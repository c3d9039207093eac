"""What every package may import; imports no other package."""
