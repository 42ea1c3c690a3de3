"""Where the cost sits: by setting, team, provider and age, among the dearest, against usual prices."""

from __future__ import annotations

__all__ = ["Concentration", "bands", "by", "concentration", "length_of_stay", "unit_costs"]

from dataclasses import dataclass

import numpy as np
import pandas as pd

from s75lib.budget.ledger import CASE, first_start, lines

_EDGES = (0, 100, 250, 500, 750, 1000, 1500, 2000, 3000)


@dataclass(frozen=True)
class Concentration:
    """How the net weekly cost is spread over people.

    Parameters
    ----------
    as_at : Timestamp
    people : int
    curve : DataFrame
        ``people_percent`` and ``cost_percent``: the dearest people first, by tenths.
    top_tenth_percent : float
        Share of the cost that the dearest tenth of people takes, by the share of the tenth person where a
        tenth is no whole number; NaN without people or cost.
    gini : float
        0 for equal costs, near 1 if one person took all; NaN without people or cost.
    """

    as_at: pd.Timestamp
    people: int
    curve: pd.DataFrame
    top_tenth_percent: float
    gini: float


def by(packages: pd.DataFrame, column: str, before: pd.Timestamp, after: pd.Timestamp) -> pd.DataFrame:
    """Compare the open packages of two snapshots by one description.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    column : str
        ``setting``, ``care_type``, ``service_group``, ``team``, ``provider`` or ``age_band``.
    before, after : Timestamp
        Days of two snapshots.

    Returns
    -------
    DataFrame
        The column, ``people_before``, ``people_after``, ``before``, ``after``, ``change`` (net, £ a week),
        ``percent`` (NaN for nothing before) and ``average`` (net a person and week after, £), the largest
        rise
        first.
    """
    sides = []
    for day in (before, after):
        rows = lines(packages, day).query("open")
        sides.append(
            rows.groupby(column).agg(people=("person_key", "nunique"), net=("net", "sum")).reset_index()
        )
    both = sides[0].merge(sides[1], how="outer", on=column, suffixes=("_before", "_after"))
    both = both.fillna({name: 0.0 for name in both.columns if name != column})
    both = both.rename(columns={"net_before": "before", "net_after": "after"})
    change = both["after"] - both["before"]
    return (
        both.astype({"people_before": int, "people_after": int})
        .assign(
            change=change,
            percent=100 * change / both["before"].where(both["before"] != 0),
            average=both["after"] / both["people_after"].where(both["people_after"] > 0),
        )
        .sort_values("change", ascending=False, kind="stable", ignore_index=True)
    )


def concentration(packages: pd.DataFrame, day: pd.Timestamp) -> Concentration:
    """Measure how unevenly the net weekly cost falls on people.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    day : Timestamp
        The snapshot.

    Returns
    -------
    Concentration

    Notes
    -----
    The Lorenz curve runs from the dearest person down and is read between people by straight lines. People
    whose contributions exceed their cost count as costing nothing.

    References
    ----------
    Lorenz, M. O. (1905) Publications of the American Statistical Association 9, 209-219.
    """
    rows = lines(packages, day).query("open")
    cost = np.sort(rows.groupby("person_key")["net"].sum().clip(lower=0.0).to_numpy())[::-1]
    tenths = np.linspace(0, 100, 11)
    if not len(cost) or cost.sum() == 0:
        blank = pd.DataFrame({"people_percent": tenths, "cost_percent": np.nan})
        return Concentration(day, len(cost), blank, float("nan"), float("nan"))
    shares = np.concatenate([[0.0], np.cumsum(cost) / cost.sum()])
    read = 100 * np.interp(tenths / 100, np.linspace(0, 1, len(shares)), shares)
    area = float(np.trapezoid(shares, dx=1 / len(cost)))
    curve = pd.DataFrame({"people_percent": tenths, "cost_percent": read})
    return Concentration(day, len(cost), curve, float(read[1]), 2 * area - 1)


