"""Ledgers and monitors made by hand, and the studies of the authorities that come with the package."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from s75lib import load
from s75lib.budget import Study, study
from s75lib.budget.cases import CaseBridge, bridge_by_case
from s75lib.budget.causes import Causes, causes
from s75lib.budget.ledger import lines
from s75lib.loaders import AuthorityData

OLD, NEW = pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31")
START, END = pd.Timestamp("2025-03-31"), pd.Timestamp("2026-03-31")
BLANK = {
    "service_group": "AMH",
    "team": "Alder",
    "provider": "P1",
    "age_band": "25-34",
    "health_funding_type": "",
    "units_per_week": 1.0,
    "health_weekly": 0.0,
    "client_weekly": 0.0,
    "net_weekly": np.nan,
    "s117": False,
    "prior_year": False,
    "start_date": "2023-01-01",
    "end_date": None,
    "last_review_date": None,
}
LINES = [("Residential", "expenditure"), ("Dom Care", "expenditure"), ("Client Conts", "client_income")]


def _packages(rows: list[dict[str, object]]) -> pd.DataFrame:
    """A ledger of the contract: what a row leaves out is BLANK; the reference is the row's own."""
    columns = [
        "snapshot_date",
        "person_key",
        "package_key",
        "care_type",
        "weekly_gross",
        "unit_price",
        *BLANK,
    ]
    filled = [
        BLANK
        | {"package_key": f"K{n}", "unit_price": row["weekly_gross"] / (row.get("units_per_week") or 1)}
        | row
        for n, row in enumerate(rows)
    ]
    frame = pd.DataFrame(filled, columns=columns)
    for name in ("snapshot_date", "start_date", "end_date", "last_review_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return frame.astype({"s117": "boolean", "prior_year": "boolean", "package_key": "str"})


def _line(
    day: pd.Timestamp, person: str, care_type: str = "Dom Care", gross: float = 100.0, **more: object
) -> dict:
    return {"snapshot_date": day, "person_key": person, "care_type": care_type, "weekly_gross": gross, **more}


def _random_ledger(drawn: list[tuple]) -> pd.DataFrame:
    rows = [
        _line(
            day,
            person,
            care_type,
            gross,
            service_group=group,
            team=team,
            health_weekly=health,
            client_weekly=client,
            units_per_week=units,
            end_date=end,
        )
        for day, person, care_type, group, team, gross, health, client, units, end in drawn
    ]
    rows += [_line(OLD, "P9"), _line(NEW, "P9")]
    return _packages(rows)


def _lines_on(frame: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    rows = lines(frame)
    return rows[rows["snapshot_date"] == day]


def _sides(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return _lines_on(frame, OLD), _lines_on(frame, NEW)


def _monitor(
    values: list[float], days: tuple[str, ...] = ("2024-04-30", "2024-06-30", "2024-09-30"), **extra: object
) -> pd.DataFrame:
    """A monitor of two groups, three lines and one adjustment a snapshot; values are used in turn."""
    rows, turn = [], iter(np.resize(values, 10_000))
    for day in days:
        for group in ("AMH", "OPMH"):
            rows += [(day, group, line, kind, next(turn), next(turn), next(turn)) for line, kind in LINES]
        rows.append((day, "", "Inflation", "adjustment", next(turn), next(turn), next(turn)))
    frame = pd.DataFrame(
        rows, columns=["as_at", "service_group", "line", "kind", "budget", "commitment", "forecast"]
    )
    frame["as_at"] = pd.to_datetime(frame["as_at"])
    return frame.assign(**{"financial_year": "2024/25", "snapshot_label": "", "rounded_to": 1.0, **extra})


@pytest.fixture(scope="session")
def packages() -> Callable[..., pd.DataFrame]:
    """A ledger of the contract from rows; what a row leaves out is ordinary."""
    return _packages


@pytest.fixture(scope="session")
def line() -> Callable[..., dict[str, object]]:
    """A row of a ledger: day, person, care type, gross cost a week, and anything else."""
    return _line


@pytest.fixture(scope="session")
def random_ledger() -> Callable[..., pd.DataFrame]:
    """A ledger of what hypothesis drew."""
    return _random_ledger


@pytest.fixture(scope="session")
def lines_on() -> Callable[[pd.DataFrame, pd.Timestamp], pd.DataFrame]:
    """The prepared lines of a ledger on one day."""
    return _lines_on


@pytest.fixture(scope="session")
def sides() -> Callable[[pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]:
    """The prepared lines of a ledger made by hand, on its two days."""
    return _sides


@pytest.fixture(scope="session")
def monitor() -> Callable[..., pd.DataFrame]:
    """A monitor of two groups, three lines and one adjustment a snapshot; values are used in turn."""
    return _monitor


@pytest.fixture
def studied(made: Callable[..., AuthorityData]) -> Callable[..., Study]:
    """Study the datasets given, and nothing else."""
    return lambda **frames: study(made(**frames))


@pytest.fixture(scope="session")
def cambridgeshire() -> AuthorityData:
    return load("cambridgeshire", "2019/20")


@pytest.fixture(scope="session")
def published(cambridgeshire: AuthorityData) -> Study:
    """The study of an authority that published its monitor and holds no ledger."""
    return study(cambridgeshire)


@pytest.fixture(scope="session")
def example() -> AuthorityData:
    return load("exampleshire", "2025/26")


@pytest.fixture(scope="session")
def example_study(example: AuthorityData) -> Study:
    """The study of an authority that holds everything."""
    return study(example)


@pytest.fixture(scope="session")
def truth(data_dir: Path) -> dict[str, Any]:
    """What the generator put into exampleshire's ledger."""
    return tomllib.loads((data_dir / "exampleshire" / "truth.toml").read_text(encoding="utf-8"))["packages"]


@pytest.fixture(scope="session")
def example_sides(example: AuthorityData) -> tuple[pd.DataFrame, pd.DataFrame]:
    return _lines_on(example.packages, START), _lines_on(example.packages, END)


@pytest.fixture(scope="session")
def example_bridge(example: AuthorityData, example_sides: tuple[pd.DataFrame, pd.DataFrame]) -> CaseBridge:
    return bridge_by_case(*example_sides, lines(example.packages))


@pytest.fixture(scope="session")
def example_causes(example_sides: tuple[pd.DataFrame, pd.DataFrame]) -> Causes:
    return causes(*example_sides, basis="weekly")
