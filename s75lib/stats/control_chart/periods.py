"""Period labels as places on a regular grid, so that missing periods show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError

PeriodLabel = str | int
Periods = Sequence[PeriodLabel] | pd.Index | pd.Series | npt.NDArray[Any]
Unit = Literal["month", "quarter", "number"]

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:-\d{2})?")
_QUARTER = re.compile(r"(\d{4})-(01 to \1-03|04 to \1-06|07 to \1-09|10 to \1-12)")


@dataclass(frozen=True)
class Grid:
    """Every period from the first to the last, and where each given value stands among them.

    `start` is the ordinal of the first period, `labels` name them all (2018-12 or a plain number), `places`
    is the row of each given value.
    """

    unit: Unit
    start: int
    labels: list[str] | list[int]
    places: npt.NDArray[np.intp]


def grid_of(periods: Periods | None, count: int) -> Grid:
    """Lay as many periods as there are values on a grid without holes; None numbers the values from 1.

    Months (2018-12 or ISO dates), quarters (2018-10 to 2018-12) or whole numbers, in any order but of one
    kind; MethodError where one is not understood or repeats.

    >>> grid_of(["2018-11", "2019-01"], 2).labels
    ['2018-11', '2018-12', '2019-01']
    """
    if periods is None:
        return Grid("number", 1, list(range(1, count + 1)), np.arange(count))
    if len(periods) != count:
        raise MethodError(
            f"periods: found {len(periods)} for {count} values; expected one each. Give a period per value."
        )
    if count == 0:
        return Grid("number", 1, [], np.arange(0))
    # 1, 1.0 and True are one key to a cache; their types keep them apart.
    return _grid(tuple(periods), frozenset(map(type, periods)))


# Kept: the series of one report share their months.
@lru_cache(maxsize=64)
def _grid(periods: tuple[object, ...], _kinds: frozenset[type]) -> Grid:
    parsed = [_parse(period) for period in periods]
    units = {unit for unit, _ in parsed}
    if len(units) > 1:
        raise MethodError(
            f"periods: found {' and '.join(sorted(units))} labels together; expected one kind. "
            "Chart each kind by itself."
        )
    ordinals = np.fromiter((ordinal for _, ordinal in parsed), dtype=np.intp, count=len(parsed))
    unit, start = parsed[0][0], int(ordinals.min())
    labels = _labels(unit, start, int(ordinals.max()))
    places = ordinals - start
    repeated = np.flatnonzero(np.bincount(places, minlength=len(labels)) > 1)
    if repeated.size:
        raise MethodError(
            f"periods: found {labels[repeated[0]]} more than once; expected one value per {unit}. "
            "Add the values up first, or number the points."
        )
    return Grid(unit, start, labels, places)


def place_of(grid: Grid, period: PeriodLabel) -> int:
    """Row on the grid of a period to rebase from; MethodError when its kind differs."""
    unit, ordinal = _parse(period)
    if unit != grid.unit:
        raise MethodError(
            f"rebase: found {period!r}, a {unit}; expected a {grid.unit} like {grid.labels[0]}. "
            "Name it as the periods of the series are named."
        )
    return ordinal - grid.start


def spread(grid: Grid, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Values on their rows of the grid; NaN where a period has none."""
    full = np.full(len(grid.labels), np.nan)
    full[grid.places] = values
    return full


def _parse(period: object) -> tuple[Unit, int]:
    if isinstance(period, str):
        if month := _MONTH.fullmatch(period):
            return "month", int(month[1]) * 12 + int(month[2]) - 1
        if quarter := _QUARTER.fullmatch(period):
            return "quarter", int(quarter[1]) * 4 + int(quarter[2][:2]) // 3
    elif isinstance(period, (int, np.integer)) and not isinstance(period, bool):
        return "number", int(period)
    raise MethodError(
        f"periods: found {period!r}; expected a month (2018-12), a quarter (2018-10 to 2018-12) or a whole "
        "number. Rename the period."
    )


def _labels(unit: Unit, first: int, last: int) -> list[str] | list[int]:
    span = range(first, last + 1)
    if unit == "month":
        return [f"{ordinal // 12:04d}-{ordinal % 12 + 1:02d}" for ordinal in span]
    if unit == "quarter":
        firsts = [(quarter // 4, quarter % 4 * 3 + 1) for quarter in span]
        return [f"{year:04d}-{first:02d} to {year:04d}-{first + 2:02d}" for year, first in firsts]
    return list(span)
