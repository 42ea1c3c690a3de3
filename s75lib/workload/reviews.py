"""Reviews: those that follow when packages move, and those that fall due by the ledger's own dates.

`people` are those whose packages move, >= 0, `transfers` as `s75lib.workload.transfers.people_moving` gives
them, `reviews` as `transfer_reviews` does; `interval_months` lie between one yearly review and the next.
"""

from __future__ import annotations

__all__ = ["expected_reviews", "reviews_due", "transfer_need", "transfer_reviews"]

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.ticker import MaxNLocator

from s75lib.errors import MethodError
from s75lib.present import (
    Check,
    Column,
    Figure,
    Headline,
    Missing,
    Protected,
    Section,
    Stake,
    Table,
    charts,
    table_of,
    words,
)
from s75lib.present.disclosure import as_decided
from s75lib.workload.activity import ALL_TEAMS, HATCHED, SMALL, estimate, month_name, panel_title, panels
from s75lib.workload.assumptions import Assumptions, hours_a_month
from s75lib.workload.disclosure import YEAR
from s75lib.workload.staff import mean_of_months
from s75lib.workload.transfers import NO_TRANSFERS, total_is_hidden

if TYPE_CHECKING:
    from s75lib.workload.study import Study

Array = npt.NDArray[np.float64]

_DAYS_A_MONTH = 365.25 / 12
_NARROW = 1e-6
_DRAWS = 4000
NO_LEDGER = Missing.of(
    "Without the dates of the last reviews the reviews that fall due can't be listed.",
    "packages",
    ("snapshot_date", "start_date", "end_date", "last_review_date", "team"),
    "reviews due and overdue by team and month",
)


def expected_reviews(
    people: float, assumptions: Assumptions, *, months: int = 24, anniversaries: str = "kept"
) -> pd.DataFrame:
    """Expect the reviews that follow when some people's packages move, month by month.

    Packages move evenly over the months of the transfer, so a month's movers are there for half of it on
    average. Those that close leave at a constant rate; a review is due only while the package is open. The
    light-touch review falls evenly between its earliest and its latest week after the move. With
    `anniversaries` ``kept`` reviews go on in the month of their old one, which is unknown and so spread
    evenly over the interval; ``anew``: the year begins with the transfer. MethodError for what is out of
    range.

    Returns
    -------
    DataFrame
        month (0, 1, …), moved (packages, cumulative, closed ones included), light_touch, yearly, due
        (expected reviews in the month).

    Examples
    --------
    Thirty people have 33 packages at 1.1 for each person, which move over three months. With a fifth of them
    ending in a year, one is over before its light-touch review seven weeks on:

    >>> table = expected_reviews(30, in_force(), months=6)
    >>> table["moved"].round().tolist(), round(table["light_touch"].sum())
    ([11.0, 22.0, 33.0, 33.0, 33.0, 33.0], 32)
    """
    central, weeks = assumptions.central, assumptions["light_touch_weeks"]
    packages, closing = people * central("packages_per_person"), central("annual_closure_share")
    over, interval = max(round(central("transfer_months")), 1), round(central("review_interval_months"))
    if packages < 0 or min(months, interval) < 1 or closing >= 1 or anniversaries not in ("kept", "anew"):
        raise MethodError(
            f"found {people} people, {months} months, review_interval_months {interval}, "
            f"annual_closure_share {closing}, anniversaries {anniversaries!r}; expected 0 or more people, at "
            "least one month each, a share below 1, 'kept' or 'anew'."
        )
    moving = packages * np.where(np.arange(months) < over, 1 / over, 0.0)
    staying = (1 - closing) ** (1 / 12)
    low, high = (7 * end / _DAYS_A_MONTH for end in (weeks.low, weeks.high))
    ages = delay_shares(low, high, months)
    light = np.convolve(moving, ages * staying ** ((low + high) / 2))[:months]
    open_share = staying ** np.arange(months)
    if anniversaries == "kept":
        open_share[0] = 0.5
        yearly = np.convolve(moving, open_share)[:months] / interval
    else:
        month = np.arange(months)
        open_share[(month == 0) | (month % interval > 0)] = 0.0
        yearly = np.convolve(moving, open_share)[:months]
    table = pd.DataFrame({"month": np.arange(months), "moved": np.cumsum(moving)})
    return table.assign(light_touch=light, yearly=yearly, due=light + yearly)


