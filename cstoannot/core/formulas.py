"""Detects text that a spreadsheet would execute as a formula."""

# Characters that begin a formula or make a spreadsheet move the rest of the cell into another one.
# Full-width signs count because some spreadsheets read them as the plain ones.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might execute or split the text."""
    return text.startswith(FORMULA_STARTS)


def guard_formula(text: str) -> str:
    """Return the text, with an apostrophe in front if a spreadsheet would execute or split it."""
    return f"'{text}" if looks_like_formula(text) else text
