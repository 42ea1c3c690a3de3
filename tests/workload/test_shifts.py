"""Shifts: planted steps are found, quiet series keep quiet, a given month is tested."""

from __future__ import annotations

import pandas as pd
import pytest
from synthetic import random_stream
from synthetic.performance import draw_activity

from s75lib import workload
from s75lib.loaders import load
from s75lib.present import Missing
from s75lib.workload.activity import monthly
from s75lib.workload.shifts import Shifts, find_shifts, shifts_since


def test_every_planted_step_is_found_with_month_and_size(work, truth, months_apart):
    found = {(s.measure, s.team): s for s in work.shifts.found}
    for step in truth["steps"]:
        for team in step["teams"]:
            shift = found[step["measure"], team]
            assert months_apart(shift.month, step["month"]) <= 1
            assert shift.lower < step["factor"] < shift.upper


def test_quiet_series_have_no_step(work, truth):
    quiet = sum(measure in truth["quiet_measures"] for measure, _ in work.shifts.searched)
    false = sum(s.measure in truth["quiet_measures"] for s in work.shifts.found)
    assert quiet > 50
    assert false / quiet < 0.05


@pytest.mark.slow
def test_other_draws_show_their_steps_and_hardly_a_false_one(truth, months_apart):
    """Six further authorities of the same make: quiet series keep quiet, most planted steps are found."""
    quiet, false, planted, right = 0, 0, 0, 0
    for seed in range(100, 106):
        frame = draw_activity(random_stream(seed, "casework"))
        frame = frame.assign(month=pd.to_datetime(frame["month"] + "-01"), count=frame["count"].astype(float))
        found = find_shifts(monthly(frame))
        quiet += sum(measure in truth["quiet_measures"] for measure, _ in found.searched)
        false += sum(s.measure in truth["quiet_measures"] for s in found.found)
        for step in truth["steps"]:
            planted += len(step["teams"])
            right += sum(
                s.measure == step["measure"] and s.team in step["teams"]
                and months_apart(s.month, step["month"]) <= 1
                for s in found.found
            )  # fmt: skip
    assert false / quiet < 0.01
    assert right / planted > 0.5


def test_a_given_month_is_tested(example):
    found = {s.measure: s for s in shifts_since(monthly(example.activity), "2024-08")}
    assert found["case_allocation_requests"].is_clear
    assert found["case_allocation_requests"].ratio > 1
    assert not found["assessments"].is_clear
    assert shifts_since(monthly(example.activity), "2023-05") == ()


def test_unrealised_concerns_cannot_be_tested_without_the_months(data_dir):
    shown = workload.shifts(workload.study(load("cambridgeshire", data_dir=data_dir)))
    gap = next(part for part in shown.parts if isinstance(part, Missing))
    assert gap.needs[0].dataset == "activity"
    assert {"month", "measure", "count"} <= set(gap.needs[0].columns)


def test_with_the_months_the_rise_is_told(work):
    (said,) = [one for one in workload.shifts(work).headlines if one.id == "workload.requests"]
    assert "borne out" in said.text
    assert "Alder" in said.text


def test_short_series_and_those_with_gaps_are_not_searched():
    months = pd.date_range("2024-04-01", periods=14, freq="MS")
    whole = pd.DataFrame({"month": months, "service_group": "", "team": "", "count": 5.0})
    rows = [
        whole.assign(measure="reviews"),
        whole.assign(measure="assessments").head(8),
        whole.assign(measure="complaints").drop(index=6),
    ]
    assert find_shifts(monthly(pd.concat(rows))).searched == (("reviews", ""),)


def test_steps_to_be_expected_by_chance_are_a_share_of_the_series_searched():
    def by_chance(searched):
        return Shifts((), tuple((f"measure {at}", "") for at in range(searched))).by_chance

    assert by_chance(0) == 0
    # At most one false step in twenty quiet series (docs/methods.md).
    assert by_chance(3) == pytest.approx(3 * by_chance(1))
    assert 0 < by_chance(20) <= 1
