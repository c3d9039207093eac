"""Who the people of a restored project are here: what they coded becomes a member's, and back."""
