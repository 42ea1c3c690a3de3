from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.errors import ConfigError, MethodError
from s75lib.loaders import load
from s75lib.present import Column, Table
from s75lib.present.disclosure import Decisions, Register, dominated, nearest_5, protect
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


def test_counts_are_rounded_to_the_nearest_5() -> None:
    assert nearest_5(pd.Series([0, 2, 3, 7, 8, 42])).tolist() == [0, 0, 5, 5, 10, 40]
    assert nearest_5(pd.Series([2.4, 2.6, np.nan])).tolist() == pytest.approx([0, 5, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("amounts", "is_dominated"),
    [
        ([], False),
        ([0.0, 0.0], False),
        ([7.0], True),
        ([100.0, 50.0], True),
        ([50.0, 9.9, 100.0], True),
        ([50.0, 10.0, 100.0], False),
        ([5.0, 50.0, 5.0, -100.0], False),
        ([-4.9, -50.0, -5.0, -100.0], True),
    ],
)
def test_a_sum_is_dominated_where_all_but_two_give_less_than_a_tenth_of_the_largest(
    amounts: list[float], is_dominated: bool
) -> None:
    assert dominated(amounts) == is_dominated


def people(shown: bool = True, **counts: int) -> Register:
    """Some counts and their sum."""
    made = Register(dict(counts))
    made.total("all", list(counts), shown=shown)
    return made


def test_where_counts_are_rounded_only_the_small_are_hidden() -> None:
    found = Register({"A": 0, "B": 1, "C": 4, "D": 5, "E": 8}).decide(5, rounded=True)
    assert found.hidden == {"B", "C"}
    assert found.counts == {"A": 0, "B": 0, "C": 5, "D": 5, "E": 10}
    assert found.passed


@pytest.mark.parametrize("fewest", [0, 1, 2])
def test_nobody_is_hidden_where_one_person_may_be_shown(fewest: int) -> None:
    assert people(A=1, B=2, C=30).decide(fewest).hidden == (set() if fewest < 2 else {"A", "B"})


def test_what_a_whole_leaves_over_is_a_count_too() -> None:
    made = Register({"whole": 20, "part": 17})
    made.rest("others", "whole", "part")
    found = made.decide(5)
    assert (made.counts["others"], found.passed) == (3, True)
    assert "others" in found.hidden
    assert len(found.hidden) == 2
    assert not Register({"whole": 20, "part": 15}).decide(5).hidden


def test_sums_that_do_not_hold_are_refused_and_counted() -> None:
    made = people(A=3, B=9)
    made.sums += [("A", ["B"]), ("B", ["A"])]
    with pytest.raises(MethodError, match="2 sums do not hold, the first that of A"):
        made.decide(5)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 14), min_size=2, max_size=6))
def test_a_higher_threshold_hides_what_a_usual_lower_one_hides(counts: list[int]) -> None:
    held = people(**{f"P{at}": count for at, count in enumerate(counts)})
    hidden = {fewest: held.decide(fewest).hidden for fewest in (5, 10, 12)}
    assert hidden[5] <= hidden[10] <= hidden[12]
    for fewest, gone in hidden.items():
        assert {cell for cell, count in held.counts.items() if 0 < count < fewest} <= gone
        assert all(held.counts[cell] for cell in gone)


def test_what_was_decided_before_stays_hidden_or_shown() -> None:
    first = people(A=3, B=9, C=30).decide(5)
    assert first.hidden == {"A", "B"}
    again = people(A=9, B=9, C=3, D=40)  # the next edition: others are few now
    later = again.decide(5, given=Decisions({"A": 3, "B": 9}, {"B"}))
    assert "B" in later.hidden
    assert "A" not in later.hidden  # it was shown before
    both = first.then(later)
    assert both.hidden == first.hidden | later.hidden
    assert both.counts["A"] == 9
    assert both.audit["cell"].is_unique
    assert set(both.audit["cell"]) == set(first.audit["cell"]) | set(later.audit["cell"])


@pytest.mark.parametrize(("counts", "values"), [((2, 5), 6), ((3, 9), 10), ((3, 8), 10), ((3, 7), 9)])
def test_the_audit_says_how_many_values_the_tightest_hidden_count_may_have(
    counts: tuple[int, int], values: int
) -> None:
    """Two hidden counts of at least one each, which add up to a sum that is shown."""
    found = people(A=counts[0], B=counts[1], C=90).decide(5)
    assert found.hidden == {"A", "B"}
    assert f"each has at least {values} possible values" in found.said()
    given_away = Decisions({}, set(), found.audit.assign(protected=[False, True]))
    assert not given_away.passed
    assert given_away.said().startswith("1 of them could still be worked out")


