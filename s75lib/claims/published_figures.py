"""Figures that documents publish and no dataset holds, shown with their source."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from s75lib.claims.verdicts import figure
from s75lib.present import Column, Headline, Study, Table, table_of, words

_OF_PEOPLE = ("people", "cases", "packages", "respondents")
_TABLE = table_of(
    "published_figures",
    Column("statement", "What is published"),
    Column("period", "When"),
    Column("figure", "Figure", hides=("few",)),
    Column("reference", "Source"),
)


def published_figures(study: Study, *, money: bool = False) -> Table | None:
    """Set out the published figures of an authority, or those of money alone; None where there are none."""
    facts = study.data.facts
    facts = facts[facts["unit"] == "gbp"] if money else facts
    if facts.empty:
        return None
    fewest = study.fewest("facts")
    least = facts[["value", "low", "high"]].min(axis=1)
    frame = facts.assign(
        period=[words.when(period) for period in facts["period"]],
        figure=[_figure(row) for row in facts.to_dict("records")],
        few=facts["unit"].isin(_OF_PEOPLE) & least.between(1, fewest - 1),
    )
    return _TABLE.of(frame, f"Published figures, {study.place}", fewest=fewest)


def published_money(study: Study, prefix: str) -> Iterator[Headline]:
    """State each published sum, for a partnership of whose money nothing else is held."""
    facts = study.data.facts
    sums = facts[(facts["unit"] == "gbp") & facts["value"].notna()]
    said = sums.assign(period=[words.when(period) for period in sums["period"]])
    for fact in said.to_dict("records"):
        yield Headline(
            f"{prefix}.published.{fact['fact_id']}",
            f"{fact['statement']}: {_figure(fact)}{fact['period'] and ', '}{fact['period']}, as published.",
            float(fact["value"]),
            "£",
            method="as published",
            see=("published_figures",),
            cell=("published_figures", str(fact["statement"]), "figure"),
            stake="money",
            figure=_figure(fact),
        )


def _figure(fact: Mapping[Hashable, Any]) -> str:
    places = 0 if pd.isna(fact["decimals"]) else int(fact["decimals"])
    ends = [fact["value"]] if pd.notna(fact["value"]) else [fact["low"], fact["high"]]
    return " to ".join(_written(float(end), str(fact["unit"]), places) for end in ends)


def _written(value: float, unit: str, places: int) -> str:
    """Write a figure in its unit, millions of pounds as such.

    >>> _written(4_385_000, "gbp", -3), _written(30_000, "gbp", -3)
    ('£4.385m', '£30k')
    """
    if unit == "gbp" and value >= 1_000_000 and places < -1:
        return f"£{words.number(value / 1_000_000, max(6 + places, 0))}m"
    return figure(value, unit, places)
