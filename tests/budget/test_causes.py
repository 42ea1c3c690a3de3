"""Why the net cost moved: effects that add up, one cause at a time, and what exampleshire was given."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from s75lib import load
from s75lib.budget import funding, study
from s75lib.budget.cases import bridge_by_case
from s75lib.budget.causes import causes, headlines, reversals, section
from s75lib.budget.ledger import CASE, lines
from s75lib.loaders.client_level_data import start_from_client_level_data
from s75lib.present import Missing

OLD, NEW = pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31")
START, END = pd.Timestamp("2025-03-31"), pd.Timestamp("2026-03-31")

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


@rounds(max_examples=6, deadline=None)
@given(cases)
@pytest.mark.slow
def test_the_effects_add_up_to_the_change_and_flip_with_time(sides, random_ledger, drawn):
    frame = random_ledger(drawn)
    for basis in ("commitment", "weekly"):
        found = causes(*sides(frame), basis=basis)
        old, new = sides(frame)
        weight = "weeks" if basis == "commitment" else "open"
        change = float((new["net"] * new[weight]).sum() - (old["net"] * old[weight]).sum())
        assert found.change == pytest.approx(change, abs=1e-4)
        assert found.effects["effect"].sum() == pytest.approx(change, abs=1e-4)
        assert found.cells["effect"].sum() == pytest.approx(change, abs=1e-4)
        back = causes(*reversed(sides(frame)), basis=basis)
        assert back.effects["effect"].sum() == pytest.approx(-change, abs=1e-4)
        both = found.effects.merge(back.effects, on=["service_group", "factor"])
        assert (both["effect_x"] + both["effect_y"]).abs().max() < 1e-4


def test_contributions_to_what_costs_nothing_are_not_lost(packages, line, sides):
    """An error in a ledger, which must not break the sum: found by a random table."""
    for units in (1.0, 0.0):
        frame = packages(
            [
                line(OLD, "A", gross=0.0, health_weekly=3.0, client_weekly=2.0, units_per_week=units),
                line(NEW, "A", gross=50.0, health_weekly=10.0, units_per_week=units),
            ]
        )
        found = causes(*sides(frame), basis="weekly")
        assert found.change == pytest.approx(45.0)
        assert found.effects["effect"].sum() == pytest.approx(45.0)
        assert bridge_by_case(*sides(frame), lines(frame)).steps["effect"].sum() == pytest.approx(45.0)


def test_one_cause_alone_is_found_alone(packages, line, sides):
    old = [line(OLD, p, "Residential", 1000.0) for p in "ABCDE"]
    by_factor = {
        "cases": [line(NEW, p, "Residential", 1000.0) for p in "ABCDEF"],
        "price": [line(NEW, p, "Residential", 1100.0) for p in "ABCDE"],
        "intensity": [line(NEW, p, "Residential", 2000.0, units_per_week=2.0) for p in "ABCDE"],
    }
    for factor, new in by_factor.items():
        found = causes(*sides(packages(old + new)), basis="weekly").effects.set_index("factor")["effect"]
        assert found[factor] == pytest.approx(found.sum())
        assert found.drop(factor).abs().max() < 1e-9
    paid = [
        line(day, p, "Residential", 1000.0, health_weekly=h)
        for day, h in ((OLD, 500.0), (NEW, 400.0))
        for p in "AB"
    ]
    found = causes(*sides(packages(paid)), basis="weekly").effects.set_index("factor")["effect"]
    assert found["share"] == pytest.approx(200.0)


def test_a_new_care_type_is_an_effect_of_numbers_and_mix_never_of_price(packages, line, sides):
    frame = packages([line(OLD, "A"), line(NEW, "A"), line(NEW, "B", "Live In", 1500.0)])
    found = causes(*sides(frame), basis="weekly").effects.set_index("factor")["effect"]
    assert found["cases"] + found["mix"] == pytest.approx(1500.0)
    assert found["price"] == found["intensity"] == found["share"] == 0.0


def test_a_price_rise_within_the_year_adds_no_case(packages, line, sides):
    """A reference that is closed and re-issued at a new price is the same case."""
    frame = packages(
        [
            line(OLD, "A", "Residential", 1000.0),
            line(NEW, "A", "Residential", 1000.0, end_date="2025-01-31"),
            line(NEW, "A", "Residential", 1100.0, start_date="2025-02-01"),
        ]
    )
    found = causes(*sides(frame))
    assert (found.groups["cases_before"].item(), found.groups["cases_after"].item()) == (1, 1)
    effects = found.effects.set_index("factor")["effect"]
    assert effects["cases"] == effects["weeks"] == 0.0
    assert effects["price"] == pytest.approx(100 * 59 / 7)


def test_prior_year_items_stand_beside_the_change(packages, line, sides):
    late = line(NEW, "Z", gross=70.0, start_date="2024-01-01", end_date="2024-01-10", prior_year=True)
    found = causes(*sides(packages([line(OLD, "A"), line(NEW, "A"), late])))
    assert found.change == pytest.approx(0.0)
    assert found.prior_year == pytest.approx(100.0)


def test_an_average_that_misleads_is_noticed(packages, line, sides, lines_on):
    old = [line(OLD, f"H{i}", "Dom Care", 100.0) for i in range(8)] + [
        line(OLD, f"B{i}", "Residential", 900.0) for i in range(2)
    ]
    new = [line(NEW, f"H{i}", "Dom Care", 90.0) for i in range(6)] + [
        line(NEW, f"B{i}", "Residential", 850.0) for i in range(4)
    ]
    found = reversals(causes(*sides(packages(old + new)), basis="weekly")).iloc[0]
    assert found["reversal"]
    assert found["change"] == pytest.approx(394 - 260)
    same = lines_on(packages(old), OLD)
    assert not reversals(causes(same, same, basis="weekly")).iloc[0]["reversal"]


def test_more_older_people_in_residential_care(lines_on, example, truth, example_causes):
    volume = truth["volume"]
    opened = {
        day: len(
            rows[
                (rows["service_group"] == volume["service_group"])
                & (rows["care_type"] == volume["care_type"])
            ]
        )
        for day in (START, END)
        for rows in [lines_on(example.packages, day).query("open")]
    }
    assert opened == {START: volume["open_on_2025_03_31"], END: volume["open_on_2026_03_31"]}
    effects = example_causes.effects[example_causes.effects["service_group"] == "OPMH"].set_index("factor")[
        "effect"
    ]
    assert effects.idxmax() == "cases"
    adults = example_causes.effects[example_causes.effects["service_group"] == "AMH"].set_index("factor")[
        "effect"
    ]
    assert adults["cases"] == pytest.approx(0.0, abs=1e-6)
    grown = example_causes.groups.set_index("service_group")
    assert grown.loc["OPMH", "cases_after"] - grown.loc["OPMH", "cases_before"] == 18


def test_one_teams_residential_prices_rose_beyond_the_uplift(
    lines_on, example, truth, example_causes, example_bridge
):
    price = truth["price"]
    cells = example_causes.cells[(example_causes.cells["factor"] == "price")].set_index(
        ["service_group", "care_type", "team"]
    )["effect"]
    assert cells.idxmax() == (price["service_group"], price["care_type"], price["team"])
    stays = example_bridge.cases.query("status == 'stayer'")
    prices = []
    for day in (START, END):
        rows = lines_on(example.packages, day).query("open")
        prices.append(rows.set_index(CASE)[["price", "team", "service_group"]])
    both = prices[0].join(prices[1], how="inner", suffixes=("_old", "_new")).reset_index()
    both = both.merge(stays[CASE], on=CASE)
    both = both[
        (both["care_type"] == price["care_type"]) & (both["service_group_new"] == price["service_group"])
    ]
    rise = (both["price_new"] / both["price_old"] - 1).groupby(both["team_new"]).median() * 100
    uplift = truth["general_uplift"]["percent"]
    assert rise[price["team"]] == pytest.approx(
        (1 + uplift / 100) * (100 + price["percent_above_uplift"]) - 100, abs=0.3
    )
    assert rise.drop(price["team"]).to_numpy() == pytest.approx(uplift, abs=0.3)


def test_the_causes_stand_in_the_words(example_study):
    said = {h.id: h.text for h in headlines(example_study)}
    amh = said["budget.causes.amh"].lower()
    assert amh.index("prices") < amh.index("share paid by social care")
    assert "number of cases" not in said["budget.causes.amh"]
    opmh = said["budget.causes.opmh"]
    assert opmh.index("The number of cases") < opmh.index("prices")
    money = " ".join(h.text for h in funding(example_study).headlines)
    assert "Of jointly funded packages the NHS pays" in money
    assert (
        "some people are charged for section 117 aftercare (free by law after detention in hospital)" in money
    )


def test_without_a_ledger_volume_and_price_are_not_separated(published):
    gap = section(published).parts[0]
    assert "can't be told apart" in gap.reason
    assert {need.dataset for need in gap.needs} == {"packages"}


def test_a_ledger_from_the_national_return_states_its_limits(example_study, tmp_path):
    row = {
        "Reporting Period Start Date": "2025-04-01", "Reporting Period End Date": "2025-06-30",
        "LA Person Unique Identifier": "A1", "Primary Support Reason": "Mental Health Support",
        "Event Type": "Service", "Event Start Date": "2025-04-10", "Event End Date": "",
        "Service Type": "Long Term Support: Community", "Service Component": "Home Support",
        "Unit Cost": 200, "Cost Frequency (Unit Type)": "Weekly",
    }  # fmt: skip
    rows = pd.DataFrame([row | {"LA Person Unique Identifier": f"A{n}"} for n in range(8)])
    rows.to_csv(tmp_path / "return.csv", index=False)
    made = start_from_client_level_data("newshire", tmp_path / "return.csv", tmp_path)
    work = study(load("newshire", data_dir=tmp_path))
    shown = section(work).tables["ledger.limits"]
    assert shown.frame["limit"].tolist() == list(made.limits)
    assert any("client contributions need the finance extract" in text for text in shown.frame["limit"])
    gap = next(part for part in section(work).parts if isinstance(part, Missing))
    assert "health_weekly" in gap.needs[0].columns
    assert "ledger.limits" not in section(example_study).tables


def test_a_commitment_counts_every_case_of_the_year_and_a_week_those_of_the_day(packages, line, sides):
    """One ended before the first snapshot, one begins after it: both cost money in its year."""
    rows = [
        line(OLD, "ended", start_date="2024-04-01", end_date="2024-04-01"),
        line(OLD, "begins", start_date="2025-03-31"),
        line(OLD, "next year", start_date="2025-04-01"),
        line(OLD, "runs"),
        line(NEW, "runs"),
    ]
    held = sides(packages(rows))
    year, week = causes(*held), causes(*held, basis="weekly")
    assert year.groups["cases_before"].item() == 3
    assert year.groups["before"].sum() == pytest.approx(100 * (1 + 1 + 365) / 7)
    assert week.groups["cases_before"].item() == 1
    assert week.groups["before"].sum() == pytest.approx(100.0)
    assert set(week.effects.query("factor == 'weeks'")["effect"]) <= {0.0}


def test_contributions_beyond_a_cost_stand_as_a_price_below_zero(packages, line, sides):
    """Nothing gross and a contribution: no share is below zero, and the change is the price's alone."""
    rows = [
        line(OLD, "A", gross=0.0, unit_price=5.0),
        line(NEW, "A", gross=0.0, unit_price=5.0, client_weekly=30.0),
    ]
    found = causes(*sides(packages(rows)), basis="weekly")
    effects = found.effects.set_index("factor")["effect"]
    assert effects["price"] == pytest.approx(-30.0)
    assert effects["share"] == 0.0


def test_items_of_earlier_years_cost_their_days_both_ends_counted(packages, line, sides):
    late = {"start_date": "2024-03-01", "end_date": "2024-03-01", "prior_year": True}
    rows = [line(OLD, "A"), line(NEW, "A"), line(NEW, "B", gross=70.0, **late)]
    assert causes(*sides(packages(rows))).prior_year == pytest.approx(10.0)
