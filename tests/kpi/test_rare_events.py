"""Rare events: judged by their gaps, with nothing told of any one month."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from s75lib.kpi import study
from s75lib.kpi.control_charts import section
from s75lib.kpi.rare_events import rare_events
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


@pytest.mark.parametrize("values", [[0] * 24, [0] * 8 + [1] * 3, [9] * 24, [0] * 20 + [1] * 3])
def test_none_few_or_many_events_are_left_out(rows: Callable[..., pd.DataFrame], values: list[int]) -> None:
    assert rare_events(counts(rows, values), OWN, fewest=5).empty


def test_counts_of_a_few_a_month_are_judged_and_no_month_is_told(
    rows: Callable[..., pd.DataFrame], made: Callable[..., AuthorityData]
) -> None:
    found = study(made(kpi=counts(rows, [2, 3, 1, 4, 2, 3, 2, 1, 3, 2, 4, 2, 3, 1, 2, 3])))
    shown = section(found).tables["rare_events"].frame
    assert shown["events"].tolist() == [38]
    assert shown["method"].tolist() == ["counts a month"]
    assert not any("2020-0" in str(value) for value in shown.to_numpy().ravel())
