"""The snapshots of a budget monitor: which there are, what they are called, which two to compare."""

from __future__ import annotations

__all__ = ["Snapshot", "comparisons", "of_latest_year", "rounding", "snapshots"]

from dataclasses import dataclass

import pandas as pd

from s75lib.errors import MethodError


@dataclass(frozen=True, order=True)
class Snapshot:
    """One issue of the budget monitor.

    Parameters
    ----------
    as_at : Timestamp
        Day of the snapshot.
    label : str
        Its printed name, such as Q1; else the month.
    financial_year : str
        Year of the budget, such as 2019/20.
    """

    as_at: pd.Timestamp
    label: str
    financial_year: str

    @property
    def day(self) -> str:
        """The day as people write it."""
        return f"{self.as_at.day} {self.as_at:%B %Y}"


def snapshots(budget: pd.DataFrame) -> tuple[Snapshot, ...]:
    """List the snapshots of a budget monitor.

    Parameters
    ----------
    budget : DataFrame
        The contract's `budget`.

    Returns
    -------
    tuple of Snapshot
        Earliest first; empty for an empty monitor.

    Examples
    --------
    >>> monitor = pd.DataFrame({"as_at": pd.to_datetime(["2019-06-30"]), "snapshot_label": ["Q1"],
    ...                         "financial_year": ["2019/20"]})
    >>> snapshots(monitor)[0].label
    'Q1'
    """
    first = budget.drop_duplicates("as_at").sort_values("as_at")
    return tuple(
        Snapshot(day, label or f"{day:%b %Y}", year)
        for day, label, year in zip(
            first["as_at"], first["snapshot_label"], first["financial_year"], strict=True
        )
    )


def of_latest_year(budget: pd.DataFrame) -> tuple[Snapshot, ...]:
    """List the snapshots of the latest financial year alone.

    Parameters
    ----------
    budget : DataFrame

    Returns
    -------
    tuple of Snapshot
        Earliest first.

    Notes
    -----
    A commitment is the cost for one year, so snapshots of two years do not make one movement.
    """
    every = snapshots(budget)
    return tuple(s for s in every if s.financial_year == every[-1].financial_year)


def comparisons(budget: pd.DataFrame) -> dict[str, tuple[Snapshot, Snapshot]]:
    """Pair the snapshots whose movement a board asks about.

    Parameters
    ----------
    budget : DataFrame

    Returns
    -------
    dict of str to tuple of Snapshot
        ``year`` from the latest year's first snapshot to its latest, ``last`` from the one before the
        latest. Empty for fewer than two snapshots in the year; ``last`` is left out where both are the same.
    """
    here = of_latest_year(budget)
    if len(here) < 2:
        return {}
    pairs = {"year": (here[0], here[-1])}
    return pairs if len(here) == 2 else pairs | {"last": (here[-2], here[-1])}


def rounding(budget: pd.DataFrame) -> float:
    """Give the coarsest rounding of a monitor's money.

    Parameters
    ----------
    budget : DataFrame

    Returns
    -------
    float
        In £; 1 where nothing is said.

    Raises
    ------
    MethodError
        If the monitor has no row.
    """
    if budget.empty:
        raise MethodError("found a budget monitor without a row; expected at least one. Supply the dataset.")
    stated = budget["rounded_to"].max()
    return float(stated) if pd.notna(stated) and stated > 0 else 1.0
