"""Who pays: joint funding by type, charges for aftercare, cases without a review."""

from __future__ import annotations

import pandas as pd
import pytest

from s75lib.budget.funding import charges, joint_funding, reviews
from s75lib.budget.ledger import funded

OLD, NEW = pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31")


def test_a_charge_for_aftercare_is_a_finding(packages, line, lines_on):
    frame = packages(
        [
            line(OLD, "A", s117=True, client_weekly=12.0),
            line(OLD, "B", s117=True),
            line(OLD, "C", client_weekly=9.0),
        ]
    )
    found = charges(frame, lines_on(frame, OLD))
    assert (found.people, found.weekly, found.known) == (1, 12.0, True)
    unmarked = frame.assign(s117=pd.array([pd.NA] * 3, dtype="boolean"))
    assert not charges(unmarked, lines_on(unmarked, OLD)).known


def test_reviews_count_cases_of_a_year_or_more_by_their_first_start(packages, line, lines_on):
    frame = packages(
        [
            line(OLD, "never", start_date="2022-01-01"),
            line(OLD, "lately", start_date="2022-01-01", last_review_date="2024-06-01"),
            line(OLD, "young", start_date="2024-06-01"),
            line(pd.Timestamp("2024-03-31"), "reissued", start_date="2020-01-01"),
            line(OLD, "reissued", start_date="2024-07-01"),
            line(OLD, "on the day", start_date="2022-01-01", last_review_date="2023-12-31"),
        ]
    )
    row = reviews(frame, lines_on(frame, OLD)).iloc[0]
    assert (row["cases"], row["overdue"]) == (4, 2)
    assert reviews(frame.assign(last_review_date=pd.NaT), lines_on(frame, OLD)).empty


def test_joint_funding_by_type_adds_up(packages, line, sides):
    frame = packages(
        [
            line(OLD, "A", gross=1000.0, health_weekly=500.0, health_funding_type="joint"),
            line(OLD, "B", gross=1000.0),
            line(NEW, "A", gross=1000.0, health_weekly=400.0, health_funding_type="joint"),
            line(NEW, "B", gross=1000.0),
        ]
    )
    rows = joint_funding(*sides(frame)).set_index(["service_group", "funding"])
    assert rows.loc[("AMH", "joint"), "points"] == pytest.approx(-10.0)
    assert rows.loc[("", "all"), "points"] == pytest.approx(-5.0)
    assert rows.loc[("AMH", "none"), "health_percent_after"] == 0.0


@pytest.mark.parametrize("group", ["", "AMH"])
def test_joint_funding_of_all_groups_holds_the_lines_whose_group_is_blank_and_the_others(
    packages, line, sides, group
):
    frame = packages(
        [
            line(day, who, service_group=own, gross=100.0, health_weekly=25.0, health_funding_type="joint")
            for day in (OLD, NEW)
            for who, own in (("A", "OPMH"), ("B", group))
        ]
    )
    rows = joint_funding(*sides(frame)).set_index(["service_group", "funding"])
    assert rows.index.is_unique
    for kind in ("joint", "all"):
        assert rows.loc[("", kind), ["cases_after", "gross_after", "health_after"]].tolist() == [2, 200, 50]


def test_the_health_share_of_joint_packages_fell_by_ten_points(lines_on, example, truth, example_causes):
    share = truth["health_share"]
    days = (pd.Timestamp("2025-09-30"), pd.Timestamp("2025-10-31"))
    rows = joint_funding(*(lines_on(example.packages, day) for day in days))
    fell = rows[rows["funding"].isin(share["health_funding_types"]) & (rows["service_group"] == "")]
    assert fell["points"].to_numpy() == pytest.approx(-share["fall_in_points_of_gross"], abs=0.8)
    paid = example_causes.effects[example_causes.effects["factor"] == "share"].set_index("service_group")[
        "effect"
    ]
    assert (paid > 4_000).all()


def test_the_charges_on_aftercare_are_found(example, truth, example_sides):
    assert charges(example.packages, example_sides[1]).people == truth["charged_s117_packages"]


def test_a_case_is_due_on_the_day_it_is_a_year_old_and_overdue_the_day_after_its_reviews_year(
    packages, line, lines_on
):
    frame = packages(
        [
            line(OLD, "a year old", start_date="2023-12-31"),
            line(OLD, "a day younger", start_date="2024-01-01"),
            line(OLD, "reviewed a year ago", start_date="2020-01-01", last_review_date="2023-12-31"),
        ]
    )
    row = reviews(frame, lines_on(frame, OLD)).iloc[0]
    assert (row["cases"], row["overdue"], row["percent"]) == (2, 1, 50.0)


def test_what_the_nhs_pays_for_a_reason_that_is_not_recorded_is_not_social_care_alone() -> None:
    rows = pd.DataFrame({"health_funding_type": ["", "", "s117"], "health": [0.0, 250.0, 100.0]})
    assert funded(rows)["funding"].tolist() == ["none", "unsaid", "s117"]
