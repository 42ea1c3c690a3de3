"""Prices of a unit by care type, the cases far above them, lengths of stay, live-in care."""

from __future__ import annotations

__all__ = ["PERCENTILES", "length_of_stay", "outlier_bands", "unit_costs"]

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.budget.concentration import BEFORE_AFTER, banded
from s75lib.budget.disclosure import ALL
from s75lib.budget.ledger import CASE, first_start
from s75lib.budget.naming import group_name
from s75lib.present import Column, Figure, Headline, Missing, Section, Table, charts, table_of, words
from s75lib.present.disclosure import nearest_5

if TYPE_CHECKING:
    from s75lib.budget.study import Study

PERCENTILES = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}
"""Percentiles by which prices and stays are described."""

_TIMES = (1.0, 1.5, 2.0)


def unit_costs(rows: pd.DataFrame) -> pd.DataFrame:
    """Describe the price of a unit in each care type and count the cases far above it.

    Source: Tukey (1977) Exploratory Data Analysis. Addison-Wesley: the upper fence.

    Returns
    -------
    DataFrame
        ``care_type``, ``cases`` (open, with a price), ``p10``, ``p25``, ``p50``, ``p75``, ``p90``
        (percentiles of the packages' prices, £ a unit), ``fence`` (upper quartile and one and a half times
        the distance between the quartiles, £), ``outliers`` (cases with a package above it) and ``excess``
        (what those packages cost a week beyond the median price, gross, £).

    Examples
    --------
    >>> rows = pd.DataFrame({"person_key": list("ABCDE"), "care_type": "Dom Care", "open": True,
    ...                      "units": 10.0, "price": [20.0, 21, 22, 23, 40]})
    >>> unit_costs(rows)[["p50", "fence", "outliers", "excess"]].to_numpy().tolist()
    [[22.0, 26.0, 1.0, 180.0]]
    """
    rows = _priced(rows)
    of_type = rows.groupby("care_type")
    table = pd.DataFrame({name: of_type["price"].quantile(level) for name, level in PERCENTILES.items()})
    table["fence"] = table["p75"] + 1.5 * (table["p75"] - table["p25"])
    table.insert(0, "cases", rows.drop_duplicates(CASE).groupby("care_type").size())
    far = _far(rows, table)
    beyond = (far["price"] - far["p50"]) * far["units"]
    found = pd.DataFrame(
        {
            "outliers": far.drop_duplicates(CASE).groupby("care_type").size(),
            "excess": beyond.groupby(far["care_type"]).sum(),
        }
    )
    whole = table.join(found).fillna({"outliers": 0, "excess": 0.0}).reset_index()
    return whole.astype({"cases": int, "outliers": int})


def outlier_bands(rows: pd.DataFrame, costs: pd.DataFrame, *, threshold: int) -> pd.DataFrame:
    """Count the cases far above the price of their care type by how far, in bands that disclose nobody.

    Returns
    -------
    DataFrame
        ``from_times`` and ``to_times`` (the median price of the care type, the upper end not included; NaN
        for the open top) and ``cases``, the furthest first. No rows if all outliers together are too few.

    Examples
    --------
    >>> rows = pd.DataFrame({"person_key": [f"P{n}" for n in range(9)], "care_type": "Dom Care",
    ...                      "open": True, "units": 10.0, "price": 7 * [20.0] + [26.0, 50.0]})
    >>> outlier_bands(rows, unit_costs(rows), threshold=1)[["from_times", "cases"]].to_numpy().tolist()
    [[2.0, 1.0], [1.0, 1.0]]
    """
    table = costs.set_index("care_type")
    far = _far(_priced(rows), table)
    times = (far["price"] / far["p50"]).groupby([far[name] for name in CASE]).max()
    made = banded(times.to_numpy(), np.zeros(len(times)), _TIMES, threshold)
    frame = pd.DataFrame(made, columns=["from_times", "to_times", "cases", "none"])
    return frame.drop(columns="none").astype({"cases": int})


