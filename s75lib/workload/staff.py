"""Staff: from the expected work to the people that it takes, and against those who are funded and there.

`needed` is what `staff_needed` gives, `posts` what `s75lib.workload.posts.team_posts` does; `levels` are WTE
by name of level, (), (months,) or (draws, months), NaN where not known. `demand` are a scenario's factors on
measures by month, `extra_hours` further casework in each month, such as reviews after a transfer.
"""

from __future__ import annotations

__all__ = ["LEVELS", "StaffNeed", "TeamNeed", "against", "need_by_team", "staff_needed"]

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    Need,
    Section,
    Table,
    charts,
    table_of,
    words,
)
from s75lib.workload.activity import (
    ACTIVITY,
    SMALL,
    draw_fan,
    estimate,
    fan_columns,
    mark_months,
    measure_name,
    month_name,
    ranges,
)
from s75lib.workload.assumptions import (
    TASKS,
    Assumptions,
    hours_a_month,
    hours_each,
    matters_most,
    median_error,
    share_error,
    tails,
    tornado_figure,
)
from s75lib.workload.demand import Outlook
from s75lib.workload.posts import POOLS

if TYPE_CHECKING:
    from s75lib.workload.study import Study

Array = npt.NDArray[np.float64]

LEVELS = ("establishment", "staffed")
"""What need is set against: the funded posts, and those in post with locums."""

_LEVEL_NAMES = {
    "establishment": ("Funded posts", "the funded posts"),
    "staffed": ("In post, with locums", "those in post with locums"),
}
_LATE_MONTHS = 2
# Ends of intervals are written as whole WTE from this size on.
_WHOLE_FROM = 20
_LIKELY, _ERROR_SHARE = 0.5, 0.01
_MOST_NAMED = 3

_HOURS = Need(
    "assumptions",
    ("assumption", "low", "central", "high", "unit", "source"),
    "local hours for each assessment, review, enquiry and case in place of the defaults",
)
NO_STAFFING = Missing(
    "The staff that the work takes can't be worked out: no series of work that takes hours is held.",
    (ACTIVITY, _HOURS),
)
NO_TEAM_NEED = Missing.of(
    "The staff that each team's work takes can't be worked out: no work that takes hours is held by team.",
    "activity",
    ("month", "measure", "count", "team"),
    "each team's expected work as staff",
)


@dataclass(frozen=True)
class Work:
    """The measures that take hours, from the first month to come for all; `late` counts months before it."""

    start: pd.Timestamp
    horizon: int
    late: dict[str, int]
    left_out: tuple[str, ...]

    def cut(self, measure: str, paths: Array) -> Array:
        """Take the common months out of a measure's paths."""
        first = self.late[measure]
        return paths[:, first : first + self.horizon]

    @property
    def months(self) -> pd.DatetimeIndex:
        """The months forecast."""
        return pd.date_range(self.start, periods=self.horizon, freq="MS")


