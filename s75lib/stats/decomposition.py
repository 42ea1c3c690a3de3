"""Why a total moved: exact effects of volume, mix, price and any other factor, and averages that mislead.

`size` and `price` are columns: a cell's weight, >= 0, and its price, any finite number where it has a size.
"""

from __future__ import annotations

__all__ = ["AggregationReversal", "Decomposition", "aggregation_reversal", "decompose", "path_effects"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.integer[Any]]

# A price is a quotient of money and units; below this relative difference it is the same price.
_SAME_PRICE = 1e-9


@dataclass(frozen=True)
class Decomposition:
    """A change of a total and the effect of each factor on it.

    - `before`, `after`, `change`: Totals in the units of the value, and ``after - before``.
    - `effects`: ``factor`` (category, in the order of the factors) and ``effect`` (units of the value); the
      effects add up to `change`.
    - `by_cell`: The cell columns, ``factor`` and ``effect``: one row per cell and factor. A factor's rows add
      up to its effect, a cell's rows to the cell's change.
    """

    before: float
    after: float
    change: float
    effects: pd.DataFrame
    by_cell: pd.DataFrame


def decompose(
    before: pd.DataFrame,
    after: pd.DataFrame,
    factors: Sequence[str],
    by: str | Sequence[str],
    *,
    mix: Mapping[str, str | Sequence[str]] | None = None,
) -> Decomposition:
    """Split the change in a sum over cells of a product of factors into one effect for each factor.

    Parameters
    ----------
    before, after : DataFrame
        One row per cell with the columns of `by` and `factors`; other columns are ignored.
    factors, by : sequence of str
        Columns whose product is a cell's value, the first its size (packages, people, units), >= 0, the
        others any finite numbers; and those that name a cell.
    mix : mapping of str to str or sequence of str, optional
        Split the size into its total, under the first factor's name, and shares of it: name of a share to the
        `by` columns that it adds. ``{"mix": ["team", "care_type"]}`` is one joint share,
        ``{"team mix": "team", "care type mix": "care_type"}`` the share of each team and then of care types
        within teams. Without it, the size of each cell is one factor.

    The effect of a factor is its Shapley value, for two periods the same as Das Gupta's. A cell that is
    absent from a period, or has size zero there, carries the other factors of the period in which it exists,
    so that its whole value is an effect of size (or of mix), never of price; likewise the shares within a
    group that is empty in one period. Mix effects of single cells are relative to nothing: read them with
    care. Sources: Shapley (1953) Contributions to the Theory of Games II, 307-317; Das Gupta (1993)
    Standardization and Decomposition of Rates, US Bureau of the Census, P23-186.

    Examples
    --------
    Prices stand still, but people move into residential care:

    >>> before = pd.DataFrame({"care_type": ["home", "bed"], "people": [8, 2], "weekly": [100.0, 900.0]})
    >>> after = before.assign(people=[6, 4])
    >>> result = decompose(before, after, ["people", "weekly"], by="care_type", mix={"mix": "care_type"})
    >>> result.effects.round(6)
       factor  effect
    0  people     0.0
    1     mix  1600.0
    2  weekly     0.0
    """
    by = [by] if isinstance(by, str) else list(by)
    keys, old, new = _align(before, after, list(factors), by)
    names = list(factors)
    if mix is not None:
        levels = {name: [part] if isinstance(part, str) else list(part) for name, part in mix.items()}
        added, old_split, new_split = _shares(keys, old[0], new[0], levels)
        names = [names[0], *added, *names[1:]]
        old, new = np.vstack([old_split, old[1:]]), np.vstack([new_split, new[1:]])
    columns = [*by, "factor", "effect"]
    if len(set(names)) < len(names) or len(set(columns)) < len(columns):
        raise MethodError(
            f"factors {names}, cells {by}: expected distinct factor names, and no cell column called "
            "factor or effect. Rename the mix or the column."
        )
    effects = path_effects(old, new)
    rows, count = np.tile(np.arange(len(keys)), len(names)), len(keys)
    factor = pd.Categorical.from_codes(np.repeat(np.arange(len(names)), count), categories=pd.Index(names))
    total_before, total_after = float(old.prod(axis=0).sum()), float(new.prod(axis=0).sum())
    return Decomposition(
        before=total_before,
        after=total_after,
        change=total_after - total_before,
        effects=pd.DataFrame(
            {"factor": pd.Categorical(names, categories=names), "effect": effects.sum(axis=1)}
        ),
        by_cell=keys.take(rows).reset_index(drop=True).assign(factor=factor, effect=effects.ravel()),
    )


