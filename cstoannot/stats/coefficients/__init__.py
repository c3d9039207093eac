"""One file a coefficient or family, as formulas over sums; `registry` says what each needs."""
