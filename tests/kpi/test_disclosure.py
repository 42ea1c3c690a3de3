"""Small counts of people: hidden before anything is worked out, and audited a second way."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from s75lib.errors import MethodError
from s75lib.kpi import Study, indicator_pages, study
from s75lib.kpi.disclosure import coarse_changes, suppress, widened
from s75lib.loaders import AuthorityData, load
from s75lib.present import Heading, Table

HIDDEN_CELLS = Path(__file__).with_name("hidden_cells.json")
EMPTY = pd.DataFrame()


@pytest.fixture(scope="module")
def data(data_dir: Path) -> AuthorityData:
    return load("exampleshire", data_dir=data_dir)


def rows(values: dict[tuple[str, str], float], **more: Any) -> pd.DataFrame:
    """Counts by group and period."""
    frame = pd.DataFrame([{"group": g, "period": p, "value": float(v)} for (g, p), v in values.items()])
    blank = {"numerator": np.nan, "denominator": np.nan, "months_reported": np.nan, "target": np.nan,
             "months_on_target": np.nan, "decimals": 0.0}  # fmt: skip
    return frame.assign(**{"indicator": "permanent_admissions", "unit": "count"} | blank | more)


def parts_of(found: Study) -> list[Any]:
    """Every table, chart and sentence that the wing shows."""
    sections = [*(module.section(found) for module in found.sections), indicator_pages(found)]
    return [part for section in sections for part in section.parts if not isinstance(part, Heading)]


def of(data: AuthorityData, fewest: int, **frames: pd.DataFrame) -> Study:
    """Study data, with other frames in their place, of which counts below some number may not be shown."""

    class Strict(Study):
        def fewest(self, dataset: str) -> int:
            return fewest

    held = dict(data.frames.untracked()) | frames
    return Strict(replace(data, frames=type(data.frames)(held)))


def hidden_cells(found: Study) -> dict[str, list[str]]:
    """Which cells print as hidden, by table: number and name of the row, and the columns."""
    cells: dict[str, list[str]] = {}
    for part in parts_of(found):
        table = part if isinstance(part, Table) else getattr(part, "data", None)
        if table is None:
            continue
        names, cells[table.id] = [column.name for column in table.columns], []
        for at, row in enumerate(table.cells()):
            gone = [name for name, cell in zip(names, row, strict=True) if cell == "c"]
            if gone:
                cells[table.id].append(f"{at} {row[0]}: {', '.join(gone)}")
    return {id: rows for id, rows in cells.items() if rows}


@pytest.mark.parametrize("fewest", [5, 30])
def test_the_cells_that_are_hidden_stay_hidden(data: AuthorityData, fewest: int) -> None:
    golden = json.loads(HIDDEN_CELLS.read_text(encoding="utf-8"))[str(fewest)]
    assert hidden_cells(of(data, fewest)) == golden


@pytest.mark.parametrize("fewest", [5, 10, 30])
def test_what_is_left_rests_on_enough_people(data: AuthorityData, fewest: int) -> None:
    found = of(data, fewest)
    held = {name: suppress(name, getattr(data, name), fewest).frame for name in ("kpi", "survey", "audits")}
    assert [check.passed for check in found.checks if "disclosure" in check.id] == [True] * 3

    def few(counts: pd.Series) -> bool:
        return bool((counts.ge(1) & counts.lt(fewest)).any())

    raw = data.kpi[~held["kpi"]["hidden"].to_numpy()]
    assert not few(raw["value"][raw["unit"].eq("count")])
    shares = raw[raw["unit"].eq("percent")]
    assert not few(shares["numerator"])
    assert not few(shares["denominator"])
    assert not few(shares["denominator"] - shares["numerator"])
    quarters = suppress("kpi", data.kpi, fewest).quarters
    assert len(quarters) == {5: 72, 10: 60, 30: 24}[fewest]
    for count in (quarters["numerator"], quarters["denominator"] - quarters["numerator"]):
        assert not few(count)
    survey = data.survey[~held["survey"]["hidden"].to_numpy()]
    assert not few(survey["count"])
    audits = data.audits[~held["audits"]["hidden"].to_numpy()]
    assert not few(audits["compliant"])
    assert not few(audits["cases"] - audits["compliant"])
    assert held["kpi"].loc[held["kpi"]["hidden"], ["value", "numerator", "denominator"]].isna().all(axis=None)


@pytest.mark.parametrize("fewest", [5, 30])
def test_no_part_depends_on_what_is_hidden(data: AuthorityData, fewest: int) -> None:
    """Other figures in place of the hidden ones change no byte of any table, chart's data or sentence."""
    rng = np.random.default_rng(20)
    held = suppress("kpi", data.kpi, fewest)
    kpi, gone = data.kpi.copy(), held.frame["hidden"].to_numpy()
    # What a quarter adds up may come in any of its months.
    told = kpi.set_index(["indicator", "group"]).index.isin(
        held.quarters.set_index(["indicator", "group"]).index
    )
    for _, at in kpi[told & gone].groupby(["indicator", "group"]).groups.items():
        turned = at.to_numpy().reshape(-1, 3)[:, [1, 2, 0]].ravel()
        names = ["value", "numerator", "denominator"]
        kpi.loc[at, names] = data.kpi.loc[turned, names].to_numpy()
    gone = gone & ~told
    counts = gone & kpi["unit"].eq("count").to_numpy()
    kpi.loc[counts, "value"] = rng.integers(1, fewest, counts.sum())
    shares = gone & kpi["unit"].eq("percent").to_numpy()
    kpi.loc[shares, "denominator"] = 2.0 * fewest
    kpi.loc[shares, "numerator"] = rng.integers(1, fewest, shares.sum())
    kpi.loc[shares, "value"] = 100 * kpi["numerator"] / kpi["denominator"]
    audits, files = data.audits.copy(), suppress("audits", data.audits, fewest).frame["hidden"].to_numpy()
    audits.loc[files, "compliant"] = rng.integers(1, fewest, files.sum())

    def shown(found: Study) -> str:
        checks = [vars(check) for check in found.checks if "disclosure" in check.id]
        return json.dumps([*(part.payload() for part in parts_of(found)), *checks], default=str)

    as_they_are = shown(of(data, fewest))
    assert shown(of(data, fewest, kpi=kpi, audits=audits)) == as_they_are
    assert fewest == 5 or "months to chart" in as_they_are


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=5), st.integers(2, 12))
def test_groups_and_their_whole_give_no_hidden_count_away(groups: list[int], fewest: int) -> None:
    counts = {(f"Team {number}", "2024/25"): value for number, value in enumerate(groups)}
    frame = rows(counts | {("", "2024/25"): sum(groups)})
    hidden = np.flatnonzero(suppress("kpi", frame, fewest).frame["hidden"])
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
    found = suppress("kpi", frame, 5).frame
    assert found["hidden"].tolist() == [True] * 12 + [False]
    assert found["value"].tolist()[-1] == 65


