"""The works that a methods paragraph cites: as APA text, in brackets, as BibTeX and as RIS."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cstoannot


@dataclass(frozen=True)
class CitedWork:
    """A work; `authors` as "Family, Given"; a book has a publisher, an article a journal."""

    key: str
    authors: tuple[str, ...]
    year: str
    title: str
    journal: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    edition: str = ""
    publisher: str = ""
    proceedings: str = ""

    @property
    def kinds(self) -> tuple[str, str]:
        """Return its type in BibTeX and in RIS."""
        if self.journal:
            return "article", "JOUR"
        if self.proceedings:
            return "inproceedings", "CPAPER"
        return ("misc", "UNPB") if self.publisher.startswith("arXiv:") else ("book", "BOOK")

    @property
    def brackets(self) -> str:
        """Return "Hayes & Krippendorff, 2007", or with "et al." from three authors on."""
        families = [name.split(",")[0] for name in self.authors]
        who = f"{families[0]} et al." if len(families) > 2 else " & ".join(families)
        return f"{who}, {self.year}" if self.year else who

    @property
    def apa(self) -> str:
        """Return the entry of a list of references."""
        *first, last = self.authors
        who = f"{', '.join(first)}, & {last}" if first else last
        edition = f" ({self.edition} ed.)" if self.edition else ""
        head = f"{who}{'' if who.endswith('.') else '.'} ({self.year}). {self.title}{edition}."
        if self.proceedings:
            return f"{head} In {self.proceedings} (pp. {self.pages}). {self.publisher}."
        if not self.journal:
            return f"{head} {self.publisher}."
        number = f"({self.number})" if self.number else ""
        return f"{head} {self.journal}, {self.volume}{number}, {self.pages}."


_PSYCHOLOGICAL_BULLETIN = "Psychological Bulletin"
_EDUCATIONAL = "Educational and Psychological Measurement"
_WORKS = (
    CitedWork(
        "brennan1981",
        ("Brennan, R. L.", "Prediger, D. J."),
        "1981",
        "Coefficient kappa: Some uses, misuses, and alternatives",
        *(_EDUCATIONAL, "41", "3", "687–699"),
    ),
    CitedWork(
        "cohen1960",
        ("Cohen, J.",),
        "1960",
        "A coefficient of agreement for nominal scales",
        *(_EDUCATIONAL, "20", "1", "37–46"),
    ),
    CitedWork(
        "efron1993",
        ("Efron, B.", "Tibshirani, R. J."),
        "1993",
        "An introduction to the bootstrap",
        publisher="Chapman & Hall",
    ),
    CitedWork(
        "fleiss1971",
        ("Fleiss, J. L.",),
        "1971",
        "Measuring nominal scale agreement among many raters",
        *(_PSYCHOLOGICAL_BULLETIN, "76", "5", "378–382"),
    ),
    CitedWork(
        "gwet2008",
        ("Gwet, K. L.",),
        "2008",
        "Computing inter-rater reliability and its variance in the presence of high agreement",
        *("British Journal of Mathematical and Statistical Psychology", "61", "1", "29–48"),
    ),
    CitedWork(
        "gwet2014",
        ("Gwet, K. L.",),
        "2014",
        "Handbook of inter-rater reliability",
        edition="4th",
        publisher="Advanced Analytics",
    ),
    CitedWork(
        "hayes2007",
        ("Hayes, A. F.", "Krippendorff, K."),
        "2007",
        "Answering the call for a standard reliability measure for coding data",
        *("Communication Methods and Measures", "1", "1", "77–89"),
    ),
    CitedWork(
        "hripcsak2005",
        ("Hripcsak, G.", "Rothschild, A. S."),
        "2005",
        "Agreement, the F-measure, and reliability in information retrieval",
        *("Journal of the American Medical Informatics Association", "12", "3", "296–298"),
    ),
    CitedWork(
        "hughes2022",
        ("Hughes, J.",),
        "2022",
        "Toward improved inference for Krippendorff’s alpha agreement coefficient",
        publisher="arXiv:2210.13265",
    ),
    CitedWork(
        "krippendorff1995",
        ("Krippendorff, K.",),
        "1995",
        "On the reliability of unitizing continuous data",
        *("Sociological Methodology", "25", "", "47–76"),
    ),
    CitedWork(
        "krippendorff2004",
        ("Krippendorff, K.",),
        "2004",
        "Measuring the reliability of qualitative text analysis data",
        *("Quality & Quantity", "38", "", "787–800"),
    ),
    CitedWork(
        "krippendorff2016",
        ("Krippendorff, K.", "Mathet, Y.", "Bouvry, S.", "Widlöcher, A."),
        "2016",
        "On the reliability of unitizing textual continua: Further developments",
        *("Quality & Quantity", "50", "6", "2347–2364"),
    ),
    CitedWork(
        "krippendorff2019",
        ("Krippendorff, K.",),
        "2019",
        "Content analysis: An introduction to its methodology",
        edition="4th",
        publisher="Sage",
    ),
    CitedWork(
        "light1971",
        ("Light, R. J.",),
        "1971",
        "Measures of response agreement for qualitative data",
        *(_PSYCHOLOGICAL_BULLETIN, "76", "5", "365–377"),
    ),
    CitedWork(
        "passonneau2006",
        ("Passonneau, R.",),
        "2006",
        "Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation",
        pages="831–836",
        publisher="ELRA",
        proceedings="Proceedings of LREC 2006",
    ),
    CitedWork(
        "scott1955",
        ("Scott, W. A.",),
        "1955",
        "Reliability of content analysis: The case of nominal scale coding",
        *("Public Opinion Quarterly", "19", "3", "321–325"),
    ),
)
SOFTWARE = f"cstoannot {cstoannot.__version__}"


def find_works(text: str) -> list[CitedWork]:
    """Return the works of which the APA entry stands in a text, such as a measure's citation."""
    return [work for work in _WORKS if work.apa.rstrip(".") in text]


def get_work(key: str) -> CitedWork:
    return next(work for work in _WORKS if work.key == key)


def format_bibtex(works: Iterable[CitedWork]) -> str:
    return "\n".join(_format_bibtex_entry(work) for work in works)


def _format_bibtex_entry(work: CitedWork) -> str:
    fields = {
        "author": " and ".join(work.authors),
        "title": f"{{{work.title}}}",
        "journal": work.journal,
        "booktitle": work.proceedings,
        "volume": work.volume,
        "number": work.number,
        "pages": work.pages.replace("–", "--"),
        "edition": work.edition,
        "publisher": work.publisher,
        "year": work.year,
    }
    lines = [
        f"  {name} = {{{value.replace('&', chr(92) + '&')}}},"
        for name, value in fields.items()
        if value
    ]
    return "\n".join([f"@{work.kinds[0]}{{{work.key},", *lines, "}", ""])


def format_ris(works: Iterable[CitedWork]) -> str:
    """Return RIS, with the line ends that its readers expect."""
    return "".join(f"{line}\r\n" for work in works for line in _list_ris_lines(work))


def _list_ris_lines(work: CitedWork) -> Sequence[str]:
    first, _, last = work.pages.partition("–")
    fields = [
        ("TY", work.kinds[1]),
        *(("AU", author) for author in work.authors),
        *(("PY", work.year), ("TI", work.title), ("JO", work.journal), ("VL", work.volume)),
        *(("IS", work.number), ("SP", first), ("EP", last), ("ET", work.edition)),
        *(("T2", work.proceedings), ("PB", work.publisher)),
    ]
    return [*(f"{tag}  - {value}" for tag, value in fields if value), "ER  - ", ""]
