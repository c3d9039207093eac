"""The append-only history: who did what, when, with the values before and after."""
