"""The HTML of an article. Its text content is the stored text, code point by code point."""

import re
from collections.abc import Iterable, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from cstoannot.text.spans import unpack_flat_bounds

SECTION = 20  # paragraphs in a section; browsers lay out long texts section by section
LONG = 100_000  # code points from which a text is long
RIGHT_TO_LEFT = {
    *("ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ku", "lrc", "mzn", "nqo", "pnb", "ps"),
    *("sd", "syr", "ug", "ur", "yi"),
}
RIGHT_TO_LEFT_SCRIPTS = {
    "adlm",
    "arab",
    "aran",
    "hebr",
    "mand",
    "nkoo",
    "rohg",
    "samr",
    "syrc",
    "thaa",
}
# Line ends other than LF would take up a line between paragraphs, or appear as a box.
_DRAWN = re.compile("[\x0b\x0c\x85\u2028\u2029]")


def resolve_text_direction(language: str) -> str:
    """Return the `dir` of a text in this language; `auto` (from each paragraph's letters) for none.

    A script in the tag takes precedence over the language: `ku-Latn`, `az-Arab`.
    """
    if not language:
        return "auto"
    first, *others = language.lower().replace("_", "-").split("-")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), "")
    names, known = (script, RIGHT_TO_LEFT_SCRIPTS) if script else (first, RIGHT_TO_LEFT)
    return "rtl" if names in known else "ltr"


def render_article_html(text: str, paragraphs: bytes, direction: str) -> SafeString:
    """Render paragraphs as `<p data-start>` in sections; text between them is unchanged.

    `data-start` is the code point at which the paragraph begins. If `direction` is `auto`, each
    paragraph has its own.
    """
    own = ' dir="auto"' if direction == "auto" else ""
    return mark_safe(
        "".join(_iterate_article_pieces(text, list(unpack_flat_bounds(paragraphs)), own))
    )


def _iterate_article_pieces(
    text: str, spans: Sequence[tuple[int, int]], attributes: str
) -> Iterable[str]:
    position = 0
    for number, (start, end) in enumerate(spans):
        if number % SECTION == 0:
            yield "</section><section>" if number else "<section>"
        yield _render_article_gap(text[position:start])
        yield f'<p data-start="{start}"{attributes}>{escape(text[start:end])}</p>'
        position = end
    if not spans:
        yield "<section>"
    yield _render_article_gap(text[position:])
    yield "</section>"


def _render_article_gap(text: str) -> str:
    html = escape(text)
    return f"<span hidden>{html}</span>" if _DRAWN.search(text) else html