def delay_shares(low: float, high: float, months: int) -> Array:
    """Share of a month's starters whose delay ends in the same month, the next, and so on.

    Starters are spread evenly over their month, delays between `low` and `high` months. Of a delay of a month
    and a half, half end in the next month, half in the one after:

    >>> delay_shares(1.5, 1.5, 4).tolist()
    [0.0, 0.5, 0.5, 0.0]
    """
    edges = np.arange(1, months + 1, dtype=float)
    if high - low < _NARROW:
        # The difference of areas below would lose its digits.
        ended = np.clip(edges - (low + high) / 2, 0, 1)
    else:
        ended = (_area(edges - low) - _area(edges - high)) / (high - low)
    return np.maximum(np.diff(ended, prepend=0.0), 0.0)


def _area(edge: Array) -> Array:
    """Integral of a share that grows from 0 to 1 over one month."""
    return np.asarray(np.where(edge <= 0, 0.0, np.where(edge <= 1, edge**2 / 2, edge - 0.5)))


def transfer_reviews(
    transfers: pd.DataFrame, assumptions: Assumptions, *, months: int = 24, anniversaries: str = "kept"
) -> pd.DataFrame:
    """Expect the reviews that follow from the transfer, by team.

    Returns
    -------
    DataFrame
        service_group, team, month, moved, light_touch, yearly, due (of the packages that move) and present
        (yearly reviews of the packages that the team's social workers hold now, closures made good by new
        packages).

    Examples
    --------
    The team's 60 people have 66 packages now, each reviewed once in twelve months; 30 people's 33 come:

    >>> from s75lib.workload.transfers import people_moving
    >>> day = pd.DataFrame({"as_at": "2019-12-06", "service_group": "AMH", "team": ["Alder"],
    ...                     "social_work": [60], "healthcare_professional": [30]})
    >>> table = transfer_reviews(people_moving(day), in_force(), months=3)
    >>> table[["month", "moved", "present"]].round(1).values.tolist()
    [[0.0, 11.0, 5.5], [1.0, 22.0, 5.5], [2.0, 33.0, 5.5]]
    """
    central = assumptions.central
    each, interval = central("packages_per_person"), round(central("review_interval_months"))
    columns = ["service_group", "team", "month", "moved", "light_touch", "yearly", "due", "present"]
    rows = []
    for row in transfers[transfers["level"] == "team"].to_dict("records"):
        table = expected_reviews(row["gains"], assumptions, months=months, anniversaries=anniversaries)
        table = table.assign(service_group=row["service_group"], team=row["team"])
        rows.append(table.assign(present=row["now"] * each / interval))
    return pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)


def transfer_need(reviews: pd.DataFrame, assumptions: Assumptions) -> dict[str, float]:
    """Find the staff that the reviews after a transfer take in its first twelve months.

    Returns
    -------
    dict of str to float
        light_touch, yearly (reviews), central, lower_95, upper_95 (WTE on the mean of the year), error
        (standard error of the central figure from the finite number of draws).

    Examples
    --------
    Sixty light-touch reviews and 180 yearly ones; what comes later is left out:

    >>> reviews = pd.DataFrame({"month": [0, 1, 12], "light_touch": [20, 40, 99], "yearly": [90, 90, 99]})
    >>> found = transfer_need(reviews, in_force())
    >>> found["light_touch"], found["yearly"], round(found["central"], 1)
    (60.0, 180.0, 1.2)
    """
    first = reviews[reviews["month"] < 12]
    light, yearly = float(first["light_touch"].sum()), float(first["yearly"].sum())
    each = assumptions["packages_per_person"].stream(_DRAWS) / assumptions.central("packages_per_person")
    hours = each * (
        light * assumptions["hours_per_light_touch_review"].stream(_DRAWS)
        + yearly * assumptions["hours_per_review"].stream(_DRAWS)
    )
    wte = hours / (12 * hours_a_month(assumptions, _DRAWS))
    row = mean_of_months({"transfer": wte[:, None]}, "of").iloc[0].to_dict()
    known = {"light_touch": light, "yearly": yearly}
    return known | {name: float(row[name]) for name in ("central", "lower_95", "upper_95", "error")}


