"""The figures that a report prints, beside what its own lines add up to, and what rounding can explain."""

from __future__ import annotations

__all__ = ["printed"]

from typing import Any

import pandas as pd

from s75lib.budget.position import ADJUSTMENTS, NET
from s75lib.budget.snapshots import snapshots
from s75lib.claims.recipe import Recipe, UntestableError, read_recipes
from s75lib.claims.recompute import Estimate, as_printed, recompute
from s75lib.claims.verdicts import rows_of

_KINDS = (*NET, *ADJUSTMENTS)
_OPERATIONS = ("value", "sum", "difference")
_COLUMNS = [
    "claim_id",
    "dataset",
    "reference",
    "statement",
    "in_table",
    "service_group",
    "line",
    "kinds",
    "organisation",
    "group",
    "column",
    "published",
    "recomputed",
    "difference",
    "addends",
    "bound",
    "reading",
]


def printed(claims: pd.DataFrame, budget: pd.DataFrame, staffing: pd.DataFrame) -> pd.DataFrame:
    """Recompute every printed total, variance and change of the budget and staffing tables.

    Parameters
    ----------
    claims : DataFrame
        The contract's `claims`; those of `budget` and `staffing` with a value, sum or difference are used.
    budget, staffing : DataFrame
        The contract's datasets.

    Returns
    -------
    DataFrame
        ``claim_id``, ``dataset``, ``reference``, ``statement``, ``in_table`` (whether the reference names a
        table), ``service_group``, ``line``, ``kinds`` (in the order of `position`, with ``|`` between; blank:
        all), ``organisation``, ``group``, ``column`` (such as ``commitment``, ``forecast_variance``,
        ``commitment_change``, with ``@2019-12-31`` after it where one snapshot is meant), ``published``,
        ``recomputed``, ``difference`` (published less recomputed, £), ``addends`` (rounded amounts added),
        ``bound`` (the largest difference that rounding can make, £) and ``reading`` (exact, rounding or
        beyond rounding).

    Notes
    -----
    A figure rounded to r differs from what it stands for by at most r/2. A total of n such figures, beside a
    printed total that was rounded on its own to p, differs by at most (n·r + p)/2; by less where an amount is
    nought and can't be less. A variance has two addends for each line, a change of a variance four. Claims
    that can't be recomputed from the rows at hand are left out.
    """
    days = {s.label: s.as_at for s in snapshots(budget)}
    usable = claims[claims["dataset"].isin(["budget", "staffing"]) & claims["operation"].isin(_OPERATIONS)]
    recipes = read_recipes(usable)
    held = rows_of(recipes, {"budget": budget, "staffing": staffing})
    made = []
    for claim in usable.to_dict("records"):
        recipe = recipes[claim["claim_id"]]
        try:
            found = recompute(recipe, held[recipe.dataset])
        except UntestableError:
            continue
        made.append(_row(claim, recipe, found, days))
    return pd.DataFrame(made, columns=_COLUMNS)


def _row(
    claim: dict[Any, Any], recipe: Recipe, found: Estimate, days: dict[str, pd.Timestamp]
) -> dict[str, object]:
    terms = {term.column: term.texts for term in recipe.terms}
    low, high = (float(end) for end in found.bounds)
    difference = float(claim["published"]) - float(found.central)
    agrees = as_printed(claim["published"], claim["decimals"]).overlaps(found.bounds)
    return {
        **{name: claim[name] for name in ("claim_id", "dataset", "reference", "statement", "published")},
        "in_table": "table" in claim["reference"],
        **{
            name: "|".join(terms.get(name, ())) for name in ("service_group", "line", "organisation", "group")
        },
        "kinds": "|".join(kind for kind in _KINDS if kind in terms.get("kind", ())),
        "column": _column(recipe, terms, days),
        "recomputed": float(found.central),
        "difference": difference,
        "addends": found.rows * len(recipe.columns),
        "bound": (high - low + 10.0 ** -float(claim["decimals"])) / 2,
        "reading": "exact" if abs(difference) < 1e-6 else "rounding" if agrees else "beyond rounding",
    }


def _column(recipe: Recipe, terms: dict[str, tuple[str, ...]], days: dict[str, pd.Timestamp]) -> str:
    """Name the column of the position that a claim prints."""
    name = f"{recipe.columns[0]}_variance" if len(recipe.columns) > 1 else recipe.columns[0]
    if recipe.operation == "difference":
        return f"{name}_change"
    day = days.get("|".join(terms.get("snapshot_label", ())))
    # A budget is the same at every snapshot of its year, so its printed column belongs to none of them.
    return f"{name}@{day:%Y-%m-%d}" if day is not None and name != "budget" else name
