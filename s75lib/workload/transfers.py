"""Transfers: people whose care packages move from health staff to the social work teams, and delays.

The `measure` of delays is delayed_days (of the last twelve months) or delayed_people (on the last day known).
"""

from __future__ import annotations

__all__ = ["delays_by_reason", "people_moving", "transfer_progress"]

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from s75lib.present import (
    HIDDEN,
    Check,
    Column,
    Figure,
    Headline,
    Missing,
    Need,
    Protected,
    Section,
    charts,
    protect,
    table_of,
    words,
)
from s75lib.workload.activity import (
    ALL_TEAMS,
    HATCHED,
    SMALL,
    is_stock,
    is_widest,
    measure_name,
    month_name,
    monthly,
)

if TYPE_CHECKING:
    from s75lib.workload.study import Study

TRANSFERS = Need(
    "package_transfers",
    ("as_at", "service_group", "team", "social_work", "healthcare_professional"),
    "how many people each team gains, and the reviews that follow",
)
NO_TRANSFERS = Missing("No count of people whose packages are to move is held.", (TRANSFERS,))


def people_moving(package_transfers: pd.DataFrame) -> pd.DataFrame:
    """Set out how many people each social work team holds, gains and would then hold on the latest day.

    It supposes that the people whom a team's health staff hold go to the social workers of that team.

    Returns
    -------
    DataFrame
        level (team, group, all), as_at, service_group, team, now, gains, after (people), growth_percent (as
        of `growth`). Teams as given, each group's total below them, the whole last.

    Examples
    --------
    >>> day = pd.DataFrame({"as_at": "2019-12-06", "service_group": "AMH", "team": ["Alder", "Beech"],
    ...                     "social_work": [10, 30], "healthcare_professional": [5, 15]})
    >>> people_moving(day)[["level", "now", "gains", "after", "growth_percent"]].values.tolist()
    [['team', 10, 5, 15, 50.0], ['team', 30, 15, 45, 50.0], ['all', 40, 20, 60, 50.0]]
    """
    columns = ["level", "as_at", "service_group", "team", "now", "gains", "after", "growth_percent"]
    if package_transfers.empty:
        return pd.DataFrame(columns=columns)
    is_latest = package_transfers["as_at"] == package_transfers["as_at"].max()
    latest = package_transfers[is_latest]
    rows: pd.DataFrame = latest.rename(columns={"social_work": "now", "healthcare_professional": "gains"})
    rows = rows[["as_at", "service_group", "team", "now", "gains"]].assign(level="team")
    parts: list[pd.DataFrame] = []
    groups = rows.groupby("service_group", sort=False)
    for group, part in groups:
        parts += [part, _total(part, "group", str(group))] if groups.ngroups > 1 else [part]
    made = pd.concat([*parts, _total(rows, "all", "")], ignore_index=True)
    made["after"] = made["now"] + made["gains"]
    return pd.DataFrame(made.assign(growth_percent=growth(made))[columns])


def growth(rows: pd.DataFrame) -> pd.Series:
    """Give what teams gain in percent of what they hold; NaN of too few for a percentage."""
    percent: pd.Series = 100 * rows["gains"] / rows["now"].where(rows["now"] >= _FEWEST_GROWING)
    return percent


def transfer_progress(package_transfers: pd.DataFrame) -> pd.DataFrame:
    """Follow the people held by social workers and by health staff over the days counted.

    Returns
    -------
    DataFrame
        as_at, social_work, healthcare_professional (people, all teams), health_share (percent; NaN for
        nobody).

    Examples
    --------
    >>> days = pd.DataFrame({"as_at": ["2019-06-07", "2019-12-06"], "social_work": [30, 40],
    ...                      "healthcare_professional": [30, 10]})
    >>> transfer_progress(days)["health_share"].tolist()
    [50.0, 20.0]
    """
    sums = package_transfers.groupby("as_at")[["social_work", "healthcare_professional"]].sum().reset_index()
    whole = sums["social_work"] + sums["healthcare_professional"]
    sums["health_share"] = 100 * sums["healthcare_professional"] / whole.where(whole > 0)
    return sums


