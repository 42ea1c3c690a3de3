"""What the scorecard as a whole says: whether it applies, its headlines, what was checked."""

from __future__ import annotations

__all__ = ["applicable", "checks", "headlines"]

from collections.abc import Sequence
from dataclasses import replace

from s75lib import kpi
from s75lib.budget.position import headlines as position_headlines
from s75lib.budget.staffing import headlines as staffing_headlines
from s75lib.present import Check, Headline, Missing, words
from s75lib.scorecard.areas import AREAS
from s75lib.scorecard.card import Card
from s75lib.scorecard.needs import NEEDS
from s75lib.scorecard.wording.risk import actions, risks
from s75lib.workload.wording import moves, people

_MOST = 2
_TABLE = "scorecard"
_YEAR = ", 12 months"


def applicable(card: Card) -> list[Missing]:
    """Say where nothing of the four areas is held.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of Missing
        Empty where anything is; else what is missing, and the status of the notebook.
    """
    if card.held:
        return []
    reason = (
        "Neither budget, workload, performance indicators nor a risk register is held for this partnership."
    )
    return [Missing(reason, tuple(need for area in AREAS for need in NEEDS[area]), whole=True)]


def headlines(card: Card) -> list[Headline]:
    """Choose what matters in each area, two findings at most, by the wings' own wording.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of Headline
        Areas of which nothing is held, then budget, workload, indicators, risk and actions.
    """
    if not card.held:
        return actions(card)[:1]
    return [
        *_gaps(card),
        *_here(_budget(card)),
        *_here(_workload(card)),
        *_here(_indicators(card)),
        *risks(card)[:3],
        *actions(card)[:1],
    ]


def checks(card: Card) -> list[Check]:
    """Check what the card shows: the wings' own checks and the register's.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of Check
        Only those that the data allow.
    """
    made = [
        *card.money.checks,
        *kpi.wording.checks(card.kpi, card.found),
    ]
    if card.moves["rated"].notna().any():
        entries = words.count_noun(len(card.register), "entry", "entries")
        wrong = len(card.contradictions)
        made.append(
            Check(
                "scorecard.register", wrong == 0,
                f"{entries} of the risk register: score, level and words against consequence × likelihood, "
                f"{words.count_noun(wrong, 'contradiction')}.",
            )
        )  # fmt: skip
        if card.unread:
            quoted = words.join([f"“{word}”" for word in card.unread])
            said = f"Words of the register that are none of the scale's, and so were not checked: {quoted}."
            made.append(Check("scorecard.words", False, said))
    if len(card.actions):
        odd = int((card.actions["remark"] != "").sum())
        said = f"{words.count_noun(len(card.actions), 'action')}: {odd} whose status does not fit its date."
        made.append(Check("scorecard.actions", odd == 0, said))
    return made


def _gaps(card: Card) -> list[Headline]:
    """Say of which areas nothing is held."""
    gone = [area.lower() for area in AREAS if area not in card.held]
    if not gone:
        return []
    held = words.join([area.lower() for area in card.held])
    text = f"Of the four areas, figures are held of {held}; nothing is held of {words.join(gone, 'or')}."
    return [Headline("scorecard.held", text, float(len(card.held)), "areas", method="count", see=(_TABLE,))]


def _budget(card: Card) -> list[Headline]:
    """Say where the year will end, and staffing."""
    position = position_headlines(card.money)
    forecast = [one for one in position if one.id == "budget.position.forecast"]
    return [
        *forecast,
        *staffing_headlines(card.money)[:1],
    ]


def _workload(card: Card) -> list[Headline]:
    """Name the clearest change in what came in, packages to move, posts."""
    return [
        *_counts(card),
        *moves.transfers(card.work)[:1],
        *people.posts(card.work)[:1],
        *moves.means(card.work),
    ]


def _counts(card: Card) -> list[Headline]:
    shown = [one for one in card.of("Workload") if one.name.endswith(_YEAR)]
    if not shown:
        return []
    clear = sorted((one for one in shown if one.status == "watch"), key=lambda one: -abs(one.value or 0.0))
    if not clear:
        text = (
            f"None of {words.count_noun(len(shown), 'measure')} of work changed clearly in twelve months, "
            "against the twelve before."
        )
        return [Headline("scorecard.work", text, 0.0, "measures", method=_METHOD)]
    named = [f"{one.name.removesuffix(_YEAR)} {one.change} ({one.interval})" for one in clear[:2]]
    text = (
        f"{len(clear)} of {words.count_noun(len(shown), 'measure')} of work changed clearly in the twelve "
        f"months to {clear[0].as_at}, against the twelve before: {words.join(named)}."
    )
    return [Headline("scorecard.work", text, clear[0].value, "percent", method=_METHOD)]


_METHOD = "exact conditional interval of two counts, and the scatter of the months"


def _indicators(card: Card) -> list[Headline]:
    """Say how many moved, the change that matters most, and targets."""
    found = card.found
    return [
        *kpi.wording.top_changes(found.changes, 1),
        *kpi.wording.ratio(found.ratios),
        *kpi.wording.targets(found.targets),
        *kpi.wording.tally(found.changes),
    ]


def _here(said: Sequence[Headline]) -> list[Headline]:
    """Take the first few, resting on the scorecard's own table."""
    return [replace(one, see=(_TABLE,)) for one in said[:_MOST]]
