"""Texts that a spreadsheet would take for a formula."""

# What begins a formula, or has a spreadsheet move the rest of the cell into another one. Full-width
# signs count: some spreadsheets read them as the plain ones.
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet might run the text or break it up."""
    return text.startswith(FORMULA_STARTS)


def guard_formula(text: str) -> str:
    """The text, after an apostrophe where a spreadsheet would otherwise take it for a formula."""
    return f"'{text}" if looks_like_formula(text) else text
