"""Codes read from pasted text: any tree comes back as it was written, and any text is taken."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstoannot.codebook.outline import (
    COLUMNS,
    Outline,
    OutlineCode,
    read_outline,
)

CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r") | st.sampled_from('\t;"\n '),
    max_size=12,
)


def _tree(text):
    return [(code.depth, code.cells["name"]) for code in read_outline(text).codes]


def _problems(text):
    return [
        (problem.line, problem.message.split(":")[0]) for problem in read_outline(text).problems
    ]


@st.composite
def outlines(draw):
    """Codes whose cells hold anything but carriage returns, which are read as line breaks."""
    codes, depth = [], -1
    for _ in range(draw(st.integers(0, 8))):
        depth = draw(st.integers(0, depth + 1))
        name = draw(CELLS.filter(str.strip))
        cells = {"name": name} | {c: cell for c in COLUMNS[1:] if (cell := draw(CELLS))}
        codes.append(OutlineCode(0, depth, cells))
    return Outline(codes)


def write_outline(outline):
    """With tabs, and quotes where a cell needs them."""
    lines = [
        "\t" * code.depth + "\t".join(_quote(code.cells.get(column, "")) for column in COLUMNS)
        for code in outline.codes
    ]
    return "\n".join(["\t".join(COLUMNS), *lines])


def _quote(cell):
    special = cell != cell.strip() or any(sign in cell for sign in '\t\n"')
    return '"' + cell.replace('"', '""') + '"' if special else cell


@given(outlines())
def test_outline_written_and_read_is_the_same(outline):
    read = read_outline(write_outline(outline))
    assert read.problems == []
    assert [(c.depth, dict(c.cells)) for c in read.codes] == [
        (c.depth, dict(c.cells)) for c in outline.codes
    ]
    assert read.parents() == outline.parents()


@given(st.text() | st.text('ab\t ;"\n\r\u3000\ufeff'))
def test_any_text_is_read(text):
    outline = read_outline(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [code.line for code in outline.codes] == sorted({code.line for code in outline.codes})
    assert all(1 <= one.line <= len(lines) for one in [*outline.codes, *outline.problems])
    assert all(lines[code.line - 1].strip() for code in outline.codes)
    assert len(outline.parents()) == len(outline.codes)
    depths = [-1, *(code.depth for code in outline.codes)]
    assert all(after <= before + 1 for before, after in pairwise(depths))


@pytest.mark.parametrize(
    "text",
    [
        "A\n\tB\n\t\tC\n\tD\nE",
        "A\n  B\n    C\n  D\nE\n",
        "A\n    B\n     C\n    D\nE",
        "\n\tA\n\n\t\tB\n\t\t\tC\n  \n\t\tD\n\tE",
        "A\r\n\tB\r\n\t\tC\r\n\tD\r\nE\r\n",
        "\ufeffA\n\u3000B\n\u3000\u3000C\n\u3000D\nE",
        "A;x\n;B;x\n;;C\n;D\nE;;;",
        "A;x\n; B;x\n; ; C\n; D\nE",
        "A;x\n\tB;x\n\t\tC;x\n\tD;x\nE;x",
        "A\t\t\n\tB\t\n\t\tC\tx\n\tD\nE\t\t\n\t\t\t\n",
    ],
)
def test_tabs_spaces_and_empty_cells_give_the_depth(text):
    assert _tree(text) == [(0, "A"), (1, "B"), (2, "C"), (1, "D"), (0, "E")]
    assert _problems(text) == []
    assert read_outline(text).parents() == [None, 0, 1, 0, None]


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_cells_follow_the_name_in_the_usual_order(separator):
    line = separator.join(["Duty", "They owe it.", "D", "I", "E", "X", "d", "#123456"])
    [code] = read_outline(line).codes
    assert code.cells == {
        "name": "Duty",
        "claim": "They owe it.",
        "definition": "D",
        "include": "I",
        "exclude": "E",
        "example": "X",
        "shortcut": "d",
        "colour": "#123456",
    }


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_first_line_may_name_the_columns(separator):
    lines = "Name|Key| COLOR|Definition|\nA|a||x\n|B|||y"
    outline = read_outline(lines.replace("|", separator))
    assert [(c.line, c.depth, dict(c.cells)) for c in outline.codes] == [
        (2, 0, {"name": "A", "shortcut": "a", "definition": "x"}),
        (3, 1, {"name": "B", "definition": "y"}),
    ]
    assert outline.problems == []


def test_codes_called_like_columns_are_codes():
    assert _tree("Name\nClaim\nExample") == [(0, "Name"), (0, "Claim"), (0, "Example")]
    assert _tree("Name\tof the duty\nB") == [(0, "Name"), (0, "B")]


def test_names_come_first():
    assert _problems("claim;name\nX;A") == [(1, "The first column must be the name.")]


def test_semicolons_are_text_where_tabs_separate():
    [code] = read_outline("Duty; law\tOne; two").codes
    assert code.cells == {"name": "Duty; law", "claim": "One; two"}


def test_cells_of_spreadsheets_may_hold_lines_and_quotation_marks():
    text = 'A;"One;\n""two"""\n;B;"so-called" help\nC'
    outline = read_outline(text)
    assert [(c.line, c.depth, dict(c.cells)) for c in outline.codes] == [
        (1, 0, {"name": "A", "claim": 'One;\n"two"'}),
        (3, 1, {"name": "B", "claim": '"so-called" help'}),
        (4, 0, {"name": "C"}),
    ]
    assert _tree('"Hybrid" war\n"Unity"') == [(0, '"Hybrid" war'), (0, '"Unity"')]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A\n    B\n  C", 3),
        ("\tA\nB", 2),
        ("A\n\tB\n    C", 3),
    ],
)
def test_indentation_that_fits_no_line_above_is_a_problem(text, line):
    assert _problems(text) == [(line, "The indentation does not match any line above")]


def test_line_that_skips_a_level_is_a_problem():
    text = "A\n\t\tB\nC;x\n;;D"
    assert _problems(text) == [
        (2, "This line is more than one level deeper than the line above it."),
        (4, "This line is more than one level deeper than the line above it."),
    ]


def test_cells_beyond_the_columns_are_a_problem():
    assert _problems("name;claim\nA;B;C\nD;E;;") == [(2, "This line has more than 2 columns")]


def test_long_hostile_text_takes_linear_time():
    for unit in ('"""x\t', '"a""\n', '\t"', ' ;"', "\t\n "):
        read_outline(unit * 100_000)
    read_outline("\n".join(" " * depth + "x" for depth in range(2_000)))