def reviews_due(packages: pd.DataFrame, *, months: int = 12, interval_months: int = 12) -> pd.DataFrame:
    """Count the yearly reviews that fall due by month, from the ledger's own dates.

    Each review is supposed done when it is due, so that the next follows a year later; packages close on
    their end date if they have one, and nothing new is added: it is the load of the packages open now, in the
    latest snapshot. One that was never reviewed is due a year after its start. MethodError for an interval
    below one month.

    Returns
    -------
    DataFrame
        month, due (reviews, the overdue ones in the first month), overdue (of them, due on or before the
        snapshot). Empty without dates of reviews.

    Examples
    --------
    One package was reviewed in June 2024; the other never since it began in 2023, and so is overdue:

    >>> packages = pd.DataFrame({
    ...     "snapshot_date": pd.Timestamp("2025-03-31"), "end_date": pd.NaT, "prior_year": False,
    ...     "start_date": pd.to_datetime(["2022-04-04", "2023-01-15"]),
    ...     "last_review_date": pd.to_datetime(["2024-06-10", None])})
    >>> reviews_due(packages, months=3)[["due", "overdue"]].values.tolist()
    [[1, 1], [0, 0], [1, 0]]
    """
    if packages.empty or packages["last_review_date"].isna().all():
        return pd.DataFrame(columns=["month", "due", "overdue"])
    if interval_months < 1:
        raise MethodError(f"found interval_months {interval_months}; expected at least one month.")
    current = _open_now(packages)
    start = packages["snapshot_date"].max() + pd.Timedelta(days=1)
    until = start + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    last = current["end_date"].clip(upper=until).fillna(until)
    anchor = current["last_review_date"].fillna(current["start_date"])
    # What is overdue is due on the first day, and again from there.
    late = anchor + pd.DateOffset(months=interval_months) < start
    anchor = anchor.mask(late, start)
    turns = range(1, math.ceil(months / interval_months) + 1)
    dates = pd.concat([anchor + pd.DateOffset(months=turn * interval_months) for turn in turns])
    dates = pd.concat([anchor[late], dates[dates <= last.loc[dates.index]]])
    ahead = pd.date_range(start.replace(day=1), periods=months, freq="MS")
    counts = dates.dt.to_period("M").dt.to_timestamp().value_counts().reindex(ahead, fill_value=0)
    overdue = np.where(ahead == ahead[0], late.sum(), 0)
    return pd.DataFrame({"month": ahead, "due": counts.to_numpy(), "overdue": overdue})


def open_a_year(packages: pd.DataFrame) -> int:
    """Count the packages that have been open for a year or more on the latest day."""
    known = packages["snapshot_date"].max()
    return int((_open_now(packages)["start_date"] <= known - pd.DateOffset(years=1)).sum())


def _open_now(packages: pd.DataFrame) -> pd.DataFrame:
    known = packages["snapshot_date"].max()
    is_open = (packages["snapshot_date"] == known) & (packages["start_date"] <= known)
    is_open &= packages["end_date"].isna() | (packages["end_date"] > known)
    current: pd.DataFrame = packages[is_open & ~packages["prior_year"].fillna(False).astype(bool)]
    return current


DUE = table_of(
    "due.data",
    Column("when", "Month"),
    Column("in_time", "Due", "number", unit="reviews"),
    Column("overdue", "Overdue at the start", "number", unit="reviews"),
    Column("due", "Both", "number", unit="reviews"),
    totals=1,
)


def protected_due(study: Study) -> Protected:
    """Set out the yearly reviews due by month from the ledger's own dates, and in all months together."""
    rows = study.reviews_due
    frame = rows.assign(in_time=rows["due"] - rows["overdue"])
    frame["when"] = [month_name(month, short=True) for month in frame["month"]]
    when = [*frame["month"], YEAR]
    whole = frame[["due", "overdue", "in_time"]].sum()
    frame = pd.concat([frame, pd.DataFrame([{"when": "All months", **whole}])], ignore_index=True)
    table = DUE.of(frame, "Yearly reviews by month in which they fall due")
    few, rounded = study.fewest("packages"), study.data.rounds("packages")
    cells = {name: [(name, month) for month in when] for name in ("in_time", "overdue", "due")}
    return as_decided(table, cells, study.decided_ledger, few, rounded=rounded)