@pytest.mark.parametrize(
    ("held", "bare", "without"),
    [
        (people(A=3, B=9, C=30), {"A"}, {"A", "B"}),  # the next smallest, or the total would give it
        (people(A=3, B=9, C=30), {"A", "C"}, {"A", "C"}),
        (people(A=3, B=9), {"A"}, {"A", "B"}),
        (people(shown=False, A=3, B=9), {"A"}, {"A", "all"}),
        (people(shown=False, A=3, B=9, C=0), {"A"}, {"A", "all"}),  # nobody costs nothing
        (people(shown=False, A=3, B=9, C=1), {"A"}, {"A", "C"}),
        (people(A=3, B=9, C=30), set(), set()),
    ],
)
def test_money_is_left_out_with_that_of_another_where_it_could_be_had_from_a_sum(
    held: Register, bare: set[str], without: set[str]
) -> None:
    assert held.without_money(bare) == without


def test_a_small_count_that_no_sum_binds_is_hidden_alone() -> None:
    assert Register({"A": 3, "B": 9, "C": 0}).decide(5).hidden == {"A"}


def paid(**more: float) -> Register:
    """What the NHS pays by type and by team, which come to the same."""
    made = Register(
        {"CHC": 3_772, "joint": 28_132, "s117": 19_982, "Elm": 7_521, "Oak": 9_365, "Ash": 35_000}
    )
    made.counts |= more
    made.total("all", ["CHC", "joint", "s117"])
    made.total("all", ["Elm", "Oak", "Ash"])
    made.last = {"joint", "s117"}
    return made


def rates(**base: tuple[float, float]) -> Register:
    """Costs that rise by a rate each, of which the sums of both are told."""
    made = Register({name: cost for name, (cost, _) in base.items()})
    for total, weights in (("base", [1.0] * len(base)), ("adds", [rate for _, rate in base.values()])):
        made.counts[total] = 1.0
        made.sums.append((total, list(base)))
        made.weights |= {(total, name): weight for name, weight in zip(base, weights, strict=True)}
    made.shown = {"base", "adds"}
    return made


@pytest.mark.parametrize(
    ("held", "bare", "without"),
    [
        # The teams tell the total, and the total the type: one team goes with them.
        (paid(), {"CHC"}, {"CHC", "all", "Elm"}),
        (paid(), {"CHC", "Oak"}, {"CHC", "Oak", "all"}),
        (paid(), {"CHC", "joint"}, {"CHC", "joint"}),
        (paid(), set(), set()),
        # Two equations tell two unknown costs, and of three that one which alone has its rate.
        (rates(A=(228, 0.04), B=(54, 0.05), C=(950, 0.04), D=(221, 0.05)), {"A"}, {"A", "C"}),
        (rates(A=(228, 0.04), B=(54, 0.05), C=(950, 0.04), D=(221, 0.05)), {"A", "B"}, {*"ABCD"}),
        (rates(A=(228, 0.04), B=(54, 0.04), C=(950, 0.04), D=(221, 0.05)), {"A"}, {"A", "B"}),
    ],
)
def test_hidden_money_is_left_a_range_whatever_sums_and_rates_are_told(
    held: Register, bare: set[str], without: set[str]
) -> None:
    held.counts |= {total: sum(held.counts[part] for part in of) for total, of in held.sums}
    assert held.out_of_reach(bare) == without


def test_money_that_a_small_rest_leaves_within_a_tenth_is_kept_out_of_reach() -> None:
    """Of 104 a rest of 0 to 5 leaves 99 to 104: so what the small ones add up to goes, too."""
    held = Register({"A": 100, "B": 4, "C": 1, "D": 60})
    held.total("first", ["A", "B"], shown=True)
    held.total("small", ["B", "C"])
    held.total("second", ["small", "D"])
    assert held._within_reach({"A", "B", "C"}, "ABC") == {"A"}
    assert held.out_of_reach({"A", "B", "C"}) == {"A", "B", "C", "small", "second"}


@pytest.mark.parametrize("seed", range(12))
def test_which_money_is_within_reach_does_not_hang_on_the_unit_that_it_is_told_in(seed: int) -> None:
    rng = np.random.default_rng(seed)
    money = rng.lognormal(sigma=2, size=(5, 5))
    gone = {(row, column) for row, column in np.ndindex(5, 5) if rng.random() < 0.4}
    gone |= {("row", row) for row, _ in gone}

    def near(unit: float) -> set[object]:
        held = Register({at: round(unit * money[at], 2) for at in np.ndindex(5, 5)})
        for n in range(5):
            held.total(("row", n), [(n, m) for m in range(5)])
            held.total(("column", n), [(m, n) for m in range(5)])
        held.total("all", [("row", n) for n in range(5)], shown=True)
        held.sums.append(("all", [("column", n) for n in range(5)]))
        return held._within_reach(gone, gone)

    assert near(1e9) == near(1e6)
