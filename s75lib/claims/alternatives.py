"""What else a false figure may be: another unit, an earlier snapshot, another basis, a wider scope."""

from __future__ import annotations

__all__ = ["Alternative", "alternatives", "of_percentages", "said", "wider_scopes"]

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from s75lib.claims.recipe import OVER_TIME, Recipe, snapshots
from s75lib.claims.rows import Rows, Term, UntestableError
from s75lib.loaders.period import Period
from s75lib.loaders.schemas import DATASETS
from s75lib.present import words

_INCOME = ("health_income", "client_income")
_BASES = {
    "gross, before health and client income": ("expenditure",),
    "net of income, without the other finance adjustments": ("expenditure", *_INCOME),
    "net of income, with the other finance adjustments": ("expenditure", *_INCOME, "adjustment"),
}
_SWAPS = {
    "budget": ("commitment", "forecast"),
    "staffing": ("budget", "adjusted_budget"),
    "packages": ("weekly_gross", "net_weekly"),
}
_SCOPES = {
    "budget": ("service_group",),
    "staffing": ("group", "organisation"),
    "packages": ("service_group", "team"),
    "package_transfers": ("team", "service_group"),
    "activity": ("team", "service_group"),
    "workforce": ("role", "team"),
}


@dataclass(frozen=True)
class Alternative:
    """Another reading of a claim.

    Parameters
    ----------
    verdict : str
        What holds if this reading gives the published figure.
    recipe : Recipe
    said : str
        In words, to follow "the same recomputation".
    """

    verdict: str
    recipe: Recipe
    said: str


def alternatives(recipe: Recipe, rows: Rows) -> list[Alternative]:
    """List the readings under which a false figure might be true.

    Parameters
    ----------
    recipe : Recipe
    rows : Rows
        Of its dataset.

    Returns
    -------
    list of Alternative
        Per cent against percentage points first, which changes neither rows nor columns; then the same
        rows at an earlier snapshot, newest first; then other bases.

    Notes
    -----
    Earlier snapshots: for one period, each that ended before it; for a change, the same start with each
    earlier end, and both ends moved back by the same number of snapshots.
    Bases of a budget: gross, net, and net with the other finance adjustments (where all lines are added
    up); commitments and forecasts. Of staffing: budget and adjusted budget. Of packages: gross and net.
    One thing is changed at a time.
    """
    return [*_other_unit(recipe, rows), *_earlier(recipe, rows), *_other_bases(recipe, rows)]


def wider_scopes(recipe: Recipe) -> list[Alternative]:
    """List the readings in which one part of the filter, such as a service group, is left out.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    list of Alternative
        They explain an inconsistent claim; they do not excuse it.
    """
    if recipe.operation in ("value", "product"):
        return []
    return [
        Alternative("inconsistent", _with(recipe, {column}), f"for every {column.replace('_', ' ')} together")
        for column in _SCOPES.get(recipe.dataset, ())
        if any(term.column == column for term in recipe.terms)
    ]


def _with(recipe: Recipe, dropped: set[str], *added: Term) -> Recipe:
    kept = tuple(term for term in recipe.terms if term.column not in dropped)
    return replace(recipe, terms=(*kept, *added))


def _other_unit(recipe: Recipe, rows: Rows) -> list[Alternative]:
    swap = {"pct_change": "pp_change", "pp_change": "pct_change", "difference": "pct_change"}
    if recipe.operation not in swap or not of_percentages(recipe, rows):
        return []
    other = swap[recipe.operation]
    said = "as a change in percentage points" if other == "pp_change" else "as a change in per cent"
    return [Alternative("wrong unit", replace(recipe, operation=other), said)]


def of_percentages(recipe: Recipe, rows: Rows) -> bool:
    """Whether what a recipe measures are percentages, so that their difference is in percentage points.

    Parameters
    ----------
    recipe : Recipe
    rows : Rows

    Returns
    -------
    bool
    """
    if recipe.dataset == "survey":
        return recipe.columns == ("percent",)
    if recipe.dataset not in ("kpi", "facts") or recipe.columns != ("value",):
        return False
    return bool((rows.cells("unit", rows.meeting(recipe.terms)) == "percent").all())


def _earlier(recipe: Recipe, rows: Rows) -> list[Alternative]:
    dated = DATASETS[recipe.dataset].dated_by
    if not dated:
        return []
    undated = _with(recipe, {dated, "snapshot_label", "financial_year"})
    try:
        known = _snapshots(rows, dated, undated.terms)
        current = _snapshots(rows, dated, recipe.terms)
    except UntestableError:
        return []
    if recipe.operation in OVER_TIME:
        return _earlier_changes(recipe, known)
    if len(current) != 1:
        return []
    before = known[: known.index(current[0])]
    return [
        Alternative(
            "stale", replace(undated, terms=(*undated.terms, Term(dated, (when,)))), f"at {said(when)}"
        )
        for when in reversed(before)
    ]


def _earlier_changes(recipe: Recipe, known: list[str]) -> list[Alternative]:
    if recipe.period_from not in known or recipe.period_to not in known:
        return []
    first, last = known.index(recipe.period_from), known.index(recipe.period_to)
    pairs = [(first, end) for end in range(last - 1, first, -1)]
    pairs += [(first - back, last - back) for back in range(1, min(first, last) + 1)]
    return [
        Alternative(
            "stale",
            replace(recipe, period_from=known[start], period_to=known[end]),
            f"from {said(known[start])} to {said(known[end])}",
        )
        for start, end in pairs
    ]


def _snapshots(rows: Rows, dated: str, terms: Sequence[Term]) -> list[str]:
    """List the dates or periods of some rows, earliest first."""
    cells = pd.Series(rows.cells(dated, rows.meeting(terms))).dropna().drop_duplicates()
    return sorted({text for text in snapshots(cells, rows.dataset) if text}, key=_end)


def _end(text: str) -> date:
    return date.fromisoformat(text) if len(text) == 10 else Period.parse(text).end


def said(when: str) -> str:
    """Write a snapshot as people do.

    Parameters
    ----------
    when : str
        ISO date or a period.

    Returns
    -------
    str

    Examples
    --------
    >>> said("2019-11-30"), said("2018/19")
    ('30 November 2019', '2018/19')
    """
    return words.day(date.fromisoformat(when)) if len(when) == 10 and when[4] == "-" else when


def _other_bases(recipe: Recipe, rows: Rows) -> list[Alternative]:
    found = []
    if recipe.dataset == "budget" and not any(term.column == "line" for term in recipe.terms):
        kinds = set(rows.cells("kind", rows.meeting(recipe.terms)))
        there = set(rows.cells("kind", rows.meeting(_with(recipe, {"kind"}).terms)))
        found = [
            Alternative(
                "basis mixed", _with(recipe, {"kind"}, Term("kind", basis)), f"on another basis, {name},"
            )
            for name, basis in _BASES.items()
            if "expenditure" in kinds and set(basis) & there != kinds
        ]
    pair = _SWAPS.get(recipe.dataset, ())
    for column, other in (pair, pair[::-1]) if pair else ():
        if column in recipe.columns and other not in recipe.columns:
            columns = tuple(other if name == column else name for name in recipe.columns)
            label = f"with {other.replace('_', ' ')} in place of {column.replace('_', ' ')}"
            found.append(Alternative("basis mixed", replace(recipe, columns=columns), label))
    return found
