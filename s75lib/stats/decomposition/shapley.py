"""Shapley decomposition of the change in a sum of products: effects that always add up."""

from __future__ import annotations

__all__ = ["Decomposition", "decompose", "path_effects"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.errors import MethodError
from s75lib.stats.decomposition.cells import align, shares

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Decomposition:
    """A change of a total and the effect of each factor on it.

    Parameters
    ----------
    before, after, change : float
        Totals in the units of the value, and ``after - before``.
    effects : DataFrame
        ``factor`` (category, in the order of the factors) and ``effect`` (units of the value); the
        effects add up to `change`.
    by_cell : DataFrame
        The cell columns, ``factor`` and ``effect``: one row per cell and factor. A factor's rows add up
        to its effect, a cell's rows to the cell's change.
    cells : DataFrame
        The cell columns, ``status`` (continuing, new, vanished or empty), ``before``, ``after`` and
        ``change``.
    method : str
        Name of the method.
    """

    before: float
    after: float
    change: float
    effects: pd.DataFrame
    by_cell: pd.DataFrame
    cells: pd.DataFrame
    method: str

    @property
    def residual(self) -> float:
        """Change less the sum of the effects: nothing but floating-point rounding."""
        return self.change - float(self.effects["effect"].sum())


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
    factors : sequence of str
        Columns whose product is a cell's value, any number of them. The first is the cell's size
        (packages, people, units), >= 0; the others are any finite numbers.
    by : str or sequence of str
        Columns that name a cell.
    mix : mapping of str to str or sequence of str, optional
        Split the size into its total, under the first factor's name, and shares of it: name of a share to
        the `by` columns that it adds. ``{"mix": ["team", "care_type"]}`` is one joint share,
        ``{"team mix": "team", "care type mix": "care_type"}`` the share of each team and then of care
        types within teams. Without it, the size of each cell is one factor.

    Returns
    -------
    Decomposition
        Totals, effects, and the effects of each cell, in the units of the product.

    Raises
    ------
    MethodError
        Columns that are unknown or repeated, cells that are repeated or unnamed, a negative or missing
        size, another factor missing in a cell that has a size, or a mix that does not use every `by`
        column exactly once.

    Notes
    -----
    The effect of a factor is the mean, over all orders in which the factors could have changed one after
    another, of what its own change adds: its Shapley value, for two periods the same as Das Gupta's. The
    value is linear in each factor, so the mean over orders is an integral along the straight line from
    the old factors to the new, and Gauss-Legendre quadrature with half as many nodes as factors gives it
    without error. Cost grows with the square of the number of factors, not with two to its power.

    A cell that is absent from a period, or has size zero there, carries the other factors of the period
    in which it exists, so that its whole value is an effect of size (or of mix), never of price. A factor
    that is stated in a row of size zero is ignored. With `mix`, the shares within a group that is empty in
    one period are carried likewise; if a whole period is empty, all is an effect of the total.

    There are no percentage shares of the change: they are undefined when the net change is zero and
    mislead when effects offset one another. Reversing the periods flips every sign.

    The mix effects of cells are relative to nothing rather than to the average price: a growing share
    counts as positive even in a cheap cell. Their sum is the mix effect; read single cells with care.
    Nested shares depend on the order of the levels.

    References
    ----------
    Shapley, L. S. (1953) A value for n-person games. Contributions to the Theory of Games II, 307-317.
    Das Gupta, P. (1993) Standardization and Decomposition of Rates: A User's Manual. US Bureau of the
    Census, Current Population Reports P23-186.
    Aumann, R. J. and Shapley, L. S. (1974) Values of Non-Atomic Games. Princeton University Press.

    Examples
    --------
    Ten packages at £500 a week become twelve at £550:

    >>> before = pd.DataFrame({"care_type": ["home"], "packages": [10], "weekly": [500.0]})
    >>> after = pd.DataFrame({"care_type": ["home"], "packages": [12], "weekly": [550.0]})
    >>> decompose(before, after, ["packages", "weekly"], by="care_type").effects
         factor  effect
    0  packages  1050.0
    1    weekly   550.0

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
    keys, old, new = align(before, after, list(factors), by)
    names = list(factors)
    sizes = old[0] > 0, new[0] > 0
    if mix is not None:
        levels = {name: [part] if isinstance(part, str) else list(part) for name, part in mix.items()}
        added, old_split, new_split = shares(keys, old[0], new[0], levels)
        names = [names[0], *added, *names[1:]]
        old, new = np.vstack([old_split, old[1:]]), np.vstack([new_split, new[1:]])
    columns = [*by, "factor", "effect", "status", "before", "after", "change"]
    if len(set(names)) < len(names) or len(set(columns)) < len(columns):
        raise MethodError(
            f"factors {names}, cells {by}: expected distinct factor names, and no cell column called "
            "factor, effect, status, before, after or change. Rename the mix or the column."
        )
    return _result(keys, names, old, new, sizes)


def path_effects(before: Floats, after: Floats) -> Floats:
    """Shapley value of each factor in each cell, arrays of shape (factors, cells)."""
    count = before.shape[0]
    nodes, weights = np.polynomial.legendre.leggauss((count + 1) // 2)
    mean_of_others = np.zeros_like(before)
    for node, weight in zip((1 + nodes) / 2, weights / 2, strict=True):
        mean_of_others += weight * _product_of_others((1 - node) * before + node * after)
    return np.asarray((after - before) * mean_of_others)


def _product_of_others(values: Floats) -> Floats:
    """Product over all other rows, without division, so that zeros are no trouble."""
    result = np.ones_like(values)
    np.cumprod(values[:-1], axis=0, out=result[1:])
    running = np.ones(values.shape[1])
    for row in range(values.shape[0] - 1, -1, -1):
        result[row] *= running
        running *= values[row]
    return result


def _result(
    keys: pd.DataFrame,
    names: list[str],
    old: Floats,
    new: Floats,
    present: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]],
) -> Decomposition:
    """Effects, their sums and the cells' own totals as frames."""
    effects = path_effects(old, new)
    old_values, new_values = old.prod(axis=0), new.prod(axis=0)
    status = np.select(
        [present[0] & present[1], present[1], present[0]], ["continuing", "new", "vanished"], "empty"
    )
    rows, count = np.tile(np.arange(len(keys)), len(names)), len(keys)
    factor = pd.Categorical.from_codes(np.repeat(np.arange(len(names)), count), categories=pd.Index(names))
    total_before, total_after = float(old_values.sum()), float(new_values.sum())
    return Decomposition(
        before=total_before,
        after=total_after,
        change=total_after - total_before,
        effects=pd.DataFrame(
            {"factor": pd.Categorical(names, categories=names), "effect": effects.sum(axis=1)}
        ),
        by_cell=keys.take(rows).reset_index(drop=True).assign(factor=factor, effect=effects.ravel()),
        cells=keys.assign(status=status, before=old_values, after=new_values, change=new_values - old_values),
        method="Shapley decomposition (Das Gupta 1993)",
    )
