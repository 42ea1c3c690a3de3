"""The bridge to next year's requirement: that it adds up, its steps by hand, and what totals alone allow."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib import account, load, next_year, summary
from s75lib.budget.ledger import lines
from s75lib.loaders import AuthorityData
from s75lib.loaders.partnership import Sharing
from s75lib.loaders.rules import pay_weighted
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.validation import empty_frame
from s75lib.next_year.contributions import Asked, asked
from s75lib.next_year.demand import headlines as demand_headlines
from s75lib.next_year.demand import rates
from s75lib.next_year.history import flows, history
from s75lib.next_year.known_changes import headlines as known_headlines
from s75lib.next_year.known_changes import known_costs
from s75lib.next_year.levers import Lever, levers, together
from s75lib.next_year.levers import headlines as levers_headlines
from s75lib.next_year.model import central_draws, model, pert, project, random_draws, rules_ahead, years_ahead
from s75lib.next_year.outlook import _fan, outlook, tornado
from s75lib.next_year.outlook import headlines as outlook_headlines
from s75lib.next_year.prices import price_effects
from s75lib.next_year.requirement import (
    STEPS,
    _group_table,
    bridge,
    outturn_and_effects,
)
from s75lib.next_year.savings import planned_savings
from s75lib.present import words
from s75lib.present.headline import ranked

ROOT = Path(__file__).resolve().parents[2]
DAYS = (pd.Timestamp("2025-03-31"), pd.Timestamp("2026-03-31"))
YEAR = years_ahead(DAYS[1])


def ledger(drawn: list[tuple], days: tuple[pd.Timestamp, ...] = DAYS) -> pd.DataFrame:
    """Prepared lines of people, care types, days from 1 April 2024 and weekly amounts."""
    rows = []
    for n, (person, kind, group, start, length, gross, health, client) in enumerate(drawn):
        begins = pd.Timestamp("2024-04-01") + pd.Timedelta(days=start)
        ends = pd.NaT if length is None else begins + pd.Timedelta(days=length)
        for day in days:
            first = pd.Timestamp(day.year - 1, 4, 1)
            if begins <= day and not ends < first:
                shown = ends if pd.isna(ends) or ends <= day + pd.Timedelta(days=60) else pd.NaT
                rows.append((day, person, f"K{n}", kind, begins, shown, gross, group, health, client))
    names = [
        "snapshot_date",
        "person_key",
        "package_key",
        "care_type",
        "start_date",
        "end_date",
        "weekly_gross",
    ]
    frame = pd.DataFrame(rows, columns=[*names, "service_group", "health_weekly", "client_weekly"])
    frame = frame.assign(age_band="18-64")
    frame = pd.concat([empty_frame(DATASETS["packages"]), frame], ignore_index=True)
    days_of = dict.fromkeys(("snapshot_date", "start_date", "end_date", "last_review_date"), "datetime64[s]")
    return lines(frame.astype(days_of | {"prior_year": "boolean", "s117": "boolean"}))


def uplifts(**more: object) -> pd.DataFrame:
    """One uplift of all prices by 4 per cent, with what is given."""
    row = {
        "financial_year": "2026/27",
        "care_type": "",
        "service_group": "",
        "provider": "",
        "basis": "price",
        "low": 4.0,
        "central": 4.0,
        "high": 4.0,
        "source": "test",
    } | more
    frame = pd.concat([empty_frame(DATASETS["uplifts"]), pd.DataFrame([row])], ignore_index=True)
    return frame.astype({"effective_from": "datetime64[s]"})


cases = st.tuples(
    st.sampled_from([f"P{n}" for n in range(6)]),
    st.sampled_from(["Residential", "Dom Care"]),
    st.sampled_from(["AMH", "OPMH"]),
    st.integers(-400, 720),
    st.none() | st.integers(0, 900),
    st.floats(0, 2_000),
    st.floats(0, 500),
    st.floats(0, 200),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(cases, min_size=1, max_size=12),
    st.sampled_from(["2026-03-31", "2025-09-30", "2026-02-17", "2027-03-31", "2028-03-31", "2028-02-29"]),
    st.integers(0, 11),
)
def test_what_is_open_costs_what_its_days_cost_one_by_one(drawn, day: str, month: int) -> None:
    latest = pd.Timestamp(day)
    rows = ledger([("P9", "Residential", "AMH", 0, None, 500.0, 0.0, 50.0), *drawn], (latest,))
    begins, after = (pd.Timestamp(f"{latest.year - (latest.month < 4) + n}-04-01") for n in (1, 2))
    since = begins + pd.DateOffset(months=month)
    label = f"{begins.year}/{begins.year % 100 + 1}"
    both = [uplifts(basis=basis, effective_from=since, financial_year=label) for basis in BASES]
    made = model(history(rows), flows(history(rows)), pd.concat(both, ignore_index=True))
    found = bridge(rows, made, project(made, central_draws(made)), ["all"])
    days, net = pd.date_range(begins - pd.DateOffset(years=1), after, inclusive="left"), rows["net"] / 7
    each, (start, end) = (
        days.to_numpy()[:, None],
        (rows[f"{name}_date"].to_numpy() for name in ("start", "end")),
    )
    runs = (start <= each) & ~(end < each)
    cost, year = runs @ net.to_numpy(), days >= begins
    assert found.outturn == pytest.approx(cost[~year].sum(), abs=0.01)
    assert found.open_now == pytest.approx(cost[year].sum(), abs=0.01)
    risen = found.whole["net"][["price", "charges"]].sum()
    late = rows["end_date"].isna() | (rows["end_date"] + pd.Timedelta(days=1)).dt.day.eq(1)
    if late.all() or month == 0:  # inside a month a rise is spread evenly over its packages
        assert risen == pytest.approx(0.04 * cost[days >= since].sum(), abs=0.01)


BASES = ("price", "client_income")


def test_known_ends_are_facts_and_are_not_left_twice() -> None:
    days = tuple(pd.date_range("2024-04-30", "2026-03-31", freq="ME"))
    stay = [(f"S{n}", "Dom Care", "AMH", -30, None, 70.0, 0.0, 0.0) for n in range(20)]
    went = [(f"W{n}", "Dom Care", "AMH", -30, 30 + 61 * n, 70.0, 0.0, 0.0) for n in range(12)]
    ends = [(f"E{n}", "Dom Care", "AMH", -30, 790, 70.0, 0.0, 0.0) for n in range(30)]

    def leavers(drawn: list[tuple], end: str | None) -> float:
        rows = ledger(drawn, days)
        known = rows["person_key"].str.startswith("E") & (rows["snapshot_date"] == days[-1])
        rows.loc[known, "end_date"] = pd.Timestamp(end) if end else pd.NaT
        held = history(rows)
        made = model(held, flows(held), uplifts())
        return float(project(made, central_draws(made)).leavers[0, 0, 0, 0])

    usual = leavers([*stay, *went, *ends], None)
    assert usual < 0
    # Of nobody who ever left, what is known to end ends all the same.
    assert leavers([*stay, *ends], None) == leavers([*stay, *ends], "2026-04-30") == 0.0
    # More than usual: nobody is taken to leave besides, and nobody to come back.
    assert leavers([*stay, *went, *ends], "2026-04-30") == 0.0
    few = [*stay, *went, *ends[:1]]
    # One among the usual: with its 335 days at £10 as many leave as without.
    assert leavers(few, "2026-04-30") - 3_350 == pytest.approx(leavers(few, None), rel=0.02)


@settings(max_examples=40, deadline=None)
@given(st.lists(cases, min_size=1, max_size=25), st.floats(-5, 15), st.floats(0, 9), st.floats(-1e5, 1e5))
def test_the_effects_add_up_to_the_change(drawn, rise: float, charge: float, one_off: float) -> None:
    rows = ledger([("P9", "Residential", "AMH", 0, None, 500.0, 0.0, 0.0), *drawn])
    held = history(rows)
    prices = uplifts(low=rise, central=rise, high=rise, effective_from=pd.Timestamp("2026-06-10"))
    both = pd.concat([prices, uplifts(basis="client_income", central=charge)], ignore_index=True)
    made = model(held, flows(held), both)
    codes, groups = pd.factorize(made.cells["service_group"], sort=True)
    latest = rows[rows["snapshot_date"] == DAYS[1]]
    found = bridge(latest, made, project(made, central_draws(made), codes), list(groups), one_off=one_off)
    money = project(made, central_draws(made)).total[0, 0, 0]
    assert found.requirement == pytest.approx(
        money[0] - money[1] - money[2], abs=1e-6 * max(abs(money).max(), 1)
    )
    for _, steps in found.steps.groupby("service_group"):
        net = steps.set_index("step")["net"]
        assert net.drop("requirement").sum() == pytest.approx(net["requirement"], abs=1e-6)


def test_the_full_year_of_a_package_is_its_days_with_both_ends() -> None:
    # One began on 1 October 2025 (182 days of the year), one ended on 30 April 2025 (30), one runs all along.
    rows = ledger(
        [
            ("A", "Dom Care", "AMH", 548, None, 70.0, 0.0, 0.0),
            ("B", "Dom Care", "AMH", 0, 394, 70.0, 0.0, 0.0),
            ("C", "Dom Care", "AMH", 0, None, 70.0, 0.0, 0.0),
        ]
    )
    found = outturn_and_effects(rows[rows["snapshot_date"] == DAYS[1]]).set_index("step")["net"]
    assert found["outturn"].sum() == pytest.approx(10 * (182 + 30 + 365))
    assert found["started"] == pytest.approx(10 * 183)
    assert found["ended"] == pytest.approx(-10 * 30)
    assert found["days"] == pytest.approx(0)


def test_a_leap_year_costs_a_day_more() -> None:
    days = (pd.Timestamp("2027-03-31"),)
    rows = ledger([("C", "Dom Care", "AMH", 0, None, 70.0, 0.0, 0.0)], days)
    assert outturn_and_effects(rows).set_index("step")["net"]["days"] == pytest.approx(10.0)


def test_price_by_hand_with_a_limit_of_its_own_and_a_day_within_the_year() -> None:
    rows = ledger(
        [
            ("A", "Dom Care", "AMH", 0, None, 700.0, 140.0, 0.0),
            ("B", "Residential", "AMH", 0, None, 2_100.0, 0.0, 0.0),
        ]
    )
    both = [
        uplifts(effective_from=pd.Timestamp("2026-10-01")),
        uplifts(basis="negotiated", above_weekly=2_000.0, low=1.0, central=1.0, high=1.0),
    ]
    held = history(rows)
    made = model(held, flows(held), pd.concat(both, ignore_index=True))
    found = price_effects(made).set_index("basis")["adds"]
    assert found["price"] == pytest.approx(100 * 182 * 0.04)
    assert found["negotiated"] == pytest.approx(300 * 365 * 0.01)
    price = project(made, central_draws(made)).price[0, 0, 0]
    assert price[1] == pytest.approx(0.2 * 100 * 182 * 0.04)  # the NHS bears its share of the new price


def test_what_was_repriced_within_the_rules_months_is_not_uplifted_again() -> None:
    days = (pd.Timestamp("2025-12-31"), pd.Timestamp("2026-03-31"))
    rows = ledger(
        [
            ("A", "Dom Care", "AMH", 0, None, 100.0, 0.0, 0.0),
            ("B", "Dom Care", "AMH", 0, None, 100.0, 0.0, 0.0),
        ],
        days,
    )
    late = (rows["snapshot_date"] == days[1]) & (rows["person_key"] == "A")
    rows.loc[late, ["gross", "net"]] = 106.0
    held = history(rows)
    base = {
        within: price_effects(model(held, flows(held), uplifts(repriced_within=within)))["base"] * 7 / 365
        for within in (3.0, np.nan)
    }
    assert base[3.0].tolist() == pytest.approx([100.0, 106.0])
    assert base[np.nan].tolist() == pytest.approx([206.0, 0.0])


def test_no_uplift_is_assumed_and_a_year_without_its_own_takes_the_last() -> None:
    assert rules_ahead(uplifts().iloc[:0], YEAR).empty
    found = rules_ahead(uplifts(), YEAR)
    assert found["carried"].tolist() == ["", "2026/27", "2026/27"]
    assert found["since"].dt.year.tolist() == [2026, 2027, 2028]


def test_published_arithmetic_of_pay_and_of_a_total() -> None:
    rise = 100 * (12.21 / 11.44 - 1)
    assert (round(rise, 3), round(pay_weighted(rise, 73.7, 0.0), 2)) == (6.731, 4.96)
    assert pay_weighted(5.0, 60.0, 2.0) == pytest.approx(3.8)
    assert 819_668 + 99_814 == 919_482


def test_starters_and_leavers_of_a_ledger_made_by_hand() -> None:
    days = tuple(pd.date_range("2025-04-30", "2026-03-31", freq="ME"))
    rows = ledger(
        [
            ("A", "Dom Care", "AMH", 0, None, 70.0, 0.0, 0.0),
            ("B", "Dom Care", "AMH", 400, None, 140.0, 0.0, 0.0),  # starts in May 2025
            ("C", "Dom Care", "AMH", 0, 460, 210.0, 0.0, 0.0),  # ends in July 2025
            ("D", "Dom Care", "AMH", 549, 9, 70.0, 0.0, 0.0),
        ],
        days,
    )  # within October
    found = flows(history(rows))
    assert len(found.months) == 12
    assert np.flatnonzero(found.started[:, 0, 0]).tolist() == [1]
    assert found.started[1, 0, 0] == 140.0
    assert np.flatnonzero(found.left[:, 0, 0]).tolist() == [3]
    assert found.short[6, 0, 0] == pytest.approx(70 * 10 / 7)
    assert found.counts["started"].sum() == 2
    assert found.counts["left"].sum() == 2
    assert rates(found, history(rows).cells, "care_type")["starting"].tolist() == [2.0, 2.0]


def test_a_case_that_is_gone_from_the_next_snapshot_has_left() -> None:
    rows = ledger([("A", "Dom Care", "AMH", -30, None, 70.0, 0.0, 0.0)], (DAYS[0],))
    later = ledger([("B", "Dom Care", "AMH", -30, None, 70.0, 0.0, 0.0)], (DAYS[1],))
    found = flows(history(pd.concat([rows, later], ignore_index=True)))
    assert found.counts["left"].sum() == 1


def test_pert_quantiles_are_within_the_range_and_a_fixed_value_is_fixed() -> None:
    rows = pd.DataFrame({"low": [2.0, 3.0], "central": [4.0, 3.0], "high": [5.0, 3.0]})
    found = pert(rows, np.array([[0.0, 0.2], [0.5, 0.5], [1.0, 0.9]]))
    assert found[[0, 2], 0].tolist() == [2.0, 5.0]
    assert (found[:, 1] == 3.0).all()
    many = pert(rows, np.random.default_rng(1).uniform(size=(20_000, 2)))[:, 0]
    assert many.mean() == pytest.approx((2 + 4 * 4 + 5) / 6, abs=0.01)


def test_known_moves_by_hand() -> None:
    row = {
        "change_id": "X",
        "date": pd.Timestamp("2026-12-31"),
        "kind": "turns_18",
        "care_type": "Supp Living",
        "service_group": "AMH",
        "people": 3.0,
        "weekly_gross": 700.0,
        "health_percent": 25.0,
        "client_weekly": 14.0,
        "among_usual": pd.NA,
    }
    rows = pd.DataFrame([row, row | {"date": pd.Timestamp("2026-03-01")}, row | {"among_usual": True}])
    rows = rows.astype({"among_usual": "boolean"})
    found = known_costs(rows, DAYS[1], "2026/27")
    assert found["added"].tolist() == [True, False]  # the one before the snapshot is in the ledger
    assert found.loc[0, "net"] == pytest.approx(3 * 91 * (75 - 2))
    assert known_costs(rows, DAYS[1], "2027/28").loc[0, "weeks"] * 7 == pytest.approx(366)


@pytest.mark.parametrize(("sign", "people", "verb"), [(1, 1, "adds"), (-1, 1, "takes off"), (1, 2, "add")])
def test_one_person_known_to_move_adds_and_two_add(sign: int, people: float, verb: str) -> None:
    data = load("exampleshire", internal=True)
    rows = data.known_changes.assign(among_usual=True)
    rows.loc[rows.index[0], ["among_usual", "people"]] = [False, people]
    made = with_frames(data, known_changes=rows.assign(weekly_gross=sign * 100.0, client_weekly=0.0))
    (said,) = known_headlines(made)
    assert f"{'person' if people == 1 else 'people'} known to move" in said.text
    assert f") {verb} £" in said.text


def test_savings_count_by_confidence_once() -> None:
    rows = pd.DataFrame(
        {
            "saving_id": ["S", "S", "T"],
            "saving": "x",
            "service_group": "",
            "line": "",
            "month": ["2026-03", "2026-04", "2026-04"],
            "planned": [100.0, 200.0, 300.0],
            "delivered": [60.0, np.nan, np.nan],
            "confidence": [np.nan, np.nan, 50.0],
            "evidence": "",
            "among_usual": pd.array([None, None, True], "boolean"),
        }
    )
    found = planned_savings(rows, YEAR, DAYS[1]).set_index("saving_id")
    assert found["delivered"].to_dict() == {"S": 60.0, "T": 0.0}
    before = planned_savings(rows, YEAR, pd.Timestamp("2026-03-30")).set_index("saving_id")
    assert (
        before[["planned", "delivered"]].to_numpy().sum() == 0.0
    )  # of March nothing is known before its end
    assert found["confidence"].to_dict() == {"S": 0.6, "T": 0.5}
    assert found["added"].to_dict() == {"S": True, "T": False}
    assert found["planned_1"].to_dict() == {"S": 200.0, "T": 300.0}


@pytest.fixture(scope="module")
def study(data_dir: Path) -> next_year.Study:
    return next_year.study(load("exampleshire", data_dir=data_dir))


def test_the_page_ties_the_requirement_to_the_deep_dive(study: next_year.Study) -> None:
    full = study.deep_dive.run_rate.full_year
    assert study.bridge.open_now == pytest.approx(full)
    text = next_year.requirement(study).headlines[0].text
    assert f"{words.amount(full)} for those open now, plus £1.26m for prices," in text


def test_uplifts_are_said_gross_and_as_the_bridge_has_them(study: next_year.Study) -> None:
    (said,) = next_year.prices(study).headlines
    step = words.amount(study.bridge.whole["net"].loc["price"])
    assert said.sentence.endswith(
        f"; after the NHS's part {step} is left, 4.6% of what council and clients pay."
    )
    (rise,) = [one.expected for one in study.levers if one.name == "uplift"]
    assert f"{rise:.1f}%" == "4.6%"  # as the levers have it


def test_the_simulation_is_seeded_and_centred_on_the_bridge(study: next_year.Study) -> None:
    again = outlook(
        study.model, study.known, study.savings, pd.Series(study.history.share(), index=study.history.days)
    )
    assert (again.draws == study.outlook.draws).all()
    assert again.table["central"].iloc[0] == pytest.approx(study.bridge.requirement)
    error = again.draws[:, 0].std() / np.sqrt(len(again.draws))
    assert again.draws[:, 0].mean() == pytest.approx(study.bridge.requirement, abs=10 * error)
    widths = again.table["upper_95"] - again.table["lower_95"]
    assert widths.is_monotonic_increasing
    assert (again.table["upper_80"] < again.table["upper_95"]).all()


def test_only_what_varies_moves(study: next_year.Study) -> None:
    fixed = random_draws(study.model, 50, np.random.default_rng(1), frozenset())
    found = project(study.model, fixed).total
    assert np.ptp(found, axis=0).max() < 1e-6 * abs(found).max()
    assert (
        np.diff(tornado(study.model, study.known, study.savings, draws=200).eval("high - low")) <= 0
    ).all()


def test_each_lever_closes_the_gap(study: next_year.Study) -> None:
    gap = 300_000.0
    found = {
        one.name: one
        for one in levers(gap, study.model, study.central, study.history, study.deep_dive.review_yield)
    }
    total = study.central.total[0, 0, 0]
    share = found["share"]
    assert (share.needed - share.expected) / 100 * total[0] == pytest.approx(gap)
    uplift = found["uplift"]
    base = study.central.today[0, 0, 0]
    assert (uplift.expected - uplift.needed) / 100 * (base[0] - base[1]) == pytest.approx(gap)
    came = study.central.starters[0, 0, 0] @ [1, -1, -1]
    placements = found["placements"]
    assert (1 - placements.needed / placements.expected) * came == pytest.approx(gap)
    assert share.outside == max(share.needed - share.high, 0)


def with_frames(data: AuthorityData, **frames: pd.DataFrame) -> next_year.Study:
    """The study of an authority with other datasets in place of its own."""
    held = dict(data.frames.untracked()) | frames
    return next_year.study(replace(data, frames=type(data.frames)(held)))


def again(study: next_year.Study, made: next_year.Study | None = None, **changed: Any) -> next_year.Study:
    """The same study, or one that was made of it, with something changed that its ledger does not feel."""
    found = made or next_year.study(study.data)
    found.__dict__ |= {name: getattr(study, name) for name in ("model", "outlook", "tornado", "bridge")}
    found.deep_dive.__dict__["counts"] = study.deep_dive.counts
    found.__dict__ |= changed
    return found


LEVERS = (
    Lever("placements", 100.0, 5.0, 90.0, 120.0, 0.0, 0.0),
    Lever("uplift", 4.0, 20.0, 4.5, 6.0, 0.0, 0.0),  # never as low as it is taken to be
    Lever("share", 20.0, -10.0, 15.0, 25.0, 100.0, 0.0),
)


@pytest.mark.parametrize(
    ("gap", "times", "values"),
    [
        (50.0, 0.5, (95.0, 22.5)),
        (300.0, 3.0, (70.0, 35.0)),
        (1_100.0, 12.0, (0.0, 80.0)),  # 500 are all that placements can close
        (1_301.0, None, ()),
    ],
)
def test_levers_go_together_as_far_as_they_can(gap: float, times: float | None, values: tuple) -> None:
    found, to = together(tuple(replace(one, gap=gap) for one in LEVERS))
    if times is None:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(times)
        assert tuple(to.values()) == pytest.approx(values)
        assert list(to) == ["placements", "share"]
    assert np.isnan(together(tuple(replace(one, gap=gap) for one in LEVERS[1:2]))[0])


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (
            15_000_000,
            "Within its past range one lever alone could close the gap of £490k. It would take an NHS share "
            "of 20.2%, not 17.9%.",
        ),
        (
            14_800_000,
            "Within their past ranges all levers together could close the gap of £690k. It would take 105 "
            "starters, not 115; price rises of 3.8%, not 4.6%; and an NHS share of 19.9%, not 17.9%.",
        ),
        (
            13_111_000,
            "At their past best, all levers (savings options) together close £1.00m of the gap of £2.38m, "
            "so closing all of it is not realistic. Closing all £2.38m would take 75 starters, not 115; "
            "price rises of 2.0%, not 4.6%; and an NHS share of 24.9%, not 17.9%.",
        ),
    ],
)
def test_the_levers_are_named_with_what_each_takes_and_whether_that_is_realistic(
    study, budget: float, said: str
) -> None:
    (found,) = next_year.levers(again(study, given=float(budget))).headlines
    assert found.text == said
    assert ("£" in found.large) == ("not realistic" in said)


def test_a_gap_says_where_monitor_and_ledger_do_not_agree(study) -> None:
    def told(commitment: float) -> str:
        budget = study.data.budget.copy()
        last = budget.index[budget["as_at"] == budget["as_at"].max()]
        budget.loc[last[budget.loc[last, "kind"] == "expenditure"][0], "commitment"] += commitment
        return next(outlook_headlines(again(study, with_frames(study.data, budget=budget)))).text

    assert "agree" not in told(0.0)
    assert "agree" not in told(140_000.0)  # one per cent of £14.0m
    assert "(£13.11m), and monitor and ledger do not agree." in told(800_000.0)
    assert "The budget monitor commits £800k more this year, so the gap may be that much too small." in told(
        800_000
    )
    assert "The budget monitor commits £500k less this year, so the gap may be that much too large." in told(
        -500_000
    )


def test_all_checks_pass_and_small_moves_are_not_told_apart(study: next_year.Study) -> None:
    assert all(check.passed for check in study.checks)
    one = with_frames(study.data, known_changes=study.data.known_changes.assign(people=1.0))
    assert "New starters and known moves" in set(one.steps["name"])
    assert "Known moves" not in set(one.steps["name"])
    assert "next_year.known_changes" not in {h.id for h in one.headlines}
    (table,) = next_year.known_changes(one).tables.values()
    assert {cell[4] for cell in table.cells()} == {"c"}


def test_partners_bring_the_requirement_and_the_rule_shares_what_is_not_agreed(study) -> None:
    rows, cost = study.asked.rows.set_index("partner"), round(study.bridge.requirement * 100)
    council, trust = "Exampleshire Council", "Exampleshire Mental Health NHS Trust"
    assert rows["needed"].sum() == cost
    # Cash of 2025/26: 5,887 + 5,650 + 180 and 803 + 771 thousand; agreed for 2026/27: 3% more, to £1,000.
    assert rows.loc[council, "needed"] == pytest.approx(cost * 11_717 / 13_291, abs=1)
    assert rows["planned"].to_dict() == {council: 12_069_000_00, trust: 1_621_000_00}
    gap = cost - 13_690_000_00
    assert rows["borne"].sum() == rows["gap"].sum() == gap
    assert rows.loc[council, "borne"] == pytest.approx(0.6 * gap, abs=1)
    assert not study.asked.why


def test_the_page_opens_with_one_gap_and_the_section_explains_the_other(study) -> None:
    def opening(one: next_year.Study) -> set[str]:
        return {found.id for found in ranked(one.findings)} & {"next_year.gap", "next_year.contributions"}

    assert opening(study) == {"next_year.gap"}
    (said,) = next_year.contributions(study).headlines
    assert said.text.startswith("2026/27 needs £1.80m more than the partners have agreed for it.")
    assert "the partners have agreed £579k more than that" in said.text
    rich = again(study, given=15_400_000.0)
    assert "the partners have agreed £1.71m less than that" in next_year.contributions(rich).headlines[0].text
    without = again(study, given=99_000_000.0)
    assert opening(without) == {"next_year.contributions"}
    assert "is counted from" not in next_year.contributions(without).headlines[0].text


def test_what_the_rule_cannot_share_is_told_in_words(study) -> None:
    partnership, cost = account.study(study.data), study.bridge.requirement
    who = study.data.authority

    def given(**changed: object) -> Asked:
        other = replace(study.data, authority=who.model_copy(update=changed))
        return asked(account.study(other), cost, study.labels)

    own = Sharing(
        steps=({"kind": "own_lines"}, {"kind": "contributions"}), lines={who.partners[0].name: ["x"]}
    )
    assert "goes by lines" in given(sharing=own).why
    assert "held as words alone" in given(sharing=None).why
    kept = Sharing(steps=({"kind": "risk_pool", "up_to": 100}, {"kind": "carried_forward"}))
    rest = given(sharing=kept).rows.set_index("partner")["borne"]
    assert rest["risk pool"] == 100_00
    assert rest.sum() == given().rows["gap"].sum()
    assert "Not all contributions" in asked(partnership, cost, ("2026/27", "2027/28")).why
    assert asked(partnership, cost, ("2021/22", "2022/23")).rows.empty


def test_a_proposed_budget_and_no_gap(study: next_year.Study) -> None:
    rich = next_year.study(study.data, budget=99_000_000)
    assert rich.gap < 0
    assert rich.levers == ()
    assert "no gap" in repr(next_year.levers(rich))


@pytest.mark.parametrize("place", ["cambridgeshire", "islington"])
def test_without_a_ledger_totals_are_bridged_and_the_rest_is_asked_for(data_dir: Path, place: str) -> None:
    one = next_year.study(load(place, data_dir=data_dir))
    shown = next_year.requirement(one)
    assert "packages" in repr(shown)
    assert bool(shown.tables) == (place == "cambridgeshire")
    assert bool(one.missing) == (place != "cambridgeshire")
    if place == "cambridgeshire":
        first, second = summary(one).headlines
        gone = "price rises, new starters, the full-year cost of packages or leavers."
        assert f"a start, not a forecast. It does not count {gone}" in first.text
        assert "Adjustments are the budget monitor's lines beside care packages" in first.text
        care = one.data.budget[one.data.budget["kind"] != "adjustment"]
        assert "djustments" not in with_frames(one.data, budget=care).headlines[0].text
        assert not shown.figures
        assert second.sentence == "What would balance next year can't be told without a package ledger."
        rises = pd.concat([uplifts(financial_year="2020/21", central=central) for central in (0.0, 2.0)])
        for held, steps in ((rises[:1], ["one_off"]), (rises[1:], ["one_off", "price"])):
            assert list(with_frames(one.data, uplifts=held).totals["step"][1:-1]) == steps  # none of nothing
        priced = with_frames(one.data, uplifts=rises[1:]).headlines[0]
        assert "It does not count new starters," in priced.text
        assert "for price rises" in priced.sentence
        assert "Next year opens with the forecast for care packages alone." in first.text
        assert "opens with" not in priced.text  # but with that and price rises
    for name in ("outlook", "levers", "contributions", "prices", "demand"):
        assert "No package ledger is held" in repr(getattr(next_year, name)(one))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., AuthorityData]:
    """Load exampleshire with two dozen of its people alone."""
    folder = tmp_path_factory.mktemp("data") / "exampleshire"
    shutil.copytree(ROOT / "data" / "exampleshire", folder)
    rows = pd.read_csv(folder / "packages.csv", dtype=str, keep_default_na=False)
    people = sorted(rows["person_key"].unique())
    random.Random(1).shuffle(people)
    rows[rows["person_key"].isin(people[:24])].to_csv(folder / "packages.csv", index=False)
    return lambda **more: load("exampleshire", data_dir=folder.parent, **more)


def test_no_step_is_the_money_of_few_cases(few: Callable[..., AuthorityData]) -> None:
    def told(**more: bool) -> tuple[next_year.Study, dict[str, int], list[str]]:
        made = next_year.study(few(**more), budget=100_000)
        assert made.bridge is not None
        cases = made.bridge.whole["cases"].astype(int)
        shown = made.steps[made.steps["name"].isin(STEPS.values())]["step"]
        table = _group_table(made.bridge, made.fewest("packages"))
        alone = {step: cases[step] for step in shown if 0 < cases[step] < 5}
        return made, alone, [column.name for column in table.columns]

    made, alone, columns = told()
    assert alone == {}
    assert "Changes in the year, in full, of few cases" in set(made.steps["name"])
    assert "full_year" not in columns
    assert list(demand_headlines(made)) == []
    assert [one.name for one in made.levers] == ["uplift", "share"]
    first, *between, last = made.steps["net"]
    assert first + sum(between) == pytest.approx(last)
    made, alone, columns = told(internal=True)
    assert alone.keys() == {"prior", "started", "ended"}
    assert "full_year" in columns
    assert [one.id for one in demand_headlines(made)] == ["next_year.demand"]
    assert made.levers[0].name == "placements"


def test_starters_are_told_to_the_nearest_5(study: next_year.Study) -> None:
    rows = next_year.levers(study).parts[1].frame.set_index("lever").loc["Fewer placements"]
    (said,) = demand_headlines(study)
    told = [rows["expected"], rows["joint"], *(float(end) for end in rows["past"].split(" to ")), said.value]
    assert [number % 5 for number in told if number is not None] == [0] * 5
    exact = next_year.study(load("exampleshire", internal=True)).levers[0]
    assert exact.expected % 5 > 0
    assert abs(exact.expected - rows["expected"]) <= 2.5


def test_levers_that_never_did_better_are_not_said_to_close_the_gap_together(study: next_year.Study) -> None:
    usual = study.levers[0].expected
    hopeless = replace(study.levers[0], low=usual, high=usual, limit=usual)
    (said,) = levers_headlines(again(study, levers=(hopeless,)))
    assert said.text.startswith(
        "At their past best, all levers (savings options) together close £0 of the gap"
    )
    assert said.text.endswith("They would not do it at their limits either.")


def test_an_unknown_past_of_the_levers_is_said_and_not_told_as_nothing(study: next_year.Study) -> None:
    made = again(study, levers=tuple(replace(one, low=np.nan, high=np.nan) for one in study.levers))
    (said,) = levers_headlines(made)
    assert said.text.startswith("The past range of no lever is known, so what closes the gap of £")
    assert "realistic" not in said.text
    assert (said.value, said.large) == (None, "Not known")
    assert next_year.levers(made).parts[1].frame["closes"].isna().all()


def test_the_years_ahead_begin_at_the_outturn_of_the_bridge(study: next_year.Study) -> None:
    assert study.outturn == study.steps["net"].iloc[0]
    made = again(study, steps=study.steps.assign(net=study.steps["net"].where(study.steps.index > 0, 1.0)))
    assert made.outturn == 1.0
    drawn = _fan(made, made.outlook)
    assert drawn.drawing.axes[0].lines[0].get_ydata()[0] == 1.0
