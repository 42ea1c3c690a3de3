"""Case by case: who started, who left, who changed care type, and what changed for those who stayed."""

from __future__ import annotations

__all__ = ["COMPONENTS", "CaseBridge", "bridge_by_case"]

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.budget.ledger import CASE
from s75lib.budget.naming import bar_label, largest, pounds, pounds_signed, rose_fell_by
from s75lib.present import Column, Figure, Headline, Section, Table, charts, table_of, words
from s75lib.stats.decomposition import path_effects

if TYPE_CHECKING:
    from s75lib.budget.study import Study

COMPONENTS = {
    "starters": "Started",
    "leavers": "Left",
    "switches": "Changed care type",
    "quantity": "Stayed: more or fewer units",
    "price": "Stayed: price of a unit",
    "funding": "Stayed: NHS share",
    "client": "Stayed: client contribution",
}
"""The steps of the bridge, in order."""


@dataclass(frozen=True)
class CaseBridge:
    """The net weekly cost (£) of open packages at two snapshots, and the steps between.

    - `steps`: ``component`` (see `COMPONENTS`), ``cases``, ``people``, ``effect``; the effects add up to the
      change. For those who stayed, cases are those whose part changed by a penny or more.
    - `cases`: One row per case of either snapshot, never for print: ``person_key``, ``care_type``, ``status``
      (starter, leaver, switch or stayer), ``before``, ``after``, ``change``, and the four effects of a
      stayer.
    - `reissued`: Stayers none of whose package references is the same at both snapshots.
    - `short_cases`, `short_cost`: Cases that began and ended between the snapshots, and their net cost in
      all.
    """

    before: float
    after: float
    steps: pd.DataFrame
    cases: pd.DataFrame
    stayers: int
    reissued: int
    short_cases: int
    short_cost: float

    @property
    def change(self) -> float:
        """The change between the two."""
        return self.after - self.before


def bridge_by_case(before: pd.DataFrame, after: pd.DataFrame, rows: pd.DataFrame) -> CaseBridge:
    """Bridge the net weekly cost of open packages from one snapshot to a later one, case by case.

    Its steps add up to the change. `rows` are of every snapshot held: cases are also sought between the two.

    A case is a person in a care type, whatever its references; several packages of one care type are one
    case. A person with a case at the first snapshot alone and another at the second alone changed care
    type; other cases in one snapshot alone are leavers and starters.

    A stayer's net cost is units × price × (1 − NHS share) − client contribution. The first three factors have
    Shapley effects, the contribution its own change; the four add up to the stayer's change. Without
    usable units at both snapshots the case counts as one unit. Where a case costs nothing at one of
    them, its price and NHS share are those of the other.

    Examples
    --------
    >>> found = bridge_by_case(**held.sides, rows=held.lines)
    >>> round(found.after - found.before) == round(found.steps["effect"].sum())
    True
    """
    sides = [side[side["open"]] for side in (before, after)]
    old, new = (_cases(side) for side in sides)
    both = old.merge(new, how="outer", on=CASE, suffixes=("_old", "_new"), indicator="status")
    names = {"both": "stayer", "left_only": "leaver", "right_only": "starter"}
    person, status = both["person_key"], both["status"].map(names).astype("str")
    # Cases of people who have both a leaver and a starter are switches.
    turned = person.isin(person[status == "leaver"]) & person.isin(person[status == "starter"])
    both["status"] = status.mask((status != "stayer") & turned, "switch")
    money = ("units", "gross", "health", "client", "net")
    numbers = [f"{name}_{side}" for name in money for side in ("old", "new")]
    both[numbers] = both[numbers].fillna(0.0)
    cases = both[CASE].assign(
        status=both["status"],
        before=both["net_old"],
        after=both["net_new"],
        change=both["net_new"] - both["net_old"],
        **_stayer_effects(both),
    )
    days = before["snapshot_date"].iloc[0], after["snapshot_date"].iloc[0]
    return CaseBridge(
        float(cases["before"].sum()),
        float(cases["after"].sum()),
        _steps(cases),
        cases,
        int((cases["status"] == "stayer").sum()),
        _reissued(*sides),
        *_short(rows, *days, cases),
    )


