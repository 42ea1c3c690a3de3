"""Everything that the KPI notebook shows, each result worked out once, when it is first asked for."""

from __future__ import annotations

__all__ = ["Study", "study"]

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import pandas as pd

from s75lib.errors import ConfigError, checked_parameter
from s75lib.kpi.audit import audit_changes, cases_needed
from s75lib.kpi.changes import MARGIN, changes
from s75lib.kpi.comparison import history, series
from s75lib.kpi.control_charts import charts, control_summary, rare_events, withheld
from s75lib.kpi.disclosure import Suppressed, by_quarter, coarse_changes, suppress
from s75lib.kpi.groups import by_group, standardised
from s75lib.kpi.overview import matrix
from s75lib.kpi.phases import IndicatorChart, rebased
from s75lib.kpi.safeguarding import enquiries_per_concern
from s75lib.kpi.survey import answers, survey_changes
from s75lib.kpi.targets import figure, months_recounted, targets
from s75lib.kpi.variation import misdeclared, variations
from s75lib.kpi.year_end import year_end
from s75lib.loaders import AuthorityData
from s75lib.loaders.data import known_days
from s75lib.loaders.indicators import REGISTRY, Indicator, decisions, find, read_indicators, rebases_of
from s75lib.loaders.schemas import DATASETS
from s75lib.present import Figure, Missing, Need, words
from s75lib.present import Study as Base
from s75lib.stats.months import Variation

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

    - `data`: As `s75lib.load` gives them.
    - `margin`: Percentage points below which a change does not matter, > 0.
    - `registry`: The toolkit's indicators with the authority's own; their rebases join the log of decisions.
    """

    notebook = "kpi_significance"
    section_names = (
        "overview",
        "changes",
        "targets",
        "control_charts",
        "groups",
        "safeguarding",
        "survey",
        "audit",
    )

    def __init__(
        self, data: AuthorityData, *, margin: float = MARGIN, registry: Mapping[str, Indicator] = REGISTRY
    ) -> None:
        taken = decisions(registry, data.kpi["indicator"])
        who = data.authority
        logged = who.model_copy(update={"decisions": (*who.decisions, *taken)})
        super().__init__(dataclasses.replace(data, authority=logged) if taken else data)
        self.margin = margin
        self.registry = registry

    @property
    def missing(self) -> list[Missing]:
        """That nothing of the notebook can be done, and what it would take."""
        if any(self.data.has(dataset) for dataset in ("kpi", "survey", "audits")):
            return []
        reason = "No performance indicator, survey or case-file audit is held for this partnership."
        return [Missing(reason, _NEEDS, whole=True)]

    def pictures(self) -> Iterator[Figure | Missing]:
        """Yield what is met and missed of the targets."""
        yield figure(self)

    def _suppressed(self, dataset: str) -> Suppressed:
        rounded = self.data.rounds(dataset)
        return suppress(dataset, getattr(self.data, dataset), self.fewest(dataset), rounded=rounded)

    def _asked(self, rows: pd.DataFrame, ends: pd.Series, keys: list[str]) -> pd.DataFrame:
        """Keep what is compared where another period was asked for; else all."""
        other = self.data.compared
        if other is None or rows.empty:
            return rows
        latest = ends.groupby([rows[key] for key in keys]).transform("max")
        inside = ends.map(other.includes) & (latest > pd.Timestamp(other.end))
        return rows[inside.astype(bool) | (ends == latest)]

    @property
    def on_comparing(self) -> tuple[str, ...]:
        """Say what is set against the period asked for, and how many indicators hold nothing of it."""
        other, found = self.data.compared, self.changes
        if other is None or found.empty:
            return ()
        latest = {"year": "This year to date is", "quarter": "The latest three months are"}
        how = f"{latest.get(other.kind, 'The latest month is')} set against "
        how += f"{'the same months of ' if other.kind == 'year' else ''}{words.when(other.label)}."
        if not (none := int(found["comparison"].eq("asked_none").sum())):
            return (how,)
        held = "holds" if none == 1 else "hold"
        return (how, f"{none} of {words.count_noun(len(found), 'indicator')} {held} nothing of it.")

    # Indicators

    @cached_property
    def suppressed_kpi(self) -> Suppressed:
        """The indicators without what may not be shown."""
        return self._suppressed("kpi")

    @cached_property
    def quarters(self) -> pd.DataFrame:
        """What stands for hidden months: percentages, and counts that are said to add up, being flows."""
        held = self.suppressed_kpi.quarters
        flows = held["indicator"].map(lambda slug: find(slug, self.registry).kind == "flow")
        return held[held["unit"].eq("percent") | flows.astype(bool)]

    @cached_property
    def kpi(self) -> pd.DataFrame:
        """The indicators that may be shown, in order of time."""
        return history(self.suppressed_kpi.frame)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """The latest change of every indicator: see `s75lib.kpi.changes.changes`."""
        found = changes(
            self.kpi,
            self.registry,
            margin=self.margin,
            months=self.variations,
            compared=self.data.compared,
            quarters=self.quarters,
        )
        return coarse_changes(found, self.fewest("kpi"))

    @cached_property
    def variations(self) -> Mapping[tuple[str, str], Variation]:
        """How the months of each indicator vary: see `s75lib.kpi.variation.variations`."""
        return variations(self.kpi, self.registry)

    @cached_property
    def misdeclared(self) -> list[Indicator]:
        """Indicators whose months contradict the kind that they are declared to be."""
        return misdeclared(self.variations, self.registry)

    @cached_property
    def targets(self) -> pd.DataFrame:
        """Every indicator that has a target against it: see `s75lib.kpi.targets.targets`."""
        unlike = {key for key in series(self.kpi) if find(key[0], self.registry).kind != "flow"}
        rows = by_quarter(self.kpi, self.quarters.query("unit == 'percent'"), unlike)
        return targets(rows, self.registry, fewest=self.fewest("kpi"))

    @cached_property
    def year_end(self) -> pd.DataFrame:
        """The running year's targets: see `s75lib.kpi.year_end.year_end`."""
        return year_end(self.kpi, self.registry, fewest=self.fewest("kpi"))

    @cached_property
    def months_recounted(self) -> pd.DataFrame:
        """Months on target counted again, hidden ones too: no more may be shown than how many differ."""
        return months_recounted(self.data.kpi, self.registry)

    @cached_property
    def charts(self) -> tuple[IndicatorChart, ...]:
        """The control charts of the monthly series."""
        return charts(self.kpi, self.registry, months=self.variations, quarters=self.quarters)

    @cached_property
    def control_summary(self) -> pd.DataFrame:
        """The control charts, one row each: see `s75lib.kpi.control_charts.control_summary`."""
        return control_summary(self.charts)

    @cached_property
    def rebased(self) -> pd.DataFrame:
        """Where limits start anew, with the figures before and since: see `s75lib.kpi.phases.rebased`."""
        return rebased(self.kpi, self.charts)

    @cached_property
    def withheld(self) -> tuple[str, ...]:
        """Monthly series that are not charted, since too few people are behind them."""
        return withheld(self.kpi, self.registry, self.quarters)

    @cached_property
    def rare_events(self) -> pd.DataFrame:
        """Verdicts on counts too small for limits: see `s75lib.kpi.control_charts.rare_events`."""
        return rare_events(self.kpi, self.registry)

    @cached_property
    def standardised(self) -> pd.DataFrame:
        """Rates by age, made comparable: see `s75lib.kpi.groups.standardised`."""
        return standardised(self.kpi, self.data.population)

    @cached_property
    def by_group(self) -> pd.DataFrame:
        """Groups beside each other: see `s75lib.kpi.groups.by_group`."""
        return by_group(self.kpi, self.registry)

    @cached_property
    def enquiries_per_concern(self) -> pd.DataFrame:
        """Safeguarding enquiries against concerns: see `s75lib.kpi.safeguarding.enquiries_per_concern`."""
        kpi = self.kpi
        return enquiries_per_concern(self._asked(kpi, kpi["end"], ["indicator", "group", "kind"]))

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """What is known of each indicator, in one row: see `s75lib.kpi.overview.matrix`."""
        return matrix(self.changes, self.targets, self.control_summary)

    # Survey and audit

    @cached_property
    def suppressed_survey(self) -> Suppressed:
        """The survey without what may not be shown."""
        return self._suppressed("survey")

    @cached_property
    def answers(self) -> pd.DataFrame:
        """The survey's answers with their intervals: see `s75lib.kpi.survey.answers`."""
        return answers(self.suppressed_survey.frame)

    @cached_property
    def survey_changes(self) -> pd.DataFrame:
        """The change of each answer between rounds: see `s75lib.kpi.survey.survey_changes`."""
        rows = self.suppressed_survey.frame
        keys = ["survey", "question", "answer"]
        return survey_changes(self._asked(rows, known_days(rows, DATASETS["survey"]), keys))

    @cached_property
    def suppressed_audits(self) -> Suppressed:
        """The case-file audits without what may not be shown."""
        return self._suppressed("audits")

    @cached_property
    def audit_changes(self) -> pd.DataFrame:
        """The latest round of the audit against the one before: see `s75lib.kpi.audit.audit_changes`."""
        rows = self.suppressed_audits.frame
        return audit_changes(self._asked(rows, known_days(rows, DATASETS["audits"]), ["criterion"]))

    @cached_property
    def cases_needed(self) -> pd.DataFrame:
        """How many files an audit would have to read: see `s75lib.kpi.audit.cases_needed`."""
        return cases_needed(self.suppressed_audits.frame)