def test_answers_of_a_question_protect_each_other(data: AuthorityData) -> None:
    asked = data.survey[data.survey["question"].eq("Feeling safe") & data.survey["period"].eq("2025/26")]
    asked = asked.assign(count=[100.0, 16.0, 2.0], percent=[85.0, 14.0, 2.0])
    held = suppress("survey", asked, 5).frame
    assert held["hidden"].tolist() == [False, True, True]  # the 2 alone would be 118 less the others
    assert held.loc[held["hidden"], ["percent", "count", "base"]].isna().all(axis=None)


def test_answers_without_counts_are_judged_by_percentage_and_base() -> None:
    # Of 40 asked, 5% are 2 people, and 45% the fewest others that keep them from being worked out.
    asked = {"survey": "Users", "period": "2024/25", "question": "Safe", "base": 40.0, "count": np.nan}
    frame = pd.DataFrame([asked | {"answer": answer, "percent": percent} for answer, percent in
                          (("Yes", 50.0), ("Mostly", 45.0), ("No", 5.0))])  # fmt: skip
    assert suppress("survey", frame, 5).frame["hidden"].tolist() == [False, True, True]
    assert suppress("survey", frame, 2).frame["hidden"].tolist() == [False, False, False]
    alone = frame.iloc[2:].reset_index(drop=True)
    for percent, hidden in (
        (2.5, True),
        (10.0, True),
        (12.5, False),
        (87.5, False),
        (90.0, True),
        (0.0, False),
    ):
        found = suppress("survey", alone.assign(percent=percent), 5)
        assert found.frame["hidden"].tolist() == [hidden], percent


