"""Who has seen the coding of others, and what they saved since."""
