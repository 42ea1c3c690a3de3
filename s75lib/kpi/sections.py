"""The notebook's sections: figure and tables of one question, and what is missing said once."""

from __future__ import annotations

__all__ = ["audit", "months", "moved", "survey", "targets"]

from collections.abc import Iterable

from s75lib.kpi import figures, tables, wording
from s75lib.kpi.findings import Findings
from s75lib.present import Figure, Headline, Missing, Table

Shown = Figure | Table | Missing | list[Headline]


def moved(found: Findings, *, place: str, threshold: int = 0) -> list[Shown]:
    """Show what moved: charts, then every change with its test.

    Parameters
    ----------
    found : Findings
        As `s75lib.kpi.findings.findings` gives it.
    place : str
        Name of the authority.
    threshold : int
        Counts of people below it are not shown; 0 shows all.

    Returns
    -------
    list of parts
    """
    drawn = figures.changes(found.changes, place=place, threshold=threshold)
    return _once([*drawn, tables.changes(found.changes, threshold=threshold)])


def targets(found: Findings, *, place: str) -> list[Shown]:
    """Show targets: months on target in words, chart, table.

    Parameters
    ----------
    found : Findings
        As `s75lib.kpi.findings.findings` gives it.
    place : str
        Name of the authority.

    Returns
    -------
    list of parts
    """
    return _once(
        [
            wording.months(found.targets),
            figures.targets(found.targets, place=place),
            tables.targets(found.targets),
        ]
    )


def months(found: Findings, *, place: str, threshold: int = 0) -> list[Shown]:
    """Show the control charts and their table.

    Parameters
    ----------
    found : Findings
        As `s75lib.kpi.findings.findings` gives it.
    place : str
        Name of the authority.
    threshold : int
        Counts of people below it are not shown; 0 shows all.

    Returns
    -------
    list of parts
    """
    drawn = figures.control(found.charts, place=place, threshold=threshold)
    return _once([*drawn, tables.control(found.control, threshold=threshold)])


def survey(found: Findings, *, place: str) -> list[Shown]:
    """Show the survey: findings, chart, answers, change since the round before.

    Parameters
    ----------
    found : Findings
        As `s75lib.kpi.findings.findings` gives it.
    place : str
        Name of the authority.

    Returns
    -------
    list of parts
    """
    said = [*wording.survey(found.answers, found.survey_changes), *wording.impossible(found.answers)]
    parts: list[Shown] = [said, figures.answers(found.answers, place=place), tables.answers(found.answers)]
    if len(found.answers):
        parts.append(tables.survey_changes(found.survey_changes))
    return _once(parts)


def audit(found: Findings, *, place: str) -> list[Shown]:
    """Show the case-file audit: finding, chart, table, files that a better one would need.

    Parameters
    ----------
    found : Findings
        As `s75lib.kpi.findings.findings` gives it.
    place : str
        Name of the authority.

    Returns
    -------
    list of parts
    """
    return _once(
        [
            wording.audits(found.audit_changes),
            figures.audits(found.audit_changes, place=place),
            tables.audits(found.audit_changes),
            tables.cases_needed(found.cases_needed),
        ]
    )


def _once(parts: Iterable[Shown]) -> list[Shown]:
    """Drop what is empty, and a gap that was named before."""
    named: set[str] = set()
    kept: list[Shown] = []
    for part in parts:
        if part == []:
            continue
        if isinstance(part, Missing):
            if part.reason in named:
                continue
            named.add(part.reason)
        kept.append(part)
    return kept
