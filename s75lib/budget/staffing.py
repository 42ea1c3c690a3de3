"""Staff: the staffing position and its phasing, vacant posts, and what locums cost beyond employees."""

from __future__ import annotations

__all__ = ["Phasing", "Posts", "phasing", "posts", "posts_by_employer", "staffing_position"]

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from s75lib.budget.naming import BUDGETS, bar_label, bars, largest, pounds, room_for_labels
from s75lib.budget.position import snapshots
from s75lib.loaders import financial_year_of
from s75lib.present import Column, Figure, Headline, Missing, Need, Section, Table, charts, table_of, words

if TYPE_CHECKING:
    from s75lib.budget.study import Study

_MONEY = [
    "budget",
    "adjusted_budget",
    "adjusted_budget_to_date",
    "actual_to_date",
    "forecast",
    "locum_to_date",
]


@dataclass(frozen=True)
class Phasing:
    """How much of the year a staffing budget to date stands for.

    - `months`: Whole months of the year that every row's budget to date is, to the pound; None where the rows
      are phased otherwise or not alike.
    """

    as_at: pd.Timestamp
    months: int | None

    @property
    def expected_months(self) -> int:
        """Months from April to the dated day."""
        return (self.as_at.month - 4) % 12 + 1

    @property
    def position_month(self) -> pd.Timestamp | None:
        """Last day of the month that the phasing stands for."""
        first = pd.Timestamp(self.as_at.year - (self.as_at.month < 4), 4, 1)
        return None if self.months is None else first + pd.DateOffset(months=self.months, days=-1)

    @property
    def agrees(self) -> bool:
        """Whether the budget to date is that of the dated month."""
        return self.months == self.expected_months


def staffing_position(staffing: pd.DataFrame) -> pd.DataFrame:
    """Set the staffing forecast against the adjusted budget, by organisation and group.

    A variance below zero is an underspend. A total with an unknown addend is unknown: locums are stated for
    all rows of a total, or not at all.

    Returns
    -------
    DataFrame
        The latest position: ``level`` (line, organisation or all), ``organisation``, ``group``, ``addends``,
        the contract's money columns, ``variance`` (forecast less adjusted budget, £), ``variance_percent``
        (NaN for no budget) and ``locum_percent`` (of the actual to date). Each organisation's total follows
        its lines, the grand total comes last; an empty frame gives no rows.

    Examples
    --------
    >>> whole = staffing_position(load("cambridgeshire").staffing).iloc[-1]
    >>> float(whole["variance"]), round(float(whole["variance_percent"]), 1)
    (-164257.0, -5.2)
    """
    here = staffing[staffing["as_at"] == staffing["as_at"].max()]
    blocks = []
    for organisation in here["organisation"].unique():
        rows = here[here["organisation"] == organisation]
        blocks += [rows.assign(level="line", addends=1), _total(rows, "organisation", organisation)]
    blocks.append(_total(here, "all", ""))
    columns = ["level", "organisation", "group", "addends", *_MONEY]
    whole: pd.DataFrame = pd.concat([block[columns] for block in blocks], ignore_index=True)
    whole = whole.iloc[: len(whole) * (len(here) > 0)]
    variance = whole["forecast"] - whole["adjusted_budget"]
    spent = whole["actual_to_date"].where(whole["actual_to_date"] > 0)
    return whole.assign(
        variance=variance,
        variance_percent=100 * variance / whole["adjusted_budget"].where(whole["adjusted_budget"] != 0),
        locum_percent=100 * whole["locum_to_date"] / spent,
    )


def phasing(staffing: pd.DataFrame) -> tuple[Phasing, ...]:
    """Find the month that each position's budget to date stands for.

    One for each day, earliest first. Even phasing is looked for: every row with a budget must hold the same
    number of twelfths, to the pound that rounding can hide. Another profile gives ``months`` None, which is
    no fault.

    Examples
    --------
    Two thirds of the year are eight months: November, whatever the report says.

    >>> rows = pd.DataFrame({"as_at": pd.to_datetime(["2019-12-31"]), "adjusted_budget": [300_000.0],
    ...                      "adjusted_budget_to_date": [200_000.0]})
    >>> found = phasing(rows)[0]
    >>> found.months, found.expected_months, f"{found.position_month:%B}"
    (8, 9, 'November')
    """
    money = staffing[["adjusted_budget", "adjusted_budget_to_date"]].to_numpy(dtype=float)
    days, place = np.unique(staffing["as_at"].to_numpy(), return_inverse=True)
    return tuple(_phasing(pd.Timestamp(day), *money[place == number].T) for number, day in enumerate(days))


