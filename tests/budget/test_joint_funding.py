"""Joint funding case by case: expected shares, what partners gain and lose, why the share moved, reviews."""

from __future__ import annotations

import copy
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from s75lib import budget, load
from s75lib.budget.joint_funding import (
    ReviewYield,
    _few,
    backdated_claim,
    change_of_rules,
    expected_shares,
    headlines,
    partner_effects,
    review_yield,
    reviews_by_cost,
    share_movement,
    withdrawn_funding,
)
from s75lib.budget.ledger import lines
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.validation import empty_frame


@pytest.fixture(scope="module")
def study(example_study: budget.Study) -> budget.Study:
    return example_study


def packages(rows: list[dict[str, object]]) -> pd.DataFrame:
    blank = {
        "snapshot_date": pd.Timestamp("2026-03-31"),
        "care_type": "Dom Care",
        "funding_rule": "",
        "start_date": pd.Timestamp("2024-01-01"),
        "service_group": "AMH",
        "team": "Alder",
        "health_funding_type": "joint",
        "client_weekly": 0.0,
    }
    made = [blank | {"person_key": f"P{n}", "package_key": f"K{n}"} | row for n, row in enumerate(rows)]
    frame = pd.concat([empty_frame(DATASETS["packages"]), pd.DataFrame(made)], ignore_index=True)
    days = dict.fromkeys(("snapshot_date", "start_date", "end_date", "last_review_date"), "datetime64[s]")
    return frame.astype(days | {"prior_year": "boolean", "s117": "boolean"})


def rules(*rows: dict[str, object]) -> pd.DataFrame:
    blank = {"funding_type": "", "service_group": "", "basis": "percent", "source": "test"}
    frame = pd.concat([empty_frame(DATASETS["funding_rules"]), pd.DataFrame([blank | row for row in rows])])
    return frame.astype(dict.fromkeys(("effective_from", "effective_to"), "datetime64[s]"))


def test_the_rule_named_outweighs_that_of_the_type_and_the_groups_the_general_one() -> None:
    held = packages(
        [
            {"weekly_gross": 100.0, "health_weekly": 10.0, "funding_rule": "Own"},
            {"weekly_gross": 100.0, "health_weekly": 10.0},
            {"weekly_gross": 100.0, "health_weekly": 10.0, "service_group": "OPMH"},
            {"weekly_gross": 100.0, "health_weekly": 10.0, "health_funding_type": "CHC"},
            {"weekly_gross": 100.0, "health_weekly": 10.0, "health_funding_type": "FNC"},
            {
                "weekly_gross": 100.0,
                "health_weekly": 0.0,
                "funding_rule": "Hours",
                "units_per_week": 8.0,
                "unit_price": 12.5,
            },
        ]
    )
    rule = rules(
        {"rule": "Own", "health_percent": 33.335},
        {"rule": "All", "funding_type": "joint", "health_percent": 50.0},
        {"rule": "Older", "funding_type": "joint", "service_group": "OPMH", "health_percent": 60.0},
        {"rule": "CHC", "funding_type": "CHC", "basis": "all_health"},
        {"rule": "Hours", "basis": "hours", "health_hours": 2.0},
        {
            "rule": "Late",
            "funding_type": "FNC",
            "health_percent": 9.0,
            "effective_from": pd.Timestamp("2026-04-01"),
        },
    )
    found = expected_shares(lines(held), held, rule)
    assert found["rule"].tolist() == ["Own", "All", "Older", "CHC", "", "Hours"]
    assert found["expected"].fillna(-1).tolist() == [33.34, 50.0, 60.0, 100.0, -1.0, 25.0]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"health_percent": 50.0}, 50.0),
        ({"health_percent": 50.0, "effective_from": pd.Timestamp("2026-03-31")}, 50.0),
        ({"health_percent": 50.0, "effective_from": pd.Timestamp("2026-04-01")}, np.nan),
        ({"health_percent": 50.0, "effective_to": pd.Timestamp("2026-03-31")}, 50.0),
        ({"health_percent": 50.0, "effective_to": pd.Timestamp("2026-03-30")}, np.nan),
        ({"health_percent": 33.334}, 33.33),
        ({"health_percent": 33.335}, 33.34),  # half a penny goes up
        ({"basis": "all_health"}, 100.0),
        ({"basis": "hours", "health_hours": 2.0}, 25.0),
        ({"basis": "hours", "health_hours": 9.0}, 100.0),  # no more than there are
    ],
)
def test_a_rule_holds_from_its_first_day_to_its_last_and_to_the_penny(
    rule: dict[str, object], expected: float
) -> None:
    units = {"weekly_gross": 100.0, "health_weekly": 10.0, "units_per_week": 8.0, "unit_price": 12.5}
    held = packages([units])
    found = expected_shares(lines(held), held, rules({"rule": "R", "funding_type": "joint"} | rule))
    assert found["expected"].tolist() == pytest.approx([expected], nan_ok=True)
    assert found["short"].tolist() == pytest.approx([expected - 10], nan_ok=True)
    assert found["rule"].tolist() == ["" if np.isnan(expected) else "R"]


