"""Sets of counts that share totals: which cells there are, what binds them, and what must be hidden."""

from __future__ import annotations

__all__ = ["ALL", "Linked", "aftercare", "alone", "bridge", "by_care_type", "by_group", "by_team"]

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from s75lib.budget.cohort import Cohort
from s75lib.budget.ledger import CASE
from s75lib.errors import MethodError
from s75lib.loaders.schemas import CARE_TYPES
from s75lib.present import Check, words
from s75lib.stats.suppression import audit_cells, suppress_cells

ALL = "*"
"""Stands for every service group, or every value of a description."""

Cell = tuple[str, ...]
Sums = list[tuple[Cell, list[Cell]]]


@dataclass
class Linked:
    """Counts bound by sums that a reader may know.

    Parameters
    ----------
    name : str
        In words.
    counts : dict of tuple to int
        By side, description, service group and value.
    sums : list of (tuple, list of tuple)
        Each total and its parts.
    shown : list of tuple
        Totals that other tables print and that must stay shown.
    """

    name: str
    counts: dict[Cell, int] = field(default_factory=dict)
    sums: Sums = field(default_factory=list)
    shown: list[Cell] = field(default_factory=list)

    def total(self, cell: Cell, parts: Sequence[Cell], *, shown: bool = False) -> None:
        """Add the sum of counts as a count of its own."""
        parts = [part for part in parts if part in self.counts]
        self.counts[cell] = sum(self.counts[part] for part in parts)
        self.sums.append((cell, parts))
        if shown:
            self.shown.append(cell)

    def rest(self, cell: Cell, whole: Cell, part: Cell) -> None:
        """Add what a whole leaves over beside its part: nobody prints it, and anybody can subtract."""
        self.counts[cell] = self.counts[whole] - self.counts[part]
        self.sums.append((whole, [part, cell]))

    def protected(self, fewest: int) -> tuple[dict[Cell, bool], Check | None]:
        """Say of each count whether it must not be shown, and audit that."""
        if fewest < 2 or not any(0 < count < fewest for count in self.counts.values()):
            return dict.fromkeys(self.counts, False), None
        flat = pd.Series(
            [float(n) for n in self.counts.values()], index=pd.Index(list(self.counts), tupleize_cols=False)
        )
        try:
            found = suppress_cells(flat, self.sums, fewest, shown=self.shown)
            hidden, audit = found.hidden, found.audit
        except MethodError:
            hidden = (flat > 0) & ~flat.index.isin(pd.Index(self.shown, tupleize_cols=False))
            audit = audit_cells(flat, self.sums, hidden, fewest)
        gone = dict(zip(self.counts, hidden.tolist(), strict=True))
        return gone, _check(self.name, audit, len(flat), fewest)


def _check(name: str, audit: pd.DataFrame, cells: int, fewest: int) -> Check:
    """Word the audit."""
    width = float((audit["high"] - audit["low"]).min()) + 1
    left = f"at least {width:.0f} possible values" if np.isfinite(width) else "no upper bound"
    open_to = int((~audit["protected"]).sum())
    said = (
        f"{name}: {len(audit)} of {words.count_noun(cells, 'linked count')} are hidden, for some are below "
    )
    said += f"{fewest}. "
    said += (
        f"{words.count_noun(open_to, 'of them')} could still be worked out too closely."
        if open_to
        else f"A reader who knows the rule is left with {left} for each."
    )
    return Check(f"budget.disclosure.{name.lower().replace(' ', '_')}", open_to == 0, said)


def _sizes(rows: pd.DataFrame, columns: list[str]) -> dict[Cell, int]:
    """Cases by descriptions."""
    cases = set(zip(*(rows[name].tolist() for name in [*columns, *CASE]), strict=True))
    return dict(sorted(Counter(case[: len(columns)] for case in cases).items()))


def by_group(rows: pd.DataFrame, side: str, column: str, name: str = "") -> Linked:
    """Count by a description within service groups, with totals over either.

    Parameters
    ----------
    rows : DataFrame
        Open lines of one day.
    side : str
        ``before`` or ``after``.
    column : str
        The description.
    name : str
        In words; empty: the column.

    Returns
    -------
    Linked
    """
    made = Linked(f"Cases by {name or column} {side}")
    sizes = _sizes(rows, ["service_group", column])
    made.counts = {(side, column, group, value): size for (group, value), size in sizes.items()}
    groups = sorted({group for group, _ in sizes})
    values = sorted({value for _, value in sizes})
    for group in groups:
        parts = [(side, column, group, value) for value in values]
        made.total((side, column, group, ALL), parts, shown=True)
    for value in values:
        made.total((side, column, ALL, value), [(side, column, group, value) for group in groups])
    made.total((side, column, ALL, ALL), [(side, column, group, ALL) for group in groups], shown=True)
    return made


