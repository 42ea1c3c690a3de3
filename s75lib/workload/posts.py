"""Posts: who is funded and who is there, how long vacancies take to fill, and redeployed staff.

`establishment` are the funded posts, `in_post` those filled, `people` taken as full-time posts; all in WTE.
"""

from __future__ import annotations

__all__ = [
    "POOLS",
    "Recruitment",
    "own_hours",
    "posts_and_people",
    "recruitment",
    "redeployment",
    "team_posts",
]

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.present import (
    Column,
    Figure,
    Headline,
    Missing,
    Need,
    Section,
    Stake,
    Table,
    charts,
    table_of,
    words,
)
from s75lib.workload.activity import SMALL, draw_fan, estimate, fan_columns, ranges
from s75lib.workload.assumptions import POST_HOURS, Assumptions, tails

if TYPE_CHECKING:
    from s75lib.workload.study import Study

Array = npt.NDArray[np.float64]

POOLS = {"casework": "Casework", "amhp": "AMHPs", "management": "Managers, leads and administrators"}
"""Kinds of work that roles do, and their names for readers."""

_NOT_CASEWORK = ("manager", "lead", "admin", "head", "director")
_RECRUITMENT_DRAWS, _REDEPLOYMENT_DRAWS = 2000, 4000
_WEEKS = 365.25 / 7
_SHOWN_MONTHS = (3, 6, 9, 12)

WORKFORCE = Need(
    "workforce",
    ("as_at", "team", "role", "wte_establishment", "wte_in_post", "wte_locum"),
    "vacancies, locums, and the staff needed against the staff there",
)
NO_WORKFORCE = Missing("Posts and people in post are not held.", (WORKFORCE,))


@dataclass(frozen=True)
class Recruitment:
    """What recruiting to every vacancy from now on brings (whole-time equivalents).

    `standing` stay vacant even so, since each leaver's post is empty for the time to recruit: median and 95%
    interval. `months` have month (1 …), central and its intervals (in post at the month's end).
    """

    establishment: float
    in_post: float
    standing: float
    standing_lower: float
    standing_upper: float
    months: pd.DataFrame = field(repr=False)


def pool_of(role: str) -> str:
    """Say which of `POOLS` a role belongs to: what is neither AMHP nor management by its name is casework."""
    name = role.lower()
    if "amhp" in name or "approved mental health" in name:
        return "amhp"
    return "management" if any(word in name.split() for word in _NOT_CASEWORK) else "casework"


def posts_and_people(workforce: pd.DataFrame) -> pd.DataFrame:
    """Add posts and people by day and kind of work.

    Returns
    -------
    DataFrame
        as_at, pool, establishment, in_post, locum (WTE; NaN where not held), staffed (in post and locum),
        vacancy (establishment less in post), vacancy_percent, locum_percent (of those staffed). By day and
        pool.

    Examples
    --------
    >>> workforce = pd.DataFrame({"as_at": pd.Timestamp("2025-03-31"), "role": ["Social worker", "AMHP"],
    ...                           "wte_establishment": [8.0, 2.0], "wte_in_post": [6.0, 2.0],
    ...                           "wte_locum": [1.5, 0.0]})
    >>> posts_and_people(workforce)[["pool", "staffed", "vacancy_percent"]].values.tolist()
    [['amhp', 2.0, 0.0], ['casework', 7.5, 25.0]]
    """
    return _added(workforce.assign(pool=[pool_of(role) for role in workforce["role"]]), ["as_at", "pool"])


def team_posts(workforce: pd.DataFrame) -> pd.DataFrame:
    """Add the casework posts and people of each team on the latest day.

    Returns
    -------
    DataFrame
        team, and the columns of `posts_and_people`.

    Examples
    --------
    >>> row = {"as_at": "2025-03-31", "team": "Alder", "role": "Social worker", "wte_establishment": 8.0}
    >>> team_posts(pd.DataFrame([row | {"wte_in_post": 6.0, "wte_locum": 1.5}]))["staffed"].item()
    7.5
    """
    return _added(_caseworkers(workforce), ["team"])


