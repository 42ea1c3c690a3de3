"""What moved between snapshots: lines and totals that chain, and what Cambridgeshire reported."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from s75lib.budget.movement import headlines, movement, section, settings, snapshot_by_snapshot, steps
from s75lib.budget.position import comparisons, snapshots, trend
from s75lib.present import Missing

DAYS = ("2024-04-30", "2024-06-30", "2024-09-30")
money = st.integers(-5_000, 5_000).map(float)


@rounds(max_examples=6, deadline=None)
@given(st.lists(money, min_size=63, max_size=63))
def test_movements_add_up_and_chain(monitor, values):
    frame = monitor(values)
    days = [s.as_at for s in snapshots(frame)]
    rows = trend(frame)
    whole = movement(rows, days[0], days[-1])
    parts = [movement(rows, a, b) for a, b in ((days[0], days[1]), (days[1], days[2]))]
    for level in ("line", "expenditure", "net"):
        chained = sum(part[part["level"] == level]["change"].sum() for part in parts)
        assert chained == pytest.approx(whole[whole["level"] == level]["change"].sum())
    lines = whole[(whole["level"] == "line") & (whole["kind"] == "expenditure")]["change"].sum()
    gross = whole[(whole["scope"] == "all") & (whole["level"] == "expenditure")]["change"].item()
    assert lines == pytest.approx(gross)
    sides = settings(whole)
    assert sides[sides["service_group"] != ""]["change"].sum() == pytest.approx(gross)
    assert steps(frame)["change"].sum() == pytest.approx(gross)
    back = movement(rows, days[-1], days[0])
    assert back[back["level"] == "net"]["change"].sum() == pytest.approx(
        -whole[whole["level"] == "net"]["change"].sum()
    )


def test_a_line_of_one_snapshot_alone_counts_as_zero_in_the_other(monitor):
    frame = monitor([1.0, 2.0, 3.0])
    gone = frame[~((frame["as_at"] == frame["as_at"].min()) & (frame["line"] == "Residential"))]
    days = [s.as_at for s in snapshots(gone)]
    moved = movement(trend(gone), days[0], days[-1])
    new = moved[(moved["line"] == "Residential") & (moved["service_group"] == "AMH")]
    assert (new["before"].item(), new["after"].item()) == (0.0, 2.0)
    assert new["percent"].isna().all()


def test_nothing_is_changed_in_place(monitor):
    frame = monitor([1.0, 2.0, 3.0])
    kept = frame.copy(deep=True)
    trend(frame)
    steps(frame)
    pd.testing.assert_frame_equal(frame, kept)


def test_two_years_are_not_compared(monitor):
    years = monitor([1.0], ["2024-12-31", "2025-04-30"])
    years["financial_year"] = np.where(years["as_at"] < "2025-04-01", "2024/25", "2025/26")
    assert comparisons(years) == {}
    assert steps(years).empty


def test_a_line_that_comes_and_goes_between_snapshots_moves_from_and_to_nothing(monitor):
    frame = monitor([4.0])
    middle = (frame["as_at"] == pd.Timestamp(DAYS[1])) & (frame["line"] == "Dom Care")
    found = steps(frame[~middle])
    rows = found[(found["line"] == "Dom Care") & (found["service_group"] == "AMH")]
    assert rows["change"].tolist() == [-4.0, 4.0]
    frame.loc[middle, "commitment"] = np.nan
    assert steps(frame).query("line == 'Dom Care'")["change"].isna().all()


def test_one_snapshot_has_a_position_and_no_movement(monitor, studied):
    work = studied(budget=monitor([1.0, 2.0, 3.0], DAYS[:1]))
    assert len(work.position) > 0
    assert list(headlines(work)) == []
    for shown in (section(work), snapshot_by_snapshot(work)):
        assert [type(part) for part in shown.parts] == [Missing]


def test_no_movement_is_said_as_none(monitor, studied):
    said = " ".join(h.text for h in headlines(studied(budget=monitor([4.0]))))
    assert "ommitments for care before income did not change" in said
    assert "rose" not in said


def test_bed_based_commitments_from_april_to_december(cambridgeshire):
    old, new = comparisons(cambridgeshire.budget)["year"]
    moved = movement(trend(cambridgeshire.budget), old.as_at, new.as_at)
    beds = settings(moved).set_index(["service_group", "setting"])["change"]
    gross = moved[(moved["scope"] == "group") & (moved["level"] == "expenditure")].set_index("service_group")[
        "change"
    ]
    assert (beds["OPMH", "bed-based"], gross["OPMH"]) == (455_000, 715_000)
    assert (beds["AMH", "bed-based"], gross["AMH"]) == (116_000, -101_000)


def test_a_change_in_per_cent_is_of_the_size_before(monitor):
    """An income of £200 that grows to £250 is £50 more below zero: a quarter down."""
    frame = monitor([1.0])
    income = frame["line"] == "Client Conts"
    frame.loc[income, "commitment"] = frame.loc[income, "as_at"].map(
        {pd.Timestamp(DAYS[0]): -200.0, pd.Timestamp(DAYS[1]): 0.0, pd.Timestamp(DAYS[2]): -250.0}
    )
    moved = movement(trend(frame), pd.Timestamp(DAYS[0]), pd.Timestamp(DAYS[2]))
    rows = moved[moved["line"] == "Client Conts"]
    assert rows["change"].tolist() == [-50.0, -50.0]
    assert rows["percent"].tolist() == [-25.0, -25.0]


def test_two_snapshots_of_a_year_are_bridged_once_and_nothing_is_missing(studied, monitor):
    shown = section(studied(budget=monitor([1.0, 2.0, 3.0, 5.0], DAYS[:2])))
    assert "bridge.line.year" in shown.figures
    assert "bridge.line.last" not in shown.figures
    assert not [part for part in shown.parts if isinstance(part, Missing)]


def test_each_step_is_dated_by_the_snapshot_that_it_leads_to(monitor):
    found = steps(monitor([float(value) for value in range(63)]))
    assert found["as_at"].drop_duplicates().tolist() == [pd.Timestamp(day) for day in DAYS[1:]]
    ends = found.drop_duplicates("as_at")
    assert ends["start"].tolist()[1:] == ends["end"].tolist()[:-1]


def test_lines_put_together_have_the_setting_of_all_of_them():
    """A line of beds and of care at home is neither; a name of one's own stays with its first word."""
    names = {
        "Live In and Other": "community",
        "Residential and Nursing": "bed-based",
        "Residential, Dom Care and Other": "not classified",
        "Residential and respite": "bed-based",
        "Day and night care": "not classified",
    }
    days = pd.to_datetime(["2019-04-30", "2019-12-31"])
    rows = pd.DataFrame(
        [
            {"as_at": day, "scope": "group", "service_group": "OPMH", "line": name, "kind": "expenditure"}
            for day in days
            for name in names
        ]
    ).assign(level="line", commitment=1.0)
    moved = movement(rows, *days)
    assert dict(zip(moved["line"], moved["setting"], strict=True)) == names
