"""Every part of the notebook for every authority: it shows, its data are JSON, and it discloses nobody."""

from __future__ import annotations

import json
import re

import nbformat
import pytest

from s75lib import load
from s75lib.budget import disclosure, figures, section, tables, wording
from s75lib.budget.printed import printed
from s75lib.loaders import find_authorities
from s75lib.present import Figure, Missing, Table

AUTHORITIES = find_authorities("data")
FEWEST = 5


def parts_of(data):
    place, figures_in_print = data.authority.name, printed(data.claims, data.budget, data.staffing)
    packages, budget = data.packages, data.budget
    return section(
        tables.overview(budget, figures_in_print),
        figures.variances(budget, place=place),
        tables.monitor(budget, figures_in_print),
        figures.setting_bridge(budget, place=place),
        tables.settings(budget),
        figures.bridge(budget, place=place),
        figures.bridge(budget, "last", place=place),
        tables.movement(budget),
        figures.trend(budget, place=place),
        figures.heat_map(budget, place=place),
        wording.separate(packages),
        figures.causes(packages, place=place),
        tables.causes(packages),
        tables.causes_by_care_type(packages, fewest=FEWEST),
        tables.causes_by_care_type(packages, fewest=FEWEST, by="team"),
        figures.cost_and_packages_by_group(packages, place=place, fewest=FEWEST),
        tables.causes(packages, "commitment"),
        figures.cohort(packages, place=place, fewest=FEWEST),
        tables.cohort(packages, fewest=FEWEST),
        figures.outturn(budget, place=place),
        tables.run_rate(packages),
        *(
            tables.where(packages, name, fewest=FEWEST)
            for name in ("setting", "team", "age_band", "provider")
        ),
        figures.concentration(packages, place=place),
        tables.bands(packages, fewest=FEWEST),
        tables.unit_costs(packages, fewest=FEWEST),
        tables.live_in(packages, fewest=FEWEST),
        tables.length_of_stay(packages, fewest=FEWEST),
        tables.joint_funding(packages, fewest=FEWEST),
        tables.reviews(packages, fewest=FEWEST),
        figures.staffing(data.staffing, place=place),
        tables.staffing(data.staffing, figures_in_print),
        tables.differences(figures_in_print),
    )


@pytest.fixture(scope="module")
def example_parts():
    return parts_of(load("exampleshire"))


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_part_shows_for_every_authority(authority, example_parts):
    data = load(authority)
    shown = example_parts if authority == "exampleshire" else parts_of(data)
    for part in shown:
        json.dumps(part.payload(), allow_nan=False)
        assert part.html().startswith("<")
        assert part.text()
    if data.packages.empty:
        assert sum(isinstance(part, Missing) for part in shown) <= 8
    else:
        assert sum(isinstance(part, Figure) for part in shown) > 10
    pictures = [part for part in shown if isinstance(part, Figure)]
    assert len({picture.id for picture in pictures}) == len(pictures)
    assert all(len(picture.alt) > 40 and picture.title[0].isupper() for picture in pictures)
    lists = [part for part in shown if isinstance(part, Table)]
    assert len({part.id for part in lists}) == len(lists)


def test_no_key_of_a_person_or_package_is_shown(example_parts):
    data = load("exampleshire")
    keys = set(data.packages["person_key"]) | set(data.packages["package_key"])
    written = " ".join(json.dumps(part.payload()) for part in example_parts)
    assert not keys & set(re.findall(r"\w+", written))


def test_small_counts_carry_no_money(example_parts):
    shown = [part for part in example_parts if isinstance(part, Table)]
    hidden = 0
    for part in shown:
        counts = [
            c.name
            for c in part.columns
            if c.name in ("people", "cases", "cases_before", "cases_after", "people_after")
        ]
        for row in part.payload()["records"]:
            if any(str(row[name]).startswith(("fewer", "not shown")) for name in counts):
                hidden += 1
                money = [row[c.name] for c in part.columns if c.unit.startswith("£")]
                assert all(value is None for value in money), (part.id, row)
    assert hidden > 3


def test_the_threshold_is_lifted_for_published_data_alone():
    assert disclosure.threshold(load("exampleshire").authority) >= 5
    assert disclosure.threshold(load("cambridgeshire").authority, "budget") == 1


def test_one_ledger_snapshot_has_a_cost_and_no_cause():
    packages = load("exampleshire").packages
    one = packages[packages["snapshot_date"] == packages["snapshot_date"].max()]
    assert isinstance(tables.causes(one), Missing)
    assert tables.causes(one).needs
    assert isinstance(tables.bands(one, fewest=FEWEST), Table)
    assert (
        wording.causes(one) == wording.cohort(one, fewest=FEWEST) == wording.funding(one, fewest=FEWEST) == []
    )


def test_a_month_within_the_year_is_projected():
    data = load("exampleshire", "2025-12")
    said = [h for h in wording.outturn(data.budget, data.packages) if h.id == "budget.outturn"]
    assert len(said) == 1
    assert said[0].lower < said[0].value < said[0].upper
    assert isinstance(figures.outturn(data.budget, place="x"), Figure)


def test_the_notebook_is_thin_and_clean(data_dir):
    notebook = nbformat.read(data_dir.parent / "notebooks" / "budget_deep_dive.ipynb", as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert ["parameters"] in [cell.metadata.get("tags") for cell in code]
    assert all(cell.source.count("s75.show(") <= 1 for cell in code)
    headings = [line for cell in notebook.cells for line in cell.source.splitlines() if line.startswith("# ")]
    assert len(headings) == 1
