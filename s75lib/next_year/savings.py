"""Savings: planned against delivered, how likely the rest is, and what they take off the years ahead."""

from __future__ import annotations

__all__ = ["planned_savings"]

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.budget.naming import pounds
from s75lib.present import Column, Headline, Missing, Section, table_of, words

if TYPE_CHECKING:
    from s75lib.next_year.study import Study


def planned_savings(savings: pd.DataFrame, labels: tuple[str, ...], day: pd.Timestamp) -> pd.DataFrame:
    """Add up each saving by financial year.

    Without a stated confidence it is the share delivered so far; a saving with neither counts for nothing.

    Returns
    -------
    DataFrame
        One row per saving: ``saving_id``, ``saving``, ``service_group``, ``planned`` and ``delivered`` (£, in
        the months of the ledger's year whose delivery is known), ``confidence`` (0 to 1), ``added`` (false
        for one that works through fewer starters or more leavers, which the demand shows already), and for
        each year ahead what is planned in its months (``planned_1`` and so on, £).

    Examples
    --------
    >>> held, day = load("exampleshire").savings, pd.Timestamp("2026-03-31")
    >>> found = planned_savings(held, ("2025/26", "2026/27"), day)
    >>> found["added"].tolist(), found["planned_1"].tolist()
    ([True, False, True], [108000.0, 72000.0, 42000.0])
    """
    months = pd.to_datetime(savings["month"])
    month = months.dt.to_period("Q-MAR").dt.qyear - 1
    known = (month == int(labels[0][:4])) & savings["delivered"].notna()
    known &= months + pd.offsets.MonthEnd() <= day
    money = {
        "planned": savings["planned"].where(known, 0.0),
        "delivered": savings["delivered"].where(known, 0.0),
    }
    for ahead, label in enumerate(labels[1:], start=1):
        money[f"planned_{ahead}"] = savings["planned"].where(month == int(label[:4]), 0.0)
    sums = pd.DataFrame(money).groupby(savings["saving_id"]).sum()
    first = savings.groupby("saving_id")[["saving", "service_group", "confidence", "among_usual"]].first()
    share = (sums["delivered"] / sums["planned"].where(sums["planned"] > 0)).clip(upper=1).fillna(0.0)
    found = first[["saving", "service_group"]].assign(
        confidence=(first["confidence"] / 100).fillna(share),
        added=~first["among_usual"].astype("boolean").fillna(False).astype(bool),
    )
    return found.join(sums).reset_index()


_TABLE = table_of(
    "savings",
    Column("saving", "Saving"),
    Column("planned", "Planned to date, £", "money", unit="£"),
    Column("delivered", "Delivered, £", "money", unit="£"),
    Column("share", "Delivered of planned", "percent", 0, "percent"),
    Column("planned_1", "Planned next year, £", "money", unit="£"),
    Column("percent", "Confidence", "percent", 0, "percent"),
    Column("effect", "In the bridge, £", "change", unit="£"),
    notes=(
        "A plan counts by its confidence. One that works through fewer starters or more leavers is shown and "
        "not taken off, for the rates of demand hold it already. Savings count in the months planned alone.",
    ),
    totals=1,
)


def headlines(study: Study) -> Iterator[Headline]:
    """Say how much of the plan was delivered."""
    rows = study.savings
    planned, delivered = float(rows["planned"].sum()), float(rows["delivered"].sum())
    if planned <= 0:
        return
    yield Headline(
        "next_year.savings",
        f"Of {pounds(planned)} of savings planned to date in {study.labels[0]}, {pounds(delivered)} "
        f"({words.percent(100 * delivered / planned, 0)}) is recorded as delivered.",
        delivered - planned,
        "£",
        method="sum of the months whose delivery is known",
        see=("savings",),
        cell=("savings", "", "delivered"),
        stake="money" if delivered < planned else "context",
    )


def section(study: Study) -> Section:
    """Set out the savings, planned against delivered."""
    if study.savings.empty:
        need = ("saving_id", "saving", "month", "planned", "delivered", "confidence", "evidence")
        return Section.of(
            Missing.of("No plan of savings is held.", "savings", need, "savings planned against delivered")
        )
    rows = study.savings.assign(effect=np.where(study.savings["added"], -1.0, 0.0))
    rows["effect"] *= rows["confidence"] * rows["planned_1"]
    sums = rows[["planned", "delivered", "planned_1", "effect"]].sum().to_frame().T.assign(saving="Together")
    rows = pd.concat([rows, sums], ignore_index=True)
    rows["share"] = 100 * rows["delivered"] / rows["planned"].where(rows["planned"] > 0)
    title = f"Savings of {study.labels[0]} and {study.next_year}"
    return Section.of(headlines(study), _TABLE.of(rows.assign(percent=100 * rows["confidence"]), title))
