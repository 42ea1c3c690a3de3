"""Next year and the two after it with their intervals, what matters most, and the gap to the budget."""

from __future__ import annotations

__all__ = ["DRAWS", "Outlook", "outlook", "proposed_budget", "tornado", "unreconciled"]

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from s75lib.budget.naming import BUDGETS, pounds, pounds_signed
from s75lib.next_year.demand import NO_RATES
from s75lib.next_year.history import Array
from s75lib.next_year.model import YEARS, Model, central_draws, project, random_draws
from s75lib.present import Column, Figure, Headline, Missing, Section, charts, table_of, words

if TYPE_CHECKING:
    from s75lib.next_year.study import Study

DRAWS = 4_000
SEED = 75
DRIVERS = {
    "starters": "Who starts, and at what cost",
    "leavers": "Who leaves",
    "prices": "Price rises",
    "stayers": "Packages that stay: hours, other prices",
    "share": "NHS share",
    "savings": "Savings delivered",
}
"""What is drawn, in words."""
_TAILS = {"lower_95": 0.025, "lower_80": 0.1, "upper_80": 0.9, "upper_95": 0.975}


@dataclass(frozen=True, eq=False)
class Outlook:
    """The years ahead.

    - `table`: ``year``, ``central``, ``lower_80``, ``upper_80``, ``lower_95``, ``upper_95``: net cost, £.
    - `draws` (draws, years): Net cost of each draw, £.
    - `trend`: What next year costs more if the NHS's share goes on as over the last twelve months, £; None
      where the ledger does not reach back so far.
    """

    table: pd.DataFrame
    draws: Array
    trend: float | None


def outlook(
    made: Model, known: Array, savings: pd.DataFrame, share: pd.Series, *, draws: int = DRAWS
) -> Outlook:
    """Draw the years ahead jointly.

    The same at each call: the draws are seeded. Beside what `s75lib.next_year.model.random_draws` draws, the
    NHS share and the cost of the packages that stay are random walks from where they are, with the spread of
    their past monthly changes; each saving is delivered by a beta-distributed share with the confidence as
    its mean and a weight of four cases.

    Parameters
    ----------
    known : array, (years,)
        Net cost of the known moves in each year, £.
    share : Series
        NHS share of the gross cost, percent, by the day of the snapshot.

    Examples
    --------
    >>> found = outlook(held.model, held.known, held.savings, pd.Series([40.0], [held.model.day]), draws=20)
    >>> list(found.table["central"].notna())
    [True, True, True]
    """
    central = _net(project(made, central_draws(made)).total) + known - _planned(savings)
    found = simulated(made, known, savings, draws, None)
    ends = {name: np.quantile(found, at, axis=0) for name, at in _TAILS.items()}
    table = pd.DataFrame({"year": made.labels[1:], "central": central[0], **ends})
    return Outlook(table, found, _trend(made, share))


