"""The budget area of the scorecard against the budget wing's own figures."""

from __future__ import annotations

import math

import pytest

from s75lib.budget.position import trend
from s75lib.budget.staffing import staffing_position
from s75lib.scorecard.budget import headlines, section


@pytest.mark.parametrize("authority", ["exampleshire", "cambridgeshire"])
def test_money_is_that_of_the_budget_wing(data_of, study_of, row, authority):
    data = data_of(authority)
    rows = trend(data.budget)
    last = rows[(rows["scope"] == "all") & (rows["level"] == "adjusted")].sort_values("as_at").iloc[-1]
    assert row(study_of(authority), "forecast, net").value == last["forecast_variance"]
    staff = staffing_position(data.staffing)
    assert row(study_of(authority), "forecast of staffing").value == staff["variance"].iloc[-1]


def test_the_verdicts_say_how_far_over_or_under(study_of):
    assert [one.judged for one in study_of("cambridgeshire").measures["Budget"]] == [
        "✗ 4.5% over budget",
        "= 4.0% over budget (counted in forecast)",
        "○ 5.2% under budget, vacancies not known",
    ]


def test_an_underspend_on_staff_is_good_only_where_no_post_is_vacant(data_of, changed, row, study_of):
    name = "forecast of staffing"
    assert row(study_of("exampleshire"), name).judged == "○ 4.9% under budget, 21% of all posts vacant"
    posts = data_of("exampleshire").workforce
    filled = changed("exampleshire", workforce=posts.assign(wte_in_post=posts["wte_establishment"]))
    assert row(filled, name).judged == "✓ 4.9% under budget"
    for part in (1.05, 0.997):  # more people than posts; fewer vacant than a whole percent tells
        nearly = posts.assign(wte_in_post=part * posts["wte_establishment"])
        assert row(changed("exampleshire", workforce=nearly), name).judged == "✓ 4.9% under budget"
    dear = data_of("exampleshire").staffing.copy()
    dear["forecast"] *= 2
    assert row(changed("exampleshire", staffing=dear), name).status == "bad"


def test_the_published_forecast_of_cambridgeshire_with_its_rounding(study_of, row):
    """£433k over by the lines, £432k in print: 23 lines to £1k, so up to £23k either way."""
    one = row(study_of("cambridgeshire"), "forecast, net")
    assert (one.latest, one.against, one.change) == ("£9.98m", "adjusted net budget £9.55m", "+£433k")
    assert (one.interval, one.rounding) == ("", "£23k")
    assert one.judged == "✗ 4.5% over budget"


def test_a_variance_within_rounding_is_not_called_over(data_of, changed, row):
    monitor = data_of("cambridgeshire").budget.copy()
    monitor["forecast"] = monitor["budget"]
    one = row(changed("cambridgeshire", budget=monitor), "forecast, net")
    assert one.judged == "≈ On budget"
    monitor.loc[monitor.index[-1], "forecast"] += 2_000
    one = row(changed("cambridgeshire", budget=monitor), "forecast, net")
    assert (one.status, one.verdict) == ("level", "Over budget, within rounding")


def test_a_monitor_alone_is_shown_without_staffing(data_of, changed):
    staffing = data_of("cambridgeshire").staffing.iloc[:0]
    found = changed("cambridgeshire", staffing=staffing)
    assert len(found.measures["Budget"]) == 2
    assert list(section(found).figures) == ["variances"]


PARTNERS = ("Exampleshire Council", "Exampleshire Mental Health NHS Trust")


def test_the_pools_row_says_who_bears_its_difference(study_of, row):
    one = row(study_of("exampleshire"), "forecast of the whole pool")
    assert (one.latest, one.against, one.change) == ("£18.33m", "whole budget £17.78m", "+£549k")
    assert one.value == 549_072
    assert one.judged == "= 3.1% over budget (counted in forecasts of packages and of staffing)"
    parts = [row(study_of("exampleshire"), f"borne by {name}") for name in PARTNERS]
    assert [part.value for part in parts] == [329_443.20, 219_628.80]
    assert [part.latest for part in parts] == ["£329k", "£220k"]


def test_the_budget_rows_are_tied_to_each_other(study_of):
    said = {one.id: one for one in headlines(study_of("exampleshire"))}["scorecard.budget.tie"]
    assert said.text == (
        "The forecast says where the year will end, the commitments what is agreed so far, without "
        "adjustments and staff. So far they are £905k over. The whole pool, "
        "staff included, is forecast £549k over."
    )
    (alone,) = [one for one in headlines(study_of("cambridgeshire")) if one.id == said.id]
    assert alone.text.endswith("So far they are £373k over.")


def test_how_many_are_charged_is_said_to_be_hidden(study_of, row):
    assert row(study_of("exampleshire"), "people charged").latest == "some, number withheld"


def test_aligned_money_has_no_row_of_a_pool(study_of):
    names = [one.name for one in study_of("cambridgeshire").measures["Budget"]]
    assert not [name for name in names if "pool" in name]


def test_without_a_forecast_the_rows_and_their_tie_name_none(data_of, changed):
    found = changed("cambridgeshire", budget=data_of("cambridgeshire").budget.assign(forecast=math.nan))
    net, _ = found.measures["Budget"]
    assert net.judged.endswith("over budget")
    (tie,) = [one for one in headlines(found) if one.id == "scorecard.budget.tie"]
    assert tie.text.startswith(
        "The commitments say what is agreed so far, without adjustments and staff. So far"
    )