def _phasing(day: pd.Timestamp, year: npt.NDArray[np.float64], to_date: npt.NDArray[np.float64]) -> Phasing:
    budgeted = (year > 0) & ~np.isnan(to_date)
    year, to_date = year[budgeted], to_date[budgeted]
    months = round(12 * float(to_date.sum() / year.sum())) if len(year) else 0
    even = 1 <= months <= 12 and bool((np.abs(to_date - year * months / 12) <= 1.0).all())
    return Phasing(day, months if even else None)


def _total(rows: pd.DataFrame, level: str, organisation: str) -> pd.DataFrame:
    sums = rows[_MONEY].sum(skipna=False).to_dict()
    return pd.DataFrame(
        [{"level": level, "organisation": organisation, "group": "", "addends": len(rows), **sums}]
    )


@dataclass(frozen=True, eq=False)
class Posts:
    """Posts and people (whole-time equivalents) at the latest day, and what each kind of staff cost.

    - `roles`: ``role``, ``wte_establishment``, ``wte_in_post``, ``wte_locum``, ``wte_vacant`` (establishment
      less in post), the largest establishment first.
    - `post_year`: Adjusted budget (£ a year) of one post of the establishment.
    - `position`, `months`: Day of the staffing position, and the months that its spending stands for.
    - `employee_year`, `locum_year`: Spending (£) for a whole-time equivalent and year.
    - `premium`: What the locums cost to date beyond as many employees, £. All NaN where not known.
    """

    as_at: pd.Timestamp
    roles: pd.DataFrame = field(repr=False)
    post_year: float
    position: pd.Timestamp | None
    months: int
    employee_year: float
    locum_year: float
    premium: float

    @property
    def establishment(self) -> float:
        """Posts in all."""
        return float(self.roles["wte_establishment"].sum())

    @property
    def vacant(self) -> float:
        """Vacant posts in all."""
        return float(self.roles["wte_vacant"].sum())

    @property
    def vacancy_year(self) -> float:
        """Adjusted budget of the vacant posts, £ a year."""
        return self.vacant * self.post_year


def posts(workforce: pd.DataFrame, staffing: pd.DataFrame) -> Posts | None:
    """Measure vacancies in posts and in money, and the premium paid for locums.

    None without a row of `workforce`. A vacancy is the establishment less the people in post, priced at the
    adjusted budget over the establishment. Spending to date is set against the mean whole-time equivalents of
    the positions held since the start of its year: locum spending over locums, all other spending over people
    in post. Both datasets are taken to cover the same staff. Nothing is said of money where the budget to
    date is not phased to its day; nor of locums where locum spending or locum posts are not stated
    throughout.

    Examples
    --------
    One of five posts is vacant; in half a year four employees cost £80,000 and half a locum £15,000:

    >>> workforce = pd.DataFrame({"as_at": pd.to_datetime(["2025-09-30"]), "role": ["Social worker"],
    ...     "wte_establishment": [5.0], "wte_in_post": [4.0], "wte_locum": [0.5]})
    >>> staffing = pd.DataFrame({"as_at": pd.to_datetime(["2025-09-30"]), "adjusted_budget": [200_000.0],
    ...     "adjusted_budget_to_date": [100_000.0], "actual_to_date": [95_000.0],
    ...     "locum_to_date": [15_000.0]})
    >>> found = posts(workforce, staffing)
    >>> found.vacant, found.vacancy_year, found.employee_year, found.locum_year, found.premium
    (1.0, 40000.0, 40000.0, 60000.0, 5000.0)
    """
    if workforce.empty:
        return None
    day = workforce["as_at"].max()
    roles = _roles(workforce[workforce["as_at"] == day])
    establishment = float(roles["wte_establishment"].sum())
    phased = [found for found in phasing(staffing) if found.agrees]
    here = staffing[staffing["as_at"] == phased[-1].as_at] if phased else staffing.iloc[:0]
    budget = float(here["adjusted_budget"].sum()) if phased else np.nan
    months = phased[-1].expected_months if phased else 0
    post_year = budget / establishment if establishment else np.nan
    position = phased[-1].as_at if phased else None
    return Posts(day, roles, post_year, position, months, *_costs(workforce, here, months))


