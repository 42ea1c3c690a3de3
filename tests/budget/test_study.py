"""Every section for every authority: it shows, it discloses nobody, and its notebook is thin."""

from __future__ import annotations

import ast
import json
import re
from itertools import pairwise

import nbformat
import pandas as pd
import pytest

from s75lib import budget, load
from s75lib.budget import study
from s75lib.budget.disclosure import ALL
from s75lib.loaders import find_authorities
from s75lib.present import Checks, Figure, Headlines, Missing, Table, sources, summary

AUTHORITIES = find_authorities("data")
SECTIONS = [name for name in budget.__all__ if name not in ("Study", "study")]
COMPARED = ["after", "before", "cases_after", "cases_before", "change"]
CAUSES = ["cases", "cases_after", "cases_before", "change", "intensity", "price", "share"]
SHARES_BEFORE = ["cases_before", "health_before", "health_percent_before", "points"]
SHARES_AFTER = ["cases_after", "health_after", "health_percent_after", "points"]
EVERY_PRICE = ["fence", "p10", "p25", "p50", "p75", "p90"]
# No price of live-in and other care, which would tell how many cases a sum is of.
PRICES = {0: ["p10", "p90"], 3: EVERY_PRICE, 5: EVERY_PRICE}
# Money of few cases and one other group.
BOTH_BEFORE = ["health_before", "health_percent_before"]
# Row and columns of every cell of exampleshire that is hidden, and nothing of whom it hides.
JOINT = ["expected", "health", "short", "year"]
HIDDEN = {
    "causes.care_type": {6: CAUSES, 8: CAUSES, 13: CAUSES, 14: CAUSES},
    "unit_costs.data": PRICES,
    "unit_costs": PRICES,
    "length_of_stay": {3: ["p25", "p75"]},
    "live_in": {0: COMPARED, 1: COMPARED, 2: ["after", "before", "change"]},
    "joint_funding": {
        0: sorted({*SHARES_AFTER, *SHARES_BEFORE}),
        1: sorted({*SHARES_AFTER, *SHARES_BEFORE}),
        3: ["cases_after"],
        6: sorted({*SHARES_AFTER, *SHARES_BEFORE}),
        7: sorted({*SHARES_AFTER, *SHARES_BEFORE}),
        9: ["cases_after"],
        12: sorted([*SHARES_AFTER[1:], *BOTH_BEFORE]),
        13: sorted([*SHARES_AFTER[1:], *BOTH_BEFORE]),
    },
    "charges": {1: ["people", "weekly"]},
    "joint_expected": {
        **{row: ["below", *JOINT] for row in (3, 4, 5, 6, 7, 8)},
        # The price of continuing healthcare, by itself and as what all types together leave over.
        **{row: ["expected", "health"] for row in (0, 11)},
    },
    "joint_register": {0: ["count"]},
}


def parts_of(work):
    """Every part that the notebook shows of a study."""
    return [part for name in SECTIONS for part in getattr(budget, name)(work).parts]


@pytest.fixture(scope="module")
def example_parts(example_study):
    return parts_of(example_study)


def test_the_hidden_cells_are_those_that_were_hidden_before(example_parts):
    found: dict[str, dict[int, list[str]]] = {}
    for part in example_parts:
        table = part.data if isinstance(part, Figure) else part
        if isinstance(table, Table) and table.hidden:
            rows = found.setdefault(table.id, {})
            for row, column in table.hidden:
                rows.setdefault(row, []).append(column)
    assert {
        name: {row: sorted(cells) for row, cells in rows.items()} for name, rows in found.items()
    } == HIDDEN


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_part_shows_for_every_authority(authority, example_parts):
    work = study(load(authority))
    shown = example_parts if authority == "exampleshire" else parts_of(work)
    for part in shown:
        json.dumps(part.payload(), allow_nan=False)
        assert part.html().startswith("<")
        assert part.text()
    gaps = [part for part in shown if isinstance(part, Missing)]
    pictures = [part for part in shown if isinstance(part, Figure)]
    assert len(set(gaps)) <= 12
    assert (len(pictures) > 10) == (not work.data.packages.empty)
    assert all(len(picture.alt) > 40 and picture.title[0].isupper() for picture in pictures)
    for kind in (Figure, Table):
        names = [part.id for part in shown if isinstance(part, kind)]
        assert len(set(names)) == len(names)
    assert len({check.id for check in work.checks}) == len(work.checks)
    said = [one for part in shown if isinstance(part, Headlines) for one in part.items]
    assert sorted(one.id for one in said) == sorted(one.id for one in work.headlines)


def test_every_finding_names_parts_that_are_shown(example_study, example_parts):
    ids = {part.id for part in example_parts if isinstance(part, Table | Figure)}
    assert len(example_study.headlines) > 20
    for finding in example_study.headlines:
        assert finding.see
        assert set(finding.see) <= ids, finding


