"""Small counts of people: hidden before anything is worked out, and audited a second way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from s75lib.kpi import Findings, findings, sections, tables, wording
from s75lib.kpi.disclosure import held_back
from s75lib.loaders import AuthorityData, load
from s75lib.present import Heading, Headlines

EMPTY = pd.DataFrame()


@pytest.fixture(scope="module")
def data(data_dir: Path) -> AuthorityData:
    return load("exampleshire", data_dir=data_dir)


def rows(values: dict[tuple[str, str], float], **more: Any) -> pd.DataFrame:
    """Counts by group and period."""
    frame = pd.DataFrame([{"group": g, "period": p, "value": float(v)} for (g, p), v in values.items()])
    blank = {"numerator": np.nan, "denominator": np.nan, "months_reported": np.nan, "target": np.nan,
             "months_on_target": np.nan, "decimals": 0.0}  # fmt: skip
    return frame.assign(indicator="permanent_admissions", unit="count", **blank | more)


def parts_of(found: Findings, kpi: pd.DataFrame) -> str:
    """Everything that the wing shows, as the manifest has it."""
    shown: list[Any] = [tables.matrix(found.matrix, margin=3), tables.ratios(found.ratios)]
    for section in (sections.moved, sections.targets, sections.indicators, sections.survey, sections.audit):
        shown += [p for p in section(found, place="Exampleshire") if not isinstance(p, Heading)]
    shown += sections.months(found)
    shown.append(wording.headlines(found, most=50))
    shown.append([check for check in wording.checks(kpi, found) if "disclosure" in check.id])
    flat = [Headlines(tuple(p)) if isinstance(p, list) and p and "text" in vars(p[0]) else p for p in shown]
    return json.dumps([vars(p[0]) if isinstance(p, list) else p.payload() for p in flat if p], default=str)


@pytest.mark.parametrize("fewest", [5, 10, 30])
def test_what_is_left_rests_on_enough_people(data: AuthorityData, fewest: int) -> None:
    held = held_back(data.kpi, data.survey, data.audits, lambda dataset: fewest)
    assert all(check.passed for check in held.checks)

    def few(counts: pd.Series) -> bool:
        return bool((counts.ge(1) & counts.lt(fewest)).any())

    raw = data.kpi[~held.kpi["hidden"].to_numpy()]
    assert not few(raw["value"][raw["unit"].eq("count")])
    shares = raw[raw["unit"].eq("percent")]
    assert not few(shares["numerator"])
    assert not few(shares["denominator"])
    years = shares[shares["period"].str.contains("/")]
    assert not few(years["denominator"] - years["numerator"])
    # A month's base may not be told where its remainder is small, be it by the limits of its chart.
    told = held.kpi[held.kpi["unit"].eq("percent") & held.kpi["numerator"].notna()]
    assert not few(told["denominator"] - told["numerator"])
    survey = data.survey[~held.survey["hidden"].to_numpy()]
    assert not few(survey["count"])
    audits = data.audits[~held.audits["hidden"].to_numpy()]
    assert not few(audits["compliant"])
    assert not few(audits["cases"] - audits["compliant"])
    assert held.kpi.loc[held.kpi["hidden"], ["value", "numerator", "denominator"]].isna().all(axis=None)


@pytest.mark.parametrize("fewest", [5, 30])
def test_no_part_depends_on_what_is_hidden(data: AuthorityData, fewest: int) -> None:
    """Other figures in place of the hidden ones change no byte of any table, chart's data or sentence."""
    rng = np.random.default_rng(20)
    held = held_back(data.kpi, data.survey, data.audits, lambda dataset: fewest)
    kpi, gone = data.kpi.copy(), held.kpi["hidden"].to_numpy()
    counts = gone & kpi["unit"].eq("count").to_numpy()
    kpi.loc[counts, "value"] = rng.integers(1, fewest, counts.sum())
    shares = gone & kpi["unit"].eq("percent").to_numpy()
    kpi.loc[shares, "denominator"] = 2.0 * fewest
    kpi.loc[shares, "numerator"] = rng.integers(1, fewest, shares.sum())
    kpi.loc[shares, "value"] = 100 * kpi["numerator"] / kpi["denominator"]
    audits, files = data.audits.copy(), held.audits["hidden"].to_numpy()
    audits.loc[files, "compliant"] = rng.integers(1, fewest, files.sum())

    def shown(kpi: pd.DataFrame, audits: pd.DataFrame) -> str:
        found = findings(kpi, data.survey, audits, fewest=lambda dataset: fewest)
        return parts_of(found, kpi)

    assert shown(kpi, audits) == shown(data.kpi, data.audits)
    assert fewest == 5 or "not charted" in shown(data.kpi, data.audits)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=5), st.integers(2, 12))
def test_groups_and_their_whole_give_no_hidden_count_away(groups: list[int], fewest: int) -> None:
    counts = {(f"Team {number}", "2024/25"): value for number, value in enumerate(groups)}
    frame = rows(counts | {("", "2024/25"): sum(groups)})
    held = held_back(frame, EMPTY, EMPTY, lambda dataset: fewest)
    hidden = np.flatnonzero(held.kpi["hidden"])
    values = frame["value"].to_numpy()
    small = (values >= 1) & (values < fewest)
    assert set(np.flatnonzero(small)) <= set(hidden)
    # A second computation: linear programming over the hidden cells, each at least 1, bound by the total.
    signs = np.array([1.0] * len(groups) + [-1.0])[hidden]
    for place in range(len(hidden)):
        goal = np.eye(len(hidden))[place]
        ends = [
            linprog(
                sign * goal,
                A_eq=signs[None, :],
                b_eq=[float(signs @ values[hidden])],
                bounds=[(1, 10_000)] * len(hidden),
            ).fun
            for sign in (1, -1)
        ]
        assert -ends[1] - ends[0] > fewest - 2


def test_a_series_with_a_month_to_hide_is_hidden_whole_and_its_year_shown() -> None:
    months = {
        ("", f"2024-{month:02}"): value for month, value in zip(range(4, 13), [7, 2, *[8] * 7], strict=True)
    }
    months |= {("", f"2025-{month:02}"): 0 for month in (1, 2, 3)}
    frame = rows(months | {("", "2024/25"): 65})
    found = held_back(frame, EMPTY, EMPTY, lambda dataset: 5)
    assert found.kpi["hidden"].tolist() == [True] * 12 + [False]
    assert found.kpi["value"].tolist()[-1] == 65


def test_answers_of_a_question_protect_each_other(data: AuthorityData) -> None:
    asked = data.survey[data.survey["question"].eq("Feeling safe") & data.survey["period"].eq("2025/26")]
    asked = asked.assign(count=[100.0, 16.0, 2.0], percent=[85.0, 14.0, 2.0])
    held = held_back(EMPTY, asked, EMPTY, lambda dataset: 5).survey
    assert held["hidden"].tolist() == [False, True, True]  # the 2 alone would be 118 less the others
    assert held.loc[held["hidden"], ["percent", "count", "base"]].isna().all(axis=None)


def test_public_data_and_internal_loads_keep_all(data_dir: Path) -> None:
    for slug, internal in (("cambridgeshire", False), ("exampleshire", True)):
        data = load(slug, data_dir=data_dir, internal=internal)
        held = held_back(data.kpi, data.survey, data.audits, data.fewest_shown)
        assert not held.kpi["hidden"].any()
        assert held.checks == ()
        pd.testing.assert_frame_equal(held.kpi.drop(columns="hidden"), data.kpi)
    assert not held_back(data.kpi, data.survey, data.audits).kpi["hidden"].any()