def headlines(study: Study) -> list[Headline]:
    """Say what reviews follow from the transfer, and how many fall due by the ledger's dates."""
    return [*_following(study), *_due(study)]


def _following(study: Study) -> list[Headline]:
    need = study.transfer_need
    if not need or not study.transfers["gains"].any() or total_is_hidden(study):
        return []
    months = words.count_noun(study.assumptions.central("transfer_months"), "month")
    people = float(study.transfers.loc[study.transfers["level"] == "all", "gains"].iloc[0])
    text = (
        f"Moving these people over {months} would bring {words.number(need['central'], 1)} "
        "whole-time equivalents (WTE) of work in "
        f"the first twelve months (95% interval {words.interval(need['lower_95'], need['upper_95'])}). That "
        f"counts reviews alone: about {words.number(need['light_touch'])} light-touch and "
        f"{words.number(need['yearly'])} yearly, {words.number(people / need['central'])} people to a "
        "full-time post. Packages for one person, hours a review and the light-touch review after a transfer "
        "are assumptions."
    )
    method = (
        f"expected reviews on a month grid; hours and packages drawn {words.number(_DRAWS)} times from their "
        f"ranges, error of the central figure {need['error']:.1g} WTE"
    )
    name = "workload.transfers.reviews"
    return [Headline(name, text, unit="WTE", method=method, stake="change", **estimate(need))]


def _due(study: Study) -> list[Headline]:
    if study.reviews_due.empty:
        return []
    table = study.due_by_month.table.frame
    late, due, both = (float(table[name].astype(float).iloc[-1]) for name in ("overdue", "in_time", "due"))
    text = f"By the ledger's dates, {_due_in_words(due, late, len(table) - 1)}."
    stake: Stake = "context" if late == 0 else "target"
    large = "" if late == 0 or np.isnan(late) else f"{words.number(late)} overdue"
    method = "last review and a year"
    return [
        Headline(
            "workload.reviews_due",
            text,
            both,
            "reviews",
            method=method,
            stake=stake,
            figure=large,
            cell=("due", "", "due"),
        )
    ]


def _due_in_words(in_time: float, overdue: float, months: int) -> str:
    """Say how many yearly reviews fall due, as far as it may be said: NaN where hidden."""
    of_packages, span = "yearly reviews of packages", words.count_noun(months, "month")
    due, late = ("some" if np.isnan(count) else words.number(count) for count in (in_time, overdue))
    if overdue == 0:
        return f"{due} {of_packages} fall due in the next {span}; none is overdue"
    return f"{late} {of_packages} are overdue and {due} more fall due in the next {span}"


def checks(study: Study) -> list[Check]:
    """Check that every package moves, and that hidden counts can't be worked out."""
    made = list(study.due_by_month.checks) if len(study.reviews_due) else []
    if study.transfers.empty:
        return made
    teams = study.transfers[study.transfers["level"] == "team"]
    expected = float(teams["gains"].sum()) * study.assumptions.central("packages_per_person")
    moved = float(study.transfer_reviews.groupby("month")["moved"].sum().iloc[-1])
    said = "Every package that is to move has moved by the end of the schedule."
    return [Check("workload.all_moved", bool(np.isclose(moved, expected)), said), *made]


BY_MONTH = table_of(
    "reviews.data",
    Column("month", "Month", "number"),
    Column("present", "Held now", "number", 1, "reviews"),
    Column("yearly", "Yearly, those who move", "number", 1, "reviews"),
    Column("light_touch", "Light touch", "number", 1, "reviews"),
)


