"""Small counts about people: hidden at least cost, and audited for what a reader could still work out.

A reader knows the published cells and that they add up, the threshold, and that zeros are never hidden, so
that a hidden cell is at least 1; not which hidden cells are small and which protect them. A hidden cell is
protected when the counts that it can have span more than the rule itself, ``high - low > threshold - 2``
(with 5, more than from 1 to 4). Each small count is kept from being found exactly even by a reader who is
told which hidden cells are small, where hiding can do that at all. Totals may be hidden. A cell costs 1, a
total as many as the cells that it adds up; ties go to the fewest people hidden. Not covered: other tables or
earlier editions that hold the same people, and a reader who knows a person in the table and subtracts them.

`counts` are whole numbers >= 0 with unique labels: parts, totals, totals of totals; `sums` the labels of each
total and of the parts that a reader can add up to it; counts of 1 to `threshold` - 1 are small, at least 2.
Sources: Fischetti and Salazar (2001) Management Science 47, 1008-1027; Hundepool and others (2012)
Statistical Disclosure Control, Wiley, chapter 4.
"""

from __future__ import annotations

__all__ = ["CellSuppression", "audit_cells", "suppress_cells"]

import heapq
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csc_array, eye_array, kron
from scipy.sparse.csgraph import connected_components

from s75lib.errors import MethodError

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Sum = tuple[Hashable, Sequence[Hashable]]

# The solver works to 1e-7; counts are whole numbers, so this tells them apart.
_TOLERANCE = 1e-5
_MOST = 10**10  # beyond it the solver's numbers aren't exact, and it complains aloud
# Rounds of cuts, and nodes of each integer programme, beyond which the search takes longer than a report may.
# Counted and not timed: the same table must have the same answer on a slower machine.
_ROUND_LIMIT = 40
_NODE_LIMIT = 200
# Before the integer programme: choices looked at, and those tried. Most tables need one or two of them.
_CHOICE_LIMIT = 500
_SAFE_LIMIT = 4

_GIVEN_AWAY = (
    "the cells that must stay published give a small count away whatever else is hidden. "
    "Let totals be hidden, or merge categories."
)


@dataclass(frozen=True)
class CellSuppression:
    """Counts with the small ones hidden so that none can be worked out.

    - `roles`: ``shown``, ``primary`` (a small count) or ``secondary`` (hidden to protect one). Like the
      ``role`` of the `audit`, not for publication.
    - `optimal`: Whether no cheaper choice of secondary cells exists, False if only a good one was sought.
    """

    hidden: pd.Series
    roles: pd.Series
    audit: pd.DataFrame
    optimal: bool

    @property
    def protected(self) -> bool:
        """Whether every hidden cell passes the audit."""
        return bool(self.audit["protected"].all())


def suppress_cells(
    counts: pd.Series,
    sums: Sequence[Sum],
    threshold: int = 5,
    *,
    shown: Collection[Hashable] = (),
    hidden: Collection[Hashable] = (),
    last: Collection[Hashable] = (),
) -> CellSuppression:
    """Hide small counts among cells bound by any published sums, and audit the result.

    In the order of `counts`. Without `shown` there is always a solution: with every count hidden nothing
    bounds them. The least-cost choice is found by cutting planes; where they take too long, cells are hidden
    stepwise (`optimal` is False): safe, but perhaps with more hidden than needed.

    Parameters
    ----------
    shown : collection of labels
        Cells that must stay published, as they stand elsewhere.
    hidden : collection of labels
        Cells that are hidden already, such as under a lower threshold, and must stay so; no zeros.
    last : collection of labels
        Cells that are wanted more than others: to hide one weighs as much as to hide two.

    Examples
    --------
    Two tables with a total of totals; 3 is hidden with 9, 21 with 30 would have cost more people:

    >>> counts = pd.Series({"a1": 3, "a2": 9, "a": 12, "b1": 21, "b2": 9, "b": 30, "all": 42})
    >>> found = suppress_cells(counts, [("a", ["a1", "a2"]), ("b", ["b1", "b2"]), ("all", ["a", "b"])])
    >>> found.roles[found.hidden].to_dict()
    {'a1': 'primary', 'a2': 'secondary'}
    """
    problem = _make_problem(counts, sums, threshold, shown=shown, hidden=hidden, last=last)
    gone, optimal = _search(problem)
    roles = np.select([problem.primary & gone, gone], ["primary", "secondary"], "shown")
    return CellSuppression(
        hidden=pd.Series(gone, index=counts.index),
        roles=pd.Series(roles, index=counts.index, dtype="str"),
        audit=_audit(problem, gone, counts.index),
        optimal=optimal,
    )


