"""Moments are shown as Python shows them, whatever their seconds have in common.

The database is asked for because each stores them in its own way.
"""

import struct
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from cstoannot.database.stored_text import format_stored_timestamps, join_character_columns

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL's
MICROSECOND = timedelta(microseconds=1)
ANY = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
WHOLE = ANY.map(lambda moment: moment.replace(microsecond=0))
IN_PART = ANY.map(lambda moment: moment.replace(microsecond=moment.microsecond or 1))


def stored(moments: list[datetime]) -> bytes:
    if connection.vendor == "postgresql":
        since = [(moment - EPOCH) // MICROSECOND for moment in moments]
        return struct.pack(f">{len(since)}q", *since)
    return "".join(str(moment.replace(tzinfo=None)) for moment in moments).encode()


@pytest.mark.parametrize("some", [WHOLE, IN_PART, WHOLE | IN_PART], ids=["whole", "part", "both"])
def test_moments_are_shown_as_python_shows_them(db, some):
    @given(st.lists(some, max_size=20))
    def shown(moments):
        characters = format_stored_timestamps(stored(moments), len(moments))
        wanted = [moment.isoformat().replace("+00:00", "Z") for moment in moments]
        assert [text.decode() for text in join_character_columns([characters])] == wanted
        between = join_character_columns([b"from ", characters, b" to ", characters, b"."])
        assert [text.decode() for text in between] == [f"from {m} to {m}." for m in wanted]

    shown()