@dataclass(frozen=True)
class StaffNeed:
    """Whole-time equivalents that the expected work takes.

    - `months`, `years`: pool (casework, amhp), month, and WTE as central and its intervals; for the years the
      mean of the months, with error (standard error of the central figure).
    - `parts`: pool, measure, count (mean a month), hours_each, hours (a month), wte: means over the draws.
    - `draws` (draws, months): WTE by pool.
    - `left_out`: Measures whose series end too early to be added to the others.
    """

    months: pd.DataFrame
    years: pd.DataFrame
    parts: pd.DataFrame
    draws: dict[str, Array] = field(repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no measure that takes hours is known."""
        return not self.draws

    def year(self, pool: str) -> dict[str, float]:
        """Give a pool's figures on the mean of the months: the columns of `years`."""
        row = self.years[self.years["pool"] == pool].iloc[0]
        return {str(name): float(value) for name, value in row.drop("pool").items()}


def staff_needed(
    outlook: Outlook,
    assumptions: Assumptions,
    *,
    open_cases: float = float("nan"),
    demand: Mapping[str, Array] | None = None,
    extra_hours: Array | None = None,
) -> StaffNeed:
    """Turn the sample paths of demand into the staff that they take.

    Each draw takes one path of every measure and one value of every assumption (PERT), and divides the hours
    by those that a full-time post has for them: hours a week × weeks a year × (1 − share without contact) /
    12. Every assumption has its own stream of random numbers from a fixed seed, so that scenarios differ by
    what they change and not by luck.

    Examples
    --------
    A post has about 90 hours a month; a hundred reviews of some six hours take nearly seven posts:

    >>> needed = staff_needed(expected_demand(monthly(hundred_reviews)), in_force())
    >>> round(needed.year("casework")["central"])
    7
    """
    work = work_ahead(outlook)
    if work is None:
        return StaffNeed(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), {})
    paths = {measure: work.cut(measure, outlook.paths[measure]) for measure in work.late}
    n = len(next(iter(paths.values())))
    if "open_cases" not in paths and open_cases > 0:
        paths["open_cases"] = np.full((n, work.horizon), open_cases)
    counts = {
        m: came * demand[m][: work.horizon] if demand and m in demand else came for m, came in paths.items()
    }
    available = hours_a_month(assumptions, n)[:, None]
    hours: dict[str, Array] = {}
    parts = []
    for measure, came in counts.items():
        pool, each = TASKS[measure][1], hours_each(measure, assumptions, n)
        taken = came * each
        hours[pool] = hours.get(pool, 0.0) + taken
        parts.append((pool, measure, came.mean(), each.mean(), taken.mean(), (taken / available).mean()))
    if extra_hours is not None and "casework" in hours:
        hours["casework"] = hours["casework"] + extra_hours[: work.horizon]
    draws = {pool: np.asarray(total / available) for pool, total in hours.items()}
    months = [pd.DataFrame({"pool": pool, "month": work.months, **tails(wte)}) for pool, wte in draws.items()]
    return StaffNeed(
        months=pd.concat(months, ignore_index=True),
        years=mean_of_months(draws, "pool"),
        parts=pd.DataFrame(parts, columns=["pool", "measure", "count", "hours_each", "hours", "wte"]),
        draws=draws,
        left_out=work.left_out,
    )


def work_ahead(outlook: Outlook) -> Work | None:
    """Find the months that the measures which take hours have in common; None where none does."""
    measures = [measure for measure in outlook.paths if measure in TASKS]
    if not measures:
        return None
    known = dict(zip(outlook.years["measure"], outlook.years["last_month"], strict=True))
    lasts = {measure: known[measure] for measure in measures}
    latest = max(lasts.values())
    lag = {m: 12 * (latest.year - last.year) + latest.month - last.month for m, last in lasts.items()}
    late = {measure: months for measure, months in lag.items() if months <= _LATE_MONTHS}
    return Work(
        start=latest + pd.DateOffset(months=1),
        horizon=outlook.horizon - max(late.values()),
        late=late,
        left_out=tuple(sorted(set(lag) - set(late))),
    )


def mean_of_months(draws: Mapping[str, Array], label: str) -> pd.DataFrame:
    """Sum up draws of staff, (draws, months), as the mean of their months, and its error."""
    year = np.stack([wte.mean(axis=1) for wte in draws.values()], axis=1)
    return pd.DataFrame({label: list(draws), **tails(year), "error": median_error(year)})


