"""Published means a month and enquiries against concerns, against hand-made counts."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from scipy import stats

from s75lib import workload
from s75lib.workload.published import concerns, concerns_from_activity, means_headlines, monthly_means


def kpi(rows):
    columns = ["indicator", "group", "period", "value", "unit", "decimals", "months_reported"]
    return pd.DataFrame(rows, columns=columns)


NAN = float("nan")
ISLINGTON = [
    ("reviews_per_month", "ACMHT", "2017/18", 34.0, "per_month", 0.0, NAN),
    ("reviews_per_month", "ACMHT", "2018/19", 15.0, "per_month", 0.0, NAN),
]


def test_the_counts_behind_34_and_15_a_month():
    row = monthly_means(kpi(ISLINGTON)).iloc[0]
    # 33.5 to 34.5 and 14.5 to 15.5 a month, times twelve.
    assert (row["before_low"], row["before_high"]) == (402, 414)
    assert (row["after_low"], row["after_high"]) == (174, 186)
    assert row["ratio"] == pytest.approx(15 / 34)


def test_the_interval_is_the_widest_over_the_rounding():
    row = monthly_means(kpi(ISLINGTON)).iloc[0]

    def limit(before, after, share):
        low = (
            stats.beta.ppf(share, after, before + 1)
            if share < 0.5
            else stats.beta.ppf(share, after + 1, before)
        )
        return low / (1 - low)

    pairs = [(b, a) for b in (402, 414) for a in (174, 186)]
    assert row["lower"] == pytest.approx(min(limit(b, a, 0.025) for b, a in pairs))
    assert row["upper"] == pytest.approx(max(limit(b, a, 0.975) for b, a in pairs))
    assert row["p_value"] == pytest.approx(max(stats.binomtest(a, a + b).pvalue for b, a in pairs))


def test_means_that_could_be_one_count_are_no_change():
    rows = [(*ISLINGTON[0][:3], 15.0, *ISLINGTON[0][4:]), ISLINGTON[1]]
    row = monthly_means(kpi(rows)).iloc[0]
    assert row["p_value"] == pytest.approx(1)
    assert row["lower"] < 1 < row["upper"]


def test_decimals_narrow_the_counts():
    rows = [(i, g, p, v, u, 1.0, n) for i, g, p, v, u, _, n in ISLINGTON]
    row = monthly_means(kpi(rows)).iloc[0]
    assert (row["before_low"], row["before_high"]) == (408, 408)


def test_the_latest_pair_of_years_is_told_and_no_earlier_one(made):
    before = (*ISLINGTON[0][:2], "2016/17", 60.0, *ISLINGTON[0][4:])
    study = workload.study(made(kpi=kpi([before, *ISLINGTON])))
    assert len(study.monthly_means) == 2
    (said,) = means_headlines(study)
    assert "from 34 to 15 a month between 2017/18 and 2018/19" in said.text


def test_months_reported_replace_twelve():
    rows = [(*row[:-1], 6.0) for row in ISLINGTON]
    assert monthly_means(kpi(rows)).iloc[0]["before_low"] == 201


def test_a_mean_of_nought_before_has_no_ratio():
    rows = [(*ISLINGTON[0][:3], 0.0, *ISLINGTON[0][4:]), ISLINGTON[1]]
    row = monthly_means(kpi(rows)).iloc[0]
    assert math.isnan(row["ratio"])
    assert row["before_low"] == 0
    assert row["lower"] > 1


def test_years_that_do_not_follow_each_other_are_not_compared():
    rows = [(*ISLINGTON[0][:2], "2015/16", *ISLINGTON[0][3:]), ISLINGTON[1]]
    assert monthly_means(kpi(rows)).empty
    assert monthly_means(kpi([])).empty


def counts(enquiries_before=64.0, concerns_before=493.0):
    rows = [
        ("safeguarding_concerns", "ACMHT", "2017/18", concerns_before),
        ("safeguarding_concerns", "ACMHT", "2018/19", 628.0),
        ("safeguarding_enquiries_completed", "ACMHT", "2017/18", enquiries_before),
        ("safeguarding_enquiries_completed", "ACMHT", "2018/19", 28.0),
    ]
    return kpi([(i, g, p, v, "count", 0.0, NAN) for i, g, p, v in rows])


def test_enquiries_for_each_hundred_concerns():
    row = concerns(counts()).iloc[0]
    assert row["per_100_before"] == pytest.approx(100 * 64 / 493)
    assert row["per_100_after"] == pytest.approx(100 * 28 / 628)
    share = stats.binomtest(28, 28 + 64, 628 / (628 + 493))
    assert row["p_value"] == pytest.approx(share.pvalue)


def test_no_concerns_no_rate():
    assert concerns(counts(concerns_before=0.0)).empty
    assert concerns(counts().iloc[:2]).empty


def test_enquiries_from_the_activity():
    months = pd.date_range("2022-04-01", periods=24, freq="MS")
    series = pd.concat(
        [
            pd.DataFrame({"measure": "safeguarding_concerns", "month": months, "count": 10.0}),
            pd.DataFrame(
                {"measure": "safeguarding_enquiries", "month": months, "count": [4.0] * 12 + [2.0] * 12}
            ),
        ]
    )
    row = concerns_from_activity(series).iloc[0]
    assert (row["enquiries_before"], row["enquiries_after"], row["concerns_after"]) == (48, 24, 120)
    assert row["after_period"] == "12 months to March 2024"
    assert concerns_from_activity(series[series["month"] > months[0]]).empty
