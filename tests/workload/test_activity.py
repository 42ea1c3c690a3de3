"""Monthly activity: totals, gaps, late and closed teams; months as they may be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from s75lib.workload.activity import last_twelve, monthly

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


def whole(rows):
    return monthly(rows).totals


def by_team(rows):
    return monthly(rows).teams


def test_teams_are_added():
    found = whole(activity(every_month("A", 3) + every_month("B", 4)))
    assert found["count"].tolist() == [7.0] * 8
    assert found["units"].tolist() == [2] * 8


def test_a_silent_month_between_two_has_no_total():
    found = whole(activity(every_month("A", 3) + every_month("B", 4, [0, 1, 2, 4, 5, 6, 7])))
    assert np.isnan(found["count"][3])
    assert found["count"].notna().sum() == 7


def test_a_late_return_leaves_the_last_months_without_total():
    found = whole(activity(every_month("A", 3) + every_month("B", 4, range(6))))
    assert found["count"].isna().tolist() == [False] * 6 + [True, True]


def test_a_team_that_closed_counts_while_it_reported():
    found = whole(activity(every_month("A", 3) + every_month("B", 4, range(5))))
    assert found["count"].tolist() == [7.0] * 5 + [3.0] * 3


def test_a_team_that_opens_later_counts_from_then():
    found = whole(activity(every_month("A", 3) + every_month("B", 4, range(4, 8))))
    assert found["count"].tolist() == [3.0] * 4 + [7.0] * 4


def test_printed_totals_stand_for_the_teams():
    printed = [(m, "reviews", "", "", 10) for m in range(8)]
    assert whole(activity(printed + every_month("A", 3)))["count"].tolist() == [10.0] * 8


def test_a_group_row_stands_for_its_teams_alone():
    rows = (
        [(m, "reviews", "AMH", "", 9) for m in range(8)]
        + every_month("A", 3)
        + every_month("C", 2, group="OPMH")
    )
    assert whole(activity(rows))["count"].tolist() == [11.0] * 8


def test_a_month_that_nobody_reported_is_there_and_unknown():
    found = whole(activity(every_month("A", 3, [0, 1, 4, 5])))
    assert found["month"].tolist() == list(MONTHS[:6])
    assert found["count"].isna().tolist() == [False, False, True, True, False, False]


def test_a_count_that_is_not_known_is_not_nought():
    rows = activity(every_month("A", 3) + every_month("B", 4))
    rows.loc[rows["team"].eq("B") & rows["month"].isin([MONTHS[2], MONTHS[7]]), "count"] = np.nan
    assert whole(rows)["count"].isna().tolist() == [False, False, True, False, False, False, False, True]
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
    assert whole(none).empty
    assert by_team(none).empty


def test_rows_without_a_team_are_no_team():
    rows = [(m, "reviews", "", "", 10) for m in range(8)] + every_month("A", 3)
    assert by_team(activity(rows))["team"].unique().tolist() == ["A"]


def test_last_twelve_needs_all_twelve():
    months = pd.date_range("2023-01-01", periods=24, freq="MS")
    series = pd.Series(np.arange(24.0), index=months)
    assert last_twelve(series, ending=months[-1]) == sum(range(12, 24))
    assert last_twelve(series, ending=months[-1], back=12) == sum(range(12))
    assert np.isnan(last_twelve(series.drop(months[20]), ending=months[-1]))
    assert np.isnan(last_twelve(series.mask(series == 20), ending=months[-1]))


def test_a_team_s_series_holds_its_counts_by_month():
    months = pd.date_range("2023-01-01", periods=25, freq="MS")
    rows = pd.DataFrame(
        {
            "month": months,
            "measure": "reviews",
            "service_group": "AMH",
            "team": "Oak",
            "count": np.arange(25.0),
        }
    )
    series = monthly(rows).series["reviews", "Oak"]
    assert series.index.tolist() == list(months)
    assert series.tolist() == list(range(25))
