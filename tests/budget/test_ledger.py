"""The package ledger: weeks, contributions, commitments, the two days compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib.budget.ledger import commitments, days_compared, lines, people, without_small_groups
from s75lib.budget.position import trend

OLD, NEW = pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31")
START, END = pd.Timestamp("2025-03-31"), pd.Timestamp("2026-03-31")


def test_weeks_count_both_ends_and_open_ends_run_to_the_year_end(packages, line, lines_on):
    frame = packages(
        [
            line(OLD, "A", start_date="2024-04-01", end_date="2024-04-07"),
            line(OLD, "B", start_date="2024-12-31"),
            line(OLD, "C", start_date="2020-01-01"),
            line(OLD, "D", start_date="2025-04-01"),
            line(OLD, "E", start_date="2024-05-01", end_date="2024-05-01", prior_year=True),
        ]
    )
    weeks = lines_on(frame, OLD).set_index("person_key")["weeks"]
    assert weeks["A"] == 1.0
    assert weeks["B"] == pytest.approx(91 / 7)  # 31 December to 31 March 2025
    assert weeks["C"] == pytest.approx(365 / 7)
    assert weeks["D"] == 0.0
    assert weeks["E"] == 0.0


def test_a_leap_year_has_366_days(packages, line):
    frame = packages([line(pd.Timestamp("2024-03-31"), "A", start_date="2020-01-01")])
    assert lines(frame)["weeks"].item() == pytest.approx(366 / 7)


def test_commitment_is_split_at_the_day_of_the_snapshot(packages, line):
    frame = packages(
        [
            line(OLD, "A", gross=70.0),
            line(OLD, "B", gross=70.0, end_date="2024-10-31"),
            line(OLD, "C", gross=70.0, start_date="2024-12-01", end_date="2025-01-31"),
        ]
    )
    sums = commitments(lines(frame)).iloc[0]
    days_to_date = 275 + 214 + 31  # to 31 December; to 31 October; all of December
    assert sums["to_date"] == pytest.approx(10 * days_to_date)
    assert sums["net"] == pytest.approx(10 * (365 + 214 + 62))


def test_net_without_contributions_stated_is_taken_from_the_ledger(packages, line, lines_on):
    frame = packages(
        [
            line(OLD, "A", gross=500.0, health_weekly=np.nan, client_weekly=50.0, net_weekly=300.0),
            line(OLD, "B", gross=500.0, health_weekly=np.nan, client_weekly=np.nan),
        ]
    )
    rows = lines_on(frame, OLD).set_index("person_key")
    assert (rows.loc["A", "health"], rows.loc["A", "net"]) == (150.0, 300.0)
    assert (rows.loc["B", "health"], rows.loc["B", "net"]) == (0.0, 500.0)


def test_packages_without_units_are_priced_as_one_placement(packages, line, lines_on):
    frame = packages(
        [line(OLD, "A", gross=500.0, units_per_week=np.nan), line(OLD, "B", gross=9.0, units_per_week=0.0)]
    )
    rows = lines_on(frame, OLD)
    assert rows["units"].tolist() == [1.0, 1.0]
    assert rows["price"].tolist() == [500.0, 9.0]
    assert rows["priced_as_one"].all()


def test_the_pair_is_a_year_apart_where_the_ledger_reaches_back(packages, line):
    frame = packages([line(pd.Timestamp(day), "A") for day in ("2024-03-31", "2024-12-31", "2025-03-31")])
    assert days_compared(frame) == (pd.Timestamp("2024-03-31"), pd.Timestamp("2025-03-31"))
    assert days_compared(frame.iloc[1:]) == (pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31"))
    assert days_compared(frame.iloc[:1]) is None
    assert days_compared(frame.iloc[:0]) is None


def test_the_ledger_is_compared_over_the_year(example):
    assert days_compared(example.packages) == (START, END)


def test_the_commitments_of_the_ledger_are_those_of_the_monitor(example):
    rows = trend(example.budget)
    monitor = rows[(rows["scope"] == "group") & (rows["level"] == "net")].set_index(
        ["as_at", "service_group"]
    )["commitment"]
    own = commitments(lines(example.packages)).set_index(["snapshot_date", "service_group"])["net"]
    # The monitor rounds each of ten lines to £1.
    assert own.to_numpy() - monitor.sort_index().to_numpy() == pytest.approx(0, abs=5)


def test_a_package_is_open_on_its_first_and_on_its_last_day(packages, line, lines_on):
    frame = packages(
        [
            line(OLD, "first", start_date="2024-12-31"),
            line(OLD, "last", end_date="2024-12-31"),
            line(OLD, "not yet", start_date="2025-01-01"),
            line(OLD, "no more", end_date="2024-12-30"),
            line(OLD, "earlier year", prior_year=True),
        ]
    )
    rows = lines_on(frame, OLD)
    assert rows.loc[rows["open"], "person_key"].tolist() == ["first", "last"]
    assert people(lines(frame), OLD) == 2


@pytest.mark.parametrize(("cases", "apart"), [(4, False), (5, True)])
def test_a_service_group_stands_apart_from_as_many_cases_as_may_be_shown(packages, line, cases, apart):
    sizes = {"AMH": cases, "OPMH": 30}
    rows = [
        line(OLD, f"{group}{n}", service_group=group) for group, size in sizes.items() for n in range(size)
    ]
    groups = set(without_small_groups(packages(rows), 5)["service_group"])
    assert groups == ({"AMH", "OPMH"} if apart else {""})


@pytest.mark.parametrize(("day", "chosen"), [("2024-04-20", True), ("2024-04-21", False)])
def test_twenty_days_from_a_year_before_are_near_enough(packages, line, day, chosen):
    near, first = pd.Timestamp(day), pd.Timestamp("2023-01-31")
    frame = packages([line(each, "A") for each in (first, near, NEW)])
    assert days_compared(frame) == (near if chosen else first, NEW)


@pytest.mark.parametrize(
    ("costs", "placements"),
    [
        ({}, 0.0),
        ({"gross": 1.0}, 1.0),
        ({"gross": -1.0}, 1.0),
        ({"health_weekly": 1.0}, 1.0),
        ({"client_weekly": 1.0}, 1.0),
    ],
)
def test_no_units_are_one_placement_where_anybody_pays_and_none_where_nobody_does(
    packages, line, costs, placements
):
    row = {"gross": 0.0, "units_per_week": 0.0} | costs
    (found,) = lines(packages([line(OLD, "A", **row)])).to_dict("records")
    assert (found["units"], found["priced_as_one"]) == (placements, placements == 1)
    assert found["price"] == pytest.approx(row["gross"] if placements else np.nan, nan_ok=True)
