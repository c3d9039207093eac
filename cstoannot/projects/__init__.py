"""Projects, their members, and the one door through which everything in them is reached."""
