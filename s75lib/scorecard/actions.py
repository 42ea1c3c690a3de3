"""Improvement actions against a day: done, open, overdue, and what nobody has said."""

from __future__ import annotations

__all__ = ["STATES", "actions"]

import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from s75lib.scorecard.days import last_day

STATES = {
    "overdue": "▼ Overdue",
    "past": "? Date passed",
    "open": "● Open",
    "unknown": "– No status",
    "unread": "– Status unclear",
    "done": "✓ Done",
}
"""States in the order in which a board asks for them, in words with a shape."""

_WORDS = {
    "done": {"done", "complete", "completed", "closed", "achieved", "implemented", "delivered", "finished"},
    "open": {"open", "ongoing", "in progress", "on track", "started", "not started", "planned", "pending",
             "in hand", "to do", "underway", "under way"},
    "overdue": {"overdue", "late", "delayed", "slipped", "behind"},
}  # fmt: skip
_COLUMNS = ["action_id", "action", "owner_role", "due", "due_day", "status", "state", "days_late", "remark"]


def actions(plan: pd.DataFrame, as_at: pd.Timestamp) -> pd.DataFrame:
    """Judge every improvement action against a day.

    Parameters
    ----------
    plan : DataFrame
        The contract's `actions`.
    as_at : Timestamp
        Day on which the status was known.

    Returns
    -------
    DataFrame
        ``action_id``, ``action``, ``owner_role``, ``due``, ``due_day`` (last day that the date stands for;
        NaT without), ``status`` (as recorded), ``state`` (a key of `STATES`), ``days_late`` (from the due
        day to `as_at`; NaN unless overdue or past), ``remark`` (what does not fit; else empty). By state,
        then due day.

    Notes
    -----
    An action is overdue where it is called open or overdue and its day has passed, or where it is called
    overdue, whatever the date says. Due on the day itself is not late. Where no status is recorded, nobody
    can say whether an action whose day has passed is late or done.

    Examples
    --------
    >>> plan = pd.DataFrame({"action_id": ["a", "b", "c"], "action": ["x", "y", "z"], "owner_role": "",
    ...                      "due": ["2020-02", "2020-03-31", "2020-01-31"], "status": ["open", "Open", ""]})
    >>> actions(plan, pd.Timestamp("2020-03-12"))[["action_id", "state", "days_late"]].values.tolist()
    [['a', 'overdue', 12.0], ['c', 'past', 41.0], ['b', 'open', nan]]
    """
    made = [_judged(row, as_at) for row in plan.to_dict("records")]
    frame = pd.DataFrame(made, columns=_COLUMNS)
    order = frame["state"].map({name: place for place, name in enumerate(STATES)})
    return frame.assign(order=order).sort_values(
        ["order", "due_day"], kind="stable", ignore_index=True
    )[_COLUMNS]  # fmt: skip


def _judged(row: Mapping[Hashable, Any], as_at: pd.Timestamp) -> dict[str, Any]:
    due, said = last_day(str(row["due"])), _said(str(row["status"]))
    passed = due < as_at  # never true without a day
    if said in ("done", "unread"):
        state = said
    elif said == "":
        state = "past" if passed else "unknown"
    else:
        state = "overdue" if passed or said == "overdue" else "open"
    late = passed and state in ("overdue", "past")
    return {
        **{name: row[name] for name in ("action_id", "action", "owner_role", "due", "status")},
        "due_day": due,
        "state": state,
        "days_late": float((as_at - due).days) if late else float("nan"),
        "remark": _remark(said, str(row["due"]), passed),
    }


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
