"""The place among other authorities in sentences, charts and tables."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from s75lib.loaders.peers import LeftOut
from s75lib.present import Missing
from s75lib.scorecard import Study
from s75lib.scorecard.comparison import headlines, outside, section


@pytest.fixture
def study(made):
    """Open the scorecard of Alpha among others."""
    return lambda peers: Study(made(slug="alpha"), peers=peers)


def test_the_headlines_say_place_difference_interval_and_position(study, plans):
    found = study(plans())
    summary, far = headlines(found)
    assert summary.value == 1
    assert "1 indicator can be set beside the same of 4 other authorities and it tested" in summary.text
    own = found.comparison.own.iloc[0]
    assert far.id == "comparison.crisis_plans.all"
    assert (far.value, far.lower, far.upper) == (
        own["difference"],
        own["difference_lower"],
        own["difference_upper"],
    )
    assert "−17.5 percentage points" in far.text
    assert "the worse side" in far.text
    assert "5 of 5" in far.text
    assert far.method.startswith(
        "exact beta-binomial limits"
        if found.comparison.standings[0].funnel.dispersion != "none"
        else "exact binomial"
    )


def test_what_lies_inside_gets_no_sentence_of_its_own(study, rows, beside, plan_counts):
    held = [rows(slug, "follow_up_72_hours", 80, 100) for slug in plan_counts]
    (summary,) = headlines(study(beside(*held)))
    assert "within the limits of chance in 1 and outside the 95% limits in 0" in summary.text


def test_the_section_shows_positions_funnels_table_and_files(study, plans, plan_counts):
    found = study(plans(left_out=(LeftOut("zeta", "Zeta", "found no data"),)))
    shown = {part.id: part for part in section(found).parts[2:]}
    assert list(shown) == [
        "between_authorities",
        "place_among_others",
        "funnel.crisis_plans",
        "basis_of_comparison",
        "not_compared",
        "compared_files",
    ]
    assert shown["not_compared"].frame.to_numpy().tolist() == [["Zeta", "Found no data"]]
    records = shown["between_authorities"].payload()["records"]
    assert [record["name"] for record in records] == [slug.title() for slug in plan_counts]
    assert {record["of"] for record in records} == {5}
    drawn = shown["funnel.crisis_plans"].drawing.axes[0]
    assert {text.get_text() for text in drawn.texts} >= {slug.title() for slug in plan_counts}
    assert shown["funnel.crisis_plans"].alt.startswith("Dots, one for each authority")
    assert shown["compared_files"].frame["path"].tolist() == [f"{slug}/kpi.csv" for slug in plan_counts]


def test_nothing_to_compare_is_said_with_what_would_let_it(study, rows, beside, plans):
    found = study(beside(rows("alpha", "crisis_plans", 30, 50)))
    assert headlines(found) == []
    parts = section(found).parts
    assert isinstance(parts[0], Missing)
    assert parts[0].needs[0].dataset == "kpi"
    empty = dataclasses.replace(plans(), frame=pd.DataFrame(columns=plans().frame.columns))
    assert headlines(study(empty)) == []


def test_no_more_funnels_are_drawn_than_four_the_least_likely_first(study, rows, beside, plan_counts):
    held = [rows(slug, "crisis_plans", *counts) for slug, counts in plan_counts.items()]
    for indicator in ("follow_up_72_hours", "complaints_on_time", "advocacy_offered", "carers_assessed"):
        held += [rows(slug, indicator, 80, 100) for slug in plan_counts]
    shown = section(study(beside(*held)))
    drawn = [name for name in shown.figures if name.startswith("funnel.")]
    assert len(drawn) == 4
    assert drawn[0] == "funnel.crisis_plans"


def test_many_authorities_are_named_only_where_they_lie_outside(study, rows, beside):
    rng = np.random.default_rng(2)
    held = [
        rows("alpha", "follow_up_72_hours", 80, 100),
        rows("far", "follow_up_72_hours", 10, 100),
    ]
    held += [rows(f"other-{n}", "follow_up_72_hours", int(rng.binomial(100, 0.8)), 100) for n in range(20)]
    found = study(beside(*held))
    figure = section(found).figures["funnel.follow_up_72_hours"]
    named = {text.get_text() for text in figure.drawing.axes[0].texts} - {"95%", "99.8%"}
    frame = found.comparison.standings[0].frame
    assert named == {"Alpha", *frame.loc[frame["place"].map(outside), "name"]}
    assert "far" in named


def test_figures_that_others_hide_are_named_and_not_shown(study, rows, beside):
    held = [
        rows("alpha", "crisis_plans", 40, 50),
        rows("beta", "crisis_plans", 3, 50),
        rows("gamma", "crisis_plans", 47, 50),
    ]
    shown = section(study(beside(*held, fewest={"alpha": 1, "beta": 5, "gamma": 1})))
    text = " ".join(part.text() for part in shown.parts)
    assert "hidden by that authority" in text.casefold()
    assert "6.0" not in text
    assert shown.tables["between_authorities"].hidden == ((1, "value"),)


def test_what_has_no_test_says_why(study, rows, beside):
    printed = [rows(slug, "cpa_employment", value=5.6) for slug in ("alpha", "beta")]
    summary, bare = headlines(study(beside(*printed)))
    assert "None can be tested" in summary.text
    assert "without the number of people behind it" in bare.text
    odd = [rows("alpha", "crisis_plans", 60, 50), rows("beta", "crisis_plans", 40, 50)]
    *_, bare = headlines(study(beside(*odd)))
    assert "not whole, or more than their base" in bare.text.casefold()


def test_without_peers_nobody_is_said_to_have_been_looked_at(study):
    found = study(None)
    assert headlines(found) == []
    (part,) = section(found).parts
    assert "not read" in part.text()
