"""What the pages about agreement make of a report: addresses, rows, words and tables."""