def against(wte: Array, levels: Mapping[str, npt.ArrayLike], months: pd.DatetimeIndex) -> dict[str, Any]:
    """Set draws of the staff needed against each of `LEVELS`.

    Returns
    -------
    dict
        For each level its mean under its name, and with ``_to_<level>`` behind their names gap (need less
        staff on the mean of the months, median), gap_lower, gap_upper (95%), p_gap (probability that the
        mean of the months falls short), p_error (its standard error from the finite number of draws),
        first_gap (first month in which the central need exceeds the staff; NaT for none). NaN and NaT where
        the level is not known.

    Examples
    --------
    Twelve posts' work for the ten that are funded and the eight that are filled:

    >>> months = pd.date_range("2025-04-01", periods=2, freq="MS")
    >>> row = against(np.full((3, 2), 12.0), {"establishment": 10.0, "staffed": 8.0}, months)
    >>> row["establishment"], row["gap_to_establishment"], row["staffed"], row["gap_to_staffed"]
    (10.0, 2.0, 8.0, 4.0)
    """
    row: dict[str, Any] = {}
    for name in LEVELS:
        there = np.asarray(levels[name], dtype=float)
        found = _gap(wte - there, months)
        if np.isnan(there).any():
            found = dict.fromkeys(found, np.nan) | {"first_gap": pd.NaT}
        row[name] = float(there.mean())
        row |= {f"{key}_to_{name}": value for key, value in found.items()}
    return row


def _gap(short: Array, months: pd.DatetimeIndex) -> dict[str, Any]:
    year = short.mean(axis=1)
    ends = tails(year)
    share = float((year > 0).mean())
    over = np.median(short, axis=0) > 0
    return {
        "gap": float(ends["central"]),
        "gap_lower": float(ends["lower_95"]),
        "gap_upper": float(ends["upper_95"]),
        "p_gap": share,
        "p_error": share_error(share, len(year)),
        "first_gap": months[int(over.argmax())] if over.any() else pd.NaT,
    }


@dataclass(frozen=True)
class TeamNeed:
    """Casework WTE by team, by name.

    - `table`: team, central, its intervals and error (WTE on the mean of the months), and the columns of
      `against`, NaN where the workforce has no such team.
    - `draws` (draws, months): WTE by team; with shared open cases they add up to the whole of the measures
      held by team.
    - `not_by_team`: Casework measures that no team's series is held of: their work is in the whole alone.
    - `shares_open_cases`: Whether open cases, held in all alone, were shared out by the teams' other work.
    """

    table: pd.DataFrame
    draws: dict[str, Array] = field(repr=False)
    not_by_team: tuple[str, ...] = ()
    shares_open_cases: bool = False


def need_by_team(
    outlook: Outlook, assumptions: Assumptions, posts: pd.DataFrame, *, open_cases: float = math.nan
) -> TeamNeed | None:
    """Turn each team's sample paths into the casework staff that they take.

    None where no casework is held by team. The draws of the assumptions are those of the whole, and the
    teams' paths add up to the whole's, so that the teams add up in every draw.

    Examples
    --------
    Two teams of a hundred reviews a month, of which one has posts, too few:

    >>> both = pd.concat([hundred_reviews.assign(team="Alder"), hundred_reviews.assign(team="Beech")])
    >>> posts = pd.DataFrame({"team": ["Alder"], "establishment": [5.0], "staffed": [4.0]})
    >>> table = need_by_team(expected_demand(monthly(both)), in_force(), posts).table
    >>> table[["team", "gap_to_establishment"]].round().values.tolist()
    [['Alder', 2.0], ['Beech', nan]]
    """
    work = work_ahead(outlook)
    if work is None:
        return None
    casework = [measure for measure in work.late if TASKS[measure][1] == "casework"]
    hours: dict[str, Array] = {}
    for (measure, team), paths in sorted(outlook.team_paths.items(), key=lambda item: item[0][1]):
        if measure in casework:
            taken = work.cut(measure, paths) * hours_each(measure, assumptions, len(paths))
            hours[team] = hours.get(team, 0.0) + taken
    if not hours:
        return None
    n = len(next(iter(hours.values())))
    is_shared = open_cases > 0 and "open_cases" not in work.late
    if is_shared:
        # Shared out in proportion to the teams' other work.
        means = {team: float(taken.mean()) for team, taken in hours.items()}
        whole, total = open_cases * hours_each("open_cases", assumptions, n), sum(means.values())
        hours = {team: taken + whole * (means[team] / total) for team, taken in hours.items()}
    available = hours_a_month(assumptions, n)[:, None]
    draws = {team: np.asarray(taken / available) for team, taken in hours.items()}
    there = posts.set_index("team")[list(LEVELS)].astype(float).reindex(list(draws)).to_dict()
    rows = [
        {"team": team} | against(wte, {name: there[name][team] for name in LEVELS}, work.months)
        for team, wte in draws.items()
    ]
    return TeamNeed(
        table=mean_of_months(draws, "team").merge(pd.DataFrame(rows), on="team"),
        draws=draws,
        not_by_team=tuple(m for m in casework if m not in {measure for measure, _ in outlook.team_paths}),
        shares_open_cases=is_shared,
    )


