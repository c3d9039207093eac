"""Links by which somebody whose user name the owner does not know becomes a member."""
