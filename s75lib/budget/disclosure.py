"""Which counts of cases the wing may show: hidden together, because its tables share their totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.budget.cases import COMPONENTS, CaseBridge
from s75lib.budget.ledger import CASE, funded
from s75lib.errors import MethodError
from s75lib.loaders.schemas import CARE_TYPES
from s75lib.present import Check, words
from s75lib.stats.suppression import audit_cells, suppress_cells

if TYPE_CHECKING:
    from s75lib.budget.study import Study

SIDES = ("before", "after")
ALL = "*"
"""Stands for every service group, or every value of a description."""

Cell = tuple[str, str, str, str]
"""Side (``before``, ``after`` or ``bridge``), description, service group, value."""


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts of open cases, and which of them may be shown.

    Parameters
    ----------
    cells : dict of Cell to (int, bool)
        The count, and whether it must not be shown, nor anything that goes with it.
    checks : tuple of Check
        The audit of every set of counts of which any is hidden.
    """

    cells: dict[Cell, tuple[int, bool]] = field(repr=False)
    checks: tuple[Check, ...] = ()

    def of(self, side: str, description: str, group: str = ALL, value: str = ALL) -> int:
        """Give a count; 0 for a value that nobody has."""
        return self._cell(side, description, group, value)[0]

    def hidden(self, side: str, description: str, group: str = ALL, value: str = ALL) -> bool:
        """Say whether a count must not be shown, nor anything that goes with it."""
        return self._cell(side, description, group, value)[1]

    def said(self, side: str, description: str, group: str = ALL, value: str = ALL) -> str:
        """Write a count in a sentence, or that it is not told."""
        count, hidden = self._cell(side, description, group, value)
        return "an undisclosed number of" if hidden else words.number(count)

    def join(self, rows: pd.DataFrame, description: str, value: str, group: str = "") -> pd.DataFrame:
        """Put the counts of both days beside rows, and what is hidden of them.

        `value` and `group` are columns of `rows`; no group: all. Added are ``cases_before``, ``cases_after``,
        ``hidden_before`` and ``hidden_after``.
        """
        groups = rows[group].tolist() if group else [ALL] * len(rows)
        keys = list(zip(groups, rows[value].tolist(), strict=True))
        cells = {side: [self._cell(side, description, *key) for key in keys] for side in SIDES}
        counted = {f"cases_{side}": [count for count, _ in found] for side, found in cells.items()}
        hidden = {f"hidden_{side}": [gone for _, gone in found] for side, found in cells.items()}
        return rows.assign(**counted, **hidden)

    def steps(self, bridge: CaseBridge) -> pd.DataFrame:
        """Give the steps of the bridge as they may be shown, those of few cases in one.

        ``name``, ``cases`` (a change of care type counts once; NaN for steps put together) and ``effect``
        (£ a week), which add up to the change. A single step that must be hidden is put together with the
        one that has the fewest cases, since the rest would give it away.
        """
        ends = {"switches": ("switches", "switched_from", "switched_to")}
        names = bridge.steps["component"].tolist()
        rows = bridge.steps.assign(
            name=[COMPONENTS[name] for name in names], cases=[self.of("bridge", name) for name in names]
        )
        few = pd.Series(
            [any(self.hidden("bridge", part) for part in ends.get(name, (name,))) for name in names]
        )
        if few.sum() == 1:
            known = rows.loc[~few & (rows["cases"] > 0), "cases"]
            few |= few.index == (known.idxmin() if len(known) else -1)
        other = {
            "name": "Other steps, of few cases",
            "cases": np.nan,
            "effect": rows.loc[few, "effect"].sum(),
        }
        kept = rows.loc[~few, ["name", "cases", "effect"]].astype({"cases": float})
        return pd.concat([kept, pd.DataFrame([other])], ignore_index=True) if few.any() else kept

    def _cell(self, side: str, description: str, group: str, value: str) -> tuple[int, bool]:
        """Look a cell up; what nobody counted is an error, for it must not pass as nobody."""
        if found := self.cells.get((side, description, group, value)):
            return found
        if (side, description) not in self._counted:
            raise MethodError(
                f"no counts of cases by {description!r} {side}: found "
                f"{', '.join(sorted(' '.join(reversed(pair)) for pair in self._counted)) or 'none'}. "
                "Add it to s75lib.budget.disclosure.counts, which hides its small counts."
            )
        if group not in self._groups[description]:
            raise MethodError(
                f"no counts of cases by {description!r} in the service group {group!r}: found "
                f"{', '.join(sorted(map(repr, self._groups[description])))}. Name one of these."
            )
        return 0, False

    @cached_property
    def _counted(self) -> set[tuple[str, str]]:
        return {(side, description) for side, description, *_ in self.cells}

    @cached_property
    def _groups(self) -> dict[str, set[str]]:
        """The service groups by which each description is counted on either day."""
        held: dict[str, set[str]] = {}
        for _, description, group, _ in self.cells:
            held.setdefault(description, set()).add(group)
        return held


