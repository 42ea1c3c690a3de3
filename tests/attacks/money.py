"""Sums of money that reports hide, had from all that they print together: part of the attacker."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from attacker import _BED_BASED, _BY, _CONSTANT, _DAY, _GROUPS, ALL, Cell, Facts, Payload, Recovered, rows
from scipy.optimize import linprog
from scipy.sparse import csr_array

_LINES = (
    "Residential", "Nursing", "Dom Care", "Live In", "Supp Living", "Day Care", "Dir Payments", "Other",
    "Health Cont", "Client Conts",
)  # fmt: skip
_SIGNED = ("change", "short")
"""What may be below nought."""


@dataclass
class Money:
    """Sums of money as printed, None where no table tells one; those that are hidden; what binds them."""

    told: dict[Cell, float | None] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    edition: str = ""
    seen: dict[str, tuple[set[Cell], set[Cell]]] = field(default_factory=dict)
    """By edition, what a table of it tells, and what one hides."""
    sums: list[tuple[Cell, dict[Cell, float]]] = field(default_factory=list)

    def see(self, amount: float | None, *cell: Hashable) -> Cell:
        """Take a sum up: None where it is hidden, not a number where no table has it."""
        told, hidden = self.seen.setdefault(self.edition, (set(), set()))
        if amount is None:
            self.hidden.add(cell)
            hidden.add(cell)
        elif not np.isnan(amount):
            told.add(cell)
        self.told[cell] = self.told.get(cell) if amount is None or np.isnan(amount) else float(amount)
        return cell

    def bind(self, total: Cell, parts: Iterable[Cell] | Mapping[Cell, float]) -> None:
        """Say that parts add up to a total, each as often as a mapping says."""
        weights = parts if isinstance(parts, Mapping) else dict.fromkeys(parts, 1.0)
        for cell in (total, *weights):
            self.told.setdefault(cell, None)
        self.sums.append((total, dict(weights)))

    def bound_to(self, cell: Cell) -> tuple[set[Cell], list[tuple[Cell, dict[Cell, float]]]]:
        """Give the sums that are not told and hang together with one, and what binds them."""
        free = [
            ({c for c in (total, *parts) if self.told[c] is None}, (total, parts))
            for total, parts in self.sums
        ]
        bound, size = {cell}, 0
        while len(bound) > size:
            size = len(bound)
            bound |= {c for cells, _ in free if cells & bound for c in cells}
        return bound, [one for cells, one in free if cells & bound]

    @property
    def unknown(self) -> set[Cell]:
        """What is hidden wherever it stands."""
        return {cell for cell in self.hidden if self.told[cell] is None and cell[0] not in ("change", "line")}


def by_money(facts: Facts, *, within: float = 0.1) -> list[Recovered]:
    """Give the hidden sums of money that all printed ones together leave a narrow range."""
    seen = _money(facts)
    # What all cases cost together is told of every ledger that is shown at all.
    alone = {next(iter(parts)) for total, parts in seen.sums if total[3:] == (ALL, ALL) and len(parts) == 1}
    found, left = [], seen.unknown - alone
    while left:
        bound, sums = seen.bound_to(min(left, key=str))
        for cell, (low, high) in _ranges(bound, sums, seen.told, left & bound).items():
            most = max(abs(low), abs(high))
            if np.isfinite(most) and most > 2 and high - low < within * most:
                found.append(Recovered("money", cell, (round(low), round(high))))
        left -= bound
    for told, hidden in seen.seen.values():
        twice = {cell for cell in told & hidden - alone if cell[0] not in _SIGNED and seen.told[cell]}
        # What the NHS pays a week towards packages of a group is a line of the monitor, if they run all year.
        paid = {cell for cell in hidden if cell[0] == "health" and cell[2] == "all" and cell[3] != ALL}
        twice |= {cell for cell in paid if ("line", "", "line", cell[3], "Health Cont") in told}
        found += [Recovered("money", cell, ()) for cell in twice]
    return sorted(found, key=lambda one: str(one.cell))


def _ranges(
    bound: set[Cell],
    sums: Sequence[tuple[Cell, Mapping[Cell, float]]],
    told: Mapping[Cell, float | None],
    targets: set[Cell],
) -> dict[Cell, tuple[float, float]]:
    """Give the least and the greatest that each of some cells can be, which sums bind to others."""
    cells = sorted({*bound, *(cell for total, parts in sums for cell in (total, *parts))}, key=str)
    place = {cell: at for at, cell in enumerate(cells)}
    matrix = np.zeros((len(sums), len(cells)))
    for row, (total, parts) in zip(matrix, sums, strict=True):
        row[[place[part] for part in parts]] = list(parts.values())
        row[place[total]] -= 1
    ends = [
        (None if cell[0] in _SIGNED else 0, None)
        if (amount := told[cell]) is None
        else (amount - 0.51, amount + 0.51)
        for cell in cells
    ]
    holds = {"A_eq": csr_array(matrix), "b_eq": np.zeros(len(sums))} if len(sums) else {}
    found = {}
    for cell in sorted(targets, key=str):
        goal = np.zeros(len(cells))
        goal[place[cell]] = 1
        answers = [linprog(sign * goal, bounds=ends, **holds) for sign in (1, -1)]
        if answers[0].status == 2:
            raise AssertionError(f"what is printed contradicts itself around {cell}")
        low, high = (np.inf if answer.fun is None else answer.fun for answer in answers)
        found[cell] = (-np.inf if low == np.inf else low, np.inf if high == np.inf else -high)
    return found


def _money(facts: Facts) -> Money:
    """Give what cases cost a week, and a year where that is printed."""
    seen = Money()
    # Of a report that is cut to a service group, the one column is that group's.
    tables = [list(rows(table)) for (_, id), table in facts.tables.items() if id == "causes.weekly"]
    single = all(len(row) == 2 for table in tables for row in table)
    for (edition, id), payload in facts.tables.items():
        seen.edition = edition
        days = _DAY.findall(payload["title"])
        if id in ("monitor.amh", "monitor.opmh", "movement.year", "account"):
            _monitor(seen, id, payload)
        if id == "next_year_uplifts":
            _uplifts(seen, edition, payload, facts.tables[edition, "next_year_steps"])
        for row in rows(payload):
            group = _GROUPS.get(row.get("group", "All services"), ALL)
            if id == "causes.weekly" and row.get("name") in ("Before", "After"):
                for name in list(row)[1:]:
                    alone = name == "all" or single
                    day = days[row["name"] == "After"]
                    seen.see(row[name], "net", day, "all", ALL if alone else name, ALL)
            elif id == "joint_expected":
                _expected(seen, days[0], row)
            elif id == "joint_partners" and row["per"] == "£ a week":
                day = _DAY.findall(facts.tables[edition, "joint_expected"]["title"])[0]
                if kind := re.fullmatch(r"The NHS withdraws its (.*) funding", row["name"]):
                    seen.see(-row["NHS"], "health", day, "funding", ALL, kind[1].casefold())
                elif row["name"] == "Every package follows its rule":
                    seen.see(row["NHS"], "short", day, "Together", ALL, ALL)
            elif id in _BY and len(days) == 2:
                _two_days_of_money(seen, edition, id, row, days, group)
    _add_up_money(seen)
    return seen


def _two_days_of_money(
    seen: Money, edition: str, id: str, row: Mapping[str, Any], days: Sequence[str], group: str
) -> None:
    by = "care_type" if id in _CONSTANT else _BY[id]
    value = _CONSTANT.get(id) or row.get(by) or row["why"]
    # Which providers are told apart is chosen anew for each pair of days.
    keys = [f"{by} {edition}" if by == "provider" else by, group, value]
    what, before, after = "net", "before", "after"
    if by == "funding":
        what, before, after = "health", "health_before", "health_after"
        keys = ["all", group, ALL] if value == "All packages" else [by, group, value.casefold()]
    ends = [
        seen.see(row.get(side, np.nan), what, day, *keys)
        for day, side in zip(days, (before, after), strict=True)
    ]
    if "change" in row:
        seen.bind(ends[1], [ends[0], seen.see(row["change"], "change", *days, *keys)])


def _expected(seen: Money, day: str, row: Mapping[str, Any]) -> None:
    """Bind what is expected of the NHS, what it pays, and what that is short of it."""
    by, _, value = row["name"].partition(": ")
    keys = (by, ALL, value.casefold() or ALL)
    paid, expected, short = (
        seen.see(row[name], what, day, *keys)
        for name, what in (("health", "paid"), ("expected", "expected"), ("short", "short"))
    )
    seen.bind(expected, [paid, short])
    if by == "Type":
        seen.bind(("health", day, "funding", *keys[1:]), [paid])


def _uplifts(seen: Money, edition: str, payload: Payload, steps: Payload) -> None:
    """Bind what prices rise on and add to the steps of the bridge, at the rates that are printed."""
    gross, rest = 0.0, list(rows(steps))
    while rest and rest[0]["name"] != "Prices":
        gross += rest.pop(0)["gross"]
    if not rest:
        return
    own = list(rows(payload))
    base = [seen.see(row["base"], "base", edition, "uplift", row["name"], "") for row in own]
    for row, cell in zip(own, base, strict=True):
        seen.bind(seen.see(row["adds"], "adds", *cell[1:]), {cell: (row["central"] or 0) / 100})
    adds = [("adds", *cell[1:]) for cell in base]
    for name, total, parts in (("base", gross, base), ("adds", rest[0]["gross"], adds)):
        seen.bind(seen.see(total, name, edition, "uplift", ALL, ""), parts)


def _monitor(seen: Money, id: str, payload: Payload) -> None:
    """Take up lines of the monitor, and hide those that share one with others, of all groups too."""
    for row in rows(payload):
        own = {"monitor.amh": "AMH", "monitor.opmh": "OPMH"}
        group = own.get(id) or _GROUPS.get(row.get("group", ""), ALL)
        lines = [one for one in re.split(", | and ", str(row["row"])) if one in _LINES]
        amounts = [abs(v) for v in row.values() if isinstance(v, float) and not np.isnan(v)]
        for line in lines:
            for whose in {group, ALL} if len(lines) > 1 else {group}:
                seen.see(None if len(lines) > 1 else max(amounts, default=0), "line", "", "line", whose, line)


def _add_up_money(seen: Money) -> None:
    for what, day in {cell[:2] for cell in seen.told if cell[0] not in ("change", "base", "adds", "line")}:
        own = [cell for cell in seen.told if cell[:2] == (what, day)]
        for by in {cell[2] for cell in own} - {"all"}:
            here = [cell for cell in own if cell[2] == by]
            for value in {cell[4] for cell in here}:
                parts = [cell for cell in here if cell[4] == value and cell[3] != ALL]
                if parts:
                    seen.bind((what, day, by, ALL, value), parts)
            for group in {cell[3] for cell in here} | {ALL}:
                parts = [cell for cell in seen.told if cell[:4] == (what, day, by, group)]
                seen.bind((what, day, "all", group, ALL), parts)
        for beds in (True, False):
            kinds = [
                cell
                for cell in seen.told
                if cell[:4] == (what, day, "care_type", ALL) and (cell[4] in _BED_BASED) == beds
            ]
            if kinds:
                seen.bind((what, day, "setting", ALL, "bed-based" if beds else "community"), kinds)
