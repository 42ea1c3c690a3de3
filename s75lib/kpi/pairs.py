"""Which figures are compared: each indicator's latest period and the one of the same kind before it."""

from __future__ import annotations

__all__ = ["history", "pairs"]

from typing import Any

import numpy as np
import pandas as pd

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
        is hidden keeps its place.

    Returns
    -------
    DataFrame
        The rows that have a value or are hidden, with ``hidden``, ``kind`` (year or month) and ``end`` (last
        day); a percentage or a rate per 100,000 that is left out is computed from its numerator and
        denominator. Sorted by indicator and group as they first appear, then by time.
    """
    periods = {text: Period.parse(text) for text in kpi["period"].unique()}
    base = kpi["denominator"].where(kpi["denominator"] > 0)
    per = kpi["unit"].map({"percent": 100.0, "per_100k": 100_000.0}).astype("float64")
    filled = kpi["value"].fillna(per * kpi["numerator"] / base)
    kind = ["year" if periods[text].is_year else "month" for text in kpi["period"]]
    end = pd.to_datetime([periods[text].end for text in kpi["period"]])
    hidden = kpi["hidden"] if "hidden" in kpi else np.zeros(len(kpi), dtype=bool)
    rows = kpi.assign(value=filled, kind=np.array(kind, dtype=object), end=end, hidden=hidden)
    rows = rows.assign(place=rows.groupby(["indicator", "group"], sort=False).ngroup())
    rows = rows[rows["value"].notna() | rows["hidden"]].sort_values(["place", "end", "kind"], kind="stable")
    return rows.drop(columns="place").reset_index(drop=True)


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
    made = [_pair(part) for _, part in rows.groupby(["indicator", "group"], sort=False)]
    frame = pd.DataFrame(made, columns=_COLUMNS)
    numbers = [name for name in _COLUMNS if name.removesuffix("_before") in _CARRIED]
    return frame.astype(dict.fromkeys(numbers, "float64")).astype({"skipped": "int64"})


def _pair(rows: pd.DataFrame) -> dict[str, Any]:
    """One indicator's latest figure and the one before it."""
    of_kind = dict(list(rows.groupby("kind", sort=False)))
    kind = next((k for k in ("year", "month") if k in of_kind and len(of_kind[k]) > 1), rows["kind"].iloc[-1])
    if len(of_kind[kind]) == 1:
        kind = rows.sort_values("end", kind="stable")["kind"].iloc[-1]
    chosen = of_kind[kind]
    latest = chosen.iloc[-1]
    earlier = chosen.iloc[:-1]
    earlier = earlier[earlier["unit"] == latest["unit"]]
    made: dict[str, Any] = {name: latest[name] for name in ("indicator", "group", "unit", "kind", "period")}
    made |= {name: latest[name] for name in _CARRIED}
    before = earlier.iloc[-1] if len(earlier) else None
    made["hidden"] = bool(latest["hidden"])
    made["hidden_before"] = before is not None and bool(before["hidden"])
    made["period_before"] = "" if before is None else before["period"]
    made["skipped"] = 0 if before is None else _between(str(before["period"]), str(latest["period"]))
    made |= {f"{name}_before": np.nan if before is None else before[name] for name in _CARRIED}
    others = rows[rows["kind"] != kind]
    alone = before is None and len(others)
    made["other_kind"] = str(others["period"].iloc[-1]) if alone else ""
    return made


def _between(before: str, after: str) -> int:
    """Periods of the same kind that lie between two."""
    step, wanted, count = Period.parse(after).previous(), Period.parse(before), 0
    while step > wanted:
        step, count = step.previous(), count + 1
    return count
