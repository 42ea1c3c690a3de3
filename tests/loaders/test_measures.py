"""Measures that an authority declares: read, used, asked for, and kept apart from those of the contract."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from s75lib.cli import app
from s75lib.errors import ConfigError, DataError
from s75lib.loaders import load
from s75lib.loaders.authority import read_authority
from s75lib.loaders.mapping.synonyms import MEASURES as PATTERNS
from s75lib.loaders.measures import measure_as_toml
from s75lib.loaders.schemas import MEASURES

VISITS = '\n[measures.night_visits]\nlabel = "night visits"\nkind = "flow"\npolarity = "lower_is_better"\n'


@pytest.fixture
def council(tmp_path: Path):
    """Write an authority of three rows of activity, and more of authority.toml."""

    def write(measures, toml: str = "", scenarios: str = "") -> Path:
        folder = tmp_path / "anytown"
        folder.mkdir(exist_ok=True)
        (folder / "authority.toml").write_text(f'name = "Anytown"\n{toml}', encoding="utf-8")
        rows = pd.DataFrame({"month": "2025-04", "measure": measures, "count": range(7, 7 + len(measures))})
        rows.to_csv(folder / "activity.csv", index=False)
        if scenarios:
            (folder / "scenarios.toml").write_text(scenarios, encoding="utf-8")
        return tmp_path

    return write


def test_a_declared_measure_is_read_however_it_is_written(council):
    data = load("anytown", data_dir=council(["Night Visits", "reviews"], VISITS))
    assert data.activity["measure"].tolist() == ["night_visits", "reviews"]
    assert data.authority.all_measures["night_visits"].polarity == "lower_is_better"
    assert not any("declared" in warning.found for warning in data.warnings)


def test_one_that_nobody_declared_waits_and_the_others_are_used(council):
    folder = council(["night_visits", "reviews", "Night-visits", "guardianship_ended"])
    data = load("anytown", data_dir=folder)
    assert data.activity["count"].tolist() == [8]
    visits, guardians = (one for one in data.warnings if "nobody has declared" in one.found)
    assert (visits.row, visits.column) == (2, "measure")
    assert "'night_visits', in 2 rows" in visits.found
    assert visits.expected == "[measures.night_visits] in authority.toml"
    assert "guardianship_new'" in guardians.remedy
    done = CliRunner().invoke(app, ["check", "anytown", "--data", str(folder)], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert "authority.toml (2): paste this there, and correct the guesses" in done.stdout.replace("\n", "")
    assert "[measures.night_visits]\nlabel = " in done.stdout


def test_the_lines_proposed_declare_it_once_they_are_decided(council):
    folder = council(["night_visits"])
    (told,) = (one for one in load("anytown", "2025/26", data_dir=folder).warnings if one.column == "measure")
    data = load("anytown", data_dir=council(["night_visits"], measure_as_toml(told)))
    assert data.activity["count"].tolist() == [7]


@pytest.mark.parametrize("slip", ["reviws", "Assesments", "DOLS application"])
def test_a_slip_is_a_fault_that_names_the_nearest(council, slip):
    with pytest.raises(DataError) as caught:
        load("anytown", data_dir=council(["reviews", slip]))
    (fault,) = caught.value.faults
    assert fault.row == 3
    assert fault.remedy.startswith("Did you mean '")


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('[measures.reviews]\nlabel = "r"\nkind = "flow"\npolarity = "neither"', "in the contract already"),
        ('[measures.x]\nlabel = "Reviews"\nkind = "flow"\npolarity = "neither"', "no other measure has"),
        ('[measures.x]\nlabel = " "\nkind = "flow"\npolarity = "neither"', "no other measure has"),
        ('[measures.x]\nlabel = "y"\nkind = "rate"\npolarity = "neither"', "'flow' or 'stock'"),
        ('[measures.x]\nlabel = "y"\nkind = "flow"', "polarity"),
        ('[measures."Night visits"]\nlabel = "y"\nkind = "flow"\npolarity = "neither"', "lower-case"),
    ],
)
def test_what_is_declared_badly_is_told_with_its_place(council, toml, said):
    with pytest.raises(ConfigError, match="measures") as caught:
        read_authority("anytown", council(["reviews"], toml))
    assert said in str(caught.value)


def test_a_scenario_may_change_an_own_measure(council):
    scenario = '[[scenario]]\nname = "Twice"\ndemand = { night_visits = 2.0 }\n'
    assert load("anytown", data_dir=council(["reviews"], VISITS, scenario)).scenarios[0].demand
    with pytest.raises(DataError, match="one of all, "):
        load("anytown", data_dir=council(["reviews"], "", scenario))


def test_every_measure_has_a_name_of_its_own_and_a_sign_that_gives_it_away():
    assert len({one.name for one in MEASURES.values()}) == len(MEASURES)
    assert set(PATTERNS) == set(MEASURES)


def reasons(council, rows, **options):
    folder = council(["reviews"])
    frame = pd.DataFrame(rows, columns=["team", "count", "reason", "attributed_to"])
    frame.assign(month="2025-04", measure="delayed_days").to_csv(
        folder / "anytown" / "activity.csv", index=False
    )
    return load("anytown", data_dir=folder, **options)


def test_a_count_of_all_reasons_beside_them_is_left_out_where_it_is_their_sum(council):
    parts = [("North", 9, "Housing", "NHS"), ("North", 4, "Care home", "Social Care")]
    for whole in ("", "Total"):
        data = reasons(council, [*parts, ("North", 13, whole, ""), ("South", 6, "", "")])
        assert data.activity.groupby("team")["count"].sum().to_dict() == {"North": 13, "South": 6}
        assert any("totals among the rows" in told.found for told in data.warnings)
    with pytest.raises(DataError, match="the sum of the rows by reason"):
        reasons(council, [*parts, ("North", 14, "", "")])


def test_a_count_split_twice_is_a_fault(council):
    with pytest.raises(DataError, match="one way to split"):
        reasons(council, [("North", 9, "Housing", ""), ("North", 9, "", "NHS")])
    with pytest.raises(DataError, match="one of NHS, social care, both"):
        reasons(council, [("North", 9, "Housing", "police")])


@pytest.mark.parametrize("owner", ["Jane Smith", "Dr Patel", "Head of service; Anne-Marie O'Neil"])
def test_an_owner_who_looks_like_a_person_is_told_of_and_not_shown(council, owner):
    folder = council(["reviews"])
    risks = pd.DataFrame({"risk_id": ["R1", "R2"], "date": "2025-06-30", "description": "Too few staff"})
    risks.assign(owner=["Finance Partner", owner]).to_csv(folder / "anytown" / "risks.csv", index=False)
    (told,) = (one for one in load("anytown", data_dir=folder).warnings if one.column == "owner")
    assert told.row == 3
    assert "Smith" not in str(told)
    assert "Patel" not in str(told)
    assert "Neil" not in str(told)
