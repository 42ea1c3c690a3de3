"""The synthetic audits, risks, actions, facts, scenarios, and published statements, some wrong on purpose."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

_CASES: Final = 40
_OPEN_CASES: Final = 1_460
# Criterion, chance of compliance in the first and second round.
_CRITERIA: Final = (
    ("Assessment on file", 0.95, 0.95),
    ("Eligibility decision recorded", 0.85, 0.85),
    ("Person's views recorded", 0.80, 0.80),
    ("Carer identified", 0.70, 0.70),
    ("Risk assessment current", 0.52, 0.92),
    ("Review within twelve months", 0.75, 0.70),
    ("Care plan shared with the person", 0.65, 0.65),
    ("Mental capacity considered", 0.90, 0.90),
)
_CONSEQUENCES: Final = ("", "Negligible", "Minor", "Moderate", "Major", "Catastrophic")
_LIKELIHOODS: Final = ("", "Rare", "Unlikely", "Possible", "Likely", "Almost certain")
_REVIEW_DAYS: Final = ("2024-06-30", "2024-12-31", "2025-06-30", "2025-12-31", "2026-03-31")
_OWNERS: Final = {
    "R01": "Head of service",
    "R02": "Head of service",
    "R03": "Finance partner",
    "R04": "AMHP lead",
    "R05": "Commissioner",
    "R06": "Principal social worker",
}
# Workstream and priority of each action.
_PLANNED: Final = {
    "A01": ("Money", "high"),
    "A02": ("Money", "medium"),
    "A03": ("Practice", "high"),
    "A04": ("Money", "high"),
    "A05": ("Workforce", "medium"),
    "A06": ("Records", "low"),
    "A07": ("Practice", "medium"),
    "A08": ("Money", "low"),
}
# Reference, risk, consequence, likelihood at each review.
_RISKS: Final = (
    ("R01", "Demand for allocation exceeds the teams' capacity", 4, (3, 4, 4, 4, 4)),
    ("R02", "Reviews fall behind and packages are no longer what people need", 3, (2, 3, 4, 4, 4)),
    ("R03", "The pooled budget overspends and the risk share is called on", 4, (2, 2, 3, 4, 4)),
    ("R04", "Too few approved mental health professionals to cover the rota", 5, (3, 3, 2, 2, 2)),
    ("R05", "Health funding of joint packages is withdrawn without agreement", 4, (2, 2, 2, 3, 4)),
    ("R06", "Safeguarding enquiries are not recorded in both systems", 3, (3, 3, 3, 2, 1)),
)
_ACTIONS: Final = (
    ("A01", "Review the dearest packages with both funding panels", "Head of service", "2026-06-30", "open"),
    (
        "A02",
        "Agree a written rule for splitting the cost of joint packages",
        "Finance partner",
        "2026-05-31",
        "open",
    ),
    ("A03", "Clear reviews overdue for more than eighteen months", "Team manager", "2025-12-31", "overdue"),
    (
        "A04",
        "Stop client charges on aftercare packages and refund them",
        "Finance partner",
        "2026-02-28",
        "overdue",
    ),
    ("A05", "Train four social workers as AMHPs", "AMHP lead", "2026-09-30", "open"),
    ("A06", "Report allocation requests by team each month", "Performance analyst", "2024-09-30", "done"),
    ("A07", "Audit risk assessments a second time", "Principal social worker", "2025-11-30", "done"),
    (
        "A08",
        "Ask the residential providers of Alder team for cost evidence",
        "Commissioner",
        "2026-04-30",
        "open",
    ),
)
_FACTS: Final = (
    ("open_cases", "People open to the eight teams", "2026-03", 1_460, "people", None, None, 0),
    ("risk_share_council", "Council's share of an overspend", "2025/26", 60, "percent", None, None, 0),
    ("amhp_trainees", "AMHP trainees who qualify in the coming year", "2026/27", 4, "staff", None, None, 0),
    (
        "smi_register",
        "Adults on the register of serious mental illness",
        "2025/26",
        2_750,
        "people",
        2_600,
        2_900,
        -1,
    ),
    ("amhp_shift", "AMHPs on a weekday shift", "2025/26", 3, "staff", None, None, 0),
)


def draw_audits(rng: np.random.Generator) -> pd.DataFrame:
    """Draw two rounds of a case-file audit."""
    rows = []
    for place, day in enumerate(("2024-10-31", "2025-10-31")):
        for criterion, *chances in _CRITERIA:
            rows.append((day, criterion, _CASES, int(rng.binomial(_CASES, chances[place])), _OPEN_CASES))
    return pd.DataFrame(rows, columns=["round", "criterion", "cases", "compliant", "population"])


def risk_register() -> pd.DataFrame:
    """Return six risks at five reviews."""
    rows = []
    for place, day in enumerate(_REVIEW_DAYS):
        for risk, description, consequence, likelihoods in _RISKS:
            likelihood = likelihoods[place]
            score = consequence * likelihood
            words = (_CONSEQUENCES[consequence], _LIKELIHOODS[likelihood], _level(score))
            rows.append((risk, day, description, consequence, likelihood, score, *words, _OWNERS[risk]))
    columns = ["risk_id", "date", "description", "consequence", "likelihood", "score"]
    return pd.DataFrame(rows, columns=[*columns, "consequence_label", "likelihood_label", "level", "owner"])


def _level(score: int) -> str:
    """Return the band of a score out of 25."""
    return next(
        name for most, name in ((3, "Low"), (6, "Moderate"), (12, "High"), (25, "Extreme")) if score <= most
    )


def improvement_actions() -> pd.DataFrame:
    """Return the improvement plan."""
    rows = [(*action, *_PLANNED[action[0]]) for action in _ACTIONS]
    columns = ["action_id", "action", "owner_role", "due", "status", "workstream", "priority"]
    return pd.DataFrame(rows, columns=columns)


def single_facts(paid: pd.DataFrame) -> pd.DataFrame:
    """Return figures that fit no other dataset; the pool is what the partners agreed, to £100,000."""
    columns = ["fact_id", "statement", "period", "value", "unit", "low", "high", "decimals"]
    agreed = paid.loc[(paid["financial_year"] == "2025/26") & (paid["as_at"] == "2026-03-31"), "agreed"].sum()
    what = "Value of the pooled fund, care packages and staff"
    pool = ("pool", what, "2025/26", round(agreed / 100_000) * 100_000, "gbp", None, None, -5)
    table = pd.DataFrame([_FACTS[0], pool, *_FACTS[1:]], columns=columns)
    return table.astype({"low": "Int64", "high": "Int64"})


_RECIPE_COLUMNS: Final = ["dataset", "filter", "measure", "operation", "period_from", "period_to"]
_COLUMNS: Final = ["claim_id", "reference", "statement", "published", "unit", "decimals", "recipe", "verdict"]
_BEFORE_ADJUSTMENTS: Final = "as_at=2026-03-31;kind=expenditure|health_income|client_income"
_COMMITTED: Final = ("budget", _BEFORE_ADJUSTMENTS, "commitment", "sum", "", "")
_OVERSPEND: Final = ("budget", _BEFORE_ADJUSTMENTS, "forecast-budget", "sum", "", "")
_OLDER_RESIDENTIAL: Final = "service_group=OPMH;line=Residential"
_OLDER_RISE: Final = ("budget", _OLDER_RESIDENTIAL, "commitment", "difference", "2025-04-30", "2026-03-31")
_REVIEWED: Final = "indicator=reviews_in_12_months;group="
_REVIEWED_LEVEL: Final = ("kpi", f"{_REVIEWED};period=2025/26", "value", "value", "", "")
_REVIEWED_POINTS: Final = ("kpi", _REVIEWED, "value", "pp_change", "2024/25", "2025/26")
_REVIEWED_PERCENT: Final = ("kpi", _REVIEWED, "value", "pct_change", "2024/25", "2025/26")
_EMPLOYED: Final = "indicator=cpa_employment;group=AMH"
_EMPLOYED_POINTS: Final = ("kpi", _EMPLOYED, "value", "pp_change", "2024/25", "2025/26")
_WITH_HEALTH: Final = ("package_transfers", "as_at=2026-03-31", "healthcare_professional", "sum", "", "")
_NO_RECIPE: Final = ("", "", "", "", "", "")


def published_claims(
    budget: pd.DataFrame, kpi: pd.DataFrame, transfers: pd.DataFrame
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Write statements about the authority's own figures, some of them wrong on purpose."""
    # Claim, place, statement, published figure, unit, decimals, recipe, verdict.
    rows = [*_about_money(budget), *_about_indicators(kpi), *_about_people(transfers)]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    recipes = pd.DataFrame(table.pop("recipe").to_list(), columns=_RECIPE_COLUMNS)
    verdicts = dict(zip(table["claim_id"], table.pop("verdict"), strict=True))
    table.insert(1, "document", "exampleshire-annual-report-2025-26")
    return pd.concat([table, recipes], axis=1), verdicts


