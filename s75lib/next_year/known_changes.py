"""Transitions and known moves: who comes, goes or moves on which day, and what that costs."""

from __future__ import annotations

__all__ = ["known_costs"]

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from s75lib.budget.naming import group_name, pounds
from s75lib.present import Column, Headline, Missing, Section, table_of, words
from s75lib.present.disclosure import Decisions, Register, as_decided

if TYPE_CHECKING:
    from s75lib.next_year.study import Study


def known_costs(changes: pd.DataFrame, day: pd.Timestamp, label: str) -> pd.DataFrame:
    """Cost the known moves in one financial year.

    Returns
    -------
    DataFrame
        The rows that cost in the year, with ``weeks``, ``gross``, ``health``, ``client`` and ``net`` (£), and
        ``added``: false for moves that are among the usual starters and leavers.

    Examples
    --------
    >>> found = known_costs(load("exampleshire").known_changes, pd.Timestamp("2026-03-31"), "2026/27")
    >>> found["change_id"].tolist(), round(found.loc[0, "weeks"] * 7)
    (['M01', 'M02', 'M03', 'M04'], 212)
    """
    first, last = pd.Timestamp(int(label[:4]), 4, 1), pd.Timestamp(int(label[:4]) + 1, 3, 31)
    rows = changes[(changes["date"] > day) & (changes["date"] <= last)].reset_index(drop=True)
    weeks = ((last - rows["date"].where(rows["date"] > first, first)).dt.days + 1) / 7
    gross = rows["people"] * rows["weekly_gross"] * weeks
    health = gross * rows["health_percent"].fillna(0.0) / 100
    client = rows["people"] * rows["client_weekly"].fillna(0.0) * weeks
    money = {"gross": gross, "health": health, "client": client, "net": gross - health - client}
    return rows.assign(weeks=weeks, **money, added=~rows["among_usual"].fillna(False).astype(bool))


_KINDS = {
    "turns_18": "Young people who turn 18",
    "transfer_in": "Transfers in",
    "transfer_out": "Transfers out",
    "hospital_discharge": "Discharges from hospital",
    "home_closes": "A home that closes",
    "other": "Other moves",
}
_MOST_NAMED = 3  # kinds of moves, in a sentence
_TABLE = table_of(
    "known_changes",
    Column("name", "Move"),
    Column("care_type", "Care type"),
    Column("group", "Service group"),
    Column("date", "From", "date"),
    Column("people", "People", "number"),
    Column("net", "Net cost in the year, £", "money", unit="£"),
    Column("counted", "In the bridge"),
    notes=(
        "Net of what the NHS and the people pay. Moves among the usual starters are shown and not added, so "
        "that nobody is counted twice.",
    ),
)
NO_CHANGES = Missing.of(
    "No known move of people is held, so none is in next year's cost beyond the usual starters and leavers.",
    "known_changes",
    ("date", "kind", "care_type", "people", "weekly_gross"),
    "transitions and moves",
)


def headlines(study: Study) -> Iterator[Headline]:
    """Say what the known moves add to next year's cost."""
    added = study.changes[study.changes["added"]]
    if added.empty or 0 < added["people"].sum() < study.fewest("known_changes"):
        return
    net = float(added["net"].sum())
    whole = study.to_nearest_5("known_changes", pd.DataFrame({"people": [added["people"].sum()]}), "people")
    who = words.count_noun(float(whole["people"].iloc[0]), "person", "people")
    kinds = [f"{_KINDS[kind][:1].lower()}{_KINDS[kind][1:]}" for kind in dict.fromkeys(added["kind"])]
    kinds[_MOST_NAMED:] = ["others"] * (len(kinds) > _MOST_NAMED)
    verb = "add" if net >= 0 else "take"
    verb += f"{'s' * (who == '1 person')}{' off' * (net < 0)}"
    yield Headline(
        "next_year.known_changes",
        f"{who} known to move ({words.join(kinds)}) {verb} {pounds(net)} net in {study.next_year}. That is "
        "beyond the usual starters and leavers.",
        net,
        "£",
        method="people × weekly net cost × weeks from the move to the year end",
        see=("known_changes",),
        cell=("known_changes", "", "net"),
        stake="money",
    )


def section(study: Study) -> Section:
    """Set out the known moves of the next year."""
    if study.changes.empty:
        return Section.of(NO_CHANGES)
    rows = study.changes.assign(
        name=study.changes["kind"].map(_KINDS),
        group=study.changes["service_group"].map(group_name),
        counted=study.changes["added"].map({True: "added", False: "among the usual"}),
    )
    table = _TABLE.of(rows, f"Known moves in {study.next_year}")
    people = Register(dict(enumerate(rows["people"].astype(int).tolist())))
    # The sentence above tells their sum, and the bridge what they cost.
    people.total("added", rows.index[rows["added"]], shown=True)
    few, cells = study.fewest("known_changes"), {"people": list(rows.index)}
    rounds = study.data.rounds("known_changes")
    found = people.decide(few, rounded=rounds) if few > 1 else Decisions({})
    shown = as_decided(table, cells, found, few, with_counts={"net": ["people"]}, rounded=rounds)
    return Section.of(headlines(study), shown)
