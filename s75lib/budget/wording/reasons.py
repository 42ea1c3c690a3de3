"""Sentences on causes: the decomposition and the bridge by case."""

from __future__ import annotations

__all__ = ["causes", "cohort", "moved"]

import pandas as pd

from s75lib.budget.naming import group_name, pounds
from s75lib.budget.study import Study
from s75lib.present import Headline, words

_SAYS = {
    "cases": "the number of cases",
    "mix": "the mix of care types and teams",
    "weeks": "weeks of care in the year",
    "intensity": "units of care a week",
    "price": "prices",
    "share": "the share paid by social care",
}


def causes(study: Study) -> list[Headline]:
    """Say what drove the net cost between the ledger's two snapshots, by service group.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Headline
        Empty for fewer than two snapshots.
    """
    if study.pair is None:
        return []
    found = study.causes["weekly"]
    span = f"between {words.day(found.before_day)} and {words.day(found.after_day)}"
    share = f" ({words.percent(abs(100 * found.change / found.before))})" if found.before else ""
    said = [
        Headline(
            "budget.causes",
            f"The net cost of open packages {moved(found.change, 'a week')}{share} {span}.",
            found.change,
            "£ a week",
            method=found.method,
            see=("causes.weekly",),
        )
    ]
    for group in found.groups.to_dict("records"):
        part = found.effects[found.effects["service_group"] == group["service_group"]].set_index("factor")[
            "effect"
        ]
        said.append(_group(str(group["service_group"]), part, float(group["change"]), found.method))
    return said + _reversals(study)


def cohort(study: Study) -> list[Headline]:
    """Say who started, who left, and what changed for those who stayed.

    Parameters
    ----------
    study : Study

    Returns
    -------
    list of Headline
        Empty for fewer than two snapshots.
    """
    if study.cohort is None:
        return []
    effects = study.cohort.steps.set_index("component")["effect"]
    stay = float(effects[["quantity", "price", "funding", "client"]].sum())
    turnover = float(effects[["starters", "leavers", "switches"]].sum())
    said = {
        name: study.counts.said("bridge", name)
        for name in ("starters", "leavers", "switches", "stayers", "reissued", "short")
    }
    text = (
        f"{said['starters']} cases started, {said['leavers']} left, {said['switches']} people changed care "
        "type, "
        f"{said['stayers']} cases stayed ({said['reissued']} under new references), and {said['short']} "
        "began and "
        "ended in between."
    )
    shown = not study.counts.hidden("bridge", "stayers")
    return [
        Headline(
            "budget.cohort",
            f"Of the change, cases that started, left or changed care type made {_sign(turnover)} a week and "
            f"cases that stayed made {_sign(stay)}.",
            turnover,
            "£ a week",
            method="bridge by case, matched on person and care type",
            see=("cohort",),
        ),
        Headline(
            "budget.cohort.counts",
            text[:1].upper() + text[1:],
            float(study.cohort.stayers) if shown else None,
            "cases",
            method="bridge by case",
            see=("cohort",),
        ),
    ]


def moved(change: float, per: str) -> str:
    """Say that an amount rose or fell, and by how much."""
    verb = words.rose_fell(change, 0.5)
    return verb if abs(change) <= 0.5 else f"{verb} by {pounds(change)} {per}"


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
        see=("causes.weekly",),
    )


def _reversals(study: Study) -> list[Headline]:
    said = []
    for row in study.reversals.to_dict("records"):
        if not row["reversal"]:
            continue
        verb, other = ("rose", "fell") if float(row["change"]) > 0 else ("fell", "rose")
        said.append(
            Headline(
                f"budget.reversal.{str(row['service_group']).lower() or 'all'}",
                f"{group_name(str(row['service_group']))}: the average cost of a case {verb} although that "
                "of "
                f"every care type {other}: people moved between care types.",
                float(row["change"]),
                "£ a week",
                method="aggregation reversal (Simpson 1951)",
                see=("averages",),
            )
        )
    return said


def _sign(value: float) -> str:
    return f"{'−' if value < -0.5 else '+' if value > 0.5 else ''}{pounds(value)}"