def counts(study: Study) -> Counts:
    """Count the open cases in every way that the wing shows, and hide what would disclose a person.

    A case with packages of two teams (or funding types) counts in both, and a total is the sum of its rows.
    Counts that share a total are one set: by care type, with setting, within service group; by team, with
    the reviews; by funding type; by age band; charges for aftercare; the bridge by case. Totals over all
    values are printed by several tables and stay shown; where a set can't be protected so, all of its other
    counts are hidden. Not covered: a comparison with earlier reports of the same ledger.
    """
    sets: list[_Linked] = []
    for side, lines in study.sides.items():
        rows = funded(lines[lines["open"]])
        sets += [
            _by_care_type(rows, side),
            _by_team(rows, side, study.reviews if side == "after" else None, study.cost_bands),
            _by_group(rows, side, "funding"),
            _by_age_band(rows, side),
        ]
    sets += [_aftercare(rows), _joint(rows, study.joint["short"])]
    if study.case_bridge is not None:
        sets.append(_bridge(study.case_bridge))
    cells: dict[Cell, tuple[int, bool]] = {}
    checks = []
    for one in sets:
        hidden, check = one.protected(study.fewest_cases)
        cells |= {cell: (count, hidden[cell]) for cell, count in one.counts.items()}
        checks += [check] if check is not None else []
    return Counts(cells, tuple(checks))


@dataclass
class _Linked:
    """Counts bound by sums that a reader may know: each total with its parts, and totals that stay shown."""

    name: str
    counts: dict[Cell, int] = field(default_factory=dict)
    sums: list[tuple[Cell, list[Cell]]] = field(default_factory=list)
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
    outcome = (
        f"{words.count_noun(open_to, 'of them')} could still be worked out too closely."
        if open_to
        else f"A reader who knows the rule is left with {left} for each."
    )
    return Check(
        f"budget.disclosure.{name.lower().replace(' ', '_')}",
        open_to == 0,
        f"{name}: {len(audit)} of {words.count_noun(cells, 'linked count')} are hidden, for some are below "
        f"{fewest}. {outcome}",
    )


def _sizes(rows: pd.DataFrame, *columns: str) -> dict[tuple[str, ...], int]:
    """Count cases by descriptions."""
    cases = set(zip(*(rows[name].tolist() for name in [*columns, *CASE]), strict=True))
    return dict(sorted(Counter(case[: len(columns)] for case in cases).items()))


def _by_group(rows: pd.DataFrame, side: str, column: str) -> _Linked:
    """Count by a description within service groups, with totals over either."""
    made = _Linked(f"Cases by {column.replace('_', ' ')} {side}")
    sizes = _sizes(rows, "service_group", column)
    made.counts = {(side, column, group, value): size for (group, value), size in sizes.items()}
    groups = sorted({group for group, _ in sizes})
    values = sorted({value for _, value in sizes})
    for group in groups:
        parts: list[Cell] = [(side, column, group, value) for value in values]
        made.total((side, column, group, ALL), parts, shown=True)
    for value in values:
        made.total((side, column, ALL, value), [(side, column, group, value) for group in groups])
    made.total((side, column, ALL, ALL), [(side, column, group, ALL) for group in groups], shown=True)
    return made


def _by_care_type(rows: pd.DataFrame, side: str) -> _Linked:
    """Count by care type within service groups, and by setting."""
    made = _by_group(rows, side, "care_type")
    for setting in sorted(set(CARE_TYPES.values())):
        kinds = [kind for kind, where in CARE_TYPES.items() if where == setting]
        parts: list[Cell] = [(side, "care_type", ALL, kind) for kind in kinds]
        made.counts[side, "setting", ALL, setting] = 0
        if any(part in made.counts for part in parts):
            made.total((side, "setting", ALL, setting), parts)
    return made


