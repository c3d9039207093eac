"""Case-insensitive search for words that gives the same results on both databases."""

import re

from django.db import connection
from django.db.models import Q


def build_word_filter(word: str, *fields: str) -> Q:
    """Rows in which one of the fields contains the word, in whatever case, in any script.

    SQLite's own comparison knows the case of ASCII's letters alone.
    """
    known = connection.vendor != "sqlite" or word.isascii()
    lookup, value = ("icontains", word) if known else ("iregex", re.escape(word))
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__{lookup}": value})
    return found