def _cases(rows: pd.DataFrame) -> pd.DataFrame:
    by_case = rows.groupby(CASE)
    sums = by_case[["units", "gross", "health", "client", "net"]].sum()
    return sums.assign(as_one=by_case["priced_as_one"].any()).reset_index()


def _stayer_effects(both: pd.DataFrame) -> dict[str, pd.Series]:
    """Split each stayer's change into quantity, price, NHS share and client contribution."""
    stays = (both["status"] == "stayer").to_numpy()
    as_one = both["as_one_old"].fillna(True).astype(bool) | both["as_one_new"].fillna(True).astype(bool)
    sides = []
    for side in ("old", "new"):
        units = both[f"units_{side}"].mask(as_one, 1.0).to_numpy(dtype=float)
        gross, health = (both[f"{name}_{side}"].to_numpy(dtype=float) for name in ("gross", "health"))
        with np.errstate(divide="ignore", invalid="ignore"):
            # Contributions to what costs nothing gross have no share: a price below zero.
            price = np.where(units > 0, np.where(gross > 0, gross, -health) / units, np.nan)
            share = np.where(gross > 0, 1 - health / gross, np.where(health != 0, 1.0, np.nan))
        sides.append([units, price, share])
    old, new = np.array(sides[0]), np.array(sides[1])
    for row, blank in ((1, 0.0), (2, 1.0)):
        old[row] = np.where(np.isnan(old[row]), np.where(np.isnan(new[row]), blank, new[row]), old[row])
        new[row] = np.where(np.isnan(new[row]), old[row], new[row])
    found = path_effects(old, new) * stays
    effects = dict(zip(("quantity", "price", "funding"), found, strict=True))
    client = (both["client_old"] - both["client_new"]).where(stays, 0.0)
    return {name: pd.Series(row, index=both.index) for name, row in effects.items()} | {"client": client}


