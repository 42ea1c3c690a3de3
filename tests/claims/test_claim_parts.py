"""Claims in sentences, in a notebook, and shared out among the notebooks."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from s75lib.claims import (
    NOTEBOOK_DATASETS,
    Claims,
    check_claims,
    headlines,
    of_a_notebook,
    of_datasets,
    of_notebook,
)
from s75lib.claims.parts import summary
from s75lib.claims.terms import SOURCES
from s75lib.claims.verdicts import figure, gap, span
from s75lib.errors import ConfigError
from s75lib.loaders import load
from s75lib.present import MIME


@pytest.fixture(scope="module")
def islington(data_dir):
    data = load("islington", data_dir=data_dir)
    return check_claims(data.claims, data.frames)


def test_headlines_count_and_name_the_contradictions_most_serious_first(islington):
    found = headlines(islington)
    assert found[0].text == (
        "Of 50 published figures, 36 are consistent with the figures and 2 are consistent only through "
        "rounding. 1 is inconsistent with them and 2 have the wrong unit. "
        "9 cannot be tested with the data at hand."
    )
    assert (found[0].value, found[0].unit) == (3, "claims")
    assert [h.id for h in found[1:]] == [
        "claims.kpi-community-support-samh-steady",
        "claims.kpi-cpa-employment-rise",
        "claims.kpi-independent-living-rise",
    ]
    employment = found[2]
    assert (round(employment.value, 1), employment.unit) == (14.3, "percent")
    assert employment.lower < employment.value < employment.upper
    assert employment.text.startswith("Wrong unit: “")


def test_headlines_of_a_part_say_how_many_there_are(islington):
    assert headlines(islington.head(1), 50)[0].text.startswith("The one published figure (of 50 in all) is ")


def test_headlines_of_nothing_and_of_nothing_testable(islington):
    (none,) = headlines(islington.head(0))
    assert none.text.startswith("No published statement")
    assert none.value == 0
    untestable = islington[islington["verdict"] == "untestable"]
    assert headlines(untestable)[0].text == (
        "None of the 9 published figures can be tested with the data at hand."
    )
    assert headlines(untestable.head(1))[0].text == (
        "The one published figure cannot be tested with the data at hand."
    )


def test_the_payload_is_strict_json(islington):
    payload = Claims(islington)._repr_mimebundle_()[MIME]
    assert payload == json.loads(json.dumps(payload, allow_nan=False))
    assert payload["kind"] == "claims"
    assert len(payload["items"]) == 50
    items = {item["claim_id"]: item for item in payload["items"]}
    assert set(items["text-cqc-score"]) == {"claim_id", "verdict", "published", "recomputed", "low", "high"}
    assert items["text-cqc-score"]["recomputed"] is None
    assert items["kpi-cpa-employment-rise"]["verdict"] == "wrong unit"


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_shows_contradictions_in_full_and_the_rest_one_click_away(islington):
    html = Claims(islington).html()
    balance = _Balance()
    balance.feed(html)
    assert balance.open == []
    assert html.startswith('<div class="s75-claims">')
    assert not re.search(r"<(style|script)| style=| on\w+=", html)
    before, _, after = html.partition("<details")
    assert before.count("<tr>") == 1 + 3
    assert after.count("<tr>") == 1 + 50
    assert "Every published figure" in after
    assert before.index("generally steady") < before.index("paid employment up by 0.7%")


def test_html_without_contradictions_and_without_claims(islington):
    fine = Claims(islington[islington["verdict"] == "consistent"]).html()
    assert fine.count("<table") == 1
    none = Claims(islington.head(0))
    assert "<table" not in none.html()
    assert none.text() == summary(none.checked)
    assert none.payload()["items"] == []


def test_statements_are_escaped(claims_of):
    checked = check_claims(claims_of({"statement": "<b>false</b>", "published": 1000}), {})
    assert "<b>" not in Claims(checked).html()


def test_every_dataset_has_one_notebook():
    names = [name for datasets in NOTEBOOK_DATASETS.values() for name in datasets]
    assert sorted(names) == sorted(set(SOURCES) - {"claims"})


def test_claims_without_a_dataset_follow_their_document():
    claims = pd.DataFrame(
        {
            "claim_id": list("abcdef"),
            "document": ["x", "x", "x", "x", "y", "z"],
            "dataset": ["kpi", "budget", "budget", "", "", "staffing"],
        }
    )
    assert of_datasets(claims, ["budget", "staffing"])["claim_id"].tolist() == ["b", "c", "d", "f"]
    assert of_datasets(claims, ["kpi"])["claim_id"].tolist() == ["a"]
    assert of_datasets(claims, ["facts"])["claim_id"].tolist() == ["e"]
    assert of_datasets(claims.head(0), ["kpi"]).empty


def test_untestable_claims_of_money_stand_with_money():
    claims = pd.DataFrame(
        {
            "claim_id": list("abcd"),
            "document": ["x", "x", "y", "y"],
            "dataset": ["kpi", "", "budget", ""],
            "unit": ["percent", "gbp", "gbp", "gbp"],
        }
    )
    assert of_datasets(claims, ["facts"])["claim_id"].tolist() == ["b"]
    assert of_datasets(claims, ["budget"])["claim_id"].tolist() == ["c", "d"]


def test_an_unknown_notebook_is_an_error(islington):
    with pytest.raises(ConfigError, match="budget_deep_dive"):
        of_notebook(islington, "budget")


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (-52_000, "gbp", -3, "−£52k"),
        (2_046_736, "gbp", 0, "£2,046,736"),
        (12.5, "gbp", 2, "£12.50"),
        (206_000, "people", -3, "206,000 people"),
        (1, "months", 0, "1 month"),
        (0, "months", 0, "0 months"),
        (0.5, "wte", 1, "0.5 WTE"),
        (9, "count", 0, "9"),
        (13.4, "%", 1, "13.4%"),
    ],
)
def test_figures_in_their_units(value, unit, decimals, text):
    assert figure(value, unit, decimals) == text


def test_gaps_and_spans():
    assert gap(-2, "score", 0) == "2"
    assert gap(1.0, "percent", 1) == "1.0 percentage points"
    assert span(0.6, 0.8, "percentage_points", 1) == "+0.60 to +0.80 percentage points"
    assert span(4.5, 5.5, "percent", 0) == "4.5% to 5.5%"


def test_a_small_recomputed_count_is_not_shown(data_dir):
    data = load("exampleshire", data_dir=data_dir)

    def held(fewest):
        _, shown = of_a_notebook(data.claims, data.frames, "workload_forecast", lambda dataset: fewest)
        (item,) = [item for item in shown.payload()["items"] if item["claim_id"] == "health-held"]
        return item, shown.html()

    item, page = held(200)
    assert (item["published"], item["recomputed"], item["low"], item["high"]) == (193, None, None, None)
    assert "The recomputed count is hidden: too few people." in page
    assert held(5)[0]["recomputed"] == 193
    assert of_a_notebook(data.claims.head(0), data.frames, "workload_forecast", data.fewest_shown)[
        1
    ].checked.empty
