"""An authority's scenarios: named sets of changes that it wants set against its forecast."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)

from s75lib.errors import DataError, Fault
from s75lib.loaders.personal_data import text_faults
from s75lib.loaders.schemas import MEASURES
from s75lib.loaders.toml import read_toml

SCENARIOS_FILE = "scenarios.toml"
"""Its name in an authority's folder."""

_ALL = "all"


def _measure(name: str, info: ValidationInfo) -> str:
    known = (info.context or {}).get("measures", MEASURES)
    if name not in (*known, _ALL):
        raise ValueError(f"one of {_ALL}, {', '.join(known)}")
    return name


_Measure = Annotated[str, AfterValidator(_measure)]
_Name = Annotated[str, Field(strict=True, min_length=1, max_length=120)]
_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Size = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]


def _month(value: Any) -> Any:
    counted = type(value) is int and 1 <= value <= 120
    if not counted and not (isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value)):
        raise ValueError("a month such as '2026-09', or a whole number from 1 to 120")
    return value


_Month = Annotated[int | str, PlainValidator(_month)]


@dataclass(frozen=True)
class Scenario:
    """Changes against the forecast.

    A month is written as such (``2026-09``), or counted from the first month forecast, which is 1. `demand`
    is a factor by measure, or for ``all`` others. `posts_filled` are WTE of vacancies advertised in
    `posts_from`, with people in post after the time to recruit (negative: of posts that fall vacant then);
    `locums` are WTE that come (negative: leave). `people_moved` are those whose packages come to the social
    work teams.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: _Name
    demand: dict[_Measure, _Size] = field(default_factory=dict)
    demand_from: _Month = 1
    posts_filled: _Number = 0.0
    posts_from: _Month = 1
    locums: _Number = 0.0
    locums_from: _Month = 1
    people_moved: _Size = 0.0
    moved_from: _Month = 1


def read_scenarios(
    path: Path, name: str, measures: Collection[str] = tuple(MEASURES)
) -> tuple[Scenario, ...]:
    """Read a file of scenarios: TOML with one ``[[scenario]]`` for each, which holds fields of `Scenario`.

    DataError with every fault: text that is not TOML, no scenario, a name that is missing or stands twice, a
    field or a measure that is unknown, a value of the wrong kind.
    """
    try:
        held = read_toml(path)
    except ValueError as error:
        fault = Fault(name, f"text that is not TOML ({error})", "[[scenario]] tables", "Correct that place.")
        raise DataError([fault]) from error
    faults, scenarios = list(_misplaced(held, name)), []
    listed = held.get("scenario")
    for at, item in enumerate(listed if isinstance(listed, list) else [], start=1):
        try:
            scenarios.append(_reader().validate_python(item, context={"measures": measures}))
        except ValidationError as error:
            faults += [_fault(name, at, item, wrong) for wrong in error.errors()]
    faults += [
        Fault(name, f"the name {twice!r} {count} times", "a name for each scenario", "Rename all but one.")
        for twice, count in Counter(scenario.name for scenario in scenarios).items()
        if count > 1
    ]
    faults += text_faults(name, held)
    if faults:
        raise DataError(faults)
    return tuple(scenarios)


@cache
def _reader() -> TypeAdapter[Scenario]:
    return TypeAdapter(Scenario)


def _misplaced(held: dict[str, Any], name: str) -> Iterator[Fault]:
    remedy = "Write each scenario under a line [[scenario]] of its own."
    for key in sorted(set(held) - {"scenario"}):
        yield Fault(name, f"{key!r} outside of a scenario", "[[scenario]] tables alone", remedy)
    if not isinstance(held.get("scenario"), list) or not held["scenario"]:
        yield Fault(name, "no [[scenario]] table", "at least one", remedy)


def _fault(name: str, at: int, item: Any, wrong: Any) -> Fault:
    label = item.get("name", "") if isinstance(item, dict) else ""
    scenario = f"scenario {at}" + (f" ({label})" if label else "")
    place = [str(part) for part in wrong["loc"] if part != "[key]"]
    if wrong["type"] == "unexpected_keyword_argument":
        known = ", ".join(Scenario.__dataclass_fields__)
        return Fault(name, f"{place[-1]!r} in {scenario}", f"only {known}", "Correct the field's name.")
    if wrong["type"] == "missing":
        return Fault(name, f"{scenario} without {place[-1]!r}", "a name", "Give it a name.")
    expected = wrong["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    found = f"{str(wrong['input'])[:80]!r} in {scenario}"
    return Fault(name, found, expected, "Correct the value.", column=" ".join(place))
