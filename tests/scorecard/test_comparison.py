from __future__ import annotations

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from s75lib.kpi import may_show
from s75lib.loaders.indicators import REGISTRY, Indicator
from s75lib.loaders.peers import LeftOut, PeerFile, Peers
from s75lib.loaders.period import Period
from s75lib.present import Missing
from s75lib.scorecard import comparison
from s75lib.scorecard.comparison.choosing import SIZE, chosen
from s75lib.scorecard.comparison.wording import outside
from s75lib.shared import FOLDER
from s75lib.stats.funnel import funnel

NUMBERS = ["value", "numerator", "denominator", "decimals", "target", "months_on_target", "months_reported"]
# Alpha is far below the others in plans; in follow-up all are alike.
PLANS = {
    "alpha": (300, 500),
    "beta": (150, 200),
    "gamma": (320, 400),
    "delta": (75, 100),
    "epsilon": (230, 300),
}
NAMES = {slug: slug.title() for slug in PLANS}


def rows(slug, called, numerator=math.nan, denominator=math.nan, **given):
    """One figure of one authority; a percentage of its counts unless said otherwise."""
    row = {
        "authority": slug, "name": NAMES.get(slug, slug), "indicator": called, "group": "",
        "period": "2018/19", "unit": "percent", "value": 100 * numerator / denominator,
        "numerator": numerator, "denominator": denominator, "decimals": 1.0, "target": math.nan,
        "months_on_target": math.nan, "months_reported": math.nan, "reference": "",
    }  # fmt: skip
    return row | given


def beside(*held, period="2018/19", fewest=1, registries=None, left_out=()):
    """Peers as the loader gives them, the first row's authority asking."""
    frame = pd.DataFrame(held).astype(dict.fromkeys(NUMBERS, "float64"))
    slugs = list(dict.fromkeys(frame["authority"]))
    few = fewest if isinstance(fewest, dict) else dict.fromkeys(slugs, fewest)
    shown = [may_show(frame[frame["authority"] == slug].reset_index(drop=True), few[slug]) for slug in slugs]
    return Peers(
        authority=slugs[0],
        name=NAMES.get(slugs[0], slugs[0]),
        period=Period.parse(period),
        frame=pd.concat(shown, ignore_index=True),
        registries={slug: (registries or {}).get(slug, REGISTRY) for slug in slugs},
        files=tuple(PeerFile(slug, NAMES.get(slug, slug), f"{slug}/kpi.csv", "ab" * 32, 1) for slug in slugs),
        left_out=left_out,
    )


def plans(**options):
    return beside(*(rows(slug, "crisis_plans", *counts) for slug, counts in PLANS.items()), **options)


def reasons(peers):
    return dict(chosen(peers)[1][["indicator", "reason"]].to_numpy())


# ----------------------------------------------------------------------------- what is compared


def test_counts_and_means_of_months_are_not_compared_without_what_they_are_counted_over():
    peers = beside(
        *(rows(slug, "permanent_admissions", value=9.0, unit="count") for slug in ("alpha", "beta")),
        *(rows(slug, "reviews_per_month", value=9.0, unit="per_month") for slug in ("alpha", "beta")),
    )
    assert reasons(peers) == {"permanent_admissions": SIZE, "reviews_per_month": SIZE}


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"indicator": "follow_up_72_hours"}, "no other authority here has it"),
        ({"period": "2017/18"}, "no other authority here has it for the same period"),
        ({"unit": "per_100k"}, "others here have it in another unit or for other groups"),
        ({"group": "North team"}, "others here have it in another unit or for other groups"),
    ],
)
def test_another_period_unit_or_group_is_something_else(other, reason):
    peers = beside(rows("alpha", "crisis_plans", 30, 50), rows("beta", "crisis_plans", 30, 50, **other))
    assert reasons(peers) == {"crisis_plans": reason}


