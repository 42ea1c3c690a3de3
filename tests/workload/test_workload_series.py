"""Monthly series: totals, gaps, late and closed teams; assumptions and small counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib.errors import MethodError
from s75lib.workload.assumptions import DEFAULTS, Assumption, assumptions
from s75lib.workload.series import by_team, last_twelve, totals
from s75lib.workload.transfers import progress, transfers

MONTHS = pd.date_range("2024-01-01", periods=8, freq="MS")


def activity(rows):
    """Rows of (month index, measure, group, team, count)."""
    return pd.DataFrame(
        [
            {
                "month": MONTHS[m],
                "measure": measure,
                "service_group": group,
                "team": team,
                "count": float(count),
            }
            for m, measure, group, team, count in rows
        ]
    )


def every_month(team, count, months=range(8), group="AMH"):
    return [(m, "reviews", group, team, count) for m in months]


def test_teams_are_added():
    found = totals(activity(every_month("A", 3) + every_month("B", 4)))
    assert found["count"].tolist() == [7.0] * 8
    assert found["units"].tolist() == [2] * 8


def test_a_silent_month_between_two_has_no_total():
    found = totals(activity(every_month("A", 3) + every_month("B", 4, [0, 1, 2, 4, 5, 6, 7])))
    assert np.isnan(found["count"][3])
    assert found["count"].notna().sum() == 7


def test_a_late_return_leaves_the_last_months_without_total():
    found = totals(activity(every_month("A", 3) + every_month("B", 4, range(6))))
    assert found["count"].isna().tolist() == [False] * 6 + [True, True]


def test_a_team_that_closed_counts_while_it_reported():
    found = totals(activity(every_month("A", 3) + every_month("B", 4, range(5))))
    assert found["count"].tolist() == [7.0] * 5 + [3.0] * 3


def test_a_team_that_opens_later_counts_from_then():
    found = totals(activity(every_month("A", 3) + every_month("B", 4, range(4, 8))))
    assert found["count"].tolist() == [3.0] * 4 + [7.0] * 4


def test_printed_totals_stand_for_the_teams():
    whole = [(m, "reviews", "", "", 10) for m in range(8)]
    assert totals(activity(whole + every_month("A", 3)))["count"].tolist() == [10.0] * 8


def test_a_group_row_stands_for_its_teams_alone():
    rows = (
        [(m, "reviews", "AMH", "", 9) for m in range(8)]
        + every_month("A", 3)
        + every_month("C", 2, group="OPMH")
    )
    assert totals(activity(rows))["count"].tolist() == [11.0] * 8


def test_a_month_that_nobody_reported_is_there_and_unknown():
    found = totals(activity(every_month("A", 3, [0, 1, 4, 5])))
    assert found["month"].tolist() == list(MONTHS[:6])
    assert found["count"].isna().tolist() == [False, False, True, True, False, False]


def test_a_count_that_is_not_known_is_not_nought():
    rows = activity(every_month("A", 3) + every_month("B", 4))
    rows.loc[rows["team"].eq("B") & rows["month"].isin([MONTHS[2], MONTHS[7]]), "count"] = np.nan
    assert totals(rows)["count"].isna().tolist() == [False, False, True, False, False, False, False, True]
    series = by_team(rows).set_index("team").loc["B"]
    assert series["month"].tolist() == list(MONTHS)
    assert series["count"].isna().sum() == 2


def test_each_team_runs_from_its_first_month_to_its_last():
    rows = by_team(activity(every_month("A", 3, [2, 4]) + every_month("B", 4, [0, 7])))
    assert rows.groupby("team")["month"].agg(["min", "max", "size"]).to_numpy().tolist() == [
        [MONTHS[2], MONTHS[4], 3], [MONTHS[0], MONTHS[7], 8]
    ]  # fmt: skip
    assert rows["count"].isna().sum() == 1 + 6


def test_nothing_gives_nothing():
    none = activity([]).reindex(columns=["month", "measure", "service_group", "team", "count"])
    assert totals(none).empty
    assert by_team(none).empty


def test_rows_without_a_team_are_no_team():
    rows = [(m, "reviews", "", "", 10) for m in range(8)] + every_month("A", 3)
    assert by_team(activity(rows))["team"].unique().tolist() == ["A"]


def test_last_twelve_needs_all_twelve():
    months = pd.date_range("2023-01-01", periods=24, freq="MS")
    series = pd.DataFrame({"month": months, "count": np.arange(24.0)})
    assert last_twelve(series, ending=months[-1]) == sum(range(12, 24))
    assert last_twelve(series, ending=months[-1], back=12) == sum(range(12))
    assert np.isnan(
        last_twelve(series.assign(count=series["count"].mask(series.index == 20)), ending=months[-1])
    )


def own(low, central, high, name="hours_per_review"):
    return pd.DataFrame(
        [
            {
                "assumption": name,
                "low": low,
                "central": central,
                "high": high,
                "unit": "hours",
                "source": "local",
            }
        ]
    )


def test_local_assumptions_replace_defaults_by_name():
    held = assumptions(own(3, 5, 8))
    assert (held["hours_per_review"].central, held["hours_per_review"].source) == (5, "local")
    assert sum(item.is_local for item in held.values()) == 1
    assert len(held) == len(DEFAULTS)


def test_an_unknown_name_is_kept():
    held = assumptions(own(1, 2, 3, "hours_of_court_work"))
    assert held["hours_of_court_work"].label == "Hours of court work"


@pytest.mark.parametrize("row", [(5, 3, 8), (3, 9, 8), (-1, 2, 3), (float("nan"), 2, 3)])
def test_assumptions_out_of_order_are_refused_by_name(row):
    with pytest.raises(MethodError, match="hours_per_review"):
        assumptions(own(*row))


def test_every_default_has_a_source_and_an_order():
    for item in DEFAULTS:
        assert item.source
        assert item.low <= item.central <= item.high


def test_draws_have_the_mean_of_pert_and_keep_their_range():
    item = Assumption("x", "X", 4, 6, 11, "hours", "test")
    drawn = item.draw(40_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx((4 + 4 * 6 + 11) / 6, abs=0.03)
    assert drawn.min() >= 4
    assert drawn.max() <= 11


def test_an_assumption_without_a_range_is_itself():
    assert set(Assumption("x", "X", 6, 6, 6, "hours", "test").draw(5, np.random.default_rng(1))) == {6}


def moves(rows):
    frame = pd.DataFrame(rows, columns=["service_group", "team", "social_work", "healthcare_professional"])
    return frame.assign(as_at=pd.Timestamp("2019-12-06"))


def test_transfers_add_up_by_group_and_in_all():
    found = transfers(moves([("AMH", "A", 10.0, 5.0), ("AMH", "B", 0.0, 7.0), ("OPMH", "C", 4.0, 0.0)]))
    assert found["level"].tolist() == ["team", "team", "group", "team", "group", "all"]
    whole = found.iloc[-1]
    assert (whole["now"], whole["gains"], whole["after"]) == (14, 12, 26)
    assert found["growth_percent"].tolist()[0] == 50
    assert np.isnan(found["growth_percent"][1])


def test_the_published_transfer_of_cambridgeshire(data_dir):
    frame = pd.read_csv(data_dir / "cambridgeshire" / "package_transfers.csv", parse_dates=["as_at"])
    found = transfers(frame)
    whole = found[found["level"] == "all"].iloc[0]
    assert (whole["now"], whole["gains"]) == (331, 273)
    groups = found[found["level"] == "group"].set_index("service_group")
    assert groups[["now", "gains"]].to_numpy().tolist() == [[174, 181], [157, 92]]


def test_only_the_latest_day_is_used():
    early = moves([("AMH", "A", 99.0, 99.0)]).assign(as_at=pd.Timestamp("2018-01-01"))
    frame = pd.concat([early, moves([("AMH", "A", 10.0, 5.0)])])
    assert transfers(frame)["now"].tolist() == [10, 10]
    assert progress(frame)["healthcare_professional"].tolist() == [99, 5]


def test_no_transfers_no_rows():
    assert transfers(moves([]).iloc[:0]).empty
