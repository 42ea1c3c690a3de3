"""All results of the KPI wing for one authority, worked out once."""

from __future__ import annotations

__all__ = ["Findings", "findings"]

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from s75lib.kpi.audits import audit_changes, cases_needed
from s75lib.kpi.changes import MARGIN, changes
from s75lib.kpi.control import Charted, charts, control_summary, withheld
from s75lib.kpi.disclosure import held_back
from s75lib.kpi.matrix import matrix
from s75lib.kpi.pairs import history
from s75lib.kpi.ratios import enquiries_per_concern
from s75lib.kpi.surveys import answers, survey_changes
from s75lib.kpi.targets import months_recounted, targets
from s75lib.loaders.indicators import Indicator
from s75lib.present import Check


@dataclass(frozen=True, eq=False)
class Findings:
    """What the wing's metric functions give for one authority.

    Parameters
    ----------
    changes, targets, months, ratios, control, matrix : DataFrame
        Of `changes`, `targets`, `months_recounted`, `enquiries_per_concern`, `control_summary`, `matrix`.
    charts : tuple of Charted
        Of `charts`.
    answers, survey_changes : DataFrame
        Of the survey.
    audit_changes, cases_needed : DataFrame
        Of the case-file audits.
    withheld : tuple of str
        Monthly series that are not charted, since too few people are behind them.
    disclosure : tuple of Check
        What was hidden, and what the audit of it found.
    """

    changes: pd.DataFrame
    targets: pd.DataFrame
    months: pd.DataFrame
    ratios: pd.DataFrame
    charts: tuple[Charted, ...]
    control: pd.DataFrame
    matrix: pd.DataFrame
    answers: pd.DataFrame
    survey_changes: pd.DataFrame
    audit_changes: pd.DataFrame
    cases_needed: pd.DataFrame
    withheld: tuple[str, ...] = ()
    disclosure: tuple[Check, ...] = ()


def findings(
    kpi: pd.DataFrame,
    survey: pd.DataFrame,
    audits: pd.DataFrame,
    registry: Mapping[str, Indicator] | None = None,
    *,
    margin: float = MARGIN,
    fewest: Callable[[str], int] | None = None,
) -> Findings:
    """Work out everything that the wing shows.

    Parameters
    ----------
    kpi, survey, audits : DataFrame
        The contract's datasets; each may be without rows.
    registry : mapping of str to Indicator, optional
        As `s75lib.loaders.indicators.read_indicators` gives it.
    margin : float
        Percentage points below which a change does not matter.
    fewest : callable, optional
        The fewest people that a count from a dataset may show, as `AuthorityData.fewest_shown` gives it;
        left out: every count is shown.

    Returns
    -------
    Findings

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> data = load("islington", "2018/19")
    >>> found = findings(data.kpi, data.survey, data.audits)
    >>> found.ratios["per_100"].round(1).tolist(), found.charts, found.audit_changes.empty
    ([13.0, 4.5], (), True)
    """
    held = held_back(kpi, survey, audits, fewest)
    months = months_recounted(kpi, registry)  # tells how many differ and nothing else
    kpi, survey, audits = history(held.kpi), held.survey, held.audits
    changed = changes(kpi, registry, margin=margin)
    aimed = targets(kpi, registry)
    charted = charts(kpi, registry)
    controlled = control_summary(charted)
    return Findings(
        changes=changed,
        targets=aimed,
        months=months,
        ratios=enquiries_per_concern(kpi),
        charts=charted,
        control=controlled,
        matrix=matrix(changed, aimed, controlled),
        answers=answers(survey),
        survey_changes=survey_changes(survey),
        audit_changes=audit_changes(audits),
        cases_needed=cases_needed(audits),
        withheld=withheld(kpi, registry),
        disclosure=held.checks,
    )
