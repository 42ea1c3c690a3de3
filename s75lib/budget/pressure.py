"""Where the cost sits: by setting, team, provider and age, and among the dearest."""

from __future__ import annotations

__all__ = ["OTHERS", "Concentration", "bands", "by", "concentration", "few_together", "joined"]

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.budget.ledger import CASE

OTHERS = "All others"
"""Name of the values put together."""

_EDGES = (0.0, 100.0, 250.0, 500.0, 750.0, 1000.0, 1500.0, 2000.0, 3000.0)


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


def by(before: pd.DataFrame, after: pd.DataFrame, column: str) -> pd.DataFrame:
    """Compare the open packages of two snapshots by one description.

    Parameters
    ----------
    before, after : DataFrame
        Lines of two snapshots, as `s75lib.budget.ledger.lines` gives them.
    column : str
        ``setting``, ``care_type``, ``service_group``, ``team``, ``provider`` or ``age_band``.

    Returns
    -------
    DataFrame
        The column, ``cases_before``, ``cases_after``, ``before``, ``after``, ``change`` (net, £ a week),
        ``percent`` (NaN for nothing before) and ``average`` (net a case and week after, £), the largest rise
        first, values put together last. A case with packages in two rows counts in both.
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


def few_together(
    before: pd.DataFrame, after: pd.DataFrame, column: str, *, fewest: int, most: int = 20
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put together the values of a description that hold few cases, or cost little, under the name of others.

    Parameters
    ----------
    before, after : DataFrame
        Lines of two snapshots, as `s75lib.budget.ledger.lines` gives them.
    column : str
        A description with many values, such as ``provider``.
    fewest : int
        Fewest cases that a row may show at either day.
    most : int
        Values kept, the dearest first.

    Returns
    -------
    before, after : DataFrame
        The lines with the other values replaced. The others hold no case or at least `fewest` at each day,
        for which further values join them, those with the fewest cases first.
    """
    rows = by(before, after, column)
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

    Parameters
    ----------
    rows : DataFrame
        Lines of one snapshot, as `s75lib.budget.ledger.lines` gives them.

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


def bands(rows: pd.DataFrame, *, threshold: int) -> pd.DataFrame:
    """Count people by net weekly cost, in bands wide enough to disclose nobody.

    Parameters
    ----------
    rows : DataFrame
        Lines of one snapshot, as `s75lib.budget.ledger.lines` gives them.
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
    cost = _costs(rows)
    made = joined(cost, cost, _EDGES, threshold)
    frame = pd.DataFrame(made, columns=["from_weekly", "to_weekly", "people", "net"]).astype({"people": int})
    return frame.assign(percent=100 * frame["net"] / (frame["net"].sum() or float("nan")))


def _costs(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Net cost a week of each person with an open package, at least nothing."""
    people = rows[rows["open"]].groupby("person_key")["net"]
    return people.sum().clip(lower=0.0).to_numpy(dtype=float)


def joined(
    values: np.ndarray, amounts: np.ndarray, edges: tuple[float, ...], threshold: int
) -> list[list[float]]:
    """Count values and sum amounts between edges, in bands wide enough to disclose nobody.

    Parameters
    ----------
    values, amounts : ndarray, shape (people,)
    edges : tuple of float
        Lower ends of the bands, rising.
    threshold : int
        Fewest values that a band may hold.

    Returns
    -------
    list of [lower, upper, count, amount]
        From the top, whose upper end is NaN. A band of too few joins the one below, the lowest the one above;
        empty if all together are too few.
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