def _about_money(budget: pd.DataFrame) -> list[tuple[object, ...]]:
    """Write claims about commitments and overspends, to the thousand."""
    money = ["budget", "commitment", "forecast"]
    unadjusted = budget[budget["kind"] != "adjustment"].groupby("as_at")[money].sum()
    adjusted = budget.groupby("as_at")[money].sum()
    older = budget[(budget["service_group"] == "OPMH") & (budget["line"] == "Residential")].set_index("as_at")
    december, march = pd.Timestamp("2025-12-31"), pd.Timestamp("2026-03-31")
    over = unadjusted["forecast"] - unadjusted["budget"]
    over_adjusted = adjusted["forecast"] - adjusted["budget"]
    rise = older["commitment"][march] - older["commitment"][pd.Timestamp("2025-04-30")]
    figures = (
        ("net-commitment", "1.1", "Net commitment for the year at the end of March",
         unadjusted["commitment"][march], _COMMITTED, "consistent"),
        ("net-over-budget", "1.2", "Forecast over budget at the end of March, before adjustments",
         over[december], _OVERSPEND, "stale"),
        ("net-over-budget-adjusted", "1.3", "Forecast over budget at the end of March, says the chair",
         over_adjusted[march], _OVERSPEND, "basis mixed"),
        ("older-residential-rise", "1.4", "Rise of older people's residential commitment, April to March",
         rise, _OLDER_RISE, "consistent"),
        ("older-residential-rise-letter", "1.5", "The same rise, as a letter to the board gives it",
         1.2 * rise, _OLDER_RISE, "inconsistent"),
    )  # fmt: skip
    return [
        (claim, place, statement, round(amount / 1_000) * 1_000, "gbp", -3, recipe, verdict)
        for claim, place, statement, amount, recipe, verdict in figures
    ]


