"""Where the cost sits: by setting, team, age and provider, and among the dearest."""

from __future__ import annotations

__all__ = ["OTHERS", "Concentration", "concentration", "cost_bands", "cost_by"]

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.budget.ledger import CASE
from s75lib.budget.naming import rose_fell_by
from s75lib.present import Column, Figure, Headline, Missing, Section, Table, charts, table_of, words

if TYPE_CHECKING:
    from s75lib.budget.study import Study

OTHERS = "All others"
"""Name of the values put together."""

_EDGES = (0.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0)


@dataclass(frozen=True)
class Concentration:
    """How the net weekly cost is spread over people with an open package.

    - `curve`: ``people_percent`` and ``cost_percent``: the dearest people first, by tenths.
    - `top_tenth_percent`: What the dearest tenth takes, by the share of the tenth person where a tenth is no
      whole number; like `gini` (0 for equal costs) NaN without people or cost.
    """

    as_at: pd.Timestamp
    people: int
    curve: pd.DataFrame
    top_tenth_percent: float
    gini: float


def cost_by(before: pd.DataFrame, after: pd.DataFrame, column: str) -> pd.DataFrame:
    """Compare the open packages of two snapshots by one description.

    Parameters
    ----------
    column : str
        ``setting``, ``care_type``, ``service_group``, ``team``, ``provider`` or ``age_band``.

    Returns
    -------
    DataFrame
        The column, ``cases_before``, ``cases_after``, ``before``, ``after``, ``change`` (net, £ a week),
        ``percent`` (NaN for nothing before) and ``average`` (net a case and week after, £), the largest rise
        first, values put together last. A case with packages in two rows counts in both.

    Examples
    --------
    >>> old = pd.DataFrame({"person_key": ["A"], "care_type": "Nursing", "team": "Oak", "open": True,
    ...                     "net": 900.0})
    >>> cost_by(old, old.assign(net=960.0), "team")[["team", "cases_after", "change"]].to_numpy().tolist()
    [['Oak', 1, 60.0]]
    """
    sums, counted = [], []
    for side in (before, after):
        rows = side.loc[side["open"], list(dict.fromkeys([column, *CASE, "net"]))]
        cases = set(zip(*(rows[name].tolist() for name in (column, *CASE)), strict=True))
        counted.append(Counter(value for value, *_ in cases))
        sums.append(rows.groupby(column)["net"].sum())
    every = sums[0].index.union(sums[1].index)
    old, new = (net.reindex(every, fill_value=0.0).to_numpy() for net in sums)
    cases_old, cases_new = (np.array([own[value] for value in every.tolist()], dtype=int) for own in counted)
    table = pd.DataFrame(
        {
            column: every,
            "before": old,
            "cases_before": cases_old,
            "after": new,
            "cases_after": cases_new,
            "change": new - old,
            "percent": 100 * (new - old) / np.where(old != 0, old, np.nan),
            "average": new / np.where(cases_new > 0, cases_new, np.nan),
        }
    )
    return table.take(np.lexsort((old - new, every == OTHERS))).reset_index(drop=True)