def _roles(rows: pd.DataFrame, by: str = "role") -> pd.DataFrame:
    names = ["wte_establishment", "wte_in_post", "wte_locum"]
    sums = rows.groupby(by)[names].sum(skipna=False).reset_index()
    sums["wte_vacant"] = sums["wte_establishment"] - sums["wte_in_post"]
    return sums.sort_values("wte_establishment", ascending=False, kind="stable", ignore_index=True)


def _costs(workforce: pd.DataFrame, here: pd.DataFrame, months: int) -> tuple[float, float, float]:
    """Cost a year of an employee and of a locum, and the premium to date."""
    unknown = (np.nan, np.nan, np.nan)
    if here.empty or not months:
        return unknown
    day = here["as_at"].iloc[0]
    since = pd.Timestamp(financial_year_of(day.date()).start)
    inside = workforce[(workforce["as_at"] >= since) & (workforce["as_at"] <= day)]
    sums = inside.groupby("as_at")[["wte_in_post", "wte_locum"]].sum(skipna=False)
    if sums.empty:
        return unknown
    in_post, locums = (float(sums[name].mean(skipna=False)) for name in ("wte_in_post", "wte_locum"))
    paid = float(here["locum_to_date"].sum(skipna=False))
    spent = float(here["actual_to_date"].sum(skipna=False)) - paid
    years = months / 12
    if not in_post > 0 or not locums > 0:
        return unknown
    employee, locum = spent / in_post / years, paid / locums / years
    return employee, locum, paid - employee * locums * years


def posts_by_employer(workforce: pd.DataFrame, staffing: pd.DataFrame) -> pd.DataFrame:
    """Set out whose the staff are on the latest day: posts, people and money by employer.

    Returns
    -------
    DataFrame
        ``employer`` (empty where a post has none recorded), ``wte_establishment``, ``wte_in_post``,
        ``wte_vacant``, ``wte_locum`` (whole-time equivalents), ``percent`` (of all posts),
        ``adjusted_budget`` and ``forecast`` (£ for the year; NaN where the staffing position has no
        organisation of that name). The most posts first; no rows where no employer is recorded.

    Examples
    --------
    >>> workforce = pd.DataFrame({"as_at": "2025-09-30", "employer": ["Council", "Trust"],
    ...     "wte_establishment": [6.0, 2.0], "wte_in_post": [5.0, 2.0], "wte_locum": [0.5, 0.0]})
    >>> staffing = pd.DataFrame({"as_at": "2025-09-30", "organisation": ["Council"],
    ...     "adjusted_budget": [300_000.0], "forecast": [280_000.0]})
    >>> posts_by_employer(workforce, staffing)[["employer", "percent", "forecast"]].values.tolist()
    [['Council', 75.0, 280000.0], ['Trust', 25.0, nan]]
    """
    here = workforce[workforce["as_at"] == workforce["as_at"].max()]
    here = here[(here["employer"] != "").any() & here["as_at"].notna()]
    sums = _roles(here, "employer")
    money = staffing[staffing["as_at"] == staffing["as_at"].max()]
    money = money.assign(employer=money["organisation"].str.casefold())
    paid = money.groupby("employer")[["adjusted_budget", "forecast"]].sum(min_count=1)
    paid = paid.reindex(sums["employer"].str.casefold()).reset_index(drop=True)
    whole = sums["wte_establishment"].sum()
    return sums.assign(percent=100 * sums["wte_establishment"] / (whole if whole else np.nan)).join(paid)


