"""The verdicts on what the six published authorities and the synthetic one say of themselves."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from s75lib.claims import CONTRADICTIONS, NOTEBOOK_DATASETS, check_claims, of_notebook
from s75lib.claims.terms import checked_against, terms
from s75lib.loaders import load
from s75lib.loaders.partnership import Agreement

DATA = Path(__file__).parents[1] / "data"
PUBLISHED = (
    "barking-and-dagenham",
    "cambridgeshire",
    "coventry",
    "islington",
    "peterborough",
    "warwickshire",
)
ROUNDING = "consistent only through rounding"

# Established from the documents by hand; see docs/published-figures.md.
CONTRADICTED = {
    ("barking-and-dagenham", "survey-2"): "inconsistent",
    ("barking-and-dagenham", "survey-5"): "inconsistent",
    ("barking-and-dagenham", "survey-8"): "inconsistent",
    ("cambridgeshire", "text-amh-over-budget"): "stale",
    ("cambridgeshire", "text-client-income-forecast-opmh"): "inconsistent",
    ("cambridgeshire", "risk-2019-11-score"): "inconsistent",
    ("peterborough", "risk-2019-11-score"): "inconsistent",
    ("islington", "kpi-cpa-employment-rise"): "wrong unit",
    ("islington", "kpi-independent-living-rise"): "wrong unit",
    ("islington", "kpi-community-support-samh-steady"): "inconsistent",
}
THROUGH_ROUNDING = {
    ("islington", "kpi-reviews-acmht-fall"),
    ("islington", "kpi-assessments-acmht-fall"),
    ("cambridgeshire", "text-overall-over-budget-change"),
    ("cambridgeshire", "text-overall-forecast-variance"),
    ("cambridgeshire", "text-deep-dive-forecast-overspend"),
    ("cambridgeshire", "text-overall-forecast-change"),
    ("cambridgeshire", "text-opmh-over-budget"),
}


@cache
def checked(authority: str) -> pd.DataFrame:
    data = load(authority, data_dir=DATA)
    return check_claims(data.claims, checked_against(data)).set_index("claim_id")


def with_verdict(*verdicts: str) -> dict[tuple[str, str], str]:
    return {
        (authority, claim): verdict
        for authority in PUBLISHED
        for claim, verdict in checked(authority)["verdict"].items()
        if verdict in verdicts
    }


def test_the_contradictions_are_found_and_no_others():
    assert with_verdict(*CONTRADICTIONS) == CONTRADICTED


def test_what_is_true_only_through_rounding():
    found = set(with_verdict(ROUNDING))
    assert {claim for claim in found if not claim[1].startswith("table-")} == THROUGH_ROUNDING


def test_the_printed_totals_that_differ_are_true_through_rounding():
    """The 59 totals that docs/published-figures.md lists, and none besides."""
    listed = {
        row.split("`")[1]
        for row in (DATA.parent / "docs" / "published-figures.md").read_text("utf-8").splitlines()
        if row.startswith("| `table-")
    }
    assert len(listed) == 59
    assert {claim for _, claim in with_verdict(ROUNDING) if claim.startswith("table-")} == listed


def test_untestable_are_the_claims_without_a_dataset():
    for authority in PUBLISHED:
        frame = checked(authority)
        assert ((frame["verdict"] == "untestable") == (frame["dataset"] == "")).all()


@pytest.mark.parametrize(
    ("authority", "claim", "words"),
    [
        ("cambridgeshire", "text-amh-over-budget", "30 November 2019 gives £117k"),
        ("cambridgeshire", "text-client-income-forecast-opmh", "for every service group together"),
        ("islington", "kpi-cpa-employment-rise", "gives 14.3%"),
        ("islington", "kpi-reviews-acmht-fall", "−58.0% to −53.7%"),
        ("barking-and-dagenham", "survey-8", "A base of 43 fits all"),
        ("peterborough", "risk-2019-11-score", "gives 8"),
    ],
)
def test_details_say_what_happened(authority, claim, words):
    assert words in checked(authority).loc[claim, "detail"]


def test_package_transfers_are_exact():
    frame = checked("cambridgeshire")
    transfers = frame[frame["dataset"] == "package_transfers"]
    assert {331, 273} <= set(transfers["recomputed"])
    assert (transfers["verdict"] == "consistent").all()
    assert (transfers["low"] == transfers["high"]).all()


@pytest.mark.parametrize("authority", [*PUBLISHED, "exampleshire"])
def test_every_claim_is_in_one_notebook(authority):
    data = load(authority, data_dir=DATA)
    shown = [claim for name in NOTEBOOK_DATASETS for claim in of_notebook(data.claims, name)["claim_id"]]
    assert sorted(shown) == sorted(data.claims["claim_id"])


def test_earlier_years_leave_later_claims_untestable():
    data = load("islington", "2017/18", data_dir=DATA)
    frame = check_claims(data.claims, data.frames).set_index("claim_id")
    assert frame.loc["kpi-cpa-employment-all-2017-18", "verdict"] == "consistent"
    assert frame.loc["kpi-cpa-employment-rise", "verdict"] == "untestable"
    assert "2018/19" in frame.loc["kpi-cpa-employment-rise", "detail"]


def test_the_synthetic_authority_gets_the_verdicts_planted_in_it():
    truth = tomllib.loads((DATA / "exampleshire" / "truth.toml").read_text("utf-8"))["claims"]
    assert checked("exampleshire")["verdict"].to_dict() == truth


def test_the_command_line_counts_the_same_verdicts_as_contradictions():
    from s75lib.claims import CONTRADICTIONS, VERDICTS
    from s75lib.cli import reports

    assert set(VERDICTS) == set(reports._NOT_CONTRADICTED) | set(CONTRADICTIONS)
    assert reports._claims({"consistent": 2, "untestable": 1, **dict.fromkeys(CONTRADICTIONS, 1)}) == (
        f"{3 + len(CONTRADICTIONS)} checked, {len(CONTRADICTIONS)} contradicted"
    )


def test_what_is_said_of_an_agreements_length_is_recomputed_from_its_days():
    found = checked("coventry").loc[lambda rows: rows["dataset"] == "agreement"]
    assert set(found["verdict"]) == {"consistent"}
    assert found["recomputed"].to_dict() == {
        "text-agreement-term": 3,
        "text-extension-first": 12,
        "text-extension-second": 12,
        "text-extension-number": 2,
        "text-months-to-expiry": 48,
        "text-months-to-new-agreement": 60,
    }
    assert checked("barking-and-dagenham").loc["text-extension-months", "recomputed"] == 6
    assert terms(Agreement()).empty
    part = Agreement(start=date(2024, 4, 1), end=date(2024, 5, 15))
    assert terms(part)["months"].tolist() == [1.5]
