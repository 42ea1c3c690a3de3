"""Names that a reader knows for measures, months and places."""

from __future__ import annotations

__all__ = ["GROUPS", "Place", "capital", "is_stock", "measure_name", "month_name", "place"]

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from s75lib.loaders import AuthorityData
from s75lib.loaders.schemas import MEASURES

_NAMES = {
    "carers_assessments": "carers' assessments",
    "mha_assessments": "Mental Health Act assessments",
    "delayed_people": "people delayed at month end",
    "delayed_days": "days of delay",
    "open_cases": "open cases at month end",
    "waiting": "people waiting at month end",
    "admissions": "permanent admissions",
}
GROUPS = {"AMH": "Adult mental health", "OPMH": "Older people's mental health", "": "All"}


@dataclass(frozen=True)
class Place:
    """Whose figures are shown, and from how many people on.

    Parameters
    ----------
    name : str
        Of the authority.
    fewest : mapping of str to int
        By dataset, the fewest people that a count may show; 1 shows all.
    """

    name: str
    fewest: Mapping[str, int] = field(repr=False)


def place(data: AuthorityData) -> Place:
    """Give the name of an authority and the fewest people that counts from its datasets may show.

    Parameters
    ----------
    data : AuthorityData

    Returns
    -------
    Place
    """
    return Place(data.authority.name, {dataset: data.fewest_shown(dataset) for dataset in data.frames})


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
    return _NAMES.get(measure, measure.replace("_", " "))


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


def capital(text: str) -> str:
    """Begin a text with a capital letter, and leave the rest.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> capital("carers' assessments in Alder")
    "Carers' assessments in Alder"
    """
    return text[:1].upper() + text[1:]