_METHOD = "forecast less adjusted budget, summed over the groups"
_TOLD_AS_NONE = 0.5
"""Percent of posts vacant, up to which none are told of: it rounds to none."""
_ALL_STAFF, _ALL_ROLES = "Grand total", "All roles"
_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def headlines(study: Study) -> Iterator[Headline]:
    """Say how the staffing forecast stands, which month it is of, and what vacancies and locums cost."""
    yield from _forecast(study)
    yield from _misdated(study)
    yield from _vacant(study)
    yield from _locum(study)
    yield from _employers(study)


def vacant_share(study: Study) -> float | None:
    """Give the posts that are vacant, percent; None where no file tells.

    0 where they would be told as none, as where more people are in post than there are posts.
    """
    found = study.posts
    if not found or not found.establishment > 0:
        return None
    share = 100 * found.vacant / found.establishment
    return 0.0 if share <= _TOLD_AS_NONE else share


def _forecast(study: Study) -> Iterator[Headline]:
    rows = study.staffing_position
    if rows.empty or pd.isna(rows["variance"].iloc[-1]):
        return
    whole = rows.iloc[-1]
    variance, percent = float(whole["variance"]), whole["variance_percent"]
    word = "overspend" if variance > 0 else "underspend" if variance < 0 else "come out on budget"
    share = "" if pd.isna(percent) else f" ({words.percent(abs(percent))} of the {BUDGETS['staff']})"
    vacant, beside = vacant_share(study), ""
    if variance < 0 and vacant != 0:  # money that nobody was there to earn is no success
        beside = ", and no file says how many posts are vacant"
        if vacant is not None:
            beside = f", while {words.percent(vacant, 0)} of all posts are vacant"
    lines = rows[(rows["level"] == "line") & rows["variance"].notna() & (rows["variance"] != 0)]
    most = ""
    if len(lines) > 1:
        top = largest(lines, lines["variance"].abs())
        most = (
            f" The largest variance is {top['organisation']} {top['group']}, {pounds(top['variance'])} "
            f"{'over' if top['variance'] > 0 else 'under'}."
        )
    yield Headline(
        "budget.staffing",
        f"At {words.day(study.data.staffing['as_at'].max())}, staffing is forecast to {word}"
        f"{f' by {pounds(variance)}{share}' if variance else ''}{beside}.{most}",
        variance,
        "£",
        method=_METHOD,
        see=("staffing",),
        stake="money",
        cell=("staffing", _ALL_STAFF, "forecast_variance"),
    )


def _misdated(study: Study) -> Iterator[Headline]:
    """Name the positions whose budget to date is another month's, than dated or than the care budget's."""
    positions, monitor = phasing(study.data.staffing), snapshots(study.data.budget)
    found = [
        (
            f"budget.phasing.{item.as_at:%Y-%m-%d}",
            f"The staffing position dated {words.day(item.as_at)} holds a budget to date of "
            f"{_twelfths(item.months)} of the year, which is {item.position_month:%B}. Either the date or "
            "the phasing is wrong, so the spending to date can't be compared with it.",
            item.months,
        )
        for item in positions
        if item.months is not None and not item.agrees
    ]
    last = positions[-1] if positions else None
    if monitor and last is not None and last.months is not None and last.position_month and last.agrees:
        month, spoken = last.position_month, monitor[-1].as_at
        if (spoken.year, spoken.month) != (month.year, month.month):
            text = (
                f"The staffing position is that of {month:%B %Y}, while the care budget is reported to "
                f"{spoken:%B %Y}. The staffing budget to date is {_twelfths(last.months)} of the year."
            )
            found.append(("budget.phasing", text, last.months))
    for name, text, months in found:
        yield Headline(
            name,
            text,
            float(months),
            "months",
            method="budget to date over adjusted budget",
            see=("staffing",),
            cell=("staffing", "", "adjusted_budget_to_date"),
            stake="certainty",
        )


def _twelfths(months: int) -> str:
    return f"{_NUMBERS[months - 1]} twelfth{'' if months == 1 else 's'}"


