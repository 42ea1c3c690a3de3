"""What an authority may show others of its indicators."""

from __future__ import annotations

__all__ = ["may_show"]

import pandas as pd

from s75lib.kpi.disclosure import held_back
from s75lib.kpi.pairs import history


def may_show(kpi: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Take out what an authority may not show, and put its figures in order of time.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi` of one authority; further columns are kept.
    fewest : int
        The fewest people that a count may show, by what that authority says; 1 where it says that they are
        published.

    Returns
    -------
    DataFrame
        The columns of `s75lib.kpi.pairs.history`, with ``hidden``.

    Notes
    -----
    The figures are hidden as in the authority's own report, with what would give a hidden one away.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> rows = may_show(load("islington", "2018/19").kpi, 5)
    >>> len(rows), int(rows["hidden"].sum())
    (31, 0)
    """
    empty = pd.DataFrame()
    return history(held_back(kpi, empty, empty, lambda dataset: fewest).kpi)
