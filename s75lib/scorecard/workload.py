"""The workload area: what came in, packages that move, reviews due, posts; counted, not expected."""

from __future__ import annotations

__all__ = ["year_on_year"]

import math
from collections.abc import Collection, Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from s75lib import workload as wing
from s75lib.kpi.phrases import title
from s75lib.loaders import Period
from s75lib.loaders.schemas import MEASURES
from s75lib.loaders.schemas import Measure as Activity
from s75lib.present import HIDDEN, Details, Headline, Missing, Need, Section, words
from s75lib.scorecard.card import TABLE, Judged, Measure, Status, brief, first_of
from s75lib.stats.comparison import compare_counts
from s75lib.stats.months import vary
from s75lib.workload.activity import ALL_TEAMS, is_stock, measure_name, twelve_months
from s75lib.workload.disclosure import YEAR
from s75lib.workload.posts import headlines as posts_headlines
from s75lib.workload.posts import posts_table
from s75lib.workload.published import means_headlines
from s75lib.workload.transfers import people_headlines, transfers_figure

if TYPE_CHECKING:
    from s75lib.scorecard.study import Study

FIRST = (
    "case_allocation_requests",
    "assessments",
    "reviews",
    "mha_assessments",
    "safeguarding_concerns",
    "safeguarding_enquiries",
)
"""Measures of social work, shown before all others."""

NO_WORKLOAD = Missing(
    "No activity, no posts and no package transfers are held.",
    (
        Need("activity", ("month", "measure", "count"), "twelve months of work against the twelve before"),
        Need("workforce", ("as_at", "team", "role", "wte_establishment", "wte_in_post"), "posts vacant"),
        Need(
            "package_transfers",
            ("as_at", "service_group", "team", "social_work", "healthcare_professional"),
            "people whose package is still to move",
        ),
    ),
)

_YEAR = ", 12 months"
_NOTHING = "Nothing to compare with"
_METHOD = "exact conditional interval of two counts, widened by the scatter of the months"
_POOLS = {"casework": "casework posts filled, WTE", "amhp": "AMHP posts filled, WTE"}
_COLUMNS = [
    "measure",
    "last_month",
    "latest",
    "before",
    "is_held",
    "change_percent",
    "lower",
    "upper",
    "is_clear",
]


def year_on_year(
    totals: pd.DataFrame,
    hidden: Collection[Hashable],
    *,
    rounded: bool = False,
    known: Mapping[str, Activity] = MEASURES,
    compared: Period | None = None,
) -> pd.DataFrame:
    """Set the last twelve months of each measure of work against the twelve before.

    The exact comparison of the two sums, widened by how the 24 months vary (`s75lib.stats.months.vary`).

    Parameters
    ----------
    totals : DataFrame
        Monthly series as `s75lib.workload.activity.monthly` gives them.
    hidden : collection
        Cells that `s75lib.workload.disclosure.decided_months` hides.
    rounded : bool
        Whether counts are rounded to the nearest 5.
    known : mapping of str to Measure
        Tells flows from stocks.
    compared : Period, optional
        The period whose twelve months are taken instead of the twelve before.

    Returns
    -------
    DataFrame
        ``measure``, ``last_month`` (such as 2026-03), ``latest`` and ``before`` (events in twelve months; NaN
        where hidden, or nothing is held), ``is_held`` (the twelve months before), ``change_percent`` with
        ``lower`` and ``upper`` (none where a year has no event) and ``is_clear``: significant as the
        months vary. Flows alone, of which all 24 months are known (with `compared` the latest twelve at
        least); measures of social work first.

    Examples
    --------
    >>> from s75lib.workload.activity import monthly
    >>> from s75lib.workload.disclosure import decided_months
    >>> totals = monthly(load("exampleshire").activity).totals
    >>> rows = year_on_year(totals, decided_months(totals, {}, 5).hidden)
    >>> rows.loc[rows["is_clear"], ["measure", "before", "latest"]].values.tolist()
    [['reviews', 2288.0, 1940.0]]
    """
    made = []
    for measure in sorted(set(totals["measure"]), key=_order):
        series = totals[totals["measure"] == measure]
        back = compared.months_back(series["month"].iloc[-1]) if compared else 12
        spans = [slice(len(series) - 12 - gone, len(series) - gone) for gone in (back, 0)]
        is_held = back >= 12 and spans[0].start >= 0
        if is_stock(measure, known) or len(series) < 12 or not (is_held or compared):
            continue
        spans = spans[not is_held :]
        months = np.concatenate([series["count"].to_numpy()[span] for span in spans])
        ends = [(measure, ALL_TEAMS, series["month"].iloc[span.stop - 1], YEAR) for span in spans]
        if not months.any() or (np.isnan(months).any() and not any(end in hidden for end in ends)):
            continue
        sums = [float(year.sum()) for year in np.split(months, len(spans))]
        sums = [5.0 * np.round(count / 5) if rounded else count for count in sums]
        told = [math.nan if end in hidden else n for end, n in zip(ends, sums, strict=True)]
        before, latest = told if is_held else (math.nan, *told)
        row = {"measure": measure, "last_month": f"{series['month'].iloc[-1]:%Y-%m}"}
        row |= {"latest": latest, "before": before, "is_held": is_held}
        if math.isnan(before) or math.isnan(latest):
            made.append({**row, "is_clear": False})
        else:
            last = 12 * series["month"].iloc[-1].year + series["month"].iloc[-1].month - 1
            made.append({**row, **_change(int(before), int(latest), months, (last - back, last))})
    return pd.DataFrame(made, columns=_COLUMNS)