def test_indicators_that_are_defined_otherwise_or_nowhere_are_something_else():
    redefined = {
        **REGISTRY,
        "crisis_plans": dataclasses.replace(REGISTRY["crisis_plans"], denominator="adults"),
    }
    peers = beside(
        rows("alpha", "crisis_plans", 30, 50),
        rows("beta", "crisis_plans", 30, 50),
        registries={"beta": redefined},
    )
    assert reasons(peers)["crisis_plans"].startswith("others here mean something else")
    peers = beside(rows("alpha", "calls_answered", 30, 50), rows("beta", "calls_answered", 30, 50))
    assert reasons(peers)["calls_answered"].endswith("nobody has defined it")
    own = {"calls_answered": Indicator("calls_answered", "Calls answered in a minute")}
    peers = beside(
        rows("alpha", "calls_answered", 30, 50), rows("beta", "calls_answered", 30, 50),
        registries={"alpha": own, "beta": own},
    )  # fmt: skip
    assert not reasons(peers)


def test_the_latest_period_of_the_reports_kind_that_another_has_too_is_compared():
    held = [
        rows("alpha", "crisis_plans", 30, 50, period=period)
        for period in ("2016/17", "2017/18", "2018/19", "2019-03")
    ]
    held += [
        rows("beta", "crisis_plans", 30, 50, period=period) for period in ("2016/17", "2017/18", "2019-03")
    ]
    assert [choice.period for choice in chosen(beside(*held))[0]] == ["2017/18"]
    assert [choice.period for choice in chosen(beside(*held, period="2019-03"))[0]] == ["2019-03"]
    months = [row for row in held if row["period"] == "2019-03"]
    assert [choice.period for choice in chosen(beside(*months))[0]] == ["2019-03"]


def test_small_counts_are_hidden_by_the_threshold_of_whom_they_belong_to():
    held = [
        rows("alpha", "crisis_plans", 40, 50),
        rows("beta", "crisis_plans", 3, 50),
        rows("gamma", "crisis_plans", 47, 50),
    ]
    peers = beside(*held, fewest={"alpha": 1, "beta": 5, "gamma": 1})
    (one,) = comparison.findings(peers).standings
    assert one.frame["hidden"].tolist() == [False, True, False]
    assert math.isnan(one.frame["value"][1])
    assert math.isnan(one.frame["events"][1])
    assert one.frame["target"][0] == pytest.approx(100 * 87 / 100)  # the hidden one is in no total
    shown = " ".join(part.text() for part in comparison.sections(comparison.findings(peers)))
    assert "hidden by that authority" in shown.casefold()
    assert "6.0" not in shown


def test_a_hidden_figure_of_ones_own_is_not_compared():
    peers = beside(rows("alpha", "crisis_plans", 3, 50), rows("beta", "crisis_plans", 30, 50), fewest=5)
    assert reasons(peers)["crisis_plans"] == "too few people are behind it to show it"
    peers = beside(rows("alpha", "crisis_plans", 30, 50), rows("beta", "crisis_plans", 3, 50), fewest=5)
    assert reasons(peers)["crisis_plans"] == "too few people are behind the others' figures to show them"


# ----------------------------------------------------------------------------- where they stand


def test_figures_are_the_funnels_in_per_cent():
    (one,) = comparison.findings(plans()).standings
    events, bases = zip(*PLANS.values(), strict=True)
    made = funnel(events, bases, kind="proportion")
    assert one.basis == "proportions"
    assert one.frame["lower_95"].to_numpy() == pytest.approx(made.frame["lower_95"].to_numpy() * 100)
    assert one.frame["place"].tolist() == made.frame["place"].tolist()
    assert one.frame["own"].tolist() == [True] + [False] * 4
    assert one.own["rest"] == pytest.approx(100 * 775 / 1000)
    assert one.own["difference"] == pytest.approx(60 - 77.5)
    assert one.frame["difference"].iloc[1:].isna().all()


def test_the_lowest_is_first_where_fewer_is_better():
    held = [
        rows(slug, "permanent_admissions_18_64", events, 100_000, unit="per_100k", value=float(events))
        for slug, events in (("alpha", 5), ("beta", 40), ("gamma", 80))
    ]
    found = comparison.findings(beside(*held))
    (one,) = found.standings
    assert one.basis == "rates"
    assert one.frame["position"].tolist() == [1, 2, 3]
    assert one.own["target"] == pytest.approx(125 / 3)
    assert found.own["p_value"][0] == pytest.approx(stats.binomtest(5, 125, 1 / 3).pvalue)


