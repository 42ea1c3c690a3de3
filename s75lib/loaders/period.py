"""Financial years, quarters and months: how they are written, ordered and named in a path."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from s75lib.errors import ConfigError

_FINANCIAL_YEAR = re.compile(r"(\d{4})/(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = r"(?:Q|Qtr|Quarter) ?(?P<quarter{0}>[1-4])|(?:P|M|Period|Month) ?0?(?P<month{0}>1[0-2]|[1-9])"
_NUMBERED = re.compile(
    rf"(?P<year>\d{{2,4}}[/-]\d{{2,4}})[ ,-]*(?:{_QUARTER.format(1)})"
    rf"|(?:{_QUARTER.format(2)})[ ,-]+(?P<of>\d{{2,4}}[/-]\d{{2,4}})",
    re.ASCII | re.IGNORECASE,
)
_YEARS = re.compile(r"(\d{4}|\d{2})[/-](?:\d{2})?(\d{2})", re.ASCII)

PeriodKind = Literal["month", "quarter", "year"]
"""How long a period is, the shortest first."""


@dataclass(frozen=True, order=True)
class Period:
    """A financial year (1 April to 31 March), a quarter of one (Q1 from April) or a calendar month.

    Periods order by their end.

    - `end`, `start`: Last and first day, both inside the period.

    >>> year = Period.parse("2018/19")
    >>> year.start.isoformat(), year.end.isoformat(), year.slug
    ('2018-04-01', '2019-03-31', 'fy2018-19')
    >>> Period.parse("2019-01").previous().label
    '2018-12'
    >>> quarter = Period.parse("2019/20-Q3")
    >>> quarter.label, quarter.slug, quarter.previous().label
    ('Q3 2019/20', 'fy2019-20-q3', 'Q2 2019/20')
    >>> Period.parse("2018-12") < year < quarter
    True
    """

    end: date
    start: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2018/19``, ``2018/19-Q3`` or ``2018-12``; a ConfigError shows the forms for any other text.

        A quarter may be written as people do: ``Q3 2018/19``, ``2018-19 Q3``, ``18/19 Q3``; and a month as
        finance does, P1 for April: ``P8 2018/19``, ``2018-19 M8``.
        """
        if match := _FINANCIAL_YEAR.fullmatch(text):
            first = int(match[1])
            if 1900 <= first < 2200 and int(match[2]) == (first + 1) % 100:
                return cls(end=date(first + 1, 3, 31), start=date(first, 4, 1))
        elif match := _MONTH.fullmatch(text):
            year, month = int(match[1]), int(match[2])
            if 1900 <= year < 2200 and 1 <= month <= 12:
                return cls.month(year, month)
        elif match := _NUMBERED.fullmatch(text):
            years = _YEARS.fullmatch(match["year"] or match["of"])
            if years and int(years[2]) == (int(years[1]) + 1) % 100:
                first = int(years[1]) + (2000 if len(years[1]) == 2 else 0)
                if 1900 <= first < 2200 and (number := match["month1"] or match["month2"]):
                    return cls.month(first + (int(number) > 9), (int(number) + 2) % 12 + 1)
                if 1900 <= first < 2200:
                    return cls.quarter(first, int(match["quarter1"] or match["quarter2"]))
        raise ConfigError(
            f"period: found {text!r}; expected a financial year like '2018/19', a quarter like '2018/19-Q3' "
            "or a month like '2018-12'."
        )

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """Give the calendar month, from 1 to 12, of a year."""
        last = calendar.monthrange(year, month)[1]
        return cls(end=date(year, month, last), start=date(year, month, 1))

    @classmethod
    def quarter(cls, first: int, number: int) -> Period:
        """Give a quarter, 1 (April to June) to 4, of the financial year that begins in `first`."""
        months = [
            cls.month(first + (month > 12), (month - 1) % 12 + 1)
            for month in range(3 * number + 1, 3 * number + 4)
        ]
        return cls(end=months[-1].end, start=months[0].start)

    @property
    def kind(self) -> PeriodKind:
        """How long it is."""
        return "month" if self.days <= 31 else "quarter" if self.days <= 92 else "year"

    @property
    def label(self) -> str:
        """As people write it: ``2018/19``, ``Q3 2018/19`` or ``2018-12``."""
        if self.kind == "month":
            return f"{self.start:%Y-%m}"
        if self.kind == "year":
            return f"{self.start.year}/{self.end.year % 100:02d}"
        return f"Q{self._number} {financial_year_of(self.start).label}"

    @property
    def slug(self) -> str:
        """As a path holds it: ``fy2018-19``, ``fy2018-19-q3`` or ``2018-12``."""
        if self.kind == "month":
            return self.label
        year = financial_year_of(self.start).label.replace("/", "-")
        return f"fy{year}" if self.kind == "year" else f"fy{year}-q{self._number}"

    @property
    def _number(self) -> int:
        """Which quarter of its financial year it begins in."""
        return (self.start.month - 4) % 12 // 3 + 1

    @property
    def days(self) -> int:
        """Days in the period, both ends counted: 365 or 366 for a year."""
        return (self.end - self.start).days + 1

    def includes(self, day: date) -> bool:
        """Whether a day, or a time of it, lies in the period."""
        return (self.start.year, self.start.month) <= (day.year, day.month) <= (self.end.year, self.end.month)

    def matching(self, day: date) -> date:
        """Give the day in it that answers to a later one: of a year the end of the same month, else its end.

        >>> Period.parse("2023/24").matching(date(2025, 12, 19)).isoformat()
        '2023-12-31'
        """
        if self.kind != "year":
            return self.end
        return Period.month(self.start.year + (day.month < 4), day.month).end

    def months_back(self, day: date) -> int:
        """Count the months from a later day back to the one that answers to it.

        >>> Period.parse("2023/24").months_back(date(2025, 12, 1))
        24
        """
        then = self.matching(day)
        return 12 * (day.year - then.year) + day.month - then.month

    def previous(self) -> Period:
        """Give the period of the same kind just before this one."""
        last = self.start - timedelta(days=1)
        if self.kind == "month":
            return Period.month(last.year, last.month)
        year = financial_year_of(last)
        return year if self.kind == "year" else Period.quarter(year.start.year, (self._number - 2) % 4 + 1)


def last_day(text: str) -> date:
    """Give the last day of what a cell names: a day, or a period as its label writes it.

    - `text`: ``2019-12-31``, ``2019-12``, ``Q3 2019/20`` or ``2019/20``, or ``2019-04 to 2019-12``.

    ConfigError if it is neither.

    >>> last_day("2019-09-26").isoformat(), last_day("Q3 2019/20").isoformat()
    ('2019-09-26', '2019-12-31')
    >>> last_day("2019-04 to 2019-12").isoformat()
    '2019-12-31'
    """
    text = text.rpartition(" to ")[2]
    return date.fromisoformat(text) if text.count("-") == 2 else Period.parse(text).end


def financial_year_of(day: date) -> Period:
    """Give the financial year, from 1 April to 31 March, that a day falls in.

    Parameters
    ----------
    day : datetime.date
        Any day.

    Examples
    --------
    >>> financial_year_of(date(2020, 3, 31)).label, financial_year_of(date(2020, 4, 1)).label
    ('2019/20', '2020/21')
    """
    first = day.year if day.month >= 4 else day.year - 1
    return Period(end=date(first + 1, 3, 31), start=date(first, 4, 1))
