"""Small counts of people in the wing's datasets: hidden before anything is worked out of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.errors import MethodError
from s75lib.kpi.comparison import MONTHS, history, series
from s75lib.loaders.period import Period
from s75lib.present import Check, words
from s75lib.present.disclosure import Decisions, Register, nearest_5

# Rows of the dataset that are hidden with a count, and which count of them it is.
Cell = tuple[tuple[int, ...], str]

COARSE_BELOW = {500: 1.0, 200: 5.0}
"""Cases below which an interval is widened, and to multiples of how many points: finer ends tell the base."""

WIDENED_NOTE = (
    "Unless already public, intervals of fewer than 500 cases are widened to whole points, and of fewer than "
    "200 to multiples of 5. So they don't tell how many cases there were."
)

_PART_OF_WHOLE = {"top", "base"}
_NOT_SHOWN: Mapping[str, list[str]] = {
    "kpi": ["value", "numerator", "denominator"],
    "survey": ["percent", "count", "base"],
    "audits": ["compliant", "cases"],
}
_NO_QUARTERS = pd.DataFrame(columns=["indicator", "group", "unit", "period", *_NOT_SHOWN["kpi"], "target"])
_QUESTION = ("survey", "period", "question")
_CALLED = {"kpi": "indicators", "survey": "the survey", "audits": "the case-file audit"}


@dataclass(frozen=True, eq=False)
class Suppressed:
    """One of the wing's datasets without what may not be shown.

    - `frame`: The dataset with a column ``hidden``; what is hidden is missing.
    - `decided`: What is hidden of the counts behind it, with the audit; None where nothing had to be.
    - `quarters`: Of monthly percentages and counts that are hidden, the figures of whole quarters, as far as
      these rest on people enough; the dataset's columns, ``period`` such as ``2025-01 to 2025-03``.
    """

    frame: pd.DataFrame = field(repr=False)
    decided: Decisions | None = field(default=None, repr=False)
    quarters: pd.DataFrame = field(default_factory=lambda: _NO_QUARTERS, repr=False)


def suppress(dataset: str, frame: pd.DataFrame, fewest: int, *, rounded: bool = False) -> Suppressed:
    """Hide the figures that rest on too few people, and those that would give them away.

    - `dataset`, `frame`: kpi, survey or audits, and the contract's dataset of that name; else a MethodError.
    - `fewest`: The fewest people that a count from it may show; below 2 nothing is hidden.
    - `rounded`: Hide little but small counts, and round all others to the nearest 5, percentages with them.

    A figure, an answer or a criterion is hidden whole where a count behind it is from 1 to ``fewest - 1``: a
    count itself, a numerator, a denominator, or the remainder. Zeros are shown. What a reader can add up is
    protected too: groups to the whole, answers to their question's respondents. A monthly series with a month
    to hide is hidden as a whole, zeros included: a chart with gaps would mislead, and the year's total can
    then be shown. So is a series of quarters, and its months with it.

    A month's percentage prints no count, yet few values fit it: whoever supposes that a month's base lies
    between half and one and a half of the mean finds most remainders below 5. So it is hidden as a year's is.
    A bare percentage tells no count and stays. Hidden months are told by quarters, if all rest on enough.

    >>> rows = {"indicator": "admissions", "group": ["A", "B", ""], "period": "2024/25", "value": [2, 9, 11],
    ...         "unit": "count", "numerator": np.nan, "denominator": np.nan, "months_reported": np.nan}
    >>> found = suppress("kpi", pd.DataFrame(rows), 5)
    >>> found.frame["hidden"].tolist(), found.decided.passed
    ([True, True, False], True)
    """
    if dataset not in _BINDS:
        raise MethodError(f"No counts of people are known of a dataset {dataset!r}: add it to _BINDS.")
    frame = frame.reset_index(drop=True)
    if fewest < 2 or frame.empty:
        return Suppressed(frame.assign(hidden=np.zeros(len(frame), dtype=bool)))
    decided = _BINDS[dataset](frame).decide(fewest, rounded=rounded)
    rows = {row for own, _ in decided.hidden for row in own}
    hidden, quarters = np.isin(np.arange(len(frame)), list(rows)), _NO_QUARTERS
    if dataset == "kpi":
        # What rounding takes or gives leaves values enough for months' counts below 5, and not for others.
        whole = hidden | ((_lengths(frame) == 1) & _few(frame, 0 if rounded and fewest <= 5 else fewest))
        quarters = quarters if rounded else _by_quarter(frame, hidden, whole, fewest)
        hidden = _whole_series(frame, whole)
    frame = _rounded(frame) if rounded else frame
    gone = {column: frame[column].mask(hidden) for column in _NOT_SHOWN[dataset]}
    return Suppressed(frame.assign(**gone, hidden=hidden), decided, quarters)


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Round the counts of a dataset to the nearest 5, and give percentages and rates of rounded counts."""
    counts = ["numerator", "denominator", "count", "base", "cases", "compliant"]
    made = frame.assign(**{name: nearest_5(frame[name]) for name in counts if name in frame})
    if "percent" in frame and "base" in frame:
        share = 100 * made["count"] / made["base"].where(made["base"] > 0)
        return made.assign(percent=share.round().fillna(made["percent"]))
    if "value" not in frame:
        return made
    of_people = made["unit"].eq("percent")  # else months, or a whole population
    made["denominator"] = made["denominator"].where(of_people, frame["denominator"])
    per = made["unit"].map({"percent": 100.0, "per_100k": 100_000.0}).astype(float)
    value = per * made["numerator"] / made["denominator"].where(made["denominator"] > 0)
    length = _lengths(made)
    months = made["months_reported"].where((made["months_reported"] > 0) & (length > 1), length)
    value = value.round(1).fillna(made["value"].where(~made["unit"].eq("count"), nearest_5(made["value"])))
    a_month = (nearest_5(made["value"] * months) / months).round(1)
    return made.assign(value=value.where(~made["unit"].eq("per_month"), a_month))


