"""Which figures are compared: each indicator's latest period and the one of the same kind before it."""

from __future__ import annotations

__all__ = ["history", "pairs", "series", "within"]

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.loaders.period import Period

_CARRIED = ("value", "numerator", "denominator", "decimals", "target", "months_on_target", "months_reported")
_COLUMNS = [
    "indicator", "group", "unit", "kind", "period", "period_before", "skipped", "other_kind", "hidden",
    "hidden_before",
    *_CARRIED, *(f"{name}_before" for name in _CARRIED),
]  # fmt: skip


def history(kpi: pd.DataFrame) -> pd.DataFrame:
    """Put each indicator's figures in order of time.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`; with a column ``hidden``, as `s75lib.kpi.disclosure.held_back` gives it, what
        is hidden keeps its place. What this has given already is given back as it is.

    Returns
    -------
    DataFrame
        The rows that have a value or are hidden, with ``hidden``, ``kind`` (year or month) and ``end`` (last
        day); a percentage or a rate per 100,000 that is left out is computed from its numerator and
        denominator. Sorted by indicator and group as they first appear, then by time.
    """
    if "end" in kpi:
        return kpi
    codes, texts = pd.factorize(kpi["period"])
    periods = [Period.parse(text) for text in texts]
    kind = np.array(["year" if period.is_year else "month" for period in periods], dtype=object)[codes]
    end = pd.to_datetime([period.end for period in periods])[codes]
    value, numerator, base = (
        kpi[name].to_numpy(dtype=float) for name in ("value", "numerator", "denominator")
    )
    unit = kpi["unit"].to_numpy(dtype=object)
    per = np.select([unit == "percent", unit == "per_100k"], [100.0, 100_000.0], np.nan)
    filled = np.where(np.isnan(value), per * numerator / np.where(base > 0, base, np.nan), value)
    hidden = kpi["hidden"] if "hidden" in kpi else np.zeros(len(kpi), dtype=bool)
    rows = kpi.assign(value=filled, kind=kind, end=end, hidden=hidden)
    place = np.empty(len(kpi), dtype=int)
    for at, places in enumerate(series(kpi).values()):
        place[places] = at
    order = np.lexsort((kind == "year", end, place))
    told = ~np.isnan(filled) | rows["hidden"].to_numpy(dtype=bool)
    return rows.take(order[told[order]]).reset_index(drop=True)


def series(rows: pd.DataFrame) -> dict[tuple[str, str], list[int]]:
    """Find the rows of each indicator and group.

    Parameters
    ----------
    rows : DataFrame
        With ``indicator`` and ``group``.

    Returns
    -------
    dict of (str, str) to list of int
        Places of the rows, as the indicators and groups first appear.

    Examples
    --------
    >>> series(pd.DataFrame({"indicator": ["a", "b", "a"], "group": ""}))
    {('a', ''): [0, 2], ('b', ''): [1]}
    """
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, key in enumerate(zip(rows["indicator"].tolist(), rows["group"].tolist(), strict=True)):
        found[key].append(place)
    return dict(found)


def within(ends: NDArray[np.datetime64], year: str) -> NDArray[np.bool_]:
    """Tell which months lie in a year.

    Parameters
    ----------
    ends : ndarray of datetime64
        Last days of the months, as `history` gives them.
    year : str
        As ``2018/19``.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> within(np.array(["2018-03-31", "2018-04-30"], dtype="datetime64[s]"), "2018/19").tolist()
    [False, True]
    """
    span = Period.parse(year)
    return (ends >= np.datetime64(span.start)) & (ends <= np.datetime64(span.end))


def pairs(kpi: pd.DataFrame) -> pd.DataFrame:
    """Set each indicator's latest figure beside the one before it.

    Parameters
    ----------
    kpi : DataFrame
        The contract's `kpi`.

    Returns
    -------
    DataFrame
        One row for each indicator and group: ``unit``, ``kind`` (year or month), ``period``,
        ``period_before`` (empty where there is none), ``skipped`` (periods between the two without a figure),
        ``other_kind`` (a figure of the other kind that was not compared, in words), ``hidden`` and
        ``hidden_before`` (small counts of people), then the published
        columns of the latest period, and those of the one before it with the ending ``_before``.

    Notes
    -----
    Years are compared where there are two of them, else months; where neither has two, the latest figure
    stands alone. A month is never set against a year, nor a percentage against a count.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> rows = pairs(load("islington", "2018/19").kpi)
    >>> rows.loc[rows["indicator"] == "cpa_employment", ["period_before", "period"]].values.tolist()
    [['2017/18', '2018/19']]
    """
    rows = history(kpi)
    names = ("indicator", "group", "unit", "kind", "period", "hidden", *_CARRIED)
    told = {name: rows[name].tolist() for name in names}
    frame = pd.DataFrame([_pair(told, places) for places in series(rows).values()], columns=_COLUMNS)
    numbers = [name for name in _COLUMNS if name.removesuffix("_before") in _CARRIED]
    return frame.astype({**dict.fromkeys(numbers, "float64"), "skipped": "int64"})


def _pair(told: Mapping[str, list[Any]], places: Sequence[int]) -> dict[str, Any]:
    """One indicator's latest figure and the one before it."""
    kinds, units, periods = told["kind"], told["unit"], told["period"]
    of_kind = Counter(kinds[place] for place in places)
    kind = next((k for k in ("year", "month") if of_kind[k] > 1), kinds[places[-1]])
    *earlier, latest = [place for place in places if kinds[place] == kind]
    before = next((place for place in reversed(earlier) if units[place] == units[latest]), None)
    others = [place for place in places if kinds[place] != kind]
    made = {name: values[latest] for name, values in told.items()}
    made["hidden_before"] = before is not None and told["hidden"][before]
    made["period_before"] = "" if before is None else periods[before]
    made["skipped"] = 0 if before is None else _between(periods[before], periods[latest])
    made |= {f"{name}_before": np.nan if before is None else told[name][before] for name in _CARRIED}
    made["other_kind"] = periods[others[-1]] if before is None and others else ""
    return made


def _between(before: str, after: str) -> int:
    """Periods of the same kind that lie between two."""
    step, wanted, count = Period.parse(after).previous(), Period.parse(before), 0
    while step > wanted:
        step, count = step.previous(), count + 1
    return count
