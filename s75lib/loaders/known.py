"""When each row was known, and what was known by the end of a period."""

from __future__ import annotations

__all__ = ["NothingDatedError", "check_reach", "cut", "known_days", "latest_period"]

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from s75lib.errors import ConfigError
from s75lib.loaders.authority import Authority
from s75lib.loaders.period import Period, financial_year_of
from s75lib.loaders.quality import Held
from s75lib.loaders.schemas import Dataset


class NothingDatedError(ConfigError):
    """Nothing that is held says of which period it is: no latest one can be found."""


def known_days(frame: pd.DataFrame, dataset: Dataset) -> pd.Series:
    """Give the day on which each row was known.

    Parameters
    ----------
    frame : DataFrame
        Typed, of the dataset.
    dataset : Dataset

    Returns
    -------
    Series of datetime64
        As long as the frame; of no rows for what has no date of its own. A month or a financial year is
        known on its last day.

    Examples
    --------
    >>> from s75lib.loaders.schemas import DATASETS
    >>> frame = pd.DataFrame({"period": ["2018/19", "2018-12"]})
    >>> known_days(frame, DATASETS["kpi"]).dt.strftime("%Y-%m-%d").to_list()
    ['2019-03-31', '2018-12-31']
    """
    if not dataset.dated_by or frame.empty:
        return pd.Series(dtype="datetime64[s]")
    cells = frame[dataset.dated_by]
    kind = dataset.column(dataset.dated_by).kind
    if kind == "date":
        return cells
    if kind == "month":
        return cells + pd.offsets.MonthEnd(0)
    codes, distinct = pd.factorize(cells)
    ends = np.array([_end_of(cell) for cell in distinct], dtype="datetime64[s]")
    return pd.Series(ends[codes], index=cells.index)


def cut(held: Held, days: pd.Series, period: Period) -> Held:
    """Leave out the rows that were not known by the end of a period.

    Parameters
    ----------
    held : Held
    days : Series of datetime64
        When its rows were known, by `known_days`.
    period : Period

    Returns
    -------
    Held
        The same where nothing is left out.
    """
    if days.empty:
        return held
    kept = (days <= pd.Timestamp(period.end)).to_numpy()
    if kept.all():
        return held
    return replace(held, frame=held.frame[kept].reset_index(drop=True), rows=held.rows[kept])


def latest_period(who: Authority, days: Iterable[pd.Series], *, faulty: bool) -> Period:
    """Find the latest financial year of which anything is known.

    Parameters
    ----------
    who : Authority
    days : iterable of Series of datetime64
        When the rows of each dataset were known.
    faulty : bool
        Whether datasets were left out for their faults.

    Returns
    -------
    Period
        Of the last dated row; else of the last document, or of the start of the agreement; else, where there
        are faults to be told, the present one.

    Raises
    ------
    NothingDatedError
        If nothing is dated.
    """
    last = [known.max() for known in days if len(known)]
    if last:
        return financial_year_of(max(last).date())
    dated = [document.date for document in who.documents if document.date]
    if dated:
        return financial_year_of(max(dated))
    if who.agreement.start:
        return financial_year_of(who.agreement.start)
    if faulty:
        return financial_year_of(date.today())
    raise NothingDatedError(
        f"{who.slug}: found no dated row in any dataset; expected at least one, or "
        f"name a period with --period. 's75 check {who.slug}' says what is there."
    )


def check_reach(who: Authority, days: Iterable[pd.Series], period: Period) -> None:
    """Refuse a period that ends before anything was known.

    Parameters
    ----------
    who : Authority
    days : iterable of Series of datetime64
        When the rows of each dataset were known.
    period : Period

    Raises
    ------
    ConfigError
        Naming the first period that would do.
    """
    first = min((known.min().date() for known in days if len(known)), default=period.end)
    if first > period.end:
        raise ConfigError(
            f"{who.slug}: found no data known by the end of {period.label}; expected a period "
            f"from {financial_year_of(first).label} on."
        )


def _end_of(cell: str) -> date:
    return date.fromisoformat(cell) if len(cell) == 10 else Period.parse(cell).end
