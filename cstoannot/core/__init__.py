"""What every package may use and what itself needs nothing."""
