"""Everything that the KPI notebook shows, each result worked out once, when it is first asked for."""

from __future__ import annotations

__all__ = ["Study", "study"]

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import Any

import pandas as pd

from s75lib.errors import ConfigError, checked_parameter
from s75lib.kpi.audit import audit_changes, cases_needed
from s75lib.kpi.changes import MARGIN, changes
from s75lib.kpi.comparison import history
from s75lib.kpi.control_charts import IndicatorChart, charts, control_summary, withheld
from s75lib.kpi.disclosure import Suppressed, suppress
from s75lib.kpi.overview import matrix
from s75lib.kpi.safeguarding import enquiries_per_concern
from s75lib.kpi.survey import answers, survey_changes
from s75lib.kpi.targets import months_recounted, targets
from s75lib.kpi.variation import variations
from s75lib.loaders import AuthorityData
from s75lib.loaders.indicators import Indicator, read_indicators
from s75lib.present import Missing, Need
from s75lib.present import Study as Base
from s75lib.stats.months import Variation

_SECTIONS = ("overview", "changes", "targets", "control_charts", "safeguarding", "survey", "audit")
_NEEDS = (
    Need(
        "kpi",
        ("indicator", "group", "period", "value", "unit", "numerator", "denominator", "target"),
        "change in each indicator with interval and test, targets met, control charts of monthly figures",
    ),
    Need(
        "survey",
        ("survey", "period", "question", "answer", "percent", "base"),
        "answers with their intervals",
    ),
    Need("audits", ("round", "criterion", "cases", "compliant"), "compliance by criterion, and its change"),
)


class Study(Base):
    """The indicators, the survey and the case-file audit of one authority.

    Parameters
    ----------
    data : AuthorityData
        As `s75lib.load` gives them.
    margin : float
        Percentage points below which a change does not matter, > 0.
    """

    notebook = "kpi_significance"

    def __init__(self, data: AuthorityData, *, margin: float = MARGIN) -> None:
        super().__init__(data)
        self.margin = margin

    @property
    def sections(self) -> tuple[Any, ...]:
        """The sections in the notebook's order."""
        return tuple(import_module(f"s75lib.kpi.{name}") for name in _SECTIONS)

    @property
    def missing(self) -> list[Missing]:
        """That nothing of the notebook can be done, and what it would take."""
        if any(self.data.has(dataset) for dataset in ("kpi", "survey", "audits")):
            return []
        reason = "No performance indicator, survey or case-file audit is published for this partnership."
        return [Missing(reason, _NEEDS), Missing(reason, whole=True)]

    @cached_property
    def registry(self) -> Mapping[str, Indicator]:
        """The toolkit's indicators with the authority's own."""
        return read_indicators(self.data.authority.folder)

    # Indicators

    @cached_property
    def suppressed_kpi(self) -> Suppressed:
        """The indicators without what may not be shown."""
        return suppress("kpi", self.data.kpi, self.fewest("kpi"))

    @cached_property
    def kpi(self) -> pd.DataFrame:
        """The indicators that may be shown, in order of time."""
        return history(self.suppressed_kpi.frame)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """The latest change of every indicator: see `s75lib.kpi.changes.changes`."""
        return changes(self.kpi, self.registry, margin=self.margin, months=self.variations)

    @cached_property
    def variations(self) -> Mapping[tuple[str, str], Variation]:
        """How the months of each indicator vary: see `s75lib.kpi.variation.variations`."""
        return variations(self.kpi, self.registry)

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Every indicator that has a target against it: see `s75lib.kpi.targets.targets`."""
        return targets(self.kpi, self.registry)

    @cached_property
    def months_recounted(self) -> pd.DataFrame:
        """Months on target as published and counted again.

        From all figures, hidden ones too, so no more may be shown of it than how many differ.
        """
        return months_recounted(self.data.kpi, self.registry)

    @cached_property
    def charts(self) -> tuple[IndicatorChart, ...]:
        """The control charts of the monthly series."""
        return charts(self.kpi, self.registry, months=self.variations)

    @cached_property
    def control_summary(self) -> pd.DataFrame:
        """The control charts, one row each: see `s75lib.kpi.control_charts.control_summary`."""
        return control_summary(self.charts)

    @cached_property
    def withheld(self) -> tuple[str, ...]:
        """Monthly series that are not charted, since too few people are behind them."""
        return withheld(self.kpi, self.registry)

    @cached_property
    def enquiries_per_concern(self) -> pd.DataFrame:
        """Safeguarding enquiries against concerns: see `s75lib.kpi.safeguarding.enquiries_per_concern`."""
        return enquiries_per_concern(self.kpi)

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """What is known of each indicator, in one row: see `s75lib.kpi.overview.matrix`."""
        return matrix(self.changes, self.targets, self.control_summary)

    # Survey and audit

    @cached_property
    def suppressed_survey(self) -> Suppressed:
        """The survey without what may not be shown."""
        return suppress("survey", self.data.survey, self.fewest("survey"))

    @cached_property
    def answers(self) -> pd.DataFrame:
        """The survey's answers with their intervals: see `s75lib.kpi.survey.answers`."""
        return answers(self.suppressed_survey.frame)

    @cached_property
    def survey_changes(self) -> pd.DataFrame:
        """The change of each answer between rounds: see `s75lib.kpi.survey.survey_changes`."""
        return survey_changes(self.suppressed_survey.frame)

    @cached_property
    def suppressed_audits(self) -> Suppressed:
        """The case-file audits without what may not be shown."""
        return suppress("audits", self.data.audits, self.fewest("audits"))

    @cached_property
    def audit_changes(self) -> pd.DataFrame:
        """The latest round of the audit against the one before: see `s75lib.kpi.audit.audit_changes`."""
        return audit_changes(self.suppressed_audits.frame)

    @cached_property
    def cases_needed(self) -> pd.DataFrame:
        """How many files an audit would have to read: see `s75lib.kpi.audit.cases_needed`."""
        return cases_needed(self.suppressed_audits.frame)


def study(data: AuthorityData, *, margin: float = MARGIN) -> Study:
    """Study an authority's indicators.

    Parameters
    ----------
    data : AuthorityData
        As `s75lib.load` gives them.
    margin : float
        Percentage points below which a change does not matter, > 0.

    Returns
    -------
    Study
        Works each result out when it is first asked for.

    Examples
    --------
    >>> from s75lib.loaders import load
    >>> found = study(load("islington", "2018/19"))
    >>> found.enquiries_per_concern["per_100"].round(1).tolist(), found.charts, found.audit_changes.empty
    ([13.0, 4.5], (), True)
    """
    margin = checked_parameter("margin", margin, "float", example=MARGIN)
    if margin <= 0:
        raise ConfigError(
            f"parameter 'margin': found {margin:g}; expected percentage points above 0, such as {MARGIN:g}."
        )
    return Study(data, margin=margin)
