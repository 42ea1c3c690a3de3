"""Tables of the scorecard: all areas; risks, their matrix and contradictions; improvement actions."""

from __future__ import annotations

__all__ = ["actions", "contradictions", "matrix", "risks", "scorecard", "shared"]

import numpy as np
import pandas as pd

from s75lib.present import Column, Missing, Table, words
from s75lib.scorecard.actions import STATES
from s75lib.scorecard.areas import AREAS
from s75lib.scorecard.card import Card
from s75lib.scorecard.days import HARD_SPACE, brief
from s75lib.scorecard.needs import NO_ACTIONS, NO_RISKS, NO_SCORES
from s75lib.scorecard.scale import BANDS, CONSEQUENCES, LIKELIHOODS

MOVES = {
    "raised": "▲ Raised",
    "lowered": "▼ Lowered",
    "unchanged": "● Unchanged",
    "new": "◆ New",
    "once": "– Nothing to compare with",
    "unscored": "– Not scored",
    "absent": "○ Not in the latest review",
}
_BANDED = ", ".join(f"{name.lower()} {low} to {high}" for name, (low, high) in BANDS.items())
_SHORT = 15
SOURCE = "National Patient Safety Agency (2008), A risk matrix for risk managers"


def scorecard(card: Card) -> Table:
    """Set out every measure of every area in one table.

    Parameters
    ----------
    card : Card

    Returns
    -------
    Table
        An area of which nothing is held has one row that says so.
    """
    rows = []
    for area in (*AREAS, "Actions"):
        for one in card.of(area):
            cells = (one.judged, one.latest, one.against, one.change, one.interval, one.as_at)
            rows.append([f"{area}: {one.name}", *map(_unbroken, cells)])
        if not card.of(area):
            rows.append([f"{area}: nothing is held", _unbroken("– Not held"), *[""] * 5])
    columns = (
        Column("measure", "Measure"),
        Column("verdict", "Verdict"),
        Column("latest", "Latest"),
        Column("against", "Against"),
        Column("change", "Change"),
        Column("interval", "95% interval"),
        Column("as_at", "As at"),
    )
    notes = (
        "✓ good, ✗ bad, ! to be watched, ● no clear change, – not judged.",
        "Intervals are given where chance is at work; accounts, posts and entries of a register are no "
        "samples. Of rounded accounts, the most that rounding can make is given (±).",
        "Moved beyond chance: tested at 5%, with all tests of the report taken together. Target surely "
        "missed: the whole 95% interval of the latest figure is on the wrong side.",
        "Events are called clearly more or fewer where the change is beyond chance and beyond the scatter of "
        "their months.",
    )
    frame = pd.DataFrame(rows, columns=[column.name for column in columns]).map(lambda text: text or "–")
    return Table("scorecard", f"Joint performance scorecard, {card.place}", frame, columns, notes)


def risks(card: Card) -> Table | Missing:
    """Set out each risk with its recomputed score, band and movement.

    Parameters
    ----------
    card : Card

    Returns
    -------
    Table or Missing
    """
    if card.moves.empty:
        return NO_RISKS
    moves = card.moves
    frame = pd.DataFrame(
        {
            "risk": moves["risk_id"] + ": " + moves["description"],
            "date": [brief(str(text)) for text in moves["date"]],
            "factors": [
                _factors(*pair) for pair in zip(moves["consequence"], moves["likelihood"], strict=True)
            ],
            "rated": moves["rated"],
            "band": moves["band"].replace("", "Not scored"),
            "printed": [
                _printed(score, level) for score, level in zip(moves["score"], moves["level"], strict=True)
            ],
            "before": moves["before"],
            "first": moves["first"],
            "move": moves["move"].map(MOVES).map(_unbroken),
            "months": moves["months_since"],
        }
    )
    differs = (moves["basis"] == "recorded").any() or len(card.contradictions) > 0
    columns = [
        Column("risk", "Risk"),
        Column("factors", _unbroken("C × L")),
        Column("rated", "Score", "number"),
        Column("band", "Band"),
        *([Column("printed", "As recorded")] if differs else []),
        Column("before", "Before", "number"),
        Column("first", "At first", "number"),
        Column("move", "Movement"),
        Column("date", "Review"),
        *([Column("months", "Months ago", "number")] if moves["is_due"].any() else []),
    ]
    if moves["rated"].isna().all():
        columns = [column for column in columns if column.name in ("risk", "band", "date", "months")]
    notes = [f"Score: consequence × likelihood (C × L). Bands: {_BANDED} ({SOURCE})."]
    if (moves["basis"] == "recorded").any():
        notes.append("Where the factors are not recorded, the score is the one recorded.")
    if moves["is_due"].any():
        notes.append(f"Months ago: to {words.day(card.as_at)}, the last day that anything was known of.")
    title = f"Risk register, {card.place}: scores recomputed, and their movement"
    return Table("risks", title, frame, tuple(columns), tuple(notes))