def _change(before: int, latest: int, months: np.ndarray, lasts: tuple[int, int]) -> dict[str, object]:
    """Compare two years of counts by how their months vary; `lasts` numbers the last month of each."""
    found = compare_counts(before, latest)
    held = np.concatenate([np.arange(last - 11, last + 1) for last in lasts])
    varied = vary(months, np.ones(24), held, model="count", kind="flow", year_starts=(lasts[1] + 1) % 12)
    assert varied is not None  # some month has an event
    years = held[12:].tolist(), held[:12].tolist()
    lower = upper = math.nan
    if 0 < found.ratio < math.inf:
        lower, upper = varied.stretched_ratio(found.ratio, (found.lower, found.upper), *years)
    return {
        "change_percent": found.relative_change,
        "lower": 100 * (lower - 1),
        "upper": 100 * (upper - 1),
        "is_clear": varied.widened(found.p_value, *years) < 0.05,
    }


def _order(measure: str) -> tuple[int, str]:
    return (FIRST.index(measure) if measure in FIRST else len(FIRST), measure)


def _number(cell: object) -> float:
    """Read a cell of a protected table: NaN where it is hidden."""
    return math.nan if pd.isna(cell) else float(str(cell))  # type: ignore[call-overload]


# What is said


def measures(study: Study) -> list[Measure | None]:
    """Set out twelve months of work, or its published means; packages that move; reviews due; posts."""
    work = study.workload
    came = [_count(study, row) for row in study.year_on_year.head(len(FIRST)).to_dict("records")]
    return [
        *(came or _means(study)),
        _transfers(work),
        _overdue(work),
        *(_posts(work, pool) for pool in _POOLS),
    ]


def _shown(count: float) -> str:
    """Write a count of people, or the mark of a hidden one."""
    return HIDDEN if math.isnan(count) else words.number(count)


def _count(study: Study, row: dict[Hashable, Any]) -> Measure:
    latest, before, change = row["latest"], row["before"], row["change_percent"]
    is_held, other = row["is_held"], study.data.compared
    hidden = is_held and (math.isnan(latest) or math.isnan(before))
    direction = _direction(change, clear=row["is_clear"])
    polarity = study.workload.activity.measures[row["measure"]].polarity
    return Measure(
        f"{measure_name(row['measure'])}{_YEAR}",
        _shown(latest),
        _against(other, row["last_month"], _shown(before) if is_held else "not held"),
        "unknown" if hidden or not is_held else _status(change, polarity) if row["is_clear"] else "level",
        "Too few people to show" if hidden else direction if is_held else _NOTHING,
        brief(row["last_month"]),
        f"{words.signed(change)}%" if math.isfinite(change) else "",
        _interval(row["lower"], row["upper"]) if math.isfinite(row["upper"]) else "",
        change if math.isfinite(change) else None,
        () if hidden else _course(study, str(row["measure"])),
        "a month",
    )


def _against(other: Period | None, last: str, count: str) -> str:
    """Write the twelve months before, or those of the period asked for."""
    if other is None:
        return f"year before {count}"
    return f"to {brief(f'{other.matching(Period.parse(last).end):%Y-%m}')}: {count}"


def _course(study: Study, measure: str) -> tuple[float, ...]:
    """Give the last 24 months of a measure where no month is of few people, in all or in a team."""
    held = (study.workload.totals, study.workload.teams)
    whole, by_team = (rows.loc[rows["measure"] == measure, "count"] for rows in held)
    counts = pd.concat([whole, by_team])
    few = counts.isna() | ((counts > 0) & (counts < study.fewest("activity")))
    return () if few.any() else tuple(map(float, whole.tail(24)))


def _status(change: float, polarity: str) -> Status:
    """Say whether a clear change is good, where anybody has said which way is better."""
    if polarity == "neither":
        return "watch"
    return "good" if (change > 0) == (polarity == "higher_is_better") else "bad"


def _direction(change: float, *, clear: bool) -> str:
    if not clear:
        return "No clear change"
    return "Clearly more" if change > 0 else "Clearly fewer"


def _interval(low: float, high: float) -> str:
    return f"{words.signed(low)}% to {words.signed(high)}%"


def _means(study: Study) -> list[Measure]:
    """Means a month as published, where no monthly series is held; none that few people are behind."""
    means = study.workload.monthly_means
    if means.empty:
        return []
    rows = means[means["after_period"] == means["after_period"].max()]
    return [_mean(row) for row in rows.to_dict("records")]