def audit_cells(
    counts: pd.Series, sums: Sequence[Sum], hidden: pd.Series, threshold: int = 5
) -> pd.DataFrame:
    """Find what readers of published sums can still work out about each `hidden` cell, flagged as `counts`.

    Returns
    -------
    DataFrame
        One row per hidden cell, and per small count left in sight: ``cell``, ``role`` (primary or secondary),
        ``low`` and ``high`` (counts attainable for a reader who knows the rule but not which cells are
        small), ``protected`` (whether ``high - low > threshold - 2``, wider than the rule), and whether the
        count is found exactly: ``found_by_subtraction`` (knowing that counts are not negative),
        ``found_by_rule`` (knowing the rule as well), ``found_by_roles`` (knowing even which hidden cells are
        small).

    Examples
    --------
    >>> counts = pd.Series({"a": 2, "b": 7, "all": 9})
    >>> hidden = pd.Series({"a": True, "b": False, "all": False})
    >>> audit_cells(counts, [("all", ["a", "b"])], hidden)[["cell", "low", "high", "protected"]]
      cell  low  high  protected
    0    a  2.0   2.0      False
    """
    problem = _make_problem(counts, sums, threshold)
    if not hidden.index.equals(counts.index):
        raise MethodError(
            "the index of 'hidden' differs from that of 'counts'. Give one flag for each count."
        )
    return _audit(problem, hidden.to_numpy(dtype=bool), counts.index)