def test_hours_of_a_package_without_units_are_no_share_of_it() -> None:
    held = packages([{"weekly_gross": 100.0, "health_weekly": 10.0}])
    hours = {"rule": "R", "funding_type": "joint", "basis": "hours", "health_hours": 2.0}
    assert expected_shares(lines(held), held, rules(hours))["expected"].isna().all()


def test_a_claim_counts_the_days_of_each_years_last_snapshot_within_it() -> None:
    """A pound a day short: each line's days from 1 October 2024, by the last snapshot of either year."""
    last, end = pd.Timestamp("2025-03-31"), pd.Timestamp("2026-03-31")
    short = {"weekly_gross": 14.0, "health_weekly": 0.0}
    held = packages(
        [
            {"snapshot_date": last, **short},  # 182 days to March 2025
            {"snapshot_date": pd.Timestamp("2025-12-31"), **short},  # no last one
            {"snapshot_date": end, **short, "end_date": pd.Timestamp("2025-04-10")},  # 10 days of April 2025
            {"snapshot_date": end, **short, "start_date": pd.Timestamp("2026-03-31")},  # one day
            {"snapshot_date": end, **short, "prior_year": True},
            {"snapshot_date": end, "weekly_gross": 14.0, "health_weekly": 7.0},
            {"snapshot_date": end, "weekly_gross": 14.0, "health_weekly": 6.995},  # below a penny
        ]
    )
    half = rules({"rule": "R", "funding_type": "joint", "health_percent": 50.0})
    assert backdated_claim(expected_shares(lines(held), held, half), pd.Timestamp("2024-10-01")) == 193.0


def test_costs_are_banded_from_their_lower_ends_and_reviews_fall_due_after_a_year() -> None:
    day = pd.Timestamp("2026-03-31")
    dates = [
        ("2025-03-31", "2025-03-31"),  # a year to the day, reviewed a year ago to the day
        ("2025-03-31", "2025-03-30"),
        ("2025-03-31", None),
        ("2025-04-01", None),
    ]
    costs = [499.99, 500.0, 999.99, 1_000.0, 1_500.0, 1_999.99, 2_000.0, 5_000.0]
    held = packages(
        [
            {"snapshot_date": day, "weekly_gross": cost, "health_weekly": cost / 4,
             "start_date": pd.Timestamp(dates[at % 4][0]), "last_review_date": pd.Timestamp(dates[at % 4][1])}
            for at, cost in enumerate(costs)
        ]
    )  # fmt: skip
    found = reviews_by_cost(held, lines(held))
    assert found["cases"].tolist() == [1, 2, 1, 2, 2]
    assert found["due"].tolist() == [1, 2, 0, 2, 1]
    assert found["overdue"].tolist() == [0, 2, 0, 1, 1]
    assert found["health_percent"].tolist() == pytest.approx([25] * 5)
    assert found["band"].iloc[[1, -1]].tolist() == ["£500 to under £1,000 a week", "£2,000 a week or more"]


