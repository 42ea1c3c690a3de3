from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from s75lib.errors import ConfigError
from s75lib.report.tasks import Finished, Outcome, Progress, Task

SECRET = "cell 5, “People”: ValueError: found Jane Doe, 999 000 0018, in /home/ann/packages.csv"


@pytest.fixture
def events() -> list[Any]:
    """A report that is made, one that fails, and one that is current."""
    tasks = [
        Task("alpha", "Alpha", False, "2018/19", "fy2018-19", name, Path(f"{name}.ipynb"), Path(), {}, "f")
        for name in ("good", "bad", "old")
    ]
    outcomes = (
        Outcome(tasks[0], "ok", 3.21, headlines=("Up.", "Down."), checks_passed=4, checks_failed=1),
        Outcome(tasks[1], "failed", 2.0, error=SECRET),
        Outcome(tasks[2], "unchanged", 0.0, headlines=("Same.",)),
    )
    return [Finished(outcome, number, 3) for number, outcome in enumerate(outcomes, start=1)]


def told(events: list[Any], *, terminal: bool = False, **options: Any) -> str:
    """What a run says of the events."""
    said = io.StringIO()
    console = Console(file=said, force_terminal=terminal, width=120, color_system=None)
    with Progress(console, 3, **options) as progress:
        for event in events:
            progress(event)
    return said.getvalue()


def test_a_line_a_report_and_no_bar_without_a_terminal(events):
    lines = told(events).splitlines()
    assert " ".join(lines[0].split()) == "1/3 alpha good 2018/19 made 3.2 s 2 headlines, 1 check failed"
    assert " ".join(lines[1].split()) == "2/3 alpha bad 2018/19 FAILED 2.0 s"
    assert lines[2].strip() == SECRET
    assert " ".join(lines[3].split()) == "3/3 alpha old 2018/19 unchanged 1 headline, 0 checks failed"
    assert len(lines) == 4


def test_a_bar_with_the_time_left_on_a_terminal(events):
    said = told(events, terminal=True)
    assert "━" in said
    assert re.search(r"3/3 .*left", said)
    assert "alpha  good" in said


def test_quiet_names_what_failed_and_nothing_else(events):
    for terminal in (False, True):
        lines = told(events, terminal=terminal, quiet=True).splitlines()
        assert [" ".join(line.split()) for line in lines] == ["2/3 alpha bad 2018/19 FAILED 2.0 s", SECRET]
    assert told([event for event in events if "bad" not in str(event)], quiet=True) == ""


def test_json_lines_are_for_programs_and_all_that_is_said(events):
    lines = io.StringIO()
    assert told(events, lines=lines) == ""
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(one["done"], one["notebook"], one["status"]) for one in found] == [
        (1, "good", "ok"), (2, "bad", "failed"), (3, "old", "unchanged"),
    ]  # fmt: skip
    assert found[0] | {"seconds": 3.21, "headlines": 2, "checks_failed": 1} == found[0]


def test_the_log_holds_nothing_personal_and_is_added_to(events, tmp_path):
    log = tmp_path / "s75.log"
    for _ in range(2):
        told(events, quiet=True, log=log)
    lines = log.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 6
    assert lines[1].endswith("alpha 2018/19 bad failed 2.0s cell 5 ValueError")
    assert not re.search("Jane|999|home|People", log.read_text(encoding="utf-8"))


def test_a_log_that_cannot_be_written_is_a_fault_of_the_call(tmp_path):
    with pytest.raises(ConfigError, match="cannot be written"):
        Progress(Console(file=io.StringIO()), 1, log=tmp_path)
