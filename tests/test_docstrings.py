"""Every function that a package offers says what it takes, what it gives, and shows itself at work."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

import s75lib

INSIDE = (".figures", ".tables", ".wording", ".synthetic", ".report", ".present")
"""Where an example would need a whole authority or a run: notebooks show these, and are tested with them."""


def offered() -> dict[str, Callable[..., Any]]:
    """Find the functions in the ``__all__`` of each package; the rest of its modules serve one another."""
    found = {}
    for module in pkgutil.walk_packages(s75lib.__path__, "s75lib."):
        if module.ispkg:
            package = importlib.import_module(module.name)
            things = [getattr(package, name) for name in getattr(package, "__all__", ())]
            found |= {
                f"{thing.__module__}.{thing.__name__}": thing for thing in things if inspect.isfunction(thing)
            }
    return found


OFFERED = offered()


@pytest.mark.parametrize("name", sorted(name for name in OFFERED if ".present" not in name))
def test_docstring_has_its_sections(name: str) -> None:
    doc = inspect.getdoc(OFFERED[name]) or ""
    signature = inspect.signature(OFFERED[name], eval_str=True)
    if signature.parameters:
        assert "\nParameters\n----------\n" in doc
        for parameter in signature.parameters:
            assert parameter in doc.split("Parameters\n----------\n")[1], f"{parameter} is not described"
    if signature.return_annotation not in (None, inspect.Signature.empty):
        assert "\nReturns\n-------\n" in doc or "\nYields\n------\n" in doc


@pytest.mark.parametrize("name", sorted(name for name in OFFERED if not any(part in name for part in INSIDE)))
def test_docstring_shows_an_example_that_runs(name: str) -> None:
    doc = inspect.getdoc(OFFERED[name]) or ""
    assert "\nExamples\n--------\n" in doc
    assert ">>> " in doc
