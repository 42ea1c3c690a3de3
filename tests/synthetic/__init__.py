"""Exampleshire: a synthetic authority, complete in every dataset, whose truth is known and written down.

Modules: ``care`` (who receives what, on which terms), ``ledger`` (packages, budget, staffing, transfers),
``contributions`` (what the partners agreed and paid), ``performance`` (activity, indicators, workforce,
survey), ``governance`` (audits, risks, actions, facts, scenarios, published statements), ``next_year``
(uplifts, known moves, savings, funding rules).
"""

from __future__ import annotations

__all__ = ["SEED", "example_datasets", "example_truth", "write_example"]

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from s75lib.loaders.schemas import DATASETS
from synthetic import care, contributions, governance, ledger, next_year, performance

SEED = 75
_AUTHORITY = """\
# {name} does not exist. Every figure in this folder was drawn by a seeded generator;
# truth.toml says what was planted in them; tests/synthetic holds the generator.
# The ledger shows, at each month end, packages that are open, those that ended earlier in the financial
# year, and prior-year items. Money is in £; percentages run from 0 to 100, shares from 0 to 1.
name = "{name}"
partners = [
  {{ name = "{name} Council", kind = "council" }},
  {{ name = "{name} Mental Health NHS Trust", kind = "trust" }},
]
synthetic = true
# Counts of people below this are hidden in reports.
disclosure_threshold = 5

[agreement]
start = "2023-04-01"
end = "2028-03-31"
funding = "pooled"
risk_share = "Overspends and underspends are shared: council 60%, trust 40%"
signed = "2023-03-16"
notice_months = 12
review_dates = ["2025-10", "2027-03"]
board_dates = ["2025-06-19", "2025-09-18", "2025-12-18", "2026-03-19", "2026-06-18"]
legal_basis = "NHS Act 2006, section 75; SI 2000/617"
delegated_functions = ["Care Act assessment and review", "Safeguarding enquiries", "Carers' assessments"]
retained_functions = ["AMHP service", "Charging for care", "Guardianship"]

[[agreement.extensions]]
start = "2028-04-01"
end = "2030-03-31"
status = "proposed"
decided = "2028-06"
decided_by = "the council's cabinet"

# The rule as data: steps in order, each taking from what the ones before left. Kinds: shares,
# contributions, own_lines, risk_pool, carried_forward; up_to makes a band of any of them.
[sharing]
reference = "Schedule 3 of the agreement (synthetic)"

[[sharing.steps]]
kind = "shares"
shares = {{ "{name} Council" = 60, "{name} Mental Health NHS Trust" = 40 }}

# Whose line is which, for own_lines and for the comparison of rules: lines of the monitor, and employers.
[sharing.lines]
"{name} Council" = [
  "Residential", "Nursing", "Dom Care", "Live In", "Supp Living", "Day Care", "Dir Payments", "Other",
  "Client Conts", "Inflation", "Prior Year Liabilities", "Council",
]
"{name} Mental Health NHS Trust" = ["Health Cont", "Trust"]

# Who made, checked and approved the analysis: empty until somebody has.
[people]
analyst = ""
assurer = ""
approver = ""

[governance]
board = "Section 75 partnership board"
meets = "quarterly"

[[governance.roles]]
role = "Director of adult social services"
of = "{name} Council"
leads = ["Legal responsibility for adult social care"]

[[governance.roles]]
role = "Director of operations"
of = "{name} Mental Health NHS Trust"
leads = ["Delivery of the delegated functions", "Management of seconded staff"]

[[documents]]
id = "exampleshire-annual-report-2025-26"
title = "Section 75 annual report 2025/26 (synthetic)"
publisher = "{name} Council"
date = "2026-05-14"
note = "The statements in claims.csv; some are wrong on purpose"
"""
_SCENARIOS = """\
# Sets of changes that the workload notebook sets against its forecast, each on its own.
# A month is written as such, or counted from the first month forecast, which is 1.
# Fields: name, demand (factor by measure, or for all), demand_from, posts_filled (advertised from
# posts_from; negative: fall vacant), posts_from, locums (negative: leave), locums_from, people_moved,
# moved_from.
"""
_INDICATORS = """\
# What this authority means by indicators, where the toolkit's own description leaves something open.
[safeguarding_enquiries_completed]
name = "Safeguarding enquiries completed, of those started"
short = "Enquiries completed"
polarity = "higher_is_better"
numerator = "enquiries started in the period and completed"
denominator = "enquiries started in the period"
source = "Trust's record of enquiries"
"""
_TRUTH = """\
# What the generator planted in this folder, for tests and for readers who want to know what to find.
# health_share: of the gross cost of packages with these funding types, new packages included.
# Prices are rounded after each rise: placements to £1, hours and sessions to 10p.
"""


