"""Sentences on the risk register and the improvement actions."""

from __future__ import annotations

__all__ = ["actions", "risks"]

import math

import pandas as pd

from s75lib.present import Headline, words
from s75lib.scorecard.card import Card
from s75lib.scorecard.days import written

_SCORED = "consequence × likelihood, banded by the model matrix of the National Patient Safety Agency (2008)"


def risks(card: Card) -> list[Headline]:
    """Say what is extreme, what moved, what contradicts, and what was not reviewed.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of Headline
        Empty without risks.
    """
    if card.moves.empty:
        return []
    return [*_bands(card), *_moves(card), *_contradictions(card), *_absent(card), *_due(card)]


def actions(card: Card) -> list[Headline]:
    """Say how many improvement actions are overdue, and of how many nobody can say.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of Headline
        Empty without actions.
    """
    plan = card.actions
    if plan.empty:
        return []
    counts = plan["state"].value_counts()
    late, past, done = (int(counts.get(state, 0)) for state in ("overdue", "past", "done"))
    blank = past + int(counts.get("unknown", 0))
    text = f"At {words.day(card.as_at)}, {done or 'none'} of {words.count_noun(len(plan), 'action')} "
    text += f"{'is' if done <= 1 else 'are'} called done"
    if late:
        first = plan[plan["state"] == "overdue"].iloc[0]
        text += f" and {late} {'is' if late == 1 else 'are'} overdue"
        if not pd.isna(first["days_late"]):
            text += f", the longest since {written(str(first['due']))}: “{first['action']}”"
    elif blank < len(plan):
        text += ", and of those with a status none is overdue"
    if blank:
        text += f". Of {blank} no status is published"
        text += f", and the date of {past} of them has passed" if past else ""
    said = [
        Headline(
            "scorecard.actions", f"{text}.", float(late), "actions overdue",
            method="due day and status against the last day known", see=("actions",),
        )
    ]  # fmt: skip
    odd = plan[plan["remark"] != ""]
    if len(odd):
        named = words.join([f"“{text}”" for text in odd["action"].head(2)])
        said.append(
            Headline(
                "scorecard.actions.contradictions",
                f"Status and date do not fit for {words.count_noun(len(odd), 'action')}, such as {named}.",
                float(len(odd)), "actions", method="due day against the status recorded", see=("actions",),
            )
        )  # fmt: skip
    return said


def _bands(card: Card) -> list[Headline]:
    here = card.moves[card.moves["move"] != "absent"]
    scored = here[here["rated"].notna()]
    if scored.empty:
        text = f"The register names {words.count_noun(len(here), 'risk')} and scores none of them."
        return [
            Headline("scorecard.risk.bands", text, float(len(here)), "risks", method="count", see=("risks",))
        ]
    worst = scored[scored["band"] == "Extreme"]
    top = scored.iloc[0]
    if len(worst):
        text = f"{len(worst)} of {words.count_noun(len(scored), 'scored risk')} "
        text += f"{'is' if len(worst) == 1 else 'are'} extreme ({words.join(worst['risk_id'].tolist())})"
    else:
        text = f"No risk is extreme; the highest is {top['risk_id']}, {top['rated']:.0f} "
        text += f"({top['band'].lower()})"
    if len(here) > len(scored):
        text += f"; {len(here) - len(scored)} more without a score"
    return [
        Headline(
            "scorecard.risk.bands",
            f"{text}.",
            float(len(worst)),
            "risks",
            method=_SCORED,
            see=("risk_matrix",),
        )
    ]


def _moves(card: Card) -> list[Headline]:
    moved = card.moves[card.moves["move"].isin(["raised", "lowered", "new"])]
    if moved.empty:
        return []
    said = []
    for move, verb in (("raised", "was raised"), ("lowered", "was lowered"), ("new", "is new")):
        part = moved[moved["move"] == move]
        names = [_named(row) for row in part.to_dict("records")]
        if names:
            plural = {"was raised": "were raised", "was lowered": "were lowered", "is new": "are new"}[verb]
            said.append(f"{words.join(names)} {verb if len(names) == 1 else plural}")
    return [
        Headline(
            "scorecard.risk.moves", f"Since the review before, {words.join(said)}.",
            float((moved["move"] == "raised").sum()), "risks raised", method=_SCORED, see=("risks",),
        )
    ]  # fmt: skip


def _named(row: dict[object, object]) -> str:
    if row["move"] == "new":
        return f"{row['risk_id']} ({float(str(row['rated'])):.0f}, {str(row['band']).lower()})"
    before, after = float(str(row["before"])), float(str(row["rated"]))
    bands = [str(row["before_band"]).lower(), str(row["band"]).lower()]
    change = f", {bands[0]} to {bands[1]}" if bands[0] != bands[1] else f", still {bands[1]}"
    recorded = float(str(row["score"]))
    if not math.isnan(recorded) and recorded != after:
        change += f"; recorded as {recorded:.0f}"
    return f"{row['risk_id']} ({before:.0f} to {after:.0f}{change})"


def _contradictions(card: Card) -> list[Headline]:
    wrong = card.contradictions
    said: list[Headline] = []
    for (name, date), part in wrong.groupby(["risk_id", "date"], sort=False):
        text = f"Risk {name}, review of {date}: {' '.join(part['detail'])}"
        repair = part["repair"].iloc[0]
        text += f" With {repair} all would agree." if repair else " No single change would make all agree."
        said.append(
            Headline(
                f"scorecard.risk.contradiction.{len(said) + 1}", text, float(len(part)), "contradictions",
                method=_SCORED, see=("contradictions",),
            )
        )  # fmt: skip
    return said


def _absent(card: Card) -> list[Headline]:
    gone = card.moves[card.moves["move"] == "absent"]
    if gone.empty:
        return []
    verb = "was" if len(gone) == 1 else "were"
    text = (
        f"{words.join(gone['risk_id'].tolist())} {verb} not in the register's latest review: closed, or not "
        "reviewed; the register does not say which."
    )
    return [
        Headline("scorecard.risk.absent", text, float(len(gone)), "risks", method="count", see=("risks",))
    ]


def _due(card: Card) -> list[Headline]:
    late = card.moves[card.moves["is_due"]]
    if late.empty:
        return []
    months = words.count_noun(card.review_months, "month")
    text = (
        f"{words.count_noun(len(late), 'risk')} had no review in the {months} to {words.day(card.as_at)}: "
        f"{words.join(late['risk_id'].tolist())}."
    )
    return [Headline("scorecard.risk.due", text, float(len(late)), "risks", method="count", see=("risks",))]