def _mean(row: dict[Hashable, Any]) -> Measure:
    change, low, high = (row[name] for name in ("change_percent", "change_lower", "change_upper"))
    clear = low > 0 or high < 0
    before, after = (words.number(row[name], int(row["decimals"])) for name in ("before", "after"))
    name = row["indicator"].removesuffix("_per_month").replace("_", " ")
    return Measure(
        title(f"{name} a month", row["group"]),
        after,
        f"{row['before_period']}: {before}",
        "watch" if clear else "level",
        _direction(change, clear=clear),
        row["after_period"],
        f"{words.signed(change)}%",
        _interval(low, high),
        change,
        finding=f"workload.means.{row['indicator']}.{row['group'] or 'all'}",
    )


def _transfers(work: wing.Study) -> Measure | None:
    if work.transfers.empty:
        return None
    whole = work.people_moving.table.frame.iloc[-1]
    gains, held = (_number(whole[name]) for name in ("gains", "now"))
    judged: Judged = ("level", "None left to move") if gains == 0 else ("watch", "Still to move")
    name, against = "people whose package health staff hold", f"social workers hold {_shown(held)}"
    day = brief(work.transfers["as_at"].max())
    value = None if math.isnan(gains) else gains
    return Measure(name, _shown(gains), against, *judged, day, value=value, finding="workload.transfers")


def _overdue(work: wing.Study) -> Measure | None:
    if work.reviews_due.empty:
        return None
    whole = work.due_by_month.table.frame.iloc[-1]
    late, due = _number(whole["overdue"]), _number(whole["in_time"])
    judged: Judged = ("good", "None overdue") if late == 0 else ("bad", "Overdue")
    name, against = "yearly reviews of packages overdue, by the ledger", f"{_shown(due)} due in a year"
    day = brief(work.reviews_due["month"].min() - pd.Timedelta(days=1))
    return Measure(name, _shown(late), against, *judged, day, value=None if math.isnan(late) else late)


def _posts(work: wing.Study, pool: str) -> Measure | None:
    here = work.posts_now(pool)
    if here is None or math.isnan(here["vacancy_percent"]):
        return None
    rows = work.posts[work.posts["pool"] == pool]
    first = rows.iloc[0]
    gone = words.signed(here["in_post"] - first["in_post"], 1)
    change = f"{gone} since {brief(first['as_at'])}" if len(rows) > 1 else ""
    locum = "" if math.isnan(here["locum"]) else f" + {words.number(here['locum'], 1)} locum"
    latest = f"{words.number(here['in_post'], 1)}{locum}"
    funded, vacant = f"funded {words.number(here['establishment'], 1)}", float(here["vacancy_percent"])
    judged: Judged = ("good", "No vacancy")
    if here["vacancy"] > 0:
        judged = "watch", f"{words.percent(vacant, 0)} of {_POOLS[pool].split()[0]} posts vacant"
    day, course = brief(here["as_at"]), tuple(map(float, rows["in_post"]))
    name, told = _POOLS[pool], f"workload.vacancy.{pool}"
    return Measure(name, latest, funded, *judged, day, change, value=vacant, course=course, finding=told)


def headlines(study: Study) -> list[Headline]:
    """Name the clearest change in what came in, packages to move, posts, published means."""
    work = study.workload
    vacant = [one for one in posts_headlines(work) if one.id.startswith("workload.vacancy")]
    return first_of(
        study, [*_changes(study), *people_headlines(work)[:1], *vacant[:1], *means_headlines(work)]
    )


def _changes(study: Study) -> list[Headline]:
    counted = [one for one in study.measures["Workload"] if one.name.endswith(_YEAR)]
    held = [one for one in counted if one.verdict != _NOTHING]
    if not held:
        return []
    clear = [one for one in held if one.status in ("watch", "good", "bad")]
    clear.sort(key=lambda one: -abs(one.value or 0.0))
    count = words.count_noun(len(held), "measure")
    other = study.data.compared
    than = f"the {twelve_months(other)}" if other else "the twelve before"
    if not clear:
        text = f"None of {count} of work changed clearly in twelve months, against {than}."
        cell = (TABLE.id, "", "verdict")
        return [Headline("scorecard.work", text, 0.0, "measures", method=_METHOD, cell=cell)]
    named = [f"{one.name.removesuffix(_YEAR)} {one.change} ({one.interval})" for one in clear[:2]]
    text = (
        f"{len(clear)} of {count} of work changed clearly in the twelve months to {clear[0].as_at}, against "
        f"{than}: {words.join(named)}."
    )
    cell = (TABLE.id, f"Workload: {clear[0].name}", "change")
    return [
        Headline("scorecard.work", text, clear[0].value, "percent", method=_METHOD, stake="change", cell=cell)
    ]


def section(study: Study) -> Section:
    """Show posts, and people whose packages move."""
    if not study.measures["Workload"]:
        return Section.of(NO_WORKLOAD)
    work = study.workload
    return Section.of(
        headlines(study),
        Details(),
        posts_table(work) if len(work.posts) else None,
        transfers_figure(work) if len(work.transfers) else None,
    )