def headlines(study: Study) -> list[Headline]:
    """Say what staff the work takes, which teams are short, and which assumption matters most."""
    return [*_need(study), *_teams(study), *matters_most(study)]


def _need(study: Study) -> list[Headline]:
    if "casework" not in study.need.draws:
        return []
    year = study.need.year("casework")
    text = (
        f"Expected casework takes {words.number(year['central'])} whole-time equivalents (WTE; "
        f"95% interval {words.interval(year['lower_95'], year['upper_95'], 0)})"
    )
    late, reviews = _overdue(study), study.need.parts[study.need.parts["measure"] == "reviews"]
    cleared = ""
    if late > 0 and len(reviews):
        more = words.number(late / 12 * float((reviews["wte"] / reviews["count"]).iloc[0]), 1)
        text += f", overdue reviews {more} more"
        cleared = f" The {more} would clear the {words.number(late)} overdue reviews within a year."
    else:
        text += _without_overdue(study)
    if not any(one.is_local for one in study.assumptions.values()):
        text += ", at the toolkit’s default hours for each task"
    here, there = study.posts_now("casework"), None
    if here is not None:
        mean = study.need.draws["casework"].mean(axis=1)
        funded, there = float(here["establishment"]), float(here["staffed"])
        chances = [words.percent(100 * float((mean > level).mean()), 0) for level in (there, funded)]
        text += (
            f": {words.number(there)} are in post with locums, {words.number(funded)} funded. The chance "
            f"that more are needed than are in post is {chances[0]}, and than are funded {chances[1]}"
        )
    method = (
        f"{_draws(study)} joint draws of demand and assumptions; error of the central figure "
        f"{year['error']:.1f} WTE"
    )
    return [
        Headline(
            "workload.need",
            f"{text}.{cleared}",
            unit="WTE",
            method=method,
            stake="people",
            cell=("need", "", "central"),
            against=there,
            line="in post",
            **estimate(year),
        )
    ]


def _overdue(study: Study) -> float:
    if study.reviews_due.empty:
        return 0.0
    return float(study.due_by_month.table.frame["overdue"].astype(float).iloc[-1])


def _without_overdue(study: Study) -> str:
    late = _overdue(study)
    return (
        f", without {'some' if np.isnan(late) else f'the {words.number(late)}'} overdue reviews"
        if late
        else ""
    )


def _draws(study: Study) -> str:
    return words.number(len(study.need.draws["casework"]))


