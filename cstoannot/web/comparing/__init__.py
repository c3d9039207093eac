"""What the pages that compare sources share: their filters, and what they make of reports."""
