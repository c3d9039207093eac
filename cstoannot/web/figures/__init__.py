"""Figures as SVG, drawn from reports: strings in, strings out, the same data the same bytes."""
