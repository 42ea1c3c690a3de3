"""Counts bound by published sums, and what each kind of reader can work out about the hidden ones."""

from __future__ import annotations

__all__ = ["Problem", "Reader", "attainable", "bound_together"]

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csc_array
from scipy.sparse.csgraph import connected_components

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

    def part(self, cells: npt.NDArray[np.intp]) -> Problem:
        """Take some cells with the sums that bind them."""
        sums = self.sums[:, cells]
        return replace(self, values=self.values[cells], sums=sums[sums.any(axis=1)], shown=self.shown[cells])


def bound_together(sums: Floats) -> list[npt.NDArray[np.intp]]:
    """Give the groups of cells that sums bind to each other and to no other group.

    Parameters
    ----------
    sums : ndarray, shape (sums, cells)

    Returns
    -------
    list of ndarray
        Positions of the cells of each group; a cell in no sum is in no group.
    """
    count, size = sums.shape
    row, cell = np.nonzero(sums)
    bound = np.unique(cell)
    if not len(bound):
        return []
    # A graph of the sums and, numbered after them, the cells.
    graph = coo_array((np.ones(len(row)), (row, count + cell)), shape=(count + size, count + size))
    group = connected_components(graph, directed=False)[1][count + bound]
    order = np.argsort(group, kind="stable")
    return np.split(bound[order], np.flatnonzero(np.diff(group[order])) + 1)


def attainable(
    problem: Problem, hidden: Mask, reader: Reader, targets: Mask, *, enough: float = np.inf
) -> tuple[Floats, Floats]:
    """Least and greatest count that each target can have, for a reader of the published table.

    Parameters
    ----------
    problem : Problem
        Counts and sums.
    hidden, targets : ndarray of bool, shape (cells,)
        Cells not published, and those of them to find the interval for.
    reader : Reader
        What the reader knows.
    enough : float
        Width of an interval from which on its ends need not be found: any two counts so far apart that the
        cell can have stand for them.

    Returns
    -------
    low, high : ndarray, shape (cells,)
        NaN outside `targets`; `high` is infinite where nothing bounds the cell.

    Notes
    -----
    Where the sums leave hidden cells one way to move, in fixed proportion, the first to reach a bound stops
    them all. Otherwise at most two programmes for each target over the hidden cells alone, in deviations from
    the truth, so that the truth is always a solution. In a two-way table with totals the linear programme's
    bounds are whole numbers; under other sums whole numbers are demanded of it. Every solution is a table
    that the reader must think possible, for all cells at once: an end that any of them reached needs no
    programme.
    """
    low, high = np.full_like(problem.values, np.nan), np.full_like(problem.values, np.nan)
    columns = np.flatnonzero(hidden)
    free = columns[~problem.sums[:, columns].any(axis=0) & targets[columns]]
    low[free], high[free] = reader.lower[free], reader.upper[free]
    for group in bound_together(problem.sums[:, columns]):
        _bound(problem, columns[group], reader, targets, low, high, enough)
    return low, high


def _bound(
    problem: Problem,
    columns: npt.NDArray[np.intp],
    reader: Reader,
    targets: Mask,
    low: Floats,
    high: Floats,
    enough: float,
) -> None:
    """Fill in the ends of the targets among hidden cells that are bound together."""
    values, sums, cells = problem.values[columns], problem.sums[:, columns], targets[columns]
    floor, ceiling = reader.lower[columns] - values, reader.upper[columns] - values
    # More than any sum of published cells can allow: a target that gets there is bounded by nothing.
    cap = 10.0 * (problem.values.sum() + problem.values.size + problem.threshold)
    way = _only_way(sums[sums.any(axis=1)])
    if way is None:
        least, most = _programmes(sums, floor, ceiling, cells, cap, enough, whole=not problem.network)
    else:
        least, most = _along(way, floor, ceiling)
    low[columns[cells]] = (values + least)[cells]
    high[columns[cells]] = np.where(most < cap - 1, values + most, np.inf)[cells]


def _only_way(sums: Floats) -> Floats | None:
    """Least whole steps in which cells move together: zeros if none can, None if several ways are open."""
    count, size = sums.shape
    if size > count + 1:
        return None
    _, weights, ways = np.linalg.svd(sums)
    rank = int((weights > TOLERANCE).sum())
    if rank == size:
        return np.zeros(size)
    way = np.where(np.abs(ways[-1]) > TOLERANCE, ways[-1], 0.0)
    way = np.rint(way / np.abs(way[way != 0]).min())
    return way if rank == size - 1 and not (sums @ way).any() else None


def _along(way: Floats, floor: Floats, ceiling: Floats) -> tuple[Floats, Floats]:
    """Least and greatest move of each cell, where all move together."""
    least, most, moving = np.zeros_like(way), np.zeros_like(way), way != 0
    ends = np.sort([floor[moving] / way[moving], ceiling[moving] / way[moving]], axis=0)
    steps = [np.ceil(ends[0].max(initial=-np.inf)), np.floor(ends[1].min(initial=np.inf))]
    least[moving], most[moving] = np.sort(np.outer(steps, way[moving]), axis=0)
    return least, most


def _programmes(
    sums: Floats, floor: Floats, ceiling: Floats, targets: Mask, cap: float, enough: float, *, whole: bool
) -> tuple[Floats, Floats]:
    """Least and greatest move of each target, by linear or integer programming."""
    holds = LinearConstraint(csc_array(sums), 0, 0)
    least, most = np.zeros(len(floor)), np.zeros(len(floor))
    # All upper ends first: what one cell gains another loses, and often that is the other's lower end.
    for sign in (-1.0, 1.0):
        for place in np.flatnonzero(targets):
            top = min(ceiling[place], cap)
            reached = most[place] >= min(top, cap - 1) if sign < 0 else least[place] <= floor[place]
            if reached or most[place] - least[place] >= enough:
                continue
            tops, goal = ceiling.copy(), np.zeros(len(floor))
            tops[place], goal[place] = top, sign
            found = milp(
                goal,
                constraints=holds,
                bounds=Bounds(floor, tops),
                integrality=np.full(len(floor), int(whole)),
                options={"mip_rel_gap": 0.0},
            )
            assert found.x is not None, found.message
            np.minimum(least, np.ceil(found.x - TOLERANCE), out=least)
            np.maximum(most, np.floor(found.x + TOLERANCE), out=most)
    return least, most
