from __future__ import annotations

from pathlib import Path

import pytest

from s75lib.errors import DataError
from s75lib.loaders import load
from s75lib.loaders.data import datasets_read
from s75lib.loaders.scenarios import Scenario, read_scenarios

GOOD = """
[[scenario]]
name = "Demand 20% higher"
demand = { all = 1.2, reviews = 2 }
demand_from = 3

[[scenario]]
name = "Two locums leave"
locums = -2
locums_from = 4
people_moved = 40
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "scenarios.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_scenarios(written(tmp_path, GOOD), "a/scenarios.toml") == (
        Scenario("Demand 20% higher", demand={"all": 1.2, "reviews": 2.0}, demand_from=3),
        Scenario("Two locums leave", locums=-2.0, locums_from=4, people_moved=40.0),
    )


@pytest.mark.parametrize(
    ("line", "column", "found", "expected"),
    [
        ("demand = { revews = 2 }", "demand revews", "'revews' in scenario 1 (A)", "reviews"),
        ("demand = { all = -1 }", "demand all", "'-1'", "greater than or equal to 0"),
        ("demand = [1]", "demand", "'[1]'", "dictionary"),
        ("demand_from = 0", "demand_from", "'0'", "from 1 to 120"),
        ("posts_from = 1.5", "posts_from", "'1.5'", "whole number"),
        ("locums_from = 2026-04-01", "locums_from", "'2026-04-01'", "such as '2026-09'"),
        ("moved_from = '2026-13'", "moved_from", "'2026-13'", "such as '2026-09'"),
        ("moved_from = true", "moved_from", "'True'", "whole number"),
        ("locums = true", "locums", "'True'", "number"),
        ("posts_filled = nan", "posts_filled", "'nan'", "finite"),
        ("people_moved = -1", "people_moved", "'-1'", "greater than or equal to 0"),
        ("people_moved = '40'", "people_moved", "'40'", "number"),
        ("colour = 'red'", "", "'colour' in scenario 1 (A)", "demand_from"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, line: str, column: str, found: str, expected: str) -> None:
    path = written(tmp_path, f"[[scenario]]\nname = 'A'\n{line}\n")
    with pytest.raises(DataError) as caught:
        read_scenarios(path, "a/scenarios.toml")
    (fault,) = caught.value.faults
    assert (fault.file, fault.column) == ("a/scenarios.toml", column)
    assert found in fault.found
    assert expected in fault.expected
    assert fault.remedy


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name = ", "not TOML"),
        ("", "no [[scenario]] table"),
        ("[scenario]\nname = 'A'\n", "no [[scenario]] table"),
        ("[[scenario]]\nname = 'A'\n[[scenarios]]\nname = 'B'\n", "'scenarios' outside"),
        ("[[scenario]]\nlocums = 1\n", "scenario 1 without 'name'"),
        ("[[scenario]]\nname = 'A'\n[[scenario]]\nname = 'A'\n", "'A' 2 times"),
        ("scenario = [1]", "'1' in scenario 1"),
    ],
)
def test_a_misshapen_file_is_a_fault(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(DataError) as caught:
        read_scenarios(written(tmp_path, text), "a/scenarios.toml")
    assert found in caught.value.faults[0].found


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = "[[scenario]]\nlocums = 'two'\ncolour = 1\n[[scenario]]\nname = 'B'\ndemand_from = 0\n"
    with pytest.raises(DataError) as caught:
        read_scenarios(written(tmp_path, text), "a/scenarios.toml")
    assert len(caught.value.faults) == 4


def test_an_authority_holds_its_scenarios_and_looking_is_noted(small_authority: Path) -> None:
    assert load("smallshire", data_dir=small_authority).written == ()
    written(small_authority / "smallshire", GOOD)
    data = load("smallshire", data_dir=small_authority)
    held = next(source for source in data.inputs if source.dataset == "scenarios")
    assert (held.path, held.rows, held.row_is) == ("smallshire/scenarios.toml", 2, "scenario")
    assert [scenario.name for scenario in data.scenarios] == ["Demand 20% higher", "Two locums leave"]
    assert "scenarios" in (datasets_read() or [])


def test_faulty_scenarios_stop_themselves_and_not_the_rest(small_authority: Path) -> None:
    written(small_authority / "smallshire", "[[scenario]]\n")
    with pytest.raises(DataError, match=r"smallshire/scenarios\.toml"):
        load("smallshire", data_dir=small_authority)
    data = load("smallshire", data_dir=small_authority, allow_faulty=True)
    assert list(data.faulty) == ["scenarios"]
    assert data.scenarios == ()
    assert data.has("kpi")


def test_a_month_is_a_number_or_a_date(tmp_path: Path) -> None:
    path = written(tmp_path, "[[scenario]]\nname = 'A'\nposts_from = 120\nlocums_from = '2026-09'\n")
    (scenario,) = read_scenarios(path, "scenarios.toml")
    assert (scenario.posts_from, scenario.locums_from) == (120, "2026-09")
