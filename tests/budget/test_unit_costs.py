"""Prices of a unit, the cases far above them, lengths of stay, constant care."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from s75lib.budget.unit_costs import outlier_bands, section, unit_costs
from s75lib.present import Missing, Table

OLD, NEW = pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31")


def test_unit_costs_find_the_outlier_by_tukeys_fence(packages, line, lines_on):
    each = [20.0, 21.0, 22.0, 23.0, 24.0, 60.0]
    frame = packages([line(OLD, f"P{i}", gross=10 * p, units_per_week=10.0) for i, p in enumerate(each)])
    row = unit_costs(lines_on(frame, OLD)).iloc[0]
    lower, median, upper = np.percentile(each, [25, 50, 75])
    assert (row["p25"], row["p50"], row["p75"]) == pytest.approx((lower, median, upper))
    assert row["outliers"] == 1
    assert row["excess"] == pytest.approx(10 * (60 - median))


def test_outliers_are_counted_in_bands_that_disclose_nobody(packages, line, lines_on):
    each = [20.0] * 40 + [26.0] * 6 + [50.0] * 3
    frame = packages([line(OLD, f"P{i}", gross=p) for i, p in enumerate(each)])
    assert unit_costs(lines_on(frame, OLD))["outliers"].tolist() == [9]
    rows = lines_on(frame, OLD)
    costs = unit_costs(rows)
    found = outlier_bands(rows, costs, threshold=3)
    assert found["cases"].tolist() == [3, 6]
    assert found["from_times"].tolist() == [2.0, 1.0]
    assert outlier_bands(rows, costs, threshold=5)["cases"].tolist() == [9]
    assert outlier_bands(rows, costs, threshold=10).empty


def test_one_to_one_care_is_shown_where_the_ledger_names_it_and_missing_where_not(example, studied):
    packages = example.packages
    *_, live_in, one_to_one = section(studied(packages=packages)).parts
    assert isinstance(live_in, Table)
    assert isinstance(one_to_one, Missing)
    assert one_to_one.needs[0].columns == ("care_type",)
    renamed = packages.assign(care_type=packages["care_type"].replace("Day Care", "One To One"))
    held = section(studied(packages=renamed)).parts[-1]
    open_ = renamed[(renamed["snapshot_date"] == renamed["snapshot_date"].max())]
    open_ = open_[(open_["care_type"] == "One To One") & ~open_["prior_year"].fillna(False)]
    open_ = open_[(open_["start_date"] <= open_["snapshot_date"])]
    open_ = open_[open_["end_date"].isna() | (open_["end_date"] >= open_["snapshot_date"])]
    assert isinstance(held, Table)
    assert held.frame["after"].iloc[-1] == pytest.approx(open_["net_weekly"].sum())
    assert held.frame["cases_after"].iloc[-1] == open_["person_key"].nunique()


@pytest.mark.parametrize(("cases", "shown"), [(19, False), (20, True)])
def test_a_quartile_is_shown_where_enough_cases_lie_beyond_it(packages, line, studied, cases, shown):
    rows = [line(day, f"P{n}", gross=100.0 + n) for day in (OLD, NEW) for n in range(cases)]
    table = section(studied(packages=packages(rows))).tables["unit_costs"]
    assert table.frame["p25"].notna().item() == shown
    assert table.frame["p10"].isna().item()


def test_without_an_outlier_there_is_none_to_show(packages, line, lines_on, studied):
    frame = packages([line(day, f"P{n}", gross=100.0) for day in (OLD, NEW) for n in range(9)])
    costs = unit_costs(lines_on(frame, OLD))
    assert costs[["outliers", "excess"]].to_numpy().tolist() == [[0, 0.0]]
    assert outlier_bands(lines_on(frame, OLD), costs, threshold=1).empty
    gaps = [part.reason for part in section(studied(packages=frame)).parts if isinstance(part, Missing)]
    assert "No open case is priced above the outlier fence of its care type." in gaps
