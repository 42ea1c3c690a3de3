"""Work that piles up: over the draws of the staff needed, and from uneven arrivals alone."""

from __future__ import annotations

__all__ = ["pile_up", "piles", "stretch"]

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.stats.queueing import backlog, backlog_distribution, months_to_clear
from s75lib.workload.draws import TAILS, share_error, tails

Array = npt.NDArray[np.float64]

_USE = (0.85, 0.90, 0.95, 1.00, 1.05)
_WEEKS_A_MONTH = 365.25 / 7 / 12


def pile_up(wte: Array, staffed: float) -> pd.DataFrame:
    """Follow the work left undone if the staff stays as it is.

    Parameters
    ----------
    wte : array, (draws, months)
        Staff that the work takes.
    staffed : float
        WTE that are there.

    Returns
    -------
    DataFrame
        step (1 …), central, lower_80, upper_80, lower_95, upper_95 (weeks of the whole staff's work that
        wait; infinite without staff), p_any (probability that any waits). It starts from nothing waiting.
    """
    steps = np.arange(1, wte.shape[1] + 1)
    if staffed <= 0:
        return pd.DataFrame({"step": steps, **dict.fromkeys(TAILS, np.inf), "p_any": 1.0})
    waiting = backlog(wte, staffed) / staffed * _WEEKS_A_MONTH
    return pd.DataFrame({"step": steps, **tails(waiting), "p_any": (waiting > 0).mean(axis=0)})


def piles(wte: Array, staff: Mapping[str, float], *, full: float) -> pd.DataFrame:
    """Show what waits at the end of the months forecast at several levels of staff.

    Parameters
    ----------
    wte : array, (draws, months)
        Staff that the work takes.
    staff : mapping of str to float
        WTE by name of the case.
    full : float
        WTE of all funded posts, with which a backlog would be cleared.

    Returns
    -------
    DataFrame
        case, staffed, use (percent of the staff that the work takes, median), p_any (probability that work
        waits), p_error (its standard error from the finite number of draws), central, upper_80, upper_95
        (weeks of the whole staff's work that wait: median, one case in ten, one in forty; as long does a
        new case wait when the oldest comes first), clear (months in which all funded posts filled clear
        what waits in one case in ten, at the central need; infinite where they don't exceed the need).
    """
    need = float(np.median(wte.mean(axis=1)))
    rows = []
    for case, there in staff.items():
        last = pile_up(wte, there).iloc[-1]
        share = float(last["p_any"])
        waiting = float(last["upper_80"])
        clear = months_to_clear(waiting / _WEEKS_A_MONTH * there, need, full) if there > 0 else np.inf
        rows.append(
            {
                "case": case,
                "staffed": there,
                "use": 100 * need / there if there > 0 else np.inf,
                "p_any": share,
                "p_error": share_error(share, len(wte)),
                **{name: float(last[name]) for name in ("central", "upper_80", "upper_95")},
                "clear": clear,
            }
        )
    return pd.DataFrame(rows)


def stretch(mean: float, *, variance_ratio: float = 1.0, months: int = 12) -> pd.DataFrame:
    """Show what waits after a year at several levels of use, from uneven arrivals alone.

    Parameters
    ----------
    mean : float
        Arrivals a month, > 0.
    variance_ratio : float
        Variance of a month's arrivals as a multiple of their mean, >= 1.
    months : int

    Returns
    -------
    DataFrame
        use (arrivals over capacity), capacity (a month, whole), median, upper_80 (90th percentile),
        upper_95 (97.5th percentile), p_clear (probability that nothing waits).
    """
    rows = []
    for use in _USE:
        capacity = round(mean / use)
        law = backlog_distribution(mean, capacity, months, variance_ratio=variance_ratio)
        below = np.cumsum(law)
        levels = [int(np.searchsorted(below, share)) for share in (0.5, 0.9, 0.975)]
        rows.append((mean / capacity, capacity, *levels, float(law[0])))
    return pd.DataFrame(rows, columns=["use", "capacity", "median", "upper_80", "upper_95", "p_clear"])
