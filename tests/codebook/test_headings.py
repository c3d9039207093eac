"""Headings and file names that say which code."""

from dataclasses import dataclass

import pytest

from cstoannot.codebook.names import build_code_file_names, build_code_headings


@dataclass
class Code:
    slug: str
    name: str


def test_headings_are_names_and_slugs_only_where_names_are_alike():
    codes = [Code("a", "NATO"), Code("b", "Единство"), Code("c", "nato"), Code("d", "NATO (a)")]
    assert build_code_headings(codes) == ["NATO (a)", "Единство", "nato (c)", "NATO (a) (d)"]


def test_headings_are_told_from_those_the_table_has_of_its_own():
    codes = [Code("a", "Name"), Code("b", "missed"), Code("c", "Other")]
    expected = ["Name (a)", "missed (b)", "Other"]
    assert build_code_headings(codes, beside=["code", "name", "missed"]) == expected


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Failure", "Failure"),
        ("Двусторонность", "Двусторонность"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\u202egpj.exe", "agpj.exe"),
        ('What? "This" <or> that|*', "What_ _This_ _or_ that__"),
        ("Ends with a dot. ", "Ends with a dot"),
        ("Con", "Con_"),
        ("con.txt", "con_.txt"),
        ("E\u0301mile", "Émile"),
        ("...", "slug"),
        ("集" * 100, "集" * 53),
    ],
)
def test_file_name_is_safe_on_any_system(name, file):
    assert build_code_file_names([Code("slug", name)]) == [file]
