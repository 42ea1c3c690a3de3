"""Backlog: work that waits where there is more of it than staff, and open packages as a stock.

`staffed` and `staff` are WTE that are there, `full` those of all funded posts, with which a backlog would be
cleared; `mean` arrivals a month, > 0, and `variance_ratio` their variance as a multiple of it, >= 1.
"""

from __future__ import annotations

__all__ = ["Caseload", "backlog_by_month", "backlog_by_staff", "caseload", "stretch"]

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.present import (
    Check,
    Column,
    Figure,
    Headline,
    Missing,
    Protected,
    Section,
    Table,
    charts,
    table_of,
    words,
)
from s75lib.present.disclosure import as_decided
from s75lib.stats.queueing import backlog, backlog_distribution, dispersion
from s75lib.workload.activity import SMALL, draw_fan, draw_months, fan_columns, mark_months
from s75lib.workload.assumptions import TAILS, share_error, tails
from s75lib.workload.posts import NO_WORKFORCE
from s75lib.workload.shifts import NO_REQUESTS
from s75lib.workload.staff import NO_STAFFING

if TYPE_CHECKING:
    from s75lib.workload.study import Study

Array = npt.NDArray[np.float64]

_USE = (0.85, 0.90, 0.95, 1.00, 1.05)
_WEEKS_A_MONTH = 365.25 / 7 / 12
_DRAWS = 4000
_SEED = 75
NO_CASELOAD = Missing.of(
    "Thirteen monthly snapshots of the ledger in a row are needed to see packages start and end.",
    "packages",
    ("snapshot_date", "person_key", "care_type", "start_date", "end_date"),
    "how long packages stay open, and where their number is heading",
)


FEW_FLOWS = Missing("So few packages start or end that no rate of theirs may be shown.")


@dataclass(frozen=True)
class Caseload:
    """Open care packages as a stock with inflow and outflow, known to the day of the latest snapshot.

    - `months`: month (of the snapshot), open, started, ended (packages in the month).
    - `starts`, `leaving_share`: Packages that start in a month, and the share of the stock that ends: means
      of the last twelve.
    - `stay`: Months that a package stays open in the long run, by Little's law.
    - `in_a_year`, `settles_at`: Packages open in twelve months at these rates, and where the stock would
      settle.
    - `ahead`: month, and packages open in each of the next twelve as central and its intervals, with the
      uncertainty of the two rates and of the events.
    """

    known: pd.Timestamp
    months: pd.DataFrame
    starts: float
    leaving_share: float
    stay: float
    in_a_year: float
    ahead: pd.DataFrame = field(repr=False)
    settles_at: float


def backlog_by_month(wte: Array, staffed: float) -> pd.DataFrame:
    """Follow the work left undone from now on if `staffed` WTE stay as they are.

    Returns
    -------
    DataFrame
        step (1 …), central and its intervals (weeks of the whole staff's work that wait; infinite without
        staff), p_any (probability that any waits).

    Examples
    --------
    Eleven posts' work for ten: a tenth of a month's work more each month.

    >>> backlog_by_month(np.full((5, 3), 11.0), 10.0)["central"].round(2).tolist()
    [0.43, 0.87, 1.3]
    """
    steps = np.arange(1, wte.shape[1] + 1)
    if staffed <= 0:
        return pd.DataFrame({"step": steps, **dict.fromkeys(TAILS, np.inf), "p_any": 1.0})
    waiting = backlog(wte, staffed) / staffed * _WEEKS_A_MONTH
    return pd.DataFrame({"step": steps, **tails(waiting), "p_any": (waiting > 0).mean(axis=0)})


def backlog_by_staff(wte: Array, staff: Mapping[str, float], *, full: float) -> pd.DataFrame:
    """Show what waits at the end of the months forecast at several levels of staff, WTE by name of the case.

    Returns
    -------
    DataFrame
        case, staffed, use (percent of the staff that the work takes, median), p_any (probability that work
        waits), p_error (its standard error from the finite number of draws), central, upper_80, upper_95
        (weeks of the whole staff's work that wait: median, one case in ten, one in forty; as long does a new
        case wait when the oldest comes first), clear (months in which all funded posts filled clear what
        waits in one case in ten, at the central need; infinite where they don't exceed the need).

    Examples
    --------
    >>> table = backlog_by_staff(np.full((5, 12), 11.0), {"ten": 10.0, "twelve": 12.0}, full=12.0)
    >>> table[["case", "use", "p_any", "clear"]].round(1).values.tolist()
    [['ten', 110.0, 1.0, 12.0], ['twelve', 91.7, 0.0, 0.0]]
    """
    need = float(np.median(wte.mean(axis=1)))
    rows = []
    for case, there in staff.items():
        last = backlog_by_month(wte, there).iloc[-1]
        left = last["upper_80"] / _WEEKS_A_MONTH * there if there > 0 else np.inf
        rows.append(
            {
                "case": case,
                "staffed": there,
                "use": 100 * need / there if there > 0 else np.inf,
                **last[["p_any", "central", "upper_80", "upper_95"]],
                "p_error": share_error(last["p_any"], len(wte)),
                "clear": left / (full - need) if full > need else np.inf if left else 0.0,
            }
        )
    return pd.DataFrame(rows)


