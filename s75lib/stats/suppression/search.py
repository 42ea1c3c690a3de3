"""Finds which further cells to hide: those that must be, by an integer programme, or one at a time."""

from __future__ import annotations

__all__ = ["search"]

import heapq
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from s75lib.errors import MethodError
from s75lib.stats.suppression.problem import TOLERANCE, Mask, Problem, Reader, attainable, bound_together

# Continuous variables of the integer programme, beyond which it would take longer than a report may.
EXACT_LIMIT = 20_000
# Nodes and not seconds: the same table must have the same answer on a slower machine.
NODE_LIMIT = 2_000
# Before the integer programme: choices looked at, and those tried. Most tables need one or two of them.
CHOICE_LIMIT = 500
SAFE_LIMIT = 4

GIVEN_AWAY = (
    "the cells that must stay published give a small count away whatever else is hidden. "
    "Let totals be hidden, or merge categories."
)


@dataclass(frozen=True)
class Task:
    """Keep one reader from finding one cell."""

    cell: int
    reader: Reader


def search(problem: Problem) -> tuple[Mask, bool]:
    """Cells to hide so that every task is met, and whether no cheaper choice exists.

    Raises
    ------
    MethodError
        If the cells that must stay published make protection impossible.
    """
    clash = problem.primary & problem.shown
    if clash.any():
        raise MethodError(
            f"{int(clash.sum())} cells that must stay published hold counts of 1 to {problem.threshold - 1}. "
            "Let them be hidden, or merge categories."
        )
    hidden, optimal = problem.primary.copy(), True
    for cells in bound_together(problem.sums):
        if hidden[cells].any():
            hidden[cells], best = _search(problem.part(cells))
            optimal = optimal and best
    return hidden, optimal


def _search(problem: Problem) -> tuple[Mask, bool]:
    """Search among cells that are bound together."""
    forced = _forced(problem)
    if forced is not None:
        return forced, True
    tasks = _tasks(problem)
    found = _exact(problem, tasks)
    optimal = found is not None
    if found is None:
        hidden = _greedy(problem, tasks, problem.primary)
        failed = _failed(problem, hidden)
    else:
        hidden, failed = found
    # Whole numbers can be scarcer than the programme's fractions, but only under sums other than a table's.
    while failed:
        if np.array_equal(hidden, problem.candidates):
            raise MethodError(GIVEN_AWAY)
        wider = _greedy(problem, failed, hidden)
        hidden = problem.candidates if np.array_equal(wider, hidden) else wider
        failed, optimal = _failed(problem, hidden), False
    return hidden, optimal


def _forced(problem: Problem) -> Mask | None:
    """Least-cost cells where no other choice is as cheap; None if one is, or if that takes long to tell.

    A single hidden cell is found from its sum, and to hide it helps no other. So each safe choice can be
    built up from the small counts by hiding another cell of such a sum, and the first is the cheapest.
    """
    columns = np.flatnonzero(problem.candidates)
    bits = np.array([1 << place for place in range(len(columns))], dtype=object)
    # Whole numbers, in proportion to the costs: no order among choices hangs on rounding.
    costs = np.rint(problem.costs[columns] * (1 + problem.values.sum())).astype(int).tolist()
    members = [np.flatnonzero(row).tolist() for row in problem.sums[:, columns]]
    sums = [(sum(bits[places]), places) for places in members]
    waiting = [(0, sum(bits[problem.primary[columns]]))]
    seen, tried = {waiting[0][1]}, 0
    found: tuple[int, Mask] | None = None
    while waiting and len(seen) <= CHOICE_LIMIT and tried <= SAFE_LIMIT:
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


def _safe(problem: Problem, hidden: Mask) -> bool:
    """Whether a choice meets every task that there may be."""
    low, high = attainable(problem, hidden, problem.roles, problem.primary, enough=problem.roles.need)
    return not _failed(problem, hidden) and bool((high - low)[problem.primary].min() >= problem.roles.need)


def _tasks(problem: Problem) -> list[Task]:
    """Every primary cell against the reader of the rule, and of the roles where hiding can help at all."""
    cells = np.flatnonzero(problem.primary)
    tasks = [Task(int(cell), problem.rule) for cell in cells]
    if any(_cheapest(problem, task, problem.primary) is None for task in tasks):
        raise MethodError(GIVEN_AWAY)
    worst = [Task(int(cell), problem.roles) for cell in cells]
    return tasks + [task for task in worst if _cheapest(problem, task, problem.primary) is not None]


def _failed(problem: Problem, hidden: Mask) -> list[Task]:
    """Hidden cells whose interval is too narrow for a reader of the rule."""
    need = problem.rule.need
    low, high = attainable(problem, hidden, problem.rule, hidden, enough=need)
    return [Task(int(cell), problem.rule) for cell in np.flatnonzero(high - low < need)]


