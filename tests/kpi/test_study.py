"""The wing as a whole: every section of every authority, and the notebook that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from s75lib.kpi import Study, indicator_pages, study
from s75lib.loaders import find_authorities, load
from s75lib.present import Heading, summary

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "kpi_significance.ipynb"


def parts_of(found: Study) -> list[Any]:
    sections = [*(module.section(found) for module in found.sections), indicator_pages(found)]
    return [part for section in sections for part in section.parts if not isinstance(part, Heading)]


def test_results_are_worked_out_when_they_are_asked_for(data_dir: Path) -> None:
    found = study(load("exampleshire", data_dir=data_dir))
    assert len(found.targets)
    assert not {"answers", "audit_changes", "charts", "changes"} & set(vars(found))


def test_the_margin_decides_what_is_steady(data_dir: Path) -> None:
    data = load("exampleshire", data_dir=data_dir)
    strict, wide = (study(data, margin=margin).changes["verdict"] for margin in (0.5, 20))
    assert (strict == "steady").sum() < (wide == "steady").sum()


@pytest.mark.parametrize("authority", ["coventry", "warwickshire", "peterborough"])
def test_where_nothing_is_published_the_report_says_so(authority: str, of: Callable[..., Study]) -> None:
    found = of(authority)
    assert [part.whole for part in found.missing] == [True]
    assert found.headlines == ()
    assert {part.payload()["kind"] for part in parts_of(found)} == {"not_applicable"}


def test_every_part_of_every_authority_can_be_shown(data_dir: Path, of: Callable[..., Study]) -> None:
    for authority in find_authorities(data_dir):
        found = of(authority)
        parts = parts_of(found)
        ids = [part.id for part in parts if hasattr(part, "id")]
        assert len(set(ids)) == len(ids)
        for part in parts:
            fragment, payload = part.html(), part.payload()
            assert "<style" not in fragment
            assert "nan" not in re.sub(r"base64,[^\"]*", "", fragment).lower().replace("finance", "")
            assert payload["kind"] in {"figure", "table", "headlines", "not_applicable"}
            json.dumps(payload, allow_nan=False)
        assert all(check.passed for check in found.checks)


@pytest.mark.parametrize(
    ("authority", "period"),
    [("islington", "2017/18"), ("exampleshire", "2025-12"), ("exampleshire", "2023-06")],
)
def test_earlier_periods_can_be_shown(authority: str, period: str, of: Callable[..., Study]) -> None:
    found = of(authority, period)
    assert all(part.html() for part in parts_of(found))
    assert found.headlines
    assert all(item.text.endswith(".") and "nan" not in item.text for item in found.headlines)


def test_the_summary_opens_with_targets_and_what_moved(of: Callable[..., Study]) -> None:
    chosen = summary(of("exampleshire")).headlines
    assert [item.id for item in chosen] == [
        "kpi.targets",
        "kpi.tally",
        "kpi.step.reviews_in_12_months.all",
        "kpi.special_causes",
        "kpi.survey_changes",
    ]
    assert chosen[2].large == "65%"
    assert chosen[2].value == pytest.approx(-9.9, abs=0.05)


def test_each_cell_of_the_notebook_is_one_call() -> None:
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"][2:]
    assert all(re.fullmatch(r"s75\.[\w.]+\(.*\)", cell.source) for cell in code)
    shown = [match[1] for cell in code if (match := re.match(r"s75\.kpi\.(\w+)\(study\)", cell.source))]
    assert shown == [
        "overview",
        "changes",
        "targets",
        "control_charts",
        "groups",
        "safeguarding",
        "survey",
        "audit",
        "indicator_pages",
    ]