def test_the_summary_puts_the_law_first_and_then_what_the_year_will_cost(example_study, published):
    first = next(part for part in summary(example_study).parts if isinstance(part, Headlines)).items
    assert [one.id for one in first][:4] == [
        "budget.s117_charges",
        "budget.position.forecast",
        "budget.movement.year",
        "budget.causes",
    ]
    first = next(part for part in summary(published).parts if isinstance(part, Headlines)).items
    assert [one.id for one in first][:4] == [
        "budget.position.forecast",
        "budget.movement.year",
        "budget.staffing",
        "budget.bed_based.amh",
    ]


def test_where_nothing_is_held_the_notebook_does_not_apply(published):
    (gap,) = study(load("coventry")).missing
    assert gap.whole
    assert {need.dataset for need in gap.needs} == {"budget", "staffing", "packages"}
    assert published.missing == []


def test_each_column_of_small_multiples_ends_in_months(example_parts):
    grids = [p for p in example_parts if isinstance(p, Figure) and p.id.startswith("cost_and_packages.")]
    assert grids
    for figure in grids:
        shown = [axes for axes in figure.drawing.axes if axes.get_visible()]
        columns = {axes.get_subplotspec().colspan.start: axes for axes in shown}
        for axes in columns.values():
            assert all(tick.label1.get_visible() for tick in axes.xaxis.get_major_ticks())


def test_no_key_of_a_person_or_package_is_shown(example, example_parts):
    keys = set(example.packages["person_key"]) | set(example.packages["package_key"])
    payloads = [part.payload() for part in example_parts if isinstance(part, Table | Figure)]
    assert not keys & set(re.findall(r"\w+", json.dumps(payloads)))


def test_no_count_of_people_below_the_threshold_is_shown(example_parts):
    """In tables, in the data of charts and in what is drawn from them, money going with its count."""
    hidden = 0
    counts = {"people", "cases", "cases_before", "cases_after", "overdue", "packages"}
    for part in example_parts:
        if not isinstance(part, Table | Figure):
            continue
        columns = [c["name"] for c in part.payload()["columns"]]
        for row in part.payload()["records"]:
            for name in counts & set(columns):
                value = row[name]
                assert name == "cases" or value is None or value == 0 or value >= 5, (part.id, row)
            if "cases_after" in columns and row["cases_after"] is None:
                hidden += 1
                assert row.get("after") is None, (part.id, row)
                assert row.get("change") is None, (part.id, row)
                assert row.get("health_after") in (None, 0), (part.id, row)
    assert hidden > 5


def test_the_audit_of_what_is_hidden_passes(example_study):
    checks = [check for check in example_study.checks if "disclosure" in check.id]
    assert [check.id for check in checks] == ["budget.disclosure"]
    assert checks[0].passed
    assert "at least 6 possible values" in checks[0].detail
    assert isinstance(sources(example_study).parts[-1], Checks)


def test_internal_use_shows_all():
    work = study(load("exampleshire", internal=True))
    shown = [part for part in parts_of(work) if isinstance(part, Table)]
    assert work.counts.checks == ()
    assert not any(part.hidden for part in shown)
    assert work.counts.of("after", "care_type", "AMH", "Live In") == 4


def test_money_that_is_left_out_can_not_be_had_from_a_total(example_parts):
    """In every sum that is shown, no row or at least two are hidden."""
    by_id = {part.id: part for part in example_parts if isinstance(part, Table)}
    for name, group in (("causes.care_type", "service_group"), ("causes.team", "service_group")):
        frame = by_id[name].frame
        for column in ("cases_before", "cases_after", "change"):
            gone = frame[column].isna().groupby(frame[group]).sum()
            assert not (gone == 1).any(), (name, column, gone.to_dict())
    for name in ("where.setting", "where.team", "where.age_band", "where.provider"):
        frame = by_id[name].frame
        assert all(frame[column].isna().sum() != 1 for column in ("before", "after", "change"))
    steps = by_id["cohort"].frame
    assert steps["effect"].iloc[1:-1].sum() == pytest.approx(
        steps["effect"].iloc[-1] - steps["effect"].iloc[0]
    )


def test_a_line_that_would_price_few_cases_is_shown_with_another_and_every_total_stays(
    example, example_study
):
    """Of the four live-in packages of one group, the commitment was 365/7 times what they cost a week."""
    both = "Live In and Other"
    assert example_study.joint_lines == dict.fromkeys(["Live In", "Other"], both)
    shown, held = example_study.monitor, example.budget
    assert not set(shown["line"]) & {"Live In", "Other"}
    keys = ["as_at", "service_group", "kind"]
    money = ["budget", "commitment", "forecast", "actual_to_date"]
    pd.testing.assert_frame_equal(shown.groupby(keys)[money].sum(), held.groupby(keys)[money].sum())
    table = budget.movement(example_study).tables["movement.year"]
    assert both in table.frame["row"].tolist()
    assert any(both in note for note in table.notes)
    settings = budget.movement(example_study).tables["settings.year"]
    assert set(settings.frame["setting"]) == {"bed-based", "community"}
    assert study(load("exampleshire", internal=True)).joint_lines == {}