def own_hours(workforce: pd.DataFrame) -> pd.DataFrame:
    """Take hours a week and weeks at work from the workforce's own columns, of casework on the latest day.

    Returns
    -------
    DataFrame
        Rows for `s75lib.workload.assumptions.in_force`: hours_per_week and weeks_available as far as the
        columns are filled, the central value weighted by people in post, low and high those of any row.

    Examples
    --------
    >>> workforce = pd.DataFrame({"as_at": pd.Timestamp("2025-03-31"), "role": "Social worker",
    ...                           "wte_in_post": [3.0, 1.0], "hours_per_wte_week": [37.0, 35.0],
    ...                           "unavailable_share": None})
    >>> own_hours(workforce)[["assumption", "low", "central", "high"]].values.tolist()
    [['hours_per_week', 35.0, 36.5, 37.0]]
    """
    rows = _caseworkers(workforce)
    made = []
    for name, unit, values in (
        ("hours_per_week", "hours a week", rows["hours_per_wte_week"]),
        ("weeks_available", "weeks a year", _WEEKS * (1 - rows["unavailable_share"])),
    ):
        known = values.notna() & (rows["wte_in_post"] > 0)
        if known.any():
            held = values[known].astype(float)
            central = np.average(held, weights=rows.loc[known, "wte_in_post"].astype(float))
            made.append((name, held.min(), np.clip(central, held.min(), held.max()), held.max(), unit))
    columns = ["assumption", "low", "central", "high", "unit"]
    return pd.DataFrame(made, columns=columns).assign(source="The workforce's own columns, latest day")


def recruits(posts: float, begins: int, months: int, assumptions: Assumptions, n: int) -> Array:
    """Draw n times the WTE at work in each month, (n, months), of people recruited to some posts.

    The posts are advertised at the start of month `begins`, the first being 1; the time to recruit is drawn
    once for all of them. Two posts advertised at once, four and a half months to recruit: half of the fifth
    month is worked.

    >>> own = pd.DataFrame([{"assumption": "time_to_recruit", "low": 4.5, "central": 4.5, "high": 4.5,
    ...                      "unit": "months", "source": "test"}])
    >>> recruits(2, 1, 6, in_force(own), 1).tolist()
    [[0.0, 0.0, 0.0, 0.0, 1.0, 2.0]]
    """
    starts = begins - 1 + assumptions["time_to_recruit"].stream(n)[:, None]
    return posts * np.clip(np.arange(1, months + 1) - starts, 0.0, 1.0)


def recruitment(
    establishment: float, in_post: float, assumptions: Assumptions, *, months: int = 12
) -> Recruitment:
    """Follow the staff in post if every vacancy is advertised now, and every leaver's post when they leave.

    People leave evenly, a share a year of those now in post. By Little's law the posts that stand empty are
    those that fall vacant in a month times the months that it takes to fill one. After k months the vacancies
    of now are filled if the time to recruit is over, and the leavers of the last so many months are not yet
    replaced. Every post is taken to find somebody in that time. Source: Little (1961) Operations Research 9,
    383-387.

    Examples
    --------
    >>> found = recruitment(10, 8, in_force())
    >>> round(found.standing, 1), round(float(found.months["central"].iloc[-1]), 1)
    (0.5, 9.5)
    """
    wait = assumptions["time_to_recruit"].stream(_RECRUITMENT_DRAWS)[:, None]
    share = assumptions["leavers_share"].stream(_RECRUITMENT_DRAWS)[:, None]
    monthly = in_post * share / 12
    ends = np.arange(1, months + 1)
    there = in_post + max(establishment - in_post, 0.0) * (wait <= ends) - monthly * np.minimum(ends, wait)
    empty = tails((monthly * wait)[:, 0])
    return Recruitment(
        establishment=establishment,
        in_post=in_post,
        standing=float(empty["central"]),
        standing_lower=float(empty["lower_95"]),
        standing_upper=float(empty["upper_95"]),
        months=pd.DataFrame({"month": ends, **tails(there)}),
    )


