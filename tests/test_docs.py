from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from openpyxl import load_workbook

from s75lib.cli import app
from tests.loaders.test_mapping import workbooks

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_two_commands_stand_on_the_first_screen_and_ci_calls_them() -> None:
    first_screen = README[:1500]
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in ("pip install uv && uv run s75 run", "pip install uv && uv run pytest"):
        assert f"\n{command}\n" in first_screen
        assert f"\n{command}\n" in ci


def test_every_command_and_option_is_documented() -> None:
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        section = COMMANDS.split(f"## `s75 {name}")[1].split("\n## ")[0]
        for parameter in command.params:
            for option in (text for text in parameter.opts if text.startswith("-") and text != "--help"):
                assert f"`{option}" in section, f"s75 {name} {option}"


def test_every_option_documented_exists() -> None:
    for section in COMMANDS.split("\n## `s75 ")[1:]:
        command = typer.main.get_command(app).commands[section.split("`")[0].split()[0]]  # type: ignore[attr-defined]
        known = {option for parameter in command.params for option in parameter.opts}
        for option in re.findall(r"`(--?[a-z][a-z-]*)", section):
            assert option in known, option


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_documents_hold_no_machine_path(path: Path) -> None:
    assert not re.search(r"/(tmp|root|home)/", path.read_text(encoding="utf-8"))


def test_what_an_analyst_does_next_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(
        r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?",
        (ROOT / "docs" / "explore.md").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert len(blocks) == 6
    known: dict[str, object] = {}
    for code, said in blocks:
        exec(code, known)
        assert capsys.readouterr().out == said
    assert {path.name for path in tmp_path.iterdir()} == {"data", "commitments.svg", "settings.xlsx"}


WALK = README.split("## Your own authority in five minutes")[1].split("\n## ")[0]
RUN = "import sys; from s75lib.cli import main; main()"


@pytest.mark.slow
def test_the_readmes_way_to_an_authority_of_ones_own_is_as_it_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    blocks = re.split(r"```\n(.*?)```", WALK, flags=re.DOTALL)
    commands, said = [block.split() for block in blocks[1::2]], blocks[2::2]
    assert [command[:4] for command in commands] == [
        ["uv", "run", "s75", step] for step in ("new", "check", "run")
    ]
    for command, words in zip(commands, said, strict=True):
        done = subprocess.run(
            [sys.executable, "-c", RUN, *command[3:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        shown = done.stdout + "".join(
            part.read_text(encoding="utf-8") for part in tmp_path.glob("reports/*/*/*.html")
        )
        for promised in re.findall(r"`([^`]+)`", words):
            if promised.startswith(("data/", "reports/")):
                assert (tmp_path / promised).is_file(), promised
            elif command[3] != "new":  # there it names parts of the workbook
                assert promised in shown, promised
        if command[3] == "new":
            fill_in(tmp_path / "data" / command[4] / "data.xlsx", words)


def fill_in(path: Path, words: str) -> None:
    """Type the table that the README shows into the sheet that it names."""
    book = load_workbook(path)
    assert "guidance" in book.sheetnames
    sheet = book[re.findall(r"sheet `(\w+)`:", words)[0]]
    places = {cell.value: cell.column for cell in sheet[1]}
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in words.splitlines()
        if line.startswith("|")
    ]
    for at, row in enumerate(rows, start=2):
        for name, cell in zip(head, row, strict=True):
            sheet.cell(at, places[name], float(cell) if cell.isdigit() else cell or None)
    book.save(path)


@pytest.mark.slow
def test_the_readmes_way_from_workbooks_to_reports_is_as_it_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "from-finance").mkdir()
    workbooks(tmp_path / "from-finance")
    walk = README.split("## Your own files")[1].split("\n## ")[0]
    shown = {}
    for block in re.findall(r"```\n(.*?)```", walk, flags=re.DOTALL):
        step = block.split()[2:]
        done = subprocess.run(
            [sys.executable, "-c", RUN, *step[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        shown[step[1]] = done.stdout
        mapping = tmp_path / "data" / "our-council" / "mapping.toml"
        mapping.write_text(mapping.read_text(encoding="utf-8").replace('"?"', '"Other"'), encoding="utf-8")
    assert list(shown) == ["map", "check", "run"]
    assert (tmp_path / "data" / "our-council" / "mapping.toml").is_file()
    assert "To decide" in shown["map"]
    assert "Next: uv run s75 run our-council" in shown["check"]
    made = {path.stem for path in tmp_path.glob("reports/our-council/*/*.html")}
    assert {"budget_deep_dive", "kpi_significance", "workload_forecast"} <= made
