"""What reports print of an authority, without making pages of them, and what is true of it."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd

import s75lib as s75
from s75lib.loaders import AuthorityData
from s75lib.present import Figure, Table

ATTACKED = ("budget", "kpi", "workload", "next_year")
WINGS = (*ATTACKED, "scorecard", "account")
SLOW = {
    f"workload.{n}"
    for n in ("demand", "teams", "shifts", "staff", "team_need", "backlog", "rota", "scenarios")
}
SLOW |= {"workload.accuracy", "next_year.outlook", "next_year.levers", "kpi.may_show"}
"""Sections that ask for forecasts or simulations, of which `test_outsider` reads the pages."""


def printed(
    data: AuthorityData,
    *,
    wings: tuple[str, ...] = ATTACKED,
    **focus: str,
) -> dict[str, dict[str, Any]]:
    """Give every table and figure that the notebooks show, as their manifests carry it.

    `focus` is what the reports are cut to.
    """
    found = {}
    for wing in wings:
        module = getattr(s75, wing)
        study = module.study(data).focus_on(**focus)
        for name in module.__all__:
            if name[0].islower() and name != "study" and f"{wing}.{name}" not in SLOW:
                parts = getattr(module, name)(study).parts
                found = {
                    part.id: part.payload() for part in parts if isinstance(part, Table | Figure)
                } | found
        if wing == "workload":  # the months of delays, which a chart draws point by point
            months = [study.protected_months[measure].table for measure in study.delays]
            found = {table.id: table.payload() for table in months} | found
        if study.picture:
            found = {study.picture.id: study.picture.payload()} | found
        plt.close("all")
    return found


def mean_bases(kpi: pd.DataFrame) -> dict[str, float]:
    """Give the mean base of each monthly percentage, by the id of its chart."""
    months = kpi[kpi["period"].str.fullmatch(r"\d{4}-\d\d") & kpi["unit"].eq("percent")]
    means = months.groupby(["indicator", "group"])["denominator"].mean().dropna()
    return {f"control.{slug}.{group or 'all'}": float(mean) for (slug, group), mean in means.items()}


def is_small(kpi: pd.DataFrame, cell: tuple[Any, ...], fewest: int) -> bool:
    """Whether a count behind a chart's percentage, of a month or a quarter, is small and not nought."""
    id, period, name = cell
    _, slug, group = id.split(".")
    months = kpi[(kpi["indicator"] == slug) & (kpi["group"] == group.replace("all", ""))]
    first, _, last = period.partition(" to ")
    own = months[months["period"].between(first, last or first) & ~months["period"].str.contains("/")]
    sums = own[["numerator", "denominator"]].sum()
    counts = {**sums, "remainder": sums["denominator"] - sums["numerator"]}
    return bool(1 <= counts[name] < fewest)


def costs_of_cases(data: AuthorityData) -> dict[tuple[Any, ...], list[float]]:
    """Give what each case behind a printed sum of money costs a week, by cells of the attacker."""
    study, found = s75.budget.study(data), {}
    for lines in study.sides.values():
        rows = lines[lines["open"]]
        day = rows["snapshot_date"].iloc[0]
        for name in ("care_type", "team", "age_band", "provider", "setting"):
            cost = rows.groupby(
                [name, "person_key", "care_type"] if name != "care_type" else [name, "person_key"]
            )
            for value, of in cost["net"].sum().groupby(level=0):
                found["cases", f"{day.day} {day:%B %Y}", name, "*", value] = of.tolist()
    return found
