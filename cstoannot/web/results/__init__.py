"""Links to a project's results, and the pages that they open to readers without an account."""
