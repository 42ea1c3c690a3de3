"""The scorecard as a whole: what it says, what is missing, what is hidden, and what it never works out."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import s75lib as s75
from s75lib.loaders import find_authorities
from s75lib.present import Missing
from s75lib.scorecard import Study
from s75lib.scorecard.card import AREAS
from s75lib.scorecard.study import as_known

ROOT = Path(__file__).parents[2]
AUTHORITIES = find_authorities(ROOT / "data")
HIDDEN_CELLS = json.loads((Path(__file__).parent / "hidden_cells.json").read_text("utf-8"))


def hidden_cells(table):
    """Row and columns of the cells that say ``c``, alone or behind other words."""
    rows = (
        (
            f"{place} {cells[0]}",
            [c.name for c, cell in zip(table.columns, cells, strict=True) if is_hidden(cell)],
        )
        for place, cells in enumerate(table.cells())
    )
    return [f"{row}: {', '.join(names)}" for row, names in rows if names]


def is_hidden(cell):
    return re.search(r"(^|\s)c$", cell)


@pytest.mark.parametrize(
    "threshold",
    # At a high threshold the integer programmes take two minutes: on demand.
    [one for one in HIDDEN_CELLS if int(one) <= 10 or os.environ.get("S75_HIGH_THRESHOLDS")],
)
def test_the_cells_hidden_of_exampleshire_are_those_that_were(data_of, changed, threshold):
    """At its own threshold, and at a larger one without the indicators, which the KPI wing hides."""
    data = data_of("exampleshire")
    if threshold != "5":
        data = changed("exampleshire", kpi=data.kpi.iloc[:0]).data
    authority = data.authority.model_copy(update={"disclosure_threshold": int(threshold)})
    found = Study(replace(data, authority=authority))
    tables = [table for each in found.sections for table in each.section(found).tables.values()]
    assert {table.id: cells for table in tables if (cells := hidden_cells(table))} == HIDDEN_CELLS[threshold]


@pytest.mark.parametrize("quarter", ["Q1", "Q2", "Q3", "Q4"])
def test_every_quarter_has_its_scorecard(quarter):
    """Some indicators of a quarter compare runs of months, of which the latest is named in the grid."""
    found = Study(s75.load("exampleshire", f"2025/26-{quarter}", data_dir=ROOT / "data"))
    (moved,) = [one for one in found.measures["Indicators"] if one.name == "moved by more than chance"]
    assert moved.as_at
    assert set(AREAS) == set(found.held)


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_an_area_without_data_says_what_would_fill_it(study_of, authority):
    found = study_of(authority)
    for area, each in zip(AREAS, found.sections[1:5], strict=True):
        gaps = [part for part in each.section(found).parts if isinstance(part, Missing)]
        if area not in found.held:
            assert gaps
            assert gaps[0].needs


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_findings_are_few_and_rest_on_parts_of_the_page(study_of, authority):
    found = study_of(authority)
    sections = [each.section(found) for each in found.sections]
    ids = {name for shown in sections for name in (*shown.tables, *shown.figures)}
    assert len(found.headlines) <= 2 * len(AREAS) + 3
    for one in found.headlines:
        assert one.text.endswith(".")
        named = {*one.see, *(one.cell or ())[:1]}
        assert named
        assert named <= ids
    assert [one.id for shown in sections for one in shown.headlines] == [one.id for one in found.headlines]


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_nothing_of_the_four_areas_is_not_applicable(study_of, authority):
    found = study_of(authority)
    assert bool(found.missing) == (not found.held) == (authority in ("coventry", "warwickshire"))
    if found.missing:
        assert found.missing[0].payload()["status"] == "not_applicable"
        assert {need.dataset for need in found.missing[0].needs} >= {"budget", "activity", "kpi", "risks"}


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_part_has_its_three_forms(study_of, authority):
    found = study_of(authority)
    for part in [part for each in found.sections for part in each.section(found).parts]:
        assert part.payload()["kind"] in ("headlines", "table", "figure", "not_applicable", "details")
        assert part.html()
        assert part.text()


@pytest.mark.parametrize("authority", ["exampleshire", "cambridgeshire"])
def test_the_summary_has_a_sentence_of_every_area_and_the_law_before_the_forecast(study_of, authority):
    found = study_of(authority)
    said = s75.summary(found).headlines
    assert len(said) == 5
    charged = authority == "exampleshire"
    assert [one.id for one in said if one.stake in ("law", "money")][: 1 + charged] == [
        *(["budget.s117_charges"] if charged else []),
        "budget.position.forecast",
    ]
    of_each_area = [sum(one in area for one in said) for area in found.findings]
    assert of_each_area == ([0, 2, 0, 1, 1, 1, 0] if charged else [0, 1, 1, 1, 1, 1, 0])


def test_nothing_is_worked_out_before_it_is_asked_for_and_no_forecast_ever(data_of):
    found = Study(data_of("exampleshire"))
    assert set(vars(found)) == {"data", "review_months", "peers"}
    for each in found.sections:
        each.section(found)
    assert not {"shifts", "outlook", "need"} & set(vars(found.workload))
    assert "survey_changes" not in vars(found.kpi)


def test_the_day_of_judgement_is_the_last_that_is_known():
    end = pd.Timestamp("2020-03-31").date()
    known, later = pd.Timestamp("2019-12-31").date(), pd.Timestamp("2020-05-01").date()
    assert as_known(end, known) == pd.Timestamp(known)
    assert as_known(end, known, [None, later]) == pd.Timestamp(end)
    assert as_known(end, None, [None]) == pd.Timestamp(end)


def test_each_cell_of_the_notebook_below_a_heading_is_one_call():
    cells = json.loads((ROOT / "notebooks" / "partnership_scorecard.ipynb").read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    shown = re.findall(r"^s75\.scorecard\.(\w+)\(study\)$", "\n".join(code[2:]), re.MULTILINE)
    assert shown == list(Study.section_names)
    assert all(callable(getattr(s75.scorecard, name)) for name in shown)
    assert all("\n" not in source for source in code[2:])
