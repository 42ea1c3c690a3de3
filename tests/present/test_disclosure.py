from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from s75lib.errors import ConfigError, MethodError
from s75lib.loaders import load
from s75lib.present import Column, Table
from s75lib.present.disclosure import protect
from s75lib.present.head import ReportHead
from s75lib.stats.suppression import audit_cells

COLUMNS = (
    Column("team", "Team"),
    Column("social_work", "Social work", "number"),
    Column("healthcare_professional", "Health", "number"),
    Column("people", "People", "number"),
)
COUNTS = ["social_work", "healthcare_professional", "people"]


def transfers(data_dir: Path, slug: str) -> Table:
    """The published transfer table with its row and column totals, as if it were not public."""
    held = load(slug, data_dir=data_dir, datasets=["package_transfers"]).package_transfers
    frame = held[["team", "social_work", "healthcare_professional"]].astype({"team": "str"})
    frame = frame.groupby("team", sort=False, as_index=False).sum()
    frame["people"] = frame["social_work"] + frame["healthcare_professional"]
    total = pd.DataFrame([{"team": "Total", **frame[COUNTS].sum()}])
    whole = pd.concat([frame, total], ignore_index=True)
    return Table("transfers", "Packages by who holds them", whole, COLUMNS, strong=(len(whole) - 1,))


@pytest.mark.parametrize("slug", ["cambridgeshire", "peterborough"])
def test_no_hidden_cell_of_the_published_transfer_tables_can_be_worked_out(data_dir: Path, slug: str) -> None:
    table = transfers(data_dir, slug)
    shown = protect(table, COUNTS, 5, across="people")
    (check,) = shown.checks
    assert check.passed
    small = {(row, name) for name in COUNTS for row, value in table.frame[name].items() if 1 <= value <= 4}
    assert small <= set(shown.table.hidden)
    # A second computation: the audit on labels of our own, from what is printed alone.
    labels = [(row, name) for name in COUNTS for row in table.frame.index]
    counts = pd.Series(
        [table.frame[name][row] for row, name in labels], index=pd.Index(labels, tupleize_cols=False)
    )
    hidden = pd.Series([label in shown.table.hidden for label in labels], index=counts.index)
    last = len(table.frame) - 1
    sums = [((last, name), [(row, name) for row in range(last)]) for name in COUNTS]
    sums += [((row, "people"), [(row, name) for name in COUNTS[:2]]) for row in table.frame.index]
    found = audit_cells(counts, sums, hidden)
    assert found["protected"].all()
    assert not found["found_by_rule"].any()


def test_hiding_the_small_alone_would_give_them_away(data_dir: Path) -> None:
    hidden = [len(protect(transfers(data_dir, slug), COUNTS, 5, across="people").table.hidden)
              for slug in ("cambridgeshire", "peterborough")]  # fmt: skip
    small = [int(transfers(data_dir, slug).frame[COUNTS].isin([1, 2, 3, 4]).to_numpy().sum())
             for slug in ("cambridgeshire", "peterborough")]  # fmt: skip
    assert sum(small) > 0
    assert sum(hidden) > sum(small)


@pytest.fixture
def table() -> Table:
    frame = pd.DataFrame(
        {
            "team": ["A", "B", "C", "Total"],
            "seen": [46, 20, 10, 76],
            "people": [48, 40, 30, 118],
            "share": [95.8, 50.0, 33.3, 64.4],
            "cost": [4800.0, 4000.0, 3000.0, 11800.0],
        }
    )
    columns = (
        Column("team", "Team"), Column("seen", "Seen", "number"), Column("people", "People", "number"),
        Column("share", "Seen, %", "percent", 1), Column("cost", "Cost, £", "money"),
    )  # fmt: skip
    return Table("seen", "Seen", frame, columns, strong=(3,))


def test_what_is_hidden_is_in_neither_page_nor_payload(table: Table) -> None:
    few = Table("seen", "Seen", table.frame.assign(seen=[3, 46, 27, 76]), table.columns, strong=(3,))
    shown = protect(few, ["seen"], 5, with_counts={"share": ["seen"]}).table
    records = shown.payload()["records"]
    assert {(0, "seen"), (0, "share"), (2, "seen"), (2, "share")} == set(shown.hidden)
    for row, name in shown.hidden:
        assert records[row][name] is None
    assert ">27<" not in shown.html()
    assert "27" not in shown.text().split()
    assert shown.payload()["notes"][-1].startswith("c: hidden")
    assert few.frame["seen"].tolist() == [3, 46, 27, 76]


def test_nothing_small_nothing_hidden(table: Table) -> None:
    shown = protect(table, ["people"], 5)
    assert shown.table is table
    assert shown.checks[0].passed
    assert "no count of people below 5" in shown.checks[0].detail


def test_public_figures_and_an_internal_load_show_all(data_dir: Path, table: Table) -> None:
    data = load("cambridgeshire", data_dir=data_dir)
    assert data.fewest_shown("package_transfers") == 1
    assert data.fewest_shown("packages") == 5
    lifted = load("cambridgeshire", data_dir=data_dir, internal=True)
    assert lifted.fewest_shown("packages") == 1
    assert protect(table, ["seen"], 1).table is table
    assert ReportHead(lifted).payload()["internal"] is True
    assert ReportHead(data).payload()["internal"] is False
    with pytest.raises(ConfigError, match="found 'people'"):
        data.fewest_shown("people")


def test_totals_that_are_none_and_unknown_columns_are_refused(table: Table) -> None:
    with pytest.raises(MethodError, match="no column nobody"):
        protect(table, ["nobody"], 5)
    wrong = Table("t", "T", table.frame.assign(people=[48, 40, 30, 119]), table.columns, strong=(3,))
    with pytest.raises(MethodError, match="do not hold"):
        protect(wrong, ["people"], 5)


def test_missing_counts_stay_missing_and_an_empty_table_empty(table: Table) -> None:
    holes = Table(
        "t", "T", table.frame.astype({"seen": float}).replace({"seen": {20: float("nan")}}), table.columns
    )
    assert protect(holes, ["seen"], 5).table.cells()[1][1] == "–"
    empty = Table("t", "T", table.frame.head(0), table.columns)
    assert protect(empty, ["seen"], 5).table is empty
