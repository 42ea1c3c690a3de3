"""One row of the scorecard."""

from __future__ import annotations

__all__ = ["SHAPES", "Measure", "on", "when"]

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from s75lib.scorecard.days import brief

Status = Literal["good", "bad", "watch", "level", "unknown"]

SHAPES: dict[Status, str] = {"good": "✓", "bad": "✗", "watch": "!", "level": "●", "unknown": "–"}
"""A shape for each status: met or better, missed or worse, to be watched, no clear change, not judged."""


@dataclass(frozen=True)
class Measure:
    """A measure of the partnership, as a board reads it.

    Parameters
    ----------
    area : str
        Budget, Workload, Indicators, Risk or Actions.
    name : str
        What is measured, as it stands after the area's name.
    latest, against, change, interval : str
        In words; empty where there is none. `against` is what the latest figure is set against: a budget, a
        target, a period before.
    status : Status
    verdict : str
        In words, without its shape.
    as_at : str
        Day or period of the latest figure.
    value : float or None
        The number that the verdict turns on.
    unit : str
        Of `value`.
    """

    area: str
    name: str
    latest: str
    against: str
    change: str
    interval: str
    status: Status
    verdict: str
    as_at: str
    value: float | None = None
    unit: str = ""

    @property
    def judged(self) -> str:
        """The verdict with the shape of its status: no meaning rests on colour."""
        return f"{SHAPES[self.status]} {self.verdict}"


def when(period: str) -> str:
    """Write a financial year, a month or a day as short as a cell.

    Parameters
    ----------
    period : str
        Such as ``2018/19``, ``2019-12`` or ``2019-12-31``.

    Returns
    -------
    str

    Examples
    --------
    >>> when("2018/19"), when("2019-12").split()
    ('2018/19', ['Dec', '2019'])
    """
    return period if "/" in period else brief(period)


def on(day: pd.Timestamp) -> str:
    """Write a day as short as a cell.

    Parameters
    ----------
    day : Timestamp

    Returns
    -------
    str
    """
    return brief(f"{day:%Y-%m-%d}")
