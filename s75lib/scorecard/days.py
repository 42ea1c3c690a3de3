"""Days and months of registers and plans: the last day that each stands for, and how they are written."""

from __future__ import annotations

__all__ = ["as_known", "brief", "last_day", "written"]

import re
from collections.abc import Iterable
from datetime import date

import pandas as pd

from s75lib.present import words

HARD_SPACE = "\u00a0"
"""A space at which no line breaks."""

_MONTH = re.compile(r"\d{4}-\d{2}")


def last_day(text: str) -> pd.Timestamp:
    """Give the last day that a day or a month stands for.

    Parameters
    ----------
    text : str
        ``2019-09-26`` or ``2019-11``; empty: no day.

    Returns
    -------
    Timestamp
        NaT for an empty text.

    Examples
    --------
    >>> last_day("2019-11").date().isoformat(), last_day("2019-09-26").date().isoformat(), last_day("")
    ('2019-11-30', '2019-09-26', NaT)
    """
    if not text:
        return pd.NaT  # type: ignore[return-value]
    day = pd.Timestamp(text)
    return day + pd.offsets.MonthEnd(0) if _MONTH.fullmatch(text) else day


def written(text: str) -> str:
    """Write a day or a month as people do.

    Parameters
    ----------
    text : str
        As in `last_day`.

    Returns
    -------
    str

    Examples
    --------
    >>> written("2019-11"), written("2019-09-26"), written("")
    ('November 2019', '26 September 2019', '')
    """
    if not text:
        return ""
    return f"{pd.Timestamp(text):%B %Y}" if _MONTH.fullmatch(text) else words.day(pd.Timestamp(text))


def brief(text: str) -> str:
    """Write a day or a month as short as a table's cell, without a place to break it.

    Parameters
    ----------
    text : str
        As in `last_day`.

    Returns
    -------
    str

    Examples
    --------
    >>> brief("2019-11").replace(HARD_SPACE, "_"), brief("2019-09-26").replace(HARD_SPACE, "_"), brief("")
    ('Nov_2019', '26_Sep_2019', '')
    """
    if not text:
        return ""
    when = pd.Timestamp(text)
    said = f"{when:%b %Y}" if _MONTH.fullmatch(text) else f"{when.day} {when:%b %Y}"
    return said.replace(" ", HARD_SPACE)


def as_known(end: date, known_to: date | None, documents: Iterable[date | None] = ()) -> pd.Timestamp:
    """Give the day against which what is due is judged.

    Parameters
    ----------
    end : date
        Last day of the report's period.
    known_to : date or None
        Last day that a dated row was known.
    documents : iterable of date or None
        Days of the source documents.

    Returns
    -------
    Timestamp
        The last day that anything was known of, at most the end of the period; the end of the period where
        nothing is dated.

    Notes
    -----
    An action that was open in a paper of July is not overdue because a report on the year to March lists it.

    Examples
    --------
    >>> as_known(date(2018, 3, 31), date(2017, 7, 5), [date(2017, 7, 5)]).date().isoformat()
    '2017-07-05'
    >>> as_known(date(2026, 3, 31), date(2026, 3, 31), [date(2026, 5, 14)]).date().isoformat()
    '2026-03-31'
    """
    known = [day for day in (known_to, *documents) if day is not None]
    return pd.Timestamp(min(max(known), end) if known else end)
