"""The scorecard as a reader sees it: its rows against the wings' own figures, its words, what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

import s75lib as s75
from s75lib.loaders import find_authorities
from s75lib.loaders.reading import Frames
from s75lib.present import Figure, Headline, Missing, Table
from s75lib.scorecard import card, figures, sections, tables, wording
from s75lib.scorecard.areas import AREAS
from s75lib.scorecard.areas.measure import SHAPES
from s75lib.scorecard.days import HARD_SPACE

ROOT = Path(__file__).parents[2]
AUTHORITIES = find_authorities(ROOT / "data")
SECTIONS = (sections.budget, sections.workload, sections.indicators, sections.risk, sections.actions)


@cache
def data_of(authority):
    return s75.load(authority, data_dir=ROOT / "data")


@cache
def card_of(authority):
    return card(data_of(authority))


def changed(authority, **frames):
    """The card of an authority with some frames put in place of others, and without what takes its time."""
    data = data_of(authority)
    kept = dict(data.frames.untracked())
    slow = {name: kept[name].iloc[:0] for name in ("kpi", "survey", "audits", "packages")}
    return card(replace(data, frames=Frames({**kept, **slow, **frames})))


def row(found, name):
    (one,) = [one for one in found.measures if one.name.startswith(name)]
    return one


def parts_of(found):
    return [part for section in SECTIONS for part in section(found)]


# --- every authority


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_area_has_rows_or_says_what_would_fill_it(authority):
    found = card_of(authority)
    table = tables.scorecard(found)
    names = table.frame["measure"].str.partition(":")[0]
    assert list(names.unique()) == [*AREAS, "Actions"]
    for area, section in zip(AREAS, SECTIONS, strict=False):
        empty = [part for part in section(found) if isinstance(part, Missing)]
        if area not in found.held:
            assert empty
            assert empty[0].needs
            (only,) = table.frame[names == area].to_dict("records")
            assert only["verdict"].startswith("–")


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_verdict_is_in_words_with_a_shape(authority):
    for one in card_of(authority).measures:
        shape, _, words = one.judged.partition(" ")
        assert shape == SHAPES[one.status]
        assert len(words) > 3
        assert words[0].isupper() or words[0].isdigit()
        printed = " ".join((one.latest, one.against, one.change, one.interval, one.judged, one.as_at))
        assert not re.search(r"\b(nan|NaT|inf|None|<NA>)\b", printed.replace("None ", ""))


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_headlines_are_few_and_rest_on_parts_of_the_page(authority):
    found = card_of(authority)
    said = [*wording.headlines(found)]
    assert len(said) <= 2 * len(AREAS) + 3
    assert len({one.id for one in said}) == len(said)
    ids = {"scorecard", *(part.id for part in parts_of(found) if isinstance(part, Table | Figure))}
    for one in said:
        assert one.text.endswith(".")
        assert one.see
        assert set(one.see) <= ids
    later = [one for part in parts_of(found) if isinstance(part, list) for one in part]
    assert not {one.id for one in later} & {one.id for one in said}
    assert all(isinstance(one, Headline) for one in later)


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_nothing_of_the_four_areas_is_not_applicable(authority):
    found = card_of(authority)
    missing = wording.applicable(found)
    assert bool(missing) == (not found.held)
    if missing:
        assert missing[0].payload()["status"] == "not_applicable"
        assert {need.dataset for need in missing[0].needs} >= {"budget", "activity", "kpi", "risks"}
    assert (not found.held) == (authority in ("coventry", "warwickshire"))


@pytest.mark.parametrize("authority", AUTHORITIES)
def test_every_part_has_its_three_forms(authority):
    for part in [tables.scorecard(card_of(authority)), *parts_of(card_of(authority))]:
        if not isinstance(part, list):
            assert part.payload()["kind"] in ("table", "figure", "not_applicable")
            assert part.html()
            assert part.text()


# --- the same figures as the wings'


def test_money_is_that_of_the_budget_wing():
    for authority in ("exampleshire", "cambridgeshire"):
        data = data_of(authority)
        work = s75.budget.study(data)
        rows, staff = work.position, work.staffing_position
        last = rows[(rows["scope"] == "all") & (rows["level"] == "adjusted")].iloc[0]
        assert row(card_of(authority), "forecast, net").value == last["forecast_variance"]
        assert row(card_of(authority), "forecast of staffing").value == staff["variance"].iloc[-1]


def test_the_published_forecast_of_cambridgeshire_with_its_rounding():
    """£433k over by the lines, £432k in print: 23 lines to £1k, so up to £23k either way."""
    one = row(card_of("cambridgeshire"), "forecast, net")
    assert (one.latest, one.against, one.change) == ("£9,980k", "budget £9,547k", "+£433k")
    assert one.interval == "±£23k"
    assert one.judged == "✗ 4.5% over budget"


def test_a_variance_within_rounding_is_not_called_over():
    monitor = data_of("cambridgeshire").budget.copy()
    monitor["forecast"] = monitor["budget"]
    one = row(changed("cambridgeshire", budget=monitor), "forecast, net")
    assert one.judged == "● On budget"
    monitor.loc[monitor.index[-1], "forecast"] += 2_000
    one = row(changed("cambridgeshire", budget=monitor), "forecast, net")
    assert (one.status, one.verdict) == ("level", "Over budget, within rounding")


def test_indicators_are_those_of_the_kpi_wing():
    data, found = data_of("exampleshire"), card_of("exampleshire")
    changes = s75.kpi.changes(data.kpi)
    clear = changes[(changes["verdict"] == "changed") & (changes["p_holm"] < 0.05)]
    assert row(found, "moved by more").value == len(clear) == 3
    assert row(found, "targets met").value == (s75.kpi.targets(data.kpi)["met"] == True).sum()  # noqa: E712
    shown = [one.name for one in found.of("Indicators")]
    assert set(clear["label"]) <= set(shown)
    one = row(found, "Reviews in 12 months")
    assert one.judged == "✗ Worse, beyond chance; target missed"
    assert one.change == "−8.2 points"


def test_islington_has_the_ratio_of_enquiries_to_concerns():
    one = row(card_of("islington"), "enquiries completed for each 100 concerns")
    assert (one.latest, one.against, one.status) == ("4.5", "2017/18: 13.0", "watch")
    assert row(card_of("islington"), "moved by more").judged.startswith("✗ 1 worse and 4 ")


def test_the_indicators_shown_are_few_and_the_worse_come_first():
    shown = card_of("exampleshire").of("Indicators")[2:]
    assert len(shown) <= 6
    assert shown[0].verdict.startswith("Worse")


# --- workload


def test_twelve_months_are_added_from_the_activity_itself():
    data, counts = data_of("exampleshire"), card_of("exampleshire").counts.set_index("measure")
    rows = data.activity[data.activity["measure"] == "reviews"]
    latest = rows.loc[rows["month"] >= "2025-04-01", "count"].sum()
    before = rows.loc[(rows["month"] >= "2024-04-01") & (rows["month"] < "2025-04-01"), "count"].sum()
    assert counts.loc["reviews", ["latest", "before"]].tolist() == [latest, before]
    assert counts.loc["reviews", "change_percent"] == pytest.approx(100 * (latest / before - 1))
    assert not {"delayed_people"} & set(counts.index)


def test_planted_changes_of_activity_are_clear_and_quiet_measures_are_not():
    counts = card_of("exampleshire").counts.set_index("measure")
    assert counts.loc["reviews", "is_clear"]
    quiet = ["assessments", "mha_assessments", "safeguarding_concerns", "safeguarding_enquiries"]
    assert not counts.loc[quiet, "is_clear"].any()


def activity_of(counts):
    months = pd.date_range("2024-04-01", periods=len(counts), freq="MS").as_unit("s")
    return data_of("exampleshire").activity.iloc[:0].reindex(range(len(counts))).assign(
        month=months, measure="carers_assessments", count=np.array(counts, dtype=float), service_group="",
        team="", reference="",
    )  # fmt: skip


def test_scatter_of_the_months_keeps_a_change_from_being_clear():
    steady = changed("exampleshire", activity=activity_of([50] * 12 + [60] * 12)).counts.iloc[0]
    assert (steady["latest"], steady["before"], steady["dispersion"]) == (720, 600, 1.0)
    assert steady["is_clear"]
    wild = changed("exampleshire", activity=activity_of([10, 90] * 6 + [20, 100] * 6)).counts.iloc[0]
    assert (wild["latest"], wild["before"]) == (720, 600)
    assert wild["dispersion"] > wild["tipping_factor"] > 1
    assert not wild["is_clear"]


@pytest.mark.parametrize(
    "counts", [[5] * 23, [0] * 24, [*[5] * 12, np.nan, *[5] * 11]], ids=["short", "nothing", "a gap"]
)
def test_two_years_that_are_not_known_are_left_out(counts):
    assert changed("exampleshire", activity=activity_of(counts)).counts.empty


def test_a_count_of_few_people_is_hidden():
    found = changed("exampleshire", activity=activity_of([0] * 22 + [1, 1]))
    one = row(found, "carers' assessments")
    assert (one.latest, one.change, one.value) == ("c", "", None)
    assert "Too few" in one.verdict


def test_from_nothing_to_something_has_no_percentage():
    one = row(changed("exampleshire", activity=activity_of([0] * 12 + [9] * 12)), "carers' assessments")
    assert (one.latest, one.change, one.interval) == ("108", "", "")
    assert one.value is None


# --- risk and actions


def test_the_printed_row_is_shown_with_its_contradictions():
    found = card_of("cambridgeshire")
    assert row(found, "contradictions").judged == "✗ In 1 risk"
    (shown,) = tables.contradictions(found)
    assert len(shown.frame) == 3
    register = tables.risks(found)
    assert isinstance(register, Table)
    assert register.frame[["factors", "rated", "band", "printed", "before"]].values.tolist() == [
        ["2 × 4".replace(" ", HARD_SPACE), 8.0, "High", "6, Moderate", 16.0]
    ]
    said = {one.id: one.text for one in wording.risks(found)}
    assert "16 to 8, extreme to high; recorded as 6" in said["scorecard.risk.moves"]
    assert "With likelihood 3 in place of 4 all would agree." in said["scorecard.risk.contradiction.1"]
    (check,) = [one for one in wording.checks(found) if one.id == "scorecard.register"]
    assert not check.passed


def test_each_risk_is_in_the_cell_of_the_matrix_that_it_belongs_to():
    table = tables.matrix(card_of("exampleshire"))
    assert isinstance(table, Table)
    cells = table.frame.set_index("consequence")
    assert cells.loc["4 Major", "likelihood_4"] == "R01, R03 and R05"
    assert cells.loc["3 Moderate", "likelihood_1"] == "R06"
    assert (cells == "–").to_numpy().sum() == 25 - 4
    drawn = figures.matrix(card_of("exampleshire"))
    assert isinstance(drawn, Figure)
    texts = [text.get_text() for axis in drawn.drawing.axes for text in axis.texts]
    assert sum("extreme" in text for text in texts) == 6
    assert any("▲R05" in text for text in texts)
    assert drawn.title == "Of 6 scored risks, 3 extreme, 2 high and 1 low"


def test_scores_through_the_reviews_need_three_reviews():
    assert figures.reviews(card_of("cambridgeshire")) == []
    (drawn,) = figures.reviews(card_of("exampleshire"))
    table = drawn.data.frame.set_index("risk")
    assert table.loc["R02"].tolist() == [6, 9, 12, 12, 12]


def test_unscored_risks_have_no_matrix_and_say_so():
    found = card_of("barking-and-dagenham")
    assert isinstance(figures.matrix(found), Missing)
    assert wording.risks(found)[0].text == "The register names 11 risks and scores none of them."
    assert row(found, "extreme risks").judged == "– No score published"


def test_a_crowded_cell_names_some_and_counts_the_rest():
    rows = data_of("exampleshire").risks.iloc[[0] * 9].assign(risk_id=[f"N{n}" for n in range(9)])
    drawn = figures.matrix(changed("exampleshire", risks=rows.reset_index(drop=True)))
    assert isinstance(drawn, Figure)
    named = " ".join(text.get_text() for axis in drawn.drawing.axes for text in axis.texts)
    assert "N0" in named
    assert "+4" in named
    assert "N8" not in named


def test_a_review_that_is_late_and_a_risk_that_is_gone_are_named():
    data = data_of("exampleshire")
    rows = data.risks[~((data.risks["risk_id"] == "R06") & (data.risks["date"] > "2025-07-01"))]
    found = changed("exampleshire", risks=rows.reset_index(drop=True))
    assert row(found, "without a review").judged == "✗ Not reviewed: R06"
    ids = {one.id: one.text for one in wording.risks(found)}
    assert ids["scorecard.risk.absent"].startswith("R06 was not in the register's latest review")
    assert ids["scorecard.risk.due"].startswith("1 risk had no review in the 6 months to 31 March 2026")


def test_words_that_are_not_of_the_scale_fail_a_check():
    rows = data_of("exampleshire").risks.assign(level="Amber")
    checks = {one.id: one for one in wording.checks(changed("exampleshire", risks=rows))}
    assert checks["scorecard.register"].passed
    assert not checks["scorecard.words"].passed
    assert "“Amber”" in checks["scorecard.words"].detail


def test_actions_that_do_not_fit_are_said():
    plan = data_of("exampleshire").actions.assign(status="open")
    found = changed("exampleshire", actions=plan)
    said = {one.id: one.text for one in wording.actions(found)}
    assert "4 are overdue" in said["scorecard.actions"]
    assert "do not fit for 4 actions" in said["scorecard.actions.contradictions"]
    assert row(found, "improvement actions").judged == "✗ 4 overdue"


def test_without_statuses_nobody_is_called_late():
    one = row(card_of("islington"), "improvement actions")
    assert one.judged == "– No status published"
    one = row(card_of("cambridgeshire"), "improvement actions")
    assert one.judged == "! 18 past their date without a status"


# --- the notebook


def test_short_cells_do_not_break():
    table = tables.scorecard(card_of("exampleshire"))
    assert f"31{HARD_SPACE}Mar{HARD_SPACE}2026" in set(table.frame["as_at"])
    short = [text for text in table.frame["latest"] if len(text) <= 15]
    assert not any(" " in text for text in short)


def test_the_notebook_calls_what_there_is():
    notebook = nbformat.read(ROOT / "notebooks" / "partnership_scorecard.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    for path in set(re.findall(r"s75\.scorecard((?:\.\w+)+)\(", code)):
        part = s75.scorecard
        for name in path.strip(".").split("."):
            part = getattr(part, name)
        assert callable(part)