def test_leavers_take_their_share_with_them_and_pennies_are_no_change() -> None:
    old = packages(
        [
            {"weekly_gross": 100.0, "health_weekly": 50.0},
            {"weekly_gross": 100.0, "health_weekly": 50.0},
            {"weekly_gross": 200.0, "health_weekly": 0.0},
        ]
    )
    new = packages(
        [{"weekly_gross": 100.01, "health_weekly": 50.0}, {"weekly_gross": 100.0, "health_weekly": 50.04}]
    )
    found = share_movement(lines(old), lines(new)).set_index("cause")
    # The third, of whose £200 the NHS paid nothing, held its share at a quarter.
    assert found.loc["leavers", ["weekly", "cases"]].tolist() == [50.0, 1]
    assert found["points"].sum() == pytest.approx(100 * (100.04 / 200.01 - 0.25))
    assert found["cases"].to_dict() == {"new": 0, "leavers": 1, "split": 0, "price": 1}
    nothing = share_movement(lines(old), lines(new).iloc[:0])
    assert nothing[["points", "weekly"]].isna().all(axis=None)
    assert nothing["cases"].eq(0).all()


def test_the_planted_loss_is_found_to_the_pound(study: budget.Study, data_dir: Path) -> None:
    truth = tomllib.loads((data_dir / "exampleshire" / "truth.toml").read_text(encoding="utf-8"))
    planted = truth["packages"]["health_share"]
    weekly = change_of_rules(study.joint)
    claim = backdated_claim(study.expected_lines, pd.Timestamp(planted["from"]))
    assert weekly == pytest.approx(planted["lost_a_week_on_2026_03_31"], abs=0.5)
    assert claim == pytest.approx(planted["lost_from_2025_10_01_to_2026_03_31"], abs=0.5)
    # Nobody was short before the fall, so an earlier day claims the same.
    assert backdated_claim(study.expected_lines, pd.Timestamp("2024-04-01")) == claim
    assert (
        not study.expected_lines.loc[study.expected_lines["snapshot_date"] < "2025-10-01", "short"]
        .abs()
        .gt(0.01)
        .any()
    )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 5_000), st.floats(0, 5_000), st.floats(0, 100)), min_size=1, max_size=20)
)
def test_what_moves_between_the_partners_is_what_is_due_less_what_is_paid_to_the_penny(drawn) -> None:
    held = packages(
        [
            {"weekly_gross": gross, "health_weekly": health, "funding_rule": f"R{n}"}
            for n, (gross, health, _) in enumerate(drawn)
        ]
    )
    rule = rules(*({"rule": f"R{n}", "health_percent": share} for n, (*_, share) in enumerate(drawn)))
    rows = expected_shares(lines(held), held, rule)
    paid, due = rows["health"].sum(), rows["expected"].sum()
    assert change_of_rules(rows) == pytest.approx(due - paid, abs=0.006)
    assert withdrawn_funding(rows, "joint") == pytest.approx(-paid, abs=0.006)
    for amount in (
        change_of_rules(rows),
        withdrawn_funding(rows, "joint"),
        backdated_claim(rows, rows["start_date"].min()),
    ):
        assert amount == round(amount, 2)


def test_a_claim_leaves_out_what_the_nhs_pays_beyond_its_rule() -> None:
    held = packages(
        [{"weekly_gross": 70.0, "health_weekly": 0.0}, {"weekly_gross": 70.0, "health_weekly": 70.0}]
    )
    rows = expected_shares(
        lines(held), held, rules({"rule": "R", "funding_type": "joint", "health_percent": 50.0})
    )
    assert change_of_rules(rows) == 0.0
    assert backdated_claim(rows, pd.Timestamp("2026-03-25")) == 35.0


def test_withdrawn_funding_falls_on_the_council(study: budget.Study) -> None:
    open_now = study.joint[study.joint["open"] & (study.joint["health_funding_type"] == "s117")]
    assert withdrawn_funding(study.joint, "s117") == pytest.approx(-open_now["health"].sum(), abs=0.01)
    shown = partner_effects(study).set_index(["name", "per"])
    effect = shown.loc[("The NHS withdraws its s117 funding", "£ a week")]
    assert effect["Council"] == -effect["NHS"] == -withdrawn_funding(study.joint, "s117")