def example_datasets(seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Draw every dataset of the contract for the synthetic authority.

    Each dataset has a random stream of its own. The budget, package transfers, permanent admissions and
    claims follow from the ledger, and some indicators from the activity, so that they agree. Source: O'Neill
    (2014) PCG, HMC-CS-2014-0905: the generator (PCG64) behind every draw.

    Parameters
    ----------
    seed : int
        The published authority has 75; others give others like it.

    Returns
    -------
    dict of str to pandas.DataFrame
        By dataset name, in the contract's order and with its columns, those left out that would be empty.
        Days are datetime64; months, periods and audit and risk dates are text.

    Examples
    --------
    >>> datasets = example_datasets()
    >>> datasets["packages"]["snapshot_date"].nunique(), datasets["kpi"]["indicator"].nunique()
    (24, 20)
    """
    return _draw(seed)[0]


def example_truth() -> dict[str, Any]:
    """Return what was planted in the published synthetic authority.

    Returns
    -------
    dict
        Tables and plain values: packages, activity, kpi, staffing, survey, audits, risks, contributions and
        claims.

    Examples
    --------
    >>> example_truth()["packages"]["price"]["team"]
    'Alder'
    """
    return _planted_truth(*_draw(SEED)[1:])


def write_example(folder: Path, *, name: str = "Exampleshire") -> None:
    """Write the synthetic authority: authority.toml, a CSV for each dataset, definitions, scenarios, truth.

    The same bytes on every run: UTF-8, LF, ISO dates, money to the penny without trailing zeros, flags as
    y and n.

    Parameters
    ----------
    folder : pathlib.Path
        Created with its parents where missing; files of the same names are replaced.
    name : str
        The authority's name in authority.toml.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "exampleshire"
    >>> write_example(folder)
    >>> (folder / "packages.csv").is_file(), (folder / "truth.toml").is_file()
    (True, True)
    """
    datasets, planted = _draw(SEED, name)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{dataset}.csv": csv_text(frame) for dataset, frame in datasets.items()}
    texts["authority.toml"] = _AUTHORITY.format(name=name)
    texts["indicators.toml"] = _INDICATORS
    texts["scenarios.toml"] = _SCENARIOS + toml_text(
        governance.planning_scenarios(datasets["package_transfers"])
    )
    texts["truth.toml"] = _TRUTH + toml_text(_planted_truth(planted))
    for file, text in texts.items():
        (folder / file).write_bytes(text.encode())


def _draw(seed: int, name: str = "Exampleshire") -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Draw the datasets, and what was planted in contributions, claims and the NHS's share."""

    def stream(dataset: str) -> np.random.Generator:
        return random_stream(seed, dataset)

    episodes = care.draw_episodes(stream("episodes"))
    lines = ledger.draw_lines(stream("lines"), episodes)
    packages = ledger.ledger_snapshots(stream("reviews"), lines)
    budget, transfers = ledger.budget_from_ledger(packages), ledger.transfers_from_ledger(packages)
    activity = performance.draw_activity(stream("casework"))
    kpi = performance.draw_kpi(stream("indicator"), activity, episodes)
    claims, verdicts = governance.published_claims(budget, kpi, transfers)
    staffing = ledger.draw_staffing(stream("staffing"))
    paid, planted = contributions.draw_contributions(stream("contributions"), name, budget, staffing)
    datasets = {
        "budget": budget,
        "staffing": staffing,
        "contributions": paid,
        "packages": packages,
        "funding_rules": next_year.funding_rules(),
        "uplifts": next_year.draw_uplifts(stream("uplifts")),
        "known_changes": next_year.known_changes(),
        "savings": next_year.draw_savings(stream("savings")),
        "package_transfers": transfers,
        "kpi": kpi,
        "population": performance.residents_by_age(),
        "activity": performance.draw_reasons(stream("reasons"), activity),
        "workforce": performance.draw_employers(
            stream("employers"), performance.draw_workforce(stream("workforce"))
        ),
        "assumptions": performance.planning_assumptions(),
        "survey": performance.draw_survey(stream("survey")),
        "audits": governance.draw_audits(stream("audits")),
        "risks": governance.risk_register(),
        "actions": governance.improvement_actions(),
        "facts": governance.single_facts(paid),
        "claims": claims,
    }
    found = {"lost_share": next_year.lost_share(lines), "contributions": planted, "claims": verdicts}
    return _in_order(datasets), found


def _in_order(datasets: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Put each dataset's columns in the contract's order."""
    return {
        name: frame[[column for column in DATASETS[name].column_names if column in frame]]
        for name, frame in datasets.items()
    }


def _planted_truth(planted: dict[str, Any]) -> dict[str, Any]:
    """Write down the planted causes, and what a checker should find about each claim."""
    lost = planted.pop("lost_share")
    return {"seed": SEED, "packages": _packages(lost), "activity": _activity(), "kpi": _kpi()} | {
        "staffing": {"wrongly_phased_as_at": "2025-12-31", "months_phased": 8, "months_gone": 9},
        "survey": {"changed": ["Finding information"], "from_period": "2024/25", "to_period": "2025/26"},
        "audits": {"improved": ["Risk assessment current"], "chance_before": 0.52, "chance_after": 0.92},
        "risks": {"raised": ["R01", "R02", "R03", "R05"], "lowered": ["R04", "R06"]},
        **planted,
    }


def _packages(lost: dict[str, float]) -> dict[str, Any]:
    """Write down the causes in the ledger."""
    grown = next(stratum for stratum in care.STRATA if any(stratum.growth))
    return {
        "general_uplift": {"from": str(care.UPLIFT_DATE), "percent": care.UPLIFT_PERMILLE / 10},
        "volume": {
            "service_group": grown.group,
            "care_type": grown.care_type,
            "open_on_2024_04_01": grown.stock,
            "open_on_2025_03_31": grown.stock + grown.growth[0],
            "open_on_2026_03_31": grown.stock + sum(grown.growth),
        },
        "stable": [
            {
                "service_group": stratum.group,
                "care_type": stratum.care_type,
                "open_at_both_year_ends": stratum.stock,
            }
            for stratum in care.STRATA
            if not any(stratum.growth)
        ],
        "price": {
            "service_group": care.PRICE_RISE.group,
            "care_type": care.PRICE_RISE.care_type,
            "team": care.PRICE_RISE.team,
            "from": str(care.PRICE_RISE.start),
            "percent_above_uplift": care.PRICE_RISE.percent,
        },
        "health_share": {
            "service_groups": ["AMH", "OPMH"],
            "health_funding_types": list(care.SHARE_FALL.funding_types),
            "from": str(care.SHARE_FALL.start),
            "fall_in_points_of_gross": care.SHARE_FALL.points,
            **lost,
        },
        "charged_s117_packages": care.S117_CHARGED,
        "hours_changes": care.HOURS_CHANGES,
    }


def _activity() -> dict[str, Any]:
    """Write down the steps, and the measures that have none."""
    steps = [asdict(step) | {"teams": list(step.teams)} for step in performance.STEPS]
    return {"quiet_measures": list(performance.QUIET_MEASURES), "steps": steps}


def _kpi() -> dict[str, Any]:
    """Write down what moves each indicator."""
    by_cause = {
        cause: [one for one in performance.INDICATORS if one.cause == cause]
        for cause in ("common", "step", "drift")
    }
    moved = {
        cause: [
            {"indicator": one.name, "rate_at_first": one.rate, "rate_later": one.later}
            | ({"month": one.month} if cause == "step" else {})
            for one in by_cause[cause]
        ]
        for cause in ("step", "drift")
    }
    common = [one.name for one in by_cause["common"]]
    steady = ["safeguarding_enquiries_completed", "complaints_on_time", "community_support"]
    return {
        "common_cause": [*common, *steady],
        "annual_change_2024_25_to_2025_26": {
            # Older people's admissions follow from the planted rise in residential care.
            "significant": ["reviews_in_12_months", "assessments_in_28_days", "permanent_admissions"],
            "not_significant": common,
        },
        "follows_the_ledger": ["permanent_admissions"],
        "follows_activity": ["delayed_days_per_100k", "reviews_per_month"],
    } | moved


def csv_text(frame: pd.DataFrame) -> str:
    """Return the frame as CSV: LF, ISO dates, money to the penny without trailing zeros, no index.

    >>> frame = pd.DataFrame({"day": pd.to_datetime(["2024-04-30"]), "cost": [812.5], "s117": [False]})
    >>> print(csv_text(frame), end="")
    day,cost,s117
    2024-04-30,812.5,n
    """
    cells = pd.DataFrame({column: [_cell(value) for value in frame[column]] for column in frame.columns})
    return cells.to_csv(index=False, lineterminator="\n")


def _cell(value: Any) -> str:
    """Write one value."""
    if pd.isna(value):
        return ""
    if isinstance(value, bool):
        return "y" if value else "n"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


def toml_text(table: Mapping[str, Any], prefix: str = "") -> str:
    """Return a mapping of plain values, tables and lists of tables as TOML.

    >>> print(toml_text({"seed": 75, "steps": [{"month": "2024-08", "teams": ["Alder"]}]}), end="")
    seed = 75
    <BLANKLINE>
    [[steps]]
    month = "2024-08"
    teams = ["Alder"]
    """
    plain, nested = [], []
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            nested.append(f"\n[{name}]\n{toml_text(value, f'{name}.')}")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            nested += [f"\n[[{name}]]\n{toml_text(row, f'{name}.')}" for row in value]
        else:
            plain.append(f"{key} = {_toml_value(value)}\n")
    return "".join(plain + nested)


def _toml_value(value: object) -> str:
    """Write one plain value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    return str(value)


def random_stream(seed: int, dataset: str) -> np.random.Generator:
    """Return the dataset's own stream, so that a change in one dataset leaves the others as they were."""
    return np.random.Generator(np.random.PCG64([seed, *dataset.encode()]))
