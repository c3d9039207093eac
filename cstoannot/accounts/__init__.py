"""People who sign in, and the tokens their programs use."""
