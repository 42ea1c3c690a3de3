"""What the generator put into exampleshire is found, in numbers and in words."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

from s75lib import load
from s75lib.budget import (
    causes,
    cohort,
    funding,
    ledger,
    outturn,
    position,
    pressure,
    staffing,
    study,
    wording,
)

START, END = pd.Timestamp("2025-03-31"), pd.Timestamp("2026-03-31")


@pytest.fixture(scope="module")
def data():
    return load("exampleshire", "2025/26")


@pytest.fixture(scope="module")
def work(data):
    return study(data)


@pytest.fixture(scope="module")
def truth(data_dir):
    return tomllib.loads((data_dir / "exampleshire" / "truth.toml").read_text(encoding="utf-8"))["packages"]


@pytest.fixture(scope="module")
def sides(data):
    return tuple(ledger.lines(data.packages, day) for day in (START, END))


@pytest.fixture(scope="module")
def bridge(data, sides):
    return cohort.cohort(*sides, ledger.lines(data.packages))


@pytest.fixture(scope="module")
def weekly(sides):
    return causes.causes(*sides, basis="weekly")


def test_the_ledger_is_compared_over_the_year(data):
    assert ledger.pair(data.packages) == (START, END)


def test_the_commitments_of_the_ledger_are_those_of_the_monitor(data):
    rows = position.trend(data.budget)
    monitor = rows[(rows["scope"] == "group") & (rows["level"] == "net")].set_index(
        ["as_at", "service_group"]
    )["commitment"]
    own = ledger.commitments(ledger.lines(data.packages)).set_index(["snapshot_date", "service_group"])["net"]
    # The monitor rounds each of ten lines to £1.
    assert own.to_numpy() - monitor.sort_index().to_numpy() == pytest.approx(0, abs=5)


def test_more_older_people_in_residential_care(data, truth, weekly):
    volume = truth["volume"]
    opened = {
        day: len(
            rows[
                (rows["service_group"] == volume["service_group"])
                & (rows["care_type"] == volume["care_type"])
            ]
        )
        for day in (START, END)
        for rows in [ledger.lines(data.packages, day).query("open")]
    }
    assert opened == {START: volume["open_on_2025_03_31"], END: volume["open_on_2026_03_31"]}
    effects = weekly.effects[weekly.effects["service_group"] == "OPMH"].set_index("factor")["effect"]
    assert effects.idxmax() == "cases"
    adults = weekly.effects[weekly.effects["service_group"] == "AMH"].set_index("factor")["effect"]
    assert adults["cases"] == pytest.approx(0.0, abs=1e-6)
    grown = weekly.groups.set_index("service_group")
    assert grown.loc["OPMH", "cases_after"] - grown.loc["OPMH", "cases_before"] == 18


def test_one_teams_residential_prices_rose_beyond_the_uplift(data, truth, weekly, bridge):
    price = truth["price"]
    cells = weekly.cells[(weekly.cells["factor"] == "price")].set_index(
        ["service_group", "care_type", "team"]
    )["effect"]
    assert cells.idxmax() == (price["service_group"], price["care_type"], price["team"])
    stays = bridge.cases.query("status == 'stayer'")
    prices = []
    for day in (START, END):
        rows = ledger.lines(data.packages, day).query("open")
        prices.append(rows.set_index(ledger.CASE)[["price", "team", "service_group"]])
    both = prices[0].join(prices[1], how="inner", suffixes=("_old", "_new")).reset_index()
    both = both.merge(stays[ledger.CASE], on=ledger.CASE)
    both = both[
        (both["care_type"] == price["care_type"]) & (both["service_group_new"] == price["service_group"])
    ]
    rise = (both["price_new"] / both["price_old"] - 1).groupby(both["team_new"]).median() * 100
    uplift = truth["general_uplift"]["percent"]
    assert rise[price["team"]] == pytest.approx(
        (1 + uplift / 100) * (100 + price["percent_above_uplift"]) - 100, abs=0.3
    )
    assert rise.drop(price["team"]).to_numpy() == pytest.approx(uplift, abs=0.3)


def test_the_health_share_of_joint_packages_fell_by_ten_points(data, truth, weekly):
    share = truth["health_share"]
    days = (pd.Timestamp("2025-09-30"), pd.Timestamp("2025-10-31"))
    rows = funding.joint_funding(*(ledger.lines(data.packages, day) for day in days))
    fell = rows[rows["funding"].isin(share["health_funding_types"]) & (rows["service_group"] == "")]
    assert fell["points"].to_numpy() == pytest.approx(-share["fall_in_points_of_gross"], abs=0.8)
    paid = weekly.effects[weekly.effects["factor"] == "share"].set_index("service_group")["effect"]
    assert (paid > 4_000).all()


def test_the_charges_on_aftercare_are_found(data, truth, sides):
    assert funding.charges(data.packages, sides[1]).people == truth["charged_s117_packages"]


def test_the_causes_stand_in_the_words(work):
    said = {h.id: h.text for h in wording.causes(work)}
    assert said["budget.causes.amh"].index("prices") < said["budget.causes.amh"].index(
        "share paid by social care"
    )
    assert "number of cases" not in said["budget.causes.amh"]
    assert said["budget.causes.opmh"].index("the number of cases") < said["budget.causes.opmh"].index(
        "prices"
    )
    money = " ".join(h.text for h in wording.funding(work))
    assert "Of jointly funded packages the NHS pays" in money
    assert "Some people with section 117 aftercare are charged" in money


def test_the_position_with_the_wrong_phasing_is_noticed(data, work):
    wrong = [found for found in staffing.phasing(data.staffing) if not found.agrees]
    assert [(found.as_at, found.months, found.expected_months) for found in wrong] == [
        (pd.Timestamp("2025-12-31"), 8, 9)
    ]
    said = [h.id for h in wording.staffing(work)]
    assert "budget.phasing.2025-12-31" in said


def test_the_bridge_and_the_causes_bridge_the_same_change(weekly, bridge):
    assert bridge.change == pytest.approx(weekly.change)
    # Seven in ten references are re-issued with the uplift, and all with a later change of terms.
    assert 0.65 < bridge.reissued / bridge.stayers < 0.95
    assert bridge.short_cases > 0


def test_the_projection_at_christmas_holds_the_outturn(data):
    rows = position.trend(data.budget)
    net = rows[(rows["scope"] == "all") & (rows["level"] == "net")]
    found = outturn.project(net[net["as_at"] <= "2025-12-31"])
    assert found.lower < net["commitment"].iloc[-1] < found.upper


def test_the_pressure_sits_in_bed_based_care(sides):
    rows = pressure.by(*sides, "setting")
    assert rows.loc[0, "setting"] == "bed-based"
    assert rows.loc[0, "change"] > 3 * rows.loc[1, "change"]
