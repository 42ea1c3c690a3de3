from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s75lib.errors import ConfigError
from s75lib.loaders.period import Period, financial_year_of

DAYS = st.dates(date(1901, 1, 1), date(2199, 1, 1))


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
    for period in (year, month):
        assert period.start <= day <= period.end
        assert Period.parse(period.label) == period
    assert year.days in (365, 366)
    assert month.end <= year.end


@given(DAYS)
def test_the_previous_period_ends_the_day_before(day: date) -> None:
    for period in (financial_year_of(day), Period.month(day.year, day.month)):
        before = period.previous()
        assert before.end + timedelta(days=1) == period.start
        assert before.is_year == period.is_year
        assert before < period
