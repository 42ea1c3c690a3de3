"""Exampleshire: a synthetic authority, complete in every dataset, whose truth is known and written down."""

from __future__ import annotations

__all__ = ["example_datasets", "example_truth", "write_example"]

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from s75lib.loaders.synthetic.activity import draw_activity
from s75lib.loaders.synthetic.episodes import draw_episodes
from s75lib.loaders.synthetic.finance import budget_from_ledger, draw_staffing, transfers_from_ledger
from s75lib.loaders.synthetic.governance import (
    draw_audits,
    improvement_actions,
    risk_register,
    single_facts,
)
from s75lib.loaders.synthetic.indicators import draw_kpi
from s75lib.loaders.synthetic.ledger import draw_lines, ledger_snapshots
from s75lib.loaders.synthetic.people import draw_survey, draw_workforce, planning_assumptions
from s75lib.loaders.synthetic.plans import planning_scenarios
from s75lib.loaders.synthetic.settings import SEED, random_stream
from s75lib.loaders.synthetic.statements import published_claims
from s75lib.loaders.synthetic.truth import planted_truth
from s75lib.loaders.synthetic.writing import csv_text, toml_text

_AUTHORITY = """\
# {name} does not exist. Every figure in this folder was drawn by a seeded generator;
# truth.toml says what was planted in them. `s75 new --example` writes the folder again, byte for byte.
# The ledger shows, at each month end, packages that are open, those that ended earlier in the financial
# year, and prior-year items. Money is in £; percentages run from 0 to 100, shares from 0 to 1.
name = "{name}"
partners = ["{name} Council", "{name} Mental Health NHS Trust"]
synthetic = true
# Counts of people below this are hidden in reports.
disclosure_threshold = 5

[agreement]
start = "2023-04-01"
end = "2028-03-31"
funding = "pooled"
risk_share = "Overspends and underspends are shared: council 60%, trust 40%"

# Who made, checked and approved the analysis: empty until somebody has.
[people]
analyst = ""
assurer = ""
approver = ""

[governance]
board = "Section 75 partnership board"
meets = "quarterly"

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

    Parameters
    ----------
    seed : int
        The published authority has 75; others give others like it.

    Returns
    -------
    dict of str to pandas.DataFrame
        By dataset name, in the contract's order and with its columns, those left out that would be empty.
        Days are datetime64; months, periods and audit and risk dates are text.

    Notes
    -----
    Each dataset has a random stream of its own. The budget, package transfers, permanent admissions and
    claims follow from the ledger, and some indicators from the activity, so that they agree.

    References
    ----------
    O'Neill, M. E. (2014) PCG, HMC-CS-2014-0905: the generator (PCG64) behind every draw.

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
        Tables and plain values: packages, activity, kpi, staffing, survey, audits, risks and claims.

    Examples
    --------
    >>> example_truth()["packages"]["price"]["team"]
    'Alder'
    """
    return planted_truth(_draw(SEED)[1])


def write_example(folder: Path, *, name: str = "Exampleshire") -> None:
    """Write the synthetic authority: authority.toml, a CSV for each dataset, definitions, scenarios, truth.

    Parameters
    ----------
    folder : pathlib.Path
        Created with its parents where missing; files of the same names are replaced.
    name : str
        The authority's name in authority.toml.

    Notes
    -----
    The same bytes on every run: UTF-8, LF, ISO dates, money to the penny without trailing zeros, flags as
    y and n.
    """
    datasets, verdicts = _draw(SEED)
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{dataset}.csv": csv_text(frame) for dataset, frame in datasets.items()}
    texts["authority.toml"] = _AUTHORITY.format(name=name)
    texts["indicators.toml"] = _INDICATORS
    texts["scenarios.toml"] = _SCENARIOS + toml_text(planning_scenarios(datasets["package_transfers"]))
    texts["truth.toml"] = _TRUTH + toml_text(planted_truth(verdicts))
    for file, text in texts.items():
        (folder / file).write_bytes(text.encode())


def _draw(seed: int) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Draw the datasets, and what a checker should find about the claims."""

    def stream(dataset: str) -> np.random.Generator:
        return random_stream(seed, dataset)

    episodes = draw_episodes(stream("episodes"))
    packages = ledger_snapshots(stream("reviews"), draw_lines(stream("lines"), episodes))
    budget, transfers = budget_from_ledger(packages), transfers_from_ledger(packages)
    activity = draw_activity(stream("casework"))
    kpi = draw_kpi(stream("indicator"), activity, episodes)
    claims, verdicts = published_claims(budget, kpi, transfers)
    datasets = {
        "budget": budget,
        "staffing": draw_staffing(stream("staffing")),
        "packages": packages,
        "package_transfers": transfers,
        "kpi": kpi,
        "activity": activity,
        "workforce": draw_workforce(stream("workforce")),
        "assumptions": planning_assumptions(),
        "survey": draw_survey(stream("survey")),
        "audits": draw_audits(stream("audits")),
        "risks": risk_register(),
        "actions": improvement_actions(),
        "facts": single_facts(),
        "claims": claims,
    }
    return datasets, verdicts