def by_quarter(
    held: pd.DataFrame, quarters: pd.DataFrame, alike: Collection[tuple[str, str]]
) -> pd.DataFrame:
    """Put quarters in the place of the months that they stand for, in a history of figures.

    Of `alike`, whose months count mostly the same people, a quarter has the cases and base of its mean month.
    """
    if quarters.empty:
        return held
    at, told = series(held), series(quarters)
    month = held["kind"].eq("month").to_numpy()
    gone = month & [key in told for key in zip(held["indicator"], held["group"], strict=True)]
    keys = list(zip(quarters["indicator"], quarters["group"], strict=True))
    spans = [[Period.parse(text) for text in period.split(" to ")] for period in quarters["period"]]
    labels = [Period(start=first.start, end=last.end).label for first, last in spans]
    months = np.array([3 if key in alike else 1 for key in keys])
    mean = {name: (quarters[name] / months).round() for name in ("numerator", "denominator")}
    value = quarters["value"].where(quarters["unit"].eq("count"))
    stand_in = quarters.assign(hidden=False, period=labels, value=value, **mean)
    stand_in.index = pd.Index([at[key][0] for key in keys])
    rows = held[~gone].drop(columns=["kind", "end", "contradicted"])
    rows = pd.concat([rows, stand_in]).sort_index(kind="stable")
    return history(rows.reset_index(drop=True))


