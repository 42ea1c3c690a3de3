"""What a cell of a dataset stands for: how it was rounded, and the interval that this leaves."""

from __future__ import annotations

__all__ = ["Estimate", "cell_estimate", "decimal_of", "limits", "roundings"]

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.claims.rows import Places, Rows
from s75lib.loaders.schemas import DATASETS
from s75lib.stats.rounding import Attainable, exact_fraction

# Whole things, which are counted and not measured.
_COUNTED = frozenset({"count", "people", "cases", "packages", "respondents", "score", "rank"})


@dataclass(frozen=True)
class Estimate:
    """A recomputed figure.

    Parameters
    ----------
    central : Fraction
        From the inputs as they stand.
    bounds : Attainable
        What it can have been, the inputs being rounded.
    rows : int
        Rows used.
    """

    central: Fraction
    bounds: Attainable
    rows: int

    def times(self, factor: int) -> Estimate:
        """Multiply by a positive whole number."""
        bounds = Attainable(self.bounds.low * factor, self.bounds.high * factor)
        return Estimate(self.central * factor, bounds, self.rows)


def cell_estimate(dataset: str, name: str, value: float, place: float) -> Estimate:
    """Give a cell with its interval.

    Parameters
    ----------
    dataset, name : str
        The column.
    value : float
    place : float
        Unit that it was rounded to; 0 for what is exact.

    Returns
    -------
    Estimate
        Within the bounds of the column.
    """
    central, half = Fraction(decimal_of(value)), exact_fraction(place) / 2
    low, high = central - half, central + half
    least, most = limits(dataset, name)
    if least <= central <= most:
        low = max(low, exact_fraction(least)) if math.isfinite(least) else low
        high = min(high, exact_fraction(most)) if math.isfinite(most) else high
    return Estimate(central, Attainable(low, high), 1)


def decimal_of(value: float) -> Decimal:
    """Read a cell to nine places: further ones are noise of floating point.

    Parameters
    ----------
    value : float

    Returns
    -------
    Decimal
    """
    return Decimal(str(round(float(value), 9)))


def limits(dataset: str, name: str) -> tuple[float, float]:
    """Give the bounds that the true value keeps too, such as 0 and 100 for a percentage.

    Parameters
    ----------
    dataset, name : str
        The column.

    Returns
    -------
    tuple of float
        Infinite where there is none.
    """
    column = DATASETS[dataset].column(name)
    least = 0.0 if dataset == "kpi" else column.minimum
    return -math.inf if least is None else least, math.inf if column.maximum is None else column.maximum


def roundings(rows: Rows, name: str, places: Places) -> npt.NDArray[np.float64]:
    """Give for each row the unit that its cell was rounded to; nought for what is exact.

    Parameters
    ----------
    rows : Rows
        The whole dataset, from which the places of a column are read where nothing states them.
    name : str
        The column.
    places : ndarray of int
        The rows asked for.

    Returns
    -------
    ndarray of float
    """
    dataset = rows.dataset
    column = DATASETS[dataset].column(name)
    if column.kind == "count" or dataset == "assumptions" or (dataset == "kpi" and name != "value"):
        return np.zeros(len(places))
    if dataset == "budget" and "rounded_to" in rows.frame.columns:
        stated = rows.cells("rounded_to", places)
        return np.where(np.isnan(stated), rows.finest(name), stated)
    if dataset in ("kpi", "facts"):
        decimals = (
            rows.cells("decimals", places) if "decimals" in rows.frame.columns else [None] * len(places)
        )
        cells = zip(rows.cells("unit", places), rows.cells(name, places), decimals, strict=True)
        return np.array([_of_decimals(rows, name, *cell) for cell in cells])
    return np.full(len(places), rows.finest(name))


def _of_decimals(rows: Rows, name: str, unit: str, value: float, decimals: float | None) -> float:
    stated = None if pd.isna(decimals) else int(decimals)
    if unit in _COUNTED and value % 1 == 0 and (stated is None or stated >= 0):
        return 0.0
    return rows.finest(name, unit) if stated is None else float(f"1e{-stated}")
