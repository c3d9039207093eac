"""Every numeral that a page shows, and the link around it, if there is one."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

# What is said in an article, chosen in a form, or called by somebody is no result.
ASIDE = {"script", "style", "head", "form", "nav", "blockquote", "kbd"}
NAMES = {"chip", "reference", "voice"}
# Conventions and settings, which count nothing.
FIXED = re.compile(
    r"95\s%|\.800|\.667|\(Krippendorff, 2019\)|Krippendorff \(2019\)|α_U \(1995\)"
    r"|\(Efron & Tibshirani, 1993\)|\(Gwet, 2014\)|\(Hayes & Krippendorff, 2007\)"
    r"|[\d,]+ replicates \(seed \d+\)|of 1995 in the form of 2004|under 30 units"
    r"|F1|\([A-Z][^()]*, (?:19|20)\d\d(?:; [^()]*)?\)|cstoannot [\d.]+"
    r"|\([^()]* over [\d,]+ (?:sources|units|pairs of values)[^()]*\)|arXiv:[\d.]+"
    r"|revisions? [\d, and]+ of the codebook|\d+ % were coded at least twice"
)
VOID = {"br", "img", "input", "link", "meta", "hr", "line", "circle"}
COUNT = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.])|(?<![\d.,])\d+(?![\d.,]|\s?%)")


@dataclass(frozen=True)
class Numeral:
    """Words with digits in them; `link` is empty where there is none around them."""

    words: str
    link: str

    @property
    def count(self) -> int | None:
        """The one whole number in the words, if it is one."""
        found = COUNT.findall(self.words)
        return int(found[0].replace(",", "")) if len(found) == 1 else None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        aside = any(
            tag in ASIDE
            or (tag == "th" and held.get("scope") == "row")
            or set((held.get("class") or "").split()) & NAMES
            for tag, held in self.open
        )
        if not aside:
            links = [held.get("href") or "" for tag, held in self.open if tag == "a"]
            self.texts.append((data, links[-1] if links else ""))


def numerals(page: str, names: tuple[str, ...] = ()) -> list[Numeral]:
    """Those of a page or a part of one, link by link; `names` are of codes, coders, sources."""
    reader = _Reader()
    reader.feed(page)
    found = []
    for words, link in reader.texts:
        left = " ".join(words.split())
        for name in sorted(names, key=len, reverse=True):
            left = left.replace(name, " ")
        left = " ".join(FIXED.sub(" ", left).split())
        if re.search(r"\d", left):
            found.append(Numeral(left, link))
    return found
