"""Rota: the days short, the duty desk, and who joins and leaves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib.stats.queueing import exceedance
from s75lib.workload.activity import monthly
from s75lib.workload.demand import expected_demand
from s75lib.workload.rota import headlines, rota_cover, shortfall


def mha(flat, level=30.4375):
    ahead = flat({"mha_assessments": level})
    history = pd.DataFrame({"measure": "mha_assessments", "month": range(24), "count": [30.0, 31.0] * 12})
    return ahead, history


def test_the_rota_by_hand(fixed, flat):
    ahead, history = mha(flat)
    found = rota_cover(ahead, history, fixed(), on_duty=3, locums=1.0, trainees=3.0)
    assert found.daily_mean == pytest.approx(1)
    assert found.variance_ratio == 1  # less scatter than Poisson is taken as Poisson
    cases = found.cases.set_index("case")
    assert cases.loc["As now", "probability"] == pytest.approx(exceedance(3, 1))
    share = 42 / (365.25 / 7)
    joined = 3 + 3 * 1 / 7 * share
    assert cases.loc["Trainees join", "on_duty"] == pytest.approx(joined)
    assert cases.loc["Locums leave", "on_duty"] == pytest.approx(3 - 5 / 7 * share * 0.5)
    assert cases.loc["Locums leave", "probability"] > cases.loc["As now", "probability"]
    assert cases.loc["As now", "days_short"] == pytest.approx(365.25 * exceedance(3, 1))
    assert cases.loc["As now", "lower"] == pytest.approx(exceedance(3, 1))  # demand is certain here


def test_the_rota_of_nobody_new_has_no_such_case(fixed, flat):
    ahead, history = mha(flat)
    found = rota_cover(ahead, history, fixed())
    assert found.cases["case"].tolist() == ["As now", "Holiday period, 1 fewer on duty"]
    holiday = found.cases.iloc[1]
    assert (holiday["on_duty"], holiday["days"]) == (2, 14)
    assert holiday["days_short"] == pytest.approx(14 * exceedance(2, 1))


def test_the_duty_desk_by_the_formula(fixed, flat):
    ahead, history = mha(flat)
    found = rota_cover(ahead, history, fixed(), on_duty=2)
    desk = found.desk.set_index("on_duty")
    # A referral in 7.5 hours on duty, 7.5 hours each: a load of 1. With two: C = 1/3, mean wait C s.
    assert desk.loc[1, "utilisation"] == pytest.approx(1)
    assert desk.loc[1, "mean_wait"] == np.inf
    assert desk.loc[2, "p_wait"] == pytest.approx(1 / 3)
    assert desk.loc[2, "mean_wait"] == pytest.approx(7.5 / 3)
    assert desk.loc[2, "p_long"] == pytest.approx(np.exp(-2 / 7.5) / 3)
    for risk, people in found.desk_needed.items():
        assert desk.loc[people, "p_long"] <= risk < desk.loc[people - 1, "p_long"]


def test_no_assessments_no_rota(fixed, flat):
    assert rota_cover(flat({"reviews": 3}), pd.DataFrame(), fixed()) is None


def test_a_part_person_on_duty_is_a_mixture_of_days():
    assert shortfall(2.25, 1.5, 1.3) == pytest.approx(
        0.75 * exceedance(2, 1.5, 1.3) + 0.25 * exceedance(3, 1.5, 1.3)
    )


def test_totals_feed_the_rota(fixed):
    months = pd.date_range("2024-01-01", periods=3, freq="MS")
    frame = pd.DataFrame(
        {
            "month": months,
            "measure": "mha_assessments",
            "count": [1.0, 2.0, 3.0],
            "service_group": "",
            "team": "",
        }
    )
    found = rota_cover(expected_demand(monthly(frame)), monthly(frame).totals, fixed())
    assert 0 < found.daily_mean < 1


def test_a_missed_aim_is_called_so(work):
    said = next(one for one in headlines(work) if one.id == "workload.rota")
    assert (said.value > said.against) == ("missing the aim of 5%" in said.sentence)
    assert said.value > said.against
    assert ("At the low end of the demand" in said.text) == (said.lower <= said.against)