def _teams(study: Study) -> list[Headline]:
    table = pd.DataFrame() if study.team_need is None else study.team_need.table.dropna(subset="staffed")
    if table.empty:
        return []
    short = table[table["p_gap_to_staffed"] > _LIKELY].sort_values("p_gap_to_staffed", ascending=False)
    gaps = [
        (row["team"], words.number(row["gap_to_staffed"], 1), words.percent(100 * row["p_gap_to_staffed"], 0))
        for row in short.to_dict("records")
    ]
    said = [f"{team} ({gap} WTE short, {chance} likely)" for team, gap, chance in gaps[:1]]
    said += [f"{team} ({gap}, {chance})" for team, gap, chance in gaps[1:]]
    text = "No team is more likely than not to have too few in post for the expected work"
    if said:
        are = "team is" if len(said) == 1 else "teams are"
        text = f"{len(said)} {are} more likely than not to have too few in post for the expected work"
        here = study.posts_now("casework")
        if here is not None and round(here["staffed"]) >= round(study.need.year("casework")["central"]):
            # Beside the sentence on all staff, which finds as many in post as are needed.
            text = "In all, about as many are in post as the central estimate needs; "
            text += f"{len(said)} {are} more likely than not to have too few"
        text += (
            f". It is {said[0]}"
            if len(said) == 1
            else f". The first is {said[0]}. The others are {words.join(said[1:])}"
        )
    return [
        Headline(
            "workload.need.teams",
            f"{text}.",
            float(len(short)),
            "teams",
            method="the draws of demand and assumptions by team, against casework staff in post",
            stake="people" if said else "context",
            against=float(len(table)),
            cell=("team_need.staffed", "", "p_gap"),
        )
    ]


def checks(study: Study) -> list[Check]:
    """Check that there are draws enough, and that the teams add up to the whole."""
    made: list[Check] = []
    if not study.need.is_empty:
        year = study.need.years.iloc[0]
        share = float(year["error"] / year["central"])
        said = f"The random error of the central WTE is {words.percent(100 * share, 1)}, below 1%."
        made.append(Check("workload.draws", share < _ERROR_SHARE, said))
    if study.team_need and not study.team_need.not_by_team:
        added = np.sum(list(study.team_need.draws.values()), axis=0)
        adds_up = bool(np.allclose(added, study.need.draws["casework"]))
        said = "The staff that the teams need add up to the whole in every draw."
        made.append(Check("workload.team_need", adds_up, said))
    return made


def _sources(study: Study) -> str:
    return f"{study.place}, activity, assumptions, workforce"


NEED = table_of("need.data", *fan_columns("Needed", "WTE"))


def need_figure(study: Study) -> Figure | Missing:
    """Draw the casework staff that the work takes against the posts."""
    if "casework" not in study.need.draws:
        return NO_STAFFING
    rows = study.need.months[study.need.months["pool"] == "casework"]
    year = study.need.year("casework")
    sheet, axis = charts.drawing(3.6)
    draw_fan(axis, rows)
    here = study.posts_now("casework")
    last = rows["month"].iloc[-1]
    ends = [(last, float(rows["central"].iloc[-1]), "needed", charts.BLUE)]
    title = f"The expected work takes {words.number(year['central'])} WTE of casework staff"
    if here is not None:
        funded, there = float(here["establishment"]), float(here["staffed"])
        # The broad line lies below the other, so that both are seen where as many are there as are needed.
        for level, label, colour, of_label, width in (
            (funded, "funded", charts.PURPLE, charts.PURPLE, 1.6),
            (there, "in post, with locums", charts.LILAC, charts.INK, 5.0),
        ):
            axis.plot(rows["month"], [level] * len(rows), color=colour, linewidth=width, zorder=1.5)
            ends.append((last, level, label, of_label))
        title += f"; {words.number(funded)} are funded and {words.number(there)} in post with locums"
    low = min(float(rows["lower_95"].min()), *(end[1] for end in ends))
    high = max(float(rows["upper_95"].max()), *(end[1] for end in ends))
    axis.set_ylim(max(0.0, low - 0.15 * (high - low)), high + 0.1 * (high - low))
    mark_months(axis, rows["month"], most=4)
    axis.set_xlim(rows["month"].iloc[0], last)
    charts.label_line_ends(axis, ends)
    axis.set_ylabel("WTE (axis does not start at 0)", fontsize=SMALL)
    alt = (
        f"Line of the WTE needed by month with 80% and 95% bands. {title}. The 95% interval of the year's "
        f"mean is {words.interval(year['lower_95'], year['upper_95'], 0)} WTE."
    )
    subtitle = f"Casework WTE by month with 80% and 95% intervals{_without_overdue(study)}, {study.place}"
    data = NEED.of(rows, "Casework WTE needed by month")
    return Figure("need", title, subtitle, alt, sheet, data, _sources(study))


