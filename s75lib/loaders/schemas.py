"""The datasets of the data contract: one schema each, from which the data dictionary is written too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

Kind = Literal[
    "text", "slug", "date", "month", "period", "day_or_month", "number", "count", "money", "percent", "flag"
]
"""What a cell holds; `s75lib.loaders.values` says how each is read."""


@dataclass(frozen=True)
class Column:
    """One column of a dataset.

    - `name`: As in the header.
    - `meaning`: For the data dictionary.
    - `kind`: How its cells are read.
    - `required`: Whether the dataset makes no sense without the column.
    - `blank`: Whether a cell may be empty.
    - `choices`: The values allowed; empty: any.
    - `minimum`, `maximum`: Bounds, both included, in the column's unit.
    - `unit`: For the data dictionary; money is in £, percentages run from 0 to 100.
    """

    name: str
    meaning: str
    kind: Kind = "text"
    required: bool = False
    blank: bool = True
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Dataset:
    """One dataset: what a row is, its columns, and what makes a row unique.

    - `key`: Columns that together name a row; two rows alike in them are duplicates.
    - `dated_by`: Column that says when a row was known; empty for what has no date of its own.
    - `about_people`: Whether a row is about one person.
    - `counts_people`: Whether its figures are mostly counts of them, so few that whoever knows most could try
      out the rest against a digest of the file.
    - `stands_alone`: Whether a row is a figure by itself, so that a faulty one can be left out without
      misleading; where rows are added up, counted or followed, it can't.
    """

    name: str
    row_is: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    dated_by: str = ""
    about_people: bool = False
    stands_alone: bool = False
    gives: str = ""
    counts_people: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """All columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """Find a column by its name."""
        return next(column for column in self.columns if column.name == name)


CARE_TYPES: dict[str, str] = {
    "Residential": "bed-based",
    "Nursing": "bed-based",
    "Dom Care": "community",
    "Live In": "community",
    "One To One": "community",
    "Supp Living": "community",
    "Day Care": "community",
    "Dir Payments": "community",
    "Other": "community",
}
"""The care types of the published tables, with one-to-one care, and whether each is bed-based."""


@dataclass(frozen=True)
class Measure:
    """What a measure of activity counts.

    - `label`: In the plural, as sentences have it.
    - `kind`: flow (adds up over months) or stock (a count on one day).
    - `unit`: What is counted, where the label does not say so; empty for people and events.
    - `meaning`: For the data dictionary; empty: as the label.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    label: str
    kind: Literal["flow", "stock"]
    polarity: Literal["higher_is_better", "lower_is_better", "neither"]
    unit: str = ""
    meaning: str = ""

    @property
    def name(self) -> str:
        """The label, with the unit where that says more."""
        return f"{self.label} ({self.unit})" if self.unit and self.unit not in self.label else self.label


def _flow(label: str, meaning: str) -> Measure:
    return Measure(label, "flow", "neither", meaning=meaning)


def _stock(label: str, meaning: str, polarity: Literal["lower_is_better", "neither"] = "neither") -> Measure:
    return Measure(label, "stock", polarity, meaning=meaning)


MEASURES: dict[str, Measure] = {
    "case_allocation_requests": _flow(
        "case allocation requests", "Care Act case allocation requests received"
    ),
    "assessments": _flow("assessments", "Care Act assessments completed"),
    "reviews": _flow("reviews", "reviews of care and support plans completed"),
    "carers_assessments": _flow("carers' assessments", "carers' assessments or reviews completed"),
    "mha_assessments": _flow(
        "Mental Health Act assessments",
        "Mental Health Act assessments by an approved mental health professional",
    ),
    "safeguarding_concerns": _flow("safeguarding concerns", "safeguarding concerns raised"),
    "safeguarding_enquiries_commenced": _flow(
        "safeguarding enquiries commenced", "safeguarding enquiries, under section 42 and other, that began"
    ),
    "safeguarding_enquiries": _flow(
        "safeguarding enquiries", "safeguarding enquiries, under section 42 and other, concluded"
    ),
    "dols_applications": _flow(
        "DoLS applications", "applications under the Deprivation of Liberty Safeguards received"
    ),
    "dols_completed": _flow("DoLS applications completed", "such applications decided, withdrawn or closed"),
    "dols_not_completed": _stock(
        "DoLS applications not completed",
        "such applications open on the last day of the month",
        "lower_is_better",
    ),
    "best_interests_assessments": _flow(
        "best-interests assessments", "assessments by a best interests assessor completed"
    ),
    "guardianship_new": _flow("new guardianship cases", "guardianship under the Mental Health Act begun"),
    "guardianship_open": _stock(
        "people under guardianship", "people under guardianship on the last day of the month"
    ),
    "delayed_people": _stock(
        "people delayed at month end",
        "people whose discharge was delayed, on the last day of the month",
        "lower_is_better",
    ),
    "delayed_days": Measure(
        "days of delay", "flow", "lower_is_better", "days", "days of delayed discharge in the month"
    ),
    "complaints": _flow("complaints", "complaints received"),
    "information_requests": _flow(
        "information requests", "freedom of information requests and members' enquiries received"
    ),
    "open_cases": _stock("open cases at month end", "cases open to the team on the last day of the month"),
    "waiting": _stock(
        "people waiting at month end",
        "people waiting for an allocation on the last day of the month",
        "lower_is_better",
    ),
    "waiting_for_assessment": _stock(
        "people waiting for an assessment",
        "people waiting for a Care Act assessment on the last day of the month",
        "lower_is_better",
    ),
    "waiting_for_care": _stock(
        "people waiting for care",
        "people assessed whose care had not begun on the last day of the month",
        "lower_is_better",
    ),
    "admissions": _flow("permanent admissions", "permanent admissions to residential or nursing care"),
}
"""Activity measures by name.

