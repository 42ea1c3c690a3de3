"""Improvement actions against a day: done, open, overdue, and what nobody has said."""

from __future__ import annotations

__all__ = ["actions"]

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from s75lib.loaders.period import last_day
from s75lib.present import Check, Column, Details, Headline, Missing, Section, Table, table_of, words
from s75lib.scorecard.card import Measure, Status, brief, unbroken

if TYPE_CHECKING:
    from s75lib.scorecard.study import Study

STATES = {
    "overdue": "▼ Overdue",
    "past": "? Date passed",
    "open": "● Open",
    "unknown": "○ No status",
    "unread": "○ Status unclear",
    "done": "✓ Done",
}
"""States in the order in which a board asks for them, in words with a shape."""

_WORDS = {
    "done": {"done", "complete", "completed", "closed", "achieved", "implemented", "delivered", "finished"},
    "open": {
        "open",
        "ongoing",
        "in progress",
        "on track",
        "started",
        "not started",
        "planned",
        "pending",
        "in hand",
        "to do",
        "underway",
        "under way",
    },
    "overdue": {"overdue", "late", "delayed", "slipped", "behind"},
}
PRIORITIES = {"high": "▲ High", "medium": "● Medium", "low": "▽ Low", "": "–"}
"""Priorities in their order, in words with a shape."""
_GIVEN = ["action_id", "action", "owner_role", "due", "status", "workstream", "priority"]
_COLUMNS = [*_GIVEN, "due_day", "state", "days_late", "remark"]


def actions(plan: pd.DataFrame, as_at: pd.Timestamp, *, recorded_later: bool = False) -> pd.DataFrame:
    """Judge every improvement action against a day.

    An action is overdue where it is called open or overdue and its day has passed, or where it is called
    overdue, whatever the date says. Due on the day itself is not late. Where no status is recorded, nobody
    can say whether an action whose day has passed is late or done. Of statuses recorded later, what was not
    done then was not done before; whether what was done then was done by `as_at` is not known.

    Parameters
    ----------
    plan : DataFrame
        The contract's `actions`.
    as_at : Timestamp
        Day against which the due days stand.
    recorded_later : bool
        Whether the statuses are of a later day, as where a report is made of an earlier quarter.

    Returns
    -------
    DataFrame
        The contract's columns, ``due_day`` (last day that the date stands for; NaT without), ``state`` (a key
        of `STATES`), ``days_late`` (from the due day to `as_at`; NaN unless overdue or past), ``remark``
        (what does not fit; else empty). Those not done first, by priority, state and due day.

    Examples
    --------
    >>> plan = pd.DataFrame({"action_id": ["a", "b", "c"], "action": ["x", "y", "z"], "owner_role": "",
    ...                      "due": ["2020-02", "2020-03-31", "2020-01-31"], "status": ["open", "Open", ""]})
    >>> actions(plan, pd.Timestamp("2020-03-12"))[["action_id", "state", "days_late"]].values.tolist()
    [['a', 'overdue', 12.0], ['c', 'past', 41.0], ['b', 'open', nan]]
    """
    given = plan.reindex(columns=_GIVEN, fill_value="")
    made = [_judged(row, as_at, recorded_later) for row in given.to_dict("records")]
    frame = pd.DataFrame(made, columns=_COLUMNS)
    days = (as_at - pd.to_datetime(frame["due_day"])).dt.days
    frame["days_late"] = days.where(frame["state"].isin(["overdue", "past"]) & (days > 0))
    order = frame.assign(
        done=frame["state"] == "done",
        urgent=frame["priority"].map({name: place for place, name in enumerate(PRIORITIES)}),
        order=frame["state"].map({name: place for place, name in enumerate(STATES)}),
    ).sort_values(["done", "urgent", "order", "due_day"], kind="stable")
    return frame.loc[order.index].reset_index(drop=True)


def _judged(row: Mapping[Any, Any], as_at: pd.Timestamp, recorded_later: bool) -> dict[str, Any]:
    due = pd.Timestamp(last_day(row["due"])) if row["due"] else None
    passed, said = due is not None and due < as_at, _said(str(row["status"]))
    remark = "" if recorded_later else _remark(said, str(row["due"]), passed)
    if recorded_later:
        said = {"done": "", "overdue": "open"}.get(said, said)
    if said in ("done", "unread"):
        state = said
    elif said == "":
        state = "past" if passed else "unknown"
    else:
        state = "overdue" if passed or said == "overdue" else "open"
    return {**row, "due_day": due, "state": state, "remark": remark}


def _said(status: str) -> str:
    """Read a status: done, open, overdue, empty, or unread."""
    plain = " ".join(re.findall(r"[a-z]+", status.lower()))
    if not plain:
        return "" if not status.strip() else "unread"
    return next((name for name, known in _WORDS.items() if plain in known), "unread")


def _remark(said: str, due: str, passed: bool) -> str:
    if said == "open" and passed:
        return "Called open, though its date has passed."
    if said == "overdue" and not due:
        return "Called overdue, but no date is given."
    if said == "overdue" and not passed:
        return "Called overdue, though its date has not passed."
    return ""


# What is said