def matrix(card: Card) -> Table | Missing:
    """Set out which risks lie where on the matrix of five by five.

    Parameters
    ----------
    card : Card

    Returns
    -------
    Table or Missing
    """
    placed = card.moves[card.moves["consequence"].notna() & card.moves["likelihood"].notna()]
    if placed.empty:
        return NO_RISKS if card.moves.empty else NO_SCORES
    rows = []
    for consequence in range(5, 0, -1):
        here = placed[placed["consequence"] == consequence]
        cells = [
            words.join(here.loc[here["likelihood"] == n, "risk_id"].tolist()) or "–" for n in range(1, 6)
        ]
        rows.append([f"{consequence} {CONSEQUENCES[consequence - 1]}", *cells])
    names = ["consequence", *(f"likelihood_{n}" for n in range(1, 6))]
    labels = ["Consequence", *(f"{n} {name}" for n, name in enumerate(LIKELIHOODS, start=1))]
    columns = tuple(Column(name, label) for name, label in zip(names, labels, strict=True))
    title = f"Risks by consequence (rows) and likelihood (columns), {card.place}"
    return Table("risk_matrix.data", title, pd.DataFrame(rows, columns=names), columns, (SOURCE + ".",))


def contradictions(card: Card) -> list[Table]:
    """Set out what the register says twice and differently.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of Table
        Empty where nothing contradicts.
    """
    if card.contradictions.empty:
        return []
    columns = (
        Column("risk_id", "Risk"),
        Column("date", "Review"),
        Column("field", "What is recorded"),
        Column("found", "Recorded"),
        Column("expected", "By the numbers"),
        Column("detail", "Why"),
        Column("repair", "What alone would make all agree"),
    )
    frame = card.contradictions.map(lambda text: text or "–")
    notes = ("What would make all agree is what fits, not what is true: the register's owner decides.",)
    return [Table("contradictions", "Contradictions within the risk register", frame, columns, notes)]


def shared(card: Card) -> list[Table]:
    """Set out risks that share a row or a text with another.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of Table
        Empty where there is none.
    """
    if card.shared.empty:
        return []
    columns = (Column("risk_id", "Risk"), Column("detail", "What that means"))
    return [Table("risk_ids", "Risks that partners number twice", card.shared, columns)]


def actions(card: Card) -> Table | Missing:
    """Set out improvement actions by their state and due day.

    Parameters
    ----------
    card : Card

    Returns
    -------
    Table or Missing
    """
    if card.actions.empty:
        return NO_ACTIONS
    plan = card.actions
    frame = pd.DataFrame(
        {
            "action": plan["action"],
            "state": plan["state"].map(STATES).map(_unbroken),
            "due": [brief(str(text)) or "no date" for text in plan["due"]],
            "late": plan["days_late"],
            "owner": plan["owner_role"].replace("", "nobody named"),
            "recorded": plan["status"].replace("", "–"),
            "remark": plan["remark"],
        }
    )
    columns = [
        Column("action", "Action"),
        Column("state", "State"),
        Column("due", "Due"),
        Column("late", "Days past", "number"),
        Column("owner", "Owner"),
        Column("recorded", "Status as recorded"),
        Column("remark", "Remark"),
    ]
    odd = plan["remark"].ne("") | plan["state"].eq("unread")
    empty = {"late": plan["days_late"].isna().all(), "recorded": not odd.any(), "remark": not odd.any()}
    columns = [column for column in columns if not empty.get(column.name, False)]
    notes = [f"Judged at {words.day(card.as_at)}; a month is due on its last day."]
    if plan["state"].isin(["past", "unknown"]).any():
        notes.append(
            "Date passed, or no status: none is published, so nobody can say whether the action is done."
        )
    return Table("actions", f"Improvement actions, {card.place}", frame, tuple(columns), tuple(notes))


def _unbroken(text: str) -> str:
    """Keep a short text on one line."""
    return text.replace(" ", HARD_SPACE) if len(text) <= _SHORT else text


def _factors(consequence: float, likelihood: float) -> str:
    if np.isnan(consequence) or np.isnan(likelihood):
        return "not recorded"
    return _unbroken(f"{words.number(consequence)} × {words.number(likelihood)}")


def _printed(score: float, level: str) -> str:
    said = [] if np.isnan(score) else [words.number(score)]
    return ", ".join([*said, *([level] if level else [])]) or "–"