def simulated(
    made: Model, known: Array, savings: pd.DataFrame, draws: int, vary: frozenset[str] | None
) -> Array:
    """Draw the net cost of the years ahead, (draws, years); what `vary` does not name stays central."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    moved = project(made, random_draws(made, draws, rng, vary))
    steps = rng.standard_normal((2, draws, len(made.months))).cumsum(axis=2)
    walk = np.stack([steps[:, :, made.year == y].mean(axis=2) for y in range(1, YEARS + 1)], axis=2)
    net, gross = _net(moved.total), moved.total[..., 0].sum(axis=2)
    cost = np.broadcast_to(net + known, (draws, YEARS)).copy()
    if vary is None or "stayers" in vary:
        cost += walk[0] * made.cost_spread * _net(moved.today + moved.price)
    if vary is None or "share" in vary:
        cost += walk[1] * made.share_spread / 100 * gross
    confidence = savings["confidence"].to_numpy(dtype=float)
    if vary is None or "savings" in vary:
        sure = np.clip(confidence, 1e-6, 1 - 1e-6)
        delivered = rng.beta(4 * sure, 4 * (1 - sure), (draws, len(sure)))
        return cost - delivered @ _by_year(savings)
    return cost - _planned(savings)


def tornado(made: Model, known: Array, savings: pd.DataFrame, *, draws: int = 1_000) -> pd.DataFrame:
    """Say how far each driver alone moves next year's cost.

    Returns
    -------
    DataFrame
        ``driver`` (one of `DRIVERS`), ``low`` and ``high`` (8 draws of 10 lie between, as difference from
        their median, £), the widest first.

    Examples
    --------
    >>> found = tornado(held.model, held.known, held.savings, draws=20)
    >>> bool((found["high"] - found["low"]).is_monotonic_decreasing)
    True
    """
    rows = []
    for name in DRIVERS:
        found = simulated(made, known, savings, draws, frozenset({name}))[:, 0]
        low, middle, high = np.quantile(found, [0.1, 0.5, 0.9])
        rows.append((name, low - middle, high - middle))
    frame = pd.DataFrame(rows, columns=["driver", "low", "high"])
    return frame.iloc[np.argsort(frame["low"] - frame["high"], kind="stable")].reset_index(drop=True)


def proposed_budget(budget: pd.DataFrame, given: float, labels: tuple[str, ...]) -> tuple[float, str] | None:
    """Find the net budget that next year is set against, and what it is.

    The budget given, else next year's rows, else this year's, adjustments left out; None without any.

    Examples
    --------
    >>> proposed_budget(load("exampleshire").budget, 0.0, ("2025/26", "2026/27"))
    (13111000.0, 'the budget of 2025/26 before adjustments')
    """
    if given > 0:
        return given, f"the proposed budget of {labels[1]}"
    for label in labels[1::-1]:
        rows = budget[(budget["financial_year"] == label) & (budget["kind"] != "adjustment")]
        if len(rows):
            latest = rows[rows["as_at"] == rows["as_at"].max()]
            return float(latest["budget"].sum()), f"the budget of {label} before adjustments"
    return None


def _net(money: Array) -> Array:
    """Give the net amounts of all parts together: (draws, years)."""
    whole = money.sum(axis=2)
    return np.asarray(whole[..., 0] - whole[..., 1] - whole[..., 2])


def _by_year(savings: pd.DataFrame) -> Array:
    """Give what is planned of each saving that is taken off, (savings, years)."""
    names = [f"planned_{y}" for y in range(1, YEARS + 1)]
    return np.asarray(savings[names].to_numpy(dtype=float) * savings[["added"]].to_numpy(dtype=float))


def _planned(savings: pd.DataFrame) -> Array:
    return np.asarray(savings["confidence"].to_numpy(dtype=float) @ _by_year(savings))


def _trend(made: Model, share: pd.Series) -> float | None:
    then = share[share.index <= made.day - pd.DateOffset(years=1) + pd.Timedelta(days=20)]
    if then.empty or share.isna().any():
        return None
    points = share.iloc[-1] - then.iloc[-1]
    months = np.flatnonzero(made.year == 1) + 0.5
    central = project(made, central_draws(made)).total[0, 0, :, 0].sum()
    return float(-points / 100 * months.mean() / 12 * central)


def _chance_said(chance: float) -> str:
    """Say how surely the cost exceeds the budget; no simulation is certain.

    >>> _chance_said(0.42), _chance_said(1.0)
    ('The chance that the cost exceeds it is 42%.', 'The chance that the cost exceeds it is above 99%.')
    """
    said = "above 99%" if chance > 0.99 else "below 1%" if chance < 0.01 else words.percent(100 * chance, 0)
    return f"The chance that the cost exceeds it is {said}."


def unreconciled(monitor: pd.DataFrame, commitment: float) -> float:
    """Give a monitor's net commitment less the ledger's for the same year, £; 0 where one per cent or less.

    Parameters
    ----------
    monitor : DataFrame
        Lines of one day; adjustments are left out. Without a commitment there is nothing to compare.
    commitment : float
        The ledger's, £.

    Examples
    --------
    >>> latest = held.data.budget[held.data.budget["as_at"] == held.data.budget["as_at"].max()]
    >>> unreconciled(latest, 14_016_075.0), unreconciled(latest, 13_016_075.0)
    (0.0, 1000000.0)
    """
    net = float(monitor.loc[monitor["kind"] != "adjustment", "commitment"].sum(min_count=1))
    return net - commitment if abs(net - commitment) > 0.01 * abs(commitment) else 0.0


def _apart_said(apart: float) -> str:
    if not apart:
        return ""
    side, size = ("more", "small") if apart > 0 else ("less", "large")
    said = f" The budget monitor commits {pounds(apart)} {side} this year"
    return f"{said}, so the gap may be that much too {size}."


def _in_two(study: Study, cost: float, budget: float) -> tuple[str, str]:
    this, adds = study.outturn - budget, cost - study.outturn
    if study.model.counts is None or this <= 0 or adds <= 0:
        return "", ""
    earlier = -float(study.bridge.whole["net"]["prior"]) if study.bridge else 0.0
    of = f": {pounds(this - earlier)} of this year's care and {pounds(earlier)} for earlier years"
    said = f" This year's forecast outturn of {pounds(study.outturn)} is {pounds(this)} above that budget"
    said += f"{of if 0 < earlier < this else ''}."
    rows = study.deep_dive.position
    adjusted = rows[(rows["scope"] == "all") & (rows["level"] == "adjusted")]
    if len(adjusted) and not study.given:
        more, gap = (float(adjusted[name].iloc[0]) for name in ("budget", "forecast_variance"))
        said += f" The {BUDGETS['adjusted']} of {pounds(more)} adds {pounds(more - budget)} for adjustments"
        said += (
            f", and the forecast is {pounds(gap)} over it." if abs(this + budget - more - gap) < 1 else "."
        )
    own = f": {pounds(this)} is this year's"
    if 0 < earlier < this:  # apart, as the deep dive counts them
        own = f": {pounds(this - earlier)} is this year's, {pounds(earlier)} earlier years'"
    return f"{own}, {pounds(adds)} next year's", said


def headlines(study: Study) -> Iterator[Headline]:
    """Say how far the requirement lies from the budget, and what is uncertain about it most."""
    if study.outlook is None:
        return
    table, known = study.outlook.table.iloc[0], study.model.counts is not None
    if study.proposed:
        budget, what = study.proposed
        gap = float(table["central"]) - budget
        chance = _chance_said(float((study.outlook.draws[:, 0] > budget).mean()))
        parts, tied = _in_two(study, float(table["central"]), budget)
        apart = ", and monitor and ledger do not agree" if study.apart else parts
        ends = " to ".join(pounds_signed(float(table[name]) - budget) for name in ("lower_80", "upper_80"))
        interval = f" The 80% interval is {ends}." if known else ""
        yield Headline(
            "next_year.gap",
            f"Next year's requirement is {pounds(gap)} {'above' if gap > 0 else 'below'} {what} "
            f"({pounds(budget)}){apart}.{interval}{tied}{_apart_said(study.apart)} "
            f"{chance if known else 'Starters and leavers are not in it.'}",
            gap,
            "£",
            float(table["lower_80"]) - budget if known else None,
            float(table["upper_80"]) - budget if known else None,
            f"joint simulation, {DRAWS:,} draws",
            ("next_year_fan",) if known else ("next_year_bridge",),
            "money" if gap > 0 else "context",
            ("next_year_fan", study.next_year, "gap") if known else None,
        )
    if not known:
        return
    top = study.tornado.iloc[0]
    yield Headline(
        "next_year.uncertainty",
        f"Least certain is {DRIVERS[top['driver']][:1].lower()}{DRIVERS[top['driver']][1:]}: "
        f"{pounds_signed(float(top['low']))} to {pounds_signed(float(top['high']))} (80% interval).",
        float(top["high"] - top["low"]),
        "£",
        see=("next_year_tornado",),
        cell=("next_year_tornado", DRIVERS[top["driver"]], "high"),
    )


_YEARS = table_of(
    "next_year_years",
    Column("year", "Year"),
    Column("central", "Central", "money", unit="£"),
    *(
        Column(f"{side}_{level}", f"{level}% {side}", "money", unit="£")
        for level in (80, 95)
        for side in ("lower", "upper")
    ),
    Column("gap", "Central less budget", "change", unit="£"),
)
_TORNADO = table_of(
    "next_year_tornado.data",
    Column("name", "Driver"),
    Column("low", "Low", "change", unit="£"),
    Column("high", "High", "change", unit="£"),
)


_NO_BUDGET = Missing.of(
    "No budget is held or given to set next year against.",
    "budget",
    ("financial_year", "as_at", "line", "budget"),
    "the gap, and the levers",
)


def _fan(study: Study, found: Outlook) -> Figure:
    assert study.bridge is not None
    sheet, axis = charts.drawing(3.8)
    start, when = study.outturn, np.arange(YEARS + 1)
    table = found.table
    bands = [
        (np.append(start, table[f"lower_{level}"]), np.append(start, table[f"upper_{level}"]), f"{level}%")
        for level in (95, 80)
    ]
    charts.fan(axis, when, np.append(start, table["central"]), bands)
    if study.proposed:
        axis.axhline(study.proposed[0], color=charts.GREY, linewidth=1.2, linestyle=(0, (1, 2)))
        charts.note(axis, study.proposed[1], (0, study.proposed[0]), (0, 4), color=charts.GREY)
    axis.set_xticks(when, list(study.labels), fontsize=9)
    axis.set_xlim(-0.1, YEARS + 0.4)
    charts.thousands(axis, prefix="£", scale=1000, suffix="k")
    first = table.iloc[0]
    years = table.assign(gap=table["central"] - (study.proposed[0] if study.proposed else np.nan))
    note = f"Set against {study.proposed[1]}." if study.proposed else ""
    title = (
        f"{study.next_year} costs {pounds(float(first['central']))} "
        f"(80% interval {pounds(float(first['lower_80']))} to {pounds(float(first['upper_80']))})"
    )
    return Figure(
        "next_year_fan",
        title,
        f"Net cost of care packages, {study.place}: outturn, and the years ahead with 80% and 95% intervals",
        f"{title}.",
        sheet,
        _YEARS.of(years, "The years ahead: central cost and intervals, £", notes=(note,)),
        f"{study.place}, package ledger",
    )


def _tornado_figure(study: Study) -> Figure:
    rows = study.tornado.assign(name=study.tornado["driver"].map(DRIVERS))
    sheet, axis = charts.drawing(3.0)
    places = charts.name_rows(axis, list(rows["name"]))
    axis.barh(places, rows["high"], color=charts.BAD, height=0.6)
    axis.barh(places, rows["low"], color=charts.GOOD, height=0.6, hatch="///", edgecolor="white", lw=0)
    axis.axvline(0, color="#222222", linewidth=1)
    axis.xaxis.set_major_locator(MaxNLocator(5))
    charts.thousands(axis, "x", prefix="£", scale=1000, suffix="k")
    top = rows.iloc[0]
    span = f"{pounds_signed(float(top['low']))} to {pounds_signed(float(top['high']))}"
    title = f"What moves next year's cost most is: {top['name'][:1].lower()}{top['name'][1:]} ({span})"
    return Figure(
        "next_year_tornado",
        title,
        f"Effect of each driver alone on the cost of {study.next_year}, 80% of its draws, {study.place}",
        f"{title}.",
        sheet,
        _TORNADO.of(rows, "Effect of each driver alone, £"),
        f"{study.place}, package ledger",
    )


def section(study: Study) -> Section:
    """Show the years ahead, the gap, and what matters most."""
    if study.outlook is None:
        return Section.of(study.no_ledger)
    gone = None if study.proposed else _NO_BUDGET
    if study.model.counts is None:
        return Section.of(headlines(study), NO_RATES, gone)
    return Section.of(headlines(study), _fan(study, study.outlook), _tornado_figure(study), gone)
