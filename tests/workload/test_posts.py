"""Posts: vacancies, hours of the workforce, recruiting, redeployed people."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib.workload.assumptions import in_force
from s75lib.workload.posts import own_hours, pool_of, posts_and_people, recruitment, recruits, redeployment

NONE = pd.DataFrame(columns=["assumption", "low", "central", "high", "unit", "source"])


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
    found = posts_and_people(frame).set_index("pool").loc["casework"]
    assert (found["establishment"], found["in_post"], found["staffed"], found["vacancy"]) == (8, 6, 7.5, 2)
    assert found["vacancy_percent"] == 25
    assert found["locum_percent"] == 20
    assert np.isnan(posts_and_people(frame).set_index("pool").loc["amhp", "locum_percent"])


def test_nineteen_redeployed(fixed):
    table = redeployment(19, fixed())
    hours = 19 * 37 * 42 * 0.7
    assert table["central"].tolist() == pytest.approx([hours, hours / 6, hours / 11])
    assert table["lower_95"].tolist() == pytest.approx(table["central"].tolist())
    wide = redeployment(19, in_force(NONE))
    assert (wide["lower_95"] < wide["central"]).all()
    assert (wide["central"] < wide["upper_95"]).all()


def test_hours_and_weeks_from_the_workforce_and_then_from_own_assumptions(posts):
    rows = own_hours(posts).set_index("assumption")
    assert rows.loc["hours_per_week", ["low", "high"]].tolist() == [36, 37]
    assert rows.loc["hours_per_week", "central"] == pytest.approx((5 * 37 + 36) / 6)
    assert rows.loc["weeks_available", "low"] == pytest.approx(365.25 / 7 * 0.75)
    own = pd.DataFrame(
        [{"assumption": "hours_per_week", "low": 30, "central": 31, "high": 32, "unit": "h", "source": "us"}]
    )
    held = in_force(pd.concat([own_hours(posts), own]))
    assert held.central("hours_per_week") == 31
    assert own_hours(posts.assign(hours_per_wte_week=np.nan, unavailable_share=np.nan)).empty
    assert own_hours(posts.iloc[:0]).empty


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


def test_recruitment_is_told_for_every_month_asked_for(fixed):
    found = recruitment(10, 8, fixed(time_to_recruit=3, leavers_share=0.15), months=5)
    assert found.months["month"].tolist() == [1, 2, 3, 4, 5]
