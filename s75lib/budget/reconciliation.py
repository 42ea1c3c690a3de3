"""The monitor beside the ledger: what each says the year's packages cost, and why they differ."""

from __future__ import annotations

__all__ = ["reconcile"]

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from s75lib.budget.disclosure import ALL
from s75lib.budget.naming import direction, group_name, pounds
from s75lib.loaders.agreement import DAYS_APART, likely_factor
from s75lib.present import Check, Column, Headline, Missing, Need, Section, Table, table_of, words

if TYPE_CHECKING:
    from s75lib.budget.study import Study

_TENTH = 0.1
_NEAR = 0.02
_YEAR = 365 / 7  # weeks


def reconcile(monitor: pd.DataFrame, ledger: pd.DataFrame, *, rounded: float = 1.0) -> pd.DataFrame:
    """Set a monitor's commitments beside the cost for the year of the packages in the ledger.

    Parameters
    ----------
    monitor : DataFrame
        Lines of one snapshot of the contract's `budget`; those of expenditure are used.
    ledger : DataFrame
        Of the snapshot that belongs to it, by service group and care type, as
        `s75lib.budget.ledger.commitments` gives them.
    rounded : float
        To how many £ the monitor is rounded.

    Returns
    -------
    DataFrame
        ``service_group``, ``line``, ``commitment``, ``ledger``, ``difference`` (£), ``percent`` (of the
        ledger), ``apart`` (by more than a tenth) and ``reason``. Groups or care types that have no name in
        common are added up.

    Examples
    --------
    >>> monitor = pd.DataFrame(
    ...     {"service_group": "AMH", "line": ["Nursing"], "kind": "expenditure", "commitment": [104.0]})
    >>> ledger = pd.DataFrame({"service_group": "AMH", "care_type": ["Nursing"], "gross": [104_000.0],
    ...                        "net": [90_000.0], "weekly_gross": [2000.0]})
    >>> reconcile(monitor, ledger)["reason"].to_list()
    ['a factor near 1,000 (one is in £000s?)']
    """
    amounts = ["gross", "net", "weekly_gross"]
    ours = monitor[monitor["kind"] == "expenditure"]
    theirs = ledger.rename(columns={"care_type": "line"})
    for name in ("service_group", "line"):
        if not (set(ours[name]) & set(theirs[name])) - {""}:  # one of them, or neither, is by that name
            ours, theirs = ours.assign(**{name: ""}), theirs.assign(**{name: ""})
    keys = ["service_group", "line"]
    left = ours.groupby(keys, sort=False)[["commitment"]].sum(min_count=1)
    both = left.join(theirs.groupby(keys)[amounts].sum(), how="outer", sort=False).reset_index()
    both["difference"] = (both["commitment"] - both["gross"]).round() + 0.0
    both["percent"] = (100 * both["difference"] / both["gross"].where(both["gross"] > 0)).round(1) + 0.0
    both["apart"] = both["percent"].abs() > 100 * _TENTH
    both["reason"] = [_reason(row, rounded) for row in both.to_dict("records")]
    return both.rename(columns={"gross": "ledger"}).drop(columns=["net", "weekly_gross"])


def _reason(row: dict[Any, Any], rounded: float) -> str:
    commitment, gross = row["commitment"], row["gross"]
    if np.isnan(gross):
        return "no package of this kind in the ledger"
    if np.isnan(commitment):
        return "no such line in the monitor"
    if abs(row["difference"]) <= max(rounded, 1.0) / 2:
        return "none, as rounded"
    if factor := likely_factor(commitment, gross):
        return factor
    if not row["apart"]:
        return "within a tenth"
    for amount, said in (
        (row["net"], "as if net of what health and clients pay"),
        (row["weekly_gross"] * _YEAR, "as if the packages open now ran for a whole year"),
    ):
        if amount > 0 and abs(commitment / amount - 1) <= _NEAR:
            return said
    return "not known: ask which packages the line holds"


# What is said


def headlines(study: Study) -> Iterator[Headline]:
    """Say by how much the monitor differs from the ledger, where it is more than a tenth."""
    rows = study.reconciliation
    both = rows.dropna(subset=["commitment", "ledger"])
    monitor, ledger = float(both["commitment"].sum()), float(both["ledger"].sum())
    if both.empty or ledger <= 0 or abs(monitor / ledger - 1) <= _TENTH:
        return
    factor = likely_factor(monitor, ledger)
    yield Headline(
        "budget.reconciliation",
        f"The monitor's commitments are {pounds(monitor - ledger, study.rounded)} "
        f"{direction(monitor - ledger)} the ledger's cost of the same lines"
        f"{f', {factor}' if factor else ''}.",
        monitor - ledger,
        "£",
        method="commitment less the full-year cost of the ledger's packages, lines held by both",
        see=("reconciliation",),
        stake="certainty",
    )


def checks(study: Study) -> Iterator[Check]:
    """Check that no line of the monitor differs from the ledger by more than a tenth."""
    both = study.reconciliation.dropna(subset=["commitment", "ledger"])
    if both.empty:
        return
    apart = int(both["apart"].sum())
    lines = words.count_noun(len(both), "line")
    detail = f"{lines} of the monitor beside the ledger: {apart} differ by more than a tenth."
    yield Check("budget.ledger_agrees", apart == 0, detail)


_TABLE = table_of(
    "reconciliation",
    Column("group", "Service group"),
    Column("line", "Line"),
    Column("commitment", "Monitor", "money", unit="£"),
    Column("ledger", "Ledger", "money", unit="£", hides=("hidden",)),
    Column("difference", "Difference", "change", unit="£", hides=("hidden",)),
    Column("percent", "Difference, %", "number", 1, unit="%", hides=("hidden",)),
    Column("reason", "Reason", hides=("hidden",)),
    notes=(
        "Monitor: the commitment. Ledger: the gross cost for the year of its packages, each by its own "
        "weeks.",
    ),
    counted="cases",
)


def _table(study: Study) -> Table | Missing:
    if study.data.budget.empty or study.data.packages.empty:
        need = Need(
            "packages", ("snapshot_date", "service_group", "care_type", "weekly_gross"), "what differs"
        )
        return Missing("A budget monitor and a package ledger are needed to compare them.", (need,))
    rows = study.reconciliation
    if rows.empty or study.day is None:
        return Missing(f"No monitor lies within {DAYS_APART} days of the ledger's latest snapshot.")
    counts = study.counts
    rows = rows.assign(
        group=[group_name(group) for group in rows["service_group"]],
        hidden=[
            counts.hidden("after", "care_type", group or ALL, line or ALL) if known else False
            for group, line, known in zip(
                rows["service_group"], rows["line"], rows["ledger"].notna(), strict=True
            )
        ],
        line=rows["line"].replace("", "all"),
    )
    title = f"The monitor's commitments beside the ledger, {words.day(study.day)}, £"
    return _TABLE.of(rows, title, fewest=study.fewest_cases)


def section(study: Study) -> Section:
    """Show where monitor and ledger differ, and why that may be."""
    return Section.of(headlines(study), _table(study))
