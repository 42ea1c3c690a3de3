"""The bridge by case between two ledger snapshots: who started, who left, who stayed and what changed."""

from __future__ import annotations

__all__ = ["COMPONENTS", "Cohort", "cohort"]

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from s75lib.budget.ledger import CASE
from s75lib.stats.decomposition import path_effects

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
class Cohort:
    """The net weekly cost of open packages at two snapshots, and the steps between.

    Parameters
    ----------
    before_day, after_day : Timestamp
    before, after, change : float
        Net cost of the packages open on the day, £ a week.
    steps : DataFrame
        ``component`` (see `COMPONENTS`), ``cases``, ``people``, ``effect`` (£ a week); the effects add up to
        the change. For those who stayed, cases are those whose part changed by a penny or more.
    cases : DataFrame
        One row per case of either snapshot, for further analysis and never for print: ``person_key``,
        ``care_type``, ``status`` (starter, leaver, switch or stayer), ``before``, ``after``, ``change``, and
        the
        four effects of a stayer.
    stayers : int
    reissued : int
        Stayers none of whose package references is the same at both snapshots.
    switches : DataFrame
        ``from_type``, ``to_type``, ``people``, ``change`` (£ a week): people whose care type changed.
    short_cases, short_cost : int, float
        Cases that began and ended between the snapshots, and their net cost (£ in all): no part of a weekly
        bridge, and not lost.
    """

    before_day: pd.Timestamp
    after_day: pd.Timestamp
    before: float
    after: float
    change: float
    steps: pd.DataFrame
    cases: pd.DataFrame
    stayers: int
    reissued: int
    switches: pd.DataFrame
    short_cases: int
    short_cost: float


def cohort(before: pd.DataFrame, after: pd.DataFrame, rows: pd.DataFrame) -> Cohort:
    """Bridge the net weekly cost of open packages from one snapshot to a later one, case by case.

    Parameters
    ----------
    before, after : DataFrame
        Lines of two snapshots, as `s75lib.budget.ledger.lines` gives them.
    rows : DataFrame
        Lines of every snapshot held, for short packages are found in those between.

    Returns
    -------
    Cohort

    Notes
    -----
    A case is a person in a care type, whatever its references; several packages of one care type are one
    case. A person with a case at the first snapshot alone and another at the second alone changed care
    type; other cases in one snapshot alone are leavers and starters.

    A stayer's net cost is units × price × (1 − NHS share) − client contribution. The first three factors have
    Shapley effects, the contribution its own change; the four add up to the stayer's change. Without
    usable units at both snapshots the case counts as one unit. Where a case costs nothing at one of
    them, its price and NHS share are those of the other.
    """
    sides = [side[side["open"]] for side in (before, after)]
    old, new = (_cases(side) for side in sides)
    both = old.merge(new, how="outer", on=CASE, suffixes=("_old", "_new"), indicator=True)
    status = (
        both["_merge"].map({"both": "stayer", "left_only": "leaver", "right_only": "starter"}).astype("str")
    )
    both = both.assign(status=_switched(both["person_key"], status))
    numbers = [
        f"{name}_{side}" for name in ("units", "gross", "health", "client", "net") for side in ("old", "new")
    ]
    both[numbers] = both[numbers].fillna(0.0)
    effects = _stayer_effects(both)
    cases = both[CASE].assign(
        status=both["status"],
        before=both["net_old"],
        after=both["net_new"],
        change=both["net_new"] - both["net_old"],
        **effects,
    )
    days = before["snapshot_date"].iloc[0], after["snapshot_date"].iloc[0]
    short_cases, short_cost = _short(rows, *days, cases)
    return Cohort(
        *days,
        float(cases["before"].sum()),
        float(cases["after"].sum()),
        float(cases["change"].sum()),
        _steps(cases),
        cases,
        int((cases["status"] == "stayer").sum()),
        _reissued(*sides),
        _switches(cases),
        short_cases,
        short_cost,
    )


