"""Counts of people that reports print: which are hidden, decided once over all that counts the same people.

A wing puts its counts into a `Register`, each cell named by what it counts and not by the table that prints
it, with the sums that readers can make. What is hidden there is hidden in every table, chart and sentence.
An authority that rounds (`disclosure = "round"`) hides small counts alone, and shows others to the nearest 5.

References
----------
Hundepool, A. et al. (2010) Handbook on Statistical Disclosure Control. ESSNet SDC, chapters 4 and 5.
NHS England: Mental Health Services Monthly Statistics, on data quality and disclosure (counts below 5 are
suppressed, all others rounded to the nearest 5; percentages are of rounded counts).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import block_diag, csc_array

from s75lib.errors import MethodError
from s75lib.present.headline import Check
from s75lib.present.parts import Table, hidden_note, without
from s75lib.present.words import count_noun
from s75lib.stats.suppression import audit_cells, suppress_cells

Cell = Any
"""Whatever names a count: mostly what is counted, with its values."""
Counted = TypeVar("Counted", int, float, pd.Series)
RowSum = tuple[int, Sequence[int]]
_LEVELS = (5, 10)
"""Usual thresholds: what a lower one hides stays hidden under a higher, so that two editions agree."""
_WIDE = 10
_NEAR = 0.1
ROUNDED = "Counts are rounded to the nearest 5, so that totals may differ from the sum of their parts."
_NO_AUDIT = pd.DataFrame({"cell": [], "low": [], "high": [], "protected": np.array([], dtype=bool)})


@dataclass(frozen=True, eq=False)
class Decisions:
    """Which counts of a register are hidden, and what readers can still work out of them.

    - `counts`: The counts as they may be shown, but for those that are hidden.
    - `hidden`: Cells that may not be shown, nor anything that goes with them.
    - `audit`: As `s75lib.stats.suppression.audit_cells` gives it.
    - `levels`: What the lower of the usual thresholds hide, lowest first.
    """

    counts: Mapping[Cell, float] = field(repr=False)
    hidden: set[Cell] = field(default_factory=set)
    audit: pd.DataFrame = field(default_factory=_NO_AUDIT.copy, repr=False)
    levels: Sequence[set[Cell]] = ()

    @property
    def passed(self) -> bool:
        """Whether every hidden count is protected."""
        return bool(self.audit["protected"].all())

    def then(self, later: Decisions) -> Decisions:
        """Add what was decided next, with these as given."""
        audit = pd.concat([self.audit, later.audit], ignore_index=True).drop_duplicates("cell", keep="last")
        return Decisions({**self.counts, **later.counts}, self.hidden | later.hidden, audit)

    def said(self) -> str:
        """Say what was attacked and what is left of the tightest hidden count."""
        open_to = int((~self.audit["protected"]).sum())
        if open_to:
            return f"{count_noun(open_to, 'of them')} could still be worked out too closely."
        width = float((self.audit["high"] - self.audit["low"]).min()) + 1
        # A wide range is not told exactly: it would measure what is hidden beside it.
        left = f"at least {min(width, _WIDE):.0f} possible values"
        return f"Attacked with every sum of their tables by a reader who knows the rule, each has {left}."


@dataclass
class Register:
    """Counts of people with the sums that readers can make of them, in whatever tables they stand.

    - `counts`: Whole numbers by cell: what is counted, with its values. Sums that no table prints are cells
      too, if anybody can work them out.
    - `sums` (total, parts):
    - `shown`: Totals that stay shown, since so much else rests on them; hidden after all where nothing else
      helps.
    - `last`: Counts that are hidden for another's sake only where hiding others would take twice as many.
    - `free`: Counts of people of whom there is no money, so that theirs protects no other's.
    - `weights`: How often a part counts in a total of money, by total and part, if not once.

    >>> people = Register({"North": 3, "South": 9, "East": 30})
    >>> people.total("all", ["North", "South", "East"], shown=True)
    >>> found = people.decide(5)
    >>> sorted(found.hidden), found.passed
    (['North', 'South'], True)
    """

    counts: dict[Cell, float] = field(default_factory=dict)
    sums: list[tuple[Cell, list[Cell]]] = field(default_factory=list)
    shown: set[Cell] = field(default_factory=set)
    last: set[Cell] = field(default_factory=set)
    free: set[Cell] = field(default_factory=set)
    weights: dict[tuple[Cell, Cell], float] = field(default_factory=dict)

    def total(self, cell: Cell, parts: Iterable[Cell], *, shown: bool = False) -> None:
        """Add the sum of counts as a count of its own."""
        held = [part for part in parts if part in self.counts]
        self.counts[cell] = sum(self.counts[part] for part in held)
        self.sums.append((cell, held))
        if shown:
            self.shown.add(cell)

    def rest(self, cell: Cell, whole: Cell, part: Cell) -> None:
        """Add what a whole leaves over beside its part: nobody prints it, and anybody can subtract."""
        self.counts[cell] = self.counts[whole] - self.counts[part]
        self.sums.append((whole, [part, cell]))

    def include(self, other: Register) -> None:
        """Take up the counts of another register; a cell in both is the same count."""
        self.counts |= other.counts
        self.sums += other.sums
        self.shown |= other.shown
        self.last |= other.last
        self.free |= other.free

    def decide(self, fewest: int, *, rounded: bool = False, given: Decisions | None = None) -> Decisions:
        """Say of each count whether it must be hidden below so many people, and audit that.

        Where all are rounded to the nearest 5, little is hidden for another's sake. What was decided before,
        for another table or an earlier edition, is `given`: it stays hidden or shown.
        """
        if rounded:
            near = {cell: nearest_5(count) for cell, count in self.counts.items()}
            return Decisions(near, self._hide_rounded(near, fewest))
        wrong = [
            total for total, of in self.sums if self.counts[total] != sum(self.counts[part] for part in of)
        ]
        if wrong:
            said = f"{len(wrong)} sums do not hold, the first that of {wrong[0]}."
            raise MethodError(f"{said} Correct the total or its parts.")
        before = given.hidden & self.counts.keys() if given else set()
        fixed = given.counts.keys() & self.counts.keys() - before if given else set()
        kept = {cell for cell in self.shown - before if not 0 < self.counts[cell] < fewest} | fixed
        while True:
            hidden: set[Cell] = set(before)
            audits, failed = [_NO_AUDIT], set[Cell]()
            levels: list[set[Cell]] = [set(before) for level in _LEVELS if level < fewest]
            for part in self._parts(kept, fewest):
                part.last = self.last & part.counts.keys()
                each, audit = part._hide(kept & part.counts.keys(), before & part.counts.keys(), fewest)
                hidden |= each[-1]
                levels = [held | gone for held, gone in zip(levels, each, strict=False)]
                audits += [audit] if len(audit) else []
                failed |= set() if audit["protected"].all() else kept & part.counts.keys() - fixed
            if not failed:
                audit = pd.concat(audits[1:] or audits, ignore_index=True)
                return Decisions(self.counts, hidden, audit, levels)
            kept -= failed

    def _hide_rounded(self, near: Mapping[Cell, float], fewest: int) -> set[Cell]:
        """Choose what to hide of rounded counts: small ones, and what leaves of them less than the rule does.

        So of a total of 5 to 7 that is shown as 5, beside a part shown as 5, no more than 2 can be hidden.
        """
        hidden = {cell for cell, count in self.counts.items() if 0 < count < fewest}
        while True:
            wider = set()
            for total, parts in self.sums:
                shown = [part for part in parts if near[part] and part not in hidden]
                gone = sum(part in hidden for part in parts)
                room = near[total] + 2 - sum(max(near[part] - 2, fewest) for part in shown) - (gone - 1)
                if gone and total not in hidden and room < fewest - 1:
                    wider.add(min(shown or [total], key=self.counts.__getitem__))
            if not wider:
                return hidden
            hidden |= wider

    def _parts(self, kept: set[Cell], fewest: int) -> list[Register]:
        """Split off what holds a small count, where only counts that stay shown, or nobody, bind the rest."""
        root = {cell: cell for cell, count in self.counts.items() if count and cell not in kept}

        def find(cell: Cell) -> Cell:
            while root[cell] != cell:
                root[cell] = cell = root[root[cell]]
            return cell

        for total, parts in self.sums:
            first, *others = [find(cell) for cell in (total, *parts) if cell in root] or [None]
            root.update(dict.fromkeys(others, first))
        bound = {cell for total, parts in self.sums for cell in (total, *parts)}
        small = [cell for cell in root if self.counts[cell] < fewest]
        alone = Register({cell: self.counts[cell] for cell in small if cell not in bound})
        cells = {find(cell): Register() for cell in small if cell in bound}
        for total, parts in self.sums:
            for home in {find(cell) for cell in (total, *parts) if cell in root} & cells.keys():
                cells[home].sums.append((total, parts))
                cells[home].counts |= {cell: self.counts[cell] for cell in (total, *parts)}
        return [*cells.values(), *([alone] if alone.counts else [])]

    def _hide(self, kept: set[Cell], before: set[Cell], fewest: int) -> tuple[list[set[Cell]], pd.DataFrame]:
        """Choose what to hide of counts that are bound together, level by level of the usual thresholds."""
        hidden = [cell for cell in self.counts if cell in before]
        audit, levels = _NO_AUDIT, list[set[Cell]]()
        flat = pd.Series(self.counts, dtype=float)
        flat.index = pd.Index(list(self.counts), tupleize_cols=False)
        for level in (*(one for one in _LEVELS if one < fewest), fewest):
            levels.append(set(hidden))
            if not any(0 < count < level for count in self.counts.values()):
                continue
            shown = kept - set(hidden)
            try:
                found = suppress_cells(flat, self.sums, level, shown=shown, hidden=hidden, last=self.last)
                gone, audit = found.hidden, found.audit
            except MethodError:  # what stays shown gives a count away, as far as it can
                gone = (flat > 0) & ~flat.index.isin(pd.Index(list(shown), tupleize_cols=False))
                audit = audit_cells(flat, self.sums, gone, level)
            hidden = [cell for cell, is_gone in zip(self.counts, gone.tolist(), strict=True) if is_gone]
            levels[-1] = set(hidden)
        return levels, audit

    def without_money(self, cells: Iterable[Cell]) -> set[Cell]:
        """Give the cells whose money may not be shown where that of some may not.

        Those are sums of one of them and one other as well, and another part wherever one alone would be had
        from the total. Totals that should stay shown keep their money, but for that of one part alone.
        """
        bare, before = set(cells) - self.free, -1
        while len(bare) > before:
            before = len(bare)
            for total, parts in self.sums:
                people = sorted(
                    (part for part in parts if self.counts[part] and part not in self.free),
                    key=self.counts.__getitem__,
                )
                gone, alone = bare & set(people), len(people) == 1
                if gone and len(people) <= 2 and (total not in self.shown or alone):
                    bare.add(total)
                if len(gone) == 1 and not alone and (total not in bare or total in self.shown):
                    bare |= set([part for part in people if part not in gone][:1])
        return bare

    def out_of_reach(self, hidden: Iterable[Cell]) -> set[Cell]:
        """Hide more sums of money until all that are shown leave none of the hidden ones within 10%.

        `counts` are then £, of which readers know that they are not negative; `free` may be had, and `last`
        are hidden where no other helps. Totals go before parts, the smaller first.
        """
        gone = {cell for cell in hidden if self.counts.get(cell, 0) > 0}
        totals, near, added = {total for total, _ in self.sums}, self._within_reach(gone, gone), []
        while near:
            bound = set().union(*(self._bound_to(cell, gone)[0] for cell in near))
            beside = {cell for total, of in self.sums if bound & {total, *of} for cell in (total, *of)}
            helping = {cell for cell in beside - gone - self.shown if self.counts[cell] > 0}
            if not helping:
                break
            order = sorted(
                helping - self.last or helping,
                key=lambda cell: (cell not in totals, self.counts[cell], str(cell)),
            )
            tried = ((cell, self._within_reach({*gone, cell}, {*near, cell})) for cell in order)
            best, near = next(
                ((cell, left) for cell, left in tried if len(left) < len(near)),
                (order[0], {*near, order[0]}),
            )
            gone.add(best)
            added.append(best)
        for cell in added:  # hidden on the way to what helped, and needed no more
            if not self._within_reach(gone - {cell}, self._bound_to(cell, gone)[0] - {cell}):
                gone.remove(cell)
        return gone

    def _bound_to(self, cell: Cell, gone: set[Cell]) -> tuple[set[Cell], list[tuple[Cell, list[Cell]]]]:
        """Give the hidden cells that sums bind to one, itself among them, and these sums."""
        sums = [(found, one) for one in self.sums if (found := gone & {one[0], *one[1]})]
        bound, size = {cell}, 0
        while len(bound) > size:
            size = len(bound)
            bound = bound.union(*(found for found, _ in sums if found & bound))
        return bound, [one for found, one in sums if found & bound]

    def _within_reach(self, gone: set[Cell], targets: Iterable[Cell]) -> set[Cell]:
        """Give the hidden sums of money that the others leave within 10% of the greatest that they can be."""
        # One programme for all of them, each with the sums that bind it, is quicker than two for each. Money
        # is measured by the largest sum of each, since the solver fails on figures far apart.
        blocks, right, goal, at = [], list[float](), list[float](), dict[Cell, int]()
        for target in {*targets} - self.free:
            bound, by = self._bound_to(target, gone)
            if by:
                at[target] = len(goal)
                cells = [target, *sorted(bound - {target}, key=str)]
                held = np.array([self.counts[cell] for cell in cells])
                sums = np.array(
                    [[self.weights.get((t, c), 1) * (c in of) - (c == t) for c in cells] for t, of in by],
                    dtype=float,
                )
                blocks.append(csc_array(sums))
                right += (sums @ (held / held.max())).tolist()
                goal += np.eye(len(cells))[0].tolist()
        if not at:
            return set()
        # No printed sum leaves so much: what gets there is bounded by nothing.
        within = {"A_eq": block_diag(blocks, "csc"), "b_eq": right, "bounds": (0, 100 * len(goal))}
        least, most = (linprog(np.multiply(sign, goal), **within).x for sign in (1, -1))
        return {target for target, place in at.items() if least[place] > (1 - _NEAR) * most[place]}


def nearest_5(counts: Counted) -> Counted:
    """Round a count or counts to the nearest 5, or figures in between whole counts as these would be."""
    nearest = 5 * round(counts / 5)
    return nearest.astype(counts.dtype) if isinstance(counts, pd.Series) else type(counts)(nearest)


def dominated(amounts: Iterable[float]) -> bool:
    """Say whether the second largest contributor to a sum could tell the largest to 10%.

    The p% rule (Hundepool et al. 2010, section 4.2): what all but the two largest give is less than 10% of
    the largest. Amounts below zero count by their size.
    """
    ordered = sorted(map(abs, amounts), reverse=True)
    return bool(ordered) and ordered[0] > 0 and sum(ordered[2:]) < 0.1 * ordered[0]


@dataclass(frozen=True)
class Protected:
    """A table that may be shown, its hidden cells missing, and the checks of its audit."""

    table: Table
    checks: tuple[Check, ...] = ()


def protect(
    table: Table,
    counts: Sequence[str],
    fewest: int,
    *,
    with_counts: Mapping[str, Sequence[str]] | None = None,
    across: str = "",
    row_sums: Sequence[RowSum] | None = None,
    rounded: bool = False,
) -> Protected:
    """Hide a table's small counts, what would give them away, and the money that goes with them.

    - `table`: With true counts of people in its frame.
    - `counts`: Columns of counts.
    - `fewest`: As `AuthorityData.fewest_shown` gives it; below 2 nothing is hidden.
    - `with_counts`: Columns of money, means and the like, each with its counts: hidden where one of them is.
    - `across`: Which of `counts` is the sum of the others in every row; empty: none.
    - `row_sums` (total, parts): Positions of each row that is a total and of the rows that add up to it. Left
      out: the last row, if the table marks it as its one total, is the total of all others.
    - `rounded`: Hide small counts alone and round all others to the nearest 5.

    All hidden cells print alike, whether small themselves or hidden for another's sake. Counts that are
    missing are left so, zeros are shown. Other tables of the same people are not seen here.

    >>> from s75lib.present.parts import Column
    >>> frame = pd.DataFrame({"team": ["North", "South", "East", "Total"], "people": [3, 9, 30, 42],
    ...                       "cost": [900.0, 2700.0, 9000.0, 12600.0]})
    >>> columns = (Column("team", "Team"), Column("people", "People", "number"), Column("cost", "£", "money"))
    >>> shown = protect(Table("teams", "People by team", frame, columns, strong=(3,)), ["people"], 5,
    ...                 with_counts={"cost": ["people"]})
    >>> shown.table.cells()
    [['North', 'c', 'c'], ['South', 'c', 'c'], ['East', '30', '9,000'], ['Total', '42', '12,600']]
    """
    named = [*counts, *(name for own, of in (with_counts or {}).items() for name in (own, *of))]
    if unknown := sorted(set(named) - set(table.frame.columns)):
        raise MethodError(
            f"table {table.id!r}: found no column {', '.join(unknown)}; "
            f"there are {', '.join(table.frame.columns)}. Name columns of its frame."
        )
    if fewest < 2 or table.frame.empty:
        return Protected(table)
    if row_sums is None:
        last = len(table.frame) - 1
        row_sums = [(last, range(last))] if table.strong == (last,) and last > 0 else []
    found = _register(table.frame, counts, across, row_sums).decide(fewest, rounded=rounded)
    cells = {name: [(row, name) for row in range(len(table.frame))] for name in counts}
    return as_decided(table, cells, found, fewest, with_counts=with_counts, rounded=rounded)


def as_decided(
    table: Table,
    cells: Mapping[str, Sequence[Cell]],
    found: Decisions,
    fewest: int,
    *,
    with_counts: Mapping[str, Sequence[str]] | None = None,
    rounded: bool = False,
) -> Protected:
    """Draw a table from what was decided together: `cells` names each row's count in columns of the frame."""
    if fewest < 2 or table.frame.empty:
        return Protected(table)
    frame = table.frame.reset_index(drop=True)
    if rounded:
        frame = frame.assign(**{name: nearest_5(frame[name]) for name in cells})
        table = replace(table, frame=frame, notes=(*table.notes, ROUNDED))
    gone = pd.DataFrame({name: [cell in found.hidden for cell in of] for name, of in cells.items()})
    for name, of in (with_counts or {}).items():
        gone[name] = gone[list(of)].any(axis=1)
    here = {cell for of in cells.values() for cell in of}
    own = replace(
        found,
        counts={cell: n for cell, n in found.counts.items() if cell in here},
        hidden=found.hidden & here,
    )
    return Protected(_hidden(table, frame, gone, fewest), (_audited(table, own, fewest),))


