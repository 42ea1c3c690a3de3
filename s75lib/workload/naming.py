"""Names that a reader knows for measures, months and places; small counts of people in words."""

from __future__ import annotations

__all__ = ["GROUPS", "Place", "few", "is_stock", "measure_name", "month_name", "one", "place"]

from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from s75lib.loaders.schemas import MEASURES
from s75lib.present import words

_NAMES = {
    "case_allocation_requests": ("case allocation requests", "request"),
    "assessments": ("assessments", "assessment"),
    "reviews": ("reviews", "review"),
    "carers_assessments": ("carers' assessments", "carer's assessment"),
    "mha_assessments": ("Mental Health Act assessments", "Mental Health Act assessment"),
    "safeguarding_concerns": ("safeguarding concerns", "safeguarding concern"),
    "safeguarding_enquiries": ("safeguarding enquiries", "safeguarding enquiry"),
    "delayed_people": ("people delayed at month end", "person delayed"),
    "delayed_days": ("days of delay", "day of delay"),
    "complaints": ("complaints", "complaint"),
    "information_requests": ("information requests", "information request"),
    "open_cases": ("open cases at month end", "open case"),
    "waiting": ("people waiting at month end", "person waiting"),
    "admissions": ("permanent admissions", "permanent admission"),
}
GROUPS = {"AMH": "Adult mental health", "OPMH": "Older people's mental health", "": "All"}


@dataclass(frozen=True)
class Place:
    """Whose figures are shown, and from how many people on.

    Parameters
    ----------
    name : str
        Of the authority.
    threshold : int
        Counts of people below it are hidden.
    published : frozenset of str
        Datasets in the public domain, which are shown as printed.
    """

    name: str
    threshold: int = 5
    published: frozenset[str] = frozenset()

    def least(self, dataset: str) -> int:
        """Smallest count of people that may be shown from a dataset.

        Parameters
        ----------
        dataset : str

        Returns
        -------
        int
            0 where the dataset is published.
        """
        return 0 if dataset in self.published else self.threshold


class _Data(Protocol):
    @property
    def authority(self) -> Any: ...


def place(data: _Data) -> Place:
    """Give name, disclosure threshold and published datasets of an authority's data.

    Parameters
    ----------
    data : AuthorityData

    Returns
    -------
    Place
    """
    who = data.authority
    return Place(who.name, who.disclosure_threshold, frozenset(who.published.datasets))


def measure_name(measure: str) -> str:
    """Name what a measure counts, in the plural.

    Parameters
    ----------
    measure : str
        One of the contract's vocabulary.

    Returns
    -------
    str

    Examples
    --------
    >>> measure_name("carers_assessments")
    "carers' assessments"
    """
    return _NAMES[measure][0] if measure in _NAMES else measure.replace("_", " ")


def one(measure: str) -> str:
    """Name one event of a measure.

    Parameters
    ----------
    measure : str

    Returns
    -------
    str

    Examples
    --------
    >>> one("safeguarding_enquiries")
    'safeguarding enquiry'
    """
    return _NAMES[measure][1] if measure in _NAMES else measure.replace("_", " ")


def is_stock(measure: str) -> bool:
    """Whether a measure is a count on one day, which does not add up over months.

    Parameters
    ----------
    measure : str

    Returns
    -------
    bool
    """
    return measure in MEASURES and MEASURES[measure][0] == "stock"


def month_name(month: pd.Timestamp, *, short: bool = False) -> str:
    """Write a month as people do.

    Parameters
    ----------
    month : Timestamp
    short : bool
        Three letters of the month.

    Returns
    -------
    str

    Examples
    --------
    >>> month_name(pd.Timestamp("2019-08-01")), month_name(pd.Timestamp("2019-08-01"), short=True)
    ('August 2019', 'Aug 2019')
    """
    return f"{month:%b %Y}" if short else f"{month:%B %Y}"


def few(count: float, least: int) -> str:
    """Write a count of people, hidden where it is small.

    Parameters
    ----------
    count : float
    least : int
        Smallest count that may be shown; nought is always shown.

    Returns
    -------
    str

    Examples
    --------
    >>> few(3, 5), few(0, 5), few(12, 5), few(3, 0)
    ('fewer than 5', '0', '12', '3')
    """
    return f"fewer than {least}" if 0 < count < least else words.number(count)
