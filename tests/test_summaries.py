"""What each shipped authority's reports open with: few findings, a short sentence each, in plain English."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import s75lib as s75
from s75lib.loaders import find_authorities
from s75lib.present import Missing

DATA = Path(__file__).parents[1] / "data"
WINGS = ("budget", "kpi", "workload", "account", "next_year", "scorecard")
STILTED = ("hardly the cause", "weighs most", "undisclosed", "none is overdue", "1 checks")


@cache
def studies_of(authority):
    data = s75.load(authority, data_dir=DATA)
    return {wing: getattr(s75, wing).study(data) for wing in WINGS}


@pytest.fixture(params=find_authorities(DATA))
def studies(request):
    return studies_of(request.param).values()


def test_a_summary_has_at_most_five_findings_of_one_sentence_of_25_words(studies):
    for study in studies:
        said = s75.summary(study).headlines
        assert len(said) <= 5
        assert not [one.sentence for one in said if len(one.sentence.split()) > 25]
        assert all(one.sentence.endswith(".") for one in said)


def test_a_number_that_is_written_large_stands_in_its_sentence(studies):
    said = [one for study in studies for one in s75.summary(study).headlines]
    assert not [
        (one.large, one.sentence)
        for one in said
        if any(digits not in one.sentence for digits in re.findall(r"\d[\d,.]*", one.large))
    ]


def test_no_sentence_is_stilted_and_nobody_is_told_that_their_own_data_are_not_published(studies):
    for study in studies:
        texts = [one.text for one in study.headlines]
        assert not [text for text in texts if any(words in text for words in STILTED)]
        reasons = [gap.reason for gap in study.missing]
        reasons += [
            part.reason for part in s75.summary(study).parts if isinstance(part, Missing) if part.whole
        ]
        assert not [reason for reason in reasons if re.search(r"\bpublished\b", reason)]


def test_the_law_comes_before_the_money_and_the_forecast_is_the_one_total():
    for wing in ("budget", "scorecard"):
        first, second, *rest = s75.summary(studies_of("exampleshire")[wing]).headlines
        assert (first.id, first.large) == ("budget.s117_charges", "Unlawful")
        assert (second.id, second.large) == ("budget.position.forecast", "£770k")
        assert not [one for one in rest if one.id.startswith("budget.position")]


TIED = {
    "exampleshire": "Against their budgets, care packages are committed and forecast £905k over, "
    "adjustments £135k under: together £770k over; with staff £221k under, £549k over in all.",
    "cambridgeshire": "Against their budgets, care packages are forecast £470k over and adjustments £37k "
    "under: together £433k over; with staff £164k under, £269k over in all.",
}


@pytest.mark.parametrize("authority", TIED)
def test_the_totals_are_tied_by_one_sentence_in_every_section_that_gives_them(authority):
    whole = TIED[authority].rpartition("with staff ")[2].split(", ")[1].removesuffix(" in all.")
    for wing in ("budget", "account", "scorecard"):
        (said,) = [one for one in studies_of(authority)[wing].headlines if TIED[authority] in one.text]
        assert re.search("the (adjusted net|whole) budget", said.sentence)
        assert whole in said.sentence
        assert said in s75.summary(studies_of(authority)[wing]).headlines


def test_a_year_end_by_pace_by_forecast_and_as_next_year_opens_is_tied_wherever_two_of_them_stand():
    tied = (
        "Next year opens with the forecast for care packages alone. Adjustments, forecast at £281k "
        "(£37k under their budget of £318k), make this year's forecast £9.98m in all."
    )
    cambridgeshire = studies_of("cambridgeshire")
    for wing in ("budget", "next_year"):
        (said,) = [one for one in cambridgeshire[wing].headlines if tied in one.text]
        for amount in ("£9.65m", "£9.70m"):
            assert amount in said.text.replace(tied, "")
        assert re.search("budget monitor('s forecast| forecasts)", said.text)
        # The first screen gives one figure of the year end.
        assert not [one for one in s75.summary(cambridgeshire[wing]).headlines if "£9.65m" in one.sentence]
    # A ledger opens next year with its own outturn.
    said = "Adjustments, forecast at £45k (£135k under their budget of £180k), make this year's forecast "
    said += "£14.06m in all."
    assert studies_of("exampleshire")["budget"].year_end == said


def test_charges_for_aftercare_stand_on_the_scorecard():
    card = studies_of("exampleshire")["scorecard"]
    (row,) = [one for one in card.measures["Budget"] if "117" in one.name]
    assert (row.status, row.verdict, row.latest) == ("bad", "Unlawful", "some, number withheld")