def test_percentages_without_a_base_have_positions_and_no_test():
    """Islington and Cambridgeshire printed the employment of people on the CPA for 2018/19, and no base."""
    held = [
        rows(slug, "cpa_employment", value=value)
        for slug, value in (("alpha", 5.6), ("beta", 13.4), ("gamma", 5.6))
    ]
    found = comparison.findings(beside(*held))
    (one,) = found.standings
    assert (one.basis, one.funnel) == ("percentage_only", None)
    assert one.frame[["position", "first", "last"]].to_numpy().tolist() == [[2, 2, 3], [1, 1, 1], [2, 2, 3]]
    assert found.own["p_value"].isna().all()
    assert found.own["tests"].tolist() == [0]
    (summary, bare) = comparison.headlines(found)
    assert "none can be tested" in summary.text
    assert "without the number of people behind it" in bare.text


def test_authorities_without_a_base_stay_in_the_list_and_are_not_judged():
    held = [
        rows("alpha", "crisis_plans", 30, 50),
        rows("beta", "crisis_plans", 40, 50),
        rows("gamma", "crisis_plans", value=70.0),
    ]
    (one,) = comparison.findings(beside(*held)).standings
    assert one.frame["place"].tolist() == ["inside", "inside", ""]
    assert one.frame["of"].tolist()[:2] == [2, 2]
    assert math.isnan(one.frame["position"][2])


@pytest.mark.parametrize("counts", [(60, 50), (30.5, 50), (30, 50.5)])
def test_counts_that_are_no_shares_are_not_tested(counts):
    held = [
        rows("alpha", "crisis_plans", *counts),
        rows("beta", "crisis_plans", 40, 50),
        rows("gamma", "crisis_plans", 45, 50),
    ]
    found = comparison.findings(beside(*held))
    assert found.standings[0].basis == "no_counts"
    assert "not whole, or more than their base" in comparison.headlines(found)[-1].text.casefold()
    (one,) = comparison.findings(beside(*reversed(held))).standings
    assert one.frame["place"].tolist() == ["inside", "inside", ""]


def test_many_events_a_person_are_not_tested():
    held = [
        rows(slug, "delayed_days_per_100k", 900, 90_000, unit="per_100k", value=1000.0)
        for slug in ("alpha", "beta")
    ]
    found = comparison.findings(beside(*held))
    assert found.standings[0].basis == "clustered"
    assert found.own["place"].tolist() == [""]


def test_a_year_of_the_same_caseload_counts_as_one_mean_month():
    """Twelve months of 100 people are not 1,200 people: the interval is that of 100."""
    held = []
    for slug, share in (("alpha", 60), ("beta", 70)):
        held.append(rows(slug, "crisis_plans", 12 * share, 1200))
        held += [rows(slug, "crisis_plans", share, 100, period=f"2018-{month:02}") for month in range(4, 13)]
        held += [rows(slug, "crisis_plans", share, 100, period=f"2019-{month:02}") for month in range(1, 4)]
    (one,) = comparison.findings(beside(*held)).standings
    assert one.basis == "caseload"
    assert one.frame[["events", "base"]].to_numpy().tolist() == [[60, 100], [70, 100]]
    once = [
        rows("alpha", "crisis_plans", 60, 110),
        *held[1:13],
        rows("beta", "crisis_plans", 70, 100),
        *held[14:],
    ]
    (one,) = comparison.findings(beside(*once)).standings
    assert one.frame["base"].tolist() == [110, 100]  # a base that is no sum of months is people, each once
    assert one.basis == "proportions"


def test_tests_are_adjusted_for_all_indicators_of_the_report():
    held = [rows(slug, "crisis_plans", *counts) for slug, counts in PLANS.items()]
    held += [rows(slug, "follow_up_72_hours", 80, 100) for slug in PLANS]
    own = comparison.findings(beside(*held)).own
    assert own["tests"].tolist() == [2, 2]
    assert own["p_holm"][0] == pytest.approx(2 * own["p_value"][0])
    assert own["p_value"][1] == 1


# ----------------------------------------------------------------------------- what is shown