def study(
    data: AuthorityData,
    *,
    margin: float = MARGIN,
    rebase: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
) -> Study:
    """Study an authority's indicators, each result when it is first asked for.

    Parameters
    ----------
    data : AuthorityData
        As `s75lib.load` gives them.
    margin : float
        Percentage points below which a change does not matter, > 0.
    rebase : mapping of str to sequence of mapping, optional
        By indicator, where its limits start anew, as in ``indicators.toml``: ``{"crisis_plans": [{"from":
        "2025-02", "reason": "…", "who": "…"}]}``. It replaces what that file says of the indicator.

    Examples
    --------
    >>> found = study(load("islington", "2018/19"))
    >>> found.enquiries_per_concern["per_100"].round(1).tolist(), found.charts, found.audit_changes.empty
    ([13.0, 4.5], (), True)
    """
    margin = checked_parameter("margin", margin, "float", example=MARGIN)
    if margin <= 0:
        raise ConfigError(
            f"parameter 'margin': found {margin:g}; expected percentage points above 0, such as {MARGIN:g}."
        )
    registry = dict(read_indicators(data.authority.folder))
    registry |= {slug: find(slug, registry, label) for slug, label in data.labels.items()}
    for slug, entries in (rebase or {}).items():
        if slug not in set(data.kpi["indicator"]):
            raise ConfigError(f"parameter 'rebase': found {slug!r}; expected an indicator of this authority.")
        registry[slug] = dataclasses.replace(find(slug, registry), rebase=rebases_of(slug, entries))
    return Study(data, margin=margin, registry=registry)
