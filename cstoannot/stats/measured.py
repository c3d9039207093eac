"""The answer to "how far do they agree": overall, by code, by pair of coders, by source."""

from dataclasses import dataclass

from cstoannot.stats.results import Coefficient


@dataclass(frozen=True, slots=True)
class CodeValue:
    code: int
    result: Coefficient


@dataclass(frozen=True, slots=True)
class PairValue:
    first: int
    second: int
    result: Coefficient


@dataclass(frozen=True, slots=True)
class SourceValue:
    source: int
    result: Coefficient


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of one selection. The numbers are those of the tables it was made from.

    ``codes``: every code in view; ``pairs``: those who share a source; ``by_source``: sources
    that at least two coders finished.
    """

    key: str
    overall: Coefficient
    codes: tuple[CodeValue, ...]
    pairs: tuple[PairValue, ...]
    by_source: tuple[SourceValue, ...]

    @property
    def mean_over_codes(self) -> float | None:
        """The plain mean of the codes' values, over the codes that have one."""
        values = [code.result.value for code in self.codes if code.result.value is not None]
        return sum(values) / len(values) if values else None
