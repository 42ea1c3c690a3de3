"""The bridge by case: who came, who went, and what changed for those who stayed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from s75lib.budget.cases import bridge_by_case
from s75lib.budget.ledger import lines

OLD, NEW = pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31")

amounts = st.integers(0, 90_000).map(lambda pence: pence / 100)
cases = st.lists(
    st.tuples(
        st.sampled_from([OLD, NEW]),
        st.sampled_from([f"P{i}" for i in range(6)]),
        st.sampled_from(["Dom Care", "Residential", "Live In"]),
        st.sampled_from(["AMH", "OPMH"]),
        st.sampled_from(["Alder", "Oak"]),
        amounts,
        amounts,
        amounts,
        st.sampled_from([1.0, 2.5, 14.0]),
        st.sampled_from([None, "2025-03-31", "2025-02-15", "2024-12-31"]),
    ),
    min_size=2,
    max_size=14,
)


@rounds(max_examples=15, deadline=None)
@given(cases)
def test_the_bridge_adds_up_case_by_case(sides, lines_on, random_ledger, drawn):
    frame = random_ledger(drawn)
    found = bridge_by_case(*sides(frame), lines(frame))
    assert found.steps["effect"].sum() == pytest.approx(found.change, abs=1e-4)
    stays = found.cases[found.cases["status"] == "stayer"]
    parts = stays[["quantity", "price", "funding", "client"]].sum(axis=1)
    assert np.allclose(parts, stays["change"], atol=1e-4)
    assert found.before == pytest.approx(lines_on(frame, OLD).query("open")["net"].sum(), abs=1e-4)


def test_the_bridge_tells_starters_leavers_switches_and_stayers_apart(packages, line, sides):
    frame = packages(
        [
            line(OLD, "stays", gross=100.0, package_key="K1"),
            line(NEW, "stays", gross=120.0, package_key="K2"),
            line(OLD, "left", gross=50.0),
            line(NEW, "came", gross=70.0),
            line(OLD, "moved", "Dom Care", 200.0),
            line(NEW, "moved", "Residential", 900.0),
            line(OLD, "adds", gross=10.0, package_key="K3"),
            line(NEW, "adds", gross=10.0, package_key="K3"),
            line(NEW, "adds", "Day Care", 30.0),
            line(NEW, "short", gross=70.0, start_date="2025-01-10", end_date="2025-01-19"),
        ]
    )
    found = bridge_by_case(*sides(frame), lines(frame))
    steps = found.steps.set_index("component")
    assert steps["effect"].to_dict() == pytest.approx(
        {
            "starters": 100.0,
            "leavers": -50.0,
            "switches": 700.0,
            "quantity": 0,
            "price": 20.0,
            "funding": 0,
            "client": 0,
        }
    )
    assert (steps.loc["starters", "cases"], steps.loc["switches", "people"]) == (2, 1)
    assert (found.stayers, found.reissued) == (2, 1)
    assert (found.short_cases, found.short_cost) == (1, pytest.approx(100.0))


def test_a_stayer_is_split_into_its_four_causes(packages, line, sides):
    frame = packages(
        [
            line(OLD, "A", gross=100.0, units_per_week=10.0, health_weekly=20.0, client_weekly=5.0),
            line(NEW, "A", gross=240.0, units_per_week=20.0, health_weekly=24.0, client_weekly=9.0),
        ]
    )
    steps = bridge_by_case(*sides(frame), lines(frame)).steps.set_index("component")["effect"]
    # All six orders by hand: units 10 to 20, price 10 to 12, own share 0.8 to 0.9.
    assert steps["quantity"] == pytest.approx(10 * (2 * 10 * 0.8 + 12 * 0.8 + 10 * 0.9 + 2 * 12 * 0.9) / 6)
    assert steps["price"] == pytest.approx(2 * (2 * 10 * 0.8 + 20 * 0.8 + 10 * 0.9 + 2 * 20 * 0.9) / 6)
    assert steps["funding"] == pytest.approx(0.1 * (2 * 100 + 20 * 10 + 10 * 12 + 2 * 240) / 6)
    assert steps["client"] == pytest.approx(-4.0)


def test_the_bridge_and_the_causes_bridge_the_same_change(example_causes, example_bridge):
    assert example_bridge.change == pytest.approx(example_causes.change)
    # Seven in ten references are re-issued with the uplift, and all with a later change of terms.
    assert 0.65 < example_bridge.reissued / example_bridge.stayers < 0.95
    assert example_bridge.short_cases > 0


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [
        ("2025-01-01", "2025-03-31", 1),  # from the day after the first snapshot to the day of the second
        ("2024-12-31", "2025-01-19", 0),  # already running on the first day, though that ledger forgot it
        ("2025-01-01", "2025-04-01", 0),  # still to run after the second
    ],
)
def test_a_short_case_begins_after_the_first_day_and_ends_by_the_second(
    packages, line, sides, start, end, counted
):
    late = pd.Timestamp("2025-04-30")
    rows = [line(OLD, "A"), line(NEW, "A"), line(NEW, "S", start_date=start, end_date=end)]
    frame = packages(rows).astype({"prior_year": "boolean"})
    others = [side[side["person_key"] == "A"] for side in sides(frame)]
    assert bridge_by_case(*others, lines(frame)).short_cases == counted
    beyond = pd.concat([frame, frame.iloc[[2]].assign(snapshot_date=late, person_key="T")])
    assert bridge_by_case(*others, lines(beyond)).short_cases == counted


def test_a_case_that_only_the_first_snapshot_holds_is_no_short_one(packages, line, sides):
    rows = [line(OLD, "A"), line(NEW, "A")]
    rows.append(line(OLD, "S", start_date="2025-01-05", end_date="2025-01-18"))
    frame = packages(rows)
    found = bridge_by_case(*sides(frame), lines(frame))
    assert (found.short_cases, found.short_cost) == (0, 0.0)


def test_a_short_case_costs_its_days_both_ends_counted(packages, line, sides):
    rows = [line(OLD, "A"), line(NEW, "A")]
    rows.append(line(NEW, "S", gross=70.0, start_date="2025-01-05", end_date="2025-01-05"))
    frame = packages(rows)
    assert bridge_by_case(*sides(frame), lines(frame)).short_cost == pytest.approx(10.0)


def test_a_part_counts_as_changed_from_a_penny(packages, line, sides):
    """Contributions of three who stay change by nothing, by less than a penny, and by a penny."""
    rows = [line(OLD, who, client_weekly=0.02) for who in "ABC"]
    rows += [
        line(NEW, who, client_weekly=0.02 - less) for who, less in zip("ABC", (0, 0.009, 0.01), strict=True)
    ]
    frame = packages(rows)
    steps = bridge_by_case(*sides(frame), lines(frame)).steps.set_index("component")
    assert steps.loc["client", ["cases", "people"]].tolist() == [1, 1]
    assert steps.loc["client", "effect"] == pytest.approx(0.019)