def bands(packages: pd.DataFrame, day: pd.Timestamp, *, threshold: int) -> pd.DataFrame:
    """Count people by net weekly cost, in bands wide enough to disclose nobody.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    day : Timestamp
        The snapshot.
    threshold : int
        Fewest people that a band may hold.

    Returns
    -------
    DataFrame
        ``from_weekly`` and ``to_weekly`` (£, the upper end not included; NaN for the open top), ``people``,
        ``net`` (£ a week, in all) and ``percent`` (of the cost), the dearest band first. Bands with fewer
        people
        are joined to the band below, the lowest to the one above; no rows if all people together are too few.
    """
    rows = lines(packages, day).query("open")
    cost = rows.groupby("person_key")["net"].sum().clip(lower=0.0)
    which = np.digitize(cost.to_numpy(), _EDGES[1:])
    made: list[list[float]] = []
    held, upper = [0.0, 0.0], float("nan")
    for number in range(len(_EDGES) - 1, -1, -1):
        inside = cost[which == number]
        held = [held[0] + len(inside), held[1] + float(inside.sum())]
        if held[0] >= threshold:
            made.append([_EDGES[number], upper, *held])
            held, upper = [0.0, 0.0], _EDGES[number]
    if held[0] and made:
        made[-1] = [0.0, made[-1][1], made[-1][2] + held[0], made[-1][3] + held[1]]
    elif made:
        made[-1][0] = 0.0
    frame = pd.DataFrame(made, columns=["from_weekly", "to_weekly", "people", "net"]).astype({"people": int})
    return frame.assign(percent=100 * frame["net"] / (frame["net"].sum() or float("nan")))


def unit_costs(packages: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Describe the price of a unit in each care type and count the packages far above it.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    day : Timestamp
        The snapshot.

    Returns
    -------
    DataFrame
        ``care_type``, ``packages`` (open, with a price), ``lower_quartile``, ``median``, ``upper_quartile``
        (£ a
        unit), ``fence`` (upper quartile and one and a half times the distance between the quartiles, £),
        ``outliers`` (packages above it), ``people`` (with one) and ``excess`` (their gross cost a week
        beyond the
        median price, £).

    References
    ----------
    Tukey, J. W. (1977) Exploratory Data Analysis. Addison-Wesley: the upper fence.
    """
    rows = lines(packages, day).query("open and price == price")
    of_type = rows.groupby("care_type")["price"]
    levels = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}
    quartiles = pd.DataFrame({name: of_type.quantile(level) for name, level in levels.items()})
    fence = quartiles["upper_quartile"] + 1.5 * (quartiles["upper_quartile"] - quartiles["lower_quartile"])
    table = quartiles.assign(fence=fence, packages=rows.groupby("care_type").size())
    far = rows[rows["price"] > rows["care_type"].map(fence)]
    beyond = (far["price"] - far["care_type"].map(quartiles["median"])) * far["units"]
    found = (
        far.assign(beyond=beyond)
        .groupby("care_type")
        .agg(outliers=("price", "size"), people=("person_key", "nunique"), excess=("beyond", "sum"))
    )
    whole = table.join(found).fillna({"outliers": 0, "people": 0, "excess": 0.0}).reset_index()
    return whole.astype({"packages": int, "outliers": int, "people": int})


def length_of_stay(packages: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Describe how long the packages that are open have run.

    Parameters
    ----------
    packages : DataFrame
        The contract's `packages`.
    day : Timestamp
        The snapshot.

    Returns
    -------
    DataFrame
        ``care_type``, ``cases``, ``median_months`` and ``over_two_years`` (cases), by the earliest start of
        the
        case's packages.

    Notes
    -----
    A re-issued reference may restart the date of a package, so the earliest start in any snapshot held counts
    for the person and care type; a gap between two spells is not looked for. Packages open on one day
    over-represent long stays.
    """
    rows = lines(packages, day).query("open")
    cases = rows[CASE].drop_duplicates().merge(first_start(packages), on=CASE)
    months = (day - cases["first"]).dt.days / (365.25 / 12)
    return (
        cases.assign(months=months, long=months > 24)
        .groupby("care_type")
        .agg(cases=("months", "size"), median_months=("months", "median"), over_two_years=("long", "sum"))
        .reset_index()
    )