def _cheapest(problem: Problem, task: Task, hidden: Mask) -> Mask | None:
    """Further cells that would have to move for the task's interval, at least cost per person moved."""
    columns = np.flatnonzero(problem.candidates)
    count = len(columns)
    up = task.reader.upper[columns] - problem.values[columns]
    down = problem.values[columns] - task.reader.lower[columns]
    cost = np.where(hidden[columns], 0.0, problem.costs[columns])
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
    moved[columns] = (found.x.reshape(4, count) > TOLERANCE).any(axis=0)
    return moved


def _greedy(problem: Problem, tasks: list[Task], hidden: Mask) -> Mask:
    """Hide what each task needs, one after another, then what the newly hidden cells need."""
    while tasks:
        before = hidden
        for task in tasks:
            moved = _cheapest(problem, task, hidden)
            hidden = hidden if moved is None else hidden | moved
        tasks = [] if np.array_equal(hidden, before) else _failed(problem, hidden)
    return hidden


def _exact(problem: Problem, tasks: list[Task]) -> tuple[Mask, list[Task]] | None:
    """Least-cost cells by integer programming, and what still fails; None if the table is too big for it."""
    tasks = list(tasks)
    while 2 * len(tasks) * int(problem.candidates.sum()) <= EXACT_LIMIT:
        hidden = _solve(problem, tasks)
        if hidden is None:
            return None
        # A cell hidden to protect others needs a wide interval itself: only those that fail are demanded.
        known = {(task.cell, task.reader.name) for task in tasks}
        failed = _failed(problem, hidden)
        added = [task for task in failed if (task.cell, task.reader.name) not in known]
        if not added:
            return hidden, failed
        tasks += added
    return None


def _solve(problem: Problem, tasks: list[Task]) -> Mask | None:
    """One integer programme: a binary for each cell that may be hidden, two shadow tables for each task.

    A shadow table is another set of counts with the same published cells and sums; its deviations from
    the truth may differ from zero in hidden cells alone. The two of a task must differ by its width.
    """
    columns = np.flatnonzero(problem.candidates)
    free = np.flatnonzero(~problem.primary[columns])
    sums = sparse.csr_array(problem.sums[:, columns])
    picked = sparse.eye_array(len(columns), format="csr")[free]
    tables, switches, floors, ceilings = [], [], [], []
    for task in tasks:
        # In a two-way table no cell need move further than the width: circulations split into cycles.
        reach = task.reader.need * (1 if problem.network else 8)
        down = np.maximum(task.reader.lower[columns] - problem.values[columns], -reach)
        up = np.minimum(task.reader.upper[columns] - problem.values[columns], reach)
        switch = sparse.vstack(
            [
                sparse.csr_array((sums.shape[0], len(free))),
                -sparse.diags_array(up[free]),
                -sparse.diags_array(down[free]),
            ]
        )
        tables += [sparse.vstack([sums, picked, picked])] * 2
        switches += [switch] * 2
        floors += [down] * 2
        ceilings += [up] * 2
    shadows = sparse.hstack([sparse.vstack(switches), sparse.block_diag(tables)], format="csr")
    endless, zero = np.full(len(free), np.inf), np.zeros(len(free))
    balance = np.zeros(sums.shape[0])
    needs = [0.0 if task.cell in columns[free] else float(task.reader.need) for task in tasks]
    found = milp(
        np.concatenate([problem.costs[columns[free]], np.zeros(2 * len(tasks) * len(columns))]),
        integrality=np.concatenate(
            [np.ones(len(free)), np.full(2 * len(tasks) * len(columns), 0 if problem.network else 1)]
        ),
        bounds=Bounds(
            np.concatenate([zero, *floors]),
            np.concatenate([np.ones(len(free)), *ceilings]),
        ),
        constraints=[
            LinearConstraint(
                shadows,
                np.tile(np.concatenate([balance, -endless, zero]), 2 * len(tasks)),
                np.tile(np.concatenate([balance, zero, endless]), 2 * len(tasks)),
            ),
            LinearConstraint(_widths(tasks, columns, free), needs, np.inf),
        ],
        options={"node_limit": NODE_LIMIT, "mip_rel_gap": 0.0},
    )
    if found.status != 0:
        return None
    hidden = problem.primary.copy()
    hidden[columns[free]] = found.x[: len(free)] > 0.5
    return hidden


def _widths(tasks: list[Task], columns: npt.NDArray[np.intp], free: npt.NDArray[np.intp]) -> sparse.csr_array:
    """One row per task: upper less lower shadow of its cell, less the width if it is hidden by choice."""
    rows = sparse.lil_array((len(tasks), len(free) + 2 * len(tasks) * len(columns)))
    for number, task in enumerate(tasks):
        place = int(np.searchsorted(columns, task.cell))
        start = len(free) + 2 * number * len(columns)
        rows[number, start + place] = 1.0
        rows[number, start + len(columns) + place] = -1.0
        if place in free:
            rows[number, int(np.searchsorted(free, place))] = -float(task.reader.need)
    return sparse.csr_array(rows)