def _vacant(study: Study) -> Iterator[Headline]:
    found = study.posts
    if found is None or not found.establishment > 0:
        return
    share = words.percent(100 * abs(found.vacant) / found.establishment, 0)
    posts_, here = words.number(found.establishment, 1), words.number(abs(found.vacant), 1)
    said = f"{here} of {posts_} posts are vacant ({share})"
    if found.vacant < 0:
        said = f"people fill {here} posts more than the {posts_} there are ({share})"
    money = (
        "" if isnan(found.vacancy_year) else f", {pounds(abs(found.vacancy_year))} a year at the mean budget"
    )
    yield Headline(
        "budget.staffing.vacancy",
        f"At {words.day(found.as_at)}, {said}{money}.",
        found.vacant,
        "WTE",
        against=found.establishment,
        method="establishment less in post",
        see=("posts",),
        stake="people" if found.vacant > 0 else "context",
        cell=("posts", _ALL_ROLES, "wte_vacant"),
    )


def _locum(study: Study) -> Iterator[Headline]:
    """Say what was spent on locums, and what they cost beyond employees where it is known."""
    rows, found = study.staffing_position, study.posts
    whole = rows.iloc[-1] if len(rows) else None
    if whole is None or pd.isna(whole["locum_to_date"]) or not whole["actual_to_date"] > 0:
        return
    text = (
        f"Locum and agency staff cost {pounds(whole['locum_to_date'])} of the "
        f"{pounds(whole['actual_to_date'])} spent on staff to date ({words.percent(whole['locum_percent'])})"
    )
    known = found is not None and not isnan(found.premium)
    if found is None or not known:
        text += ". What they cost beyond employees can't be told from spending alone."
    else:
        text += (
            f". That is {pounds(found.premium)} {'more' if found.premium >= 0 else 'less'} than as many "
            f"employees would have cost: {pounds(found.locum_year)} against {pounds(found.employee_year)} "
            "for a full-time post and year."
        )
        if found.premium < 0:
            text += (
                " Locums cheaper than employees suggest that the money and the posts cover different staff."
            )
    yield Headline(
        "budget.staffing.locum",
        text,
        float(whole["locum_percent"]),
        "percent",
        method="locum spending over actual to date; premium over the mean cost of people in post",
        see=("locums",) if known else ("staffing",),
        cell=("staffing", "", "actual_to_date"),
    )


def _employers(study: Study) -> Iterator[Headline]:
    rows = study.posts_by_employer
    if len(rows) < 2 or not rows["employer"].iloc[0]:
        return
    top, every = rows.iloc[0], words.number(rows["wte_establishment"].sum(), 1)
    cost = "" if isnan(top["forecast"]) else f", forecast to cost {pounds(top['forecast'])}"
    yield Headline(
        "budget.staffing.employer",
        f"{top['employer']} employs {words.number(top['wte_establishment'], 1)} of "
        f"{every} posts ({words.percent(top['percent'], 0)}){cost}.",
        float(top["percent"]),
        "percent",
        method="posts of the establishment by employer; forecast of the organisation of that name",
        see=("employers",),
        cell=("employers", str(top["employer"]), "percent"),
    )