def delays_by_reason(activity: pd.DataFrame, measure: str = "delayed_days") -> pd.DataFrame:
    """Split delayed transfers of care by their reason and by whose the delay is.

    The monthly returns of delayed transfers gave each delay a reason and the body responsible: the NHS,
    social care or both. What the reasons leave over of the whole is a row of its own. Source: NHS England
    (2015) Monthly delayed transfer of care situation reports: definitions and guidance.

    Returns
    -------
    DataFrame
        reason, NHS, social care, both, unsaid (counts by whose the delay is), every (their sum); the most
        first, then the sum of all. No rows where no reason is held, or where a month is not known.

    Examples
    --------
    >>> rows = pd.DataFrame({"month": pd.Timestamp("2025-06-01"), "service_group": "", "team": "",
    ...                      "measure": "delayed_people", "reason": ["Housing", "Housing", "Care home"],
    ...                      "attributed_to": ["NHS", "both", "social care"], "count": [7, 5, 9]})
    >>> delays_by_reason(rows, "delayed_people")[["reason", "NHS", "both", "every"]].values.tolist()
    [['Housing', 7.0, 5.0, 12.0], ['Care home', 0.0, 0.0, 9.0], ['All reasons', 7.0, 5.0, 21.0]]
    """
    columns = ["reason", *_WHOSE, "every"]
    own = activity[activity["measure"] == measure]
    own = own[own["month"] > own["month"].max() - pd.DateOffset(months=1 if is_stock(measure) else 12)]
    split = own[(own["reason"] != "") | (own["attributed_to"] != "")]
    whole = monthly(own).totals["count"].sum(skipna=False)
    units = own[["service_group", "team"]].drop_duplicates(ignore_index=True)
    split = split.merge(units[is_widest(units)])
    rest = whole - split["count"].sum(skipna=False)
    if split.empty or not rest >= 0:
        return pd.DataFrame(columns=columns)
    left = pd.DataFrame({"reason": [""], "attributed_to": "", "count": rest})[: int(rest > 0)]
    counts = pd.concat([split, left]).pivot_table(
        index="reason", columns="attributed_to", values="count", aggfunc="sum", fill_value=0.0
    )
    wide = counts.rename(columns={"": "unsaid"}).reindex(columns=list(_WHOSE), fill_value=0.0).astype(float)
    wide["every"] = wide.sum(axis=1)
    wide = wide.sort_values("every", ascending=False, kind="stable").rename(index={"": "No reason recorded"})
    wide.loc["All reasons"] = wide.sum()
    made: pd.DataFrame = wide.rename_axis(index="reason").reset_index()[columns]
    return made


def _total(part: pd.DataFrame, level: str, group: str) -> pd.DataFrame:
    row = part[["now", "gains"]].sum().to_dict() | {"as_at": part["as_at"].iloc[0], "level": level}
    return pd.DataFrame([row | {"service_group": group, "team": ""}])


_FEWEST_GROWING = 10  # people whom a team holds: of fewer, no growth is told in percent
_WHOSE = {"NHS": "NHS", "social care": "Social care", "both": "Both", "unsaid": "Not said"}
_OF = {"NHS": "the NHS's", "social care": "social care's", "both": "of both", "unsaid": "not said whose"}
DELAYS = table_of(
    "delays",
    Column("reason", "Reason"),
    *(Column(name, label, "number") for name, label in _WHOSE.items()),
    Column("every", "All", "number"),
)
_DELAYS = {"delayed_days": "delays.days", "delayed_people": "delays.people"}
PEOPLE = table_of(
    "transfers",
    Column("name", "Team"),
    Column("group", "Service group"),
    Column("now", "With social workers", "number", unit="people"),
    Column("gains", "With health staff, to move", "number", unit="people"),
    Column("after", "After the transfer", "number", unit="people"),
    Column("growth_percent", "Growth", "percent", 0, "percent"),
    notes=(
        "Supposes that the people whom a team's health staff hold go to the social workers of that team.",
    ),
)


def protected_people(study: Study) -> Protected:
    """Set out the people whose packages move: teams add up to their group, and all to the whole."""
    frame = study.transfers.reset_index(drop=True)
    is_team, is_group, is_all = (frame["level"] == level for level in ("team", "group", "all"))
    names = frame["service_group"].map(lambda code: words.service_group(code) or "All")
    frame["name"] = frame["team"].mask(is_group, "All " + names.str[:1].str.lower() + names.str[1:])
    frame["name"] = frame["name"].mask(is_all, ALL_TEAMS)
    frame["group"] = names.mask(is_all, "")
    whole = len(frame) - 1
    sums = [(whole, np.flatnonzero(is_team).tolist())]
    for at in np.flatnonzero(is_group).tolist():
        of_group = is_team & (frame["service_group"] == frame["service_group"][at])
        sums.append((at, np.flatnonzero(of_group).tolist()))
    if is_group.any():
        sums.append((whole, np.flatnonzero(is_group).tolist()))
    new = f"No growth is given for a team whose social workers hold fewer than {_FEWEST_GROWING} people now."
    title = f"People with care packages by team, {study.place}, {words.day(frame['as_at'].iloc[0])}"
    return protect(
        PEOPLE.of(
            frame,
            title,
            notes=[new if frame["growth_percent"].isna().any() else ""],
            strong=np.flatnonzero(~is_team).tolist(),
        ),
        ["now", "gains", "after"],
        study.fewest("package_transfers"),
        rounded=study.data.rounds("package_transfers"),
        with_counts={"growth_percent": ("now", "gains")},
        across="after",
        row_sums=sums,
    )


