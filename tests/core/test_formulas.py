"""Which texts a spreadsheet would take for a formula."""

import pytest

from cstoannot.core.formulas import guard_formula


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_guard_formula_of_a_text_that_could_run(start):
    assert guard_formula(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "1+1", "'=1", " =1", "−1", "a\n=1"])
def test_guard_formula_leaves_other_texts(text):
    assert guard_formula(text) == text
