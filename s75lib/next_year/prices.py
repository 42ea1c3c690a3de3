"""Prices: which uplift holds for which packages, how it was derived, and what it adds."""

from __future__ import annotations

__all__ = ["price_effects"]

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.budget.naming import group_name, pounds
from s75lib.next_year.model import Model
from s75lib.present import Check, Column, Headline, Missing, Section, table_of, words
from s75lib.present.disclosure import Register

if TYPE_CHECKING:
    from s75lib.next_year.study import Study


def price_effects(made: Model) -> pd.DataFrame:
    """Say of each uplift of next year's prices what it rests on and adds, and what has none.

    Returns
    -------
    DataFrame
        The rows of `uplifts` for next year's prices with ``base`` (gross cost in the year of the packages
        open now, at today's prices, £), ``adds`` (gross, £) and ``cases``; the last row, of no rule, has the
        packages without an uplift or re-priced already.

    Examples
    --------
    >>> made = held.model
    >>> open_now = made.known[made.year == 1][:, :, 0].sum()
    >>> bool(np.isclose(price_effects(made)["base"].sum(), open_now))
    True
    """
    rule = made.group_rules[:, 0]
    base = made.known[made.year == 1][:, :, 0]
    ends = made.months[made.year == 1] + pd.offsets.MonthEnd()
    weeks = made.weeks[made.year == 1]
    rows = made.uplifts[(made.uplifts["ahead"] == 1) & (made.uplifts["basis"] != "client_income")]
    sums, adds, cases = [], [], []
    for at, since, central in zip(rows.index, rows["since"], rows["central"], strict=True):
        cost = base[:, rule == at].sum(axis=1)
        running = np.clip(((ends - since).days.to_numpy() + 1) / (7 * weeks), 0, 1)
        sums.append(cost.sum())
        cases.append(int(made.cases[rule == at].sum()))
        adds.append((cost * running).sum() * central / 100)
    alone = rule == -1
    none = {"base": base[:, alone].sum(), "adds": 0.0, "cases": int(made.cases[alone].sum())}
    known = rows.assign(base=sums, adds=adds, cases=cases)
    return pd.concat([known, pd.DataFrame([none])], ignore_index=True)


_BASIS = {"price": "Percentage", "negotiated": "Negotiated", "pay_weighted": "Pay formula"}
_TABLE = table_of(
    "next_year_uplifts",
    Column("name", "For"),
    Column("basis", "Basis"),
    Column("low", "Low, %", "number", 2),
    Column("central", "Central, %", "number", 2),
    Column("high", "High, %", "number", 2),
    Column("derived", "Derivation"),
    Column("base", "Gross cost, £", "money", unit="£", hides=("few",)),
    Column("adds", "Adds, £", "money", unit="£", hides=("few",)),
    notes=(
        "The most specific row holds: a limit before a provider, a provider before a care type. Of packages "
        "whose price rose within the rule's months before, none is uplifted again.",
    ),
)
NO_UPLIFTS = Missing.of(
    "No uplift of prices is held for next year, and none is assumed: the requirement is at today's prices.",
    "uplifts",
    ("financial_year", "care_type", "basis", "low", "central", "high"),
    "what prices add",
)


def _rows(study: Study) -> pd.DataFrame:
    rows = price_effects(study.model)
    named = rows.fillna({"provider": "", "care_type": "", "service_group": ""}).to_dict("records")
    names = []
    for row in named:
        group = group_name(row["service_group"]) if row["service_group"] else ""
        limit = f"above {words.money(row['above_weekly'])} a week" if row["above_weekly"] > 0 else ""
        name = ", ".join(filter(None, (row["provider"], row["care_type"], group, limit))) or "All packages"
        names.append(words.capital(name))
    names[-1] = "Not uplifted"
    derived = [
        f"{w:.2f}% × {s:.1f}% + {o:.2f}% × {100 - s:.1f}%" if np.isfinite(w * s) else ""
        for w, s, o in zip(
            rows["wage_rise"], rows["staff_share"], rows["other_inflation"].fillna(0.0), strict=True
        )
    ]
    return rows.assign(
        name=names, derived=derived, basis=rows["basis"].map(_BASIS).fillna("–"), few=_few(study, rows)
    )