def measures(study: Study) -> list[Measure]:
    """Count the actions that are done, overdue or without a status."""
    plan = study.actions
    if plan.empty:
        return []
    late, past, done = _counts(plan)
    known = int(plan["state"].isin(["overdue", "open", "done"]).sum())
    blank, opened = len(plan) - known, known - late - done
    counts = {"done": done, "overdue": late, "open": opened, "not reported": blank}
    said = [f"{count} {name}" for name, count in counts.items() if count]
    said += [f"{past} of them past {'its' if past == 1 else 'their'} date"] if past else []
    settled = known == len(plan)
    status: Status = "bad" if late else "watch" if past else "good" if settled else "unknown"
    as_at, verdict = brief(study.as_at), ", ".join(said) if known or past else "No status recorded"
    name, latest = "improvement actions done", f"{done} of {len(plan)}"
    return [Measure(name, latest, "", status, verdict, as_at, value=float(late))]


def headlines(study: Study) -> list[Headline]:
    """Say how many actions are overdue, of how many nobody can say, and which dates do not fit."""
    plan = study.actions
    if plan.empty:
        return []
    late, past, done = _counts(plan)
    blank = past + int((plan["state"] == "unknown").sum())
    text = f"At {words.day(study.as_at)}, {done or 'none'} of {words.count_noun(len(plan), 'action')} "
    cut = study.data.was_cut
    text += f"{'is' if done <= 1 else 'are'} {'known to be' if cut else 'recorded as'} done"
    if late:
        oldest = plan[plan["state"] == "overdue"].sort_values("due_day", kind="stable").iloc[0]
        text += f" and {late} {'is' if late == 1 else 'are'} overdue"
        if not pd.isna(oldest["days_late"]):
            text += f". The longest overdue, since {words.when(str(oldest['due']))}, is “{oldest['action']}”"
    elif blank < len(plan):
        text += ". None of those with a status is overdue"
    if blank:
        text += f". No status {'of that day is known' if cut else 'is recorded'} for {blank}"
        text += f", and the date of {past} of them has passed" if past else ""
    method, see = "due day and status against the last day known", (ACTIONS.id,)
    first = Headline(
        "scorecard.actions",
        f"{text}.",
        float(late),
        "actions overdue",
        method=method,
        cell=(ACTIONS.id, "", "state"),
    )
    if late or past:
        first = replace(first, stake="people", against=float(len(plan)) if late else None)
    said = [first]
    odd = plan[plan["remark"] != ""]
    if len(odd):
        named = words.join([f"“{text}”" for text in odd["action"].head(2)])
        text = f"Status and date do not fit for {words.count_noun(len(odd), 'action')}, such as {named}."
        name, method = "scorecard.actions.contradictions", "due day against the status recorded"
        said += [Headline(name, text, float(len(odd)), "actions", method=method, see=see, stake="certainty")]
    return said


def _counts(plan: pd.DataFrame) -> tuple[int, int, int]:
    """Count the actions that are overdue, past their date without a status, and done."""
    late, past, done = (int((plan["state"] == state).sum()) for state in ("overdue", "past", "done"))
    return late, past, done


def checks(study: Study) -> list[Check]:
    """Check that each status fits its date."""
    plan = study.actions
    if plan.empty:
        return []
    odd = int((plan["remark"] != "").sum())
    said = f"{words.count_noun(len(plan), 'action')}: {odd} whose status does not fit its date."
    return [Check("scorecard.actions", odd == 0, said)]


# What is tabled


NO_ACTIONS = Missing.of(
    "No improvement actions are held.",
    "actions",
    tuple(_GIVEN),
    "what is done and overdue, the most urgent first",
)
ACTIONS = table_of(
    "actions",
    Column("action", "Action"),
    Column("workstream", "Workstream"),
    Column("priority", "Priority"),
    Column("state", "State"),
    Column("due", "Due"),
    Column("late", "Days past", "number"),
    Column("owner", "Owner"),
    Column("recorded", "Status as recorded"),
    Column("remark", "Remark"),
)


def _table(study: Study) -> Table:
    plan = study.actions
    frame = plan.assign(
        state=plan["state"].map(STATES).map(unbroken),
        due=[brief(str(text)) or "no date" for text in plan["due"]],
        late=plan["days_late"],
        owner=plan["owner_role"].replace("", "nobody named"),
        recorded=plan["status"].replace("", "–"),
        workstream=plan["workstream"].replace("", "–"),
        priority=plan["priority"].map(PRIORITIES).map(unbroken),
    )
    odd = plan["remark"].ne("") | plan["state"].eq("unread")
    gone = {"late"} if plan["days_late"].isna().all() else set()
    gone |= set() if odd.any() else {"recorded", "remark"}
    gone |= {name for name in ("workstream", "priority") if (plan[name] == "").all()}
    shown = replace(ACTIONS, columns=tuple(one for one in ACTIONS.columns if one.name not in gone))
    later = (
        "Statuses were recorded after this day. What was not done then was not done before; "
        "when the rest was done is not recorded."
    )
    blank = "Date passed, or no status: none is recorded, so nobody can say whether the action is done."
    notes = (
        f"Judged at {words.day(study.as_at)}; a month is due on its last day.",
        later if study.data.was_cut else blank if plan["state"].isin(["past", "unknown"]).any() else "",
    )
    return shown.of(frame, f"Improvement actions, {study.place}", notes=notes)


def section(study: Study) -> Section:
    """Show the improvement actions."""
    if study.actions.empty:
        return Section.of(NO_ACTIONS)
    return Section.of(headlines(study), Details(), _table(study))
