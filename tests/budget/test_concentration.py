"""Where the cost sits: by description, among the dearest, in bands that disclose nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from s75lib.budget.concentration import OTHERS, concentration, cost_bands, cost_by, small_together

OLD, NEW = pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31")


def test_concentration_of_equal_costs_is_none(packages, line, lines_on):
    frame = packages([line(OLD, f"P{i}", gross=100.0) for i in range(20)])
    found = concentration(lines_on(frame, OLD))
    assert found.top_tenth_percent == pytest.approx(10.0)
    assert found.gini == pytest.approx(0.0)


def test_concentration_in_one_person(packages, line, lines_on):
    frame = packages([line(OLD, "rich", gross=100.0), *[line(OLD, f"P{i}", gross=0.0) for i in range(9)]])
    found = concentration(lines_on(frame, OLD))
    assert found.top_tenth_percent == pytest.approx(100.0)
    assert found.gini == pytest.approx(0.9)
    costless = packages([line(OLD, "A", gross=0.0)])
    assert np.isnan(concentration(lines_on(costless, OLD)).top_tenth_percent)


@rounds(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4_000), min_size=1, max_size=60), st.integers(1, 10))
def test_no_band_discloses_anybody(packages, line, lines_on, costs, fewest):
    frame = packages([line(OLD, f"P{i}", gross=float(cost)) for i, cost in enumerate(costs)])
    found = cost_bands(lines_on(frame, OLD), threshold=fewest)
    assert (found["people"] >= fewest).all()
    if len(costs) >= fewest:
        assert found["people"].sum() == len(costs)
        assert found["net"].sum() == pytest.approx(sum(costs))
    else:
        assert found.empty


def test_few_providers_are_put_together_until_none_is_small(packages, line, sides):
    sizes = {"P1": 20, "P2": 9, "P3": 3, "P4": 1}
    rows = [
        line(day, f"{who}-{n}", provider=who)
        for day in (OLD, NEW)
        for who, size in sizes.items()
        for n in range(size)
    ]
    held = sides(packages(rows))
    together = small_together(*held, "provider", fewest=5)
    found = cost_by(*together, "provider").set_index("provider")["cases_after"]
    # Three and one make four: the next smallest joins them.
    assert found.to_dict() == {"P1": 20, OTHERS: 13}
    for few in small_together(*held, "provider", fewest=1, most=2):
        assert set(few["provider"]) == {"P1", "P2", OTHERS}


def test_where_compares_two_days(packages, line, sides):
    frame = packages(
        [line(OLD, "A", gross=10.0), line(NEW, "A", gross=15.0), line(NEW, "B", gross=5.0, team="Oak")]
    )
    rows = cost_by(*sides(frame), "team").set_index("team")
    assert rows.loc["Alder", ["cases_before", "cases_after", "change"]].tolist() == [1, 1, 5.0]
    assert np.isnan(rows.loc["Oak", "percent"])
    assert rows["average"].to_dict() == {"Alder": 15.0, "Oak": 5.0}


def test_the_pressure_sits_in_bed_based_care(example_sides):
    rows = cost_by(*example_sides, "setting")
    assert rows.loc[0, "setting"] == "bed-based"
    assert rows.loc[0, "change"] > 3 * rows.loc[1, "change"]


def test_others_that_are_just_enough_stay_by_themselves(packages, line, sides):
    sizes = {"P1": 20, "P2": 9, "P3": 4, "P4": 1}
    rows = [
        line(day, f"{who}-{n}", provider=who)
        for day in (OLD, NEW)
        for who, size in sizes.items()
        for n in range(size)
    ]
    found = cost_by(*small_together(*sides(packages(rows)), "provider", fewest=5), "provider")
    assert found.set_index("provider")["cases_after"].to_dict() == {"P1": 20, "P2": 9, OTHERS: 5}


def test_a_change_is_told_in_percent_of_what_was_paid_before(packages, line, lines_on):
    frame = packages([
        line(OLD, "A", gross=200.0, team="Oak"), line(NEW, "A", gross=250.0, team="Oak"),
        line(NEW, "B", gross=80.0, team="Elm"), line(OLD, "C", gross=50.0, team="Ash"),
    ])  # fmt: skip
    rows = cost_by(lines_on(frame, OLD), lines_on(frame, NEW), "team").set_index("team")
    assert rows["percent"].to_dict() == pytest.approx(
        {"Elm": np.nan, "Oak": 25.0, "Ash": -100.0}, nan_ok=True
    )
    assert rows["change"].tolist() == [80.0, 50.0, -50.0]


def test_a_bands_share_is_of_what_all_people_cost(packages, line, lines_on):
    costs = [60.0, 70.0, 260.0, 900.0, 3500.0]
    frame = packages([line(OLD, f"P{i}", gross=cost) for i, cost in enumerate(costs)])
    found = cost_bands(lines_on(frame, OLD), threshold=2)
    assert found["percent"].tolist() == pytest.approx([100 * 4400 / 4790, 100 * 390 / 4790])


def test_the_twenty_dearest_providers_keep_their_names(packages, line, sides):
    rows = [
        line(day, f"{who:02d}-{n}", provider=f"P{who:02d}", gross=10.0 * who)
        for day in (OLD, NEW)
        for who in range(1, 23)
        for n in range(5)
    ]
    found = cost_by(*small_together(*sides(packages(rows)), "provider", fewest=5), "provider")
    assert sorted(found["provider"]) == sorted([OTHERS, *(f"P{who:02d}" for who in range(3, 23))])


def test_people_are_told_to_the_nearest_five_where_that_is_wished(studied, packages, line):
    frame = packages([line(NEW, f"P{i:02d}", gross=100.0) for i in range(23)])
    study = studied(packages=frame)
    assert study.concentration.people == 23
    rounded = studied(packages=frame)
    rounded.data = replace(
        rounded.data, authority=rounded.data.authority.model_copy(update={"disclosure": "round"})
    )
    assert rounded.concentration.people == 25


def test_each_value_has_its_sums_its_change_and_the_average_of_its_open_cases(packages, line, sides):
    rows = [
        *(line(OLD, f"A{n}", gross=200.0, provider="A") for n in range(2)),
        *(line(NEW, f"A{n}", gross=300.0, provider="A") for n in range(2)),
        line(NEW, "A1", gross=30.0, provider="A"),  # a second row of one case
        line(OLD, "B", gross=70.0, provider="B"),
        line(NEW, "C", gross=40.0, provider="C"),
    ]
    found = cost_by(*sides(packages(rows)), "provider").set_index("provider")
    assert found.loc["A"].to_dict() == {"before": 400, "cases_before": 2, "after": 630, "cases_after": 2,
                                        "change": 230, "percent": 57.5, "average": 315}  # fmt: skip
    assert found["percent"].tolist() == pytest.approx([57.5, np.nan, -100], nan_ok=True)
    assert found["average"].tolist() == pytest.approx([315, 40, np.nan], nan_ok=True)
    assert found.index.tolist() == ["A", "C", "B"]
