"""Every part of the notebook for every authority: it shows, its data are JSON, and it discloses nobody."""

from __future__ import annotations

import json
import re

import nbformat
import pandas as pd
import pytest

import s75lib.budget.figures
from s75lib import load
from s75lib.budget import study, tables, wording
from s75lib.budget.counts import ALL
from s75lib.loaders import find_authorities
from s75lib.loaders.client_level_data import start_from_client_level_data
from s75lib.present import Check, Figure, Headline, Missing, Table

AUTHORITIES = find_authorities("data")
NOTEBOOK = "notebooks/budget_deep_dive.ipynb"


def flat(parts):
    """The parts as `show` would show them: nested lists opened, equal gaps once."""
    made = []
    for part in parts:
        inner = flat(part) if isinstance(part, list | tuple) else [part]
        made += [one for one in inner if not (isinstance(one, Missing) and one in made)]
    return made


def parts_of(data):
    """Every part of the wing that the notebook shows, as the notebook calls it."""
    work = study(data)
    calls = re.findall(r"s75\.budget\.((?:tables|figures|wording)\.\w+\(study[^)]*\))", notebook_text())
    assert len(calls) > 40
    names = {"tables": tables, "wording": wording, "figures": s75lib.budget.figures, "study": work}
    return flat([eval(call, names) for call in calls])


def notebook_text():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


@pytest.fixture(scope="module")
def example_parts():
    return parts_of(load("exampleshire"))


def test_each_column_of_small_multiples_ends_in_months(example_parts):
    figures = [part for part in example_parts if isinstance(part, Figure)]
    grids = [figure for figure in figures if figure.id.startswith("cost_and_packages.")]
    assert grids
    for figure in grids:
        shown = [axes for axes in figure.drawing.axes if axes.get_visible()]
        columns = {axes.get_subplotspec().colspan.start: axes for axes in shown}
        for axes in columns.values():
            assert all(tick.label1.get_visible() for tick in axes.xaxis.get_major_ticks())


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_part_shows_for_every_authority(authority, example_parts):
    data = load(authority)
    shown = example_parts if authority == "exampleshire" else parts_of(data)
    words = [part for part in shown if isinstance(part, Headline | Check)]
    assert len({(type(part), part.id) for part in words}) == len(words)
    shown = [part for part in shown if part not in words]
    for part in shown:
        json.dumps(part.payload(), allow_nan=False)
        assert part.html().startswith("<")
        assert part.text()
    if data.packages.empty:
        assert sum(isinstance(part, Missing) for part in shown) <= 12
    else:
        assert sum(isinstance(part, Figure) for part in shown) > 10
    pictures = [part for part in shown if isinstance(part, Figure)]
    assert len({picture.id for picture in pictures}) == len(pictures)
    assert all(len(picture.alt) > 40 and picture.title[0].isupper() for picture in pictures)
    lists = [part for part in shown if isinstance(part, Table)]
    assert len({part.id for part in lists}) == len(lists)


def test_every_finding_names_parts_that_are_shown(example_parts):
    ids = {part.id for part in example_parts if isinstance(part, Table | Figure)}
    said = [part for part in example_parts if isinstance(part, Headline)]
    assert len(said) > 20
    for finding in said:
        assert finding.see
        assert set(finding.see) & ids, finding


def test_no_key_of_a_person_or_package_is_shown(example_parts):
    data = load("exampleshire")
    keys = set(data.packages["person_key"]) | set(data.packages["package_key"])
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
                assert row.get("health_after") is None, (part.id, row)
    assert hidden > 5


def test_the_audit_of_what_is_hidden_passes(example_parts):
    checks = [part for part in example_parts if isinstance(part, Check) and "disclosure" in part.id]
    assert len(checks) >= 4
    assert all(check.passed for check in checks)


def test_internal_use_shows_all():
    work = study(load("exampleshire", internal=True))
    shown = [tables.where(work, "team"), tables.causes_by(work, "care_type"), tables.joint_funding(work)]
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