def redeployment(people: float, assumptions: Assumptions) -> pd.DataFrame:
    """Estimate the time that redeployed people bring if each works full time on the tasks.

    Returns
    -------
    DataFrame
        what (hours for tasks, yearly reviews, Care Act assessments), central (all assumptions central),
        lower_95, upper_95 (from the assumptions' ranges). Reviews and assessments are alternatives.

    Examples
    --------
    >>> redeployment(19, in_force())["central"].round().tolist()
    [20668.0, 3445.0, 1879.0]
    """
    week, weeks, without = (assumptions[name].stream(_REDEPLOYMENT_DRAWS) for name in POST_HOURS)
    drawn = people * week * weeks * (1 - without)
    hours, at_work, lost = map(assumptions.central, POST_HOURS)
    central = people * hours * at_work * (1 - lost)
    rows = [("Hours for social work", central, drawn)]
    for what, name in (("yearly reviews", "hours_per_review"), ("assessments", "hours_per_assessment")):
        each = assumptions[name]
        rows.append((f"or: {what}", central / each.central, drawn / each.stream(_REDEPLOYMENT_DRAWS)))
    return pd.DataFrame(
        [(what, middle, *np.quantile(draws, [0.025, 0.975])) for what, middle, draws in rows],
        columns=["what", "central", "lower_95", "upper_95"],
    )


def _caseworkers(workforce: pd.DataFrame) -> pd.DataFrame:
    is_latest = workforce["as_at"] == workforce["as_at"].max()
    rows: pd.DataFrame = workforce[is_latest & (workforce["role"].map(pool_of) == "casework")]
    return rows


