"""The house: who imports whom, what a section's module may reach, and that notebooks are thin."""

from __future__ import annotations

import ast
import importlib
import json
import re
import tomllib
from pathlib import Path

import pytest

from s75lib.claims import NOTEBOOK_DATASETS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "s75lib"
WINGS = {
    "budget": "budget_deep_dive",
    "kpi": "kpi_significance",
    "workload": "workload_forecast",
    "account": "partnership_account",
    "scorecard": "partnership_scorecard",
    "next_year": "next_year_budget",
}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """Give the parts of s75lib that a module imports, wherever in it; imports for types alone left out."""
    found = set()
    nodes: list[ast.AST] = [tree(path)]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            nodes += node.orelse
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "s75lib":
            parts = node.module.split(".")  # type: ignore[union-attr]
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("s75lib.")}
        nodes += ast.iter_child_nodes(node)
    return found


def rooms() -> set[str]:
    """Give the folders and the modules of s75lib."""
    return {p.parent.name for p in PACKAGE.glob("*/__init__.py")} | {p.stem for p in PACKAGE.glob("[!_]*.py")}


def test_a_wing_is_a_notebook_and_a_notebook_a_wing_and_each_has_its_floor() -> None:
    assert set(WINGS) == {path.parent.name for path in PACKAGE.glob("*/study.py")}
    assert set(WINGS.values()) == {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(NOTEBOOK_DATASETS) == set(WINGS.values())
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (floors,) = (one["layers"] for one in contracts["contracts"] if one["type"] == "layers")
    named = {name.strip() for floor in floors for name in floor.split("|")}
    assert named == {f"s75lib.{room}" for room in rooms()}


def test_the_picture_of_the_house_is_what_the_imports_say() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    picture = re.search(r"```mermaid\n(.*?)```", text, re.DOTALL)
    assert picture, "docs/design.md has no picture"
    drawn = {tuple(found) for found in re.findall(r"^\s*(\w+) --> (\w+)$", picture[1], re.MULTILINE)}
    real = set()
    for room in rooms():
        paths = (PACKAGE / room).rglob("*.py") if (PACKAGE / room).is_dir() else [PACKAGE / f"{room}.py"]
        real |= {(room, other) for path in paths for other in imported(path) if other in rooms() - {room}}
    assert drawn == real, f"drawn and not so: {drawn - real}; so and not drawn: {real - drawn}"


def modules(wing: str) -> list[Path]:
    """Give the modules of a wing that hold metrics: its sections, and what they share but for words."""
    wording = {"__init__", "disclosure", "naming", "phrases", "study"}
    return sorted(p for p in (PACKAGE / wing).rglob("*.py") if p.stem not in wording)


@pytest.mark.parametrize(
    "path", [p for wing in WINGS for p in modules(wing)], ids=lambda p: f"{p.parent.name}.{p.stem}"
)
def test_metrics_neither_draw_nor_word(path: Path) -> None:
    """A public function that takes no study is a metric: nothing that it calls comes from ``present``."""
    body = tree(path).body
    own = {node.name: node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    shown = {
        alias.asname or alias.name
        for node in body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("s75lib.present")
        for alias in node.names
    }
    offered = next(
        (
            ast.literal_eval(n.value)
            for n in body
            if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"
        ),
        list(own),
    )
    faults = []
    for name in offered:
        node = own.get(name)
        if not isinstance(node, ast.FunctionDef) or name.startswith(("_", "headlines", "checks", "section")):
            continue
        if (node.args.args and node.args.args[0].arg in ("study", "data")) or _shows(node, shown):
            continue
        seen, todo = set(), [name]
        while todo:
            for part in ast.walk(own[todo.pop()]):
                if isinstance(part, ast.Name) and part.id not in seen:
                    seen.add(part.id)
                    todo += [part.id] if part.id in own else []
        faults += [f"{name} reaches {', '.join(sorted(seen & shown))}"] if seen & shown else []
    assert not faults, faults


def _shows(node: ast.FunctionDef, shown: set[str]) -> bool:
    """Whether a function says by what it returns that it words or draws, such as ``-> Headline``."""
    return bool(node.returns) and any(
        isinstance(n, ast.Name) and n.id in shown for n in ast.walk(node.returns)
    )


@pytest.mark.parametrize(("wing", "name"), WINGS.items())
def test_a_notebook_is_parameters_one_load_and_one_call_for_each_heading(wing: str, name: str) -> None:
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert "parameters" in next(c for c in cells if c["cell_type"] == "code")["metadata"]["tags"]
    loads = ast.parse(code[1]).body
    assert len(loads) <= 4, code[1]
    for source in code[2:]:
        (line,) = ast.parse(source).body
        assert isinstance(line, ast.Expr), source
        call = line.value
        assert isinstance(call, ast.Call), source
        assert re.match(rf"s75\.(summary|sources|claims\.section|{wing}\.\w+)\(study\)$", source), source


@pytest.mark.parametrize("wing", WINGS)
def test_each_section_of_a_wing_is_known_to_its_study_and_shown_by_its_notebook(wing: str) -> None:
    """What the notebook forgot would be summed up and never shown; what the study forgot, the reverse."""
    held = importlib.import_module(f"s75lib.{wing}")
    sections = set(held.Study.section_names)
    text = (ROOT / "notebooks" / f"{WINGS[wing]}.ipynb").read_text(encoding="utf-8")
    called = set(re.findall(rf"s75\.{wing}\.(\w+)\(study\)", text))
    assert sections <= called, sections - called
    written = {
        path.stem
        for path in (ROOT / "s75lib" / wing).glob("*.py")
        if {"headlines", "section"}
        <= {node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)}
    }
    assert written <= sections, written - sections


@pytest.mark.parametrize("room", ["stats", *WINGS])
def test_nobody_changes_a_result_that_others_read_too(room: str) -> None:
    told = [
        (path.name, node.name, ast.unparse(call))
        for path in (PACKAGE / room).rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        for call in node.decorator_list
        if ast.unparse(call).startswith("dataclass")
    ]
    assert told
    assert [one for one in told if "frozen=True" not in one[2]] == []


def test_the_formatter_sets_out_every_module() -> None:
    told = [
        str(path)
        for path in PACKAGE.rglob("*.py")
        if re.search(r"# fmt: *(skip|off)", path.read_text("utf-8"))
    ]
    assert not told
