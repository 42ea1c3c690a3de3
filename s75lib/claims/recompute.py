"""A recipe carried out in exact fractions, each rounded input an interval; percentages that no base gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.claims.recipe import OVER_TIME, Places, Recipe, Rows, Term, UntestableError
from s75lib.claims.terms import SOURCES
from s75lib.errors import MethodError
from s75lib.stats.rounding import (
    Attainable,
    NearestPossible,
    attainable,
    difference,
    exact_fraction,
    grim_consistent,
    grim_denominators,
    nearest_possible,
    pct_change,
    product,
    ratio,
    sum_of,
)

Cells = npt.NDArray[Any]

# Stocks, each complete at one date: a sum over two dates would count everything twice.
_SNAPSHOTS = frozenset({"budget", "staffing", "contributions", "packages", "package_transfers", "workforce"})
# Whole things, which are counted and not measured.
_COUNTED = frozenset({"count", "people", "cases", "packages", "respondents", "score", "rank"})


@dataclass(frozen=True)
class Estimate:
    """A recomputed figure: from the inputs as they stand, what it can have been, and the rows used."""

    central: Fraction
    bounds: Attainable  # the inputs being rounded
    rows: int

    def times(self, factor: int) -> Estimate:
        """Multiply by a positive whole number."""
        bounds = Attainable(self.bounds.low * factor, self.bounds.high * factor)
        return Estimate(self.central * factor, bounds, self.rows)

    def plus(self, other: Estimate) -> Estimate:
        """Add a figure of the same rows."""
        return Estimate(self.central + other.central, sum_of(self.bounds, other.bounds), self.rows)


def cell_estimate(dataset: str, name: str, value: float, place: float) -> Estimate:
    """Give a cell with its interval."""
    central, half = Fraction(decimal_of(value)), exact_fraction(place) / 2
    low, high = central - half, central + half
    least, most = limits(dataset, name)
    if least <= central <= most:
        low = max(low, exact_fraction(least)) if math.isfinite(least) else low
        high = min(high, exact_fraction(most)) if math.isfinite(most) else high
    return Estimate(central, Attainable(low, high), 1)


def decimal_of(value: float) -> Decimal:
    """Read a cell to nine places: further ones are noise of floating point."""
    return Decimal(str(round(float(value), 9)))


def limits(dataset: str, name: str) -> tuple[float, float]:
    """Give the bounds that the true value keeps too, such as 0 and 100 for a percentage."""
    column = SOURCES[dataset].column(name)
    least = 0.0 if dataset == "kpi" else column.minimum
    return -math.inf if least is None else least, math.inf if column.maximum is None else column.maximum


def roundings(rows: Rows, name: str, places: Places) -> npt.NDArray[np.float64]:
    """Give for each row the unit that its cell was rounded to; nought for what is exact."""
    dataset = rows.dataset
    column = SOURCES[dataset].column(name)
    if column.kind == "count" or dataset == "assumptions" or (dataset == "kpi" and name != "value"):
        return np.zeros(len(places))
    if dataset == "budget" and "rounded_to" in rows.frame.columns:
        given = rows.cells("rounded_to", places)
        return np.where(np.isnan(given), rows.finest(name), given)
    if dataset in ("kpi", "facts"):
        stated = "decimals" in rows.frame.columns
        decimals = rows.cells("decimals", places) if stated else [None] * len(places)
        cells = zip(rows.cells("unit", places), rows.cells(name, places), decimals, strict=True)
        return np.array([_of_decimals(rows, name, *cell) for cell in cells])
    return np.full(len(places), rows.finest(name))


def _of_decimals(rows: Rows, name: str, unit: str, value: float, decimals: float | None) -> float:
    stated = None if pd.isna(decimals) else int(decimals)
    if unit in _COUNTED and value % 1 == 0 and (stated is None or stated >= 0):
        return 0.0
    return rows.finest(name, unit) if stated is None else float(f"1e{-stated}")


def as_printed(value: float, decimals: float) -> Attainable:
    """Give the values that a published figure stands for."""
    return attainable(value, int(decimals))


def recompute(recipe: Recipe, rows: Rows) -> Estimate:
    """Recompute a figure.

    Rounding errors of different cells are taken to be independent and as unlucky as they can be, so that
    no true statement falls outside. Counts, targets and assumptions are exact; ``budget.rounded_to`` and
    ``decimals`` of indicators and facts say how those were rounded; other money was rounded to £1, or to
    1p where its column has pence; other figures to the places in which their column is written.
    ``count`` counts rows or, where a column is named, its different values that are not blank.

    >>> frame = pd.DataFrame({"indicator": "cpa_employment", "group": "", "period": ["2017/18", "2018/19"],
    ...     "value": [4.9, 5.6], "unit": "percent", "decimals": 1.0})
    >>> change = Recipe("kpi", (), ("value",), "", "pp_change", "2017/18", "2018/19")
    >>> estimate = recompute(change, Rows("kpi", frame))
    >>> float(estimate.central), [float(end) for end in estimate.bounds]
    (0.7, [0.6, 0.8])
    """
    if recipe.operation not in OVER_TIME:
        return _at_once(recipe, rows, selected(recipe, rows))
    before, after = (
        _total(recipe, rows, _known(rows, (*recipe.terms, Term(recipe.period_column, (end,)))))
        for end in (recipe.period_from, recipe.period_to)
    )
    used = before.rows + after.rows
    if recipe.operation in ("difference", "pp_change"):
        return Estimate(after.central - before.central, difference(before.bounds, after.bounds), used)
    if not before.central:
        said = f"The figure for {recipe.period_from} is nought: nothing can be compared with it."
        raise UntestableError(said)
    try:
        if recipe.operation == "ratio":
            return Estimate(after.central / before.central, ratio(after.bounds, before.bounds), used)
        bounds = pct_change(before.bounds, after.bounds)
    except MethodError:
        said = f"The figure for {recipe.period_from} is so small that it may be nought before rounding."
        raise UntestableError(said) from None
    return Estimate((after.central / before.central - 1) * 100, bounds, used)


def selected(recipe: Recipe, rows: Rows) -> Places:
    """Find the rows of a recipe for one period."""
    if recipe.operation != "count":
        return _known(rows, recipe.terms)
    _known(rows, [term for term in recipe.terms if term.column == recipe.period_column])
    return rows.meeting(recipe.terms)


def _known(rows: Rows, terms: Sequence[Term]) -> Places:
    name = rows.dataset.replace("_", " ")
    if rows.frame.empty:
        raise UntestableError(f"There are no {name} data up to the end of the period.")
    found = rows.meeting(terms)
    if len(found):
        return found
    place = next(n for n in range(1, len(terms) + 1) if not len(rows.meeting(terms[:n])))
    last = terms[place - 1]
    before = " among the rows that meet the rest of the filter" if place > 1 else ""
    wanted = " or ".join(text or "a blank" for text in last.texts)
    raise UntestableError(
        f"The {name} data up to the end of the period have no row with {last.column.replace('_', ' ')} "
        f"{wanted}{before}."
    )


def _at_once(recipe: Recipe, rows: Rows, places: Places) -> Estimate:
    if recipe.operation in ("value", "product") and len(places) != 1:
        raise UntestableError(f"The filter fits {len(places)} rows of the data, and one figure is needed.")
    if recipe.operation != "count":
        return _total(recipe, rows, places)
    _check_one_snapshot(recipe, rows, places)
    number = len(places)
    if recipe.columns:
        number = len({cell for cell in rows.cells(recipe.columns[0], places) if not pd.isna(cell)} - {""})
    return Estimate(Fraction(number), Attainable(Fraction(number), Fraction(number)), len(places))


def _check_one_snapshot(recipe: Recipe, rows: Rows, places: Places) -> None:
    cells = rows.cells(recipe.period_column, places) if recipe.dataset in _SNAPSHOTS else ()
    days = pd.unique(np.asarray(cells))
    if len(days) > 1:
        raise UntestableError(
            f"The filter fits {len(days)} snapshots, and adding them up would count things twice: "
            f"{recipe.period_column} is missing in the filter."
        )


def _total(recipe: Recipe, rows: Rows, places: Places) -> Estimate:
    _check_one_snapshot(recipe, rows, places)
    for column in recipe.columns:
        held = column in rows.frame.columns
        blank = int(pd.isna(rows.cells(column, places)).sum()) if held else len(places)
        if blank:
            said = f"{column.replace('_', ' ')} is blank in {blank} of the {len(places)} rows."
            raise UntestableError(said)
    steps = [(name, rows.cells(name, places), roundings(rows, name, places)) for name in recipe.columns]
    if recipe.sign == "*":
        return _sum_of_products(recipe.dataset, steps)
    # Sums are linear, so each column is added up by itself: quick for ledgers of a million rows.
    parts = [_column_total(recipe.dataset, *step) for step in steps]
    if len(parts) == 1:
        return parts[0]
    first, second = parts
    if recipe.sign == "+":
        return first.plus(second)
    return Estimate(first.central - second.central, difference(second.bounds, first.bounds), len(places))


def _sum_of_products(dataset: str, steps: list[tuple[str, Cells, Cells]]) -> Estimate:
    total = Estimate(Fraction(0), Attainable(Fraction(0), Fraction(0)), len(steps[0][1]))
    factors = [
        [cell_estimate(dataset, name, *cell) for cell in zip(cells, known, strict=True)]
        for name, cells, known in steps
    ]
    for first, second in zip(*factors, strict=True):
        bounds = product(first.bounds, second.bounds)
        total = total.plus(Estimate(first.central * second.central, bounds, 1))
    return total


def _column_total(dataset: str, name: str, cells: Cells, steps: Cells) -> Estimate:
    """Add up a column; only cells next to a bound need to be looked at one by one."""
    least, most = limits(dataset, name)
    total = Estimate(Fraction(0), Attainable(Fraction(0), Fraction(0)), len(cells))
    for place in np.unique(steps).tolist():
        step = exact_fraction(place)
        values, numbers = np.unique(cells[steps == place].astype(float), return_counts=True)
        counts = dict(zip(values.tolist(), numbers.tolist(), strict=True))
        clear = {v: n for v, n in counts.items() if not place or min(abs(v - least), abs(v - most)) >= place}
        with localcontext(prec=60):
            held = Fraction(sum((decimal_of(v) * n for v, n in clear.items()), Decimal(0)))
        room = step / 2 * sum(clear.values())
        total = total.plus(Estimate(held, Attainable(held - room, held + room), 0))
        for value in counts.keys() - clear.keys():
            total = total.plus(cell_estimate(dataset, name, value, place).times(counts[value]))
    return total


@dataclass(frozen=True)
class Impossible:
    """A percentage that no whole number of its base gives."""

    percent: float
    decimals: int
    base: int
    survey: str
    period: str
    near: NearestPossible
    fitting: tuple[int, ...]


def impossible_percentage(recipe: Recipe, rows: Rows, percent: float, decimals: int) -> Impossible | None:
    """Test a published percentage of a survey against its base; a weighted one can be any value."""
    if (recipe.dataset, recipe.columns, recipe.operation) != ("survey", ("percent",), "value"):
        return None
    row = rows.frame.iloc[selected(recipe, rows)[0]]
    if pd.isna(row["base"]) or row["base"] < 1 or pd.isna(row["weighted"]) or row["weighted"]:
        return None
    base = int(row["base"])
    if not 0 <= percent <= 100 or grim_consistent(percent, decimals, base):
        return None
    return Impossible(
        percent=percent,
        decimals=decimals,
        base=base,
        survey=str(row["survey"]),
        period=str(row["period"]),
        near=nearest_possible(percent, base),
        fitting=tuple(grim_denominators(percent, decimals, base)[:-4:-1]),
    )


def shared_base(found: Sequence[Impossible]) -> int | None:
    """Find the largest smaller base that fits every impossible percentage of one survey."""
    fitting = [set(grim_denominators(one.percent, one.decimals, one.base)) for one in found]
    return max(set.intersection(*fitting), default=None)
