"""Rates by age, made comparable from year to year: directly and indirectly standardised."""

from __future__ import annotations

__all__ = ["standardised"]

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from s75lib.kpi.comparison import history
from s75lib.kpi.phrases import Row, written
from s75lib.loaders.indicators import find
from s75lib.present import Column, Table, TableOf, words
from s75lib.stats.intervals import byar
from s75lib.stats.standardisation import directly_standardised, indirectly_standardised

if TYPE_CHECKING:
    from s75lib.kpi.study import Study
    from s75lib.stats.intervals import Interval

PER = 100_000
_RATES = ("crude", "direct", "ratio")
_COLUMNS = [
    "indicator", "year", "events", "people",
    *(f"{rate}{end}" for rate in _RATES for end in ("", "_lower", "_upper")),
]  # fmt: skip


def standardised(kpi: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Standardise the events of each year whose age bands are those of the population held for it.

    An age band is a group; its events are the ``numerator``, or the ``value`` where the unit is count. A year
    with a hidden band, or without one of the bands, is left out: its sum would be of other people. The direct
    rate needs ten events.

    Returns
    -------
    DataFrame
        A row an indicator and year: ``events`` and ``people`` in all; per 100,000 the ``crude`` rate (Byar)
        and the ``direct`` one, standardised to the latest year's ages (Dobson); ``ratio``: events over those
        that the first year's rates by age would give (Byar). Each with ``_lower`` and ``_upper``, 95%.

    Examples
    --------
    >>> kpi = pd.DataFrame({"indicator": "admissions", "group": ["18-64", "65+"] * 2, "unit": "count",
    ...     "period": ["2023/24"] * 2 + ["2024/25"] * 2, "value": [20, 60, 20, 90], "numerator": None,
    ...     "denominator": None})
    >>> people = pd.DataFrame({"financial_year": kpi["period"], "age_band": kpi["group"],
    ...     "people": [40_000, 10_000, 40_000, 15_000]})
    >>> standardised(kpi, people)[["crude", "direct", "ratio"]].round(2).values.tolist()
    [[160.0, 200.0, 1.0], [200.0, 200.0, 1.0]]
    """
    rows = history(kpi)
    rows = rows[(rows["kind"] == "year").to_numpy()]
    counted = rows["unit"].eq("count") & rows["numerator"].isna()
    rows = rows.assign(events=rows["numerator"].where(~counted, rows["value"]).astype(float))
    held = rows.merge(
        population[["financial_year", "age_band", "people"]],
        left_on=["period", "group"],
        right_on=["financial_year", "age_band"],
    )
    bands = population.groupby("financial_year")["age_band"].agg(set)
    made: list[dict[str, Any]] = []
    for slug, own in held.groupby("indicator", sort=False):
        years = {
            str(year): part.set_index("group")
            for year, part in own.groupby("period")
            if set(part["group"]) == bands[year] and part["events"].notna().all() and not part["hidden"].any()
        }
        alike = {
            year: part for year, part in years.items() if set(part.index) == set(years[max(years)].index)
        }
        made += [_row(str(slug), year, part, alike) for year, part in sorted(alike.items())]
    return pd.DataFrame(made, columns=_COLUMNS)


def _row(slug: str, year: str, part: pd.DataFrame, years: dict[str, pd.DataFrame]) -> dict[str, Any]:
    first, last = (years[which(years)].loc[part.index] for which in (min, max))
    events, people = part["events"], part["people"]
    found: dict[str, Interval] = {
        "crude": byar(int(events.sum()), float(people.sum()), PER),
        "direct": directly_standardised(events, people, last["people"], per=PER),
        "ratio": indirectly_standardised(events, people, first["events"], first["people"]),
    }
    limits = {
        f"{rate}{end}": getattr(one, name)
        for rate, one in found.items()
        for end, name in (("", "estimate"), ("_lower", "lower"), ("_upper", "upper"))
    }
    return {"indicator": slug, "year": year, "events": events.sum(), "people": people.sum()} | limits


STANDARDISED = TableOf(
    "standardised",
    (
        Column("label", "Indicator"),
        Column("year", "Year"),
        Column("crude_said", "Crude rate per 100,000"),
        Column("direct_said", "At the latest year's ages"),
        Column("ratio_said", "Events as a multiple of the first year's rates"),
    ),
    notes=(
        "With 95% intervals. At the latest year's ages the rates compare from year to year; the crude ones "
        "move with the ages of the population as well.",
    ),
)


def table(study: Study) -> Table | None:
    """Set out the rates that have a population by age."""
    found = study.standardised
    if found.empty:
        return None
    rows = written(
        found,
        label=lambda row: find(row["indicator"], study.registry).label,
        crude_said=lambda row: _said(row, "crude", 1),
        direct_said=lambda row: _said(row, "direct", 1),
        ratio_said=lambda row: _said(row, "ratio", 2),
    )
    return STANDARDISED.of(rows, "Rates by age, made comparable")


def _said(row: Row, rate: str, decimals: int) -> str:
    if math.isnan(row[rate]):
        return "too few events"
    limits = [words.number(row[f"{rate}{end}"], decimals) for end in ("", "_lower", "_upper")]
    return f"{limits[0]} ({limits[1]} to {limits[2]})"