Notes
-----
Safeguarding is counted by stage as in the Safeguarding Adults Collection (SAC): concerns raised, enquiries
that commenced, enquiries concluded. DoLS applications received, completed and not completed are those of
the Mental Capacity Act 2005, Deprivation of Liberty Safeguards Assessments (NHS England).
"""


_filled = partial(Column, required=True, blank=False)
_day = partial(Column, kind="date")
_flag = partial(Column, kind="flag")
_money = partial(Column, kind="money", unit="£")
_number = partial(Column, kind="number")
_count = partial(Column, kind="count", minimum=0)
_people = partial(_count, required=True, blank=False, unit="people")
_percent = partial(Column, kind="percent", minimum=0, maximum=100)
_rise = partial(_number, required=True, blank=False, minimum=-100, maximum=100, unit="%")
"""A rise of prices, never beyond twice the price: an index such as 103.5 is no rise."""

_SERVICE_GROUP_IS = "service group, such as AMH (adults) or OPMH (older people); blank means all"
_SERVICE_GROUP = Column("service_group", _SERVICE_GROUP_IS)
_REFERENCE = Column("reference", "document and section that the row was taken from")

DATASETS: dict[str, Dataset] = {}
"""Every dataset of the contract, by name."""


def _declare(name: str, row_is: str, *columns: Column, **said: Any) -> None:
    DATASETS[name] = Dataset(name, row_is, columns, **said)


_declare(
    "budget",
    "ledger snapshot × service group × line",
    _filled("financial_year", "financial year of the budget, such as 2019/20", "period"),
    _filled("as_at", "day of the snapshot, or its period in the financial year, such as M8 or Q3", "date"),
    Column("service_group", _SERVICE_GROUP_IS, required=True),
    _filled("line", "budget line: a care type, an income or an adjustment, as printed"),
    _filled(
        "kind",
        "what the line is; income and adjustments keep their printed sign",
        choices=("expenditure", "health_income", "client_income", "adjustment"),
    ),
    _money("budget", "budget for the year", required=True),
    _money("commitment", "cost for the year of the packages committed at the snapshot", required=True),
    _money(
        "forecast", "forecast for the year, after expected demand, savings and adjustments", required=True
    ),
    Column("snapshot_label", "the snapshot's printed name, such as Q1"),
    _money("actual_to_date", "spent from 1 April to the snapshot"),
    _money("rounded_to", "rounding of the money columns: 1000 where the source prints £k", minimum=0),
    _REFERENCE,
    key=("as_at", "service_group", "line", "kind"),
    dated_by="as_at",
    gives="position against budget, movement between snapshots, trend of commitments",
)
_declare(
    "staffing",
    "as-at day × organisation × staff group",
    _filled("as_at", "day of the position", "date"),
    _filled("organisation", "employer or holder of the budget"),
    _filled("group", "staff group, as printed"),
    _money("budget", "budget for the year in the agreement", required=True, minimum=0),
    _money("adjusted_budget", "budget for the year after virements", required=True, minimum=0),
    _money("adjusted_budget_to_date", "adjusted budget phased to the day", required=True, minimum=0),
    _money("actual_to_date", "spent from 1 April to the day", required=True),
    _money("forecast", "forecast for the year", required=True),
    _money("locum_to_date", "of the actual, spent on locum and agency staff", minimum=0),
    _REFERENCE,
    key=("as_at", "organisation", "group"),
    dated_by="as_at",
    gives="staffing variance by organisation and group, vacancies, phasing of the budget",
)
_declare(
    "contributions",
    "financial year × partner × service group × line × kind × statement",
    _filled("financial_year", "financial year that the money is for, such as 2025/26", "period"),
    _filled("partner", "partner who contributes, named as under partners in authority.toml"),
    Column("service_group", _SERVICE_GROUP_IS, required=True),
    _filled("line", "what the contribution is for"),
    _filled(
        "kind",
        "how it is made; a recharge is paid for what the other partner did, and is never pooled",
        choices=("cash", "in_kind", "recharge", "grant"),
    ),
    _money("agreed", "agreed for the year", required=True, blank=False, minimum=0),
    _money("paid_to_date", "paid from 1 April to the day of the statement", minimum=0),
    _day("as_at", "day of the statement; blank for what was agreed before the year began"),
    Column(
        "basis", "pooled or aligned; blank means as the agreement's funding", choices=("pooled", "aligned")
    ),
    _flag("one_off", "whether it is for this year alone"),
    _REFERENCE,
    key=("financial_year", "partner", "service_group", "line", "kind", "as_at"),
    dated_by="as_at",
    gives="the account of the partnership: who pays what, what is due, and who bears the difference",
)
_declare(
    "packages",
    "ledger snapshot × care package",
    _filled("snapshot_date", "day of the ledger snapshot", "date"),
    _filled("person_key", "pseudonymous key of the person, the same in every snapshot"),
    _filled("package_key", "reference of the package; it may be re-issued when a price changes"),
    _filled("care_type", "care type, one of the vocabulary", choices=tuple(CARE_TYPES)),
    _filled("start_date", "first day of the package", "date"),
    _day("end_date", "last day of the package; blank or 31/12/9999 while open", required=True),
    _money("weekly_gross", "gross cost a week", required=True, minimum=0),
    _SERVICE_GROUP,
    Column("team", "team that holds the case"),
    _number("units_per_week", "hours, days or placements a week", minimum=0, unit="units a week"),
    _money("unit_price", "price of one unit", minimum=0),
    _money("health_weekly", "paid by the NHS a week, as a positive amount", minimum=0),
    Column("health_funding_type", "why the NHS pays: s117, CHC, FNC, joint; blank if it does not"),
    _money("client_weekly", "paid by the person a week, as a positive amount", minimum=0),
    _money("net_weekly", "weekly_gross − health_weekly − client_weekly"),
    _flag("s117", "whether the package is aftercare under section 117, for which no one may be charged"),
    Column("age_band", "age band, such as 18-64"),
    Column("provider", "provider of the care"),
    _day("last_review_date", "day of the last review"),
    Column("source_ref", "reference in the source system"),
    _flag("prior_year", "whether the cost belongs to an earlier financial year"),
    Column("funding_rule", "rule of `funding_rules` that says who should pay; blank: by the funding type"),
    _REFERENCE,
    key=("snapshot_date", "package_key"),
    dated_by="snapshot_date",
    about_people=True,
    gives="what moved the commitment: volume, mix, price, social-care share; case by case",
)
_declare(
    "funding_rules",
    "rule × day from which it holds",
    _filled("rule", "name of the rule, as `packages` has it in funding_rule"),
    Column("funding_type", "health_funding_type of the packages under it that name no rule; blank: none"),
    Column("service_group", _SERVICE_GROUP_IS),
    _filled(
        "basis",
        "how the NHS's part is found: a share of the gross cost, hours of the package, or all of it",
        choices=("percent", "hours", "all_health"),
    ),
    _percent("health_percent", "share of the gross cost that the NHS bears"),
    _percent("council_percent", "share that the council bears"),
    _number("health_hours", "hours a week that the NHS pays for", minimum=0, unit="hours a week"),
    _day("effective_from", "first day of the rule; blank: always"),
    _day("effective_to", "last day of the rule; blank: still in force"),
    _filled("source", "agreement or decision that it comes from"),
    key=("rule", "effective_from"),
    gives="expected against actual NHS share, case by case, and what a change of rule means for each partner",
)
_declare(
    "uplifts",
    "financial year × those whose price or charge rises",
    _filled("financial_year", "financial year of the uplift, such as 2026/27", "period"),
    Column("care_type", "care type; blank means all", choices=tuple(CARE_TYPES)),
    _SERVICE_GROUP,
    Column("provider", "provider; blank means all"),
    _filled(
        "basis",
        "what rises: the price by a percentage, by negotiation or by the pay formula; or clients' charges",
        choices=("price", "negotiated", "pay_weighted", "client_income"),
    ),
    _rise("low", "lowest plausible rise"),
    _rise("central", "central rise; of the pay formula wage_rise × staff_share + the rest"),
    _rise("high", "highest plausible rise"),
    _day("effective_from", "first day of the new price; blank: 1 April"),
    _money("above_weekly", "for packages that cost more than this a week; blank: all", minimum=0),
    _number(
        "repriced_within",
        "packages whose price rose in so many months before are left out",
        minimum=0,
        unit="months",
    ),
    _number("wage_rise", "of the pay formula: rise of the wage", unit="%"),
    _number("staff_share", "of the pay formula: share of pay in the price", minimum=0, maximum=100, unit="%"),
    _number("other_inflation", "of the pay formula: rise of what is not pay", unit="%"),
    _filled("source", "decision, letter or forecast that it comes from"),
    key=("financial_year", "care_type", "service_group", "provider", "basis", "above_weekly"),
    gives="what prices add to next year's cost, low, central and high",
)
_declare(
    "known_changes",
    "known move of people into, out of or between packages",
    _filled("change_id", "reference of the change"),
    _filled("date", "day from which it costs", "date"),
    _filled(
        "kind",
        "what happens",
        choices=("turns_18", "transfer_in", "transfer_out", "hospital_discharge", "home_closes", "other"),
    ),
    _filled("care_type", "care type of the new package", choices=tuple(CARE_TYPES)),
    _SERVICE_GROUP,
    _people("people", "people who move"),
    _money("weekly_gross", "more gross cost a week for each; negative: less", required=True, blank=False),
    _percent("health_percent", "share that the NHS pays"),
    _money("client_weekly", "paid by each of them a week", minimum=0),
    _flag(
        "among_usual", "whether such moves are among the usual starters and leavers; then shown, not added"
    ),
    _filled("source", "list or decision that it comes from"),
    key=("change_id",),
    about_people=True,
    counts_people=True,
    gives="young people who turn 18, transfers, discharges and closures in next year's cost",
)
_declare(
    "savings",
    "saving × month",
    _filled("saving_id", "reference of the saving"),
    _filled("saving", "what it is"),
    Column("service_group", _SERVICE_GROUP_IS),
    Column("line", "budget line that falls"),
    _filled("month", "calendar month", "month"),
    _money("planned", "planned in the month, as a positive amount", required=True, minimum=0),
    _money("delivered", "delivered in the month; blank: not known yet", minimum=0),
    _percent("confidence", "confidence that the plan is delivered"),
    Column("evidence", "what shows that it was delivered"),
    _flag(
        "among_usual", "whether it works through fewer starters or more leavers; then shown, not taken off"
    ),
    key=("saving_id", "month"),
    gives="savings planned against delivered, and what they take off next year's cost",
)
_declare(
    "package_transfers",
    "as-at day × team",
    _filled("as_at", "day of the count", "date"),
    Column("service_group", _SERVICE_GROUP_IS, required=True),
    _filled("team", "team, as printed"),
    _people("social_work", "people whose packages social workers hold"),
    _people("healthcare_professional", "people whose packages health staff hold"),
    _REFERENCE,
    key=("as_at", "service_group", "team"),
    dated_by="as_at",
    counts_people=True,
    gives="people whose packages move to social work, and the reviews that follow",
)
_declare(
    "kpi",
    "indicator × group × period",
    _filled("indicator", "name of the indicator; capitals, spaces and marks make no difference", "slug"),
    Column("group", "division, team or service group; blank means all", required=True),
    _filled("period", "financial year (2018/19), quarter (2018/19-Q3) or month (2018-12)", "period"),
    _number("value", "the published or computed value", required=True),
    _filled("unit", "unit of the value", choices=("percent", "count", "per_month", "per_100k")),
    _number("numerator", "events or people counted", minimum=0),
    _number("denominator", "people, cases or exposure that they are counted in", minimum=0),
    _count("decimals", "decimals that the value was published with", maximum=6),
    _number("target", "target for the period, in the unit of the value"),
    _count("months_on_target", "months of the period in which the target was met", maximum=12),
    _count("months_reported", "months of the period with a figure", maximum=12),
    _REFERENCE,
    key=("indicator", "group", "period"),
    dated_by="period",
    stands_alone=True,
    counts_people=True,
    gives="change in each indicator with interval and test, targets met, control charts",
)
_declare(
    "population",
    "financial year × age band",
    _filled("financial_year", "financial year, such as 2024/25", "period"),
    _filled("age_band", "age band, written as the groups of the indicators are, such as 65-74"),
    _people("people", "residents at mid-year", minimum=1),
    _REFERENCE,
    key=("financial_year", "age_band"),
    dated_by="financial_year",
    gives="rates that differ by age, made comparable from year to year",
)
_declare(
    "activity",
    "month × team × measure × reason",
    _filled("month", "calendar month", "month"),
    _filled(
        "measure",
        "what is counted: of the vocabulary, or the authority's own",
        choices=tuple(MEASURES),
    ),
    _count("count", "events in the month (flow) or on its last day (stock)", required=True),
    _SERVICE_GROUP,
    Column("team", "team; blank means all"),
    Column("reason", "of delays: why, as the return words it; then no row without a reason beside it"),
    Column(
        "attributed_to",
        "of delays: whose the delay is",
        choices=("NHS", "social care", "both"),
    ),
    _REFERENCE,
    key=("month", "service_group", "team", "measure", "reason", "attributed_to"),
    dated_by="month",
    counts_people=True,
    gives="forecasts of demand by team, steps after a policy change, backlog",
)
_declare(
    "workforce",
    "as-at day × team × role × employer",
    _filled("as_at", "day of the count", "date"),
    _filled("team", "team"),
    _filled("role", "role, such as social worker or AMHP"),
    _number("wte_establishment", "funded posts", required=True, minimum=0, unit="WTE"),
    _number("wte_in_post", "permanent staff in post", required=True, minimum=0, unit="WTE"),
    _number("wte_locum", "locum and agency staff", minimum=0, unit="WTE"),
    _number("hours_per_wte_week", "contracted hours of one WTE", minimum=0, maximum=60, unit="hours a week"),
    _number(
        "unavailable_share",
        "share of contracted hours lost to leave, sickness and training",
        minimum=0,
        maximum=1,
        unit="0 to 1",
    ),
    Column("employer", "who employs them, named as the organisation in `staffing` is"),
    _REFERENCE,
    key=("as_at", "team", "role", "employer"),
    dated_by="as_at",
    gives="staff needed against staff in post",
)
_declare(
    "assumptions",
    "assumption",
    _filled("assumption", "name of the assumption"),
    _number("low", "lowest plausible value", required=True),
    _number("central", "central value", required=True),
    _number("high", "highest plausible value", required=True),
    _filled("unit", "unit of the three values"),
    _filled("source", "who or what it comes from"),
    _REFERENCE,
    key=("assumption",),
    gives="hours per assessment or review and the like, from which demand becomes staff",
)
_declare(
    "survey",
    "survey × question × answer",
    _filled("survey", "name of the survey"),
    _filled("period", "financial year, quarter or month of the survey", "period"),
    _filled("question", "what was asked"),
    _filled("answer", "answer counted"),
    _percent("percent", "share of the respondents", required=True, unit="%"),
    _count("count", "respondents who gave the answer"),
    _count("base", "respondents to the question, or to the survey"),
    _count("population", "people who could have been asked"),
    _flag("weighted", "whether the percentage is weighted"),
    _REFERENCE,
    key=("survey", "period", "question", "answer"),
    dated_by="period",
    stands_alone=True,
    counts_people=True,
    gives="answers with their intervals, and percentages that the base cannot give",
)
_declare(
    "audits",
    "audit round × criterion",
    _filled("round", "day or month of the audit round", "day_or_month"),
    _filled("criterion", "what was audited"),
    _count("cases", "cases audited", required=True),
    _count("compliant", "cases that met the criterion", required=True),
    _count("population", "cases that could have been audited"),
    _REFERENCE,
    key=("round", "criterion"),
    dated_by="round",
    stands_alone=True,
    counts_people=True,
    gives="compliance by criterion with exact intervals, and change between rounds",
)
_declare(
    "risks",
    "risk × review",
    _filled("risk_id", "reference in the risk register"),
    _filled("date", "day or month of the review", "day_or_month"),
    _filled("description", "the risk"),
    _count("consequence", "consequence, 1 to 5", minimum=1, maximum=5),
    _count("likelihood", "likelihood, 1 to 5", minimum=1, maximum=5),
    _count("score", "score as recorded", minimum=1, maximum=25),
    Column("consequence_label", "consequence in words, as recorded"),
    Column("likelihood_label", "likelihood in words, as recorded"),
    Column("level", "risk level in words, as recorded"),
    Column("owner", "role that owns it; never a name"),
    _REFERENCE,
    key=("risk_id", "date"),
    dated_by="date",
    gives="risk scores recomputed, and their movement since the last review",
)
_declare(
    "actions",
    "improvement action",
    _filled("action_id", "reference of the action"),
    _filled("action", "what is to be done"),
    Column("owner_role", "role that owns it; never a name", required=True),
    Column("due", "day or month that it is due", "day_or_month", required=True),
    Column("status", "open, done, overdue; blank if not published", required=True),
    Column("workstream", "workstream that it belongs to"),
    Column("priority", "how urgent it is", choices=("high", "medium", "low")),
    _REFERENCE,
    key=("action_id",),
    gives="improvement actions and what is due",
)
_declare(
    "facts",
    "published figure that fits nowhere else",
    _filled("fact_id", "reference of the figure"),
    _filled("statement", "what it counts, in our words"),
    Column("period", "when it was true", required=True),
    _number("value", "the figure", required=True),
    Column("unit", "its unit: people for those in care, staff for those who work there", required=True),
    _number("low", "lower end where a range is published"),
    _number("high", "upper end where a range is published"),
    _number("decimals", "decimals that it was published with"),
    _REFERENCE,
    key=("fact_id",),
    counts_people=True,
    stands_alone=True,
    gives="published figures that fit nowhere else, with their source",
)
_declare(
    "claims",
    "published statement",
    _filled("claim_id", "reference of the claim"),
    _filled("document", "document that makes it"),
    Column("reference", "where in the document", required=True),
    _filled("statement", "what it says, in our words"),
    _number("published", "the published figure", required=True),
    _filled("unit", "its unit"),
    _number("decimals", "decimals that it was published with; −3 for thousands", required=True),
    Column("dataset", "dataset to recompute it from, or agreement: its terms; blank: untestable"),
    Column("filter", "rows to use: column=value pairs with semicolons between, | between alternatives"),
    Column("measure", "column to use, or two with − or × between"),
    Column(
        "operation",
        "how to recompute it",
        choices=("value", "sum", "difference", "pp_change", "pct_change", "ratio", "product", "count"),
    ),
    Column("period_from", "earlier period or snapshot"),
    Column("period_to", "later period or snapshot"),
    key=("claim_id",),
    stands_alone=True,
    gives="published statements against their recomputation",
)
