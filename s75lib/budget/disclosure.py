"""Keep single people out of tables: small counts are named as small, and their money is hidden."""

from __future__ import annotations

__all__ = ["protect", "small", "threshold"]

from collections.abc import Sequence

import pandas as pd

from s75lib.loaders import Authority


def threshold(authority: Authority, dataset: str = "packages") -> int:
    """Give the fewest people that a table may show.

    Parameters
    ----------
    authority : Authority
    dataset : str
        The dataset that the figures come from.

    Returns
    -------
    int
        1 where the authority says that the dataset is in the public domain.
    """
    return 1 if dataset in authority.published.datasets else authority.disclosure_threshold


def small(count: float, fewest: int) -> str:
    """Write a count of people, or that it is small.

    Parameters
    ----------
    count : float
    fewest : int
        As `threshold` gives it.

    Returns
    -------
    str

    Examples
    --------
    >>> small(4, 5), small(0, 5), small(1234, 5)
    ('fewer than 5', '0', '1,234')
    """
    return f"fewer than {fewest}" if 0 < count < fewest else f"{count:,.0f}"


def protect(
    frame: pd.DataFrame, counts: Sequence[str], money: Sequence[str], fewest: int, *, within: str = ""
) -> pd.DataFrame:
    """Write small counts as small and hide the money of their rows.

    Parameters
    ----------
    frame : DataFrame
        Rows that add up to a total which is shown.
    counts, money : sequence of str
        Columns of people or cases, and of what could be traced to them.
    fewest : int
        As `threshold` gives it.
    within : str
        Column of the group that the rows add up in; blank: all rows do.

    Returns
    -------
    DataFrame
        Counts as text; hidden money is NaN.

    Notes
    -----
    Where a single row of a group would be hidden, its money could be had by subtraction, so the row with the
    next smallest count is hidden as well, with its count. Full suppression across linked tables is not done
    here.
    """
    made = frame.copy()
    few = ((frame[list(counts)] > 0) & (frame[list(counts)] < fewest)).any(axis=1)
    also = pd.Series(False, index=frame.index)
    groups = frame.groupby(within).groups.values() if within else [frame.index]
    for rows in groups:
        hidden = few.loc[rows]
        if hidden.sum() == 1 and len(rows) > 1:
            rest = frame.loc[rows, list(counts)].max(axis=1)[~hidden]
            rest = rest[rest > 0]
            if len(rest):
                also |= also.index == rest.idxmin()
    for name in counts:
        written = [small(value, fewest) for value in frame[name]]
        made[name] = pd.Series(written, index=frame.index, dtype="str").mask(also, "not shown")
    made[list(money)] = made[list(money)].astype(float).mask(few | also)
    return made