def test_the_headlines_say_place_difference_interval_and_position():
    found = comparison.findings(plans())
    summary, far = comparison.headlines(found)
    assert summary.value == 1
    assert "1 indicator can be set beside the same of 4 other authorities and it tested" in summary.text
    own = found.own.iloc[0]
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
        "exact beta-binomial limits" if found.standings[0].funnel.dispersion != "none" else "exact binomial"
    )


def test_what_lies_inside_gets_no_sentence_of_its_own():
    held = [rows(slug, "follow_up_72_hours", 80, 100) for slug in PLANS]
    (summary,) = comparison.headlines(comparison.findings(beside(*held)))
    assert "within the limits of chance in 1 and outside the 95% limits in 0" in summary.text


def test_the_section_shows_positions_funnels_table_and_files():
    found = comparison.findings(plans(left_out=(LeftOut("zeta", "Zeta", "found no data"),)))
    shown = {getattr(part, "id", ""): part for part in comparison.sections(found)}
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
    assert [record["name"] for record in records] == list(NAMES.values())
    assert {record["of"] for record in records} == {5}
    drawn = shown["funnel.crisis_plans"].drawing.axes[0]
    assert {text.get_text() for text in drawn.texts} >= set(NAMES.values())
    assert shown["funnel.crisis_plans"].alt.startswith("Dots, one for each authority")
    assert shown["compared_files"].frame["path"].tolist() == [f"{slug}/kpi.csv" for slug in PLANS]


def test_nothing_to_compare_is_said_with_what_would_let_it():
    found = comparison.findings(beside(rows("alpha", "crisis_plans", 30, 50)))
    assert comparison.headlines(found) == []
    parts = comparison.sections(found)
    assert isinstance(parts[0], Missing)
    assert parts[0].needs[0].dataset == "kpi"
    empty = dataclasses.replace(plans(), frame=pd.DataFrame(columns=plans().frame.columns))
    assert comparison.headlines(comparison.findings(empty)) == []


def test_no_more_funnels_are_drawn_than_asked_for_the_least_likely_first():
    held = [rows(slug, "crisis_plans", *counts) for slug, counts in PLANS.items()]
    for indicator in ("follow_up_72_hours", "complaints_on_time", "advocacy_offered"):
        held += [rows(slug, indicator, 80, 100) for slug in PLANS]
    parts = comparison.sections(comparison.findings(beside(*held)), most=2)
    drawn = [part.id for part in parts if part.id.startswith("funnel.")]
    assert len(drawn) == 2
    assert drawn[0] == "funnel.crisis_plans"


def test_many_authorities_are_named_only_where_they_lie_outside():
    rng = np.random.default_rng(2)
    held = [rows("alpha", "follow_up_72_hours", 80, 100), rows("far", "follow_up_72_hours", 10, 100)]
    held += [rows(f"other-{n}", "follow_up_72_hours", int(rng.binomial(100, 0.8)), 100) for n in range(20)]
    found = comparison.findings(beside(*held))
    figure = comparison.figures.funnel(found.standings[0], name="Alpha")
    named = {text.get_text() for text in figure.drawing.axes[0].texts} - {"95%", "99.8%"}
    frame = found.standings[0].frame
    assert named == {"Alpha", *frame.loc[frame["place"].map(outside), "name"]}
    assert "far" in named


def test_the_peers_frame_is_left_as_it_was():
    peers = plans(fewest=5)
    before = peers.frame.copy()
    comparison.sections(comparison.findings(peers))
    pd.testing.assert_frame_equal(peers.frame, before)


def test_positions_are_the_same_whoever_asks_and_are_worked_out_once_in_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    orders = [list(PLANS), list(PLANS)[::-1]]
    asked = [beside(*(rows(slug, "crisis_plans", *PLANS[slug]) for slug in order)) for order in orders]
    within = [comparison.findings(one).standings[0].frame.set_index("authority") for one in asked]
    assert len(list(tmp_path.iterdir())) == 1
    monkeypatch.delenv(FOLDER)
    for one, frame in zip(asked, within, strict=True):
        alone = comparison.findings(one).standings[0].frame.set_index("authority")
        pd.testing.assert_frame_equal(frame, alone)
    places = ["position", "first", "last"]
    pd.testing.assert_frame_equal(within[0][places], within[1].loc[within[0].index, places])