def stretch(mean: float, *, variance_ratio: float = 1.0, months: int = 12) -> pd.DataFrame:
    """Show what waits after a year at several levels of use, from uneven arrivals alone.

    Returns
    -------
    DataFrame
        use (arrivals over capacity), capacity (a month, whole), median, upper_80 (90th percentile), upper_95
        (97.5th percentile), p_clear (probability that nothing waits).

    Examples
    --------
    >>> stretch(100)[["capacity", "median"]].values.tolist()
    [[118, 0], [111, 0], [105, 0], [100, 18], [95, 64]]
    """
    rows = []
    for use in _USE:
        capacity = round(mean / use)
        law = backlog_distribution(mean, capacity, months, variance_ratio=variance_ratio)
        below = np.cumsum(law)
        levels = [int(np.searchsorted(below, share)) for share in (0.5, 0.9, 0.975)]
        rows.append((mean / capacity, capacity, *levels, float(law[0])))
    return pd.DataFrame(rows, columns=["use", "capacity", "median", "upper_80", "upper_95", "p_clear"])


def caseload(packages: pd.DataFrame, *, rounded: bool = False) -> Caseload | None:
    """Follow the open packages of the ledger from snapshot to snapshot.

    None without thirteen monthly snapshots in a row up to the latest. A package counts by person and care
    type, since a ledger may give it a new reference when its price changes. Prior-year items are left out.
    Ahead, starts are Poisson and ends binomial; the rates are drawn from the gamma and beta distributions
    that the year's counts leave (Jeffreys' priors).

    Examples
    --------
    Twenty packages that stay, in each of thirteen months:

    >>> days = pd.date_range("2024-03-31", periods=13, freq="ME")
    >>> ledger = pd.DataFrame([(day, f"P{at}") for day in days for at in range(20)],
    ...                       columns=["snapshot_date", "person_key"])
    >>> found = caseload(ledger.assign(care_type="Nursing", start_date=pd.Timestamp("2023-01-01"),
    ...                                end_date=pd.NaT, prior_year=False))
    >>> found.starts, found.leaving_share, found.in_a_year
    (0.0, 0.0, 20.0)
    """
    if packages.empty:
        return None
    rows = packages[~packages["prior_year"].fillna(False).astype(bool)]
    rows = rows[rows["start_date"] <= rows["snapshot_date"]]
    rows = rows[rows["end_date"].isna() | (rows["end_date"] > rows["snapshot_date"])]
    keys = rows.groupby(["person_key", "care_type"], sort=False, dropna=False).ngroup()
    stocks = {day.to_period("M"): set(part.tolist()) for day, part in keys.groupby(rows["snapshot_date"])}
    order = sorted(stocks)[-13:]
    if len(order) < 13 or (order[-1] - order[0]).n != 12:
        return None
    held = [stocks[month] for month in order]
    months = pd.DataFrame(
        {
            "month": [month.to_timestamp() for month in order[1:]],
            "open": [len(now) for now in held[1:]],
            "started": [len(now - then) for then, now in pairwise(held)],
            "ended": [len(then - now) for then, now in pairwise(held)],
        }
    )
    exposed = sum(map(len, held[:-1]))
    started, ended, now = float(months["started"].sum()), float(months["ended"].sum()), float(len(held[-1]))
    if rounded:
        started, ended, now = (5.0 * round(n / 5) for n in (started, ended, now))
    starts, share = started / 12, ended / exposed
    in_a_year = now
    for _ in range(12):
        in_a_year += starts - share * in_a_year
    return Caseload(
        known=rows["snapshot_date"].max(),
        months=months,
        starts=starts,
        leaving_share=share,
        stay=float(months["open"].mean()) / starts if starts else np.inf,
        in_a_year=in_a_year,
        ahead=_ahead(months, exposed),
        settles_at=starts / share if share else np.inf,
    )


