"""One file for each coefficient or family, as formulas over sums. `definitions` has the types
they share, `registry` says what each measure needs."""
