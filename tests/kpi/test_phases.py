"""Limits set anew: where, why, who decided it, and what the figures were before and since."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from s75lib.errors import ConfigError
from s75lib.kpi import study
from s75lib.kpi.control_charts import figure, section
from s75lib.loaders import load
from s75lib.loaders.indicators import read_indicators
from s75lib.present import sources, summary
from s75lib.stats.comparison import compare_proportions

REBASED = """[assessments_in_28_days]
rebase = [{ from = "2025-02", reason = "A second assessment team", who = "head of quality" }]
events = [{ month = "2024-06", what = "New form of assessment" }]
"""


@pytest.fixture
def own(tmp_path: Path, data_dir: Path) -> Path:
    """Copy exampleshire, with one indicator rebased."""
    shutil.copytree(data_dir / "exampleshire", tmp_path / "exampleshire")
    with Path(tmp_path, "exampleshire", "indicators.toml").open("a", encoding="utf-8") as file:
        file.write(REBASED)
    return tmp_path


def test_a_rebase_starts_a_phase_with_limits_of_its_own(own: Path) -> None:
    found = study(load("exampleshire", data_dir=own))
    chart = next(one for one in found.charts if one.indicator.slug == "assessments_in_28_days").chart
    kpi = found.data.kpi
    months = kpi[(kpi["indicator"] == "assessments_in_28_days") & kpi["period"].astype(str).str.contains("-")]
    since = months[months["period"].astype(str) >= "2025-02"]
    assert [phase.start for phase in chart.phases] == ["2023-04", "2025-02"]
    assert chart.phases[1].fit.mean == pytest.approx(
        100 * since["numerator"].sum() / since["denominator"].sum()
    )
    # The icons are those of the current phase.
    assert chart.points["lower"].iloc[-1] != chart.points["lower"].iloc[0]


def test_the_page_says_what_changed_why_and_who_decided_it(own: Path) -> None:
    found = study(load("exampleshire", data_dir=own))
    row = section(found).tables["rebased"].frame.iloc[0]
    assert (row["reason"], row["who"]) == ("A second assessment team", "head of quality")
    log = json.dumps(summary(found).parts[0].payload()["decisions"])
    assert "start anew in 2025-02: A second assessment team" in log
    drawn = figure(
        next(one for one in found.charts if one.indicator.slug == "assessments_in_28_days"), "here"
    )
    for text in (drawn.subtitle, drawn.alt):
        assert "1: 2024-06, New form of assessment; 2: 2025-02, limits anew" in text
    assert sources(found)


def test_the_two_stretches_are_compared_by_their_added_counts(own: Path) -> None:
    found = study(load("exampleshire", data_dir=own))
    row = found.rebased.iloc[0]
    kpi = found.data.kpi
    months = kpi[(kpi["indicator"] == "assessments_in_28_days") & kpi["period"].astype(str).str.contains("-")]
    later = months["period"].astype(str) >= "2025-02"
    sums = [months[part][["numerator", "denominator"]].sum().astype(int) for part in (~later, later)]
    there = compare_proportions(sums[0].iloc[0], sums[0].iloc[1], sums[1].iloc[0], sums[1].iloc[1])
    assert row["p_value"] == pytest.approx(there.p_value)
    assert row["change"] == pytest.approx(row["after"] - row["before"])


def test_a_caseload_is_set_anew_and_not_tested(data_dir: Path) -> None:
    rebase = {"crisis_plans": [{"from": "2025-02", "reason": "New form"}]}
    row = study(load("exampleshire", data_dir=data_dir), rebase=rebase).rebased.iloc[0]
    assert row["untested"] == "mostly the same people each month"
    assert pd.isna(row["p_value"])


def test_a_report_that_ends_before_a_rebase_has_one_phase(own: Path) -> None:
    found = study(load("exampleshire", "2023/24", data_dir=own))
    chart = next(one for one in found.charts if one.indicator.slug == "assessments_in_28_days").chart
    assert len(chart.phases) == 1
    assert found.rebased.empty


def test_a_step_that_is_proposed_comes_with_the_line_to_paste(data_dir: Path, tmp_path: Path) -> None:
    table = section(study(load("exampleshire", data_dir=data_dir))).tables["control"]
    line = next(note for note in table.notes if "indicators.toml" in note)
    assert 'under [reviews_in_12_months], rebase = [{ from = "2025-02"' in line
    line = line.replace('reason = "…"', 'reason = "New team"')  # which the line leaves to be said
    slug, entry = line.split("[")[1].split("]")[0], line[line.index("rebase = ") :].split("]", 1)[0] + "]"
    (tmp_path / "indicators.toml").write_text(f"[{slug}]\n{entry}\n", encoding="utf-8")
    assert read_indicators(tmp_path)[slug].rebase[0].month == "2025-02"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('rebase = [{ from = "2025-02" }]', "reason: found nothing"),
        ('rebase = [{ from = "2025-02", reason = " " }]', "reason: found ''; expected words"),
        ('rebase = [{ from = "2025-02", reason = "…" }]', "reason: found '…'; expected words"),
        ('rebase = [{ from = "2025-13", reason = "A" }]', "expected a month, such as 2025-02"),
        ('rebase = [{ from = 2025-02-01, reason = "A" }]', "expected a month, such as 2025-02"),
        ('rebase = [{ from = "2025-02", reason = "A", why = "B" }]', "why: found a name that is not known"),
        (
            'rebase = [{ from = "2025-02", reason = "A" }, { from = "2025-02", reason = "B" }]',
            "a month twice",
        ),
        ('rebase = ["2025-02"]', "expected a table of names and values"),
        ('events = [{ month = "2025-02" }]', "what: found nothing"),
    ],
)
def test_a_rebase_without_month_or_reason_is_a_fault(tmp_path: Path, written: str, told: str) -> None:
    (tmp_path / "indicators.toml").write_text(f"[crisis_plans]\n{written}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        read_indicators(tmp_path)


def test_a_rebase_of_an_indicator_that_is_not_held_is_refused(data_dir: Path) -> None:
    with pytest.raises(ConfigError, match="expected an indicator of this authority"):
        study(load("exampleshire", data_dir=data_dir), rebase={"calls": [{"from": "2025-02", "reason": "A"}]})
