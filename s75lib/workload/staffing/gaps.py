"""Staff needed against staff funded or there: the gap, its probability, the month in which it opens."""

from __future__ import annotations

__all__ = ["LEVELS", "against", "gap"]

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.workload.draws import share_error, tails

LEVELS = ("establishment", "staffed")
"""What need is set against: the funded posts, and those in post with locums."""


def gap(wte: npt.NDArray[np.float64], there: npt.ArrayLike, months: pd.DatetimeIndex) -> dict[str, Any]:
    """Set draws of the staff needed against the staff that is funded, or there.

    Parameters
    ----------
    wte : array, (draws, months)
        Needed.
    there : array-like, scalar, (months,) or (draws, months)
    months : DatetimeIndex, (months,)

    Returns
    -------
    dict
        gap (need less staff on the mean of the months, median), gap_lower, gap_upper (95%), p_gap
        (probability that the mean of the months falls short), p_error (its standard error from the finite
        number of draws), first_gap (first month in which the central need exceeds the staff; NaT for none).

    Examples
    --------
    >>> need = np.array([[9.0, 11.0], [9.0, 13.0]])
    >>> found = gap(need, 10.0, pd.date_range("2025-04-01", periods=2, freq="MS"))
    >>> found["gap"], found["p_gap"], f"{found['first_gap']:%Y-%m}"
    (0.5, 0.5, '2025-05')
    """
    short = wte - np.asarray(there, dtype=float)
    year = short.mean(axis=1)
    ends = tails(year)
    share = float((year > 0).mean())
    over = np.median(short, axis=0) > 0
    return {
        "gap": float(ends["central"]),
        "gap_lower": float(ends["lower_95"]),
        "gap_upper": float(ends["upper_95"]),
        "p_gap": share,
        "p_error": share_error(share, len(year)),
        "first_gap": months[int(over.argmax())] if over.any() else pd.NaT,
    }


def against(
    wte: npt.NDArray[np.float64], levels: Mapping[str, npt.ArrayLike], months: pd.DatetimeIndex
) -> dict[str, Any]:
    """Set draws of the staff needed against each of `LEVELS`.

    Parameters
    ----------
    wte : array, (draws, months)
    levels : mapping of str to array-like
        WTE by name of level, as `gap` takes them; NaN where not known.
    months : DatetimeIndex, (months,)

    Returns
    -------
    dict
        For each level its mean under its name, and the entries of `gap` with ``_to_<level>`` behind their
        names; NaN and NaT where the level is not known.

    Examples
    --------
    Twelve posts' work for the ten that are funded and the eight that are filled:

    >>> months = pd.date_range("2025-04-01", periods=2, freq="MS")
    >>> row = against(np.full((3, 2), 12.0), {"establishment": 10.0, "staffed": 8.0}, months)
    >>> row["establishment"], row["gap_to_establishment"], row["staffed"], row["gap_to_staffed"]
    (10.0, 2.0, 8.0, 4.0)
    """
    row: dict[str, Any] = {}
    for name in LEVELS:
        there = np.asarray(levels[name], dtype=float)
        found = gap(wte, there, months)
        if np.isnan(there).any():
            found = dict.fromkeys(found, np.nan) | {"first_gap": pd.NaT}
        row[name] = float(there.mean())
        row |= {f"{key}_to_{name}": value for key, value in found.items()}
    return row