def path_effects(before: Floats, after: Floats) -> Floats:
    """Shapley value of each factor in each cell, (factors, cells); a cell's value is its factors' product.

    Returns
    -------
    ndarray, shape (factors, cells)
        Effects, which add up over the factors to the cell's change.

    Examples
    --------
    >>> path_effects(np.array([[10.0], [500.0]]), np.array([[12.0], [550.0]])).ravel().tolist()
    [1050.0, 550.0]
    """
    count = before.shape[0]
    nodes, weights = np.polynomial.legendre.leggauss((count + 1) // 2)
    mean_of_others = np.zeros_like(before)
    for node, weight in zip((1 + nodes) / 2, weights / 2, strict=True):
        mean_of_others += weight * _product_of_others((1 - node) * before + node * after)
    return np.asarray((after - before) * mean_of_others)


def _product_of_others(values: Floats) -> Floats:
    result = np.ones_like(values)
    np.cumprod(values[:-1], axis=0, out=result[1:])
    running = np.ones(values.shape[1])
    for row in range(values.shape[0] - 1, -1, -1):
        result[row] *= running
        running *= values[row]
    return result


@dataclass(frozen=True)
class AggregationReversal:
    """The movement of an average price beside that of the prices that it averages.

    - `average_before`, `average_after`, `change`: Average price weighted by size, and its change; NaN where a
      period has no size at all.
    - `price_effect`, `mix_effect`: Parts of `change` due to the cells' own prices and to the movement of size
      between cells (new and vanished cells included); they add up to it.
    - `risen`, `fallen`: Cells with a size in both periods, by what their own price did.
    - `reversal`: Whether the average moved one way and the price of every cell in both periods the other way.
    """

    average_before: float
    average_after: float
    change: float
    price_effect: float
    mix_effect: float
    risen: int
    fallen: int
    reversal: bool


def aggregation_reversal(
    before: pd.DataFrame, after: pd.DataFrame, *, size: str, price: str, by: str | Sequence[str]
) -> AggregationReversal:
    """Compare the movement of an average price with the movement of every price in it.

    In the units of the price. A reversal needs at least one cell in both periods, and every such cell must
    move against the average. An empty period has no average, hence no reversal. Source: Simpson (1951)
    Journal of the Royal Statistical Society B 13, 238-241.

    Examples
    --------
    Both prices fall, yet the average rises from £260 to £394 since more people are in the dearer type:

    >>> before = pd.DataFrame({"care_type": ["home", "bed"], "people": [8, 2], "weekly": [100.0, 900.0]})
    >>> after = pd.DataFrame({"care_type": ["home", "bed"], "people": [6, 4], "weekly": [90.0, 850.0]})
    >>> found = aggregation_reversal(before, after, size="people", price="weekly", by="care_type")
    >>> found.reversal, found.fallen, round(found.change), round(found.price_effect), round(found.mix_effect)
    (True, 2, 134, -22, 156)
    """
    by = [by] if isinstance(by, str) else list(by)
    _, old, new = _align(before, after, [size, price], by)
    moves = _moves(old[1], new[1])[(old[0] > 0) & (new[0] > 0)]
    average_before, average_after, price_effect, mix_effect = _averages(old, new)
    direction = _moves(np.array(average_before), np.array(average_after))
    return AggregationReversal(
        average_before=average_before,
        average_after=average_after,
        change=average_after - average_before,
        price_effect=price_effect,
        mix_effect=mix_effect,
        risen=int((moves > 0).sum()),
        fallen=int((moves < 0).sum()),
        reversal=len(moves) > 0 and bool(np.all(moves * direction < 0)),
    )


def _moves(before: Floats, after: Floats) -> Floats:
    return np.where(np.isclose(before, after, rtol=_SAME_PRICE, atol=0.0), 0.0, np.sign(after - before))


def _averages(old: Floats, new: Floats) -> tuple[float, float, float, float]:
    totals = old[0].sum(), new[0].sum()
    averages = [
        float(side.prod(axis=0).sum() / total) if total else np.nan
        for side, total in zip((old, new), totals, strict=True)
    ]
    if not all(totals):
        return averages[0], averages[1], np.nan, np.nan
    mix_effect, price_effect = path_effects(
        np.vstack([old[0] / totals[0], old[1]]), np.vstack([new[0] / totals[1], new[1]])
    ).sum(axis=1)
    return averages[0], averages[1], float(price_effect), float(mix_effect)


def _align(
    before: pd.DataFrame, after: pd.DataFrame, factors: Sequence[str], by: Sequence[str]
) -> tuple[pd.DataFrame, Floats, Floats]:
    """Cells of either period, sorted, with their factors in both as arrays of shape (factors, cells)."""
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


def _shares(
    keys: pd.DataFrame, before: Floats, after: Floats, levels: Mapping[str, Sequence[str]]
) -> tuple[list[str], Floats, Floats]:
    """Split the sizes of cells into their total and nested shares: names, then arrays of (1 + levels, cells).

    The total is repeated for every cell; total and shares multiply to the size. The shares within a group
    that is empty in one period are those of the other.
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
    return np.asarray(np.bincount(group, weights=sizes)[group] if len(sizes) else sizes)


def _values(
    frame: pd.DataFrame, places: Codes, factors: Sequence[str], by: Sequence[str], label: str
) -> Floats:
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
