"""How a team settles the places on which its coders differ, and the consensus that results."""
