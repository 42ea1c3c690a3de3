from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

import s75lib as s75
from s75lib.errors import ConfigError
from s75lib.loaders import AuthorityData, load
from s75lib.present import Column, Headline, Headlines, Missing, Table
from s75lib.present.focus import Focus, chosen
from s75lib.present.parts import Details, Figure, Heading
from s75lib.report.tasks import Task

NORTH = Focus("team", "North")
COLUMNS = (Column("team", "Team"), Column("people", "People", "number"))
TEAMS = Table(
    "teams", "People", pd.DataFrame({"team": ["South", "North", "Total"], "people": [9, None, 40]}), COLUMNS,
    strong=(1, 2), hidden=((1, "people"), (0, "people")),
)  # fmt: skip
SIDE = Table(
    "side", "By month", pd.DataFrame({"month": ["May"], "n": [1], "s": [2]}),
    (Column("month", "Month"), Column("n", "North", "number"), Column("s", "South", "number")),
    hidden=((0, "s"),),
)  # fmt: skip


def figure(id: str, data: Table) -> Figure:
    return Figure(id, "What all teams show", "A month", "A chart", s75.present.charts.drawing(2)[0], data)


def test_rows_of_the_focus_stay_with_what_is_hidden_and_strong() -> None:
    (kept,) = chosen([TEAMS], NORTH)
    assert kept.cells() == [["North", "c"]]
    assert (kept.title, kept.strong, kept.hidden) == ("People: North", (0,), ((0, "people"),))
    assert len(kept.frame) == 1


def test_columns_of_the_focus_stay_where_it_is_a_heading() -> None:
    (kept,) = chosen([SIDE], NORTH)
    assert [column.name for column in kept.columns] == ["month", "n"]
    assert "hidden" not in kept.payload() or kept.payload()["hidden"] == []


def test_a_chart_stays_where_it_is_of_the_focus_alone_and_else_gives_its_rows() -> None:
    alone = Table("x", "By month", SIDE.frame, SIDE.columns[:2])
    own, other = replace(figure("visits.1", TEAMS), about="North"), figure("visits", TEAMS)
    same = figure("y", alone)
    assert list(map(id, chosen([own, same], NORTH))) == [id(own), id(same)]
    (rows,) = chosen([other], NORTH)
    assert (type(rows), rows.id, rows.cells()) == (Table, "visits", [["North", "c"]])
    (rows,) = chosen([figure("teams", TEAMS), TEAMS], NORTH)
    assert rows.title == "People: North"


def test_findings_of_the_focus_stay_and_headings_only_above_what_stays() -> None:
    own, other = Headline("visits.1", "North rose.", about="North"), Headline("visits.north", "South fell.")
    parts = [Heading("A"), SIDE, Heading("B"), Missing("None is held."), Heading("C"), Details()]
    kept = list(chosen([Headlines((own, other)), *parts], NORTH))
    assert kept[0] == Headlines((own,))
    assert [part.title for part in kept if isinstance(part, Heading)] == ["A", "B"]
    (said,) = chosen([Headlines((other,)), Heading("A")], NORTH)
    assert said == Missing("This is not divided by team: see the full report.")


@pytest.fixture(scope="module")
def data() -> AuthorityData:
    return load("exampleshire")


def test_a_study_shows_its_focus_and_its_page_opens_with_the_findings_of_it(data: AuthorityData) -> None:
    study = s75.budget.study(data).focus_on(service_group="AMH")
    opening = s75.summary(study)
    assert {headline.id for headline in opening.headlines} == {"budget.bed_based.amh", "budget.causes.amh"}
    assert "cut to service group AMH" in repr(opening)
    assert opening.parts[0].payload()["focus"] == "service group AMH"
    shown = s75.budget.movement(study)
    assert set(shown.tables["settings.year"].frame["group"]) == {"Adult mental health"}
    whole = s75.budget.movement(s75.budget.study(data))
    assert len(whole.tables["settings.year"].frame) > len(shown.tables["settings.year"].frame)
    assert isinstance(s75.budget.cases(study).parts[0], Missing)
    assert isinstance(s75.claims.section(study).parts[0], Missing)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"team": "alder "}, "parameter 'team': found 'alder'; expected one of Alder, Beech"),
        ({"team": "alder "}, "Did you mean 'Alder'?"),
        ({"service_group": "Alder"}, "parameter 'service_group': found 'Alder'; expected one of AMH, OPMH"),
        ({"team": "Alder", "service_group": "AMH"}, "found both service_group and team; expected one"),
        ({"team": 3}, "parameter 'team': found '3' (int); expected str"),
        ({"team": True}, "expected str"),
    ],
)
def test_what_the_data_do_not_hold_is_refused(data: AuthorityData, asked: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        s75.kpi.study(data).focus_on(**asked)
    assert message in str(caught.value)


def test_blank_parameters_are_the_whole_and_data_without_teams_say_so(
    data: AuthorityData, made: Callable[..., AuthorityData]
) -> None:
    assert s75.kpi.study(data).focus_on(service_group=" ", team="").focus is None
    with pytest.raises(ConfigError, match="expected none, for the data name none"):
        s75.kpi.study(made()).focus_on(team="Alder")


def test_a_cut_has_files_of_its_own() -> None:
    def named(**parameters: str) -> str:
        return Task(
            "a", "A", False, "2025/26", "fy2025-26", "budget", __file__, __file__, parameters, ""
        ).report  # type: ignore[arg-type]

    assert named() == named(team="") == "budget"
    assert named(team="St John") == "budget-team-st-john"
    assert re.fullmatch("budget-team-st-john-s-[0-9a-f]{6}", named(team="St John's"))
    assert len({named(team=team) for team in ("A/B", "A-B", "A B", "A  B", "É", "Ü")}) == 6
    assert named(service_group="AMH", horizon="3") == "budget-service-group-amh"
    long = {named(team="North " * 2_000 + end) for end in ("Alder", "Beech")}
    assert [len(name) < 100 for name in long] == [True, True]


def test_a_team_that_is_called_as_a_section_gets_nothing_of_that_section(
    made: Callable[..., AuthorityData], data: AuthorityData
) -> None:
    rows = data.packages.assign(team=data.packages["team"].replace("Alder", "Reviews"))
    held = replace(data, frames=type(data.frames)(dict(data.frames.untracked()) | {"packages": rows}))
    whole = s75.budget.study(held)
    assert any(one.id.startswith("budget.reviews") for one in whole.headlines)
    assert s75.budget.study(held).focus_on(team="Reviews").headlines == ()


def test_teams_that_differ_in_capitals_alone_are_refused_for_their_files_would_be_one(
    made: Callable[..., AuthorityData], data: AuthorityData
) -> None:
    rows = data.packages.assign(team=data.packages["team"].replace("Beech", "ALDER"))
    held = replace(data, frames=type(data.frames)(dict(data.frames.untracked()) | {"packages": rows}))
    with pytest.raises(
        ConfigError, match="found 'Alder' beside ALDER in the data; expected names that differ"
    ):
        s75.budget.study(held).focus_on(team="Alder")


def test_what_is_about_a_group_says_so_whatever_its_id(data: AuthorityData) -> None:
    found = [
        *s75.budget.study(data).headlines,
        *s75.kpi.study(data).headlines,
        *s75.account.study(data).headlines,
    ]
    held = {"AMH", "OPMH"}
    by_id = {one.id: {part.upper() for part in one.id.split(".")} & held for one in found}
    assert {one.id: {one.about} - {""} for one in found} == by_id