def small_together(
    before: pd.DataFrame, after: pd.DataFrame, column: str, *, fewest: int, most: int = 20
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put the values of a description that hold few cases, or cost little, under the name of others.

    Of the values with at least `fewest` cases at either day the `most` dearest are kept. The others hold no
    case or at least `fewest` at each day, for which further values join them, the fewest cases first.
    """
    rows = cost_by(before, after, column)
    counts = rows[["cases_before", "cases_after"]]
    few = ((counts > 0) & (counts < fewest)).any(axis=1)
    kept = rows[~few].nlargest(most, "after", keep="all")[:most].sort_values("cases_after")
    others = rows.drop(kept.index)
    while len(kept) and others[["cases_before", "cases_after"]].sum().between(1, fewest - 1).any():
        others = pd.concat([others, kept.iloc[:1]])
        kept = kept.iloc[1:]
    gone = [side[column].isin(others[column]) for side in (before, after)]
    return (
        before.assign(**{column: before[column].mask(gone[0], OTHERS)}),
        after.assign(**{column: after[column].mask(gone[1], OTHERS)}),
    )


def concentration(rows: pd.DataFrame) -> Concentration:
    """Measure how unevenly the net weekly cost falls on people.

    On the snapshot's day. The Lorenz curve runs from the dearest person down and is read between people by
    straight lines. People whose contributions exceed their cost count as costing nothing. Source: Lorenz
    (1905) Publications of the American Statistical Association 9, 209-219.

    Examples
    --------
    >>> day = pd.Timestamp("2026-03-31")
    >>> rows = pd.DataFrame({"snapshot_date": day, "person_key": list("ABCDEFGHIJ"), "open": True,
    ...                      "net": [910.0] + 9 * [10.0]})
    >>> concentration(rows).top_tenth_percent
    91.0
    """
    day, cost = rows["snapshot_date"].iloc[0], np.sort(_costs(rows))[::-1]
    tenths = np.linspace(0, 100, 11)
    if not len(cost) or cost.sum() == 0:
        blank = pd.DataFrame({"people_percent": tenths, "cost_percent": np.nan})
        return Concentration(day, len(cost), blank, float("nan"), float("nan"))
    shares = np.concatenate([[0.0], np.cumsum(cost) / cost.sum()])
    read = 100 * np.interp(tenths / 100, np.linspace(0, 1, len(shares)), shares)
    area = float(np.trapezoid(shares, dx=1 / len(cost)))
    curve = pd.DataFrame({"people_percent": tenths, "cost_percent": read})
    return Concentration(day, len(cost), curve, float(read[1]), 2 * area - 1)


def cost_bands(rows: pd.DataFrame, *, threshold: int) -> pd.DataFrame:
    """Count people by net weekly cost, in bands wide enough to disclose nobody.

    Returns
    -------
    DataFrame
        ``from_weekly`` and ``to_weekly`` (£, the upper end not included; NaN for the open top), ``people``,
        ``net`` (£ a week, in all) and ``percent`` (of the cost), the dearest band first. Bands with fewer
        people are joined to the band below, the lowest to the one above; no rows if all people together are
        too few.

    Examples
    --------
    >>> rows = pd.DataFrame({"person_key": list("ABCDE"), "open": True, "net": [60.0, 70, 260, 900, 3500]})
    >>> cost_bands(rows, threshold=2)[["from_weekly", "people"]].to_numpy().tolist()
    [[750.0, 2.0], [0.0, 3.0]]
    """
    cost = _costs(rows)
    made = banded(cost, cost, _EDGES, threshold)
    frame = pd.DataFrame(made, columns=["from_weekly", "to_weekly", "people", "net"]).astype({"people": int})
    return frame.assign(percent=100 * frame["net"] / (frame["net"].sum() or float("nan")))


def _costs(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Net cost a week of each person with an open package, at least nothing."""
    people = rows[rows["open"]].groupby("person_key")["net"]
    return people.sum().clip(lower=0.0).to_numpy(dtype=float)


def banded(
    values: np.ndarray, amounts: np.ndarray, edges: tuple[float, ...], threshold: int
) -> list[list[float]]:
    """Count values and sum amounts between rising lower edges, in bands of at least `threshold` values.

    Given are lists of lower end, upper end (NaN at the top), count and amount, from the top. A band of too
    few joins the one below, the lowest the one above; no list if all together are too few.
    """
    which = np.digitize(values, edges[1:])
    made: list[list[float]] = []
    held, upper = [0.0, 0.0], float("nan")
    for number in range(len(edges) - 1, -1, -1):
        inside = which == number
        held = [held[0] + int(inside.sum()), held[1] + float(amounts[inside].sum())]
        if held[0] >= threshold:
            made.append([edges[number], upper, *held])
            held, upper = [0.0, 0.0], edges[number]
    if made:
        lowest = made[-1]
        made[-1] = [edges[0], lowest[1], lowest[2] + held[0], lowest[3] + held[1]]
    return made


def headlines(study: Study) -> Iterator[Headline]:
    """Say in which setting the net cost moved, and how concentrated it is."""
    spread = study.concentration
    if study.pair is None or spread is None:
        return
    settings = study.cost_by["setting"].set_index("setting")["change"]
    if "bed-based" in settings.index and not study.hidden_either_day("setting", "bed-based"):
        beds = float(settings["bed-based"])
        moved, of_all = (
            rose_fell_by(change, per=" a week", tolerance=0.5) for change in (beds, float(settings.sum()))
        )
        yield Headline(
            "budget.setting",
            f"Bed-based care {moved} net; all care {of_all}.",
            beds,
            "£ a week",
            method="net cost of open packages",
            see=("where.setting",),
            cell=("where.setting", "bed-based", "change"),
        )
    if spread.people >= 10 * study.fewest_cases:
        yield Headline(
            "budget.concentration",
            f"The dearest tenth of the {words.number(spread.people)} people take "
            f"{words.percent(spread.top_tenth_percent, 0)} of the net cost.",
            spread.top_tenth_percent,
            "percent",
            method="Lorenz curve of net weekly cost",
            see=("concentration",),
            cell=("concentration", "10.0", "cost_percent"),
        )


_DESCRIPTIONS = {"setting": "Setting", "team": "Team", "age_band": "Age band", "provider": "Provider"}
_SEVERAL = ("team", "provider")
_EITHER_DAY = ("bare_before", "bare_after")
BEFORE_AFTER = (
    Column("cases_before", "Cases before", "number", hides=("hidden_before",)),
    Column("cases_after", "Cases after", "number", hides=("hidden_after",)),
    Column("before", "Net before", "money", unit="£ a week", hides=("bare_before",)),
    Column("after", "Net after", "money", unit="£ a week", hides=("bare_after",)),
    Column("change", "Change", "change", unit="£ a week", hides=_EITHER_DAY),
)
"""A day's money is hidden with its count, and what compares the days with either."""
_WHERE = table_of(
    "where",
    Column("by", "By"),
    *BEFORE_AFTER,
    Column("percent", "Change, %", "points", 1, unit="percent", hides=_EITHER_DAY),
    Column("average", "Net a case after", "money", unit="£ a week", hides=("bare_after",)),
    counted="cases",
)
_BANDS = table_of(
    "bands",
    Column("name", "Net cost a week"),
    Column("people", "People", "number"),
    Column("net", "Together, £ a week", "money", unit="£ a week"),
    Column("percent", "Share of the cost", "percent", 1, unit="percent"),
    notes=("Bands are joined until none is so small that it could disclose a person.",),
)
_CURVE = table_of(
    "concentration.data",
    Column("people_percent", "People, dearest first, %", "percent"),
    Column("cost_percent", "Cost, %", "percent", 1),
)


def _where(study: Study, description: str) -> Table | Missing:
    """Set out the net cost of open packages at two days by one description."""
    name = _DESCRIPTIONS[description]
    if description != "setting" and (study.data.packages[description] == "").all():
        return Missing.of(
            f"The ledger names no {name.lower()}.",
            "packages",
            (description,),
            f"where the cost sits by {name.lower()}",
        )
    rows = study.cost_by[description]
    rows = study.counts.join(rows, description, description)
    if study.data.rounds("packages"):
        rows = rows.assign(average=rows["after"] / rows["cases_after"].where(rows["cases_after"] > 0))
    others = f"{OTHERS}: providers with few cases, and those beyond the twenty dearest."
    notes = (
        f"A case with packages of two {name.lower()}s counts in both." if description in _SEVERAL else "",
        others if (rows[description] == OTHERS).any() else "",
    )
    table = replace(
        _WHERE, id=f"where.{description}", columns=(Column(description, name), *_WHERE.columns[1:])
    )
    title = f"Net cost of open packages by {name.lower()}, {study.days_compared}, £ a week"
    return table.of(rows, title, notes=notes, fewest=study.fewest_cases)


def _figure(study: Study) -> Figure | Missing:
    found, place = study.concentration, study.place
    if found is None:
        return study.no_ledger
    if found.people < 10 * study.fewest_cases:
        return Missing("Too few people have an open package to show how the cost is spread over them.")
    if isnan(found.top_tenth_percent):
        return Missing("No open package has a net cost.")
    sheet, axis = charts.drawing(3.8)
    x, y = found.curve["people_percent"], found.curve["cost_percent"]
    axis.plot(x, y, color=charts.BLUE, linewidth=2, marker="o", markersize=4)
    axis.plot([0, 100], [0, 100], color=charts.GREY, linewidth=1.2, linestyle=(0, (4, 3)))
    charts.note(axis, "equal cost for everybody", (60, 60), (6, -12), color=charts.GREY)
    axis.annotate(
        f"dearest tenth: {found.top_tenth_percent:.0f}% of the cost",
        (10, found.top_tenth_percent),
        (32, 8),
        fontsize=9.5,
        arrowprops={"arrowstyle": "-", "color": charts.GREY, "shrinkB": 4},
    )
    axis.set_xlabel("share of people, dearest first, %", fontsize=9.5)
    axis.set_ylabel("share of the net cost, %", fontsize=9.5)
    title = f"The dearest tenth of people take {found.top_tenth_percent:.0f}% of the net cost"
    people = words.count_noun(found.people, "person", "people")
    return Figure(
        "concentration",
        title,
        f"Net cost a week of {people}, {place}, {words.day(found.as_at)}",
        f"{title}; the dearest half take {y.iloc[5]:.0f}%. Gini coefficient {found.gini:.2f}.",
        sheet,
        _CURVE.of(found.curve, "Share of the net cost by share of people"),
        f"{place}, package ledger",
    )


def _bands(study: Study) -> Table | Missing:
    if study.day is None:
        return study.no_ledger
    rows = cost_bands(study.sides["after"], threshold=study.fewest_cases)
    rows = study.to_nearest_5("packages", rows, "people")
    names = [
        f"£{words.number(low)} or more"
        if isnan(high)
        else f"£{words.number(low)} to under £{words.number(high)}"
        for low, high in zip(rows["from_weekly"], rows["to_weekly"], strict=True)
    ]
    return _BANDS.of(rows.assign(name=names), f"People by net cost a week, {words.day(study.day)}")


def section(study: Study) -> Section:
    """Show where the cost sits and how it is spread over people."""
    tables = [_where(study, description) for description in _DESCRIPTIONS] if study.pair else study.no_ledger
    return Section.of(headlines(study), _figure(study), tables, _bands(study))
