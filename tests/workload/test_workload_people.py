"""From work to people: staff needed by hand and by simulation, by team, posts, recruiting, redeploying."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from s75lib.workload.assumptions import Assumption, Assumptions, assumptions
from s75lib.workload.outlook import outlook
from s75lib.workload.recruitment import recruitment, recruits
from s75lib.workload.series import monthly
from s75lib.workload.staffing import (
    TASKS,
    gap,
    need_by_team,
    required,
    tornado,
    transfer_need,
    weekly_hours,
)
from s75lib.workload.workforce import own_hours, pool_of, position, redeployment, team_posts

NONE = pd.DataFrame(columns=["assumption", "low", "central", "high", "unit", "source"])
POST = 37 * 42 * 0.7 / 12  # hours a month


def test_staff_needed_by_hand(fixed, flat):
    held = fixed(hours_per_review=6, hours_per_week=37, weeks_available=42, non_contact_share=0.3)
    found = required(flat({"reviews": 100}), held)
    assert found.year("casework")["central"] == pytest.approx(600 / (37 * 42 * 0.7 / 12))
    assert found.year("casework")["error"] == pytest.approx(0, abs=1e-12)
    assert found.months["month"].tolist() == list(pd.date_range("2025-04-01", periods=12, freq="MS"))


def test_open_cases_take_hours_every_month(fixed, flat):
    held = fixed(hours_per_case_per_month=1.5)
    one = required(flat({"reviews": 100}), held).year("casework")["central"]
    both = required(flat({"reviews": 100}), held, open_cases=1000).year("casework")["central"]
    assert both - one == pytest.approx(1500 / (37 * 42 * 0.7 / 12))


def test_mental_health_act_work_is_not_casework(fixed, flat):
    found = required(flat({"reviews": 10, "mha_assessments": 10}), fixed())
    assert set(found.draws) == {"casework", "amhp"}


def test_a_series_that_ended_long_ago_is_left_out(fixed, flat):
    old = flat({"reviews": 10, "assessments": 10}, last={"reviews": pd.Timestamp("2024-03-01")})
    found = required(old, fixed())
    assert found.left_out == ("reviews",)


def test_a_series_one_month_late_shortens_what_is_seen(fixed, flat):
    late = flat({"reviews": 10, "assessments": 10}, last={"reviews": pd.Timestamp("2025-02-01")})
    found = required(late, fixed())
    assert found.draws["casework"].shape == (200, 11)
    assert found.months["month"].iloc[0] == pd.Timestamp("2025-04-01")


def test_nothing_that_takes_hours_needs_nobody(fixed, flat):
    found = required(flat({"complaints": 10}), fixed())
    assert found.is_empty
    assert found.parts.empty


def test_the_tornado_moves_one_assumption_at_a_time(flat):
    held = assumptions(NONE)
    ahead = flat({"reviews": 100, "assessments": 10})
    table = tornado(required(ahead, held), held, ahead).set_index("name")
    month = 37 * 42 * 0.7 / 12
    assert table.loc["hours_per_review", "low"] == pytest.approx((100 * 4 + 10 * 11) / month)
    assert table.loc["hours_per_review", "high"] == pytest.approx((100 * 9 + 10 * 11) / month)
    assert table.loc["non_contact_share", "high"] == pytest.approx((600 + 110) / (37 * 42 * 0.6 / 12))
    assert table.loc["demand", "width"] == pytest.approx(0)
    assert table["width"].is_monotonic_decreasing


def test_weekly_hours_by_hand(fixed):
    assert weekly_hours(fixed()) == pytest.approx(37 * 42 * 0.7 / (365.25 / 7))


@pytest.mark.slow
def test_the_interval_of_the_staff_needed_covers_what_comes(monkeypatch):
    """Poisson demand and assumptions drawn from their ranges: 95% intervals hold 93 to 97% of outcomes."""
    # Without backtests, for speed; the module's name is that of its function too.
    monkeypatch.setattr(sys.modules[outlook.__module__], "_TESTS", ())
    rng = np.random.default_rng(20)
    held = assumptions(NONE)
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
        year = required(outlook(monthly(frame)), held).year("casework")
        truth = {name: float(item.draw(1, rng)[0]) for name, item in held.items()}
        hours = sum(c[36:].mean() * truth[TASKS[m][0]] for m, c in came.items())
        post = truth["hours_per_week"] * truth["weeks_available"] * (1 - truth["non_contact_share"]) / 12
        inside += year["lower_95"] <= hours / post <= year["upper_95"]
    assert 0.93 <= inside / trials <= 0.97


def test_the_reviews_of_a_transfer_as_staff(fixed):
    reviews = pd.DataFrame(
        {"month": [0, 1, 12], "light_touch": [10.0, 10.0, 99.0], "yearly": [0.0, 5.0, 99.0]}
    )
    held = fixed(hours_per_light_touch_review=2, hours_per_review=6)
    found = transfer_need(reviews, held)
    assert found["central"] == pytest.approx((20 * 2 + 5 * 6) / (37 * 42 * 0.7))
    assert (found["light_touch"], found["yearly"]) == (20, 5)


@pytest.mark.parametrize(
    ("role", "pool"),
    [("AMHP", "amhp"), ("Senior social worker", "casework"), ("Team manager", "management"),
     ("Head of service", "management"),
     ("Approved Mental Health Professional", "amhp"), ("Leading practitioner", "casework")],
)  # fmt: skip
def test_roles_by_their_names(role, pool):
    assert pool_of(role) == pool


def test_posts_by_hand():
    frame = pd.DataFrame(
        {
            "as_at": pd.Timestamp("2025-03-31"), "team": ["A", "A", "B"],
            "role": ["Social worker", "AMHP", "Support worker"], "wte_establishment": [6.0, 2.0, 2.0],
            "wte_in_post": [5.0, 2.0, 1.0], "wte_locum": [1.0, np.nan, 0.5],
        }
    )  # fmt: skip
    found = position(frame).set_index("pool").loc["casework"]
    assert (found["establishment"], found["in_post"], found["staffed"], found["vacancy"]) == (8, 6, 7.5, 2)
    assert found["vacancy_percent"] == 25
    assert found["locum_percent"] == 20
    assert np.isnan(position(frame).set_index("pool").loc["amhp", "locum_percent"])


def test_nineteen_redeployed(fixed):
    table = redeployment(19, fixed()).table
    hours = 19 * 37 * 42 * 0.7
    assert table["central"].tolist() == pytest.approx([hours, hours / 6, hours / 11])
    assert table["lower_95"].tolist() == pytest.approx(table["central"].tolist())
    wide = redeployment(19, assumptions(NONE)).table
    assert (wide["lower_95"] < wide["central"]).all()
    assert (wide["central"] < wide["upper_95"]).all()


def test_an_assumption_is_its_own_stream(flat):
    held = assumptions(NONE)
    ahead = flat({"reviews": 100})
    first = required(ahead, held).draws["casework"]
    changed = dict(held)
    changed["hours_per_enquiry"] = Assumption("hours_per_enquiry", "x", 1, 2, 3, "hours", "test")
    assert (required(ahead, Assumptions(changed)).draws["casework"] == first).all()


def workforce(rows):
    columns = ["team", "role", "wte_establishment", "wte_in_post", "wte_locum", "hours_per_wte_week",
               "unavailable_share"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).assign(as_at=pd.Timestamp("2025-03-31"))


POSTS = workforce(
    [
        ("Alder", "Social worker", 6.0, 5.0, 1.0, 37.0, 0.2),
        ("Alder", "AMHP", 2.0, 2.0, 0.0, 35.0, 0.1),
        ("Beech", "Social worker", 2.0, 1.0, np.nan, 36.0, 0.25),
    ]
)


def test_teams_add_up_and_meet_their_posts(fixed, flat):
    held = fixed(hours_per_review=6, hours_per_case_per_month=1.5)
    ahead = flat({"reviews": 100}, teams={"Alder": 0.75, "Beech": 0.25})
    found = need_by_team(ahead, held, team_posts(POSTS), open_cases=200)
    whole = required(ahead, held, open_cases=200).draws["casework"]
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


def test_a_team_without_posts_and_a_measure_without_teams(fixed, flat):
    ahead = flat({"reviews": 100}, teams={"Alder": 0.5, "Rowan": 0.5})
    ahead.paths["assessments"] = ahead.paths["reviews"]
    ahead.years.loc[1] = ["assessments", "", pd.Timestamp("2025-03-01")]
    found = need_by_team(ahead, fixed(), team_posts(POSTS))
    assert found.not_by_team == ("assessments",)
    assert not found.shares_open_cases
    row = found.table.set_index("team").loc["Rowan"]
    assert np.isnan(row["establishment"])
    assert np.isnan(row["p_gap_to_staffed"])
    assert pd.isna(row["first_gap_to_staffed"])


def test_no_teams_no_need_by_team(fixed, flat):
    assert need_by_team(flat({"reviews": 100}), fixed(), team_posts(POSTS)) is None
    assert need_by_team(flat({"complaints": 3}, teams={"A": 1}), fixed(), team_posts(POSTS)) is None


def test_a_gap_by_hand():
    months = pd.date_range("2025-04-01", periods=3, freq="MS")
    wte = np.array([[8.0, 10.0, 12.0], [9.0, 11.0, 13.0], [7.0, 9.0, 11.0], [10.0, 12.0, 14.0]])
    found = gap(wte, 10.5, months)
    assert found["gap"] == pytest.approx(0)  # means 10, 11, 9, 12
    assert found["p_gap"] == 0.5
    assert found["p_error"] == pytest.approx(0.25)
    assert found["first_gap"] == months[2]  # medians 8.5, 10.5, 12.5
    assert pd.isna(gap(wte, 99, months)["first_gap"])


def test_hours_and_weeks_from_the_workforce_and_then_from_own_assumptions():
    rows = own_hours(POSTS).set_index("assumption")
    assert rows.loc["hours_per_week", ["low", "high"]].tolist() == [36, 37]
    assert rows.loc["hours_per_week", "central"] == pytest.approx((5 * 37 + 36) / 6)
    assert rows.loc["weeks_available", "low"] == pytest.approx(365.25 / 7 * 0.75)
    own = pd.DataFrame(
        [{"assumption": "hours_per_week", "low": 30, "central": 31, "high": 32, "unit": "h", "source": "us"}]
    )
    held = assumptions(pd.concat([own_hours(POSTS), own]))
    assert held.central("hours_per_week") == 31
    assert own_hours(POSTS.assign(hours_per_wte_week=np.nan, unavailable_share=np.nan)).empty
    assert own_hours(POSTS.iloc[:0]).empty


def test_recruits_come_after_the_time_to_recruit(fixed):
    held = fixed(time_to_recruit=2.25)
    assert recruits(4, 3, 7, held, 2)[1].tolist() == [0, 0, 0, 0, 3, 4, 4]
    # Advertised two months before the first month.
    assert recruits(4, -1, 3, held, 1)[0].tolist() == [3, 4, 4]


def test_recruiting_by_hand(fixed):
    found = recruitment(10, 8, fixed(time_to_recruit=3, leavers_share=0.15))
    assert found.standing == pytest.approx(8 * 0.15 / 12 * 3)
    in_post = found.months["central"].tolist()
    # 0.1 leave a month; the two vacancies are filled after three months, and then each leaver's post.
    assert in_post[:4] == pytest.approx([7.9, 7.8, 9.7, 9.7])
    assert in_post[-1] == pytest.approx(10 - found.standing)


def test_nobody_leaves_and_nothing_is_vacant(fixed):
    found = recruitment(8, 9, fixed(leavers_share=0))
    assert set(found.months["central"]) == {9}
    assert found.standing == 0


@pytest.mark.slow
def test_posts_that_stand_empty_by_simulation(fixed):
    """Little's law against posts followed one by one: they fall vacant at random, and are filled in time."""
    rng = np.random.default_rng(6)
    posts, months, share, wait = 400, 2400, 0.15, 4.5
    empty = 0.0
    for _ in range(posts):
        gone = np.cumsum(rng.exponential(12 / share, 200) + wait) - wait
        ends = np.minimum(gone + wait, months)
        empty += float(np.maximum(ends - np.minimum(gone, months), 0).sum()) / months
    in_post = posts - empty
    found = recruitment(posts, in_post, fixed(time_to_recruit=wait, leavers_share=share))
    assert found.standing == pytest.approx(empty, rel=0.02)