def by_care_type(rows: pd.DataFrame, side: str) -> Linked:
    """Count by care type within service groups, and by setting.

    Parameters
    ----------
    rows : DataFrame
        Open lines of one day.
    side : str

    Returns
    -------
    Linked
    """
    made = by_group(rows, side, "care_type", "care type")
    for setting in sorted(set(CARE_TYPES.values())):
        parts = [(side, "care_type", ALL, kind) for kind, where in CARE_TYPES.items() if where == setting]
        if any(part in made.counts for part in parts):
            made.total((side, "setting", ALL, setting), parts)
    return made


def by_team(rows: pd.DataFrame, side: str, reviews: pd.DataFrame) -> Linked:
    """Count by team within service groups, and each team's cases due a review.

    Parameters
    ----------
    rows : DataFrame
        Open lines of one day.
    side : str
    reviews : DataFrame
        As `s75lib.budget.funding.reviews` gives it; without rows, none are counted.

    Returns
    -------
    Linked
    """
    made = by_group(rows, side, "team")
    cell: Callable[[str, str], Cell] = lambda name, team: (side, name, ALL, team)  # noqa: E731
    for row in reviews.to_dict("records"):
        team = str(row["team"])
        made.counts |= {cell("due", team): int(row["cases"]), cell("overdue", team): int(row["overdue"])}
        made.rest(cell("reviewed", team), cell("due", team), cell("overdue", team))
        if made.counts.get(cell("team", team), 0) >= made.counts[cell("due", team)]:
            made.rest(cell("younger", team), cell("team", team), cell("due", team))
    if len(reviews):
        for name in ("due", "overdue", "reviewed"):
            made.total(cell(name, ALL), [cell(name, str(team)) for team in reviews["team"]])
        made.sums.append((cell("due", ALL), [cell("overdue", ALL), cell("reviewed", ALL)]))
    return made


def alone(rows: pd.DataFrame, side: str, column: str) -> Linked:
    """Count by a description alone, with the total.

    Parameters
    ----------
    rows : DataFrame
        Open lines of one day.
    side, column : str

    Returns
    -------
    Linked
    """
    made = Linked(f"Cases by {column.replace('_', ' ')} {side}")
    made.counts = {(side, column, ALL, value): size for (value,), size in _sizes(rows, [column]).items()}
    made.total((side, column, ALL, ALL), list(made.counts), shown=True)
    return made


def aftercare(rows: pd.DataFrame) -> Linked:
    """Count people with section 117 aftercare, and those of them who are charged for it.

    Parameters
    ----------
    rows : DataFrame
        Open lines of the latest day.

    Returns
    -------
    Linked
    """
    made = Linked("People with aftercare")
    free = rows[rows["s117"].fillna(False).astype(bool)]
    cell: Callable[[str], Cell] = lambda name: ("after", name, ALL, ALL)  # noqa: E731
    made.counts[cell("s117")] = free["person_key"].nunique()
    made.counts[cell("charged")] = free.loc[free["client"] > 0, "person_key"].nunique()
    made.rest(cell("not_charged"), cell("s117"), cell("charged"))
    return made


def bridge(found: Cohort) -> Linked:
    """Count the steps of the bridge: who stayed and left make the first day, who stayed and came the last.

    Parameters
    ----------
    found : Cohort

    Returns
    -------
    Linked
    """
    made = Linked("Cases in the bridge")
    cell: Callable[[str], Cell] = lambda name: ("bridge", name, ALL, ALL)  # noqa: E731
    status = found.cases["status"]
    switched = found.cases[status == "switch"]
    sizes = {
        "stayers": found.stayers,
        "leavers": int((status == "leaver").sum()),
        "starters": int((status == "starter").sum()),
        "switched_from": int((switched["before"] != 0).sum()),
        "switched_to": int((switched["before"] == 0).sum()),
        "switches": int(switched["person_key"].nunique()),
        "short": found.short_cases,
        "reissued": found.reissued,
    }
    steps = found.steps.set_index("component")["cases"]
    sizes |= {name: int(steps[name]) for name in ("quantity", "price", "funding", "client")}
    made.counts = {cell(name): size for name, size in sizes.items()}
    made.total(cell("before"), [cell("stayers"), cell("leavers"), cell("switched_from")])
    made.total(cell("after"), [cell("stayers"), cell("starters"), cell("switched_to")])
    for name in ("reissued", "quantity", "price", "funding", "client"):
        made.rest(cell(f"not_{name}"), cell("stayers"), cell(name))
    made.shown += [one for one in (cell("before"), cell("after")) if made.counts[one]]
    return made