def _steps(cases: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name, status in (("starters", "starter"), ("leavers", "leaver"), ("switches", "switch")):
        part = cases[cases["status"] == status]
        rows.append((name, len(part), part["person_key"].nunique(), float(part["change"].sum())))
    for name in ("quantity", "price", "funding", "client"):
        part = cases[cases[name].abs() >= 0.01]
        rows.append((name, len(part), part["person_key"].nunique(), float(cases[name].sum())))
    return pd.DataFrame(rows, columns=["component", "cases", "people", "effect"])


def _reissued(before: pd.DataFrame, after: pd.DataFrame) -> int:
    """Count stayers that share no reference between the snapshots."""
    stayed, same = (
        before[keys].drop_duplicates().merge(after[keys].drop_duplicates())[CASE].drop_duplicates()
        for keys in (CASE, [*CASE, "package_key"])
    )
    return len(stayed) - len(same)


def _short(
    rows: pd.DataFrame, before: pd.Timestamp, after: pd.Timestamp, cases: pd.DataFrame
) -> tuple[int, float]:
    """Count cases that were open at neither snapshot and ran between them, with their net cost."""
    between = (rows["snapshot_date"] > before) & (rows["snapshot_date"] <= after)
    inside = between & (rows["start_date"] > before) & (rows["end_date"] <= after) & ~rows["prior"]
    last = rows[inside].sort_values("snapshot_date").drop_duplicates([*CASE, "package_key"], keep="last")
    short = last.merge(cases[CASE], how="left_anti", on=CASE)
    weeks = ((short["end_date"] - short["start_date"]).dt.days + 1) / 7
    return len(short[CASE].drop_duplicates()), float((short["net"] * weeks).sum())


def headlines(study: Study) -> Iterator[Headline]:
    """Say who started, who left, and what changed for those who stayed."""
    if study.case_bridge is None:
        return
    effects = study.case_bridge.steps.set_index("component")["effect"]
    stay = float(effects[["quantity", "price", "funding", "client"]].sum())
    turnover = float(effects[["starters", "leavers", "switches"]].sum())
    names = ("starters", "leavers", "switches", "stayers", "reissued", "short")
    said = {name: study.counts.said("bridge", name) for name in names}
    text = (
        f"{said['starters']} cases started, {said['leavers']} left, {said['switches']} people changed care "
        f"type and {said['stayers']} cases stayed, {said['reissued']} under new references. Another "
        f"{said['short']} {'case' if said['short'] == '1' else 'cases'} began and ended in between."
    )
    shown = not study.counts.hidden("bridge", "stayers")
    yield Headline(
        "budget.cohort",
        "Cases that started, left or changed care type changed the net cost by "
        f"{pounds_signed(turnover)} a week, and cases that stayed by {pounds_signed(stay)}.",
        turnover,
        "£ a week",
        method="bridge by case, matched on person and care type",
        see=("cohort",),
        cell=("cohort", "", "effect"),
    )
    yield Headline(
        "budget.cohort.counts",
        words.capital(text),
        float(study.counts.of("bridge", "stayers")) if shown else None,
        "cases",
        method="bridge by case",
        see=("cohort",),
        cell=("cohort", "", "cases"),
    )


_BRIDGE = table_of(
    "cohort",
    Column("name", "Step"),
    Column("cases", "Cases", "number"),
    Column("effect", "Net cost, £ a week", "money", unit="£"),
)
_STEPS = table_of(
    "cohort.data",
    Column("name", "Step"),
    Column("effect", "Net cost, £ a week", "change", unit="£"),
)


def _figure(study: Study, found: CaseBridge) -> Figure:
    assert study.pair is not None
    (first, last), steps, place, write = study.pair, study.case_steps, study.place, bar_label()
    steps = steps[steps["effect"] != 0]
    sheet = charts.bridge(
        list(steps["name"]),
        list(steps["effect"]),
        start=(f"{first:%b %Y}", found.before),
        end=f"{last:%b %Y}",
        write=write,
    )
    top = largest(steps, steps["effect"].abs())["name"] if len(steps) else "none"
    moved = rose_fell_by(found.change, per=" a week")
    parts = [f"{n} {write(e, True)}" for n, e in zip(steps["name"], steps["effect"], strict=True)]
    return Figure(
        "cohort",
        f"Net cost of open packages {moved} to {pounds(found.after)}; the largest step is “{top}”",
        f"Net cost a week of open packages, case by case, {place}, {study.days_compared}",
        f"Bridge from {pounds(found.before)} to {pounds(found.after)} a week: {words.join(parts)}.",
        sheet,
        _STEPS.of(steps, "Steps of the bridge, £ a week"),
        f"{place}, package ledger",
    )


def _table(study: Study, found: CaseBridge) -> Table:
    steps, counts = study.case_steps, study.counts
    opened, stayed = ([f"Open at {words.day(day)}"] for day in study.pair or ())
    frame = pd.DataFrame(
        {
            "name": [*opened, *steps["name"], *stayed],
            "cases": [counts.of("bridge", "before"), *steps["cases"], counts.of("bridge", "after")],
            "effect": [found.before, *steps["effect"], found.after],
        }
    )
    stayers, reissued, short = (counts.said("bridge", n) for n in ("stayers", "reissued", "short"))
    cost = f", at a net cost of {words.amount(found.short_cost)}"
    notes = (
        f"Cases that stayed: {stayers}; of them, {reissued} have new references only and are matched on "
        "person and care type. Steps of those who stayed count the cases whose part changed.",
        f"Cases that began and ended between the two days are not in the bridge: {short}"
        f"{'' if counts.hidden('bridge', 'short') else cost}.",
    )
    title = f"Net cost of open packages, case by case, {study.days_compared}"
    return _BRIDGE.of(frame, title, notes=notes, strong=(0, len(frame) - 1))


def section(study: Study) -> Section:
    """Show the bridge by case."""
    found = study.case_bridge
    if found is None:
        return Section.of(study.no_ledger)
    return Section.of(headlines(study), _figure(study, found), _table(study, found))
