"""Counts bound by published sums, and what each kind of reader can work out about the hidden ones."""

from __future__ import annotations

__all__ = ["Problem", "Reader", "attainable"]

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# The solver works to 1e-7; counts are whole numbers, so this tells them apart.
TOLERANCE = 1e-5


@dataclass(frozen=True)
class Reader:
    """What a reader takes for granted about a hidden cell: bounds for each cell, were it hidden.

    Parameters
    ----------
    name : str
        ``subtraction``, ``rule`` or ``roles``.
    lower, upper : ndarray, shape (cells,)
        Bounds that the reader knows without any sum.
    need : int
        Least width of the attainable interval, ``high - low``, for a cell to be safe from this reader.
    """

    name: str
    lower: Floats
    upper: Floats
    need: int


@dataclass(frozen=True)
class Problem:
    """Counts, the sums that bind them, and the rule.

    Parameters
    ----------
    values : ndarray, shape (cells,)
        Counts, whole numbers >= 0.
    sums : ndarray, shape (sums, cells)
        One row per published sum: 1 for a part, -1 for the total.
    threshold : int
        Counts of 1 to ``threshold - 1`` are to be hidden.
    shown : ndarray of bool, shape (cells,)
        Cells that must stay published.
    network : bool
        Whether the sums are those of one two-way table, for which linear programming gives whole numbers.
    """

    values: Floats
    sums: Floats
    threshold: int
    shown: Mask
    network: bool

    @cached_property
    def primary(self) -> Mask:
        """Cells that the rule hides."""
        return (self.values >= 1) & (self.values < self.threshold)

    @cached_property
    def candidates(self) -> Mask:
        """Cells that may be hidden: zeros never are."""
        return (self.values > 0) & ~self.shown

    @cached_property
    def costs(self) -> Floats:
        """Cost of hiding each cell: the cells that it adds up, and less than one in all for its people."""
        parts = (self.sums == 1).sum(axis=1, keepdims=True)
        weights = np.where(self.sums == -1, parts, 1).max(axis=0, initial=1)
        return np.asarray(weights + self.values / (1 + self.values.sum()))

    @cached_property
    def subtraction(self) -> Reader:
        """Knows that counts are not negative."""
        return Reader("subtraction", np.zeros_like(self.values), np.full_like(self.values, np.inf), 1)

    @cached_property
    def rule(self) -> Reader:
        """Knows the rule as well: zeros are never hidden, so that a hidden cell is at least 1."""
        return Reader(
            "rule", np.ones_like(self.values), np.full_like(self.values, np.inf), self.threshold - 1
        )

    @cached_property
    def roles(self) -> Reader:
        """Knows even which hidden cells are small and which were hidden to protect them."""
        lower = np.where(self.primary, 1.0, float(self.threshold))
        return Reader("roles", lower, np.where(self.primary, self.threshold - 1.0, np.inf), 1)


def attainable(problem: Problem, hidden: Mask, reader: Reader, targets: Mask) -> tuple[Floats, Floats]:
    """Least and greatest count that each target can have, for a reader of the published table.

    Parameters
    ----------
    problem : Problem
        Counts and sums.
    hidden, targets : ndarray of bool, shape (cells,)
        Cells not published, and those of them to find the interval for.
    reader : Reader
        What the reader knows.

    Returns
    -------
    low, high : ndarray, shape (cells,)
        NaN outside `targets`; `high` is infinite where nothing bounds the cell.

    Notes
    -----
    Two programmes for each target over the hidden cells alone, in deviations from the truth, so that the
    truth is always a solution. In a two-way table with totals the linear programme's bounds are whole
    numbers; under other sums whole numbers are demanded of it.
    """
    columns = np.flatnonzero(hidden)
    floor = reader.lower[columns] - problem.values[columns]
    ceiling = reader.upper[columns] - problem.values[columns]
    # More than any sum of published cells can allow: a target that gets there is bounded by nothing.
    cap = 10.0 * (problem.values.sum() + problem.values.size + problem.threshold)
    holds = LinearConstraint(csc_array(problem.sums[:, columns]), 0, 0)
    whole = np.full(len(columns), 0 if problem.network else 1)
    low, high = np.full_like(problem.values, np.nan), np.full_like(problem.values, np.nan)
    for place in np.flatnonzero(targets[columns]):
        tops, goal = ceiling.copy(), np.zeros(len(columns))
        tops[place], goal[place] = min(ceiling[place], cap), 1.0
        ends = []
        for sign in (1.0, -1.0):
            found = milp(
                sign * goal,
                constraints=holds,
                bounds=Bounds(floor, tops),
                integrality=whole,
                options={"mip_rel_gap": 0.0},
            )
            assert found.x is not None, found.message
            ends.append(float(found.x[place]))
        cell = columns[place]
        low[cell] = problem.values[cell] + np.ceil(ends[0] - TOLERANCE)
        high[cell] = problem.values[cell] + np.floor(ends[1] + TOLERANCE) if ends[1] < cap - 1 else np.inf
    return low, high