def may_show(kpi: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Take out what an authority may not show others of its indicators, and put the rest in order of time.

    What is hidden in the authority's own report is; `fewest` is what that authority says, 1 of what is
    published. The columns are those of `s75lib.kpi.comparison.history`, and any further ones of `kpi`.

    >>> rows = may_show(load("islington", "2018/19").kpi, 5)
    >>> len(rows), int(rows["hidden"].sum())
    (31, 0)
    """
    return history(suppress("kpi", kpi, fewest).frame)


def widened(found: pd.DataFrame, ends: tuple[str, str], base: pd.Series, fewest: int) -> pd.DataFrame:
    """Widen the intervals of small bases, as `COARSE_BELOW` has it, so that they don't tell the base.

    `ends` names the columns of limits, in points; `base` holds the cases behind each row.

    >>> rows = pd.DataFrame({"low": [74.23, 74.23], "high": [89.92, 89.92]})
    >>> widened(rows, ("low", "high"), pd.Series([85, 850]), 5).to_numpy().tolist()
    [[70.0, 90.0], [74.23, 89.92]]
    """
    low, high = found[ends[0]], found[ends[1]]
    for cases, step in COARSE_BELOW.items():
        small = base.lt(cases) & (fewest > 1)
        low = low.mask(small, np.floor(low / step) * step)
        high = high.mask(small, np.ceil(high / step) * step)
    return found.assign(**dict(zip(ends, (low, high), strict=True)))


def coarse_changes(changes: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Coarsen what tells the base of a few cases compared: intervals, what would show, p from 0.1 on."""
    base = changes[["denominator_before", "denominator"]].min(axis=1)
    base = base.where(changes["basis"].isin(["proportions", "caseload"]))
    for ends in (("lower", "upper"), ("detectable_fall", "detectable_rise")):
        changes = widened(changes, ends, base, fewest)
    small = base.lt(max(COARSE_BELOW)) & (fewest > 1)
    tests = {name: changes[name] for name in ("p_value", "p_holm", "p_bh")}
    return changes.assign(**{name: p.mask(small & p.ge(0.1), p.round(2)) for name, p in tests.items()})


def check(dataset: str, found: Suppressed, fewest: int) -> list[Check]:
    """Word the audit of one dataset; nothing where nothing had to be looked at."""
    if found.decided is None:
        return []
    id, rows = f"kpi.disclosure.{dataset}", found.frame
    figures = f"{words.count_noun(len(rows), 'figure')} of {_CALLED[dataset]}"
    if found.decided.audit.empty and rows["hidden"].any():
        return [Check(id, True, f"{figures}: counts below {fewest} are hidden, others rounded.")]
    if not rows["hidden"].any():
        return [Check(id, True, f"{figures}: none rests on a count of people below {fewest}.")]
    detail = (
        f"{words.number(int(rows['hidden'].sum()))} of {figures} are hidden, since a count of people from 1 "
        f"to {fewest - 1} is in them or could be worked out from them. {found.decided.said()}"
    )
    if len(found.quarters):
        told = words.count_noun(len(series(found.quarters)), "monthly series", "monthly series")
        detail += f" Told by quarters, for single months would give a small count away: {told}."
    return [Check(id, found.decided.passed, detail)]


def _lengths(kpi: pd.DataFrame) -> NDArray[np.int_]:
    """How many months each figure is of: one, three or twelve."""
    codes, periods = pd.factorize(kpi["period"])
    return np.array([MONTHS[Period.parse(text).kind] for text in periods], dtype=int)[codes]


def _series_of(kpi: pd.DataFrame, figures: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark every figure of an indicator and group of which one is marked."""
    keys = [kpi["indicator"].to_numpy(), kpi["group"].to_numpy()]
    return pd.Series(figures).groupby(keys, dropna=False).transform("any").to_numpy(dtype=bool)


def _whole_series(kpi: pd.DataFrame, hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Hide all quarters of a series of which one is hidden, then all months of one with either hidden."""
    length = _lengths(kpi)
    hidden = hidden | ((length == 3) & _series_of(kpi, (length == 3) & hidden))
    months: NDArray[np.bool_] = (length == 1) & _series_of(kpi, (length < 12) & hidden)
    return hidden | months


def _few(rows: pd.DataFrame, fewest: int) -> NDArray[np.bool_]:
    """Whether a count, or a percentage's numerator, denominator or remainder, is small and not nought."""
    whole, part = rows["denominator"], rows["numerator"]
    few = [count.between(1, fewest - 1).to_numpy() for count in (part, whole, whole - part)]
    percent, count = (rows["unit"].eq(unit).to_numpy(dtype=bool) for unit in ("percent", "count"))
    small = rows["value"].between(1, fewest - 1).to_numpy()
    return np.asarray((np.logical_or.reduce(few) & percent) | (small & count))


def _by_quarter(
    kpi: pd.DataFrame, decided: NDArray[np.bool_], whole: NDArray[np.bool_], fewest: int
) -> pd.DataFrame:
    """Add hidden months up to quarters, where all groups of a percentage or a count can be so told.

    Not where a year's figure is hidden, which they would give away, nor where quarters are held already.
    """
    length = _lengths(kpi)
    month, spoken_for = length == 1, (decided & (length > 1)) | (length == 3)
    gone = set(kpi["indicator"][whole & month]) - set(kpi["indicator"][spoken_for])
    adds = kpi["indicator"].isin(gone) & kpi["unit"].isin(["percent", "count"])
    months = kpi[month & adds.to_numpy(dtype=bool)]
    hidden = set(series(kpi[whole & month]))
    made = []
    for _, rows in months.groupby("indicator", sort=False):
        groups = [key for key in series(rows) if key in hidden]
        found = [_quarters(rows[rows["group"] == group]) for _, group in groups]
        if all(len(one) and not _few(one, fewest).any() for one in found):
            made += found
    return pd.concat(made, ignore_index=True) if made else _NO_QUARTERS


def _quarters(months: pd.DataFrame) -> pd.DataFrame:
    """Add up the whole quarters of one series; none where a month lacks a count."""
    share = months["unit"].iloc[0] == "percent"
    counts = months[["numerator", "denominator"] if share else ["value"]]
    if counts.isna().any(axis=None) or len(set(months["unit"])) > 1:
        return months.iloc[:0]
    quarter = pd.PeriodIndex(months["period"], freq="M").asfreq("Q")
    by_quarter = months.groupby(quarter)
    added = by_quarter[["numerator", "denominator", "value"]].sum(min_count=3)
    added = added.assign(**by_quarter[["indicator", "group", "unit", "target"]].last())
    added["period"] = by_quarter["period"].min() + " to " + by_quarter["period"].max()
    if share:
        added["value"] = 100 * added["numerator"] / added["denominator"]
    else:
        added["target"] = np.nan  # a month's is none of a quarter's
    return added[by_quarter.size() == 3].reset_index(drop=True)


def _kpi(kpi: pd.DataFrame) -> Register:
    """Gather the counts behind the indicators, with the sums that readers can make."""
    people = Register()
    names = ["unit", "value", "numerator", "denominator", "months_reported"]
    figures = zip(_lengths(kpi).tolist(), *(kpi[name].tolist() for name in names), strict=True)
    for row, figure in enumerate(figures):
        _add(people, row, _parts(*figure))
    _add_groups(kpi, people)
    return people


def _parts(
    length: int, unit: str, value: float, numerator: float, denominator: float, reported: float
) -> dict[str, float]:
    """Give the counts of people behind one figure; the base is one only of a percentage."""
    if unit == "percent":
        names = ("top", "base") if length > 1 else ("numerator", "denominator")
        return dict(zip(names, (numerator, denominator), strict=True))
    if not math.isnan(numerator):
        return {"top": numerator}
    if unit == "per_month":
        return {"top": value * (reported if reported > 0 and length > 1 else length)}
    return {"top": value} if unit == "count" else {}


def _add(people: Register, row: int, parts: Mapping[str, float]) -> None:
    """Take up the counts of one figure; with its base, also the remainder."""
    known = {name: float(round(count, 0)) for name, count in parts.items() if count >= 0}
    people.counts |= {((row,), name): count for name, count in known.items()}
    if known.keys() >= _PART_OF_WHOLE and known["top"] <= known["base"]:
        people.rest(((row,), "rest"), ((row,), "base"), ((row,), "top"))


def _add_groups(kpi: pd.DataFrame, people: Register) -> None:
    """Add up an indicator's groups where they make the whole."""
    group, alike = kpi["group"].tolist(), defaultdict(list)
    for row, key in enumerate(zip(kpi["indicator"].tolist(), kpi["period"].tolist(), strict=True)):
        alike[key].append(row)
    for rows in alike.values():
        whole, groups = [row for row in rows if group[row] == ""], [row for row in rows if group[row] != ""]
        if len(whole) != 1 or len(groups) < 2:
            continue
        for name in ("top", "rest", "base", "numerator", "denominator"):
            own: list[Cell] = [((row,), name) for row in groups]
            total: Cell = ((whole[0],), name)
            counts = [people.counts.get(part, math.nan) for part in own]
            if people.counts.get(total) == sum(counts):
                people.sums.append((total, own))


def _survey(survey: pd.DataFrame) -> Register:
    """Respondents behind each answer: all answers add up to those asked, or each stands alone."""
    people = Register()
    counts = survey["count"].fillna(survey["percent"] * survey["base"] / 100).round().tolist()
    bases, alike = survey["base"].tolist(), defaultdict(list)
    for row, question in enumerate(zip(*(survey[name].tolist() for name in _QUESTION), strict=True)):
        alike[question].append(row)
    for rows in alike.values():
        asked = bases[rows[0]]
        if all(bases[row] == asked for row in rows) and sum(counts[row] for row in rows) == asked:
            parts: list[Cell] = [((row,), "top") for row in rows]
            people.counts |= {part: counts[row] for part, row in zip(parts, rows, strict=True)}
            people.total((tuple(rows), "base"), parts, shown=True)
        else:
            for row in rows:
                _add(people, row, {"top": counts[row], "base": bases[row]})
    return people


def _audits(audits: pd.DataFrame) -> Register:
    """Files that meet each criterion, and those that do not."""
    people = Register()
    for row, (cases, compliant) in enumerate(zip(audits["cases"], audits["compliant"], strict=True)):
        _add(people, row, {"top": compliant, "base": cases})
    return people


_BINDS: Mapping[str, Callable[[pd.DataFrame], Register]] = {"kpi": _kpi, "survey": _survey, "audits": _audits}
"""How the counts behind each dataset hang together."""
