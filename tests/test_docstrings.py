"""Docstrings: full where a name is offered to others, one sentence elsewhere, none that says nothing."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import s75lib
from s75lib.loaders.schemas import DATASETS

ROOT = Path(s75lib.__file__).parent
WINGS = ("account", "budget", "kpi", "next_year", "workload", "scorecard")
WORDING = ("disclosure", "naming", "phrases")  # modules of a wing that word and hide, and measure nothing
SECTIONS = ("Parameters", "Returns", "Yields", "Attributes")


def sections(doc: str) -> dict[str, list[str]]:
    """Split a docstring's numpy sections into their lines."""
    parts = re.split(r"^([A-Z][A-Za-z]+)\n-{3,}\n", inspect.cleandoc(doc), flags=re.MULTILINE)
    return {name: body.rstrip().split("\n") for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def offered() -> dict[str, object]:
    """Find what s75lib, the families of stats and the loaders offer, and the metrics of each wing."""
    found: dict[str, object] = {}
    for module in pkgutil.walk_packages(s75lib.__path__, "s75lib."):
        parts = module.name.split(".")[1:]
        family = parts[0] == "stats" and len(parts) == 2
        is_wing = parts[0] in WINGS
        if not (family or is_wing or (parts[0] == "loaders" and (len(parts) == 1 or module.ispkg))):
            continue
        held = importlib.import_module(module.name)
        # Of a section that lists no metrics, each function that it defines for others is taken for one.
        own = [name for name, one in vars(held).items() if getattr(one, "__module__", "") == module.name]
        public = [name for name in own if not name.startswith("_")] if is_wing else []
        for name in getattr(held, "__all__", public):
            thing = getattr(held, name, None)
            if not inspect.isfunction(thing) or not thing.__module__.startswith("s75lib"):
                continue
            takes_study = next(iter(inspect.signature(thing).parameters), "") == "study"
            if is_wing and (takes_study or thing.__module__.rsplit(".", 1)[1] in WORDING):
                continue
            found[f"{thing.__module__}.{thing.__name__}"] = thing
    names = [getattr(s75lib, name) for name in s75lib.__all__]
    return found | {f"{f.__module__}.{f.__name__}": f for f in names if inspect.isfunction(f)}


OFFERED = offered()


def documented() -> Iterator[tuple[str, str]]:
    """Give every docstring of the library with its place."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
            if named and (doc := ast.get_docstring(node)):
                yield f"{path.relative_to(ROOT.parent)}:{node.name}", doc


@pytest.mark.parametrize("name", sorted(OFFERED))
def test_what_is_offered_says_what_it_takes_gives_and_shows_itself_at_work(name: str) -> None:
    doc = inspect.getdoc(OFFERED[name]) or ""
    held = sections(doc)
    signature = inspect.signature(OFFERED[name], eval_str=True)  # type: ignore[arg-type]
    # What several functions take is said once: by their module or wing, or by one function of the module.
    module = inspect.getmodule(OFFERED[name])
    wing = importlib.import_module(".".join(name.split(".")[:2]))
    around = f"{inspect.getdoc(wing)} {inspect.getdoc(module)}"
    near = [inspect.getdoc(each) or "" for each in vars(module).values() if inspect.isfunction(each)]
    described = "\n".join(line for one in near for line in sections(one).get("Parameters", []))
    missing = [
        p
        for p in signature.parameters
        if not re.search(rf"(^|[ ,*]){p}\b", described, re.MULTILINE)
        and f"`{p}`" not in around
        and p not in DATASETS
    ]
    assert not missing, f"not described: {', '.join(missing)}"
    # The first sentence tells one value, and a class of ours itself; columns and keys it does not.
    given = inspect.formatannotation(signature.return_annotation)
    if re.search(r"\b(DataFrame|Series|ndarray|dict)\b", given):
        assert "Returns" in held or "Yields" in held
    assert ">>> " in "\n".join(held.get("Examples", []))


def test_no_section_of_a_docstring_repeats_types_and_says_nothing() -> None:
    """A Parameters, Returns, Yields or Attributes section has at least one line of description."""
    empty = [
        f"{place}: {name}"
        for place, doc in documented()
        for name, lines in sections(doc).items()
        if name in SECTIONS and not any(line.startswith(" ") for line in lines)
    ]
    assert not empty, "\n".join(empty)


def test_the_words_of_a_section_are_one_sentence() -> None:
    """What draws, tables and words of a study needs no list of parameters: it takes the study."""
    long = []
    for wing in WINGS:
        for path in sorted((ROOT / wing).rglob("*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                takes = node.args.args[:1] if isinstance(node, ast.FunctionDef) else []
                if [one.arg for one in takes] == ["study"] and "Parameters" in sections(
                    ast.get_docstring(node) or ""
                ):
                    long.append(f"{path.relative_to(ROOT.parent)}:{node.name}")
    assert not long, "\n".join(long)
