from __future__ import annotations

import json
from pathlib import Path

import pytest

from s75lib.errors import ConfigError
from s75lib.loaders.schemas import DATASETS
from s75lib.report.notebooks import find_notebooks, read_notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def test_a_notebook_tells_title_and_parameters(kit, tmp_path):
    notebook = read_notebook(kit.write_notebook(tmp_path, "one", "1"))
    assert notebook.title == "What does one show?"
    assert list(notebook.parameters) == ["authority", "period", "data_dir", "share", "months"]
    months = notebook.parameters["months"]
    assert (months.types, months.declared, months.default) == (("int", "None"), "int | None", None)


def test_types_come_from_the_annotation_or_else_from_the_value(kit, tmp_path):
    source = (
        "a: Optional[int] = 1\nb = 2.5\nc: list[str] = ['x=1', '# no comment']\nd: bool = True  # switch\n"
    )
    parameters = read_notebook(kit.write_notebook(tmp_path, "one", parameters=source)).parameters
    assert {name: p.types for name, p in parameters.items()} == {
        "a": ("int", "None"),
        "b": ("float",),
        "c": ("list",),
        "d": ("bool",),
    }
    assert parameters["c"].default == ["x=1", "# no comment"]


def test_outputs_do_not_change_the_digest_and_sources_do(kit, tmp_path):
    path = kit.write_notebook(tmp_path, "one", "1")
    digest = read_notebook(path).digest
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"][-1]["execution_count"] = 7
    content["cells"][-1]["id"] = "new-id"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert read_notebook(path).digest == digest
    content["cells"][-1]["source"] = "2"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert read_notebook(path).digest != digest


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("authority: str =", "parameters cell, line 1: found invalid syntax"),
        ("import os\n", "parameters cell, line 1: found 'import os'; expected a plain value"),
        ("a = 1\nb = a + 1", "parameters cell, line 2: found 'b = a + 1'"),
    ],
)
def test_a_parameters_cell_that_is_no_list_of_values(kit, tmp_path, parameters, message):
    path = kit.write_notebook(tmp_path, "one", parameters=parameters)
    with pytest.raises(ConfigError, match=r"one\.ipynb, ") as caught:
        read_notebook(path)
    assert message in str(caught.value)


def test_files_that_are_no_notebooks(kit, tmp_path):
    path = kit.write_notebook(tmp_path, "one")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"] = content["cells"][:1]
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ConfigError, match="found no cell tagged 'parameters'"):
        read_notebook(path)
    for text in ("not json", "[]", '{"cells": [1]}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match="is no notebook of format 4"):
            read_notebook(path)


def test_only_plainly_named_notebooks_are_found(kit, tmp_path):
    for name in ("b", "a_1-x", ".hidden", "x.failed"):
        kit.write_notebook(tmp_path, name)
    assert list(find_notebooks(tmp_path)) == ["a_1-x", "b"]


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_run_all_shows_the_analysis_of_an_authority_that_holds_every_dataset(path):
    authority = read_notebook(path).parameters["authority"].default
    folder = NOTEBOOKS.parent / "data" / authority
    assert {file.stem for file in folder.glob("*.csv")} == set(DATASETS)