NO_STAFFING = Missing.of(
    "No staffing position is held.",
    "staffing",
    ("as_at", "organisation", "group", *_MONEY[:-1]),
    "variance by organisation and staff group, and the phasing",
)
_NO_POSTS = Missing.of(
    "Vacancies can't be told from money alone: an underspend may be empty posts, cheaper staff or late "
    "bills.",
    "workforce",
    ("as_at", "team", "role", "wte_establishment", "wte_in_post"),
    "vacancies: the establishment less the people in post, in posts and priced at the budget",
)
_NO_PREMIUM = Missing(
    "What a locum costs beyond an employee can't be told. That takes the money spent on locums, the posts "
    "filled over the same months, and a budget to date phased to its day.",
    (
        Need("staffing", ("locum_to_date", "actual_to_date"), "the money spent on locums and on employees"),
        Need("workforce", ("wte_locum", "wte_in_post"), "the locums and employees whom it paid for"),
    ),
)
_VARIANCES = table_of(
    "staffing.data",
    Column("name", "Organisation and group"),
    Column("adjusted_budget", "Adjusted budget", "money", unit="£"),
    Column("forecast", "Forecast", "money", unit="£"),
    Column("variance", "Variance", "change", unit="£"),
)
_STAFFING = table_of(
    "staffing",
    Column("name", "Organisation and group"),
    Column("budget", "Budget", "money", unit="£"),
    Column("adjusted_budget", "Adjusted budget", "money", unit="£"),
    Column("adjusted_budget_to_date", "Adjusted budget to date", "money", unit="£"),
    Column("actual_to_date", "Actual to date", "money", unit="£"),
    Column("forecast", "Forecast", "money", unit="£"),
    Column("forecast_variance", "Variance", "change", unit="£"),
    Column("variance_percent", "Variance, %", "points", 1, unit="percent"),
    Column("locum_to_date", "Of it locum", "money", unit="£"),
    notes=("Variance: forecast less adjusted budget; below zero is an underspend.",),
)
_POSTS = table_of(
    "posts",
    Column("role", "Role"),
    Column("wte_establishment", "Posts, WTE", "number", 1, unit="WTE"),
    Column("wte_in_post", "In post", "number", 1, unit="WTE"),
    Column("wte_vacant", "Vacant", "number", 1, unit="WTE"),
    Column("percent", "Vacant, %", "percent", 0, unit="percent"),
    Column("wte_locum", "Locums", "number", 1, unit="WTE"),
    Column("money", "Vacancies, £ a year", "money", unit="£"),
    notes=("WTE: whole-time equivalent. Vacant: the establishment less the people in post.",),
    totals=1,
)
_EMPLOYERS = table_of(
    "employers",
    Column("employer", "Employer"),
    *_POSTS.columns[1:4],
    Column("wte_locum", "Locums", "number", 1, unit="WTE"),
    Column("percent", "Of all posts", "percent", 0, unit="percent"),
    Column("adjusted_budget", "Adjusted budget", "money", unit="£"),
    Column("forecast", "Forecast", "money", unit="£"),
    notes=(
        "Posts by the employer recorded, seconded or not. Money: of the organisation of the same name in the "
        "staffing position, at its own day.",
    ),
    totals=1,
)
_LOCUMS = table_of(
    "locums",
    Column("name", "For a whole-time equivalent"),
    Column("value", "£", "money", unit="£"),
    notes=(
        "Spending to date over the mean of the posts filled since April. The staffing position and the posts "
        "are taken to cover the same staff; the mix of roles differs between locums and employees.",
    ),
    totals=1,
)


def figure_variances(study: Study) -> Figure | Missing:
    """Draw the staffing variance of every organisation and group."""
    place, rows = study.place, study.staffing_position
    if rows.empty:
        return NO_STAFFING
    lines = rows[(rows["level"] == "line") & rows["variance"].notna()]
    if lines.empty:
        return Missing("The staffing position holds no forecast.")
    one = lines["organisation"] == lines["group"]
    lines = lines.assign(name=lines["organisation"].where(one, lines["organisation"] + " " + lines["group"]))
    total = float(lines["variance"].sum())
    sheet, axis = charts.drawing(0.8 + 0.34 * len(lines))
    under = charts.GOOD if vacant_share(study) == 0 else charts.GREY
    bars(axis, list(lines["name"]), lines["variance"].to_numpy(), 1000.0, under=under)
    room_for_labels(axis, lines["variance"].to_numpy())
    day = words.day(study.data.staffing["as_at"].max())
    side = (
        f"{pounds(total)} {'over' if total > 0 else 'under'} the {BUDGETS['staff']}" if total else "on budget"
    )
    title = f"Staffing is forecast {side}"
    amounts = zip(lines["name"], lines["variance"], strict=True)
    parts = [f"{name} {bar_label()(value, True)}" for name, value in amounts]
    return Figure(
        "staffing",
        title,
        f"Forecast less {BUDGETS['staff']}, {place}, {day}; right of zero is an overspend",
        f"{title}: {words.join(parts)}.",
        sheet,
        _VARIANCES.of(lines, f"Staffing forecast against adjusted budget, {day}"),
        f"{place}, staffing position",
    )


