"""Carry out a recipe in exact fractions, each rounded input being an interval."""

from __future__ import annotations

__all__ = ["as_printed", "recompute", "selected"]

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

import pandas as pd

from s75lib.claims.inputs import Estimate, cell_estimate, decimal_of, limits, roundings
from s75lib.claims.recipe import OVER_TIME, Recipe, Term, UntestableError, select
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


def recompute(recipe: Recipe, frame: pd.DataFrame) -> Estimate:
    """Recompute a figure.

    Parameters
    ----------
    recipe : Recipe
    frame : DataFrame
        The dataset that it names, typed as the loader gives it.

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
    >>> estimate = recompute(change, frame)
    >>> float(estimate.central), [float(end) for end in estimate.bounds]
    (0.7, [0.6, 0.8])
    """
    if recipe.operation not in OVER_TIME:
        return _at_once(recipe, selected(recipe, frame), frame)
    before, after = (
        _total(recipe, _known(recipe, frame, (*recipe.terms, Term(recipe.period_column, (end,)))), frame)
        for end in (recipe.period_from, recipe.period_to)
    )
    rows = before.rows + after.rows
    if recipe.operation in ("difference", "pp_change"):
        return Estimate(after.central - before.central, difference(before.bounds, after.bounds), rows)
    if not before.central:
        raise UntestableError(
            f"The figure for {recipe.period_from} is nought: nothing can be compared with it."
        )
    try:
        if recipe.operation == "ratio":
            return Estimate(after.central / before.central, ratio(after.bounds, before.bounds), rows)
        bounds = pct_change(before.bounds, after.bounds)
    except MethodError:
        raise UntestableError(
            f"The figure for {recipe.period_from} is so small that it may be nought before rounding."
        ) from None
    return Estimate((after.central / before.central - 1) * 100, bounds, rows)


def selected(recipe: Recipe, frame: pd.DataFrame) -> pd.DataFrame:
    """Take the rows of a recipe for one period.

    Parameters
    ----------
    recipe : Recipe
    frame : DataFrame

    Returns
    -------
    DataFrame
        One row or more; for a count perhaps none, as long as its period is known.

    Raises
    ------
    UntestableError
        If no row fits.
    """
    if recipe.operation != "count":
        return _known(recipe, frame, recipe.terms)
    _known(recipe, frame, [term for term in recipe.terms if term.column == recipe.period_column])
    return select(frame, recipe.dataset, recipe.terms)


def _known(recipe: Recipe, frame: pd.DataFrame, terms: Sequence[Term]) -> pd.DataFrame:
    name = recipe.dataset.replace("_", " ")
    if frame.empty:
        raise UntestableError(f"There are no {name} data up to the end of the period.")
    rows = select(frame, recipe.dataset, terms)
    if len(rows):
        return rows
    for place in range(1, len(terms) + 1):
        if select(frame, recipe.dataset, terms[:place]).empty:
            break
    last = terms[place - 1]
    before = " among the rows that meet the rest of the filter" if place > 1 else ""
    wanted = " or ".join(text or "a blank" for text in last.texts)
    raise UntestableError(
        f"The {name} data up to the end of the period have no row with {last.column.replace('_', ' ')} "
        f"{wanted}{before}."
    )


def _at_once(recipe: Recipe, rows: pd.DataFrame, frame: pd.DataFrame) -> Estimate:
    if recipe.operation in ("value", "product") and len(rows) != 1:
        raise UntestableError(f"The filter fits {len(rows)} rows of the data, and one figure is needed.")
    if recipe.operation != "count":
        return _total(recipe, rows, frame)
    _check_one_snapshot(recipe, rows)
    number = _distinct(rows, recipe.columns[0]) if recipe.columns else len(rows)
    return Estimate(Fraction(number), Attainable(Fraction(number), Fraction(number)), len(rows))


def _distinct(rows: pd.DataFrame, column: str) -> int:
    if column not in rows.columns:
        raise UntestableError(f"The data have no column {column}.")
    return len(set(rows[column].dropna().unique()) - {""})


def _check_one_snapshot(recipe: Recipe, rows: pd.DataFrame) -> None:
    snapshots = rows[recipe.period_column].unique() if recipe.dataset in _SNAPSHOTS else ()
    if len(snapshots) > 1:
        raise UntestableError(
            f"The filter fits {len(snapshots)} snapshots, and adding them up would count things twice: "
            f"{recipe.period_column} is missing in the filter."
        )


def _total(recipe: Recipe, rows: pd.DataFrame, frame: pd.DataFrame) -> Estimate:
    _check_one_snapshot(recipe, rows)
    for column in recipe.columns:
        blank = len(rows) if column not in rows.columns else int(rows[column].isna().sum())
        if blank:
            raise UntestableError(f"{column.replace('_', ' ')} is blank in {blank} of the {len(rows)} rows.")
    steps = [roundings(recipe.dataset, column, rows, frame) for column in recipe.columns]
    if recipe.sign == "*":
        return _sum_of_products(recipe, rows, steps)
    # Sums are linear, so each column is added up by itself: quick for ledgers of a million rows.
    parts = [
        _column_total(recipe.dataset, column, rows[column], known)
        for column, known in zip(recipe.columns, steps, strict=True)
    ]
    if len(parts) == 1:
        return parts[0]
    first, second = parts
    if recipe.sign == "+":
        bounds = sum_of(first.bounds, second.bounds)
        return Estimate(first.central + second.central, bounds, len(rows))
    return Estimate(first.central - second.central, difference(second.bounds, first.bounds), len(rows))


def _sum_of_products(recipe: Recipe, rows: pd.DataFrame, steps: list[list[float]]) -> Estimate:
    central, bounds = Fraction(0), Attainable(Fraction(0), Fraction(0))
    names = zip(recipe.columns, steps, strict=True)
    factors = [
        [cell_estimate(recipe.dataset, name, *cell) for cell in zip(rows[name], known, strict=True)]
        for name, known in names
    ]
    for first, second in zip(*factors, strict=True):
        central += first.central * second.central
        bounds = sum_of(bounds, product(first.bounds, second.bounds))
    return Estimate(central, bounds, len(rows))


def _column_total(dataset: str, name: str, cells: pd.Series, steps: list[float]) -> Estimate:
    """Add up a column; only cells next to a bound need to be looked at one by one."""
    least, most = limits(dataset, name)
    central, bounds = Fraction(0), Attainable(Fraction(0), Fraction(0))
    for place in set(steps):
        step = exact_fraction(place)
        counts = Counter(value for value, known in zip(cells, steps, strict=True) if known == place)
        clear = {v: n for v, n in counts.items() if not place or min(abs(v - least), abs(v - most)) >= place}
        with localcontext(prec=60):
            total = Fraction(sum((decimal_of(v) * n for v, n in clear.items()), Decimal(0)))
        room = step / 2 * sum(clear.values())
        central, bounds = central + total, sum_of(bounds, Attainable(total - room, total + room))
        for value in counts.keys() - clear.keys():
            one = cell_estimate(dataset, name, value, place).times(counts[value])
            central, bounds = central + one.central, sum_of(bounds, one.bounds)
    return Estimate(central, bounds, len(cells))