def _following_figure(study: Study) -> Figure | None:
    """Draw the reviews that fall due after the transfer, all teams together, where their people are shown."""
    if total_is_hidden(study):
        return None
    rows = study.transfer_reviews.groupby("month")[["present", "yearly", "light_touch"]].sum().reset_index()
    rows["month"] += 1
    sheet, axis = charts.drawing(3.7)
    bottom = np.zeros(len(rows))
    for name, colour, hatch, label in (
        ("present", charts.LIGHT, "", "yearly reviews of those held now"),
        ("yearly", charts.BLUE, "", "yearly reviews of those who move"),
        ("light_touch", charts.LILAC, "///", "light-touch reviews after the move"),
    ):
        bars = HATCHED | {"hatch": hatch, "color": colour, "label": label}
        axis.bar(rows["month"], rows[name].to_numpy(), bottom=bottom, width=0.8, **bars)
        bottom = bottom + rows[name].to_numpy()
    axis.legend(fontsize=SMALL, frameon=False, loc="upper right")
    axis.set_xticks(range(1, len(rows) + 1, 3))
    axis.set_xlabel("month from the start of the transfer", fontsize=SMALL)
    axis.set_ylabel("reviews due", fontsize=SMALL)
    peak, usual = int(np.argmax(bottom)), float(rows["present"].iloc[0])
    title = f"Reviews due would peak at {words.number(bottom[peak])} in month {rows['month'].iloc[peak]}"
    if usual > 0:
        title += f", against {words.number(usual)} a month for those held now"
    alt = (
        f"Stacked columns of reviews due in each of {words.number(len(rows))} months. {title}; by month "
        f"{rows['month'].iloc[-1]} they come to {words.number(bottom[-1])}."
    )
    subtitle = f"Expected reviews a month under the assumptions, {study.place}"
    data = BY_MONTH.of(rows, "Reviews due by month from the start of the transfer")
    return Figure("reviews", title, subtitle, alt, sheet, data, _source(study))


def _source(study: Study) -> str:
    return f"{study.place}, package transfers; assumptions"


def _team_figure(study: Study) -> Figure | Missing:
    people = study.people_moving.table.frame
    # A line for those held now, and an area for those who come: both must be known.
    gains = people[(people["level"] == "team") & (people["gains"] > 0) & people["now"].notna()]
    keys = list(zip(gains["service_group"], gains["team"], strict=True))
    if not keys:
        return NO_TRANSFERS
    sheet, axes = panels(len(keys), columns=3, height=1.6)
    frames = []
    for axis, (group, team) in zip(axes, keys, strict=True):
        rows = study.transfer_reviews
        rows = rows[(rows["service_group"] == group) & (rows["team"] == team)]
        rows = rows.assign(after=rows["month"] + 1, name=f"{group} {team}".strip())
        usual = float(rows["present"].iloc[0])
        axis.fill_between(rows["after"], rows["due"], step="mid", color=charts.BLUE, linewidth=0)
        axis.axhline(usual, color=charts.LILAC, linewidth=1.4, linestyle=(0, (3, 2)))
        panel_title(axis, team)
        axis.set_xticks([1, 12, 24], ["1", "12", "24"], fontsize=SMALL)
        frames.append(rows)
    data = pd.concat(frames, ignore_index=True)
    for axis in axes:
        axis.set_ylim(0, float(data[["due", "present"]].max(axis=None)) * 1.08)
        axis.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    peaks = data.groupby(["service_group", "team"], sort=False)["due"].max()
    title = (
        f"{peaks.idxmax()[1]} would have the highest month, {words.number(peaks.max())} reviews from those "
        "who move"
    )
    alt = (
        f"{words.count_noun(len(keys), 'small chart')}, one a team, of reviews due over 24 months; a dashed "
        f"line marks a month's yearly reviews of the people held now. {title}."
    )
    subtitle = (
        "Reviews due a month from those who move (filled) and from those held now (dashed line), months "
        f"from the start of the transfer, {study.place}"
    )
    data["due"] = data["due"].round(1)
    wide = data.pivot_table(index="after", columns="name", values="due", sort=False)
    columns = [Column(str(name), str(name), "number", 1, "reviews") for name in wide.columns]
    table = table_of("reviews_by_team.data", Column("after", "Month", "number"), *columns)
    held = table.of(wide.reset_index(), "Reviews due from those who move, by month and team")
    return Figure("reviews_by_team", title, subtitle, alt, sheet, held, _source(study))


BY_HALF_YEAR = table_of(
    "reviews",
    Column("team", "Team"),
    Column("light_touch", "Light-touch reviews in all", "number", unit="reviews"),
    *(
        Column(f"half_{at}", f"Months {6 * at + 1} to {6 * at + 6}", "number", unit="reviews")
        for at in range(4)
    ),
    Column("present", "A year's reviews of those held now", "number", unit="reviews"),
)


