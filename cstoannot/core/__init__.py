"""What every package may use and what imports no other package."""