def _cases(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum the open lines of one snapshot into cases."""
    by_case = rows.groupby(CASE)
    sums = by_case[["units", "gross", "health", "client", "net"]].sum()
    return sums.assign(as_one=by_case["priced_as_one"].any()).reset_index()


def _switched(person: pd.Series, status: pd.Series) -> pd.Series:
    """Mark as switches the cases of people who have both a leaver and a starter."""
    left = set(person[status == "leaver"]) & set(person[status == "starter"])
    return status.mask((status != "stayer") & person.isin(left), "switch")


def _stayer_effects(both: pd.DataFrame) -> dict[str, pd.Series]:
    """Split each stayer's change into quantity, price, NHS share and client contribution."""
    stays = (both["status"] == "stayer").to_numpy()
    as_one = both["as_one_old"].fillna(True).astype(bool) | both["as_one_new"].fillna(True).astype(bool)
    sides = []
    for side in ("old", "new"):
        units = both[f"units_{side}"].mask(as_one, 1.0).to_numpy(dtype=float)
        gross, health = (
            both[f"gross_{side}"].to_numpy(dtype=float),
            both[f"health_{side}"].to_numpy(dtype=float),
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            sides.append(
                [
                    units,
                    # Contributions to what costs nothing gross have no share: a price below zero.
                    np.where(units > 0, np.where(gross > 0, gross, -health) / units, np.nan),
                    np.where(gross > 0, 1 - health / gross, np.where(health != 0, 1.0, np.nan)),
                ]
            )
    old, new = np.array(sides[0]), np.array(sides[1])
    for row, blank in ((1, 0.0), (2, 1.0)):
        old[row] = np.where(np.isnan(old[row]), np.where(np.isnan(new[row]), blank, new[row]), old[row])
        new[row] = np.where(np.isnan(new[row]), old[row], new[row])
    found = path_effects(old, new) * stays
    names = ("quantity", "price", "funding")
    client = (both["client_old"] - both["client_new"]).where(stays, 0.0)
    return {name: pd.Series(row, index=both.index) for name, row in zip(names, found, strict=True)} | {
        "client": client
    }


def _steps(cases: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for name, status in (("starters", "starter"), ("leavers", "leaver"), ("switches", "switch")):
        part = cases[cases["status"] == status]
        rows.append((name, len(part), part["person_key"].nunique(), float(part["change"].sum())))
    for name in ("quantity", "price", "funding", "client"):
        part = cases[cases[name].abs() >= 0.01]
        rows.append((name, len(part), part["person_key"].nunique(), float(cases[name].sum())))
    return pd.DataFrame(rows, columns=["component", "cases", "people", "effect"])


def _switches(cases: pd.DataFrame) -> pd.DataFrame:
    """Count people by the care type that they left and the one that they took up."""
    moved = cases[cases["status"] == "switch"]
    gone, come = moved[moved["before"] > 0], moved[moved["before"] == 0]
    ends = [
        part.groupby("person_key")["care_type"].agg(lambda types: " and ".join(sorted(types))).rename(name)
        for part, name in ((gone, "from_type"), (come, "to_type"))
    ]
    change = moved.groupby("person_key")["change"].sum()
    people = pd.concat([*ends, change], axis=1).fillna({"from_type": "", "to_type": ""}).reset_index()
    return (
        people.groupby(["from_type", "to_type"])
        .agg(people=("person_key", "nunique"), change=("change", "sum"))
        .reset_index()
    )


def _reissued(before: pd.DataFrame, after: pd.DataFrame) -> int:
    """Count stayers that share no reference between the snapshots."""
    old, new = _references(before), _references(after)
    return sum(old[case].isdisjoint(new[case]) for case in old.keys() & new.keys())


def _references(rows: pd.DataFrame) -> dict[tuple[str, str], set[str]]:
    """Gather the references of each case."""
    held: dict[tuple[str, str], set[str]] = defaultdict(set)
    for person, care_type, reference in zip(
        *(rows[name].tolist() for name in (*CASE, "package_key")), strict=True
    ):
        held[person, care_type].add(reference)
    return held


def _short(
    rows: pd.DataFrame, before: pd.Timestamp, after: pd.Timestamp, cases: pd.DataFrame
) -> tuple[int, float]:
    """Count cases that were open at neither snapshot and ran between them, with their net cost."""
    between = (rows["snapshot_date"] > before) & (rows["snapshot_date"] <= after)
    inside = between & (rows["start_date"] > before) & (rows["end_date"] <= after) & ~rows["prior"]
    last = rows[inside].sort_values("snapshot_date").drop_duplicates([*CASE, "package_key"], keep="last")
    known = cases[CASE].drop_duplicates().assign(known=True)
    short = last.merge(known, how="left", on=CASE)
    short = short[short["known"].isna()]
    weeks = ((short["end_date"] - short["start_date"]).dt.days + 1) / 7
    return len(short[CASE].drop_duplicates()), float((short["net"] * weeks).sum())
