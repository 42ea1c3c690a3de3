"""What an indicator is: its name, which way is better, its codes, breaks and caveats."""

from __future__ import annotations

__all__ = ["POLARITIES", "FrameworkCode", "Indicator", "Polarity"]

from dataclasses import dataclass
from typing import Literal

from s75lib.loaders.period import Period

Polarity = Literal["higher_is_better", "lower_is_better", "neither"]

POLARITIES: tuple[str, ...] = ("higher_is_better", "lower_is_better", "neither")


@dataclass(frozen=True)
class FrameworkCode:
    """What a national framework called a measure, and in which years.

    Parameters
    ----------
    framework, code : str
        Such as ``ASCOF`` and ``1F``.
    from_year, to_year : str
        First and last financial year; empty where open, or where we could not confirm it.
    """

    framework: str
    code: str
    from_year: str = ""
    to_year: str = ""

    def holds_in(self, year: str) -> bool:
        """Whether the code had this meaning in a financial year."""
        asked = Period.parse(year)
        return not (
            (self.from_year and asked < Period.parse(self.from_year))
            or (self.to_year and asked > Period.parse(self.to_year))
        )


@dataclass(frozen=True)
class Indicator:
    """What an indicator is.

    Parameters
    ----------
    slug : str
        As in the dataset's column ``indicator``.
    name, short : str
        In full, and for a chart.
    polarity : str
        higher_is_better, lower_is_better or neither; ``neither`` also where nobody has said.
    numerator, denominator : str
        What is counted, and in what.
    source : str
        Return or handbook.
    codes : tuple of FrameworkCode
        A code can change its measure, so each is given with its years.
    breaks : tuple of str
        Where figures before and after can't be compared.
    caveats : tuple of str
        What a reader has to know.
    is_mean_of_months : bool
        Whether the year's figure is the mean of twelve monthly percentages.
    is_caseload : bool
        Whether a month's percentage is of those open then, mostly the same people every month.
    is_stock : bool
        Whether a count is of those present on a day: mostly the same people each time.
    is_clustered : bool
        Whether one person gives many events (days in hospital), so that counts vary more than Poisson's.
    is_known : bool
        False for an entry built from the slug alone.
    """

    slug: str
    name: str
    short: str = ""
    polarity: Polarity = "neither"
    numerator: str = ""
    denominator: str = ""
    source: str = ""
    codes: tuple[FrameworkCode, ...] = ()
    breaks: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    is_mean_of_months: bool = False
    is_caseload: bool = False
    is_stock: bool = False
    is_clustered: bool = False
    is_known: bool = True

    @property
    def label(self) -> str:
        """The short name, or the full one where there is none."""
        return self.short or self.name
