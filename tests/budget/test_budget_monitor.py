"""Position, movement and staffing: identities on random monitors, and every edge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib import load
from s75lib.budget import figures, movement, position, snapshots, staffing, study, tables, wording
from s75lib.present import Missing

LINES = [("Residential", "expenditure"), ("Dom Care", "expenditure"), ("Client Conts", "client_income")]
DAYS = ["2024-04-30", "2024-06-30", "2024-09-30"]
money = st.integers(-5_000, 5_000).map(float)


def monitor(values: list[float], days: list[str] = DAYS, **extra: object) -> pd.DataFrame:
    """A monitor of two groups, three lines and one adjustment a snapshot; values are used in turn."""
    rows, turn = [], iter(np.resize(values, 10_000))
    for day in days:
        for group in ("AMH", "OPMH"):
            rows += [(day, group, line, kind, next(turn), next(turn), next(turn)) for line, kind in LINES]
        rows.append((day, "", "Inflation", "adjustment", next(turn), next(turn), next(turn)))
    frame = pd.DataFrame(
        rows, columns=["as_at", "service_group", "line", "kind", "budget", "commitment", "forecast"]
    )
    frame["as_at"] = pd.to_datetime(frame["as_at"])
    return frame.assign(**{"financial_year": "2024/25", "snapshot_label": "", "rounded_to": 1.0, **extra})


@settings(max_examples=6, deadline=None)
@given(st.lists(money, min_size=63, max_size=63))
def test_lines_add_up_to_groups_and_groups_to_all(values):
    frame = monitor(values)
    rows = position.position(frame)
    here = frame[frame["as_at"] == frame["as_at"].max()]
    for name in ("budget", "commitment", "forecast"):
        for level, kinds in (("expenditure", position.EXPENDITURE), ("net", position.NET)):
            groups = rows[(rows["scope"] == "group") & (rows["level"] == level)][name].sum()
            whole = rows[(rows["scope"] == "all") & (rows["level"] == level)][name].item()
            assert groups == pytest.approx(whole)
            assert whole == pytest.approx(here[here["kind"].isin(kinds)][name].sum())
        adjusted = rows[(rows["scope"] == "all") & (rows["level"] == "adjusted")][name].item()
        assert adjusted == pytest.approx(here[name].sum())


@settings(max_examples=6, deadline=None)
@given(st.lists(money, min_size=63, max_size=63))
def test_movements_add_up_and_chain(values):
    frame = monitor(values)
    days = [s.as_at for s in snapshots.snapshots(frame)]
    rows = position.trend(frame)
    whole = movement.movement(rows, days[0], days[-1])
    parts = [movement.movement(rows, a, b) for a, b in ((days[0], days[1]), (days[1], days[2]))]
    for level in ("line", "expenditure", "net"):
        chained = sum(part[part["level"] == level]["change"].sum() for part in parts)
        assert chained == pytest.approx(whole[whole["level"] == level]["change"].sum())
    lines = whole[(whole["level"] == "line") & (whole["kind"] == "expenditure")]["change"].sum()
    gross = whole[(whole["scope"] == "all") & (whole["level"] == "expenditure")]["change"].item()
    assert lines == pytest.approx(gross)
    sides = movement.settings(whole)
    assert sides[sides["service_group"] != ""]["change"].sum() == pytest.approx(gross)
    steps = movement.steps(frame)
    assert steps["change"].sum() == pytest.approx(gross)
    back = movement.movement(rows, days[-1], days[0])
    assert back[back["level"] == "net"]["change"].sum() == pytest.approx(
        -whole[whole["level"] == "net"]["change"].sum()
    )


def test_a_zero_budget_has_no_percentage():
    frame = monitor([0.0, 5.0, 7.0])
    rows = position.position(frame)
    assert rows["commitment_percent"].isna().all()
    assert (rows[rows["level"] == "line"]["commitment_variance"] == 5.0).all()


def test_an_unknown_addend_makes_an_unknown_total():
    frame = monitor([1.0, 2.0, 3.0])
    frame.loc[frame.index[-2], "forecast"] = np.nan
    rows = position.position(frame)
    total = rows[(rows["scope"] == "all") & (rows["level"] == "net")]
    assert np.isnan(total["forecast"].item())
    assert total["commitment"].item() == 12.0


def test_a_line_of_one_snapshot_alone_counts_as_zero_in_the_other():
    frame = monitor([1.0, 2.0, 3.0])
    gone = frame[~((frame["as_at"] == frame["as_at"].min()) & (frame["line"] == "Residential"))]
    days = [s.as_at for s in snapshots.snapshots(gone)]
    moved = movement.movement(position.trend(gone), days[0], days[-1])
    new = moved[(moved["line"] == "Residential") & (moved["service_group"] == "AMH")]
    assert (new["before"].item(), new["after"].item()) == (0.0, 2.0)
    assert new["percent"].isna().all()


def test_nothing_is_changed_in_place():
    frame = monitor([1.0, 2.0, 3.0])
    kept = frame.copy(deep=True)
    position.trend(frame)
    movement.steps(frame)
    pd.testing.assert_frame_equal(frame, kept)


def test_two_years_are_not_compared():
    years = monitor([1.0], ["2024-12-31", "2025-04-30"])
    years["financial_year"] = np.where(years["as_at"] < "2025-04-01", "2024/25", "2025/26")
    assert snapshots.comparisons(years) == {}
    assert movement.steps(years).empty


def test_one_snapshot_has_a_position_and_no_movement(studied):
    work = studied(budget=monitor([1.0, 2.0, 3.0], DAYS[:1]))
    assert len(work.position) > 0
    assert wording.monitor(work) == []
    for part in (figures.bridge(work), figures.heat_map(work), tables.movement(work)):
        assert isinstance(part, Missing)


def test_two_snapshots_are_compared_once():
    assert list(snapshots.comparisons(monitor([1.0], DAYS[:2]))) == ["year"]


def test_no_movement_is_said_as_none(studied):
    said = " ".join(h.text for h in wording.monitor(studied(budget=monitor([4.0]))))
    assert "gross commitments did not change" in said
    assert "rose" not in said


def test_a_monitor_without_groups_is_one_service(studied):
    frame = monitor([3.0, 4.0, 5.0])
    frame = frame[frame["service_group"] != "OPMH"].assign(service_group="")
    rows = position.position(frame)
    assert rows[(rows["scope"] == "group") & (rows["level"] == "net")]["commitment"].item() == 12.0
    assert "All services" in tables.monitor(studied(budget=frame))[0].title


def no_staffing() -> pd.DataFrame:
    return load("cambridgeshire", "2019/20").staffing.iloc[:0]


def test_an_empty_monitor_is_worded_plainly(studied):
    work = studied()
    assert work.position.empty
    assert work.trend.empty
    assert wording.position(work) == wording.monitor(work) == wording.outturn(work) == []
    assert tables.overview(work) == figures.variances(work)
    assert tables.overview(work).needs[0].dataset == "budget"


def test_where_nothing_is_held_the_notebook_does_not_apply():
    parts = wording.applicable(study(load("coventry")))
    assert [part.whole for part in parts] == [True]
    assert {need.dataset for need in parts[0].needs} == {"budget", "staffing", "packages"}
    assert wording.applicable(study(load("cambridgeshire"))) == []


def posts(months: int, day: str, amounts: list[int]) -> pd.DataFrame:
    budget = pd.Series(amounts, dtype=float)
    return pd.DataFrame(
        {
            "as_at": pd.to_datetime([day] * len(amounts)), "organisation": "Council",
            "group": [f"group {i}" for i in range(len(amounts))], "budget": budget, "adjusted_budget": budget,
            "adjusted_budget_to_date": (budget * months / 12).round(), "actual_to_date": budget / 2,
            "forecast": budget, "locum_to_date": np.nan,
        }
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.lists(st.integers(5_000, 900_000), min_size=1, max_size=6))
def test_phasing_finds_the_month_through_the_rounding(months, amounts):
    found = staffing.phasing(posts(months, "2024-12-31", amounts))[0]
    assert found.months == months
    assert found.expected_months == 9
    assert found.agrees == (months == 9)


def test_phasing_that_is_not_even_has_no_month():
    frame = posts(8, "2024-11-30", [120_000, 240_000])
    frame.loc[0, "adjusted_budget_to_date"] = 100_000
    assert staffing.phasing(frame)[0].months is None


def test_phasing_without_a_budget_has_no_share():
    found = staffing.phasing(posts(8, "2024-11-30", [0]))[0]
    assert found.months is None
    assert np.isnan(found.share)


def test_staffing_with_a_zero_budget_has_no_percentage():
    frame = posts(8, "2024-11-30", [0]).assign(forecast=500.0)
    rows = staffing.staffing(frame)
    assert rows["variance"].tolist() == [500.0] * 3
    assert rows["variance_percent"].isna().all()


def test_locum_spending_is_unknown_unless_all_state_it():
    frame = posts(8, "2024-11-30", [100_000, 100_000])
    frame.loc[0, "locum_to_date"] = 1_000.0
    rows = staffing.staffing(frame)
    assert np.isnan(rows[rows["level"] == "all"]["locum_to_date"].item())
    stated = staffing.staffing(frame.assign(locum_to_date=5_000.0))
    assert stated[stated["level"] == "all"]["locum_percent"].item() == 10.0


def test_empty_staffing(studied):
    assert staffing.staffing(no_staffing()).empty
    assert staffing.phasing(no_staffing()) == ()
    assert wording.staffing(studied(budget=monitor([1.0]))) == []


def test_a_line_that_comes_and_goes_between_snapshots_moves_from_and_to_nothing():
    frame = monitor([4.0])
    middle = (frame["as_at"] == pd.Timestamp(DAYS[1])) & (frame["line"] == "Dom Care")
    found = movement.steps(frame[~middle])
    rows = found[(found["line"] == "Dom Care") & (found["service_group"] == "AMH")]
    assert rows["change"].tolist() == [-4.0, 4.0]
    frame.loc[middle, "commitment"] = np.nan
    assert movement.steps(frame).query("line == 'Dom Care'")["change"].isna().all()
