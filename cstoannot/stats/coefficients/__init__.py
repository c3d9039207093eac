"""Coefficients as formulas over sums: one file for each coefficient or family.

`definitions` has the shared types, `registry` what each measure needs.
"""
