"""What a passage has more or less than another, in words, and quotes in short."""

from cstoannot.decisions.places import ProposedPassage

LONGEST = 44  # characters of a quote that is shown whole
_HEAD = 3  # words shown of a longer one
_TAIL = 14  # characters of its end, or one word


def abridge_quote(quote: str) -> str:
    """Return the quote in one line; of a longer one, its first words and its last."""
    words = quote.split()
    whole = " ".join(words)
    if len(whole) <= LONGEST or len(words) <= _HEAD + 1:
        return whole if len(whole) <= 2 * LONGEST else f"{whole[:LONGEST]} … {whole[-_TAIL:]}"
    tail = words[-1]
    for word in reversed(words[_HEAD + 1 : -1]):
        if len(word) + 1 + len(tail) > _TAIL:
            break
        tail = f"{word} {tail}"
    return f"{' '.join(words[:_HEAD])} … {tail}"


def describe_bounds(text: str, passage: ProposedPassage, other: ProposedPassage | None) -> str:
    """Describe the passage's bounds by how they differ from those of `other`, if it overlaps it.

    White space makes no difference.
    """
    if other is None or passage.start >= other.end or passage.end <= other.start:
        return f"“{abridge_quote(passage.quote)}”"
    more = [(passage.start, other.start), (other.end, passage.end)]
    less = [(other.start, passage.start), (passage.end, other.end)]
    parts = []
    for word, stretches in (("without", less), ("with", more)):
        quotes = [text[start:end] for start, end in stretches if start < end]
        said = [f"“{abridge_quote(quote)}”" for quote in quotes if quote.strip()]
        if said:
            parts.append(f"{word} {' and '.join(said)}")
    return ", ".join(parts) or "same bounds"


def find_counterpart(
    passage: ProposedPassage, others: tuple[ProposedPassage, ...]
) -> ProposedPassage | None:
    """Return the passage of the same code that it shares most text with, if there is one."""
    alike = [one for one in others if one.code == passage.code and count_shared(one, passage) > 0]
    return max(alike, key=lambda one: count_shared(one, passage), default=None)


def count_shared(one: ProposedPassage, other: ProposedPassage) -> int:
    """Return how many characters both hold; 0 or less if they do not overlap."""
    return min(one.end, other.end) - max(one.start, other.start)
