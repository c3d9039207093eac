"""The list of projects and the pages of one: overview, settings, assignments, history."""