def test_one_to_one_care_is_shown_where_the_ledger_names_it_and_missing_where_not(studied):
    packages = load("exampleshire").packages
    live_in, one_to_one = tables.constant_care(studied(packages=packages))
    assert isinstance(live_in, Table)
    assert isinstance(one_to_one, Missing)
    assert one_to_one.needs[0].columns == ("care_type",)
    renamed = packages.assign(care_type=packages["care_type"].replace("Day Care", "One To One"))
    held = tables.constant_care(studied(packages=renamed))[1]
    open_ = renamed[(renamed["snapshot_date"] == renamed["snapshot_date"].max())]
    open_ = open_[(open_["care_type"] == "One To One") & ~open_["prior_year"].fillna(False)]
    open_ = open_[(open_["start_date"] <= open_["snapshot_date"])]
    open_ = open_[open_["end_date"].isna() | (open_["end_date"] >= open_["snapshot_date"])]
    assert isinstance(held, Table)
    assert held.frame["after"].iloc[-1] == pytest.approx(open_["net_weekly"].sum())
    assert held.frame["cases_after"].iloc[-1] == open_["person_key"].nunique()


def test_one_ledger_snapshot_has_a_cost_and_no_cause(studied):
    packages = load("exampleshire").packages
    one = studied(packages=packages[packages["snapshot_date"] == packages["snapshot_date"].max()])
    assert isinstance(tables.causes(one), Missing)
    assert tables.causes(one).needs
    assert isinstance(tables.bands(one), Table)
    assert wording.causes(one) == wording.cohort(one) == wording.funding(one) == []


def test_a_ledger_of_few_people_says_nothing_of_them(studied):
    packages = load("exampleshire").packages
    few = packages[packages["person_key"].isin(packages["person_key"].unique()[:3])]
    work = studied(packages=few)
    for part in (tables.causes(work), tables.bands(work), tables.where(work, "team"), tables.run_rate(work)):
        assert isinstance(part, Missing)
        assert "Fewer than 5 people" in part.reason
    assert wording.causes(work) == wording.pressure(work) == wording.outturn(work) == []


def test_a_small_service_group_is_not_told_apart(studied):
    packages = load("exampleshire").packages
    older = packages[packages["service_group"] == "OPMH"]
    few = packages[
        packages["person_key"].isin(
            packages.loc[packages["service_group"] == "AMH", "person_key"].unique()[:2]
        )
    ]
    work = studied(packages=pd.concat([older, few], ignore_index=True))
    assert set(work.causes["weekly"].groups["service_group"]) == {""}
    assert work.counts.of("after", "care_type", ALL, ALL) >= len(few["person_key"].unique())


def test_a_ledger_from_the_national_return_states_its_limits(tmp_path):
    row = {
        "Reporting Period Start Date": "2025-04-01", "Reporting Period End Date": "2025-06-30",
        "LA Person Unique Identifier": "A1", "Primary Support Reason": "Mental Health Support",
        "Event Type": "Service", "Event Start Date": "2025-04-10", "Event End Date": "",
        "Service Type": "Long Term Support: Community", "Service Component": "Home Support",
        "Unit Cost": 200, "Cost Frequency (Unit Type)": "Weekly",
    }  # fmt: skip
    rows = pd.DataFrame([row | {"LA Person Unique Identifier": f"A{n}"} for n in range(8)])
    rows.to_csv(tmp_path / "return.csv", index=False)
    made = start_from_client_level_data("newshire", tmp_path / "return.csv", tmp_path)
    work = study(load("newshire", data_dir=tmp_path))
    shown = tables.limits(work)[0]
    assert shown.frame["limit"].tolist() == list(made.limits)
    assert any("client contributions need the finance extract" in text for text in shown.frame["limit"])
    assert "health_weekly" in wording.separate(work)[0].needs[0].columns
    assert tables.limits(study(load("exampleshire"))) == []


def test_a_month_within_the_year_is_projected():
    data = load("exampleshire", "2025-12")
    work = study(data)
    said = [h for h in wording.outturn(work) if h.id == "budget.outturn"]
    assert len(said) == 1
    assert said[0].lower < said[0].value < said[0].upper
    assert isinstance(s75lib.budget.figures.outturn(work), Figure)


def test_the_notebook_is_thin_and_clean(data_dir):
    notebook = nbformat.read(data_dir.parent / NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert ["parameters"] in [cell.metadata.get("tags") for cell in code]
    assert all(cell.source.count("s75.show(") <= 1 for cell in code)
    headings = [line for cell in notebook.cells for line in cell.source.splitlines() if line.startswith("# ")]
    assert len(headings) == 1