def test_a_percentage_that_stands_for_the_fewest_people_is_shown() -> None:
    # Of 1,000 asked, 10% are 100 people: shown from 100 on, and hidden from 101 on.
    asked = {"survey": "Users", "period": "2024/25", "question": "Safe", "answer": "No"}
    frame = pd.DataFrame([asked | {"base": 1000.0, "percent": 10.0, "count": np.nan}])
    assert not suppress("survey", frame, 100).frame["hidden"].any()
    assert suppress("survey", frame, 101).frame["hidden"].all()


@pytest.mark.parametrize(
    ("count", "fewest", "hidden"), [(1, 2, True), (2, 2, False), (4, 5, True), (5, 5, False)]
)
def test_a_count_is_hidden_below_the_fewest_and_shown_from_there(
    count: int, fewest: int, hidden: bool
) -> None:
    found = suppress("kpi", rows({("", "2024/25"): count}), fewest)
    assert found.frame["hidden"].tolist() == [hidden]


@pytest.mark.parametrize(("rest", "hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_month_is_hidden_where_few_are_left_over_and_told_by_its_quarter(rest: int, hidden: bool) -> None:
    months = {("", f"2024-0{month}"): 0.0 for month in (4, 5, 6, 7)}
    frame = rows(months, unit="percent", denominator=50.0, numerator=[30.0, 50.0 - rest, 20.0, 10.0])
    found = suppress("kpi", frame, 5)
    assert found.frame["hidden"].tolist() == [hidden] * 4
    assert found.frame["numerator"].isna().tolist() == [hidden] * 4
    if not hidden:
        assert found.quarters.empty
        return
    (quarter,) = found.quarters.to_dict("records")  # July alone is no quarter
    assert quarter["period"] == "2024-04 to 2024-06"
    assert (quarter["numerator"], quarter["denominator"]) == (100.0 - rest, 150.0)
    assert quarter["value"] == pytest.approx(100 * (100 - rest) / 150)


@pytest.mark.parametrize(("counts", "told"), [([2, 9, 8], [19.0]), ([1, 2, 1], []), ([0, 4, 1], [5.0])])
def test_a_count_with_a_small_month_is_told_by_quarters_of_people_enough(
    counts: list[int], told: list[float]
) -> None:
    months = {("", f"2024-0{month}"): count for month, count in zip((4, 5, 6), counts, strict=True)}
    found = suppress("kpi", rows(months), 5)
    assert found.frame["hidden"].all()
    assert (found.quarters["value"].tolist() if told else []) == told
    assert len(found.quarters) == len(told)


def test_a_quarter_of_few_is_not_told_nor_one_whose_other_groups_or_year_are_hidden() -> None:
    months = {(group, f"2024-0{month}"): 0.0 for month in (4, 5, 6) for group in ("A", "B")}
    base = {"unit": "percent", "denominator": 50.0}
    for numerator, told in (([48.0, 48, 40, 40, 40, 40], 2), ([49.0, 48, 50, 40, 50, 40], 0)):
        found = suppress("kpi", rows(months, numerator=numerator, **base), 5)
        assert len(found.quarters) == told
    year = rows(months | {("A", "2024/25"): 0.0}, numerator=[48.0, 48, 40, 40, 40, 40, 46], **base)
    assert suppress("kpi", year, 5).quarters.empty


def test_a_dataset_whose_counts_nobody_has_described_is_an_error_and_never_shown() -> None:
    with pytest.raises(MethodError, match="complaints"):
        suppress("complaints", EMPTY, 5)


def test_public_data_and_internal_loads_keep_all(data_dir: Path) -> None:
    for slug, internal in (("cambridgeshire", False), ("exampleshire", True)):
        found = study(load(slug, data_dir=data_dir, internal=internal))
        for name, held in (
            ("kpi", found.suppressed_kpi),
            ("survey", found.suppressed_survey),
            ("audits", found.suppressed_audits),
        ):
            assert not held.frame["hidden"].any()
            pd.testing.assert_frame_equal(held.frame.drop(columns="hidden"), getattr(found.data, name))
        assert not [check for check in found.checks if "disclosure" in check.id]


def test_a_small_quarter_hides_its_series_and_its_months_but_a_small_month_no_quarter() -> None:
    small = {"Q1 2024/25": 3, "Q2 2024/25": 20, "2024-07": 7, "2024-08": 7, "2024-09": 6, "2024/25": 43}
    found = suppress("kpi", rows({("", period): count for period, count in small.items()}), 5).frame
    assert found["hidden"].tolist() == [True] * 5 + [False]
    large = {"Q1 2024/25": 12, "Q2 2024/25": 20, "2024-07": 3, "2024-08": 10, "2024-09": 7, "2024/25": 43}
    found = suppress("kpi", rows({("", period): count for period, count in large.items()}), 5).frame
    assert found["hidden"].tolist() == [False, False, True, True, True, False]


def test_the_remainder_of_a_quarters_percentage_is_a_count_of_people() -> None:
    frame = rows({("", "Q1 2024/25"): 94.0}, unit="percent", numerator=47.0, denominator=50.0)
    assert suppress("kpi", frame, 5).frame["hidden"].tolist() == [True]


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ({"unit": "count", "value": 42.0}, 40.0),
        ({"unit": "percent", "value": 45.8, "numerator": 38.0, "denominator": 83.0}, 47.1),  # 40 of 85
        ({"unit": "percent", "value": 45.8}, 45.8),  # of nobody knows whom
        ({"unit": "per_100k", "value": 19.8, "numerator": 16.0, "denominator": 81_000.0}, 18.5),  # 15
        ({"unit": "per_month", "value": 5.6}, 5.4),  # 67.2 in a year: 65
        ({"unit": "per_month", "value": 5.6, "months_reported": 6.0}, 5.8),  # 33.6 in six months: 35
        ({"unit": "per_month", "value": 13.0, "period": "2024-10"}, 15.0),
    ],
)
def test_rounded_figures_are_those_of_counts_to_the_nearest_5(told: dict[str, Any], value: float) -> None:
    period = told.pop("period", "2024/25")
    found = suppress("kpi", rows({("", period): told.pop("value")}, **told), 5, rounded=True).frame
    assert found["value"].tolist() == [value]
    if told["unit"] == "percent" and "numerator" in told:
        assert found[["numerator", "denominator"]].values.tolist() == [[40, 85]]
    if told["unit"] == "per_100k":
        assert found[["numerator", "denominator"]].values.tolist() == [[15, 81_000]]