def _ahead(months: pd.DataFrame, exposed: int) -> pd.DataFrame:
    """Draw the stock of the next twelve months from the year's counts and the package-months exposed."""
    rng = np.random.default_rng(_SEED)
    started, ended = months["started"].sum(), months["ended"].sum()
    rate = rng.gamma(started + 0.5, 1 / len(months), _DRAWS)
    leaving = rng.beta(ended + 0.5, exposed - ended + 0.5, _DRAWS)
    stock = np.full(_DRAWS, int(months["open"].iloc[-1]))
    paths = []
    for _ in range(12):
        stock = stock - rng.binomial(stock, leaving) + rng.poisson(rate)
        paths.append(stock)
    ahead = pd.date_range(months["month"].iloc[-1] + pd.DateOffset(months=1), periods=12, freq="MS")
    return pd.DataFrame({"month": ahead, **tails(np.array(paths).T)})


def protected_open_packages(study: Study) -> Protected:
    """Set out the open packages of the last twelve months."""
    rows = study.caseload.months if study.caseload else pd.DataFrame(columns=["month", "open"])
    few, rounded = study.fewest("packages"), study.data.rounds("packages")
    cells = {"open": [("open", month) for month in rows["month"]]}
    table = OPEN.of(rows, "Open packages by month")
    return as_decided(table, cells, study.decided_ledger, few, rounded=rounded)


def headlines(study: Study) -> list[Headline]:
    """Say what would wait with the staff of now, and how long it would take to clear."""
    if study.backlog_by_staff.empty:
        return []
    now = study.backlog_by_staff.iloc[0]
    weeks = float(now["upper_80"])
    text = (
        f"With the staff now in post, work would be waiting after {_months(study)} with a chance of "
        f"{words.percent(100 * now['p_any'], 0)}. In one case in ten it would be {words.number(weeks, 1)} "
        "weeks of the whole staff's work or more"
    )
    if weeks > 0 and math.isfinite(now["clear"]):
        text += f". Filling every funded post would clear that in {words.number(now['clear'], 1)} months"
    method = "monthly recursion of work against staff over the draws"
    upper = float(now["upper_95"])
    cell = ("piles", str(now["case"]), "upper_80")
    return [Headline("workload.backlog", f"{text}.", weeks, "weeks of work", 0.0, upper, method, cell=cell)]


def _months(study: Study) -> str:
    return words.count_noun(len(study.backlog), "month")


def checks(study: Study) -> list[Check]:
    """Check that hidden counts can't be worked out."""
    return list(study.open_packages.checks) if study.caseload else []


WAITING = table_of("backlog.data", *fan_columns("Median", "weeks"))


def _backlog_figure(study: Study) -> Figure:
    """Draw the work that piles up if those in post, with locums, stay as many as they are."""
    months = study.need.months.loc[study.need.months["pool"] == "casework", "month"]
    rows = study.backlog.assign(month=months.to_numpy())
    sheet, axis = charts.drawing(3.2)
    draw_fan(axis, rows)
    axis.set_ylim(bottom=0)
    mark_months(axis, rows["month"], most=4)
    axis.set_ylabel("weeks of work waiting", fontsize=SMALL)
    weeks = words.number(rows["upper_80"].iloc[-1], 1)
    title = f"In one case in ten at least {weeks} weeks of work would wait after {_months(study)}"
    alt = f"Line of the median backlog by month with 80% and 95% bands. {title}."
    subtitle = (
        "Casework waiting if staff and locums stay as many: median (dashed), 80% and 95% intervals, "
        f"in weeks of the whole staff's work, {study.place}"
    )
    data = WAITING.of(rows, "Weeks of work waiting by month")
    source = f"{study.place}, activity, assumptions, workforce"
    return Figure("backlog", title, subtitle, alt, sheet, data, source)


BY_STAFF = table_of(
    "piles",
    Column("case", "Staff"),
    Column("staffed", "WTE", "number", 1, "WTE"),
    Column("use", "Use of the staff's time", "percent", 0, "percent"),
    Column("p_any", "Chance that work waits", "percent", 0, "percent"),
    Column("central", "Weeks of work waiting, median", "number", 1, "weeks"),
    Column("upper_80", "One case in ten, at least", "number", 1, "weeks"),
    Column("upper_95", "One case in forty, at least", "number", 1, "weeks"),
    Column("clear", "Months to clear that of one case in ten"),
)