def test_the_shares_movement_adds_up_and_a_changed_split_is_told_from_new_cases() -> None:
    old = packages(
        [{"weekly_gross": 100.0, "health_weekly": 50.0}, {"weekly_gross": 100.0, "health_weekly": 50.0}]
    )
    new = packages(
        [
            {"weekly_gross": 100.0, "health_weekly": 40.0},
            {"weekly_gross": 100.0, "health_weekly": 50.0},
            {"weekly_gross": 200.0, "health_weekly": 100.0},
        ]
    )
    found = share_movement(lines(old), lines(new)).set_index("cause")
    assert found["points"].to_dict() == pytest.approx({"new": 0, "leavers": 0, "split": -2.5, "price": 0})
    assert found["cases"].to_dict() == {"new": 1, "leavers": 0, "split": 1, "price": 0}


def test_the_movement_of_exampleshire_is_that_of_its_totals(study: budget.Study) -> None:
    shares = []
    for side in study.sides.values():
        rows = side[side["open"] & side["health_funding_type"].isin(["s117", "joint"])]
        shares.append(100 * rows["health"].sum() / rows["gross"].sum())
    assert study.share_movement["points"].sum() == pytest.approx(shares[1] - shares[0])


def reviewed_in_june(cuts: list[float], *, all_reviewed: bool = False, late: int = 0) -> pd.DataFrame:
    """Months of 200 cases, the first of which are dear and reviewed in June, and cost less from July on.

    `late` further cases begin in March.
    """
    days = pd.date_range("2025-04-30", "2026-03-31", freq="ME")
    rows = []
    for n in range(200 + late):
        is_dear = n < len(cuts)
        for day in days if n < 200 else days[-1:]:
            seen = (is_dear or all_reviewed) and day >= pd.Timestamp("2025-06-30")
            cut = cuts[n] if is_dear and day >= pd.Timestamp("2025-07-31") else 0.0
            rows.append(
                {
                    "snapshot_date": day,
                    "person_key": f"P{n}",
                    "package_key": f"K{n}",
                    "weekly_gross": (1_000.0 if is_dear else 100.0) - cut,
                    "health_weekly": 0.0,
                    "last_review_date": pd.Timestamp("2025-06-15") if seen else pd.NaT,
                }
            )
    return lines(packages(rows))


def test_what_reviews_yield_is_the_change_after_them() -> None:
    rows = reviewed_in_june([50.0] * 20)
    found = review_yield(rows)
    assert found is not None
    assert (found.reviews, found.mean, found.lower, found.upper) == (20, -50.0, -50.0, -50.0)
    assert found.overdue == 0
    assert review_yield(reviewed_in_june([50.0] * 10)).reviews == 10
    assert review_yield(reviewed_in_june([50.0] * 9)) is None
    assert review_yield(rows.iloc[:0]) is None


def test_the_dearest_tenth_is_one_of_the_cases_open_on_the_day() -> None:
    found = review_yield(reviewed_in_june([50.0] * 20, all_reviewed=True, late=300))
    assert found is not None
    assert (found.reviews, found.mean) == (20, -50.0)


@pytest.mark.parametrize("place", [0, 19])
def test_the_interval_of_what_reviews_yield_draws_on_every_review(place: int) -> None:
    """The one review of twenty that changed anything is drawn up to three times in 97.5% of draws."""
    cuts = [0.0] * 20
    cuts[place] = 400.0
    found = review_yield(reviewed_in_june(cuts))
    assert found is not None
    often = stats.binom(20, 1 / 20).ppf(0.975)
    assert (found.changed, found.mean) == (1, -20.0)
    assert (found.lower, found.upper) == (-400 * often / 20, 0.0)


def test_only_internal_pages_list_the_dearest_cases(study: budget.Study, data_dir: Path) -> None:
    assert "joint_dearest" not in budget.joint_funding(study).tables
    internal = budget.study(load("exampleshire", data_dir=data_dir, internal=True))
    shown = budget.joint_funding(internal).tables["joint_dearest"]
    assert len(shown.frame) == 10
    assert "person_key" not in {column.name for column in shown.columns}


