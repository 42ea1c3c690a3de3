"""Scenarios side by side: what they change, when, and no more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib.loaders import Scenario, load
from s75lib.workload.assumptions import DEFAULTS, Assumptions
from s75lib.workload.scenarios import EXAMPLES, run_scenarios, without_hours


def test_scenarios_change_what_they_say_and_no_more(fixed, flat):
    held = fixed(time_to_recruit=3)
    ahead = flat({"reviews": 100})
    base = 600 / (37 * 42 * 0.7 / 12)
    found = run_scenarios(
        (
            Scenario("more", demand={"all": 1.2}),
            Scenario("later", demand={"reviews": 1.2}, demand_from=7),
            Scenario("posts", posts_filled=2.0, posts_from=4),
            Scenario("locums", locums=-1.0),
        ),
        ahead, held, establishment=8.0, staffed=base + 0.5,
    ).table.set_index("scenario")  # fmt: skip
    assert found.loc["As forecast", "central"] == pytest.approx(base)
    assert found.loc["more", "central"] == pytest.approx(1.2 * base)
    assert found.loc["later", "central"] == pytest.approx(1.1 * base)
    assert found.loc["posts", "staffed"] == pytest.approx(base + 1.5)
    assert found.loc["locums", "gap_to_staffed"] == pytest.approx(0.5)
    assert found.loc["later", "first_gap_to_staffed"] == pd.Timestamp("2025-10-01")
    assert pd.isna(found.loc["As forecast", "first_gap_to_staffed"])
    assert found.loc["more", "gap_to_establishment"] == pytest.approx(1.2 * base - 8)
    assert set(found["establishment"]) == {8}
    assert found["p_gap_to_staffed"].to_dict() == {
        "As forecast": 0,
        "more": 1,
        "later": 1,
        "posts": 0,
        "locums": 1,
    }


def test_people_who_move_bring_reviews_and_cases(fixed, flat):
    held = fixed(transfer_months=1, annual_closure_share=0.0, packages_per_person=1.0)
    ahead = flat({"reviews": 100})
    found = run_scenarios((Scenario("move", people_moved=120),), ahead, held, establishment=9, staffed=9)
    months = found.months[found.months["scenario"] == "move"]["central"].to_numpy()
    post = 37 * 42 * 0.7 / 12
    # From the fourth month on: a twelfth of 120 yearly reviews, and 120 open cases.
    assert months[-1] == pytest.approx((600 + 10 * 6 + 120 * 1.5) / post)


def test_people_bring_no_work_before_the_month_in_which_they_move(fixed, flat):
    move = Scenario("move", people_moved=120, moved_from=4)
    found = run_scenarios((move,), flat({"reviews": 100}), fixed(), establishment=9, staffed=9).months
    with_them, without = (
        found.loc[found["scenario"] == name, "central"].to_numpy() for name in ("move", "As forecast")
    )
    assert (with_them > without).tolist() == [False] * 3 + [True] * 9


def staffed(found, name):
    return found.months.loc[found.months["scenario"] == name, "staffed"].to_numpy()


def test_vacancies_are_filled_only_after_the_time_to_recruit(fixed, flat):
    held = fixed(time_to_recruit=4.5)
    found = run_scenarios(
        (Scenario("fill", posts_filled=2.0), Scenario("leave", posts_filled=-1.0, posts_from=3)),
        flat({"reviews": 100}), held, establishment=9, staffed=6,
    )  # fmt: skip
    assert staffed(found, "fill").tolist() == [6, 6, 6, 6, 7] + [8] * 7
    assert staffed(found, "leave").tolist() == [6, 6] + [5] * 10


def test_a_time_to_recruit_with_a_range_spreads_the_arrivals(flat):

    held = Assumptions({item.name: item for item in DEFAULTS})
    found = run_scenarios((Scenario("fill", posts_filled=2.0),), flat({"reviews": 100}, n=2000), held,
                establishment=9, staffed=6)  # fmt: skip
    row = found.table.set_index("scenario").loc["fill"]
    # PERT of 3, 4.5 and 7 months has a mean of 4.67: 7.33 of 12 months are worked.
    assert row["staffed"] == pytest.approx(6 + 2 * (12 - 28 / 6) / 12, abs=0.01)


def test_months_by_date_are_those_by_number(fixed, flat):
    held, ahead = fixed(time_to_recruit=2), flat({"reviews": 100})

    def table(**months):
        item = Scenario("a", demand={"all": 1.3}, posts_filled=1.0, locums=-2.0, people_moved=50, **months)
        return run_scenarios((item,), ahead, held, establishment=9, staffed=9).months

    counted = table(demand_from=4, posts_from=2, locums_from=6, moved_from=3)
    dated = table(demand_from="2025-07", posts_from="2025-05", locums_from="2025-09", moved_from="2025-06")
    pd.testing.assert_frame_equal(counted, dated)


def test_a_date_before_the_forecast_has_begun_already(fixed, flat):
    held = fixed(transfer_months=1, annual_closure_share=0.0, packages_per_person=1.0, time_to_recruit=3)
    past = Scenario("past", posts_filled=1.0, posts_from="2025-02", people_moved=120, moved_from="2024-04")
    found = run_scenarios((past,), flat({"reviews": 100}), held, establishment=9, staffed=9)
    # Advertised two months before April 2025: one month is left to wait.
    assert staffed(found, "past").tolist() == [9] + [10] * 11
    need = found.months.loc[found.months["scenario"] == "past", "central"].to_numpy()
    # Moved a year ago: only yearly reviews and open cases from the first month on.
    assert need == pytest.approx(np.full(12, (600 + 10 * 6 + 120 * 1.5) / (37 * 42 * 0.7 / 12)))


def test_demand_without_hours_is_named():
    assert without_hours([Scenario("a", demand={"complaints": 2.0, "all": 1.1, "reviews": 1.0})]) == (
        "complaints",
    )
    assert without_hours(EXAMPLES) == ()


def test_the_example_moves_those_whom_health_staff_hold(data_dir):
    data = load("exampleshire", data_dir=data_dir)
    latest = data.package_transfers[data.package_transfers["as_at"] == data.package_transfers["as_at"].max()]
    assert data.scenarios[0].people_moved == latest["healthcare_professional"].sum()


def test_the_examples_do_what_their_names_say():
    more, vacancies, locums = EXAMPLES
    assert ("20%" in more.name, more.demand) == (True, {"all": pytest.approx(1.2)})
    assert (vacancies.name.split()[0], vacancies.posts_filled, vacancies.posts_from) == ("Two", 2.0, 1)
    assert (locums.name.split()[0], locums.locums, locums.locums_from) == ("Two", -2.0, 4)
