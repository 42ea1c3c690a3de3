"""Financial years and months: how they are written, ordered and named in a path."""

from __future__ import annotations

__all__ = ["Period", "financial_year_of"]

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from s75lib.errors import ConfigError

_FINANCIAL_YEAR = re.compile(r"(\d{4})/(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, order=True)
class Period:
    """A financial year (1 April to 31 March) or a calendar month.

    Periods order by their end, so that a year follows the months inside it.

    Parameters
    ----------
    end, start : datetime.date
        Last and first day, both inside the period.

    Examples
    --------
    >>> year = Period.parse("2018/19")
    >>> year.start.isoformat(), year.end.isoformat(), year.slug
    ('2018-04-01', '2019-03-31', 'fy2018-19')
    >>> Period.parse("2019-01").previous().label
    '2018-12'
    >>> Period.parse("2018-12") < year
    True
    """

    end: date
    start: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2018/19`` or ``2018-12``; a ConfigError shows both forms where the text is neither."""
        if match := _FINANCIAL_YEAR.fullmatch(text):
            first = int(match[1])
            if 1900 <= first < 2200 and int(match[2]) == (first + 1) % 100:
                return cls(end=date(first + 1, 3, 31), start=date(first, 4, 1))
        elif match := _MONTH.fullmatch(text):
            year, month = int(match[1]), int(match[2])
            if 1900 <= year < 2200 and 1 <= month <= 12:
                return cls.month(year, month)
        raise ConfigError(
            f"period: found {text!r}; expected a financial year like '2018/19' or a month like '2018-12'."
        )

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """Give the calendar month, from 1 to 12, of a year."""
        last = calendar.monthrange(year, month)[1]
        return cls(end=date(year, month, last), start=date(year, month, 1))

    @property
    def is_year(self) -> bool:
        """Whether this is a financial year."""
        return self.days > 31

    @property
    def label(self) -> str:
        """As people write it: ``2018/19`` or ``2018-12``."""
        if self.is_year:
            return f"{self.start.year}/{self.end.year % 100:02d}"
        return f"{self.start:%Y-%m}"

    @property
    def slug(self) -> str:
        """As a path holds it: ``fy2018-19`` or ``2018-12``."""
        return f"fy{self.label.replace('/', '-')}" if self.is_year else self.label

    @property
    def days(self) -> int:
        """Days in the period, both ends counted: 365 or 366 for a year."""
        return (self.end - self.start).days + 1

    def previous(self) -> Period:
        """Give the period of the same kind just before this one."""
        last = self.start - timedelta(days=1)
        return financial_year_of(last) if self.is_year else Period.month(last.year, last.month)


def financial_year_of(day: date) -> Period:
    """Give the financial year that a day falls in.

    Parameters
    ----------
    day : datetime.date
        From 1 April of one year to 31 March of the next, in the same financial year.

    Returns
    -------
    Period
        A financial year.

    Examples
    --------
    >>> financial_year_of(date(2020, 3, 31)).label, financial_year_of(date(2020, 4, 1)).label
    ('2019/20', '2020/21')
    """
    first = day.year if day.month >= 4 else day.year - 1
    return Period(end=date(first + 1, 3, 31), start=date(first, 4, 1))
