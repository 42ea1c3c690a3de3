"""Percentages that the people asked cannot have given: the GRIM test over a survey's claims."""

from __future__ import annotations

__all__ = ["Impossible", "impossible_percentage", "shared_base"]

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from s75lib.claims.recipe import Recipe
from s75lib.claims.recompute import selected
from s75lib.claims.rows import Rows
from s75lib.stats.rounding import NearestPossible, grim_consistent, grim_denominators, nearest_possible


@dataclass(frozen=True)
class Impossible:
    """A percentage that no whole number of its base gives.

    Parameters
    ----------
    percent : float
    decimals : int
    base : int
    survey, period : str
    near : NearestPossible
        The percentages on either side that the base can give.
    fitting : tuple of int
        Smaller bases that fit, largest first; at most three.
    """

    percent: float
    decimals: int
    base: int
    survey: str
    period: str
    near: NearestPossible
    fitting: tuple[int, ...]


def impossible_percentage(recipe: Recipe, rows: Rows, percent: float, decimals: int) -> Impossible | None:
    """Test a published percentage of a survey against its base.

    Parameters
    ----------
    recipe : Recipe
        Of the claim.
    rows : Rows
        Of its dataset.
    percent : float
        As published.
    decimals : int

    Returns
    -------
    Impossible or None
        None also where the test does not apply: another measure than one ``survey.percent``, no base, or a
        percentage that is weighted or not said to be unweighted.

    Notes
    -----
    Weighted percentages can take any value, so nothing is said of them.
    """
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
    """Find the largest smaller base that fits every impossible percentage of one survey.

    Parameters
    ----------
    found : sequence of Impossible
        Of one survey and base, at least one.

    Returns
    -------
    int or None
        None if no base fits them all.

    Examples
    --------
    >>> def of(percent):
    ...     return Impossible(percent, 0, 45, "", "", nearest_possible(percent, 45), ())
    >>> shared_base([of(86), of(14), of(26)]), shared_base([of(86), of(14)])
    (43, 44)
    """
    fitting = [set(grim_denominators(one.percent, one.decimals, one.base)) for one in found]
    return max(set.intersection(*fitting), default=None)
