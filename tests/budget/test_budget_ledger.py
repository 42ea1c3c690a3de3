"""The package ledger: weeks, causes, the bridge by case, disclosure; identities on random ledgers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.budget import causes, cohort, counts, funding, ledger, outturn, pressure, prices
from s75lib.errors import MethodError

OLD, NEW = pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31")
BLANK = {
    "service_group": "AMH",
    "team": "Alder",
    "provider": "P1",
    "age_band": "25-34",
    "health_funding_type": "",
    "units_per_week": 1.0,
    "health_weekly": 0.0,
    "client_weekly": 0.0,
    "net_weekly": np.nan,
    "s117": False,
    "prior_year": False,
    "start_date": "2023-01-01",
    "end_date": None,
    "last_review_date": None,
}


def packages(rows: list[dict[str, object]]) -> pd.DataFrame:
    """A ledger of the contract: what a row leaves out is BLANK; the reference is the row's own."""
    columns = [
        "snapshot_date",
        "person_key",
        "package_key",
        "care_type",
        "weekly_gross",
        "unit_price",
        *BLANK,
    ]
    filled = [
        BLANK
        | {"package_key": f"K{n}", "unit_price": row["weekly_gross"] / (row.get("units_per_week") or 1)}
        | row
        for n, row in enumerate(rows)
    ]
    frame = pd.DataFrame(filled, columns=columns)
    for name in ("snapshot_date", "start_date", "end_date", "last_review_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.astype({"s117": "boolean", "prior_year": "boolean", "package_key": "str"})


def line(
    day: pd.Timestamp, person: str, care_type: str = "Dom Care", gross: float = 100.0, **more: object
) -> dict:
    return {"snapshot_date": day, "person_key": person, "care_type": care_type, "weekly_gross": gross, **more}


def sides(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The prepared lines of both days."""
    return ledger.lines(frame, OLD), ledger.lines(frame, NEW)


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


def random_ledger(drawn: list[tuple]) -> pd.DataFrame:
    rows = [
        line(
            day,
            person,
            care_type,
            gross,
            service_group=group,
            team=team,
            health_weekly=health,
            client_weekly=client,
            units_per_week=units,
            end_date=end,
        )
        for day, person, care_type, group, team, gross, health, client, units, end in drawn
    ]
    rows += [line(OLD, "P9"), line(NEW, "P9")]
    return packages(rows)


@settings(max_examples=6, deadline=None)
@given(cases)
@pytest.mark.slow
def test_the_effects_add_up_to_the_change_and_flip_with_time(drawn):
    frame = random_ledger(drawn)
    for basis in ("commitment", "weekly"):
        found = causes.causes(*sides(frame), basis=basis)
        old, new = sides(frame)
        weight = "weeks" if basis == "commitment" else "open"
        change = float((new["net"] * new[weight]).sum() - (old["net"] * old[weight]).sum())
        assert found.change == pytest.approx(change, abs=1e-4)
        assert found.effects["effect"].sum() == pytest.approx(change, abs=1e-4)
        assert found.cells["effect"].sum() == pytest.approx(change, abs=1e-4)
        back = causes.causes(*reversed(sides(frame)), basis=basis)
        assert back.effects["effect"].sum() == pytest.approx(-change, abs=1e-4)
        both = found.effects.merge(back.effects, on=["service_group", "factor"])
        assert (both["effect_x"] + both["effect_y"]).abs().max() < 1e-4


@settings(max_examples=15, deadline=None)
@given(cases)
def test_the_bridge_adds_up_case_by_case(drawn):
    frame = random_ledger(drawn)
    found = cohort.cohort(*sides(frame), ledger.lines(frame))
    assert found.steps["effect"].sum() == pytest.approx(found.change, abs=1e-4)
    stays = found.cases[found.cases["status"] == "stayer"]
    parts = stays[["quantity", "price", "funding", "client"]].sum(axis=1)
    assert np.allclose(parts, stays["change"], atol=1e-4)
    assert found.before == pytest.approx(ledger.lines(frame, OLD).query("open")["net"].sum(), abs=1e-4)


def test_contributions_to_what_costs_nothing_are_not_lost():
    """An error in a ledger, which must not break the sum: found by a random table."""
    for units in (1.0, 0.0):
        frame = packages(
            [
                line(OLD, "A", gross=0.0, health_weekly=3.0, client_weekly=2.0, units_per_week=units),
                line(NEW, "A", gross=50.0, health_weekly=10.0, units_per_week=units),
            ]
        )
        found = causes.causes(*sides(frame), basis="weekly")
        assert found.change == pytest.approx(45.0)
        assert found.effects["effect"].sum() == pytest.approx(45.0)
        assert cohort.cohort(*sides(frame), ledger.lines(frame)).steps["effect"].sum() == pytest.approx(45.0)


def test_weeks_count_both_ends_and_open_ends_run_to_the_year_end():
    frame = packages(
        [
            line(OLD, "A", start_date="2024-04-01", end_date="2024-04-07"),
            line(OLD, "B", start_date="2024-12-31"),
            line(OLD, "C", start_date="2020-01-01"),
            line(OLD, "D", start_date="2025-04-01"),
            line(OLD, "E", start_date="2024-05-01", end_date="2024-05-01", prior_year=True),
        ]
    )
    weeks = ledger.lines(frame, OLD).set_index("person_key")["weeks"]
    assert weeks["A"] == 1.0
    assert weeks["B"] == pytest.approx(91 / 7)  # 31 December to 31 March 2025
    assert weeks["C"] == pytest.approx(365 / 7)
    assert weeks["D"] == 0.0
    assert weeks["E"] == 0.0


def test_a_leap_year_has_366_days():
    frame = packages([line(pd.Timestamp("2024-03-31"), "A", start_date="2020-01-01")])
    assert ledger.lines(frame)["weeks"].item() == pytest.approx(366 / 7)


def test_commitment_is_split_at_the_day_of_the_snapshot():
    frame = packages(
        [
            line(OLD, "A", gross=70.0),
            line(OLD, "B", gross=70.0, end_date="2024-10-31"),
            line(OLD, "C", gross=70.0, start_date="2024-12-01", end_date="2025-01-31"),
        ]
    )
    sums = ledger.commitments(ledger.lines(frame)).iloc[0]
    days_to_date = 275 + 214 + 31  # to 31 December; to 31 October; all of December
    assert sums["to_date"] == pytest.approx(10 * days_to_date)
    assert sums["net"] == pytest.approx(10 * (365 + 214 + 62))


def test_net_without_contributions_stated_is_taken_from_the_ledger():
    frame = packages(
        [
            line(OLD, "A", gross=500.0, health_weekly=np.nan, client_weekly=50.0, net_weekly=300.0),
            line(OLD, "B", gross=500.0, health_weekly=np.nan, client_weekly=np.nan),
        ]
    )
    rows = ledger.lines(frame, OLD).set_index("person_key")
    assert (rows.loc["A", "health"], rows.loc["A", "net"]) == (150.0, 300.0)
    assert (rows.loc["B", "health"], rows.loc["B", "net"]) == (0.0, 500.0)


def test_packages_without_units_are_priced_as_one_placement():
    frame = packages(
        [line(OLD, "A", gross=500.0, units_per_week=np.nan), line(OLD, "B", gross=9.0, units_per_week=0.0)]
    )
    rows = ledger.lines(frame, OLD)
    assert rows["units"].tolist() == [1.0, 1.0]
    assert rows["price"].tolist() == [500.0, 9.0]
    assert rows["priced_as_one"].all()


def test_an_unknown_snapshot_names_those_there_are():
    with pytest.raises(MethodError, match="2024-12-31"):
        ledger.lines(packages([line(OLD, "A")]), NEW)


def test_the_pair_is_a_year_apart_where_the_ledger_reaches_back():
    frame = packages([line(pd.Timestamp(day), "A") for day in ("2024-03-31", "2024-12-31", "2025-03-31")])
    assert ledger.pair(frame) == (pd.Timestamp("2024-03-31"), pd.Timestamp("2025-03-31"))
    assert ledger.pair(frame.iloc[1:]) == (pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31"))
    assert ledger.pair(frame.iloc[:1]) is None
    assert ledger.pair(frame.iloc[:0]) is None


def test_one_cause_alone_is_found_alone():
    old = [line(OLD, p, "Residential", 1000.0) for p in "ABCDE"]
    by_factor = {
        "cases": [line(NEW, p, "Residential", 1000.0) for p in "ABCDEF"],
        "price": [line(NEW, p, "Residential", 1100.0) for p in "ABCDE"],
        "intensity": [line(NEW, p, "Residential", 2000.0, units_per_week=2.0) for p in "ABCDE"],
    }
    for factor, new in by_factor.items():
        found = causes.causes(*sides(packages(old + new)), basis="weekly").effects.set_index("factor")[
            "effect"
        ]
        assert found[factor] == pytest.approx(found.sum())
        assert found.drop(factor).abs().max() < 1e-9
    paid = [
        line(day, p, "Residential", 1000.0, health_weekly=h)
        for day, h in ((OLD, 500.0), (NEW, 400.0))
        for p in "AB"
    ]
    found = causes.causes(*sides(packages(paid)), basis="weekly").effects.set_index("factor")["effect"]
    assert found["share"] == pytest.approx(200.0)


def test_a_new_care_type_is_an_effect_of_numbers_and_mix_never_of_price():
    frame = packages([line(OLD, "A"), line(NEW, "A"), line(NEW, "B", "Live In", 1500.0)])
    found = causes.causes(*sides(frame), basis="weekly").effects.set_index("factor")["effect"]
    assert found["cases"] + found["mix"] == pytest.approx(1500.0)
    assert found["price"] == found["intensity"] == found["share"] == 0.0


def test_a_price_rise_within_the_year_adds_no_case():
    """A reference that is closed and re-issued at a new price is the same case."""
    frame = packages(
        [
            line(OLD, "A", "Residential", 1000.0),
            line(NEW, "A", "Residential", 1000.0, end_date="2025-01-31"),
            line(NEW, "A", "Residential", 1100.0, start_date="2025-02-01"),
        ]
    )
    found = causes.causes(*sides(frame))
    assert (found.groups["cases_before"].item(), found.groups["cases_after"].item()) == (1, 1)
    effects = found.effects.set_index("factor")["effect"]
    assert effects["cases"] == effects["weeks"] == 0.0
    assert effects["price"] == pytest.approx(100 * 59 / 7)


def test_prior_year_items_stand_beside_the_change():
    late = line(NEW, "Z", gross=70.0, start_date="2024-01-01", end_date="2024-01-10", prior_year=True)
    found = causes.causes(*sides(packages([line(OLD, "A"), line(NEW, "A"), late])))
    assert found.change == pytest.approx(0.0)
    assert found.prior_year == pytest.approx(100.0)


def test_an_average_that_misleads_is_noticed():
    old = [line(OLD, f"H{i}", "Dom Care", 100.0) for i in range(8)] + [
        line(OLD, f"B{i}", "Residential", 900.0) for i in range(2)
    ]
    new = [line(NEW, f"H{i}", "Dom Care", 90.0) for i in range(6)] + [
        line(NEW, f"B{i}", "Residential", 850.0) for i in range(4)
    ]
    found = causes.reversals(causes.causes(*sides(packages(old + new)), basis="weekly")).iloc[0]
    assert found["reversal"]
    assert found["change"] == pytest.approx(394 - 260)
    same = ledger.lines(packages(old), OLD)
    assert not causes.reversals(causes.causes(same, same, basis="weekly")).iloc[0]["reversal"]


def test_the_bridge_tells_starters_leavers_switches_and_stayers_apart():
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
    found = cohort.cohort(*sides(frame), ledger.lines(frame))
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
    assert found.switches[["from_type", "to_type", "people"]].to_numpy().tolist() == [
        ["Dom Care", "Residential", 1]
    ]
    assert (found.stayers, found.reissued) == (2, 1)
    assert (found.short_cases, found.short_cost) == (1, pytest.approx(100.0))


def test_a_stayer_is_split_into_its_four_causes():
    frame = packages(
        [
            line(OLD, "A", gross=100.0, units_per_week=10.0, health_weekly=20.0, client_weekly=5.0),
            line(NEW, "A", gross=240.0, units_per_week=20.0, health_weekly=24.0, client_weekly=9.0),
        ]
    )
    steps = cohort.cohort(*sides(frame), ledger.lines(frame)).steps.set_index("component")["effect"]
    # All six orders by hand: units 10 to 20, price 10 to 12, own share 0.8 to 0.9.
    assert steps["quantity"] == pytest.approx(10 * (2 * 10 * 0.8 + 12 * 0.8 + 10 * 0.9 + 2 * 12 * 0.9) / 6)
    assert steps["price"] == pytest.approx(2 * (2 * 10 * 0.8 + 20 * 0.8 + 10 * 0.9 + 2 * 20 * 0.9) / 6)
    assert steps["funding"] == pytest.approx(0.1 * (2 * 100 + 20 * 10 + 10 * 12 + 2 * 240) / 6)
    assert steps["client"] == pytest.approx(-4.0)


def test_concentration_of_equal_costs_is_none():
    frame = packages([line(OLD, f"P{i}", gross=100.0) for i in range(20)])
    found = pressure.concentration(ledger.lines(frame, OLD))
    assert found.top_tenth_percent == pytest.approx(10.0)
    assert found.gini == pytest.approx(0.0)


def test_concentration_in_one_person():
    frame = packages([line(OLD, "rich", gross=100.0), *[line(OLD, f"P{i}", gross=0.0) for i in range(9)]])
    found = pressure.concentration(ledger.lines(frame, OLD))
    assert found.top_tenth_percent == pytest.approx(100.0)
    assert found.gini == pytest.approx(0.9)
    costless = packages([line(OLD, "A", gross=0.0)])
    assert np.isnan(pressure.concentration(ledger.lines(costless, OLD)).top_tenth_percent)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4_000), min_size=1, max_size=60), st.integers(1, 10))
def test_no_band_discloses_anybody(costs, fewest):
    frame = packages([line(OLD, f"P{i}", gross=float(cost)) for i, cost in enumerate(costs)])
    found = pressure.bands(ledger.lines(frame, OLD), threshold=fewest)
    assert (found["people"] >= fewest).all()
    if len(costs) >= fewest:
        assert found["people"].sum() == len(costs)
        assert found["net"].sum() == pytest.approx(sum(costs))
    else:
        assert found.empty


def test_unit_costs_find_the_outlier_by_tukeys_fence():
    each = [20.0, 21.0, 22.0, 23.0, 24.0, 60.0]
    frame = packages([line(OLD, f"P{i}", gross=10 * p, units_per_week=10.0) for i, p in enumerate(each)])
    row = prices.unit_costs(ledger.lines(frame, OLD)).iloc[0]
    lower, median, upper = np.percentile(each, [25, 50, 75])
    assert (row["p25"], row["p50"], row["p75"]) == pytest.approx((lower, median, upper))
    assert row["outliers"] == 1
    assert row["excess"] == pytest.approx(10 * (60 - median))


def test_a_charge_for_aftercare_is_a_finding():
    frame = packages(
        [
            line(OLD, "A", s117=True, client_weekly=12.0),
            line(OLD, "B", s117=True),
            line(OLD, "C", client_weekly=9.0),
        ]
    )
    found = funding.charges(frame, ledger.lines(frame, OLD))
    assert (found.packages, found.people, found.weekly, found.known) == (1, 1, 12.0, True)
    unmarked = frame.assign(s117=pd.array([pd.NA] * 3, dtype="boolean"))
    assert not funding.charges(unmarked, ledger.lines(unmarked, OLD)).known


def test_reviews_count_cases_of_a_year_or_more_by_their_first_start():
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
    row = funding.reviews(frame, ledger.lines(frame, OLD)).iloc[0]
    assert (row["cases"], row["overdue"]) == (4, 2)
    assert funding.reviews(frame.assign(last_review_date=pd.NaT), ledger.lines(frame, OLD)).empty


def test_joint_funding_by_type_adds_up():
    frame = packages(
        [
            line(OLD, "A", gross=1000.0, health_weekly=500.0, health_funding_type="joint"),
            line(OLD, "B", gross=1000.0),
            line(NEW, "A", gross=1000.0, health_weekly=400.0, health_funding_type="joint"),
            line(NEW, "B", gross=1000.0),
        ]
    )
    rows = funding.joint_funding(*sides(frame)).set_index(["service_group", "funding"])
    assert rows.loc[("AMH", "joint"), "points"] == pytest.approx(-10.0)
    assert rows.loc[("", "all"), "points"] == pytest.approx(-5.0)
    assert rows.loc[("AMH", "none"), "health_percent_after"] == 0.0


@pytest.mark.parametrize("group", ["", "AMH"])
def test_joint_funding_of_all_groups_holds_the_lines_whose_group_is_blank_and_the_others(group):
    frame = packages(
        [
            line(day, who, service_group=own, gross=100.0, health_weekly=25.0, health_funding_type="joint")
            for day in (OLD, NEW)
            for who, own in (("A", "OPMH"), ("B", group))
        ]
    )
    rows = funding.joint_funding(*sides(frame)).set_index(["service_group", "funding"])
    assert rows.index.is_unique
    for kind in ("joint", "all"):
        assert rows.loc[("", kind), ["cases_after", "gross_after", "health_after"]].tolist() == [2, 200, 50]


def counted(frame: pd.DataFrame, fewest: int) -> counts.Counts:
    before, after = sides(frame)
    bridge = cohort.cohort(before, after, ledger.lines(frame))
    held = {"before": before, "after": after}
    return counts.counts(held, fewest, bridge, funding.reviews(frame, after))


def test_small_counts_are_hidden_and_so_is_what_would_give_them_away():
    sizes = {"Dom Care": 3, "Nursing": 6, "Residential": 40}
    rows = [
        line(day, f"{kind}{n}", kind)
        for day in (OLD, NEW)
        for kind, size in sizes.items()
        for n in range(size)
    ]
    found = counted(packages(rows), 5)
    hidden = [kind for kind in sizes if found.hidden("after", "care_type", "AMH", kind)]
    assert hidden == ["Dom Care", "Nursing"]
    assert found.hidden("after", "setting", value="community")
    assert not found.hidden("after", "care_type")
    assert found.of("after", "care_type") == 49
    assert all(check.passed for check in found.checks)
    assert counted(packages(rows), 1).checks == ()


@settings(max_examples=12, deadline=None)
@given(cases, st.integers(2, 6))
@pytest.mark.slow
def test_no_linked_count_can_be_worked_out(drawn, fewest):
    """Hidden or not, every sum holds; where totals are large enough, no small count is left in sight."""
    frame = random_ledger(drawn)
    found = counted(ledger.without_small_groups(frame, fewest), fewest)
    small = [cell for cell, (count, hidden) in found.cells.items() if 0 < count < fewest and not hidden]
    assert all(value == counts.ALL for *_, value in small)


def test_few_providers_are_put_together_until_none_is_small():
    sizes = {"P1": 20, "P2": 9, "P3": 3, "P4": 1}
    rows = [
        line(day, f"{who}-{n}", provider=who)
        for day in (OLD, NEW)
        for who, size in sizes.items()
        for n in range(size)
    ]
    held = sides(packages(rows))
    together = pressure.few_together(*held, "provider", fewest=5)
    found = pressure.by(*together, "provider").set_index("provider")["cases_after"]
    # Three and one make four: the next smallest joins them.
    assert found.to_dict() == {"P1": 20, pressure.OTHERS: 13}
    for few in pressure.few_together(*held, "provider", fewest=1, most=2):
        assert set(few["provider"]) == {"P1", "P2", pressure.OTHERS}


def test_outliers_are_counted_in_bands_that_disclose_nobody():
    each = [20.0] * 40 + [26.0] * 6 + [50.0] * 3
    frame = packages([line(OLD, f"P{i}", gross=p) for i, p in enumerate(each)])
    assert prices.unit_costs(ledger.lines(frame, OLD))["outliers"].tolist() == [9]
    rows = ledger.lines(frame, OLD)
    costs = prices.unit_costs(rows)
    found = prices.outlier_bands(rows, costs, threshold=3)
    assert found["cases"].tolist() == [3, 6]
    assert found["from_times"].tolist() == [2.0, 1.0]
    assert prices.outlier_bands(rows, costs, threshold=5)["cases"].tolist() == [9]
    assert prices.outlier_bands(rows, costs, threshold=10).empty


def test_where_compares_two_days():
    frame = packages(
        [line(OLD, "A", gross=10.0), line(NEW, "A", gross=15.0), line(NEW, "B", gross=5.0, team="Oak")]
    )
    rows = pressure.by(*sides(frame), "team").set_index("team")
    assert rows.loc["Alder", ["cases_before", "cases_after", "change"]].tolist() == [1, 1, 5.0]
    assert np.isnan(rows.loc["Oak", "percent"])


def test_the_full_year_effect_counts_the_days_of_the_next_year():
    """Seven pounds a week are one a day: from 1 October 2022, then all 366 days of 2023/24."""
    day = pd.Timestamp("2022-12-31")
    frame = packages(
        [
            line(day, "A", gross=7.0, start_date="2022-10-01"),
            line(day, "B", gross=7.0, start_date="2022-04-01", end_date="2023-03-31"),
            line(day, "C", gross=7.0, start_date="2022-04-01", end_date="2023-04-10"),
        ]
    )
    found = outturn.run_rate(ledger.lines(frame))
    assert found.commitment == pytest.approx(182 + 365 + 365)
    assert found.to_date == pytest.approx(92 + 275 + 275)
    assert found.full_year == pytest.approx(366 + 10)
    assert (found.year, found.next_year, found.open_at_end) == ("2022/23", "2023/24", 2)
    with pytest.raises(MethodError, match="without a row"):
        outturn.run_rate(ledger.lines(frame.iloc[:0]))