# --- counts, sums and readers ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    """What a reader takes for granted about a hidden cell: bounds for each cell, were it hidden.

    `need` is the least width of the attainable interval, ``high - low``, for a cell to be safe from this
    reader.
    """

    name: str
    lower: Floats
    upper: Floats
    need: int


@dataclass(frozen=True)
class _Problem:
    """Counts, the sums that bind them (a row each: 1 for a part, -1 for the total), and the rule.

    `shown` marks the cells that must stay published, `gone` those that are hidden already. `costs` of hiding
    each are whole numbers, in which one person weighs less than one cell of all.
    """

    values: Floats
    sums: Floats
    threshold: int
    shown: Mask
    gone: Mask
    costs: Floats

    @cached_property
    def primary(self) -> Mask:
        """Cells that the rule hides."""
        return (self.values >= 1) & (self.values < self.threshold)

    @cached_property
    def candidates(self) -> Mask:
        """Cells that may be hidden: zeros never are."""
        return (self.values > 0) & ~self.shown

    @cached_property
    def start(self) -> Mask:
        """Cells that are hidden whatever is chosen."""
        return self.primary | self.gone

    @cached_property
    def subtraction(self) -> _Reader:
        """Knows that counts are not negative."""
        return _Reader("subtraction", np.zeros_like(self.values), np.full_like(self.values, np.inf), 1)

    @cached_property
    def rule(self) -> _Reader:
        """Knows the rule as well: zeros are never hidden, so that a hidden cell is at least 1."""
        return _Reader(
            "rule", np.ones_like(self.values), np.full_like(self.values, np.inf), self.threshold - 1
        )

    @cached_property
    def roles(self) -> _Reader:
        """Knows even which hidden cells are small and which were hidden to protect them."""
        lower = np.where(self.primary, 1.0, float(self.threshold))
        return _Reader("roles", lower, np.where(self.primary, self.threshold - 1.0, np.inf), 1)

    def part(self, cells: npt.NDArray[np.intp]) -> _Problem:
        """Take some cells with the sums that bind them."""
        sums = self.sums[:, cells]
        cut = {name: getattr(self, name)[cells] for name in ("values", "shown", "gone", "costs")}
        return replace(self, sums=sums[sums.any(axis=1)], **cut)


def _make_problem(
    counts: pd.Series,
    sums: Sequence[Sum],
    threshold: int,
    shown: Collection[Hashable] = (),
    hidden: Collection[Hashable] = (),
    last: Collection[Hashable] = (),
) -> _Problem:
    if threshold < 2 or int(threshold) != threshold:
        raise MethodError(f"threshold is {threshold}; expected a whole number of at least 2, such as 5.")
    place = {label: number for number, label in enumerate(counts.index)}
    if len(place) < len(counts):
        raise MethodError("the counts have repeated labels. Give every cell a label of its own.")
    try:
        values = counts.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise MethodError(f"the counts are not numbers: {error}. Convert them first.") from error
    wrong = counts[~(np.isfinite(values) & (values >= 0) & (values == np.round(values)))]
    if len(wrong):
        raise MethodError(
            f"{len(wrong)} counts are missing, negative or no whole numbers, the first {wrong.iloc[0]} in "
            f"{wrong.index[0]}. Give true counts: suppression cannot start from a table with gaps."
        )
    if len(values) and values.max() > _MOST:
        raise MethodError(f"found a count of {values.max():,.0f}; expected people, {_MOST:,} at most.")
    labels = [label for total, parts in sums for label in (total, *parts)] + [*shown, *hidden, *last]
    unknown = sorted({str(label) for label in labels if label not in place})
    if unknown:
        raise MethodError(f"labels {unknown} are no cells. Name cells of the counts.")
    matrix = np.zeros((len(sums), len(values)))
    for row, (total, parts) in enumerate(sums):
        matrix[row, [place[label] for label in parts]] = 1.0
        matrix[row, place[total]] = -1.0
    broken = np.flatnonzero(matrix @ values)
    if len(broken):
        raise MethodError(
            f"{len(broken)} sums do not hold, the first that of {sums[broken[0]][0]}. "
            "Correct the total or its parts."
        )
    kept, gone, dear = (
        np.isin(np.arange(len(values)), [place[one] for one in these]) for these in (shown, hidden, last)
    )
    parts_of = np.where(matrix == -1, (matrix == 1).sum(axis=1, keepdims=True), 1).max(axis=0, initial=1)
    costs = (1 + dear) * (parts_of * (1 + values.sum()) + values)
    return _Problem(values, matrix, int(threshold), kept, gone, costs)


def _bound_together(sums: Floats) -> list[npt.NDArray[np.intp]]:
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


# --- what readers can work out ---------------------------------------------------------------------------


def _audit(problem: _Problem, hidden: Mask, labels: pd.Index) -> pd.DataFrame:
    if (problem.values[hidden] == 0).any():
        raise MethodError("a zero is hidden; under this rule zeros are always shown. Show it.")
    seen = problem.primary & ~hidden
    # Of two readers it matters alone whether they find the very count.
    intervals = {
        reader.name: _attainable(problem, hidden, reader, hidden, enough=enough)
        for reader, enough in ((problem.subtraction, 1), (problem.rule, np.inf), (problem.roles, 1))
    }
    for low, high in intervals.values():
        low[seen] = high[seen] = problem.values[seen]
    cells = np.flatnonzero(hidden | seen)
    low, high = (end[cells] for end in intervals["rule"])
    return pd.DataFrame(
        {
            "cell": labels[cells].to_flat_index(),
            "role": np.where(problem.primary[cells], "primary", "secondary"),
            "low": low,
            "high": high,
            "protected": high - low >= problem.rule.need,
            **{f"found_by_{name}": ends[0][cells] == ends[1][cells] for name, ends in intervals.items()},
        }
    )


def _attainable(
    problem: _Problem, hidden: Mask, reader: _Reader, targets: Mask, *, enough: float = np.inf
) -> tuple[Floats, Floats]:
    """Least and greatest count of each target for a reader; NaN elsewhere, infinite where unbounded.

    Where an interval has a width of `enough`, any two counts so far apart stand for its ends. Otherwise at
    most two integer programmes for each target, in deviations from the truth, so that the truth is always a
    solution; an end that any solution reached needs no programme.
    """
    low, high = np.full_like(problem.values, np.nan), np.full_like(problem.values, np.nan)
    columns = np.flatnonzero(hidden)
    free = columns[~problem.sums[:, columns].any(axis=0) & targets[columns]]
    low[free], high[free] = reader.lower[free], reader.upper[free]
    for group in _bound_together(problem.sums[:, columns]):
        _bound(problem, columns[group], reader, targets, low, high, enough)
    return low, high


def _bound(
    problem: _Problem,
    columns: npt.NDArray[np.intp],
    reader: _Reader,
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
        least, most = _programmes(sums, floor, ceiling, cells, cap, enough)
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
    rank = int((weights > _TOLERANCE).sum())
    if rank == size:
        return np.zeros(size)
    way = np.where(np.abs(ways[-1]) > _TOLERANCE, ways[-1], 0.0)
    way = np.rint(way / np.abs(way[way != 0]).min())
    return way if rank == size - 1 and not (sums @ way).any() else None


def _along(way: Floats, floor: Floats, ceiling: Floats) -> tuple[Floats, Floats]:
    least, most, moving = np.zeros_like(way), np.zeros_like(way), way != 0
    ends = np.sort([floor[moving] / way[moving], ceiling[moving] / way[moving]], axis=0)
    steps = [np.ceil(ends[0].max(initial=-np.inf)), np.floor(ends[1].min(initial=np.inf))]
    least[moving], most[moving] = np.sort(np.outer(steps, way[moving]), axis=0)
    return least, most


def _programmes(
    sums: Floats, floor: Floats, ceiling: Floats, targets: Mask, cap: float, enough: float
) -> tuple[Floats, Floats]:
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
                integrality=np.full(len(floor), 1),
                options={"mip_rel_gap": 0.0},
            )
            assert found.x is not None, found.message
            np.minimum(least, np.ceil(found.x - _TOLERANCE), out=least)
            np.maximum(most, np.floor(found.x + _TOLERANCE), out=most)
    return least, most


# --- which further cells to hide ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Task:
    cell: int
    reader: _Reader


def _search(problem: _Problem) -> tuple[Mask, bool]:
    """Cells to hide so that every task is met, and whether no cheaper choice exists."""
    clash = problem.primary & problem.shown
    if clash.any():
        raise MethodError(
            f"{int(clash.sum())} cells that must stay published hold counts of 1 to {problem.threshold - 1}. "
            "Let them be hidden, or merge categories."
        )
    hidden, optimal = problem.start.copy(), True
    # Cells that stay published bind nothing: what moves beside them is bound by the rest of their sums.
    free = np.flatnonzero(problem.candidates)
    for group in _bound_together(problem.sums[:, free]):
        cells = free[group]
        if hidden[cells].any():
            hidden[cells], best = _search_group(problem.part(cells))
            optimal = optimal and best
    return hidden, optimal


def _search_group(problem: _Problem) -> tuple[Mask, bool]:
    forced = _forced(problem)
    if forced is not None:
        return forced, True
    tasks = _tasks(problem)
    hidden = _least_cost(problem, tasks)
    if hidden is not None:
        return hidden, True
    hidden = _greedy(problem, tasks, problem.start)
    while failed := _failed(problem, hidden):
        if np.array_equal(hidden, problem.candidates):
            raise MethodError(_GIVEN_AWAY)
        wider = _greedy(problem, failed, hidden)
        hidden = problem.candidates if np.array_equal(wider, hidden) else wider
    return hidden, False


def _forced(problem: _Problem) -> Mask | None:
    """Least-cost cells where no other choice is as cheap; None if one is, or if that takes long to tell.

    A single hidden cell is found from its sum, and to hide it helps no other. So each safe choice can be
    built up from the small counts by hiding another cell of such a sum, and the first is the cheapest.
    """
    columns = np.flatnonzero(problem.candidates)
    bits = np.array([1 << place for place in range(len(columns))], dtype=object)
    costs = problem.costs[columns].astype(int).tolist()
    members = [np.flatnonzero(row).tolist() for row in problem.sums[:, columns]]
    sums = [(sum(bits[places]), places) for places in members]
    waiting = [(0, sum(bits[problem.start[columns]]))]
    seen, tried = {waiting[0][1]}, 0
    found: tuple[int, Mask] | None = None
    while waiting and len(seen) <= _CHOICE_LIMIT and tried <= _SAFE_LIMIT:
        cost, chosen = heapq.heappop(waiting)
        if found is not None and cost > found[0]:
            return found[1]
        single = [places for row, places in sums if (chosen & row).bit_count() == 1]
        if not single:
            tried += 1
            hidden = np.zeros_like(problem.primary)
            hidden[columns] = (bits & chosen) > 0
            if _safe(problem, hidden):
                if found is not None:
                    return None
                found = cost, hidden
        for place in min(single, key=len, default=range(len(columns))):
            wider = chosen | bits[place]
            if wider not in seen:
                seen.add(wider)
                heapq.heappush(waiting, (cost + costs[place], wider))
    return found[1] if found is not None and not waiting else None


def _safe(problem: _Problem, hidden: Mask) -> bool:
    low, high = _attainable(problem, hidden, problem.roles, problem.primary, enough=problem.roles.need)
    return not _failed(problem, hidden) and bool((high - low)[problem.primary].min() >= problem.roles.need)


def _tasks(problem: _Problem) -> list[_Task]:
    """Every primary cell against the reader of the rule, and of the roles where hiding can help at all."""
    cells = np.flatnonzero(problem.primary)
    tasks = [_Task(int(cell), problem.rule) for cell in cells]
    if any(_cheapest(problem, task, problem.start) is None for task in tasks):
        raise MethodError(_GIVEN_AWAY)
    worst = [_Task(int(cell), problem.roles) for cell in cells]
    return tasks + [task for task in worst if _cheapest(problem, task, problem.start) is not None]


def _failed(problem: _Problem, hidden: Mask) -> list[_Task]:
    need = problem.rule.need
    low, high = _attainable(problem, hidden, problem.rule, hidden, enough=need)
    return [_Task(int(cell), problem.rule) for cell in np.flatnonzero(high - low < need)]


def _cheapest(problem: _Problem, task: _Task, hidden: Mask) -> Mask | None:
    """Further cells that would have to move for the task's interval, at least cost per person moved."""
    columns = np.flatnonzero(problem.candidates)
    count = len(columns)
    up = task.reader.upper[columns] - problem.values[columns]
    down = problem.values[columns] - task.reader.lower[columns]
    cost = np.where(hidden[columns], 0.0, problem.costs[columns] / problem.costs.max())
    sums = problem.sums[:, columns]
    # Four blocks: the upper table's moves up and down, then the lower table's.
    flow = np.hstack([sums, -sums])
    target = np.zeros(4 * count)
    place = int(np.searchsorted(columns, task.cell))
    target[[place, count + place, 2 * count + place, 3 * count + place]] = [-1, 1, 1, -1]
    found = linprog(
        np.tile(cost, 4) + 1e-9,
        A_ub=target.reshape(1, -1),
        b_ub=[-float(task.reader.need)],
        A_eq=np.kron(np.eye(2), flow),
        b_eq=np.zeros(2 * sums.shape[0]),
        bounds=[(0.0, most) for most in np.concatenate([up, down, up, down])],
    )
    if found.status != 0 or found.x is None:
        return None
    moved = np.zeros_like(hidden)
    moved[columns] = (found.x.reshape(4, count) > _TOLERANCE).any(axis=0)
    return moved