def _staff_table(study: Study) -> Table:
    """Set out the work that waits at the end of the months forecast, at several levels of staff."""
    frame = study.backlog_by_staff.assign(p_any=100 * study.backlog_by_staff["p_any"])
    frame["clear"] = ["never" if math.isinf(months) else words.number(months, 1) for months in frame["clear"]]
    error = words.number(100 * float(frame["p_error"].max()), 1)
    how = (
        f"After {_months(study)} from nothing waiting, in weeks of the whole staff's work: as long would a "
        "new case wait if the oldest came first. Leave, sickness and training are in the weeks at work, "
        "vacancies in the level of staff. Backlogs are cleared with every funded post filled, at the central "
        "need. The "
        f"chances are from {words.number(len(study.need.draws['casework']))} draws, with a random error of "
        f"at most {error} points."
    )
    return BY_STAFF.of(frame, f"Work left waiting after {_months(study)}, {study.place}", notes=[how])


STRETCH = table_of(
    "stretch",
    Column("use", "Use of capacity", "percent", 0, "percent"),
    Column("capacity", "Requests that can be taken on a month", "number"),
    Column("median", "Waiting after a year, median", "number"),
    Column("upper_80", "One year in ten, at least", "number"),
    Column("upper_95", "One year in forty, at least", "number"),
    Column("p_clear", "Chance that none waits", "percent", 0, "percent"),
)


def _stretch_table(study: Study) -> Table | Missing:
    """Show what a year at several levels of use leaves waiting, from uneven arrivals alone."""
    paths = study.outlook.paths.get("case_allocation_requests")
    if paths is None:
        return NO_REQUESTS
    totals = study.as_told.totals
    counts = totals.loc[totals["measure"] == "case_allocation_requests", "count"]
    ratio = dispersion(counts.tail(12))
    frame = stretch(float(paths.mean()), variance_ratio=ratio)
    frame[["use", "p_clear"]] *= 100
    how = (
        f"Case allocation requests come at {words.number(paths.mean())} a month with "
        f"{words.number(ratio, 1)} times Poisson's variance, the scatter of the last twelve months; nothing "
        "waits at the start, and capacity that is not used is lost. It shows why full use is no plan."
    )
    return STRETCH.of(frame, "What a year at full stretch leaves waiting", notes=[how])


OPEN = table_of(
    "open_packages", Column("month", "Month", "date"), Column("open", "Open", "number", unit="packages")
)
OPEN_AHEAD = table_of("caseload.data", *fan_columns("Open", "packages", 0))
CASELOAD = table_of("caseload", Column("what", "Open care packages"), Column("value", "Value"))


def _caseload_figure(study: Study, found: Caseload) -> Figure:
    """Draw the open packages of the last twelve months and of the next."""
    sheet, axis = charts.drawing(3.0)
    draw_months(axis, study.open_packages.table.frame.rename(columns={"open": "count"}), found.ahead)
    now = words.number(study.open_packages.table.frame["open"].iloc[-1])
    middle = words.number(found.ahead["central"].iloc[-1])
    title = f"{now} packages are open; at these rates {middle} would be in twelve months"
    alt = f"Line of open packages by month with a fan for the next twelve. {title}."
    subtitle = (
        f"Open care packages at month end (grey) and as stock and flow ahead, 80% and 95% intervals, "
        f"{study.place}"
    )
    data = OPEN_AHEAD.of(found.ahead, "Open packages ahead, by month")
    return Figure("caseload", title, subtitle, alt, sheet, data, f"{study.place}, package ledger")


def _caseload_table(study: Study, found: Caseload) -> Table:
    last = found.ahead.iloc[-1]
    interval = words.interval(last["lower_95"], last["upper_95"], 0)
    settles = "nowhere: none ends" if math.isinf(found.settles_at) else words.number(found.settles_at)
    values = {
        "Open now": words.number(study.open_packages.table.frame["open"].iloc[-1]),
        "Started a month": words.number(found.starts, 1),
        "Ended a month, share of those open": words.percent(100 * found.leaving_share),
        "Time that a package stays open, by Little's law": f"{words.number(found.stay)} months",
        "Open in 12 months at these rates (95% interval)": f"{words.number(found.in_a_year)} ({interval})",
        "Where the number settles at these rates": settles,
    }
    rows = pd.DataFrame({"what": list(values), "value": list(values.values())})
    title = f"Care packages as stock and flow, {study.place}, twelve months to {words.day(found.known)}"
    return CASELOAD.of(rows, title)


def section(study: Study) -> Section:
    """Show what waits, and what is open."""
    waiting: list[Any] = [NO_STAFFING if study.need.is_empty else NO_WORKFORCE]
    if len(study.backlog):
        waiting = [_backlog_figure(study), _staff_table(study)]
    found = study.caseload
    opened: Any = FEW_FLOWS if found else NO_CASELOAD
    if found and not study.flows_are_few:
        opened = [_caseload_figure(study, found), _caseload_table(study, found)]
    return Section.of(headlines(study), waiting, _stretch_table(study), opened)
