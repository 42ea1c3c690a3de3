"""Charts of how cost and prices are spread."""

from __future__ import annotations

__all__ = ["concentration", "unit_costs"]

import math

import numpy as np

from s75lib.budget.picks import largest
from s75lib.budget.study import Study
from s75lib.budget.tables.common import no_ledger
from s75lib.budget.tables.prices import enough
from s75lib.budget.tables.prices import unit_costs as price_table
from s75lib.present import Column, Figure, Missing, Table, charts, words


def concentration(study: Study) -> Figure | Missing:
    """Draw what share of the net cost the dearest people take.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Figure or Missing
    """
    found, place = study.concentration, study.place
    if found is None:
        return no_ledger(study)
    if found.people < 10 * study.fewest:
        return Missing("Too few people have an open package to show how the cost is spread over them.")
    if math.isnan(found.top_tenth_percent):
        return Missing("No open package has a net cost.")
    sheet, axis = charts.drawing(8.0, 3.8)
    x, y = found.curve["people_percent"], found.curve["cost_percent"]
    axis.plot(x, y, color=charts.BLUE, linewidth=2, marker="o", markersize=4)
    axis.plot([0, 100], [0, 100], color=charts.GREY, linewidth=1.2, linestyle=(0, (4, 3)))
    axis.annotate(
        "equal cost for everybody",
        (60, 60),
        (6, -12),
        textcoords="offset points",
        fontsize=9,
        color=charts.GREY,
    )
    axis.annotate(
        f"dearest tenth: {found.top_tenth_percent:.0f}% of the cost",
        (10, found.top_tenth_percent),
        (1, min(found.top_tenth_percent + 38, 104)),
        fontsize=9.5,
        arrowprops={"arrowstyle": "-", "color": charts.GREY, "shrinkB": 4},
    )
    axis.set_xlabel("share of people, dearest first, %", fontsize=9.5)
    axis.set_ylabel("share of the net cost, %", fontsize=9.5)
    title = f"The dearest tenth of people take {found.top_tenth_percent:.0f}% of the net cost"
    columns = (
        Column("people_percent", "People, dearest first, %", "percent"),
        Column("cost_percent", "Cost, %", "percent", 1),
    )
    data = Table("concentration.data", "Share of the net cost by share of people", found.curve, columns)
    people = words.count_noun(found.people, "person", "people")
    subtitle = f"Net cost a week of {people}, {place}, {words.day(found.as_at)}"
    alt = f"{title}; the dearest half take {y.iloc[5]:.0f}%. Gini coefficient {found.gini:.2f}."
    return Figure("concentration", title, subtitle, alt, sheet, data, f"{place}, package ledger")


def unit_costs(study: Study) -> Figure | Missing:
    """Draw how prices of a unit are spread within each care type, in per cent of its median.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Figure or Missing

    Notes
    -----
    A care type is drawn where enough cases lie beyond its quartiles, the outer tenths where enough lie beyond
    them. No single price is drawn.
    """
    table = price_table(study)
    if isinstance(table, Missing) or study.day is None:
        return no_ledger(study)
    rows = study.unit_costs
    rows = rows[enough(rows["cases"], "p25", study.fewest) & (rows["p50"] > 0)]
    rows = rows[[not study.counts.hidden("after", "care_type", value=kind) for kind in rows["care_type"]]]
    if rows.empty:
        return Missing("Too few cases of each care type are open to show how their prices are spread.")
    rows = rows.assign(spread=100 * (rows["p75"] - rows["p25"]) / rows["p50"])
    rows = rows.sort_values("spread", ignore_index=True)
    outer = enough(rows["cases"], "p10", study.fewest)
    share = {name: 100 * rows[name] / rows["p50"] for name in ("p10", "p25", "p75", "p90")}
    places = np.arange(len(rows))
    sheet, axis = charts.drawing(8.0, 1.2 + 0.42 * len(rows))
    axis.hlines(places[outer], share["p10"][outer], share["p90"][outer], color=charts.BLUE, linewidth=1.6)
    axis.barh(places, share["p75"] - share["p25"], left=share["p25"], color=charts.TEAL, height=0.5)
    axis.vlines(np.full(len(rows), 100.0), places - 0.25, places + 0.25, color="#222222", linewidth=2)
    axis.set_yticks(
        places,
        [
            f"{kind}, median {words.money(price, rounded_to=0.01)}"
            for kind, price in zip(rows["care_type"], rows["p50"], strict=True)
        ],
        fontsize=9.5,
    )
    axis.set_xlabel("price of a unit, median of the care type = 100", fontsize=9.5)
    axis.grid(axis="x", color=charts.LIGHT, linewidth=0.6)
    axis.margins(x=0.05)
    axis.use_sticky_edges = False
    widest = largest(rows, "spread")
    low, high = (100 * widest[name] / widest["p50"] for name in ("p25", "p75"))
    title = (
        f"Prices differ most within {widest['care_type']}: the middle half runs from {low:.0f}% to "
        f"{high:.0f}% of "
        "the median price"
    )
    parts = [
        f"{row['care_type']} from {100 * row['p25'] / row['p50']:.0f}% to "
        f"{100 * row['p75'] / row['p50']:.0f}%"
        for row in rows[::-1].to_dict("records")
    ]
    subtitle = (
        "Price of a unit of open packages by care type: bar the middle half, line the middle eight tenths, "
        f"{study.place}, {words.day(study.day)}"
    )
    data = Table("unit_costs.data", table.title, table.frame, table.columns, table.notes, hidden=table.hidden)
    alt = f"The middle half of prices, in per cent of the median: {words.join(parts)}."
    return Figure("unit_costs.spread", title, subtitle, alt, sheet, data, f"{study.place}, package ledger")
