"""What a reader sees: sentences of every case, and every part of every authority."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from s75lib.kpi import Findings, findings, sections, tables, wording
from s75lib.kpi.wording.phrases import (
    base_words,
    change_words,
    figure_words,
    interval_words,
    people,
    value_words,
    verdict_words,
)
from s75lib.loaders import find_authorities, load
from s75lib.present import Heading, Headline, Missing, show

ROW: dict[str, Any] = {
    "change": 0.7, "relative": 14.2857, "unit": "percent", "decimals": 1.0, "decimals_before": 1.0,
    "value": 5.6, "value_before": 4.9, "lower": math.nan, "upper": math.nan, "verdict": "no_base",
    "basis": "percentage_only", "kind": "year", "p_value": math.nan, "p_holm": math.nan, "tests": 9,
    "base_least": 6000.0, "base_central": 7800.0, "base_most": 10486.0,
}  # fmt: skip


def of(authority: str, data_dir: Path, period: str = "") -> Findings:
    data = load(authority, period, data_dir=data_dir)
    return findings(data.kpi, data.survey, data.audits, fewest=data.fewest_shown)


def parts_of(found: Findings, place: str) -> list[Any]:
    shown: list[Any] = [
        tables.matrix(found.matrix, margin=3),
        tables.ratios(found.ratios),
    ]
    shown += sections.moved(found, place=place)
    shown += sections.targets(found, place=place)
    shown += sections.months(found)
    shown += [part for part in sections.indicators(found, place=place) if not isinstance(part, Heading)]
    shown += sections.survey(found, place=place)
    shown += sections.audit(found, place=place)
    return shown


@pytest.fixture(scope="module")
def islington(data_dir: Path) -> Findings:
    return of("islington", data_dir, "2018/19")


def texts(found: list[Headline]) -> str:
    return "\n".join(item.text for item in found)


def test_points_and_per_cent_are_kept_apart() -> None:
    assert change_words(ROW) == "+0.7 percentage points (a relative rise of 14%)"
    assert change_words(
        ROW | {"change": -1.0, "decimals": 0.0, "decimals_before": 0.0, "relative": -2.0}
    ) == ("−1 percentage point (a relative fall of 2%)")
    assert change_words(ROW | {"change": 0.0, "relative": 0.0}) == "0.0 percentage points"
    assert change_words(ROW | {"relative": math.nan, "value_before": 0}) == "+0.7 percentage points"
    assert change_words(ROW | {"change": math.nan}) == ""


def test_counts_and_rates_carry_their_unit() -> None:
    counted = ROW | {
        "unit": "count",
        "change": 135.0,
        "relative": 27.38,
        "decimals": 0.0,
        "decimals_before": 0.0,
    }
    assert change_words(counted) == "+135 (+27%)"
    monthly = counted | {"unit": "per_month", "change": -19.0, "relative": -55.9}
    assert change_words(monthly) == "−19 a month (−56%)"
    assert change_words(counted | {"change": 5.0, "relative": math.nan}) == "+5"
    assert value_words(2361.4, "per_100k", 1) == "2,361.4 per 100,000"
    assert value_words(math.nan, "count") == "–"


def test_what_is_hidden_is_said_alike_in_every_cell() -> None:
    small = ROW | {"verdict": "hidden", "basis": "hidden", "change": math.nan, "hidden": True}
    assert figure_words(small) == change_words(small) == interval_words(small) == "c"
    assert verdict_words(small, margin=3) == "Not shown: too few people"
    assert figure_words(ROW | {"hidden": False}) == "5.6%"
    assert value_words(3, "count", 0) == "3"


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"verdict": "unclear", "p_value": 0.1686}, "Could be chance (p = 0.17)"),
        ({"verdict": "unclear", "p_value": 1.0, "change": 0.0}, "No change (p = 1.00)"),
        ({"verdict": "changed", "p_value": 2e-5, "p_holm": 2e-4}, "Hardly chance (p < 0.001)"),
        (
            {"verdict": "changed", "p_value": 0.02, "p_holm": 0.2},
            "Unclear: p = 0.020 alone, p = 0.20 among all 9 tests",
        ),
        ({"verdict": "steady"}, "Steady: any change is smaller than 3 points"),
        ({"verdict": "one_period"}, "One period only: nothing to compare"),
        (
            {"verdict": "untested", "basis": "stock"},
            "Not tested: mostly the same people each time",
        ),
        ({"change": 0.0}, "No base published: the same as printed"),
    ],
)
def test_every_verdict_in_words(facts: dict[str, Any], said: str) -> None:
    assert verdict_words(ROW | facts, margin=3) == said


def test_bases_in_words() -> None:
    assert people(1) == "1 person"
    assert base_words(ROW | {"base_least": math.nan}) == "chance could explain it with any base"
    assert "and rounding with any number" in base_words(ROW | {"base_most": math.nan})
    near = base_words(ROW | {"base_least": 81.0, "base_central": 82.0, "base_most": 82.0})
    assert near == "chance could explain it below about 82 people a year, not above"


def test_islingtons_headlines(islington: Findings) -> None:
    found = wording.headlines(islington)
    said = texts(found)
    assert 3 <= len(found) <= 6
    assert "from 34 in 2017/18 to 15 a month in 2018/19, −19 a month (−56%)" in said
    assert "from 13.0 (64 to 493) in 2017/18 to 4.5 (28 to 628)" in said
    assert "no conversion rate" in said
    assert "+0.7 percentage points (a relative rise of 14%)" in said
    assert "Chance could explain it below about 6,000 people a year, not above about 10,500" in said
    assert "None of 3 targets was met" in said
    assert len({item.id for item in found}) == len(found)


def test_islingtons_months_in_words(islington: Findings) -> None:
    assert texts(wording.months(islington.targets)) == (
        "Paid employment (CPA): target of 5.8% reached in 7 of 12 months (58%, 95% interval 28% to 85%). "
        "The year's "
        "5.6% is still below target: both can be right if the 5 other months averaged at most 5.4%."
    )


def test_one_period_each_is_said(data_dir: Path) -> None:
    said = texts(wording.headlines(of("cambridgeshire", data_dir)))
    assert "2 indicators are published, each for one period only" in said
    assert "Both targets were met" in said


def test_a_single_indicator_of_one_period(data_dir: Path) -> None:
    rows = load("cambridgeshire", data_dir=data_dir).kpi
    alone = rows[rows["indicator"] == "independent_living"]
    said = texts(wording.tally(findings(alone, rows.iloc[:0].assign(**_survey()), _audits()).changes))
    assert said.startswith("One indicator is published, for one period only")


def _survey() -> dict[str, Any]:
    names = ("survey", "question", "answer", "percent", "count", "base", "population", "weighted")
    return {name: pd.Series(dtype="float64") for name in names} | {"weighted": pd.Series(dtype="boolean")}


def _audits() -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in ("round", "criterion", "cases", "compliant", "population")})


def test_the_impossible_percentages_are_named(data_dir: Path) -> None:
    said = texts(wording.headlines(of("barking-and-dagenham", data_dir)))
    assert "86%, 14% and 26%" in said
    assert "no proof of a mistake" in said


def test_the_multiplicity_statement(islington: Findings) -> None:
    said = wording.several(islington.changes)
    assert said.startswith("9 tests were made")
    assert "5 with the chance of any false finding held at 5% (Holm)" in said
    assert wording.several(islington.changes.iloc[:0]) == ""


@pytest.mark.parametrize("authority", ["coventry", "warwickshire", "peterborough"])
def test_where_nothing_is_published_the_report_says_so(authority: str, data_dir: Path) -> None:
    data = load(authority, data_dir=data_dir)
    said = wording.applicable(data.kpi, data.survey, data.audits)
    assert [part.whole for part in said] == [False, True]
    assert wording.headlines(of(authority, data_dir)) == []
    assert all(
        part == [] or isinstance(part, Missing) for part in parts_of(of(authority, data_dir), authority)
    )


def test_every_part_of_every_authority_can_be_shown(data_dir: Path) -> None:
    for authority in find_authorities(data_dir):
        data = load(authority, data_dir=data_dir)
        found = findings(data.kpi, data.survey, data.audits, fewest=data.fewest_shown)
        shown = [part for part in parts_of(found, data.authority.name) if not isinstance(part, list)]
        ids = [part.id for part in shown if hasattr(part, "id")]
        assert len(set(ids)) == len(ids)
        for part in shown:
            fragment, payload = part.html(), part.payload()
            assert "<style" not in fragment
            assert "nan" not in re.sub(r"base64,[^\"]*", "", fragment).lower().replace("finance", "")
            assert payload["kind"] in {"figure", "table", "not_applicable"}
            json.dumps(payload, allow_nan=False)
        for check in wording.checks(data.kpi, found):
            assert check.passed, check.detail


@pytest.mark.parametrize(
    ("authority", "period"),
    [("islington", "2017/18"), ("exampleshire", "2025-12"), ("exampleshire", "2023-06")],
)
def test_earlier_periods_can_be_shown(authority: str, period: str, data_dir: Path) -> None:
    found = of(authority, data_dir, period)
    for part in parts_of(found, authority):
        if not isinstance(part, list):
            assert part.html()
    found_headlines = wording.headlines(found)
    assert found_headlines
    assert all(item.text.endswith(".") and "nan" not in item.text for item in found_headlines)


def test_small_counts_of_people_appear_nowhere(data_dir: Path) -> None:
    found = of("exampleshire", data_dir)
    said = [part for part in sections.months(found) if isinstance(part, Missing)]
    assert len(said) == 1
    assert "Permanent admissions" in said[0].reason
    for part in sections.indicators(found, place="Exampleshire"):
        assert not (hasattr(part, "drawing") and "Permanent admissions" in part.title)


def test_every_indicator_has_a_page_with_its_caveats_those_out_of_routine_first(data_dir: Path) -> None:
    found = of("exampleshire", data_dir)
    shown = sections.indicators(found, place="Exampleshire")
    names = [part.title for part in shown if isinstance(part, Heading)]
    assert len(names) == len(set(names)) == len(found.matrix)
    assert set(names[:2]) == {"Reviews in 12 months", "Assessments in 28 days"}
    pages = {part.title.split(":")[0]: part for part in shown if hasattr(part, "cells")}
    facts = dict(pages["Reviews in 12 months"].cells())
    assert facts["Latest, 2025/26"] == "65.1%"
    assert facts["Better or worse"] == "Worse"
    assert facts["Target"] == "75%: missed"
    assert facts["Step, proposed and not applied"].startswith("2025-02")
    assert any(note.startswith("An approximation") for note in pages["Reviews in 12 months"].notes)
    assert len([part for part in shown if hasattr(part, "drawing")]) == len(found.charts)


def test_a_gap_is_named_once(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(sections.audit(of("islington", data_dir), place="Islington"))
    assert capsys.readouterr().out.count("No case-file audit is held.") == 1