def total_is_hidden(study: Study) -> bool:
    """Say whether the table hides how many people of all teams are held now, or are to move."""
    return bool(study.people_moving.table.frame[["now", "gains"]].iloc[-1].isna().any())


def protected_delays(study: Study, measure: str) -> Protected | None:
    """Set out delays by reason and whose they are, where their sum stands in the months shown, too."""
    frame = delays_by_reason(study.data.activity, measure)
    if frame.empty:
        return None
    shown = study.protected_months[measure].table.frame
    last = shown[shown["month"].notna() if is_stock(measure) else shown["month"].isna()].tail(1)
    if last.empty or pd.isna(last[ALL_TEAMS].iloc[0]):
        return None
    until = month_name(study.data.activity.loc[study.data.activity["measure"] == measure, "month"].max())
    when = f"at the end of {until}" if is_stock(measure) else f"in the twelve months to {until}"
    held = [name for name in _WHOSE if frame[name].any()]
    columns = [one for one in DELAYS.columns if one.name not in _WHOSE or one.name in held]
    table = replace(DELAYS, id=_DELAYS[measure], columns=tuple(columns))
    name = words.capital(measure_name(measure)).removesuffix(" at month end")
    title = f"{name} by reason {when}, {study.place}"
    total = len(frame) - 1
    found = protect(
        table.of(frame, title, strong=[total]),
        [*held, "every"],
        study.fewest("activity"),
        across="every",
        row_sums=[(total, range(total))],
        rounded=study.data.rounds("activity"),
    )
    # The months print the sum: where this table would have to hide it, the table is left out.
    return None if pd.isna(found.table.frame["every"].iloc[-1]) else found


def _whose(study: Study) -> list[Headline]:
    shown = study.delays.get("delayed_days")
    whole = shown.table.frame.iloc[-1] if shown else pd.Series({"every": 0.0})
    if whole.isna().any() or not whole["every"]:
        return []
    shares = [
        f"{words.percent(100 * whole[name] / whole['every'], 0)} {_OF[name]}"
        for name in _WHOSE
        if whole[name]
    ]
    days = words.count_noun(whole["every"], "day")
    text = f"Delayed transfers came to {days} in the last twelve months: {words.join(shares)}."
    share = 100 * float(whole["social care"]) / float(whole["every"])
    cell = ("delays.days", "", "social care")
    return [Headline("workload.delays", text, share, "percent", method="counts, added", cell=cell)]


def headlines(study: Study) -> list[Headline]:
    """Say who moves, and whose the delays are."""
    return [*people_headlines(study), *_whose(study)]


def people_headlines(study: Study) -> list[Headline]:
    """Say how many people move, which team gains the most, and how the number has gone."""
    if study.transfers.empty:
        return []
    whole = study.transfers[study.transfers["level"] == "all"].iloc[0]
    gains, now, day = float(whole["gains"]), float(whole["now"]), words.day(whole["as_at"])
    if gains == 0:
        text = f"At {day}, health staff hold no care packages."
        return [Headline("workload.transfers", text, 0.0, "people"), *_largest(study), *_progress(study)]
    if total_is_hidden(study):
        text = f"At {day}, health staff held some people's packages; how many is hidden."
        return [Headline("workload.transfers", text, see=("transfers",), stake="change")]
    text = (
        f"At {day}, the packages of {words.count_noun(gains, 'person', 'people')} were allocated to health "
        f"staff. If all move, social work teams would hold {words.number(gains + now)} instead of "
        f"{words.number(now)}{_more(whole)}."
    )
    said = Headline(
        "workload.transfers",
        text,
        gains,
        "people",
        method="counts, added",
        stake="change",
        cell=("transfers", "", "gains"),
        against=gains + now,
    )
    return [said, *_largest(study), *_progress(study)]


def _more(row: pd.Series) -> str:
    growth = row["growth_percent"]
    return "" if np.isnan(growth) else f", {words.percent(growth, 0)} more"


