"""The notebook's findings in one list, its checks, and what it says when there is nothing to count."""

from __future__ import annotations

__all__ = ["applicable", "checks", "findings", "headlines", "requests"]

from collections.abc import Callable

import numpy as np

from s75lib.present import Check, Headline, Missing, words
from s75lib.workload import shown
from s75lib.workload.naming import measure_name
from s75lib.workload.needs import NO_REQUESTS, NOTHING
from s75lib.workload.study import Study
from s75lib.workload.wording import demand, moves, people, queues

_ERROR_SHARE = 0.01

_Say = Callable[[Study], list[Headline]]
_HEADLINES: tuple[_Say, ...] = (
    people.need, people.teams, people.scenarios, queues.rota, demand.steps, demand.expected,
    moves.transfers, moves.means, moves.concerns, people.redeployed,
)  # fmt: skip
_SECTIONS: dict[str, tuple[_Say, ...]] = {
    "history": (demand.others_expected,),
    "accuracy": (demand.accuracy,),
    "shifts": (demand.searched,),
    "transfers": (moves.transfer_details,),
    "due": (moves.ledger,),
    "staff": (people.assumption,),
    "queues": (queues.backlog,),
    "posts": (people.posts, people.recruitment),
    "rota": (queues.rota_changes,),
}


def headlines(work: Study) -> list[Headline]:
    """Gather the findings that answer the notebook's question: people first, then the work, then transfers.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Headline
        Empty where nothing can be counted.
    """
    return [item for say in _HEADLINES for item in say(work)]


def findings(work: Study, section: str) -> list[Headline]:
    """Gather the further findings of a section.

    Parameters
    ----------
    work : Study
    section : str
        history, accuracy, shifts, transfers, due, staff, queues, posts or rota.

    Returns
    -------
    list of Headline
    """
    return [item for say in _SECTIONS[section] for item in say(work)]


def applicable(work: Study) -> list[Missing]:
    """Say so when nothing in the notebook can be done.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Missing
        One, for the whole notebook, or none.
    """
    said = any(say(work) for says in (_HEADLINES, *_SECTIONS.values()) for say in says)
    return [] if said else [NOTHING]


def requests(work: Study) -> list[Missing | Headline]:
    """Say whether the feared rise of case allocation requests can be tested, and how it came out.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list
        What is missing; or one sentence that points to the steps.
    """
    known = (
        work.totals[work.totals["measure"] == "case_allocation_requests"] if len(work.totals) else work.totals
    )
    if known.empty:
        return [NO_REQUESTS]
    found = [s for s in (*work.given, *work.shifts.found) if s.measure == "case_allocation_requests"]
    clear = [s for s in found if s.is_clear and s.ratio > 1]
    months = words.count_noun(int(known["count"].notna().sum()), "month")
    if clear:
        where = words.join(list(dict.fromkeys(s.team or "all teams together" for s in clear)))
        text = f"A lasting rise of case allocation requests is borne out over the {months} held: in {where}."
    else:
        text = f"No lasting rise of case allocation requests stands out over the {months} held."
    return [Headline("workload.requests", text, float(len(clear)), "series")]


def checks(work: Study) -> list[Check]:
    """Check that teams add up, draws are enough, and hidden counts can't be worked out.

    Parameters
    ----------
    work : Study

    Returns
    -------
    list of Check
        Only those that apply.
    """
    made: list[Check] = []
    if work.ahead.apart:
        made.append(
            Check(
                "workload.teams_add_up",
                max(work.ahead.apart.values()) < 1e-6,
                "The teams' forecasts add up to the whole in every sample path.",
            )
        )
    gaps = [
        measure_name(str(m)) for m, part in work.totals.groupby("measure") if part["count"].isna().any()
    ] if len(work.totals) else []  # fmt: skip
    if len(work.totals):
        said = f"; gaps in {words.join(gaps)}" if gaps else ""
        made.append(
            Check("workload.no_gaps", not gaps, f"Every month has all its teams in every measure{said}.")
        )
    if not work.needed.is_empty:
        year = work.needed.year(str(work.needed.years["pool"].iloc[0]))
        share = year["error"] / year["central"]
        made.append(
            Check("workload.draws", share < _ERROR_SHARE,
                  f"The random error of the central WTE is {words.percent(100 * share, 1)}, below 1%.")
        )  # fmt: skip
    if work.team_need and not work.team_need.not_by_team:
        whole = work.needed.draws["casework"]
        added = np.sum(list(work.team_need.draws.values()), axis=0)
        made.append(
            Check("workload.team_need", bool(np.allclose(added, whole)),
                  "The staff that the teams need add up to the whole in every draw.")
        )  # fmt: skip
    if len(work.moves):
        teams = work.moves[work.moves["level"] == "team"]
        expected = float(teams["gains"].sum()) * work.held.central("packages_per_person")
        moved = float(work.moved_reviews.groupby("month")["moved"].sum().iloc[-1])
        made.append(
            Check("workload.all_moved", bool(np.isclose(moved, expected)),
                  "Every package that is to move has moved by the end of the schedule.")
        )  # fmt: skip
    return [*made, *shown.audits(work)]
