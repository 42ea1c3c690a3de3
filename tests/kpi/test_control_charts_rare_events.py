"""Rare events: judged by their gaps, where their counts may be shown."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from s75lib.kpi import study
from s75lib.kpi.control_charts import rare_events, section
from s75lib.loaders import AuthorityData
from s75lib.loaders.indicators import Indicator

OWN = {"calls": Indicator("calls", "Serious incidents", polarity="lower_is_better")}


def counts(rows: Callable[..., pd.DataFrame], values: list[int]) -> pd.DataFrame:
    months = pd.period_range("2020-04", periods=len(values), freq="M")
    return rows(*({"period": str(m), "value": float(v)} for m, v in zip(months, values, strict=True)))


def test_events_that_become_rarer_are_seen_as_better(rows: Callable[..., pd.DataFrame]) -> None:
    often, seldom = [0, 1] * 16, ([0] * 9 + [1]) * 8
    (row,) = rare_events(counts(rows, often + seldom), OWN).to_dict("records")
    assert (row["events"], row["months"], row["method"]) == (24, 112, "months between events")
    assert row["variation"] == "improving"


def test_events_that_become_more_frequent_are_seen_as_worse(rows: Callable[..., pd.DataFrame]) -> None:
    (row,) = rare_events(counts(rows, ([0] * 5 + [1]) * 9 + [0, 1] * 8), OWN).to_dict("records")
    assert row["variation"] == "concerning"


def test_quiet_events_are_routine(rows: Callable[..., pd.DataFrame]) -> None:
    rng = np.random.default_rng(5)
    values = (rng.random(120) < 0.3).astype(int).tolist()
    (row,) = rare_events(counts(rows, values), OWN).to_dict("records")
    assert row["variation"] == "common_cause"


@pytest.mark.parametrize("values", [[0] * 24, [0] * 8 + [1] * 3, [9] * 24])
def test_none_few_months_or_many_events_are_left_out(
    rows: Callable[..., pd.DataFrame], values: list[int]
) -> None:
    assert rare_events(counts(rows, values), OWN).empty


@pytest.mark.parametrize(("internal", "shown"), [(False, False), (True, True)])
def test_a_verdict_never_rests_on_a_count_that_may_not_be_shown(
    rows: Callable[..., pd.DataFrame], made: Callable[..., AuthorityData], internal: bool, shown: bool
) -> None:
    few = counts(rows, [2, 3, 1, 4, 2, 3, 2, 1, 3, 2, 4, 2, 3, 1, 2, 3])
    found = section(study(made(kpi=few, internal=internal))).tables
    assert ("rare_events" in found) == shown
    if shown:
        assert found["rare_events"].frame["method"].tolist() == ["counts a month"]


@pytest.mark.parametrize(
    ("values", "method"),
    [
        ([1] * 12, "counts a month"),
        ([0] + [1] * 11, "months between events"),
        ([5] * 12, ""),
        ([4] + [5] * 11, "counts a month"),
        ([1] * 11, ""),
    ],
)
def test_from_one_event_a_month_counts_are_charted_and_from_five_they_are_not_rare(
    rows: Callable[..., pd.DataFrame], values: list[int], method: str
) -> None:
    assert rare_events(counts(rows, values), OWN)["method"].tolist() == [method] * bool(method)
