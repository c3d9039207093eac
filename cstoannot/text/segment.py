"""Paragraphs, sentences and tokens of a text, as half-open spans of code points.

**Paragraph**: a line that holds a visible character, whole, without its line end. What ends a
line: `tokens.LINE_ENDS`.

**Sentence**: a piece of a paragraph between two boundaries that `sentencex` sees, without the
white space and control characters around it, if a visible character is left. A sentence never
reaches over a line end, so that headings end, and never begins with a combining mark.

**Token**: one of
- a word or number: a run of letters, digits, underscores and their marks, with single
  apostrophes and hyphens between two of them (*don't*, *mother-in-law*), and single full stops
  and commas between two digits (*2,000.5*);
- a letter with its marks, in scripts written without spaces (Han, Kana, Thai, Lao, Khmer,
  Myanmar): no dictionary, so the same text always gives the same tokens;
- any other visible character with what modifies it: one emoji, however many code points, one
  flag, one punctuation mark.

Every visible character belongs to exactly one paragraph, sentence and token. Visible is what is
neither white space nor a control or format character, variation selector or filler; invisible
characters other than white space and U+200B stay with the token they follow.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sentencex import get_sentence_boundaries

from cstoannot.text import tokens as kind
from cstoannot.text.spans import Bounds, Span, pack_bounds
from cstoannot.text.tokens import TAIL, tokenise_classes

__all__ = ["TextSegments", "pack_bounds", "segment_text"]

_WINDOW = 2000  # code points given to sentencex at once: its time grows with the square
_OVERLAP = 100

_LINE = re.compile(f"[^{kind.LINE_END}]+")
_VISIBLE = re.compile(f"[{kind.VISIBLE}]")
_CONTINUES = re.compile(TAIL)


@dataclass(frozen=True, slots=True)
class TextSegments:
    """Sorted spans that do not overlap."""

    paragraphs: Bounds
    sentences: Bounds
    tokens: Bounds


def segment_text(text: str, language: str = "") -> TextSegments:
    """Segment a stored text (LF line ends, no surrogates).

    ``language`` is a BCP 47 tag such as ``en`` or ``pt-BR``; only its first part counts, and an
    empty or unknown one is treated as English.
    """
    classes = kind.classify_characters(text)
    paragraphs = Bounds(_iterate_paragraphs(classes))
    return TextSegments(
        paragraphs=paragraphs,
        sentences=Bounds(_iterate_sentences(text, classes, paragraphs, _parse_language(language))),
        tokens=Bounds(tokenise_classes(classes)),
    )


def _iterate_paragraphs(classes: str) -> Iterator[Span]:
    for line in _LINE.finditer(classes):
        if _VISIBLE.search(classes, *line.span()):
            yield line.span()


def _iterate_sentences(
    text: str, classes: str, paragraphs: Iterable[Span], language: str
) -> Iterator[Span]:
    for start, end in paragraphs:
        # Lines of up to two characters are one sentence; a text may have a million of them.
        pieces = (
            _iterate_sentence_ends(text[start:end], language) if end - start > 2 else (end - start,)
        )
        low = start
        for piece in pieces:
            high = _CONTINUES.match(classes, start + piece, end).end()  # type: ignore[union-attr]
            if high <= low:
                continue
            body = classes[low:high].rstrip(kind.SPACE)
            if _VISIBLE.search(body):
                yield low + len(body) - len(body.lstrip(kind.SPACE)), low + len(body)
            low = high


def _iterate_sentence_ends(line: str, language: str) -> Iterator[int]:
    """Yield where the sentences of a line end.

    Long lines are read through a window. Its last sentence may go on, so it is read again with what
    follows; a sentence longer than the window goes on until a later window ends it.
    """
    start = 0
    while len(line) - start > _WINDOW:
        ends = _list_boundaries(line[start : start + _WINDOW], language)[:-1]
        yield from (start + end for end in ends)
        start = start + ends[-1] if ends else _choose_restart(line, start + _WINDOW)
    yield from (start + end for end in _list_boundaries(line[start:], language))


def _choose_restart(line: str, stop: int) -> int:
    """Return where to read on: before ``stop``, which may split a boundary, and between words."""
    latest = stop - _OVERLAP
    space = line.rfind(" ", latest - _OVERLAP, latest)
    return latest if space < 0 else space


def _list_boundaries(text: str, language: str) -> list[int]:
    return [found["end_index"] for found in get_sentence_boundaries(language, text)]


def _parse_language(language: str) -> str:
    found = re.match(r"[a-z]{2,3}(?![^-_])", language.lower())
    return found[0] if found else "en"


def count_words(text: str, tokens: Bounds) -> int:
    """Count the tokens with a letter or digit, which readers call words."""
    return sum(any(map(str.isalnum, text[start:end])) for start, end in tokens)
