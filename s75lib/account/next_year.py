"""Next year: what today's packages would ask of each partner for a full year."""

from __future__ import annotations

__all__ = ["contributions_needed"]

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from s75lib.account.naming import roughly
from s75lib.present import Column, Headline, Missing, Need, Section, Table, table_of, words
from s75lib.stats.sharing import split

if TYPE_CHECKING:
    from s75lib.account.study import Study

_MONEY = ("cash", "grant")


def contributions_needed(this: pd.DataFrame, coming: pd.DataFrame, cost: int | None) -> pd.DataFrame:
    """Split what packages cost next year as this year's contributions are split.

    Cash and grants alone are taken to pay for packages; contributions in kind are staff. Sums for this year
    alone are left out of the split.

    Returns
    -------
    DataFrame
        ``partner``, ``agreed`` (this year's pooled cash and grants, pence), ``percent`` (of them),
        ``needed`` (next year), ``planned`` (agreed for next year; missing where nothing is) and ``gap``
        (needed less planned). No rows without a ledger or without cash.

    Examples
    --------
    >>> found = held.contributions_needed
    >>> [round(share) for share in found["percent"]]
    [88, 12]
    """
    agreed, planned = (
        rows[rows["latest"] & (rows["held"] == "pooled") & rows["kind"].isin(_MONEY) & kept]
        .groupby("partner", sort=False)["agreed"]
        .sum()
        for rows, kept in ((this, ~this["one_off"]), (coming, True))
    )
    columns = ["partner", "agreed", "percent", "needed", "planned", "gap"]
    if cost is None or agreed.sum() == 0:
        return pd.DataFrame(columns=columns)
    needed = pd.Series(split(cost, {str(name): int(part) for name, part in agreed.items()}))
    frame = pd.DataFrame({"agreed": agreed, "percent": 100 * agreed / agreed.sum(), "needed": needed})
    frame = frame.assign(planned=planned.astype("Int64")).loc[needed.index].rename_axis("partner")
    return frame.assign(gap=frame["needed"] - frame["planned"]).reset_index()[columns]


def headlines(study: Study) -> Iterator[Headline]:
    """Say what today's packages cost in a full year, each partner's part, and what is agreed for it."""
    rows, rate = study.contributions_needed, study.budget.run_rate
    if rows.empty or rate is None:
        return
    needed = int(rows["needed"].sum())
    parts = [f"{name} {roughly(part)}" for name, part in zip(rows["partner"], rows["needed"], strict=True)]
    agreed = ""
    if rows["planned"].notna().all():
        gap = int(rows["gap"].sum())
        side = "more" if gap > 0 else "less"
        agreed = f" That is {roughly(abs(gap))} {side} than is agreed for it."
    yield Headline(
        "account.next_year",
        f"Packages that run on past {rate.year} cost {roughly(needed)} net in a full {rate.next_year}, "
        "before starters, leavers and price rises. The page on next year's budget adds these. Split as this "
        f"year's cash: {words.join(parts)}.{agreed}",
        needed / 100,
        "£",
        method="full-year cost × share of this year's cash contributions",
        see=("next_year",),
        cell=("next_year", "All partners", "needed"),
        stake="money",
    )


_NEEDED = table_of(
    "next_year",
    Column("partner", "Partner"),
    Column("agreed", "This year's cash and grants", "money", unit="£"),
    Column("percent", "Share", "percent", 1, "percent"),
    Column("needed", "Needed next year", "money", unit="£"),
    Column("planned", "Agreed for next year", "money", unit="£"),
    Column("gap", "Needed less agreed", "change", unit="£"),
    notes=(
        "Today's packages at today's prices, without starters and leavers: those are in the notebook on next "
        "year's budget.",
    ),
    totals=1,
)


def _table(study: Study) -> Table:
    money = ["agreed", "needed", "planned", "gap"]
    rows = study.contributions_needed
    frame = rows.assign(**{name: rows[name].astype("Float64") / 100 for name in money})
    whole = {"partner": "All partners", "percent": 100.0} | {
        name: frame[name].sum(skipna=False) for name in money
    }
    frame = pd.concat([frame, pd.DataFrame([whole])], ignore_index=True)
    pool, cash = (roughly(int(part)) for part in (sum(study.pooled.values()), rows["agreed"].sum()))
    note = (
        f"Of the {pool} agreed for {study.year.label}, {cash} is this money; the rest is in kind or one-off."
    )
    title = f"Contributions that today's packages need for a full year, {study.place}, £"
    return _NEEDED.of(frame, title, notes=(note if cash != pool else "",))


NO_PARTS = Missing(
    "What next year asks of each partner needs a package ledger and this year's contributions.",
    (
        Need("packages", ("weekly_gross", "start_date", "end_date"), "the cost of a full year"),
        Need("contributions", ("partner", "kind", "agreed"), "each partner's part"),
    ),
)


def section(study: Study) -> Section:
    """Show what next year asks of each partner."""
    if study.contributions_needed.empty:
        return Section.of(NO_PARTS)
    return Section.of(headlines(study), _table(study))