def _joint(rows: pd.DataFrame, short: pd.Series) -> _Linked:
    """Count cases that the NHS pays for, and those below their rule, by funding type and by team."""
    made = _Linked("Jointly funded cases")
    paid = rows[rows["funding"] != "none"]
    below = paid[short.loc[paid.index] >= 0.01]

    def cell(name: str, value: str = ALL) -> Cell:
        return "after", name, ALL, value

    for column in ("funding", "team"):
        whole, part, rest = f"paid_{column}", f"below_{column}", f"not_below_{column}"
        sizes, under = _sizes(paid, column), _sizes(below, column)
        for (value,), size in sizes.items():
            made.counts |= {cell(whole, value): size, cell(part, value): under.get((value,), 0)}
            made.rest(cell(rest, value), cell(whole, value), cell(part, value))
        for name in (whole, part):
            made.total(cell(name), [cell(name, value) for (value,) in sizes])
        made.rest(cell(rest), cell(whole), cell(part))
    for name in ("paid", "below"):
        one, two = cell(f"{name}_funding"), cell(f"{name}_team")
        if made.counts[one] == made.counts[two]:
            made.sums.append((one, [two]))
    return made


def _by_team(rows: pd.DataFrame, side: str, reviews: pd.DataFrame | None, bands: pd.DataFrame) -> _Linked:
    """Count by team within service groups, and each team's and cost band's cases due a review."""
    made = _by_group(rows, side, "team")

    def cell(name: str, team: str) -> Cell:
        return side, name, ALL, team

    if reviews is None:
        return made
    for band, *sizes in bands[["band", "cases", "due", "overdue"]].itertuples(index=False):
        made.counts |= {
            cell(f"band_{n}", band): s for n, s in zip(("cases", "due", "overdue"), sizes, strict=True)
        }
        made.rest(cell("band_younger", band), cell("band_cases", band), cell("band_due", band))
        made.rest(cell("band_reviewed", band), cell("band_due", band), cell("band_overdue", band))
    for name in ("cases", "due", "overdue"):
        made.total(cell(f"band_{name}", ALL), [cell(f"band_{name}", band) for band in bands["band"]])
    if reviews.empty:
        return made
    for team, due, overdue in zip(*(reviews[n].tolist() for n in ("team", "cases", "overdue")), strict=True):
        made.counts |= {cell("due", team): due, cell("overdue", team): overdue}
        made.rest(cell("reviewed", team), cell("due", team), cell("overdue", team))
        if made.counts.get(cell("team", team), 0) >= due:
            made.rest(cell("younger", team), cell("team", team), cell("due", team))
    for name in ("due", "overdue", "reviewed"):
        made.total(cell(name, ALL), [cell(name, team) for team in reviews["team"]])
    made.sums.append((cell("due", ALL), [cell("overdue", ALL), cell("reviewed", ALL)]))
    made.sums += [(cell(name, ALL), [cell(f"band_{name}", ALL)]) for name in ("due", "overdue")]
    return made


def _by_age_band(rows: pd.DataFrame, side: str) -> _Linked:
    """Count by age band alone, with the total."""
    made = _Linked(f"Cases by age band {side}")
    made.counts = {(side, "age_band", ALL, band): size for (band,), size in _sizes(rows, "age_band").items()}
    made.total((side, "age_band", ALL, ALL), list(made.counts), shown=True)
    return made


def _aftercare(rows: pd.DataFrame) -> _Linked:
    """Count people with section 117 aftercare at the latest day, and those who are charged for it."""
    made = _Linked("People with aftercare")
    free = rows[rows["s117"].fillna(False).astype(bool)]
    entitled, charged = (("after", name, ALL, ALL) for name in ("s117", "charged"))
    made.counts[entitled] = free["person_key"].nunique()
    made.counts[charged] = free.loc[free["client"] > 0, "person_key"].nunique()
    made.rest(("after", "not_charged", ALL, ALL), entitled, charged)
    paid = rows[rows["funding"] == "s117"]
    whole, missing = (("after", name, ALL, ALL) for name in ("s117_funded", "not_entitled"))
    made.counts[whole] = paid["person_key"].nunique()
    made.counts[missing] = paid.loc[~paid["s117"].fillna(False).astype(bool), "person_key"].nunique()
    made.rest(("after", "s117_funded_entitled", ALL, ALL), whole, missing)
    return made


def _bridge(found: CaseBridge) -> _Linked:
    """Count the steps of the bridge: who stayed and left make the first day, who stayed and came the last."""
    made = _Linked("Cases in the bridge")

    def cell(name: str) -> Cell:
        return "bridge", name, ALL, ALL

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
