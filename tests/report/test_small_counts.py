"""No small count of people leaves with a real report, nor can one be worked out: whole runs, audited anew."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from s75lib.report.batch import run
from s75lib.report.plan import make_plan

ROOT = Path(__file__).resolve().parents[2]
THRESHOLD = 10
COUNTS = re.compile(
    r"people|packages|cases(_before|_after)?|overdue|in_time|due|over_two_years|outliers|compliant|now|gains|open"
)
STAFF = ("on_duty",)  # a rota's plan, not people who are served
SAID = re.compile(r"\b(\d+) (?:people|person|cases?|packages?)\b")

pytestmark = pytest.mark.slow

Cells = dict[tuple[int, str], float]


@pytest.fixture(scope="module")
def manifests(
    tmp_path_factory: pytest.TempPathFactory, with_warm_parent: Callable[[], AbstractContextManager[None]]
) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Every report of the made-up authority under a high threshold: as published, and as it is inside."""
    root = tmp_path_factory.mktemp("small")
    shutil.copytree(ROOT / "data" / "exampleshire", root / "data" / "exampleshire")
    settings = root / "data" / "exampleshire" / "authority.toml"
    text, changed = re.subn(
        r"disclosure_threshold = \d+", f"disclosure_threshold = {THRESHOLD}", settings.read_text("utf-8")
    )
    assert changed == 1
    settings.write_text(text, "utf-8")

    def made(**parameters: str) -> dict[str, dict[str, Any]]:
        plan = make_plan(data_dir=root / "data", notebooks_dir=ROOT / "notebooks", parameters=parameters)
        out = root / ("inside" if parameters else "outside")
        outcomes = run(plan, out, jobs=2)
        assert [o.error for o in outcomes if o.status == "failed"] == []
        files = (next(out.glob(f"*/*/{o.task.notebook}.json")) for o in outcomes)
        return {file.stem: json.loads(file.read_text("utf-8")) for file in files}

    with with_warm_parent():
        outside, inside = made(), made(internal="true")
    return {name: (outside[name], inside[name]) for name in outside}


def counts_of(result: dict[str, Any]) -> Cells:
    """The counts of people in a table; of a figure, those of its data."""
    columns = [
        c["name"]
        for c in result["columns"]
        if (COUNTS.fullmatch(c["name"]) or c["unit"] == "people") and c["name"] not in STAFF
    ]
    return {
        (row, name): float(record[name])
        for row, record in enumerate(result["records"])
        for name in columns
        if isinstance(record.get(name), int | float)
    }


def tables(manifests: Any) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, (outside, inside) in manifests.items():
        for id, result in outside["results"].items():
            if id in inside["results"] and len(inside["results"][id]["records"]) == len(result["records"]):
                yield f"{name} {id}", result, inside["results"][id]


def test_an_internal_run_is_marked_and_shows_more(manifests: Any) -> None:
    assert all(inside["internal"] and not outside["internal"] for outside, inside in manifests.values())
    assert (
        sum(len(counts_of(inside)) - len(counts_of(outside)) for _, outside, inside in tables(manifests)) > 20
    )


def test_no_small_count_of_people_is_in_any_table_or_sentence(manifests: Any) -> None:
    found = [
        f"{name} {row} {column}: {value}"
        for name, outside, _ in tables(manifests)
        for (row, column), value in counts_of(outside).items()
        if 1 <= value < THRESHOLD and float(value).is_integer()
    ]
    for name, (outside, _) in manifests.items():
        for headline in outside["headlines"]:
            said = [int(number) for number in SAID.findall(headline["text"])]
            found += [f"{name} {headline['id']}: {n}" for n in said if 1 <= n < THRESHOLD]
            if headline["unit"] in ("people", "cases") and 1 <= (headline["value"] or 0) < THRESHOLD:
                found.append(f"{name} {headline['id']}")
    assert not found


def test_no_hidden_count_can_be_found_by_adding_up_its_table(manifests: Any) -> None:
    """Linear programming over each table's own sums, from what is printed; the report's audit is not used."""
    audited, open_to = 0, []
    for name, outside, inside in tables(manifests):
        truth, shown = counts_of(inside), counts_of(outside)
        hidden = [cell for cell in truth if cell not in shown and truth[cell] > 0]
        for column in {name for _, name in hidden}:
            own = {row: value for (row, c), value in truth.items() if c == column}
            last = max(own)
            if len(own) < 3 or own[last] != sum(value for row, value in own.items() if row != last):
                continue
            gone = [row for row, c in hidden if c == column]
            signs = np.array([-1.0 if row == last else 1.0 for row in gone])
            total = float(sum(sign * own[row] for sign, row in zip(signs, gone, strict=True)))
            for place, row in enumerate(gone):
                goal = np.eye(len(gone))[place]
                low, high = (
                    sign * linprog(
                        sign * goal, A_eq=signs[None, :], b_eq=[total], bounds=[(1, 100_000)] * len(gone)
                    ).fun
                    for sign in (1, -1)
                )  # fmt: skip
                audited += 1
                if high - low <= THRESHOLD - 2:
                    open_to.append(f"{name} {column} {row}: {low:.0f} to {high:.0f}")
    assert audited > 5
    assert not open_to
