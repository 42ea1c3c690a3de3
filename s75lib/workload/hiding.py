"""Small counts of people: hidden, with one more where the total would give the only one away."""

from __future__ import annotations

__all__ = ["hide", "hide_small"]

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]


def hide_small(counts: npt.ArrayLike, least: int) -> Array:
    """Take out counts from 1 to just below the least that may be shown.

    Parameters
    ----------
    counts : array-like
    least : int
        0 shows all.

    Returns
    -------
    array
        NaN where hidden.

    Examples
    --------
    >>> hide_small([0, 3, 5], 5).tolist()
    [0.0, nan, 5.0]
    """
    values = np.asarray(counts, dtype=float).copy()
    values[(values > 0) & (values < least)] = np.nan
    return values


def hide(moves: pd.DataFrame, least: int) -> pd.DataFrame:
    """Hide small teams of a transfer table.

    Parameters
    ----------
    moves : DataFrame
        As `s75lib.workload.transfers.transfers` gives it.
    least : int

    Returns
    -------
    DataFrame
        The same with NaN for hidden counts of teams, and for what follows from them. Where one team alone of
        a group is hidden in a column, the next smallest is hidden too, for the group's total would give it
        away.
    """
    shown = moves.copy()
    teams = shown["level"] == "team"
    for _, part in shown[teams].groupby("service_group"):
        for column in ("now", "gains"):
            values = pd.Series(hide_small(part[column], least), index=part.index)
            if values.isna().sum() == 1:
                others = values[values > 0]
                values = values.mask(values == others.min()) if len(others) else values * np.nan
            shown.loc[part.index, column] = values
    lost = shown[["now", "gains"]].isna().any(axis=1)
    shown.loc[lost, ["after", "growth_percent"]] = np.nan
    return shown
