"""When each row was known, and what was known by the end of a period."""

from __future__ import annotations

__all__ = ["NothingDatedError", "check_reach", "cut", "known_days", "latest_period"]

from dataclasses import replace
from datetime import date

import pandas as pd

from s75lib.errors import ConfigError
from s75lib.loaders.authority import Authority
from s75lib.loaders.period import Period, financial_year_of
from s75lib.loaders.quality import Held
from s75lib.loaders.schemas import DATASETS, Dataset


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
    ends = {cell: _end_of(cell) for cell in cells.unique()}
    return pd.to_datetime(cells.map(ends)).astype("datetime64[s]")


def cut(held: Held, dataset: Dataset, period: Period) -> Held:
    """Leave out the rows that were not known by the end of a period.

    Parameters
    ----------
    held : Held
    dataset : Dataset
    period : Period

    Returns
    -------
    Held
        The same where nothing is left out.
    """
    known = known_days(held.frame, dataset)
    if known.empty:
        return held
    kept = (known <= pd.Timestamp(period.end)).to_numpy()
    if kept.all():
        return held
    return replace(held, frame=held.frame[kept].reset_index(drop=True), rows=held.rows[kept])


def latest_period(who: Authority, frames: dict[str, pd.DataFrame], *, faulty: bool) -> Period:
    """Find the latest financial year of which anything is known.

    Parameters
    ----------
    who : Authority
    frames : dict of str to DataFrame
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
    days = _days(frames)
    if days:
        return financial_year_of(max(last for _, last in days))
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


def check_reach(who: Authority, frames: dict[str, pd.DataFrame], period: Period) -> None:
    """Refuse a period that ends before anything was known.

    Parameters
    ----------
    who : Authority
    frames : dict of str to DataFrame
    period : Period

    Raises
    ------
    ConfigError
        Naming the first period that would do.
    """
    days = _days(frames)
    first = min((first for first, _ in days), default=period.end)
    if first > period.end:
        raise ConfigError(
            f"{who.slug}: found no data known by the end of {period.label}; expected a period "
            f"from {financial_year_of(first).label} on."
        )


def _days(frames: dict[str, pd.DataFrame]) -> list[tuple[date, date]]:
    """Give the first and the last day of each dataset that is dated."""
    known = [known_days(frame, DATASETS[name]) for name, frame in frames.items()]
    return [(days.min().date(), days.max().date()) for days in known if len(days)]


def _end_of(cell: str) -> date:
    return date.fromisoformat(cell) if len(cell) == 10 else Period.parse(cell).end
