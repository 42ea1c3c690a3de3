"""The terms of an agreement as rows, so that what documents say of its length can be recomputed."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from s75lib.loaders import AuthorityData
from s75lib.loaders.partnership import Agreement
from s75lib.loaders.schemas import DATASETS, Column, Dataset

TERMS = Dataset(
    "agreement",
    "term of the agreement in authority.toml",
    (
        Column("kind", "term or extension", choices=("term", "extension")),
        Column("status", "agreed or proposed", choices=("agreed", "proposed")),
        Column("start", "first day", "date"),
        Column("end", "last day", "date"),
        Column("months", "months, first and last day included", "number", unit="months"),
        Column("years", "the same in years", "number", unit="years"),
    ),
    key=("kind", "start"),
)
SOURCES = {**DATASETS, TERMS.name: TERMS}
"""Every dataset that a claim may name: those of the contract, and the agreement's terms."""


def terms(agreement: Agreement) -> pd.DataFrame:
    """Set out the first term and each extension, with their lengths.

    A term that includes an agreed extension is cut where the extension begins.

    >>> from s75lib.loaders import read_authority
    >>> terms(read_authority("coventry", "data").agreement)[["kind", "status", "months"]].values.tolist()
    [['term', 'agreed', 36.0], ['extension', 'agreed', 12.0], ['extension', 'proposed', 12.0]]
    """
    rows = [("extension", one.status, one.start, one.end) for one in agreement.extensions]
    if agreement.start and agreement.end:
        agreed = [one.start for one in agreement.extensions if one.status == "agreed"]
        last = min([agreement.end, *(day - timedelta(days=1) for day in agreed)])
        rows.insert(0, ("term", "agreed", agreement.start, last))
    months = [_months(start, end + timedelta(days=1)) for *_, start, end in rows]
    frame = pd.DataFrame(rows, columns=["kind", "status", "start", "end"])
    frame[["start", "end"]] = frame[["start", "end"]].apply(pd.to_datetime)
    return frame.assign(months=months, years=[count / 12 for count in months])


def _months(first: date, after: date) -> float:
    """Give the months from one day to another, parts of a month by its days."""
    whole = 12 * (after.year - first.year) + after.month - first.month
    return whole + (after.day - first.day) / pd.Timestamp(first).days_in_month


def checked_against(data: AuthorityData) -> Mapping[str, pd.DataFrame]:
    """Give the frames of all datasets that an authority's claims may name."""
    return ChainMap({TERMS.name: terms(data.authority.agreement)}, data.frames)