def test_only_internal_pages_cross_team_and_type(study: budget.Study, data_dir: Path) -> None:
    assert "joint_crossed" not in budget.joint_funding(study).tables
    internal = budget.study(load("exampleshire", data_dir=data_dir, internal=True))
    tables = budget.joint_funding(internal).tables
    crossed = tables["joint_crossed"].frame
    rows = internal.joint[internal.joint["open"] & internal.joint["expected"].notna()]
    alder = rows[(rows["team"] == "Alder") & (rows["health_funding_type"] == "s117")]
    told = crossed[(crossed["team"] == "Alder") & (crossed["type"] == "s117")].iloc[0]
    assert told["cases"] == len(alder[["person_key", "care_type"]].drop_duplicates())
    assert told["short"] == pytest.approx((alder["expected"] - alder["health"]).sum())
    by_team = crossed.groupby("team")[["short", "year"]].sum()
    expected = tables["joint_expected"].frame.set_index("name")
    for team, sums in by_team.iterrows():
        assert expected.loc[f"Team: {team}", ["short", "year"]].tolist() == pytest.approx(sums.tolist())


def test_small_counts_are_hidden_with_their_money(study: budget.Study) -> None:
    shown = budget.joint_funding(study).tables
    register = {row[0]: row[1] for row in shown["joint_register"].cells()}
    assert register["Entitled under section 117, and charged"] == "c"
    for row in shown["joint_expected"].frame.itertuples():
        counts = (row.cases, row.below)
        assert not any(0 < n < study.fewest_cases for n in counts if not pd.isna(n))
        if any(pd.isna(n) for n in counts):
            assert pd.isna(row.short)
    sums = partner_effects(study)[["NHS", "Council", "People cared for"]].sum(axis=1)
    assert np.allclose(sums, 0)


def test_the_largest_cause_is_named_unless_its_cases_are_few_or_beside_them(study: budget.Study) -> None:
    rows = study.share_movement.assign(cases=[20, 30, 3, 40])
    by_size = rows.sort_values("cases")
    assert by_size.loc[_few(by_size, 5), "cause"].tolist() == ["split", "new"]
    held = {one.id: one.text for one in budget.joint_funding(study).headlines}
    assert "The largest cause is changed split (−7.5 percentage points)." in held["budget.joint.movement"]
    few = copy.copy(study)
    few.__dict__["share_movement"] = rows
    held = {one.id: one.text for one in headlines(few)}
    assert "largest cause" not in held["budget.joint.movement"]


def test_money_of_all_packages_is_not_said_where_a_hidden_type_would_be_left_over(
    study: budget.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = "Every package follows its rule"
    assert row in set(partner_effects(study)["name"])
    assert "budget.joint.expected" in {one.id for one in headlines(study)}
    hidden = type(study.counts).hidden
    monkeypatch.setattr(
        type(study.counts),
        "hidden",
        lambda self, side, of, *a, **k: of == "paid_funding" or hidden(self, side, of, *a, **k),
    )
    again = copy.copy(study)
    del again.__dict__["type_is_hidden"]
    assert not [
        name for name in partner_effects(again)["name"] if name.startswith(("Every ", "The NHS pays what"))
    ]
    assert "budget.joint.expected" not in {one.id for one in headlines(again)}


def test_reviews_that_raise_cost_are_said_to_add_and_not_to_save_less_than_nothing(
    study: budget.Study,
) -> None:
    made = copy.copy(study)
    for mean, lower, upper, told in (
        (7.0, -7.0, 14.0, "would add £3,650 a year (95% interval −£3,650 to £7,300)"),
        (-7.0, -14.0, 7.0, "would save £3,650 a year (95% interval −£3,650 to £7,300)"),
    ):
        made.__dict__["review_yield"] = ReviewYield(20, 10, mean, lower, upper, 4.0, 10)
        (said,) = [one for one in headlines(made) if one.id == "budget.joint.reviews"]
        assert told in said.text
        assert (said.value, said.lower, said.upper) == (3650, -3650, 7300)


def test_what_the_ledger_does_not_record_is_not_called_undone(data_dir) -> None:
    data = load("exampleshire", data_dir=data_dir)
    blank = data.packages.assign(
        last_review_date=pd.NaT, s117=pd.array([pd.NA] * len(data.packages), "boolean")
    )
    blank = blank.astype(data.packages.dtypes.to_dict())
    frames = type(data.frames)(dict(data.frames.untracked()) | {"packages": blank})
    tables = {
        part.id: part
        for part in budget.joint_funding(budget.study(replace(data, frames=frames))).parts
        if hasattr(part, "id")
    }
    assert "joint_register" not in tables
    assert "overdue" not in [column.name for column in tables["joint_bands"].columns]