def _about_indicators(kpi: pd.DataFrame) -> list[tuple[object, ...]]:
    """Write claims about indicators, to one decimal."""
    value = kpi.set_index(["indicator", "period"])["value"]
    reviewed, employed = value["reviews_in_12_months"], value["cpa_employment"]
    fall = round(reviewed["2025/26"] - reviewed["2024/25"], 1)
    # A tenth off the difference of the printed figures: only the rounding of both can explain it.
    employment = round(employed["2025/26"] - employed["2024/25"] + 0.1, 1)
    return [
        ("reviews-level", "2.1", "People reviewed within twelve months, 2025/26",
         reviewed["2025/26"], "percent", 1, _REVIEWED_LEVEL, "consistent"),
        ("reviews-change", "2.2", "Change of people reviewed within twelve months",
         fall, "percentage_points", 1, _REVIEWED_POINTS, "consistent"),
        ("reviews-change-percent", "2.3", "The same change, printed as per cent",
         fall, "percent", 1, _REVIEWED_PERCENT, "wrong unit"),
        ("employment-change", "2.4", "Change of adults on CPA in paid employment",
         employment, "percentage_points", 1, _EMPLOYED_POINTS, "consistent only through rounding"),
    ]  # fmt: skip


def _about_people(transfers: pd.DataFrame) -> list[tuple[object, ...]]:
    """Write claims about people: one that can be recomputed and one that cannot."""
    at_year_end = transfers[transfers["as_at"] == "2026-03-31"]
    people = int(at_year_end["healthcare_professional"].sum())
    return [
        ("health-held", "3.1", "People whose packages health staff hold",
         people, "people", 0, _WITH_HEALTH, "consistent"),
        ("waiting-times", "3.2", "People who wait less than four weeks for allocation",
         85, "percent", 0, _NO_RECIPE, "untestable"),
    ]  # fmt: skip


def planning_scenarios(transfers: pd.DataFrame) -> dict[str, Any]:
    """Return the scenarios, ready for TOML."""
    latest = transfers[transfers["as_at"] == transfers["as_at"].max()]
    people = int(latest["healthcare_professional"].sum())
    return {
        "scenario": [
            {"name": "Packages move from September 2026", "people_moved": people, "moved_from": "2026-09"},
            {"name": "Demand 20% higher", "demand": {"all": 1.2}},
            {"name": "Two vacancies advertised in April 2026", "posts_filled": 2, "posts_from": "2026-04"},
            {"name": "Two locums leave in July 2026", "locums": -2, "locums_from": "2026-07"},
        ]
    }
