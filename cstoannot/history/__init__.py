"""The append-only history: who did what, when, with what was there before and after."""
