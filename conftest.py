"""What tests and examples share: results that take long, and what the examples in docstrings use.

Those are `load`, a study of Exampleshire, and a hundred reviews a month.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import cache, wraps
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pytest
from _pytest.doctest import DoctestItem

from s75lib import loaders
from s75lib.loaders.data import AuthorityData, Frames, note_audience
from s75lib.present.disclosure import Register

Function = TypeVar("Function", bound=Callable[..., Any])

SHARED = {"monthly": "activity", "in_force": "assumptions", "expected_demand": "demand"}


def remembered(function: Function) -> Function:
    """Have what depends on its arguments alone worked out once in a process; each caller gets a copy."""
    known: dict[bytes, Any] = {}

    @wraps(function)
    def found(*args: Any, **kwargs: Any) -> Any:
        key = sha256(pickle.dumps((args, kwargs))).digest()
        if key not in known:
            known[key] = function(*args, **kwargs)
        return deepcopy(known[key])

    return found  # type: ignore[return-value]


# What may be shown of exampleshire's cases is asked for by hundreds of tests, and takes a second each time.
Register.decide = remembered(Register.decide)  # type: ignore[method-assign]
Register.out_of_reach = remembered(Register.out_of_reach)  # type: ignore[method-assign]


def shipped(function: Callable[..., AuthorityData]) -> Callable[..., AuthorityData]:
    """Have what the repository's own data folder holds loaded once in a process; each caller gets a copy."""
    known: dict[str, AuthorityData] = {}

    @wraps(function)
    def found(*args: Any, **asked: Any) -> AuthorityData:
        if Path(str(asked.get("data_dir", "data"))).resolve() != Path(__file__).parent / "data":
            return function(*args, **asked)
        key = repr((args, sorted(asked.items())))
        if key not in known:
            known[key] = function(*args, **asked)
        elif "datasets" not in asked:
            note_audience(known[key].internal or known[key].authority.disclosure_threshold < 2)
        frames = {name: frame.copy(deep=False) for name, frame in known[key].frames.untracked()}
        return replace(known[key], frames=Frames(frames))

    return found


loaders.load = load = shipped(loaders.load)


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
