"""Sentences on causes: the decomposition and the bridge by case."""

from __future__ import annotations

__all__ = [
    "causes",
    "cohort",
]

import pandas as pd

from s75lib.budget import causes as reasons
from s75lib.budget import cohort as bridges
from s75lib.budget import ledger
from s75lib.budget.disclosure import small
from s75lib.budget.naming import group_name, pounds
from s75lib.budget.picks import record
from s75lib.present import Headline, words

_SAYS = {
    "cases": "the number of cases",
    "mix": "the mix of care types and teams",
    "weeks": "weeks of care in the year",
    "intensity": "units of care a week",
    "price": "prices",
    "share": "the share paid by social care",
}


def causes(packages: pd.DataFrame) -> list[Headline]:
    """Say what drove the net cost between the ledger's two snapshots, by service group.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.

    Returns
    -------
    list of Headline
        Empty for fewer than two snapshots.
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return []
    found = reasons.causes(packages, *chosen, basis="weekly")
    span = f"between {words.day(chosen[0])} and {words.day(chosen[1])}"
    percent = 100 * found.change / found.before if found.before else float("nan")
    said = [
        Headline(
            "budget.causes",
            f"The net cost of open packages {moved(found.change, 'a week')}{_share(percent)} {span}.",
            found.change,
            "£ a week",
            method=found.method,
        )
    ]
    for group in found.groups.to_dict("records"):
        part = found.effects[found.effects["service_group"] == group["service_group"]].set_index("factor")[
            "effect"
        ]
        said.append(_group(str(group["service_group"]), part, float(group["change"]), found.method))
    return said + _reversals(packages, chosen)


def cohort(packages: pd.DataFrame, *, fewest: int) -> list[Headline]:
    """Say who started, who left, and what changed for those who stayed.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    fewest : int
        Fewest people that a sentence may count.

    Returns
    -------
    list of Headline
        Empty for fewer than two snapshots.
    """
    chosen = ledger.pair(packages)
    if chosen is None:
        return []
    found = bridges.cohort(packages, *chosen)
    steps = {str(name): record(found.steps, component=name) for name in found.steps["component"]}
    stay = sum(steps[name]["effect"] for name in ("quantity", "price", "funding", "client"))
    turnover = sum(steps[name]["effect"] for name in ("starters", "leavers", "switches"))
    return [
        Headline(
            "budget.cohort",
            f"Of the change, cases that started, left or changed care type made {_sign(turnover)} a "
            "week and cases "
            f"that stayed made {_sign(stay)}.",
            turnover,
            "£ a week",
            method="bridge by case, matched on person and care type",
        ),
        Headline(
            "budget.cohort.counts",
            f"{small(steps['starters']['cases'], fewest)} cases started, "
            f"{small(steps['leavers']['cases'], fewest)} "
            f"left, {_people(int(steps['switches']['people']), fewest)} changed care type, "
            f"{small(found.stayers, fewest)} cases stayed ({small(found.reissued, fewest)} under new "
            "references), and "
            f"{small(found.short_cases, fewest)} began and ended in between.",
            float(found.stayers) if found.stayers >= fewest else None,
            "cases",
            method="bridge by case",
        ),
    ]


def _group(code: str, part: pd.Series, change: float, method: str) -> Headline:
    """Name the causes that pushed a service group's cost up and down, the largest first."""
    part = part[part.abs() >= max(0.05 * part.abs().sum(), 0.5)]
    up, down = part[part > 0].sort_values(ascending=False), part[part < 0].sort_values()
    clauses = []
    for side, verb in ((up, "pushed it up"), (down, "held it down")):
        if len(side):
            named = [f"{_SAYS[str(name)]} ({_sign(float(effect))})" for name, effect in side.items()]
            clauses.append(f"{words.join(named)} {verb}")
    detail = f": {'; '.join(clauses)}" if clauses else ""
    lead = max((float(effect) for effect in part), key=abs, default=0.0)
    return Headline(
        f"budget.causes.{code.lower() or 'all'}",
        f"{group_name(code)}: net cost {moved(change, 'a week')}{detail}.",
        lead,
        "£ a week",
        method=method,
    )


def _reversals(packages: pd.DataFrame, chosen: tuple[pd.Timestamp, pd.Timestamp]) -> list[Headline]:
    said = []
    for row in reasons.reversals(packages, *chosen).to_dict("records"):
        if not row["reversal"]:
            continue
        verb, other = ("rose", "fell") if float(row["change"]) > 0 else ("fell", "rose")
        said.append(
            Headline(
                f"budget.reversal.{str(row['service_group']).lower() or 'all'}",
                f"{group_name(str(row['service_group']))}: the average cost of a case {verb} although "
                "that of every care "
                f"type {other}: people moved between care types.",
                float(row["change"]),
                "£ a week",
                method="aggregation reversal (Simpson 1951)",
            )
        )
    return said


def moved(change: float, per: str) -> str:
    verb = words.rose_fell(change, 0.5)
    return verb if abs(change) <= 0.5 else f"{verb} by {pounds(change)} {per}"


def _sign(value: float) -> str:
    return f"{'−' if value < -0.5 else '+' if value > 0.5 else ''}{pounds(value)}"


def _share(percent: float) -> str:
    return "" if pd.isna(percent) else f" ({words.percent(abs(percent))})"


def _people(count: int, fewest: int) -> str:
    return f"{small(count, fewest)} {'person' if count == 1 and fewest == 1 else 'people'}"