def _greedy(problem: _Problem, tasks: list[_Task], hidden: Mask) -> Mask:
    while tasks:
        before = hidden
        for task in tasks:
            moved = _cheapest(problem, task, hidden)
            hidden = hidden if moved is None else hidden | moved
        tasks = [] if np.array_equal(hidden, before) else _failed(problem, hidden)
    return hidden


def _least_cost(problem: _Problem, tasks: list[_Task]) -> Mask | None:
    """Least-cost cells by cutting planes; None if the table is too big for them.

    An integer programme picks the cells, at first knowing alone that a hidden cell needs another in each of
    its sums. Each task that its choice fails gives an inequality that every safe choice meets and this one
    does not, until none fails: in fractions, which is quick, and then in whole numbers, which can be scarcer.
    """
    cells = np.flatnonzero(problem.candidates)
    gone, sums = problem.start[cells], problem.sums[:, cells]
    # Of choices that cost the same, the first in the table.
    costs = problem.costs[cells] + np.arange(len(cells)) / len(cells) ** 2
    rows = [
        np.where(np.arange(len(cells)) == place, -1.0, row != 0)
        for row in sums
        for place in np.flatnonzero(row)
    ]
    floors = [0.0] * len(rows)
    for _ in range(_ROUND_LIMIT):
        found = milp(
            np.where(gone, 0.0, costs),
            integrality=np.ones(len(cells), dtype=np.int64),
            bounds=Bounds(gone.astype(float), 1.0),
            constraints=LinearConstraint(csc_array(np.array(rows)), np.array(floors), np.inf),
            options={"node_limit": _NODE_LIMIT, "mip_rel_gap": 0.0},
        )
        if found.status != 0:
            return None
        chosen = found.x > 0.5
        hidden = np.zeros_like(problem.primary)
        hidden[cells[chosen]] = True
        cuts = list(_cuts(problem, tasks, cells, chosen)) or list(_whole_cuts(problem, tasks, cells, hidden))
        if not cuts:
            return hidden
        rows += [row for row, _ in cuts]
        floors += [floor for _, floor in cuts]
    return None


