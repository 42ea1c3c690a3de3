from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path

import pytest
import yaml

from s75lib.loaders.schemas import DATASETS

ROOT = Path(__file__).resolve().parents[1]
GENERATED = runpy.run_path(str(ROOT / ".ci" / "generate"))["FILES"]


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_a_generated_file_is_what_its_source_gives(name: str) -> None:
    committed = (ROOT / name).read_text(encoding="utf-8")
    assert committed == GENERATED[name](), f"{name} is out of date: run `uv run .ci/generate`"


def test_environment_names_every_requirement_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    entries = environment["dependencies"]
    listed = [entry for entry in entries if isinstance(entry, str)] + entries[-1]["pip"]
    named = {re.split(r"[<>=]", entry)[0] for entry in listed}
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["lab"]]:
        name = re.split(r"[<>=\[]", requirement)[0]
        assert any(entry == name or entry.startswith(f"{name}-") for entry in named), name
    for fixed in ("jupyterlab", "pandas", "numpy", "seaborn", "statsmodels", "papermill", "nbconvert"):
        assert fixed in named


def test_the_dictionary_lists_every_column() -> None:
    text = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    for dataset in DATASETS.values():
        section = text.split(f"\n## {dataset.name}\n")[1].split("\n## ")[0]
        for column in dataset.columns:
            assert f"| `{column.name}` |" in section