def test_rounded_answers_are_shares_of_rounded_counts() -> None:
    answers = {
        "survey": "S",
        "question": "Q",
        "answer": ["Yes", "No"],
        "period": "2024/25",
        "base": [47.0] * 2,
    }
    frame = pd.DataFrame(answers | {"count": [12.0, 35.0], "percent": [26.0, 74.0], "weighted": False})
    found = suppress("survey", frame, 5, rounded=True).frame
    assert found[["count", "base", "percent"]].values.tolist() == [[10, 45, 22], [35, 45, 78]]


@pytest.mark.parametrize(
    ("base", "fewest", "low", "high"),
    [
        (199, 5, 70, 90),
        (200, 5, 74, 90),
        (499, 5, 74, 90),
        (500, 5, 74.23, 89.92),
        (199, 2, 70, 90),
        (199, 1, 74.23, 89.92),
    ],
)
def test_an_interval_of_few_cases_is_widened_to_whole_points_or_fives(
    base: int, fewest: int, low: float, high: float
) -> None:
    found = widened(
        pd.DataFrame({"low": [74.23], "high": [89.92]}), ("low", "high"), pd.Series([base]), fewest
    )
    assert found.values.tolist() == [[low, high]]


def test_of_few_cases_compared_a_large_p_is_told_to_two_decimals() -> None:
    names = ["lower", "upper", "detectable_fall", "detectable_rise"]
    frame = pd.DataFrame(
        {
            "denominator_before": [900.0, 499.0, 900.0, 900.0, 100.0],
            "denominator": [499.0, 900.0, 500.0, 499.0, 100.0],
            "basis": [*["proportions"] * 3, "counts", "proportions"],
            "p_value": [0.1234, 0.1, 0.1234, 0.1234, 0.0999],
            "p_holm": 0.5678,
            "p_bh": 0.0567,
        }
        | {name: -1.5 if name in ("lower", "detectable_fall") else 1.5 for name in names}
    )
    found = coarse_changes(frame, 5)
    assert found["p_value"].tolist() == [0.12, 0.1, 0.1234, 0.1234, 0.0999]
    assert found["p_holm"].tolist() == [0.57, 0.57, 0.5678, 0.5678, 0.57]
    assert found["p_bh"].eq(0.0567).all()
    assert found["upper"].tolist() == found["detectable_rise"].tolist() == [2, 2, 1.5, 1.5, 5]
    assert found["lower"].tolist() == found["detectable_fall"].tolist() == [-2, -2, -1.5, -1.5, -5]
    pd.testing.assert_frame_equal(coarse_changes(frame, 1), frame)
