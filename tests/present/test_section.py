from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from s75lib.errors import MethodError
from s75lib.present import (
    Check,
    Column,
    Figure,
    Headline,
    Missing,
    Study,
    Summary,
    Table,
    TableOf,
    section,
    sources,
    summary,
)
from s75lib.present.charts import drawing
from s75lib.present.headline import STAKES, ranked

TEAMS = TableOf(
    "teams",
    (
        Column("team", "Team"),
        Column("people", "People", "number", hides=("few",)),
        Column("cost", "Cost", "money", hides=("few", "dear")),
        Column("word", "In words", hides=("dear",)),
    ),
    notes=("Always said.",),
    totals=1,
    counted="cases",
)
ROWS = pd.DataFrame(
    {
        "team": ["North", "South", "Total"],
        "people": [3, 40, 43],
        "cost": [300.0, 4000.0, 4300.0],
        "word": ["little", "much", "much"],
        "few": [True, False, False],
        "dear": [False, True, False],
    },
    index=[7, 8, 9],
)


def test_a_declared_table_hides_what_its_columns_say_and_says_so() -> None:
    made = TEAMS.of(ROWS, "Teams", notes=("", "Said once."), fewest=5)
    assert made.cells() == [
        ["North", "c", "c", "little"],
        ["South", "40", "c", "c"],
        ["Total", "43", "4,300", "much"],
    ]
    assert made.strong == (2,)
    assert made.notes[:2] == ("Always said.", "Said once.")
    assert "a count of cases below 5" in made.notes[2]
    assert made.payload()["records"][0]["people"] is None
    assert made.payload()["records"][0]["cost"] is None
    assert set(made.hidden) == {(0, "people"), (0, "cost"), (1, "cost"), (1, "word")}
    assert ROWS["people"].tolist() == [3, 40, 43]


def test_a_table_that_hides_nothing_says_nothing_of_hiding() -> None:
    made = TEAMS.of(ROWS.assign(few=False, dear=False), "Teams", fewest=5, totals=0)
    assert made.notes == ("Always said.",)
    assert made.strong == ()
    assert TEAMS.of(ROWS, "Teams", strong=(0,), fewest=5).strong == (0,)


@pytest.mark.parametrize("lost", ["people", "few", "dear"])
def test_a_declared_column_or_flag_that_the_rows_lack_is_an_error_and_never_a_shown_cell(lost: str) -> None:
    with pytest.raises(MethodError, match=lost):
        TEAMS.of(ROWS.drop(columns=lost), "Teams", fewest=5)


def test_a_table_of_people_needs_to_know_the_fewest_that_it_may_show() -> None:
    with pytest.raises(MethodError, match="fewest"):
        TEAMS.of(ROWS, "Teams")


def test_a_section_is_flat_and_tells_each_gap_once() -> None:
    gap = Missing("Nothing is held.")
    table = TEAMS.of(ROWS, "Teams", fewest=5)
    sheet, _ = drawing()
    figure = Figure(
        "chart", "It rose.", "", "A line.", sheet, Table("chart.data", "Data", ROWS, TEAMS.columns)
    )
    shown = section([Headline("a", "A.")], None, gap, [[gap, table], figure], [], [Check("c", True, "Fine.")])
    assert [type(part).__name__ for part in shown.parts] == [
        "Headlines",
        "Missing",
        "Table",
        "Figure",
        "Checks",
    ]
    assert [one.id for one in shown.headlines] == ["a"]
    assert set(shown.tables) == {"teams", "chart"}
    same = section(table, replace(figure, id="teams"))
    assert same.tables["teams"] is table
    assert set(shown.figures) == {"chart"}
    assert section(shown, gap).parts[:-1] == shown.parts[:-1]


def test_the_gravest_findings_come_first_and_one_of_each_section_before_a_second_of_any() -> None:
    def said(name: str, stake: Any) -> Headline:
        return Headline(name, f"{name}.", stake=stake)

    first = [said("m1", "money"), said("m2", "money"), said("c1", "context")]
    second = [said("m3", "money"), said("l1", "law")]
    third = [said("p1", "people"), said("t1", "target")]
    assert [one.id for one in ranked([first, second, third])] == ["l1", "m1", "m3", "m2", "p1"]
    assert [one.id for one in ranked([first, second, third], most=2)] == ["l1", "m1"]


def test_findings_of_no_stake_open_a_page_only_where_there_is_no_other() -> None:
    plain = [Headline(f"c{number}", "So.") for number in range(7)]
    assert [one.id for one in ranked([plain])] == ["c0", "c1", "c2", "c3", "c4"]
    assert [one.id for one in ranked([plain, [Headline("t", "Missed.", stake="target")]])] == ["t"]
    assert ranked([]) == ()
    assert STAKES[0] == "law"
    assert STAKES[-1] == "context"


class Wing(Study):
    notebook = "wing"

    @property
    def sections(self) -> Any:
        def findings(study: Study) -> list[Headline]:
            return [Headline("wing.place", f"This is {study.place}.", stake="money")]

        whole = SimpleNamespace(
            headlines=findings, checks=lambda study: [Check("wing.sound", True, "Sound.")]
        )
        return (whole, SimpleNamespace(headlines=lambda study: []))


def test_a_report_opens_with_its_head_and_closes_with_its_sources(made: Any) -> None:
    study = Wing(made())
    opening = summary(study)
    assert [type(part).__name__ for part in opening.parts] == ["ReportHead", "Summary"]
    assert opening.headlines[0].text == "This is Madeshire."
    assert opening.parts[1].payload()["kind"] == "summary"
    assert isinstance(opening.parts[1], Summary)
    closing = sources(study)
    assert [type(part).__name__ for part in closing.parts] == ["Details", "Sources", "Checks"]
    assert [check.id for check in closing.parts[2].items] == ["wing.sound"]


def test_two_findings_of_one_name_are_an_error(made: Any) -> None:
    class Twice(Wing):
        @property
        def sections(self) -> Any:
            return (super().sections[0], super().sections[0])

    with pytest.raises(MethodError, match=r"wing\.place"):
        _ = Twice(made()).headlines
