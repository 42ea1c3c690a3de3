"""What the examples in docstrings use: `load`, a study of Exampleshire, a hundred reviews a month."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import pandas as pd
import pytest
from _pytest.doctest import DoctestItem

from s75lib.loaders import load

SHARED = {"monthly": "activity", "in_force": "assumptions", "expected_demand": "demand"}


@cache
def held(wing: str) -> Any:
    """Study Exampleshire, once for all examples of a wing."""
    return importlib.import_module(f"s75lib.{wing}").study(load("exampleshire"))


def hundred_reviews() -> pd.DataFrame:
    """Give the activity of eight months with a hundred reviews each."""
    rows = pd.DataFrame({"month": pd.date_range("2024-08-01", periods=8, freq="MS"), "count": 100.0})
    return rows.assign(measure="reviews", service_group="", team="")


@pytest.fixture(autouse=True)
def running_examples(request: pytest.FixtureRequest) -> None:
    """Give a docstring's examples the names that its wing's docstring says are there."""
    if not isinstance(request.node, DoctestItem):
        return
    names, wing = request.node.dtest.globs, (*request.node.dtest.name.split("."), "")[1]
    names.setdefault("load", load)
    if any("held." in example.source for example in request.node.dtest.examples):
        names.setdefault("held", held(wing))
    if wing == "workload":
        for name, module in SHARED.items():
            names.setdefault(name, getattr(importlib.import_module(f"s75lib.workload.{module}"), name))
        names["hundred_reviews"] = hundred_reviews()