def length_of_stay(packages: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Describe how long the packages that are open have run.

    A re-issued reference may restart the date of a package, so the earliest start in any snapshot held counts
    for the person and care type; a gap between two spells is not looked for. Packages open on one day
    over-represent long stays.

    Returns
    -------
    DataFrame
        ``care_type``, ``cases``, ``p25``, ``p50`` and ``p75`` (percentiles of the months so far, by the
        earliest start of the case's packages).

    Examples
    --------
    >>> held = pd.DataFrame({"person_key": ["A"], "care_type": "Nursing", "open": True,
    ...     "start_date": pd.to_datetime(["2025-03-31"]), "snapshot_date": pd.to_datetime(["2026-03-31"])})
    >>> round(length_of_stay(held, held)["p50"].item(), 1)
    12.0
    """
    cases = rows.loc[rows["open"], CASE].drop_duplicates().merge(first_start(packages), on=CASE)
    months = ((rows["snapshot_date"].iloc[0] - cases["first"]).dt.days / (365.25 / 12)).groupby(
        cases["care_type"]
    )
    levels = {name: PERCENTILES[name] for name in ("p25", "p50", "p75")}
    table = pd.DataFrame({"cases": months.size()} | {n: months.quantile(q) for n, q in levels.items()})
    return table.reset_index()


def _priced(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["open"] & rows["price"].notna()]


def _far(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Find the packages above the fence of their care type, and put its median price beside them."""
    beside = rows.join(table[["p50", "fence"]], on="care_type")
    return beside[beside["price"] > beside["fence"]]


def headlines(study: Study) -> Iterator[Headline]:
    """Say how many cases are priced far above the usual price of their care type."""
    far = int(study.unit_costs["outliers"].sum()) if study.pair else 0
    far = nearest_5(far) if study.data.rounds("packages") and far >= study.fewest_cases else far
    if not far:
        return
    told = far >= study.fewest_cases
    who = words.count_noun(far, "case") if told else f"Fewer than {study.fewest_cases} cases"
    verb = "is" if told and far == 1 else "are"
    yield Headline(
        "budget.outliers",
        f"{who} {verb} priced far above the usual price of their care type.",
        float(far) if told else None,
        "cases",
        method="Tukey's upper fence",
        see=("outliers", "unit_costs"),
        cell=("outliers", _ANY, "cases"),
    )


_ANY = "At any distance above the fence"
_LABELS = {"p10": "10th", "p25": "25th percentile", "p50": "Median", "p75": "75th", "p90": "90th"}
_STAYS = ("p25", "p50", "p75")
_UNIT_COSTS = table_of(
    "unit_costs",
    Column("care_type", "Care type"),
    Column("cases", "Open cases", "number", hides=("hidden_cases",)),
    *(Column(n, label, "money_p", unit="£", hides=(f"few_{n}",)) for n, label in _LABELS.items()),
    Column("fence", "Outlier above", "money_p", unit="£", hides=("few_p75",)),
    counted="cases",
)
_OUTLIERS = table_of(
    "outliers",
    Column("name", "Price above the outlier fence"),
    Column("cases", "Open cases", "number"),
)
_LENGTH_OF_STAY = table_of(
    "length_of_stay",
    Column("care_type", "Care type"),
    Column("cases", "Open cases", "number", hides=("hidden_cases",)),
    *(Column(n, f"{_LABELS[n]}, months", "number", 1, unit="months", hides=(f"few_{n}",)) for n in _STAYS),
    notes=("Months so far, not months until the end: open packages over-represent long stays.",),
    counted="cases",
)
_CONSTANT_CARE = table_of("constant_care", Column("group", "Service group"), *BEFORE_AFTER, counted="cases")
# One worker for one person: a table's name and its title for each care type.
_CONSTANT = {"Live In": ("live_in", "Live-in care"), "One To One": ("one_to_one", "One-to-one care")}


def _few(rows: pd.DataFrame, percentile: str, fewest: int) -> pd.Series:
    """Say where fewer cases lie beyond a percentile than may be shown, so that it may be somebody's own."""
    level = PERCENTILES[percentile]
    few: pd.Series = rows["cases"] * min(level, 1 - level) < fewest - 1e-9
    return few


def _bare(study: Study) -> dict[str, bool]:
    """Say of which care types no price may be shown, since it would tell how many cases a sum is of."""
    kinds = study.unit_costs["care_type"]
    return {kind: study.counts.without_money("after", "care_type", value=kind) for kind in kinds}


def _counted(study: Study, rows: pd.DataFrame, percentiles: Sequence[str]) -> pd.DataFrame:
    """Give the counts that the other tables print, and say what must be hidden with them."""
    counted = study.counts.beside(rows, "care_type", cases="care_type")
    bare = counted["hidden_cases"] if percentiles is _STAYS else rows["care_type"].map(_bare(study))
    few = {f"few_{name}": bare | _few(rows, name, study.fewest_cases) for name in percentiles}
    return counted.assign(**few)


def _figure(study: Study, day: pd.Timestamp, table: Table) -> Figure | Missing:
    """Draw how prices of a unit are spread within each care type, in per cent of its median.

    A care type is drawn where enough cases lie beyond its quartiles, the outer tenths where enough lie beyond
    them. No single price is drawn.
    """
    rows, fewest = study.unit_costs, study.fewest_cases
    rows = rows[~_few(rows, "p25", fewest) & (rows["p50"] > 0)]
    rows = rows[~rows["care_type"].map(_bare(study)).astype(bool)]
    if rows.empty:
        return Missing("Too few cases of each care type are open to show how their prices are spread.")
    rows = rows.assign(spread=100 * (rows["p75"] - rows["p25"]) / rows["p50"])
    rows = rows.sort_values("spread", ascending=False, kind="stable", ignore_index=True)
    outer = ~_few(rows, "p10", fewest)
    share = {name: 100 * rows[name] / rows["p50"] for name in ("p10", "p25", "p75", "p90")}
    places = np.arange(len(rows))
    sheet, axis = charts.drawing(1.2 + 0.42 * len(rows))
    axis.hlines(places[outer], share["p10"][outer], share["p90"][outer], color=charts.BLUE, linewidth=1.6)
    axis.barh(places, share["p75"] - share["p25"], left=share["p25"], color=charts.LILAC, height=0.5)
    axis.vlines(np.full(len(rows), 100.0), places - 0.25, places + 0.25, color="#222222", linewidth=2)
    medians = [
        f"{kind}, median {words.money(price, rounded_to=0.01)}"
        for kind, price in zip(rows["care_type"], rows["p50"], strict=True)
    ]
    charts.name_rows(axis, medians)
    axis.set_xlabel("price of a unit, median of the care type = 100", fontsize=9.5)
    axis.grid(axis="x", color=charts.LIGHT, linewidth=0.6)
    axis.margins(x=0.05)
    axis.use_sticky_edges = False
    spans = [f"from {low:.0f}% to {high:.0f}%" for low, high in zip(share["p25"], share["p75"], strict=True)]
    widest = int(rows["spread"].argmax())
    parts = [f"{kind} {span}" for kind, span in zip(rows["care_type"], spans, strict=True)]
    return Figure(
        "unit_costs.spread",
        f"Prices differ most within {rows['care_type'].iloc[widest]}: the middle half runs {spans[widest]} "
        "of the median price",
        "Price of a unit of open packages by care type: bar the middle half, line the middle eight tenths, "
        f"{study.place}, {words.day(day)}",
        f"The middle half of prices, in per cent of the median: {words.join(parts)}.",
        sheet,
        replace(table, id="unit_costs.data", strong=()),
        f"{study.place}, package ledger",
    )


def _table(study: Study, day: pd.Timestamp) -> Table:
    note = (
        f"A percentile is shown where at least {study.fewest_cases} cases lie beyond it. An outlier lies "
        "above the 75th percentile by more than one and a half times its distance from the 25th."
    )
    rows = _counted(study, study.unit_costs, list(_LABELS))
    title = f"Price of a unit by care type, {words.day(day)}, £"
    return _UNIT_COSTS.of(rows, title, notes=[note], fewest=study.fewest_cases)


def _outliers(study: Study, day: pd.Timestamp) -> Table | Missing:
    """Set out the cases far above the usual price of their care type, by how far."""
    costs = study.unit_costs
    rows = outlier_bands(study.sides["after"], costs, threshold=study.fewest_cases)
    rows = study.to_nearest_5("packages", rows, "cases")
    if rows.empty:
        said = (
            f"Fewer than {study.fewest_cases} open cases are"
            if costs["outliers"].sum()
            else "No open case is"
        )
        return Missing(f"{said} priced above the outlier fence of its care type.")
    names = [_times(low, high) for low, high in zip(rows["from_times"], rows["to_times"], strict=True)]
    note = (
        "The median is that of the case's care type. Bands are joined until none is so small that it could "
        f"disclose a person. Together they cost £{words.number(costs['excess'].sum())} a week more than at "
        "the median price."
    )
    title = f"Cases priced far above their care type, {words.day(day)}"
    return _OUTLIERS.of(rows.assign(name=names), title, notes=[note])


def _times(low: float, high: float) -> str:
    """Name a band of prices above the fence."""
    if isnan(high):
        return f"{low:g} times the median or more" if low > 1 else _ANY
    return f"{low:g} to under {high:g} times the median" if low > 1 else f"Under {high:g} times the median"


def _length_of_stay(study: Study, day: pd.Timestamp) -> Table:
    rows = length_of_stay(study.data.packages, study.sides["after"])
    note = f"A percentile is shown where at least {study.fewest_cases} cases lie beyond it."
    title = f"How long open packages have run, {words.day(day)}"
    rows = _counted(study, rows, _STAYS)
    return _LENGTH_OF_STAY.of(rows, title, notes=[note], fewest=study.fewest_cases)


def _constant_care(study: Study, care_type: str) -> Table | Missing:
    """Set out live-in or one-to-one care at two days, where the ledger names it: long hours may be shared."""
    name, title = _CONSTANT[care_type]
    before, after = (
        lines[lines["open"] & (lines["care_type"] == care_type)].groupby("service_group")["net"].sum()
        for lines in study.sides.values()
    )
    rows = pd.DataFrame({"before": before, "after": after}).fillna(0.0)
    if rows.empty:
        return Missing.of(
            f"{title} can't be told apart: no open package has the care type {care_type}.",
            "packages",
            ("care_type",),
            f"{title.lower()}, once it is a care type of its own",
        )
    several = len(rows) > 1
    if several:
        rows.loc[ALL] = rows.sum()
    rows = rows.rename_axis("service_group").reset_index().assign(care_type=care_type)
    rows = study.counts.join(rows, "care_type", "care_type", "service_group")
    names = [group_name("" if code == ALL else code) for code in rows["service_group"]]
    rows = rows.assign(change=rows["after"] - rows["before"], group=names)
    table, title = replace(_CONSTANT_CARE, id=name), f"{title}, {study.days_compared}, £ a week"
    return table.of(rows, title, totals=int(several), fewest=study.fewest_cases)


def section(study: Study) -> Section:
    """Show prices of a unit, how far some cases lie above them, lengths of stay, and constant care."""
    day = study.day
    if day is None:
        return Section.of(study.no_ledger)
    table = _table(study, day)
    constant = (
        [_constant_care(study, care_type) for care_type in _CONSTANT] if study.pair else study.no_ledger
    )
    return Section.of(
        headlines(study),
        _figure(study, day, table),
        table,
        _outliers(study, day),
        _length_of_stay(study, day),
        constant,
    )
