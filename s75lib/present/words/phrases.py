"""Words around numbers: nouns, verbs, lists, days."""

from __future__ import annotations

__all__ = ["count_noun", "day", "join", "rose_fell"]

from collections.abc import Sequence
from datetime import date, datetime

import pandas as pd

from s75lib.present.words.numbers import number


def count_noun(count: float, noun: str, plural: str = "") -> str:
    """Write a count with its noun.

    Parameters
    ----------
    count : float
    noun, plural : str
        The plural is the noun with an s unless given.

    Returns
    -------
    str

    Examples
    --------
    >>> count_noun(1, "person", "people"), count_noun(273, "person", "people"), count_noun(0, "month")
    ('1 person', '273 people', '0 months')
    """
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def rose_fell(change: float, tolerance: float = 0.0) -> str:
    """Choose the verb for a change.

    Parameters
    ----------
    change : float
    tolerance : float
        Changes no larger than this count as none.

    Returns
    -------
    str

    Examples
    --------
    >>> rose_fell(0.7), rose_fell(-8), rose_fell(0)
    ('rose', 'fell', 'did not change')
    """
    if abs(change) <= tolerance:
        return "did not change"
    return "rose" if change > 0 else "fell"


def join(items: Sequence[str], last: str = "and") -> str:
    """Join words as in a sentence.

    Parameters
    ----------
    items : sequence of str
    last : str
        Word before the last one.

    Returns
    -------
    str

    Examples
    --------
    >>> join(["volume"]), join(["volume", "price", "mix"])
    ('volume', 'volume, price and mix')
    """
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def day(when: date | datetime | pd.Timestamp) -> str:
    """Write a day as people do.

    Parameters
    ----------
    when : date or datetime

    Returns
    -------
    str

    Examples
    --------
    >>> day(date(2019, 12, 6))
    '6 December 2019'
    """
    return f"{when.day} {when:%B %Y}"
