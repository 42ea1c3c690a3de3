"""Enquiries completed for each concern raised: Islington's by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from s75lib.kpi import Study
from s75lib.kpi.safeguarding import enquiries_per_concern, headlines, section
from s75lib.loaders import load

Rows = Callable[..., pd.DataFrame]
NAMES = ("safeguarding_concerns", "safeguarding_enquiries_completed")


def test_enquiries_for_each_hundred_concerns(data_dir: Path) -> None:
    found = enquiries_per_concern(load("islington", "2018/19", data_dir=data_dir).kpi)
    assert found["per_100"].round(1).tolist() == [13.0, 4.5]
    last = found.iloc[-1]
    assert last["ratio"] == pytest.approx((28 / 628) / (64 / 493))
    assert last["p_value"] == pytest.approx(stats.binomtest(28, 92, 628 / (628 + 493)).pvalue)


def test_enquiries_without_concerns_give_no_rate(rows: Rows) -> None:
    kpi = rows(
        {"indicator": "safeguarding_concerns", "period": "2018/19", "value": 0},
        {"indicator": "safeguarding_enquiries_completed", "period": "2018/19", "value": 3},
    )
    assert enquiries_per_concern(kpi).empty
    assert enquiries_per_concern(rows()).empty


def test_the_ratio_is_said_with_its_warning(of: Callable[..., Study]) -> None:
    (said,) = [item.text for item in headlines(of("islington", "2018/19"))]
    assert "from 13.0 (64 to 493) in 2017/18 to 4.5 (28 to 628)" in said
    assert "no conversion rate" in said


def test_a_table_stands_for_each_group_and_year(of: Callable[..., Study]) -> None:
    assert len(section(of("islington", "2018/19")).tables["ratios"].cells()) == 2
    assert not section(of("exampleshire")).tables


def test_each_group_is_set_against_its_own_year_before(rows: Rows) -> None:
    counted = {("A", "2017/18"): (100, 20), ("A", "2018/19"): (100, 30), ("B", "2018/19"): (50, 5)}
    kpi = rows(
        *(
            {"indicator": name, "group": group, "period": period, "value": count}
            for (group, period), pair in counted.items()
            for name, count in zip(NAMES, pair, strict=True)
        )
    )
    found = enquiries_per_concern(kpi)
    assert found["per_100"].tolist() == pytest.approx([20, 30, 10])
    assert found["period_before"].fillna("").tolist() == ["", "2017/18", ""]
    assert found["ratio"].tolist() == pytest.approx([float("nan"), 1.5, float("nan")], nan_ok=True)
