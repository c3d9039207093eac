"""Storage form of texts: line ends, byte-order mark, and what is refused."""

import codecs
import hashlib
import re

from cstoannot.core.errors import Invalid, TooLarge

MAX_LENGTH = 5_000_000
"""Longest text, in code points."""

WHITE_SPACE = "".join(filter(str.isspace, map(chr, range(0x3001))))
"""All characters of white space."""

_REFUSED = re.compile("[\x00\ud800-\udfff]")
_BYTE_ORDER_MARK = "\ufeff"
_UTF_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode_text(raw: bytes) -> str:
    """Decode UTF-8 (with or without byte-order mark) or UTF-16 (with one).

    The mark stays as U+FEFF; `normalise_text` drops exactly one. Raises Invalid (``encoding``) with
    the first byte, counted from 0, that does not fit.
    """
    encoding = next((name for mark, name in _UTF_16 if raw.startswith(mark)), "utf-8")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(
            f"The text is not {encoding.upper()}: byte {error.start} does not fit. "
            "Save it as UTF-8 and send it again.",
            code="encoding",
            field="text",
        ) from error


def normalise_text(text: str) -> str:
    """Drop one leading U+FEFF, turn CRLF and CR into LF, and change nothing else.

    Raises TooLarge over MAX_LENGTH code points; Invalid for an empty text (``empty``), and for NUL
    or half a surrogate pair (``character``), with its offset in code points of the normalised text.
    """
    text = text.removeprefix(_BYTE_ORDER_MARK).replace("\r\n", "\n").replace("\r", "\n")
    if not text:
        raise Invalid("The text is empty.", code="empty", field="text")
    if len(text) > MAX_LENGTH:
        raise TooLarge(
            f"The text has {len(text):,} characters; {MAX_LENGTH:,} are allowed. Split it.",
            field="text",
        )
    if found := _REFUSED.search(text):
        name = "NUL" if found[0] == "\x00" else f"half a surrogate pair (U+{ord(found[0]):04X})"
        raise Invalid(
            f"The text has {name} at position {found.start()}. Remove it and send the text again.",
            code="character",
            field="text",
        )
    return text


def compute_text_hash(text: str) -> str:
    """Return the SHA-256 of the text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