def _largest(study: Study) -> list[Headline]:
    people = study.people_moving.table.frame.astype({"now": float, "gains": float, "growth_percent": float})
    teams = people[(people["level"] == "team") & people["after"].notna() & (people["gains"] > 0)]
    if len(teams) < 2:
        return []
    most = teams.sort_values("gains").iloc[-1]
    growth = "" if np.isnan(most["growth_percent"]) else f" ({words.signed(most['growth_percent'])}%)"
    double = list(teams.loc[(teams["now"] > 0) & (teams["gains"] >= teams["now"]), "team"])
    none = list(teams.loc[teams["now"] == 0, "team"])
    text = (
        f"{most['team']} would gain the most, {words.count_noun(most['gains'], 'person', 'people')}{growth}"
    )
    if double:
        hold = "it holds" if len(double) == 1 else "they hold"
        text += f". {words.join(double)} would at least double what {hold}"
    if none:
        text += f". {words.join(none)} {'holds' if len(none) == 1 else 'hold'} nobody now"
    cell = ("transfers", str(most["team"]), "gains")
    return [Headline("workload.transfers.team", f"{text}.", float(most["gains"]), "people", cell=cell)]


def _progress(study: Study) -> list[Headline]:
    held = study.transfer_progress[["social_work", "healthcare_professional"]]
    small = held.apply(lambda people: people.between(1, study.fewest("package_transfers") - 1))
    if len(held) < 2 or small.any(axis=None):
        return []
    first, last = study.transfer_progress.iloc[0], study.transfer_progress.iloc[-1]
    before, after = first["healthcare_professional"], last["healthcare_professional"]
    text = (
        f"Since {words.day(first['as_at'])} the people with health staff went from {words.number(before)} to "
        f"{words.number(after)} ({words.percent(first['health_share'], 0)} to "
        f"{words.percent(last['health_share'], 0)} of all)."
    )
    return [Headline("workload.transfers.progress", text, float(after - before), "people")]


def checks(study: Study) -> list[Check]:
    """Check that hidden counts can't be worked out."""
    moving = study.people_moving.checks if len(study.transfers) else ()
    return [*moving, *(check for one in study.delays.values() for check in one.checks)]


def transfers_figure(study: Study) -> Figure | Missing:
    """Draw the people that each team holds and gains."""
    if study.transfers.empty:
        return NO_TRANSFERS
    data = study.people_moving.table
    has_people = study.transfers.reset_index(drop=True)[["now", "gains"]].sum(axis=1) > 0
    rows = data.frame[(data.frame["level"] == "team") & has_people].reset_index(drop=True)
    sheet, axis = charts.drawing(0.9 + 0.3 * len(rows))
    names = [f"{g} {t}".strip() for g, t in zip(rows["service_group"], rows["team"], strict=True)]
    places = charts.name_rows(axis, names, SMALL)
    known = rows[["now", "gains", "growth_percent"]].astype(float)
    now, gains = known["now"].fillna(0).to_numpy(), known["gains"].fillna(0).to_numpy()
    axis.barh(places, now, color=charts.BLUE, height=0.66)
    axis.barh(places, gains, left=now, color=charts.LILAC, height=0.66, **HATCHED)
    for place, total, row in zip(places, now + gains, known.to_dict("records"), strict=True):
        charts.note(axis, _sum_of(row), (total, place), (5, 0), va="center")
    axis.set_xlim(0, float((now + gains).max()) * 1.45 + 1)
    axis.set_xlabel("people with care packages", fontsize=SMALL)
    whole = study.transfers[study.transfers["level"] == "all"].iloc[0]
    told = not total_is_hidden(study)
    title = "People with care packages by team"
    if told:
        title = (
            f"{words.count_noun(whole['gains'], 'person', 'people')} would join the "
            f"{words.number(whole['now'])} with social workers{_more(whole)}"
        )
    subtitle = (
        f"People held by social workers (solid) and by health staff, to move (hatched), {study.place}, "
        f"{words.day(whole['as_at'])}; teams as the files name them"
    )
    alt = f"Bars by team: people with social workers, and on top those who would come. {title}."
    if told and gains.any():
        most = int(gains.argmax())
        alt += f" Of the numbers shown the most go to {rows['team'][most]}, {words.number(gains[most])}."
    return Figure("transfers", title, subtitle, alt, sheet, data, f"{study.place}, package transfers")


def _sum_of(row: dict[Hashable, float]) -> str:
    """Label a bar with what adds up to it, as far as it may be shown."""
    parts = [HIDDEN if np.isnan(row[name]) else words.number(row[name]) for name in ("now", "gains")]
    growth = row["growth_percent"]
    more = "" if np.isnan(growth) else f", {words.signed(growth)}%"
    return f"{parts[0]} + {parts[1]}{more}{' (c: hidden)' if HIDDEN in parts else ''}"


def section(study: Study) -> Section:
    """Show the people whose packages move, by team, and delayed transfers by reason."""
    shown = None if study.transfers.empty else study.people_moving
    figure = study.unless_opening(transfers_figure(study))
    return Section.of(headlines(study), figure, shown, list(study.delays.values()))