def _table(study: Study) -> Table | Missing:
    frame = study.data.staffing
    if frame.empty:
        return NO_STAFFING
    totals = study.published_totals
    totals = totals[totals["in_table"] & (totals["dataset"] == "staffing") & (totals["group"] == "")]
    records, strong = [], []
    for row in study.staffing_position.rename(columns={"variance": "forecast_variance"}).to_dict("records"):
        if row["level"] == "line":
            records.append({"name": f"{row['organisation']} {row['group']}", **row})
            continue
        strong.append(len(records))
        name = _ALL_STAFF if row["level"] == "all" else f"{row['organisation']} total"
        records.append({"name": name, **row})
        same = totals[totals["organisation"] == row["organisation"]]
        printed = dict(zip(same["column"], same["published"].astype(float), strict=True))
        if printed:
            records.append({"name": "as printed", **printed})
            gaps = {column: row[column] - value for column, value in printed.items() if column in row}
            if any(gaps.values()):
                records.append({"name": "recomputed less printed", **gaps})
    columns = _STAFFING.columns if frame["locum_to_date"].notna().any() else _STAFFING.columns[:-1]
    shown = pd.DataFrame(records, columns=[c.name for c in columns])
    title = f"Staffing position at {words.day(frame['as_at'].max())}, £"
    return replace(_STAFFING, columns=columns).of(shown, title, strong=strong)


def _posts_table(study: Study) -> Table | Missing:
    """Set out posts, people in post, vacancies and locums by role, and the vacancies in money."""
    found = study.posts
    if found is None:
        return _NO_POSTS
    names = ["wte_establishment", "wte_in_post", "wte_vacant", "wte_locum"]
    total = {"role": _ALL_ROLES} | {name: found.roles[name].sum(skipna=False) for name in names}
    frame = pd.concat([found.roles, pd.DataFrame([total])], ignore_index=True)
    posts = frame["wte_establishment"].where(frame["wte_establishment"] > 0)
    frame = frame.assign(
        percent=100 * frame["wte_vacant"] / posts, money=frame["wte_vacant"] * found.post_year
    )
    priced = not isnan(found.post_year)
    note = (
        "Every vacancy is priced at the mean: the adjusted budget over the establishment, "
        f"£{words.number(found.post_year)} a post and year, whatever the role."
    )
    table = replace(_POSTS, columns=_POSTS.columns if priced else _POSTS.columns[:-1])
    title = f"Posts and people at {words.day(found.as_at)}"
    return table.of(frame, title, notes=[note if priced else ""])


def _employers_table(study: Study) -> Table | None:
    """Set out posts, people and money by employer; nothing where no employer is recorded."""
    rows = study.posts_by_employer
    if rows.empty:
        return None
    sums = rows.drop(columns="employer").sum(skipna=False).to_dict()
    frame = pd.concat([rows, pd.DataFrame([{"employer": "All employers", **sums}])], ignore_index=True)
    frame["employer"] = frame["employer"].replace("", "Not recorded")
    day = words.day(study.data.workforce["as_at"].max())
    return _EMPLOYERS.of(frame, f"Posts by employer at {day}, and what they cost, £")


def _locums_table(study: Study) -> Table | Missing:
    found = study.posts
    if found is None or found.position is None or isnan(found.premium):
        return _NO_PREMIUM
    rows = [
        ("Spending on employees for each one in post, a year", found.employee_year),
        ("Spending on locums for each locum, a year", found.locum_year),
        ("Premium for each locum, a year", found.locum_year - found.employee_year),
        (f"Premium in the {found.months} months to {words.day(found.position)}", found.premium),
    ]
    frame = pd.DataFrame(rows, columns=["name", "value"])
    return _LOCUMS.of(frame, "What locums cost beyond employees, £")


def section(study: Study) -> Section:
    """Show the staffing position, vacant posts, and what locums cost."""
    return Section.of(
        headlines(study),
        figure_variances(study),
        _table(study),
        _posts_table(study),
        _employers_table(study),
        _locums_table(study),
    )
