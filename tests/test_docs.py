from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from s75lib.cli import app

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
