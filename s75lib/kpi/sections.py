"""The notebook's sections: figure and tables of one question, and what is missing said once."""

from __future__ import annotations

__all__ = ["audit", "indicators", "months", "moved", "survey", "targets"]

from collections.abc import Mapping

from s75lib.kpi import figures, tables, wording
from s75lib.kpi.changes import MARGIN
from s75lib.kpi.findings import Findings
from s75lib.kpi.wording.phrases import title
from s75lib.loaders.indicators import Indicator, find
from s75lib.present import Figure, Heading, Headline, Missing, Table, words

Shown = Figure | Heading | Table | Missing | list[Headline]

_ORDER = {
    name: place
    for place, name in enumerate(
        ("concerning", "mixed", "high", "low", "improving", "common_cause", "not_assessed")
    )
}


def moved(found: Findings, *, place: str) -> list[Shown]:
    """Show what moved: charts, then every change with its test.

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
    drawn = figures.changes(found.changes, place=place)
    return [*drawn, tables.changes(found.changes)]


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
    return [
        wording.months(found.targets),
        figures.targets(found.targets, place=place),
        tables.targets(found.targets),
    ]


def months(found: Findings) -> list[Shown]:
    """Show the control charts of all monthly series in one table, and name those that are not charted.

    Parameters
    ----------
    found : Findings
        As `s75lib.kpi.findings.findings` gives it.

    Returns
    -------
    list of parts
    """
    parts: list[Shown] = []
    if found.charts or not found.withheld:
        parts.append(tables.control(found.control))
    if left := found.withheld:
        reason = (
            f"{words.join(left)} {'is' if len(left) == 1 else 'are'} not charted: too few people are behind "
        )
        parts.append(Missing(f"{reason}some of the months."))
    return parts


def indicators(
    found: Findings, registry: Mapping[str, Indicator] | None = None, *, place: str, margin: float = MARGIN
) -> list[Shown]:
    """Show each indicator on its own: heading, control chart, figures, caveats; those out of routine first.

    Parameters
    ----------
    found : Findings
        As `s75lib.kpi.findings.findings` gives it.
    registry : mapping of str to Indicator, optional
        As `s75lib.loaders.indicators.read_indicators` gives it.
    place : str
        Name of the authority.
    margin : float
        Percentage points below which a change does not matter.

    Returns
    -------
    list of parts
        Empty without indicators.
    """
    charted = {(one.indicator.slug, one.group): one for one in found.charts}
    summed = {(row["indicator"], row["group"]): row for row in found.control.to_dict("records")}
    rows = found.matrix.assign(place=found.matrix["variation"].map(_ORDER).fillna(len(_ORDER)))
    parts: list[Shown] = []
    for row in rows.sort_values("place", kind="stable").to_dict("records"):
        key = (row["indicator"], row["group"])
        parts.append(Heading(title(row["label"], row["group"])))
        if key in charted:
            parts.append(figures.control(charted[key], place=place))
        parts.append(tables.indicator(row, summed.get(key), find(row["indicator"], registry), margin=margin))
    return parts


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
    return parts


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
    return [
        wording.audits(found.audit_changes),
        figures.audits(found.audit_changes, place=place),
        tables.audits(found.audit_changes),
        tables.cases_needed(found.cases_needed),
    ]
