"""Carry out a recipe in exact fractions, each rounded input being an interval."""

from __future__ import annotations

__all__ = ["as_printed", "recompute", "selected"]

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.claims.inputs import Estimate, cell_estimate, decimal_of, limits, roundings
from s75lib.claims.recipe import OVER_TIME, Recipe
from s75lib.claims.rows import Places, Rows, Term, UntestableError
from s75lib.errors import MethodError
from s75lib.stats.rounding import (
    Attainable,
    attainable,
    difference,
    exact_fraction,
    pct_change,
    product,
    ratio,
    sum_of,
)

Cells = npt.NDArray[Any]

# Stocks, each complete at one date: a sum over two dates would count everything twice.
_SNAPSHOTS = frozenset({"budget", "staffing", "packages", "package_transfers", "workforce"})


def as_printed(value: float, decimals: float) -> Attainable:
    """Give the values that a published figure stands for.

    Parameters
    ----------
    value : float
    decimals : float
        A whole number; -3 for thousands.

    Returns
    -------
    Attainable
    """
    return attainable(value, int(decimals))


def recompute(recipe: Recipe, rows: Rows) -> Estimate:
    """Recompute a figure.

    Parameters
    ----------
    recipe : Recipe
    rows : Rows
        Of the dataset that it names.

    Returns
    -------
    Estimate
        In the unit of the measure; percent for ``pct_change``.

    Raises
    ------
    UntestableError
        If there are no rows, blank cells, several rows where one is needed, several snapshots of a stock,
        or a relative change from nought (or from what may be nought before rounding).

    Notes
    -----
    Rounding errors of different cells are taken to be independent and as unlucky as they can be, so that
    no true statement falls outside. Counts, targets and assumptions are exact; ``budget.rounded_to`` and
    ``decimals`` of indicators and facts say how those were rounded; other money was rounded to £1, or to
    1p where its column has pence; other figures to the places in which their column is written.
    ``count`` counts rows or, where a column is named, its different values that are not blank.

    Examples
    --------
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
        raise UntestableError(
            f"The figure for {recipe.period_from} is nought: nothing can be compared with it."
        )
    try:
        if recipe.operation == "ratio":
            return Estimate(after.central / before.central, ratio(after.bounds, before.bounds), used)
        bounds = pct_change(before.bounds, after.bounds)
    except MethodError:
        raise UntestableError(
            f"The figure for {recipe.period_from} is so small that it may be nought before rounding."
        ) from None
    return Estimate((after.central / before.central - 1) * 100, bounds, used)


def selected(recipe: Recipe, rows: Rows) -> Places:
    """Find the rows of a recipe for one period.

    Parameters
    ----------
    recipe : Recipe
    rows : Rows

    Returns
    -------
    ndarray of int
        One row or more; for a count perhaps none, as long as its period is known.

    Raises
    ------
    UntestableError
        If no row fits.
    """
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
    for place in range(1, len(terms) + 1):
        if not len(rows.meeting(terms[:place])):
            break
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
    days = set(rows.cells(recipe.period_column, places)) if recipe.dataset in _SNAPSHOTS else ()
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
            raise UntestableError(
                f"{column.replace('_', ' ')} is blank in {blank} of the {len(places)} rows."
            )
    steps = [(name, rows.cells(name, places), roundings(rows, name, places)) for name in recipe.columns]
    if recipe.sign == "*":
        return _sum_of_products(recipe.dataset, steps)
    # Sums are linear, so each column is added up by itself: quick for ledgers of a million rows.
    parts = [_column_total(recipe.dataset, *step) for step in steps]
    if len(parts) == 1:
        return parts[0]
    first, second = parts
    if recipe.sign == "+":
        bounds = sum_of(first.bounds, second.bounds)
        return Estimate(first.central + second.central, bounds, len(places))
    return Estimate(first.central - second.central, difference(second.bounds, first.bounds), len(places))


def _sum_of_products(dataset: str, steps: list[tuple[str, Cells, Cells]]) -> Estimate:
    central, bounds = Fraction(0), Attainable(Fraction(0), Fraction(0))
    factors = [
        [cell_estimate(dataset, name, *cell) for cell in zip(cells, known, strict=True)]
        for name, cells, known in steps
    ]
    for first, second in zip(*factors, strict=True):
        central += first.central * second.central
        bounds = sum_of(bounds, product(first.bounds, second.bounds))
    return Estimate(central, bounds, len(factors[0]))


def _column_total(dataset: str, name: str, cells: Cells, steps: Cells) -> Estimate:
    """Add up a column; only cells next to a bound need to be looked at one by one."""
    least, most = limits(dataset, name)
    central, bounds = Fraction(0), Attainable(Fraction(0), Fraction(0))
    for place in np.unique(steps).tolist():
        step = exact_fraction(place)
        values, numbers = np.unique(cells[steps == place].astype(float), return_counts=True)
        counts = dict(zip(values.tolist(), numbers.tolist(), strict=True))
        clear = {v: n for v, n in counts.items() if not place or min(abs(v - least), abs(v - most)) >= place}
        with localcontext(prec=60):
            total = Fraction(sum((decimal_of(v) * n for v, n in clear.items()), Decimal(0)))
        room = step / 2 * sum(clear.values())
        central, bounds = central + total, sum_of(bounds, Attainable(total - room, total + room))
        for value in counts.keys() - clear.keys():
            one = cell_estimate(dataset, name, value, place).times(counts[value])
            central, bounds = central + one.central, sum_of(bounds, one.bounds)
    return Estimate(central, bounds, len(cells))
