"""Averages that move against their parts: Simpson's paradox in prices, made visible."""

from __future__ import annotations

__all__ = ["AggregationReversal", "aggregation_reversal"]

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.stats.decomposition.cells import align
from s75lib.stats.decomposition.shapley import path_effects

Floats = npt.NDArray[np.float64]

# A price is a quotient of money and units; below this relative difference it is the same price.
SAME_PRICE = 1e-9


@dataclass(frozen=True)
class AggregationReversal:
    """The movement of an average price beside that of the prices that it averages.

    Parameters
    ----------
    average_before, average_after, change : float
        Average price weighted by size, and its change; NaN where a period has no size at all.
    price_effect, mix_effect : float
        Parts of `change` due to the cells' own prices and to the movement of size between cells (new and
        vanished cells included); they add up to it.
    risen, fallen, unchanged : int
        Cells with a size in both periods, by what their own price did.
    new, vanished : int
        Cells with a size in one period alone; their price has no movement.
    reversal : bool
        Whether the average moved one way and the price of every cell in both periods the other way.
    """

    average_before: float
    average_after: float
    change: float
    price_effect: float
    mix_effect: float
    risen: int
    fallen: int
    unchanged: int
    new: int
    vanished: int
    reversal: bool


def aggregation_reversal(
    before: pd.DataFrame, after: pd.DataFrame, *, size: str, price: str, by: str | Sequence[str]
) -> AggregationReversal:
    """Compare the movement of an average price with the movement of every price in it.

    Parameters
    ----------
    before, after : DataFrame
        One row per cell with the columns of `by`, `size` and `price`.
    size : str
        Weight of a cell, >= 0: packages, people or units.
    price : str
        Price in the cell, any finite number where the cell has a size.
    by : str or sequence of str
        Columns that name a cell.

    Returns
    -------
    AggregationReversal
        Averages and effects in the units of the price, cells counted by their own movement.

    Raises
    ------
    MethodError
        As for `decompose`.

    Notes
    -----
    A reversal needs at least one cell in both periods, and every such cell must move against the average:
    one unchanged price is enough for there to be none. Prices that differ by less than one part in 10⁹
    are unchanged. An empty period has no average: its average, the change and both effects are NaN,
    and there is no reversal.

    References
    ----------
    Simpson, E. H. (1951) The interpretation of interaction in contingency tables. Journal of the Royal
    Statistical Society B 13, 238-241.

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
    _, old, new = align(before, after, [size, price], by)
    in_old, in_new = old[0] > 0, new[0] > 0
    moves = _moves(old[1], new[1])[in_old & in_new]
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
        unchanged=int((moves == 0).sum()),
        new=int((in_new & ~in_old).sum()),
        vanished=int((in_old & ~in_new).sum()),
        reversal=len(moves) > 0 and bool(np.all(moves * direction < 0)),
    )


def _moves(before: Floats, after: Floats) -> Floats:
    """Direction of each movement: -1, 0 or 1, and NaN where there is none."""
    return np.where(np.isclose(before, after, rtol=SAME_PRICE, atol=0.0), 0.0, np.sign(after - before))


def _averages(old: Floats, new: Floats) -> tuple[float, float, float, float]:
    """Average before and after, price effect and mix effect; NaN where a period is empty."""
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
