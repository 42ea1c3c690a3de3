"""The workload area: what came in, packages that move, posts; without the forecast, which takes its time."""

from __future__ import annotations

__all__ = ["work"]

import numpy as np
import pandas as pd

from s75lib import workload as wing
from s75lib.present import words
from s75lib.present.parts import HIDDEN
from s75lib.scorecard.areas.counts import FIRST, number
from s75lib.scorecard.areas.measure import Measure, on, when
from s75lib.workload import shown
from s75lib.workload.naming import measure_name

_AREA = "Workload"
_POOLS = {"casework": "casework posts filled, WTE", "amhp": "AMHP posts filled, WTE"}


def work(study: wing.Study, counts: pd.DataFrame) -> tuple[Measure, ...]:
    """Set out what came in and who is there for it.

    Parameters
    ----------
    study : Study
        As `s75lib.scorecard.areas.counts.without_forecast` gives it.
    counts : DataFrame
        As `s75lib.scorecard.areas.counts.counted` gives it.

    Returns
    -------
    tuple of Measure
        Empty where nothing is held.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> from s75lib.scorecard.areas.counts import counted, without_forecast
    >>> study = without_forecast(load("cambridgeshire"))
    >>> [(one.name, one.latest) for one in work(study, counted(study))]
    [('people whose package health staff hold', '273')]
    """
    made = [_count(row) for row in counts.head(len(FIRST)).to_dict("records")]
    if counts.empty:
        made += _means(study.means, study.place.fewest["kpi"])
    made += [*_transfers(study), *_overdue(study)]
    return (*made, *(one for pool in _POOLS for one in _posts(study, pool)))


def _shown(count: float) -> str:
    """Write a count of people, or the mark of a hidden one."""
    return HIDDEN if np.isnan(count) else words.number(count)


def _count(row: dict[object, object]) -> Measure:
    latest, before, change, low, high = (
        float(str(row[k])) for k in ("latest", "before", "change_percent", "lower", "upper")
    )
    hidden = np.isnan(latest) or np.isnan(before)
    direction = "Clearly more" if change > 0 else "Clearly fewer"
    return Measure(
        _AREA,
        f"{measure_name(str(row['measure']))}, 12 months",
        _shown(latest),
        f"year before {_shown(before)}",
        f"{words.signed(change)}%" if np.isfinite(change) else "",
        f"{words.signed(low)}% to {words.signed(high)}%" if np.isfinite(high) else "",
        "unknown" if hidden else "watch" if row["is_clear"] else "level",
        "Too few people to show" if hidden else direction if row["is_clear"] else "No clear change",
        when(str(row["last_month"])),
        change if np.isfinite(change) else None,
        "percent",
    )


def _means(means: pd.DataFrame, fewest: int) -> list[Measure]:
    """Means a month as published, where no monthly series is held; none that few people are behind."""
    if means.empty:
        return []
    rows = means[means["after_period"] == means["after_period"].max()]
    least = rows[["before_low", "after_low"]].min(axis=1)
    return [_mean(row) for row in rows[(least == 0) | (least >= fewest)].to_dict("records")]


def _mean(row: dict[object, object]) -> Measure:
    before, after, change, low, high = (
        float(str(row[k])) for k in ("before", "after", "change_percent", "change_lower", "change_upper")
    )
    places = int(str(row["decimals"]))
    clear = low > 0 or high < 0
    name = str(row["indicator"]).removesuffix("_per_month").replace("_", " ")
    group = f", {row['group']}" if row["group"] else ""
    direction = "Clearly more" if change > 0 else "Clearly fewer"
    return Measure(
        _AREA,
        f"{name} a month{group}",
        words.number(after, places),
        f"{row['before_period']}: {words.number(before, places)}",
        f"{words.signed(change)}%",
        f"{words.signed(low)}% to {words.signed(high)}%",
        "watch" if clear else "level",
        direction if clear else "No clear change",
        str(row["after_period"]),
        change,
        "percent",
    )


def _transfers(study: wing.Study) -> list[Measure]:
    if study.moves.empty:
        return []
    whole = shown.moves(study).table.frame.iloc[-1]
    gains, held, growth = (number(whole[name]) for name in ("gains", "now", "growth_percent"))
    return [
        Measure(
            _AREA,
            "people whose package health staff hold",
            _shown(gains),
            f"social work teams hold {_shown(held)}",
            f"{words.signed(growth)}% if all move" if np.isfinite(growth) else "",
            "",
            "level" if gains == 0 else "watch",
            "None left to move" if gains == 0 else "Still to move",
            on(study.moves["as_at"].max()),
            None if np.isnan(gains) else gains,
            "people",
        )
    ]


def _overdue(study: wing.Study) -> list[Measure]:
    if study.ledger.empty:
        return []
    whole = shown.due(study).table.frame.iloc[-1]
    late, due = number(whole["overdue"]), number(whole["in_time"])
    return [
        Measure(
            _AREA,
            "yearly reviews overdue, by the ledger",
            _shown(late),
            f"{_shown(due)} fall due in twelve months",
            "",
            "",
            "good" if late == 0 else "bad",
            "None overdue" if late == 0 else "Overdue",
            on(study.ledger["month"].min() - pd.Timedelta(days=1)),
            None if np.isnan(late) else late,
            "reviews",
        )
    ]


def _posts(study: wing.Study, pool: str) -> list[Measure]:
    here = study.now(pool)
    if here is None or np.isnan(here["vacancy_percent"]):
        return []
    rows = study.staff[study.staff["pool"] == pool]
    before = rows.iloc[-2] if len(rows) > 1 else None
    change = "" if before is None else words.signed(here["in_post"] - before["in_post"], 1)
    since = "" if before is None else f" since {on(before['as_at'])}"
    locum = "" if np.isnan(here["locum"]) else f", and {words.number(here['locum'], 1)} locum"
    short = float(here["vacancy"]) > 0
    percent = words.percent(here["vacancy_percent"], 0)
    return [
        Measure(
            _AREA,
            _POOLS[pool],
            f"{words.number(here['in_post'], 1)}{locum}",
            f"funded {words.number(here['establishment'], 1)}",
            f"{change}{since}",
            "",
            "watch" if short else "good",
            f"{percent} vacant" if short else "No vacancy",
            on(here["as_at"]),
            float(here["vacancy_percent"]),
            "percent",
        )
    ]