def _few(study: Study, rows: pd.DataFrame) -> list[bool]:
    """Say of which rows no money may be shown: of few cases, or of a care type that the budget hides."""
    people = Register(dict(enumerate(rows["cases"].tolist())))
    people.total("all", list(people.counts), shown=True)
    hidden = people.decide(study.fewest("packages")).hidden
    cells = study.deep_dive.counts.cells.items()
    kinds = {value for (_, name, _, value), (_, gone) in cells if gone and name == "care_type"}
    few = {at for at, kind in enumerate(rows["care_type"]) if at in hidden or kind in kinds}
    # The bridge tells what all rows cost and add together.
    money = Register({at: base for at, base in enumerate(rows["base"].tolist()) if base > 0})
    paid = list(money.counts)
    for total in ("base", "adds"):
        money.counts[total] = float(rows[total].sum())
        money.sums.append((total, paid))
        money.weights |= {(total, at): rows[total][at] / rows["base"][at] for at in paid}
        money.shown.add(total)
    few |= money.out_of_reach(few)
    return [at in few for at in range(len(rows))]


def _bare_said(share: float) -> str:
    """Say how much of the cost has no uplift, where that shows in print."""
    said = words.percent(100 * share)
    return f" {said} of it has no price rise or was re-priced already." if share >= 0.0005 else ""


def headlines(study: Study) -> Iterator[Headline]:
    """Say what uplifts add, and how much of the cost has none."""
    if study.bridge is None or study.model.uplifts.empty:
        return
    rows = price_effects(study.model)
    adds, cost = float(rows["adds"].sum()), rows["base"].to_numpy(dtype=float)
    base, bare = float(cost.sum()), float(cost[-1])
    net = float(study.bridge.whole["net"].to_dict()["price"])
    # The levers' rise: of what is left after the NHS's part, as the NHS bears its share of the rise too.
    own = base - float(study.model.known[study.model.year == 1][:, :, 1].sum())
    after = f", {words.percent(100 * adds / base)} of their cost"
    if abs(adds - net) >= 1 and own > 0:
        after = f"; after the NHS's part {pounds(net)} is left, {words.percent(100 * net / own)} of what "
        after += "council and clients pay"
    yield Headline(
        "next_year.prices",
        f"Price rises add {pounds(adds)} to the packages open now{after}."
        f"{'' if _few(study, rows)[-1] else _bare_said(bare / base)}",
        adds,
        "£",
        method="gross cost of the year × the central uplift of the most specific row",
        see=("next_year_uplifts",),
        cell=("next_year_uplifts", "", "adds"),
        stake="money",
    )


def checks(study: Study) -> Iterator[Check]:
    """Check that the uplifts' effects add up to the bridge's step."""
    if study.bridge is None:
        return
    off = price_effects(study.model)["adds"].sum() - study.bridge.whole["gross"]["price"]
    detail = "What each uplift adds comes to the bridge's step of prices."
    yield Check("next_year.prices", bool(abs(off) < 0.01), detail)


def section(study: Study) -> Section:
    """Set out the uplifts with their derivation and effect."""
    if study.bridge is None:
        return Section.of(study.no_ledger)
    if study.model.uplifts.empty:
        return Section.of(NO_UPLIFTS)
    rows = study.model.uplifts
    carried = sorted(set(rows.loc[rows["carried"] != "", "carried"]))
    years = [study.labels[ahead] for ahead in sorted(rows.loc[rows["carried"] != "", "ahead"].unique())]
    own = f"{words.join(years)} has no uplifts of its own: those of {words.join(carried)} are carried on."
    note = own if years else ""
    title, fewest = f"Uplifts of prices in {study.next_year}", study.fewest("packages")
    return Section.of(headlines(study), _TABLE.of(_rows(study), title, notes=(note,), fewest=fewest))
