from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s75lib.errors import ConfigError
from s75lib.loaders.period import Period, financial_year_of

DAYS = st.dates(date(1901, 1, 1), date(2199, 1, 1))


def _quarter_of(day: date) -> Period:
    """Find a day's quarter by pandas, which knows nothing of ours."""
    found = pd.Period(day, freq="Q-MAR")
    return Period(end=found.end_time.date(), start=found.start_time.date())


@pytest.mark.parametrize(
    "text",
    [
        *("2019/20-Q3", "2019/20 Q3", "Q3 2019/20", "19/20 Q3", "2019-20 Q3", "2019/2020 q3", "Q3, 2019/20"),
        "Q3 19-20",
    ],
)
def test_a_quarter_is_read_as_people_write_it(text: str) -> None:
    found = Period.parse(text)
    assert (found.start, found.end) == (date(2019, 10, 1), date(2019, 12, 31))
    assert (found.kind, found.label, found.slug) == ("quarter", "Q3 2019/20", "fy2019-20-q3")
    assert found.previous().label == "Q2 2019/20"


@pytest.mark.parametrize("text", ["2019/20-Q5", "2019/21 Q3", "Q0 2019/20", "Q3 2019", "Q32019/20", "Q3"])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="2018/19-Q3"):
        Period.parse(text)


@given(st.integers(1901, 2198))
def test_the_quarters_make_the_year(first: int) -> None:
    year, quarters = financial_year_of(date(first, 4, 1)), [Period.quarter(first, n) for n in range(1, 5)]
    assert sum(quarter.days for quarter in quarters) == year.days
    assert (quarters[0].start, quarters[-1].end) == (year.start, year.end)
    assert all(later.previous() == quarter for quarter, later in pairwise(quarters))


@pytest.mark.parametrize(
    "text", ["2018", "2018/20", "2018/2019", "2018-13", "18/19", "", "2018-00", "2018/19 ", "x"]
)
def test_what_is_no_period_is_refused_with_both_forms(text: str) -> None:
    with pytest.raises(ConfigError, match=r"2018/19.*2018-12") as caught:
        Period.parse(text)
    assert repr(text) in str(caught.value)


def test_century_turns() -> None:
    assert Period.parse("1999/00").end == date(2000, 3, 31)


@given(DAYS)
def test_a_day_lies_in_its_financial_year_and_month(day: date) -> None:
    year, month = financial_year_of(day), Period.month(day.year, day.month)
    for period in (year, _quarter_of(day), month):
        assert period.start <= day <= period.end
        assert Period.parse(period.label) == period
    assert year.days in (365, 366)
    assert month.end <= year.end


@given(DAYS)
def test_the_previous_period_ends_the_day_before(day: date) -> None:
    for period in (financial_year_of(day), _quarter_of(day), Period.month(day.year, day.month)):
        before = period.previous()
        assert before.end + timedelta(days=1) == period.start
        assert before.kind == period.kind
        assert before < period
