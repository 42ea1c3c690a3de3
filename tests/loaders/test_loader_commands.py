from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from s75lib.cli import app
from s75lib.errors import ConfigError


def spoil(data_dir: Path, old: str, new: str) -> None:
    kpi = data_dir / "smallshire" / "kpi.csv"
    kpi.write_text(kpi.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_check_as_json_exits_2_on_errors(small_authority: Path) -> None:
    spoil(small_authority, "47.5", "-140")
    done = CliRunner().invoke(app, ["check", "smallshire", "--json", "--data", str(small_authority)])
    (record,) = json.loads(done.stdout)
    assert done.exit_code == 2
    assert [fault["found"] for fault in record["faults"]] == ["'-140'"]


def test_a_warning_is_shown_and_does_not_stop(small_authority: Path) -> None:
    with (small_authority / "smallshire" / "kpi.csv").open("a", encoding="utf-8") as file:
        file.write("Source: the annual report,,,,,,\n")
    done = CliRunner().invoke(app, ["check", "--data", str(small_authority)], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert "no fault" in done.stdout
    assert "1 warning" in done.stderr
    assert "a note below the table" in done.stderr


def test_check_annotates_a_copy(small_authority: Path) -> None:
    spoil(small_authority, "47.5", "-140")
    before = (small_authority / "smallshire" / "kpi.csv").read_bytes()
    done = CliRunner().invoke(app, ["check", "--annotate", "--data", str(small_authority)])
    assert done.exit_code == 2
    assert (small_authority / "smallshire" / "kpi.checked.xlsx").is_file()
    assert (small_authority / "smallshire" / "kpi.csv").read_bytes() == before


def test_pseudonymise_writes_beside_the_file_and_needs_a_key(tmp_path: Path) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text("Client id,Surname,Team\n17,Smith,Oak\n", encoding="utf-8")
    refused = CliRunner().invoke(app, ["pseudonymise", str(file)], env={"S75_KEY": ""})
    assert isinstance(refused.exception, ConfigError)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.csv"]
    done = CliRunner().invoke(app, ["pseudonymise", str(file)], env={"S75_KEY": "q7Vx2mT9wLc4hRz8Kd3b"})
    assert done.exit_code == 0, done.output
    said = done.stdout.replace("\n", " ")
    assert said.index("Dropping surname") < said.index("Wrote ")
    assert "1 row, 1 person" in said
    assert "Smith" not in done.output
    assert (tmp_path / "ledger.pseudonymised.csv").is_file()


def test_pseudonymise_makes_a_key_and_uses_it(tmp_path: Path) -> None:
    file, key = tmp_path / "ledger.csv", tmp_path / "s75.key"
    file.write_text("Client id,Team\n17,Oak\n17.0,Elm\nTotal,\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["pseudonymise", str(file), "--make-key", str(key)], env={"S75_KEY": ""})
    said = done.stdout.replace("\n", " ")
    assert done.exit_code == 0, done.output
    assert "Leaving out 1 total row" in said
    assert "2 rows, 1 person" in said
    assert key.read_text(encoding="ascii").strip() not in done.output


@pytest.mark.parametrize("command", ["check", "new", "pseudonymise"])
def test_help_shows_an_example(command: str) -> None:
    assert f"s75 {command}" in CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "150"}).stdout


def test_the_next_command_names_the_data_folder_that_was_named(small_authority: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["check", "--data", str(small_authority)], env={"COLUMNS": "200"})
    assert f"s75 run smallshire --data {small_authority}" in done.stdout.replace("\n", "")
    other = tmp_path / "our data"
    other.mkdir()
    extract = tmp_path / "Activity.csv"
    extract.write_text("Month,Team,Referrals\nApr-24,North,7\n", encoding="utf-8")
    call = ["map", "north-x", str(extract), "--data", str(other)]
    done = CliRunner().invoke(app, call, env={"COLUMNS": "200"})
    assert f"s75 check north-x --data '{other}'" in done.stdout.replace("\n", "")


def test_check_says_where_months_contradict_the_declared_kind(small_authority: Path) -> None:
    folder = small_authority / "smallshire"
    cases = [48] * 4 + [49] * 4 + [47] * 4 + [46] * 4 + [48] * 3 + [49] * 2 + [50] * 3
    months = (f"{2022 + (at + 3) // 12}-{(at + 3) % 12 + 1:02d}" for at in range(24))
    lines = [
        f"calls,,{month},{case / 0.6:.1f},percent,{case},60"
        for month, case in zip(months, cases, strict=True)
    ]
    head = "indicator,group,period,value,unit,numerator,denominator"
    (folder / "kpi.csv").write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    said = {}
    for kind in ("flow", "caseload"):
        entry = f'[calls]\nname = "Calls"\npolarity = "neither"\nkind = "{kind}"\n'
        (folder / "indicators.toml").write_text(entry, encoding="utf-8")
        call = ["check", "smallshire", "--data", str(small_authority)]
        said[kind] = CliRunner().invoke(app, call, env={"COLUMNS": "400"}).stdout
    assert "Calls: declared a flow, but its months look like a caseload's" in said["flow"]
    assert 'kind = "caseload" under [calls] in indicators.toml' in said["flow"]
    assert "declared" not in said["caseload"]


def test_check_tells_a_fault_of_the_indicators_file(small_authority: Path) -> None:
    (small_authority / "smallshire" / "indicators.toml").write_text('[calls]\nkind = "wrong"\n', "utf-8")
    call = ["check", "smallshire", "--data", str(small_authority)]
    done = CliRunner().invoke(app, call, env={"COLUMNS": "200"})
    assert done.exit_code == 2
    assert "calls.kind: found 'wrong'; expected flow or caseload" in done.stderr
    assert "no fault" not in done.stdout
    assert "Next: correct what is listed" in done.stdout
    (record,) = json.loads(CliRunner().invoke(app, [*call, "--json"]).stdout)
    assert "found 'wrong'" in record["error"]


def test_the_lines_that_check_prints_for_indicators_can_be_pasted(small_authority: Path) -> None:
    folder = small_authority / "smallshire"
    head = (folder / "kpi.csv").read_text(encoding="utf-8").splitlines()[0]
    row = {"indicator": "CPA (settled)", "period": "2018/19", "value": "50", "unit": "percent"}
    cells = ",".join(row.get(name, "") for name in head.split(","))
    (folder / "kpi.csv").write_text(f"{head}\n{cells}\n", encoding="utf-8")
    call = ["check", "smallshire", "--data", str(small_authority)]
    lines = CliRunner().invoke(app, call, env={"COLUMNS": "200"}).stdout.partition("[cpa_settled]\n")[2]
    (folder / "indicators.toml").write_text(f"[cpa_settled]\n{lines.partition(chr(10) * 2)[0]}\n", "utf-8")
    assert 'name = "CPA (settled)"' in lines
    assert "indicators.toml" not in CliRunner().invoke(app, call, env={"COLUMNS": "200"}).output