def _added(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Add WTE by keys, with the vacancies and shares that follow."""
    columns = {"wte_establishment": "establishment", "wte_in_post": "in_post", "wte_locum": "locum"}
    made = rows.groupby(keys, sort=True)[list(columns)].sum(min_count=1).rename(columns=columns).reset_index()
    made["staffed"] = made["in_post"] + made["locum"].fillna(0)
    made["vacancy"] = made["establishment"] - made["in_post"]
    made["vacancy_percent"] = 100 * made["vacancy"] / made["establishment"].where(made["establishment"] > 0)
    made["locum_percent"] = 100 * made["locum"] / made["staffed"].where(made["staffed"] > 0)
    return made


def headlines(study: Study) -> list[Headline]:
    """Say how many posts are vacant and locums there, and what recruiting and redeployed staff bring."""
    if study.posts.empty and (len(study.data.activity) or len(study.data.package_transfers)):
        text = "No file gives posts or staff in post, so whether there are people for the work can't be said."
        unknown = Headline("workload.staff.unknown", text, figure="Not held", stake="certainty")
        return [unknown, *_redeployed(study)]
    return [
        *_vacant(study, "casework", "casework"),
        *_vacant(study, "amhp", "AMHP"),
        *_recruiting(study),
        *_redeployed(study),
    ]


def _vacant(study: Study, pool: str, name: str) -> list[Headline]:
    here = study.posts_now(pool)
    if here is None or math.isnan(here["vacancy_percent"]):
        return []
    text = (
        f"At {words.day(here['as_at'])}, {words.number(here['vacancy'], 1)} of "
        f"{words.number(here['establishment'], 1)} WTE of {name} posts were vacant "
        f"({words.percent(here['vacancy_percent'], 0)})"
    )
    if here["locum"] > 0:
        premium = study.assumptions["locum_premium"]
        low, central, high = (
            here["locum"] * (1 + share) for share in (premium.low, premium.central, premium.high)
        )
        text += (
            f". Locums were {words.number(here['locum'], 1)} WTE, {words.percent(here['locum_percent'], 0)} "
            f"of the staff, and cost as much as {words.number(central, 1)} WTE of employees "
            f"({words.interval(low, high)})"
        )
    share = float(here["vacancy_percent"])
    # Short AMHPs show in the rota.
    stake: Stake = "people" if share > 0 and pool == "casework" else "context"
    cell = ("posts", POOLS[pool], "vacancy_percent")
    said = Headline(
        f"workload.vacancy.{pool}",
        f"{text}.",
        share,
        "percent",
        stake=stake,
        cell=cell,
        against=100.0,
        line=f"all {name} posts",
    )
    return [said]


def _recruiting(study: Study) -> list[Headline]:
    found = study.recruitment
    if found is None or found.establishment <= found.in_post:
        return []
    last = found.months.iloc[-1]
    text = (
        f"With every casework vacancy advertised now, {words.number(last['central'], 1)} of "
        f"{words.number(found.establishment, 1)} WTE would be in post in "
        f"{words.count_noun(len(found.months), 'month')} (95% interval "
        f"{words.interval(last['lower_95'], last['upper_95'])}). As people leave, about "
        f"{words.number(found.standing, 1)} WTE stay vacant for the time that it takes to recruit."
    )
    method = "vacancies and leavers through the time to recruit; Little's law for those that stay vacant"
    cell = ("recruitment", f"In {words.count_noun(len(found.months), 'month')}", "in_post")
    return [Headline("workload.recruitment", text, unit="WTE", method=method, cell=cell, **estimate(last))]


def _redeployed(study: Study) -> list[Headline]:
    found = study.redeployment
    if found is None:
        return []
    hours, reviews, assessments = found.to_dict("records")
    people = words.number(study.facts["care_coordinators"])
    text = (
        f"The {people} social care staff who are care coordinators would bring about "
        f"{words.number(hours['central'])} hours a year to social work (95% interval "
        f"{words.interval(hours['lower_95'], hours['upper_95'], 0)}). That supposes that each works on it "
        f"full time. It is enough for some {words.number(reviews['central'])} yearly reviews or "
        f"{words.number(assessments['central'])} assessments. The same hours are lost to care coordination."
    )
    method = "people × hours a week × weeks × share with contact, drawn from their ranges"
    cell, unit = ("redeployed", "Hours for social work", "central"), "hours a year"
    return [Headline("workload.redeployed", text, unit=unit, method=method, cell=cell, **estimate(hours))]


POSTS = table_of(
    "posts",
    Column("name", "Staff"),
    Column("establishment", "Funded posts", "number", 1, "WTE"),
    Column("in_post", "In post", "number", 1, "WTE"),
    Column("vacancy", "Vacant", "number", 1, "WTE"),
    Column("vacancy_percent", "Vacancy rate", "percent", 0, "percent"),
    Column("locum", "Locums", "number", 1, "WTE"),
    Column("locum_percent", "Locums' share of staff", "percent", 0, "percent"),
    notes=(
        "Roles are sorted by their names: AMHPs; managers, leads and administrators; casework is the rest.",
    ),
)


def posts_table(study: Study) -> Table | Missing:
    """Set out posts, people in post, vacancies and locums."""
    if study.posts.empty:
        return NO_WORKFORCE
    day = study.posts["as_at"].max()
    frame = study.posts[study.posts["as_at"] == day]
    rows = frame.assign(name=frame["pool"].map(POOLS))
    return POSTS.of(rows, f"Posts and people, WTE, {study.place}, {words.day(day)}")


IN_POST = table_of("recruitment.data", Column("month", "Month", "number"), *fan_columns("In post", "WTE")[1:])


def _recruitment_figure(study: Study, found: Recruitment) -> Figure:
    """Draw the casework staff in post if every vacancy is advertised now."""
    rows = found.months
    sheet, axis = charts.drawing(3.0)
    draw_fan(axis, rows)
    axis.axhline(found.establishment, color=charts.PURPLE, linewidth=1.6)
    axis.axhline(found.in_post, color=charts.INK, linewidth=1.6, linestyle=(0, (2, 2)))
    left = float(rows["month"].iloc[0])
    charts.note(axis, "funded", (left, found.establishment), (0, 3), color=charts.PURPLE)
    charts.note(axis, "in post now", (left, found.in_post), (0, 3), color=charts.INK)
    axis.set_xticks(rows["month"])
    axis.set_xlabel("months from now", fontsize=SMALL)
    axis.set_ylabel("WTE (axis does not start at 0)", fontsize=SMALL)
    vacant = max(found.establishment - float(rows["central"].iloc[-1]), 0.0)
    title = (
        f"Even with every vacancy advertised now, about {words.number(vacant, 1)} WTE would be vacant in "
        f"{words.count_noun(len(rows), 'month')}"
    )
    alt = f"Line of casework staff in post by month with 80% and 95% bands, below the funded posts. {title}."
    subtitle = f"Casework WTE in post at month end if all vacancies are advertised now, {study.place}"
    data = IN_POST.of(rows, "Casework WTE in post, by month")
    source = f"{study.place}, workforce, assumptions"
    return Figure("recruitment", title, subtitle, alt, sheet, data, source)


RECRUITMENT = table_of(
    "recruitment",
    Column("when", "When"),
    Column("in_post", "Casework WTE in post", "number", 1, "WTE"),
    Column("interval", "95% interval"),
    Column("vacant", "Vacant", "number", 1, "WTE"),
)


def _recruitment_table(study: Study, found: Recruitment) -> Table:
    """Set out the casework staff in post if every vacancy is advertised now."""
    rows = found.months[found.months["month"].isin(_SHOWN_MONTHS)]
    frame = pd.DataFrame(
        {
            "when": ["Now", *(f"In {words.count_noun(month, 'month')}" for month in rows["month"])],
            "in_post": [found.in_post, *rows["central"]],
            "interval": ["", *ranges(rows)],
        }
    )
    frame["vacant"] = found.establishment - frame["in_post"]
    wait, share = study.assumptions["time_to_recruit"], study.assumptions["leavers_share"]
    how = (
        f"Every vacancy is advertised now and every leaver's post at once; somebody starts {wait.low:g} to "
        f"{wait.high:g} months later (likeliest {wait.central:g}), and {100 * share.low:g}% to "
        f"{100 * share.high:g}% of the staff leave in a year. So about {words.number(found.standing, 1)} WTE "
        f"({words.interval(found.standing_lower, found.standing_upper)}) stay vacant at any time, by "
        "Little's law. Every post is taken to find somebody."
    )
    return RECRUITMENT.of(frame, f"Filling the casework vacancies, {study.place}", notes=[how])


REDEPLOYED = table_of(
    "redeployed",
    Column("what", "In a year, full time on social work"),
    Column("central", "Central", "number"),
    Column("interval", "95% interval"),
    notes=(
        "Reviews and assessments are alternatives: the same hours are enough for the one or the other. The "
        "hours are lost to care coordination.",
    ),
)


def section(study: Study) -> Section:
    """Show who is there, what recruiting brings, and the time that redeployed staff bring."""
    found, moved = study.recruitment, study.redeployment
    parts: list[Any] = [headlines(study), posts_table(study)]
    if found:
        parts += [_recruitment_figure(study, found), _recruitment_table(study, found)]
    if moved is not None:
        people = words.count_noun(study.facts["care_coordinators"], "person", "people")
        rows = moved.assign(interval=ranges(moved, decimals=0))
        parts.append(REDEPLOYED.of(rows, f"{people} redeployed, {study.place}"))
    return Section.of(parts)
