"""Standardised rates: their edges and what they must obey; the field's own tool is in test_reference."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s75lib.errors import MethodError
from s75lib.stats.intervals import byar
from s75lib.stats.standardisation import directly_standardised, indirectly_standardised

BANDS = st.lists(
    st.tuples(st.integers(3, 400), st.integers(1_000, 90_000), st.integers(1, 50_000)), min_size=4, max_size=8
)


@given(BANDS)
def test_over_its_own_ages_a_rate_is_the_crude_one(bands: list[tuple[int, int, int]]) -> None:
    events, people, _ = zip(*bands, strict=True)
    made, crude = directly_standardised(events, people, people), byar(sum(events), sum(people), 100_000)
    assert (made.estimate, made.lower, made.upper) == pytest.approx(
        (crude.estimate, crude.lower, crude.upper)
    )


@given(BANDS, st.floats(0.1, 50))
def test_only_the_shares_of_the_standard_population_count(
    bands: list[tuple[int, int, int]], times: float
) -> None:
    events, people, standard = zip(*bands, strict=True)
    once = directly_standardised(events, people, standard)
    more = directly_standardised(events, people, [times * one for one in standard])
    assert more.estimate == pytest.approx(once.estimate)
    assert once.lower < once.estimate < once.upper


@given(BANDS)
def test_as_many_as_expected_is_a_ratio_of_one(bands: list[tuple[int, int, int]]) -> None:
    events, people, _ = zip(*bands, strict=True)
    assert indirectly_standardised(events, people, events, people).estimate == pytest.approx(1)


def test_fewer_than_ten_events_give_no_direct_rate() -> None:
    made = directly_standardised([4, 5], [1000, 1000], [1, 1])
    assert math.isnan(made.estimate)
    assert "fewer than 10 events" in made.note


@pytest.mark.parametrize(
    ("events", "people", "standard"),
    [
        ([10], [100, 100], [1, 1]),
        ([10, 5], [100, 0], [1, 1]),
        ([10, -5], [100, 100], [1, 1]),
        ([10, 5], [100, 100], [0, 0]),
    ],
)
def test_bands_that_do_not_fit_are_refused(events: list[int], people: list[int], standard: list[int]) -> None:
    with pytest.raises(MethodError):
        directly_standardised(events, people, standard)


def test_nothing_expected_is_refused() -> None:
    with pytest.raises(MethodError, match="expected"):
        indirectly_standardised([1, 2], [100, 100], [0, 0], [100, 100])
