"""Case-insensitive search for words, with the same results on both databases."""

import re

from django.db import connection
from django.db.models import Q


def build_word_filter(word: str, *fields: str) -> Q:
    """Select rows in which a field contains the word, in any case and script.

    SQLite's own comparison ignores case for ASCII only.
    """
    known = connection.vendor != "sqlite" or word.isascii()
    lookup, value = ("icontains", word) if known else ("iregex", re.escape(word))
    found = Q()
    for field in fields:
        found |= Q(**{f"{field}__{lookup}": value})
    return found