def test_one_ledger_snapshot_has_a_cost_and_no_cause(studied, example):
    latest = example.packages["snapshot_date"].max()
    work = studied(packages=example.packages[example.packages["snapshot_date"] == latest])
    gap = budget.causes(work).parts[-1]
    assert "one is held" in gap.reason
    assert gap.needs
    assert "bands" in budget.concentration(work).tables
    for name in ("causes", "cases", "concentration", "funding"):
        assert getattr(budget, name)(work).headlines == ()


def test_a_ledger_of_few_people_says_nothing_of_them(studied, example):
    few = example.packages[example.packages["person_key"].isin(example.packages["person_key"].unique()[:3])]
    work = studied(packages=few)
    for name in ("causes", "cases", "outturn", "concentration", "unit_costs", "funding"):
        shown = getattr(budget, name)(work)
        assert "Fewer than 5 people" in shown.parts[-1].reason
        assert not shown.tables
        assert shown.headlines == ()


@pytest.mark.parametrize(
    ("before", "after", "day", "pair", "said"),
    [
        (5, 5, True, True, ""),
        (4, 5, True, False, "Fewer than 5 people"),
        (5, 4, False, False, "Fewer than 5 people"),
        (0, 5, True, False, "needs two snapshots"),
        (0, 4, False, False, "Fewer than 5 people"),
    ],
)
def test_the_ledger_is_told_from_as_many_people_as_may_be_shown(
    studied, packages, line, before, after, day, pair, said
):
    days = pd.Timestamp("2025-03-31"), pd.Timestamp("2026-03-31")
    rows = [
        line(at, f"P{n}") for at, people in zip(days, (before, after), strict=True) for n in range(people)
    ]
    held = studied(packages=packages(rows))
    assert (held.day, held.pair) == (days[1] if day else None, days if pair else None)
    assert list(held.sides) == (["before", "after"] if pair else ["after"])
    assert pair or said in held.no_ledger.reason


@pytest.mark.parametrize(("snapshots", "is_projected"), [(3, False), (4, True)])
def test_three_movements_are_enough_to_project_from(studied, monitor, snapshots, is_projected):
    days = ("2024-04-30", "2024-06-30", "2024-09-30", "2024-11-30")[:snapshots]
    held = studied(budget=monitor([4.0, 5.0, 3.0, 7.0, 9.0], days))
    assert (held.outturn is not None) == is_projected
    unknown = monitor([4.0, 5.0, 3.0, 7.0, 9.0], days)
    unknown.loc[0, "commitment"] = float("nan")
    assert studied(budget=unknown).outturn is None
    assert len(held.course("net", "commitment")) == snapshots
    assert studied(budget=unknown).course("net", "commitment") == ()


def test_a_small_service_group_is_not_told_apart(studied, example):
    packages = example.packages
    older = packages[packages["service_group"] == "OPMH"]
    few = packages[
        packages["person_key"].isin(
            packages.loc[packages["service_group"] == "AMH", "person_key"].unique()[:2]
        )
    ]
    work = studied(packages=pd.concat([older, few], ignore_index=True))
    assert set(work.causes["weekly"].groups["service_group"]) == {""}
    assert work.counts.of("after", "care_type", ALL, ALL) >= len(few["person_key"].unique())


@pytest.fixture(scope="module")
def cells(data_dir):
    notebook = nbformat.read(data_dir.parent / "notebooks" / "budget_deep_dive.ipynb", as_version=4)
    nbformat.validate(notebook)
    return notebook.cells


def test_the_notebook_shows_each_section_by_one_call(cells):
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert ["parameters"] in [cell.metadata.get("tags") for cell in code]
    under_headings = [
        cell.source
        for before, cell in pairwise(cells)
        if cell.cell_type == "code" and before.source.startswith("## ")
    ]
    assert len(under_headings) == len(code) - 2
    assert all(isinstance(ast.parse(source).body[0].value, ast.Call) for source in under_headings)
    assert all(len(ast.parse(source).body) == 1 for source in under_headings)
    called = re.findall(r"s75\.budget\.(\w+)\(study\)", "\n".join(under_headings))
    assert sorted(called) == sorted(SECTIONS)


def test_the_notebook_has_one_title(cells):
    assert sum(line.startswith("# ") for cell in cells for line in cell.source.splitlines()) == 1


@pytest.mark.parametrize("level", ["expenditure", "income", "net", "adjustments", "adjusted"])
def test_a_totals_course_is_its_sum_at_each_snapshot_of_the_year(example_study, level):
    held = pd.read_csv("data/exampleshire/budget.csv").query("financial_year == '2025/26'")
    income = ["client_income", "health_income"]
    kinds = {"income": income, "net": ["expenditure", *income], "adjustments": ["adjustment"]}
    kinds["adjusted"] = [*kinds["net"], "adjustment"]
    of_level = held[held["kind"].isin(kinds.get(level, [level]))]
    expected = of_level.groupby("as_at")["forecast"].sum()
    assert example_study.course(level, "forecast") == pytest.approx(tuple(expected))
