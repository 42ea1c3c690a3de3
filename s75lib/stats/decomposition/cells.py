"""Lines up the cells of two periods and gives every factor a value in both."""

from __future__ import annotations

__all__ = ["align", "shares"]

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.integer[Any]]


def align(
    before: pd.DataFrame, after: pd.DataFrame, factors: Sequence[str], by: Sequence[str]
) -> tuple[pd.DataFrame, Floats, Floats]:
    """Cells of either period with their factors in both, the first factor being the cell's size.

    Parameters
    ----------
    before, after : DataFrame
        One row per cell: the columns of `by` and of `factors`.
    factors : sequence of str
        Numeric columns. The first is the size, >= 0; a cell without a row has size zero.
    by : sequence of str
        Columns that name a cell; no missing values.

    Returns
    -------
    keys : DataFrame
        The `by` columns, one row per cell found in either period, sorted.
    before, after : ndarray, shape (factors, cells)
        A cell of size zero in one period takes the other factors of the period in which it exists.

    Raises
    ------
    MethodError
        Unknown or repeated columns, repeated cells, missing cell names, sizes that are negative, or a
        factor that is missing or infinite in a cell that has a size.
    """
    names = [*by, *factors]
    if not by or not factors or len(set(names)) < len(names):
        raise MethodError(
            f"by={list(by)} and factors={list(factors)}: expected at least one column of each, none of them "
            "named twice. Name each column once."
        )
    named = {"before": before, "after": after}
    for label, frame in named.items():
        absent = [name for name in names if name not in frame.columns]
        if absent:
            raise MethodError(
                f"'{label}' has no column {absent}; it has {list(frame.columns)}. Name existing columns."
            )
    both = pd.concat([frame[list(by)] for frame in named.values()], ignore_index=True)
    found = both.groupby(list(by), sort=True, observed=True).ngroup()
    places = np.split(np.where(both.isna().any(axis=1), -1, found).astype(np.intp), [len(before)])
    values = [
        _values(frame, own, factors, by, label)
        for (label, frame), own in zip(named.items(), places, strict=True)
    ]
    _, first = np.unique(np.concatenate(places), return_index=True)
    old, new = np.zeros((2, len(factors), len(first)))
    old[:, places[0]], new[:, places[1]] = (side.T for side in values)
    _carry(old, new)
    return both.take(first).reset_index(drop=True), old, new


def shares(
    keys: pd.DataFrame, before: Floats, after: Floats, levels: Mapping[str, Sequence[str]]
) -> tuple[list[str], Floats, Floats]:
    """Split the sizes of cells into their total and nested shares, one share for each level.

    Parameters
    ----------
    keys : DataFrame
        One row per cell, as `align` gives it.
    before, after : ndarray, shape (cells,)
        Sizes, >= 0.
    levels : mapping of str to sequence of str
        Name of the share to the columns of `keys` that it adds. The first is the share in the total, each
        next one the share within the level above. Every column stands in exactly one level.

    Returns
    -------
    names : list of str
        Names of the shares.
    before, after : ndarray, shape (1 + levels, cells)
        The total, repeated for every cell, then the shares; their product is the size. The shares within
        a group that is empty in one period are those of the other.

    Raises
    ------
    MethodError
        If the levels do not use every column of `keys` exactly once.
    """
    used = [column for columns in levels.values() for column in columns]
    if sorted(used) != sorted(keys.columns):
        raise MethodError(
            f"the mix uses the columns {used}; expected each of {list(keys.columns)} exactly once. "
            "Put every cell column into one level of the mix."
        )
    groups: list[Codes] = [np.zeros(len(keys), dtype=np.intp)]
    columns: list[str] = []
    for level in levels.values():
        columns = [*columns, *level]
        groups.append(keys.groupby(columns, sort=False).ngroup().to_numpy())
    old_sums, new_sums = (np.array([_total(sizes, group) for group in groups]) for sizes in (before, after))
    old, new = (
        np.divide(sums[1:], sums[:-1], out=np.zeros_like(sums[1:]), where=sums[:-1] > 0)
        for sums in (old_sums, new_sums)
    )
    old_empty, new_empty = old_sums[:-1] == 0, new_sums[:-1] == 0
    old[old_empty], new[new_empty] = new[old_empty], old[new_empty]
    return list(levels), np.vstack([old_sums[:1], old]), np.vstack([new_sums[:1], new])


def _total(sizes: Floats, group: Codes) -> Floats:
    """Total size of the group that each cell belongs to."""
    return np.asarray(np.bincount(group, weights=sizes)[group] if len(sizes) else sizes)


def _values(
    frame: pd.DataFrame, places: Codes, factors: Sequence[str], by: Sequence[str], label: str
) -> Floats:
    """One period's factors, its cells being checked by their places among all: -1 without a name."""
    if (places < 0).any():
        raise MethodError(
            f"'{label}' has cells with a missing name in {list(by)}. Name them, for example 'not recorded'."
        )
    repeated = len(places) - len(np.unique(places))
    if repeated:
        keys = frame[list(by)]
        raise MethodError(
            f"'{label}' has {repeated} repeated cells, the first {tuple(keys[keys.duplicated()].iloc[0])}; "
            "expected one row per cell. Aggregate first."
        )
    try:
        values = frame[list(factors)].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise MethodError(
            f"'{label}' has factors that are not numbers: {error}. Convert them first."
        ) from error
    _check_values(values, factors, label)
    return values


def _check_values(values: Floats, factors: Sequence[str], label: str) -> None:
    """Refuse what has no product: see `align`."""
    size = values[:, 0]
    wrong = int(np.count_nonzero(~(np.isfinite(size) & (size >= 0))))
    if wrong:
        raise MethodError(
            f"'{label}' has {wrong} cells whose {factors[0]!r} is missing, infinite or negative; the first "
            "factor is the size of a cell, at least 0. Put the size first, or leave out cells without one."
        )
    gaps = ~np.isfinite(values) & (size > 0)[:, None]
    if gaps.any():
        columns = [factors[number] for number in range(len(factors)) if gaps[:, number].any()]
        raise MethodError(
            f"'{label}' has {int(gaps.any(axis=1).sum())} cells with a size and a missing or infinite "
            f"{columns}. Every factor of a cell that exists must be known."
        )


def _carry(before: Floats, after: Floats) -> None:
    """Give a cell of size zero the other factors that it has in the period in which it exists."""
    old_absent, new_absent = before[0] == 0, after[0] == 0
    before[1:, old_absent & new_absent] = after[1:, old_absent & new_absent] = 0.0
    only_new, only_old = old_absent & ~new_absent, new_absent & ~old_absent
    before[1:, only_new] = after[1:, only_new]
    after[1:, only_old] = before[1:, only_old]
