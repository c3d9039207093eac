"""Figures as SVG, drawn from reports. The same data give the same bytes."""