def _following_table(study: Study) -> Table:
    """Set out the reviews that follow from the transfer, by team and half-year."""
    people = study.people_moving.table.frame
    people = people.assign(team=people["team"].mask(people["level"] == "all", ALL_TEAMS))
    people = people[people["level"] != "group"].set_index(["service_group", "team"])
    rows, keys = study.transfer_reviews, ["service_group", "team"]
    whole = rows.groupby("month")[["moved", "light_touch", "yearly", "due", "present"]].sum().reset_index()
    rows = pd.concat([rows, whole.assign(service_group="", team=ALL_TEAMS)], ignore_index=True)
    half = rows.assign(half=[f"half_{at}" for at in rows["month"] // 6])
    frame = half.pivot_table(index=keys, columns="half", values="due", aggfunc="sum", sort=False)
    halves = list(frame.columns)
    frame["light_touch"] = rows.groupby(keys)["light_touch"].sum()
    frame["present"] = rows.groupby(keys)["present"].first() * 12
    # Reviews are people times constants: what hides the people hides them.
    for name in frame:
        lost = people["now" if name == "present" else "gains"].isna()
        frame.loc[frame.index.isin(lost.index[lost]), name] = np.nan
    frame = frame[frame["half_0"].isna() | (frame["half_0"] > 0)].reset_index()
    gone = "A dash stands for reviews of a number of people that is hidden."
    return BY_HALF_YEAR.of(
        frame,
        f"Reviews that follow from the transfer, months from its start, {study.place}",
        notes=[_schedule(study.assumptions), gone if frame[halves].isna().any(axis=None) else ""],
        strong=np.flatnonzero(frame["team"] == ALL_TEAMS).tolist(),
    )


def _schedule(assumptions: Assumptions) -> str:
    weeks, central = assumptions["light_touch_weeks"], assumptions.central
    return (
        f"Reviews expected from the people who move: {central('packages_per_person'):g} packages for one "
        f"person, moved evenly over {words.count_noun(central('transfer_months'), 'month')}; a light-touch "
        f"review {weeks.low:g} to {weeks.high:g} weeks after the transfer, and one every "
        f"{central('review_interval_months'):g} months; "
        f"{words.percent(100 * central('annual_closure_share'), 0)} of packages end within a year. "
        "Existing anniversaries are not held, so they are spread evenly."
    )


def section(study: Study) -> Section:
    """Show the reviews that follow from the transfer."""
    if study.transfers.empty:
        return Section.of(NO_TRANSFERS)
    return Section.of(
        _following(study), _following_figure(study), _team_figure(study), _following_table(study)
    )


def _due_figure(study: Study) -> Figure | Missing:
    """Draw the yearly reviews that fall due from the ledger's own dates."""
    if study.reviews_due.empty:
        return NO_LEDGER
    data = study.due_by_month.table
    table = data.frame.astype({"in_time": float, "overdue": float, "due": float})
    rows, whole = table.iloc[:-1], table.iloc[-1]
    sheet, axis = charts.drawing(3.2)
    places = np.arange(len(rows))
    on_time, overdue = rows["in_time"].fillna(0), rows["overdue"].fillna(0)
    axis.bar(places, on_time, color=charts.BLUE, width=0.75)
    axis.bar(places, overdue, bottom=on_time, color=charts.BAD, width=0.75, **HATCHED)
    if overdue.any():
        charts.note(axis, "overdue (hatched)", (0.45, float(on_time[0] + overdue[0])), (4, -8))
    axis.set_xticks(places[::2], [f"{m:%b %y}" for m in rows["month"]][::2], fontsize=SMALL)
    axis.set_ylabel("yearly reviews", fontsize=SMALL)
    title = words.capital(_due_in_words(whole["in_time"], whole["overdue"], len(rows)))
    alt = f"Columns of reviews due by month from {month_name(rows['month'].iloc[0])}. {title}."
    subtitle = f"Packages open at the latest snapshot, by their last review, {study.place}"
    return Figure("due", title, subtitle, alt, sheet, data, f"{study.place}, package ledger")


def due(study: Study) -> Section:
    """Show the reviews that fall due by the ledger's own dates."""
    return Section.of(_due(study), _due_figure(study))