PARTS = table_of(
    "parts",
    Column("name", "Work"),
    Column("pool", "Done by"),
    Column("count", "A month", "number"),
    Column("hours_each", "Hours each", "number", 1, "hours"),
    Column("hours", "Hours a month", "number", unit="hours"),
    Column("wte", "WTE", "number", 1, "WTE"),
    notes=("Means over the draws of demand and assumptions; hours each are the mean of the assumed range.",),
)


def _parts_table(study: Study) -> Table:
    frame = study.need.parts.sort_values(["pool", "wte"], ascending=[False, False])
    frame["name"] = [words.capital(measure_name(measure)) for measure in frame["measure"]]
    frame["pool"] = frame["pool"].map(POOLS)
    gone = words.join([measure_name(m) for m in study.need.left_out])
    is_fact = "open_cases" in set(frame["measure"]) and "open_cases" not in study.outlook.paths
    notes = [
        f"Left out, for the series ends earlier than the others: {gone}." if gone else "",
        "Open cases are one published figure, taken to stay as it is." if is_fact else "",
    ]
    return PARTS.of(frame, f"Staff that the expected work takes, {study.place}", notes=notes)


def section(study: Study) -> Section:
    """Show the staff that the expected work takes."""
    if study.need.is_empty:
        return Section.of(NO_STAFFING)
    said = [*_need(study), *matters_most(study)]
    return Section.of(
        said,
        study.unless_opening(need_figure(study)),
        _parts_table(study),
        tornado_figure(study) if len(study.tornado) else NO_STAFFING,
    )


def _team_figure(study: Study, need: TeamNeed, data: Table) -> Figure:
    """Draw the casework staff that each team needs beside its posts and people."""
    rows = need.table.reset_index(drop=True)
    sheet, axis = charts.drawing(1.2 + 0.42 * len(rows))
    places = charts.name_rows(axis, list(rows["team"]), SMALL)
    axis.hlines(places, rows["lower_95"], rows["upper_95"], color=charts.BLUE, alpha=0.35, linewidth=7)
    axis.hlines(places, rows["lower_80"], rows["upper_80"], color=charts.BLUE, alpha=0.55, linewidth=7)
    axis.plot(rows["central"], places, "o", color=charts.BLUE, markersize=7, label="needed")
    for level, mark, size, edge, colour, label in (
        ("establishment", "|", 18, 2.5, charts.PURPLE, "funded posts"),
        ("staffed", "D", 6, 1, charts.INK, "in post, with locums"),
    ):
        marks: dict[str, Any] = {"markersize": size, "markeredgewidth": edge, "color": colour}
        axis.plot(rows[level], places, mark, label=label, **marks)
    axis.set_xlim(left=0)
    axis.set_xlabel("casework WTE", fontsize=SMALL)
    axis.legend(fontsize=SMALL, frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))
    title = _likeliest(rows)
    alt = (
        "One row a team: a dot with 80% and 95% intervals for the WTE needed, an upright mark for the funded "
        f"posts and a diamond for those in post with locums. {title}."
    )
    subtitle = f"Casework WTE needed by team, mean of the months forecast, {study.place}"
    return Figure("team_need", title, subtitle, alt, sheet, data, _sources(study))


