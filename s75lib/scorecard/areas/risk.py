"""The areas of risk and actions: how many are extreme, raised, contradictory, overdue."""

from __future__ import annotations

__all__ = ["plans", "risk"]

import pandas as pd

from s75lib.present import words
from s75lib.scorecard.areas.measure import Measure, Status, on, when
from s75lib.scorecard.scale import BANDS

_RISK, _ACTIONS = "Risk", "Actions"


def risk(moves: pd.DataFrame, wrong: pd.DataFrame, *, review_months: int) -> tuple[Measure, ...]:
    """Set out what the register says.

    Parameters
    ----------
    moves : DataFrame
        As `s75lib.scorecard.register.movement` gives it.
    wrong : DataFrame
        As `s75lib.scorecard.consistency.contradictions` gives it.
    review_months : int
        As for `movement`.

    Returns
    -------
    tuple of Measure
        Empty without risks.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> from s75lib.scorecard.consistency import contradictions
    >>> from s75lib.scorecard.register import movement, register
    >>> held = register(load("cambridgeshire").risks)
    >>> moves = movement(held, pd.Timestamp("2020-03-12"))
    >>> [one.judged for one in risk(moves, contradictions(held), review_months=6)][:3]
    ['✓ None extreme: 1 high', '✓ Lowered: 5737/5738', '✗ In 1 risk']
    """
    if moves.empty:
        return ()
    date = when(str(moves["date"].iloc[int(moves["day"].argmax())]))
    here = moves[moves["move"] != "absent"]
    scored = here[here["rated"].notna()]
    return (
        _extreme(here, scored, date),
        *((_moved(here, date),) if here["before"].notna().any() else ()),
        _contradictory(wrong, moves, date),
        _reviewed(moves, review_months, date),
    )


def plans(judged: pd.DataFrame, as_at: pd.Timestamp) -> tuple[Measure, ...]:
    """Set out how the improvement actions stand.

    Parameters
    ----------
    judged : DataFrame
        As `s75lib.scorecard.actions.actions` gives it.
    as_at : Timestamp
        As for `actions`.

    Returns
    -------
    tuple of Measure
        Empty without actions.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> from s75lib.scorecard.actions import actions
    >>> day = pd.Timestamp("2020-03-12")
    >>> plans(actions(load("cambridgeshire").actions, day), day)[0].judged
    '! 18 past their date without a status'
    """
    if judged.empty:
        return ()
    counts = judged["state"].value_counts()
    late, past, done = (int(counts.get(state, 0)) for state in ("overdue", "past", "done"))
    known = int(judged["state"].isin(["overdue", "open", "done"]).sum())
    said = [f"{late} overdue"] if late else []
    if past:
        said.append(f"{past} past their date without a status")
    if not said:
        complete = "None overdue" if known == len(judged) else f"None overdue of {known} with a status"
        said.append(complete if known else "No status published")
    settled = known == len(judged)
    status: Status = "bad" if late else "watch" if past else "good" if settled else "unknown"
    return (
        Measure(
            _ACTIONS,
            "improvement actions done",
            f"{done} of {len(judged)}",
            f"{words.count_noun(known, 'status', 'statuses')} known",
            "",
            "",
            status,
            "; ".join(said),
            on(as_at),
            float(late),
            "actions overdue",
        ),
    )


def _extreme(here: pd.DataFrame, scored: pd.DataFrame, date: str) -> Measure:
    worst = int((scored["band"] == "Extreme").sum())
    before = scored["before_band"]
    earlier = int((before == "Extreme").sum())
    unscored = len(here) - len(scored)
    counts = {name: int((scored["band"] == name).sum()) for name in reversed(BANDS)}
    bands = [f"{count} {name.lower()}" for name, count in counts.items() if count]
    said = words.join(bands) if worst else f"None extreme: {words.join(bands)}"
    if scored.empty:
        said = "No score published"
    if unscored and len(scored):
        said += f"; {unscored} unscored"
    status: Status = "bad" if worst else "unknown" if scored.empty else "good"
    return Measure(
        _RISK,
        "extreme risks",
        f"{worst} of {len(scored)} scored" if len(scored) else f"none of {len(here)} scored",
        f"review before: {earlier}" if before.ne("").any() else "no earlier review",
        words.signed(worst - earlier) if before.ne("").any() else "",
        "",
        status,
        said,
        date,
        float(worst) if len(scored) else None,
        "risks",
    )


def _moved(here: pd.DataFrame, date: str) -> Measure:
    ids = {move: here.loc[here["move"] == move, "risk_id"].tolist() for move in ("raised", "lowered", "new")}
    said = [f"{move}: {words.join(names)}" for move, names in ids.items() if names]
    text = "; ".join(said) or "none"
    status: Status = "bad" if ids["raised"] or ids["new"] else "good" if ids["lowered"] else "level"
    return Measure(
        _RISK,
        "raised since the review before",
        f"{len(ids['raised'])} raised, {len(ids['lowered'])} lowered",
        f"{words.count_noun(len(here), 'risk')}",
        "",
        "",
        status,
        f"{text[:1].upper()}{text[1:]}",
        date,
        float(len(ids["raised"])),
        "risks",
    )


def _contradictory(wrong: pd.DataFrame, moves: pd.DataFrame, date: str) -> Measure:
    count = len(wrong)
    risks = wrong["risk_id"].nunique()
    scored = bool(moves["rated"].notna().any())
    clean = "None found" if scored else "Nothing to check"
    return Measure(
        _RISK,
        "contradictions in the register",
        words.number(count),
        "consequence × likelihood",
        "",
        "",
        "bad" if count else "good" if scored else "unknown",
        f"In {words.count_noun(risks, 'risk')}" if count else clean,
        date,
        float(count),
        "contradictions",
    )


def _reviewed(moves: pd.DataFrame, review_months: int, date: str) -> Measure:
    due = moves[moves["is_due"]]
    months = words.count_noun(review_months, "month")
    return Measure(
        _RISK,
        "without a review for too long",
        f"{len(due)} of {len(moves)}",
        f"a review every {months}",
        "",
        "",
        "bad" if len(due) else "good",
        f"Not reviewed: {words.join(due['risk_id'].head(4).tolist())}"
        if len(due)
        else "All reviewed in time",
        date,
        float(len(due)),
        "risks",
    )
