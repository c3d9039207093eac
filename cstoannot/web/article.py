"""The article's HTML: its text content is the stored text, code point by code point."""

from collections.abc import Iterable, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from cstoannot.text.bounds import unpack

SECTION = 20  # paragraphs in a section; long texts are laid out section by section
LONG = 100_000  # code points from which a text counts as long
RIGHT_TO_LEFT = {"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"}


def direction_of(language: str) -> str:
    """The `dir` of a text in this language; where that does not tell, its first letters do."""
    return "rtl" if language.split("-", maxsplit=1)[0].lower() in RIGHT_TO_LEFT else "auto"


def article_html(text: str, paragraphs: bytes) -> SafeString:
    """Paragraphs as `<p data-start>` in sections, with whatever lies between them as it stands.

    `data-start` is the code point at which the paragraph begins.
    """
    return mark_safe("".join(_pieces(text, list(unpack(paragraphs)))))


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> Iterable[str]:
    position = 0
    for number, (start, end) in enumerate(spans):
        if number % SECTION == 0:
            yield "</section><section>" if number else "<section>"
        yield escape(text[position:start])
        yield f'<p data-start="{start}">{escape(text[start:end])}</p>'
        position = end
    if not spans:
        yield "<section>"
    yield escape(text[position:])
    yield "</section>"
