"""Staff: need by hand and by simulation, by team, and against posts and people."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from s75lib.workload.activity import monthly
from s75lib.workload.assumptions import TASKS, Assumption, Assumptions, in_force, tornado
from s75lib.workload.demand import expected_demand
from s75lib.workload.posts import team_posts
from s75lib.workload.staff import against, need_by_team, staff_needed

NONE = pd.DataFrame(columns=["assumption", "low", "central", "high", "unit", "source"])
POST = 37 * 42 * 0.7 / 12  # hours a month


def test_staff_needed_by_hand(fixed, flat):
    held = fixed(hours_per_review=6, hours_per_week=37, weeks_available=42, non_contact_share=0.3)
    found = staff_needed(flat({"reviews": 100}), held)
    assert found.year("casework")["central"] == pytest.approx(600 / (37 * 42 * 0.7 / 12))
    assert found.year("casework")["error"] == pytest.approx(0, abs=1e-12)
    assert found.months["month"].tolist() == list(pd.date_range("2025-04-01", periods=12, freq="MS"))


def test_open_cases_take_hours_every_month(fixed, flat):
    held = fixed(hours_per_case_per_month=1.5)
    one = staff_needed(flat({"reviews": 100}), held).year("casework")["central"]
    both = staff_needed(flat({"reviews": 100}), held, open_cases=1000).year("casework")["central"]
    assert both - one == pytest.approx(1500 / (37 * 42 * 0.7 / 12))


def test_mental_health_act_work_is_not_casework(fixed, flat):
    found = staff_needed(flat({"reviews": 10, "mha_assessments": 10}), fixed())
    assert set(found.draws) == {"casework", "amhp"}


@pytest.mark.parametrize(("last", "months"), [("2025-03", 12), ("2025-02", 11), ("2025-01", 10)])
def test_a_series_up_to_two_months_late_shortens_what_is_seen(fixed, flat, last, months):
    late = flat({"reviews": 10, "assessments": 10}, last={"reviews": pd.Timestamp(f"{last}-01")})
    found = staff_needed(late, fixed())
    assert found.draws["casework"].shape == (200, months)
    assert found.months["month"].iloc[0] == pd.Timestamp("2025-04-01")
    assert found.left_out == ()


@pytest.mark.parametrize("last", ["2024-12", "2024-03"])
def test_a_series_that_ended_longer_ago_is_left_out(fixed, flat, last):
    old = flat({"reviews": 10, "assessments": 10}, last={"reviews": pd.Timestamp(f"{last}-01")})
    found = staff_needed(old, fixed())
    assert found.left_out == ("reviews",)
    assert found.draws["casework"].shape == (200, 12)


def test_nothing_that_takes_hours_needs_nobody(fixed, flat):
    found = staff_needed(flat({"complaints": 10}), fixed())
    assert found.is_empty
    assert found.parts.empty


def test_the_tornado_moves_one_assumption_at_a_time(flat):
    held = in_force(NONE)
    ahead = flat({"reviews": 100, "assessments": 10})
    table = tornado(staff_needed(ahead, held).parts, held, ahead.paths).set_index("name")
    month = 37 * 42 * 0.7 / 12
    assert table.loc["hours_per_review", "low"] == pytest.approx((100 * 4 + 10 * 11) / month)
    assert table.loc["hours_per_review", "high"] == pytest.approx((100 * 9 + 10 * 11) / month)
    assert table.loc["non_contact_share", "high"] == pytest.approx((600 + 110) / (37 * 42 * 0.6 / 12))
    assert table.loc["demand", "width"] == pytest.approx(0)
    assert table["width"].is_monotonic_decreasing


@pytest.mark.slow
def test_the_interval_of_the_staff_needed_covers_what_comes(monkeypatch):
    """Poisson demand and assumptions drawn from their ranges: 95% intervals hold 93 to 97% of outcomes."""
    # Without backtests, for speed; the module's name is that of its function too.
    monkeypatch.setattr(sys.modules[expected_demand.__module__], "_TESTS", ())
    rng = np.random.default_rng(20)
    held = in_force(NONE)
    months = pd.date_range("2022-04-01", periods=36, freq="MS")
    trials, inside = 400, 0
    for _ in range(trials):
        levels = {"reviews": rng.uniform(15, 200), "assessments": rng.uniform(15, 150)}
        came = {m: rng.poisson(level, 48) for m, level in levels.items()}
        frame = pd.concat(
            [
                pd.DataFrame(
                    {
                        "month": months,
                        "measure": m,
                        "count": c[:36].astype(float),
                        "service_group": "",
                        "team": "",
                    }
                )
                for m, c in came.items()
            ]
        )
        year = staff_needed(expected_demand(monthly(frame)), held).year("casework")
        truth = {name: float(item.draw(1, rng)[0]) for name, item in held.items()}
        hours = sum(c[36:].mean() * truth[TASKS[m][0]] for m, c in came.items())
        post = truth["hours_per_week"] * truth["weeks_available"] * (1 - truth["non_contact_share"]) / 12
        inside += year["lower_95"] <= hours / post <= year["upper_95"]
    assert 0.93 <= inside / trials <= 0.97


def test_an_assumption_is_its_own_stream(flat):
    held = in_force(NONE)
    ahead = flat({"reviews": 100})
    first = staff_needed(ahead, held).draws["casework"]
    changed = dict(held)
    changed["hours_per_enquiry"] = Assumption("hours_per_enquiry", "x", 1, 2, 3, "hours", "test")
    assert (staff_needed(ahead, Assumptions(changed)).draws["casework"] == first).all()


def test_teams_add_up_and_meet_their_posts(fixed, flat, posts):
    held = fixed(hours_per_review=6, hours_per_case_per_month=1.5)
    ahead = flat({"reviews": 100}, teams={"Alder": 0.75, "Beech": 0.25})
    found = need_by_team(ahead, held, team_posts(posts), open_cases=200)
    whole = staff_needed(ahead, held, open_cases=200).draws["casework"]
    assert np.allclose(sum(found.draws.values()), whole)
    assert found.shares_open_cases
    table = found.table.set_index("team")
    # Beech: a quarter of 600 hours of reviews and of 300 hours on open cases.
    assert table.loc["Beech", "central"] == pytest.approx(225 / POST)
    assert table.loc["Beech", ["establishment", "staffed"]].tolist() == [2, 1]
    assert table.loc["Beech", "gap_to_staffed"] == pytest.approx(225 / POST - 1)
    assert table.loc["Beech", "first_gap_to_staffed"] == pd.Timestamp("2025-04-01")
    assert table.loc["Alder", "staffed"] == 6
    assert table.loc["Alder", "p_gap_to_establishment"] == (675 / POST > 6)


def test_a_team_without_posts_and_a_measure_without_teams(fixed, flat, posts):
    ahead = flat({"reviews": 100}, teams={"Alder": 0.5, "Rowan": 0.5})
    ahead.paths["assessments"] = ahead.paths["reviews"]
    ahead.years.loc[1] = ["assessments", "", pd.Timestamp("2025-03-01")]
    found = need_by_team(ahead, fixed(), team_posts(posts))
    assert found.not_by_team == ("assessments",)
    assert not found.shares_open_cases
    row = found.table.set_index("team").loc["Rowan"]
    assert np.isnan(row["establishment"])
    assert np.isnan(row["p_gap_to_staffed"])
    assert pd.isna(row["first_gap_to_staffed"])


def test_no_teams_no_need_by_team(fixed, flat, posts):
    assert need_by_team(flat({"reviews": 100}), fixed(), team_posts(posts)) is None
    assert need_by_team(flat({"complaints": 3}, teams={"A": 1}), fixed(), team_posts(posts)) is None


def test_a_gap_by_hand():
    months = pd.date_range("2025-04-01", periods=3, freq="MS")
    wte = np.array([[8.0, 10.0, 12.0], [9.0, 11.0, 13.0], [7.0, 9.0, 11.0], [10.0, 12.0, 14.0]])
    found = against(wte, {"establishment": 10.5, "staffed": 99}, months)
    assert found["gap_to_establishment"] == pytest.approx(0)  # means 10, 11, 9, 12
    assert found["p_gap_to_establishment"] == 0.5
    assert found["p_error_to_establishment"] == pytest.approx(0.25)
    assert found["first_gap_to_establishment"] == months[2]  # medians 8.5, 10.5, 12.5
    assert pd.isna(found["first_gap_to_staffed"])


@pytest.mark.parametrize(("cases", "told"), [(0.0, False), (float("nan"), False), (1.0, True)])
def test_no_open_cases_are_no_work(fixed, flat, cases, told):
    found = staff_needed(flat({"reviews": 100}), fixed(), open_cases=cases)
    assert ("open_cases" in set(found.parts["measure"])) == told