def _register(
    frame: pd.DataFrame, counts: Sequence[str], across: str, row_sums: Sequence[RowSum]
) -> Register:
    """Every count of the table with the sums that bind them."""
    cells = {
        (row, name): count
        for name in counts
        for row, count in enumerate(frame[name].astype("Float64"))
        if not pd.isna(count)
    }
    sums = [((total, name), [(row, name) for row in rows]) for total, rows in row_sums for name in counts]
    if across:
        others = [name for name in counts if name != across]
        sums += [((row, across), [(row, name) for name in others]) for row in range(len(frame))]
    return Register(cells, [(total, of) for total, of in sums if {total, *of} <= cells.keys()])


def _hidden(table: Table, frame: pd.DataFrame, gone: pd.DataFrame, fewest: int) -> Table:
    """Take the hidden cells out of a table and say so below it."""
    if not gone.to_numpy().any():
        return table
    flags = {str(name): gone[name].to_numpy(dtype=bool) for name in gone}
    cells = tuple((row, name) for name in flags for row in np.flatnonzero(flags[name]).tolist())
    return replace(
        table,
        frame=without(frame, flags),
        notes=(*table.notes, hidden_note("people", fewest)),
        hidden=cells,
    )


def _audited(table: Table, found: Decisions, fewest: int) -> Check:
    id = f"{table.id}.disclosure"
    if ROUNDED in table.notes:
        return Check(id, True, f"“{table.title}”: counts below {fewest} are hidden, others rounded.")
    if not found.hidden:
        return Check(id, found.passed, f"“{table.title}” holds no count of people below {fewest}.")
    gone, of = len(found.hidden), count_noun(len(found.counts), "count")
    return Check(id, found.passed, f"“{table.title}”: {gone} of {of} are hidden. {found.said()}")
