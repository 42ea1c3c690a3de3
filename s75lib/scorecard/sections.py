"""The notebook's sections: the parts of one area, or what would fill it."""

from __future__ import annotations

__all__ = ["actions", "budget", "indicators", "risk", "workload"]

from s75lib import kpi as kpi_wing
from s75lib import workload as work_wing
from s75lib.budget.position import figure_variances
from s75lib.budget.staffing import figure_variances as figure_staffing
from s75lib.present import Figure, Headline, Missing, Table
from s75lib.scorecard import figures, tables, wording
from s75lib.scorecard.card import Card
from s75lib.scorecard.needs import missing

Shown = Figure | Table | Missing | list[Headline]


def budget(card: Card) -> list[Shown]:
    """Show the variance of each service group's lines, and of staffing.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of parts
    """
    if not card.of("Budget"):
        return [missing("Budget")]
    parts: list[Shown] = []
    if len(card.money.data.budget):
        parts.append(figure_variances(card.money))
    if len(card.money.data.staffing):
        parts.append(figure_staffing(card.money))
    return parts


def workload(card: Card) -> list[Shown]:
    """Show posts, and people whose packages move.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of parts
    """
    if not card.of("Workload"):
        return [missing("Workload")]
    parts: list[Shown] = []
    if len(card.work.staff):
        parts.append(work_wing.tables.posts(card.work))
    if len(card.work.moves):
        parts.append(work_wing.figures.transfers(card.work))
    return parts


def indicators(card: Card) -> list[Shown]:
    """Show what moved beyond chance and the targets.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of parts
    """
    if not card.of("Indicators"):
        return [missing("Indicators")]
    return [kpi_wing.figures.targets(card.found.targets, place=card.place)]


def risk(card: Card) -> list[Shown]:
    """Show the register: findings, matrix, scores through the reviews, every risk, contradictions.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of parts
    """
    if card.moves.empty:
        return [missing("Risk")]
    return [
        wording.risks(card)[3:],
        figures.matrix(card),
        *figures.reviews(card),
        tables.risks(card),
        *tables.contradictions(card),
        *tables.shared(card),
    ]


def actions(card: Card) -> list[Shown]:
    """Show the improvement actions.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of parts
    """
    return [tables.actions(card)]
