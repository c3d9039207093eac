"""Projects, members, invitations, and the one door through which all in them is reached."""