def _cuts(
    problem: _Problem, tasks: list[_Task], cells: npt.NDArray[np.intp], chosen: Mask
) -> Iterator[tuple[Floats, float]]:
    """Inequalities on the choice, from the tasks whose interval is too narrow in fractions.

    By linear duality the interval is no wider than the reduced costs of the hidden cells' bounds allow,
    whatever is chosen; no single cell need give more than the whole width. A cell hidden to protect others is
    a task itself.
    """
    others = cells[chosen & ~problem.primary[cells]]
    every = [*tasks, *(_Task(int(cell), problem.rule) for cell in others)]
    places = np.searchsorted(cells, [task.cell for task in every])
    own, need = np.arange(len(every)), np.array([float(task.reader.need) for task in every])
    down = np.array([task.reader.lower[cells] for task in every]) - problem.values[cells]
    up = np.array([task.reader.upper[cells] for task in every]) - problem.values[cells]
    floor, ceiling, goal = np.where(chosen, down, 0.0), np.where(chosen, up, 0.0), np.zeros_like(down)
    floor[own, places] = np.maximum(down[own, places], -need)
    ceiling[own, places] = np.minimum(up[own, places], need)
    goal[own, places] = 1.0
    # One programme for both ends of every task is quicker than one for each; they share nothing.
    programme: dict[str, Any] = {
        "A_eq": kron(eye_array(2 * len(every)), problem.sums[:, cells]),
        "b_eq": np.zeros(2 * len(every) * len(problem.sums)),
        "bounds": np.tile(np.stack([floor.ravel(), ceiling.ravel()], axis=1), (2, 1)),
    }
    found = linprog(np.concatenate([-goal.ravel(), goal.ravel()]), **programme)
    assert found.x is not None, found.message
    most, least = found.x.reshape(2, *goal.shape)[:, own, places]
    gain = -(found.lower.marginals + found.upper.marginals).reshape(2, *goal.shape)
    gain[np.abs(gain) < _TOLERANCE] = 0.0
    # Without an upper bound on a count, whatever it gains is enough.
    ends = np.where(gain > 0, np.where(np.isinf(up), need[:, None] / _TOLERANCE, up), down)
    rows = np.minimum(np.minimum(gain * ends, need[:, None]).sum(axis=0), need[:, None])
    for one in np.flatnonzero(most - least < need - _TOLERANCE):
        floor_of_row = need[one]
        if not problem.primary[every[one].cell]:
            rows[one, places[one]] -= need[one]
            floor_of_row = 0.0
        yield rows[one], floor_of_row


def _whole_cuts(
    problem: _Problem, tasks: list[_Task], cells: npt.NDArray[np.intp], hidden: Mask
) -> Iterator[tuple[Floats, float]]:
    """Inequalities from tasks that fail in whole numbers alone: hide another cell, or not this one."""
    failed = _failed(problem, hidden)
    if roles := [task for task in tasks if task.reader.name == "roles"]:
        low, high = _attainable(problem, hidden, problem.roles, problem.primary, enough=problem.roles.need)
        failed += [task for task in roles if high[task.cell] - low[task.cell] < problem.roles.need]
    for task in failed:
        row = (~hidden[cells]).astype(float)
        if problem.primary[task.cell]:
            yield row, 1.0
        else:
            row[np.searchsorted(cells, task.cell)] = -1.0
            yield row, 0.0