def _likeliest(rows: pd.DataFrame) -> str:
    if rows["staffed"].isna().all():
        most = rows.sort_values("central").iloc[-1]
        return f"{most['team']} needs the most staff, {words.number(most['central'], 1)} WTE"
    short = rows[rows["gap_to_staffed"] > 0].sort_values("p_gap_to_staffed", ascending=False)
    if short.empty:
        return "Every team has the people in post that the expected work takes"
    gaps = zip(short["team"], short["gap_to_staffed"], strict=True)
    said = [f"{team} ({words.number(gap, 1)} WTE)" for team, gap in gaps]
    if len(said) > _MOST_NAMED:
        said[_MOST_NAMED:] = [f"{len(said) - _MOST_NAMED} more"]
    return f"Too few in post for the expected work: {words.join(said)}"


_NEEDED = (Column("central", "Casework WTE needed", "number", 1, "WTE"), Column("interval", "95% interval"))
_GAP = (
    Column("gap", "Gap", "change", 1, "WTE"),
    Column("gap_interval", "95% interval of the gap"),
    Column("p_gap", "Chance of a gap", "percent", 0, "percent"),
    Column("first", "First month with a gap"),
)


def gap_tables(
    study: Study, rows: pd.DataFrame, first: Column, id: str, title: str, notes: Sequence[str]
) -> list[Table]:
    """Set need against each level of staff that is known, one table each, the notes below the last."""
    frame = rows.assign(interval=_intervals(rows, "lower_95", "upper_95"))
    known = [level for level in LEVELS if rows[level].notna().any()]
    if not known:
        return [table_of(id, first, *_NEEDED).of(frame, f"{title}, {study.place}", notes=notes)]
    made = []
    for level in known:
        head, what = _LEVEL_NAMES[level]
        staff = Column(level, head, "number", 1, "WTE")
        table = table_of(f"{id}.{level}", first, *_NEEDED, staff, *_GAP)
        months = words.count_noun(study.need.months["month"].nunique(), "month")
        error = words.number(100 * float(rows[f"p_error_to_{level}"].max()), 1)
        said = (
            f"Means over {months}; a gap (+) is need above {what}, its first month that of the central need. "
            f"The chances are from {_draws(study)} draws; their random error is at most {error} points."
        )
        last = notes if level == known[-1] else ()
        caption = f"{title} against {what}, {study.place}"
        made.append(table.of(_gaps(frame, level), caption, notes=[said, *last]))
    return made


def _gaps(frame: pd.DataFrame, level: str) -> pd.DataFrame:
    first = [
        "–" if pd.isna(there) else "none" if pd.isna(month) else month_name(month, short=True)
        for there, month in zip(frame[level], frame[f"first_gap_to_{level}"], strict=True)
    ]
    return frame.assign(
        gap=frame[f"gap_to_{level}"],
        gap_interval=_intervals(frame, f"gap_lower_to_{level}", f"gap_upper_to_{level}"),
        p_gap=100 * frame[f"p_gap_to_{level}"],
        first=first,
    )


def _intervals(frame: pd.DataFrame, lower: str, upper: str) -> list[str]:
    """Write intervals in whole WTE where they are wide, else with one decimal."""
    widest = float(np.nanmax(np.abs(frame[[lower, upper]].to_numpy(dtype=float))))
    return ranges(frame, lower, upper, 0 if widest >= _WHOLE_FROM else 1)


def team_need(study: Study) -> Section:
    """Show each team's expected work as staff, against its posts and its people."""
    need = study.team_need
    if need is None:
        return Section.of(NO_TEAM_NEED)
    gone = words.join([measure_name(measure) for measure in need.not_by_team])
    shared = "Open cases are known for all teams together; they are shared out as the other work is."
    notes = [
        shared if need.shares_open_cases else "",
        f"Not held by team, and so in no team's need: {gone}." if gone else "",
    ]
    team = Column("team", "Team")
    tables = gap_tables(study, need.table, team, "team_need", "Casework staff by team", notes)
    return Section.of(_teams(study), _team_figure(study, need, tables[0]), tables)
