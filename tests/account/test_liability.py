"""Who bears the difference: rules as authority.toml holds them, on every basis, and rules compared."""

from __future__ import annotations

import pandas as pd
import pytest

from s75lib import account
from s75lib.account.liability import figure, headlines, rule_of, section
from s75lib.loaders import load
from s75lib.loaders.partnership import CARRIED, POOL, Sharing
from s75lib.stats.sharing import share
from tests.account.conftest import CONTRIBUTIONS
from tests.account.conftest import SHARES as EQUAL

NAMES = ("A Council", "B NHS Trust")
SHARES = {"kind": "shares", "shares": dict(zip(NAMES, (50, 50), strict=True))}
LINES = pd.DataFrame({"part": "care", "row": ["Homes", "Staff"], "difference": [30_000, -10_000]})


def totals(amount: int, *steps: dict, **more: object) -> dict[str, int]:
    rule = rule_of(Sharing(steps=steps, **more), {NAMES[0]: 300, NAMES[1]: 100}, LINES)
    assert rule is not None
    return share(amount, rule).totals


def test_a_legend_tells_who_bears_a_difference_from_what_makes_it(study_of):
    (legend,) = figure(study_of("exampleshire")).drawing.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "start and end",
        "takes off",
        "what each bears",
    ]


def test_each_kind_of_step():
    assert totals(20_000, SHARES) == {NAMES[0]: 10_000, NAMES[1]: 10_000}
    assert totals(20_000, {"kind": "contributions"}) == {NAMES[0]: 15_000, NAMES[1]: 5_000}
    first = {"kind": "shares", "shares": {NAMES[0]: 100}, "up_to": 50}
    assert totals(20_000, first, SHARES) == {NAMES[0]: 12_500, NAMES[1]: 7_500}
    pool = {"kind": "risk_pool", "up_to": 120}
    assert totals(20_000, pool, SHARES) == {POOL: 12_000, NAMES[0]: 4_000, NAMES[1]: 4_000}
    assert totals(-20_000, pool, SHARES) == {NAMES[0]: -10_000, NAMES[1]: -10_000}
    assert totals(-20_000, {"kind": "carried_forward"}) == {CARRIED: -20_000}
    own = {"kind": "own_lines"}
    lines = {NAMES[0]: ("Homes",), NAMES[1]: ("Staff",)}
    assert totals(20_000, own, SHARES, lines=lines) == {NAMES[0]: 30_000, NAMES[1]: -10_000}
    cap = {"partner": NAMES[1], "at_most": 20, "then": NAMES[0]}
    assert totals(20_000, SHARES, caps=(cap,)) == {NAMES[0]: 18_000, NAMES[1]: 2_000}


def test_a_rule_by_contribution_needs_contributions():
    assert rule_of(Sharing(steps=({"kind": "contributions"},)), {}, LINES) is None


def test_exampleshire_owes_what_the_rule_says_to_the_penny(study_of):
    study = study_of("exampleshire")
    whole = study.expenditure.assign(gap=study.expenditure["year"] - study.expenditure["budget"])
    assert whole.loc[whole["part"] != "staff", "gap"].sum() == 770_026_00
    assert whole.loc[whole["part"] == "staff", "gap"].sum() == -220_954_00
    assert study.shared.totals == {
        "Exampleshire Council": 329_443_20,
        "Exampleshire Mental Health NHS Trust": 219_628_80,
    }
    (said,) = headlines(study)
    assert said.sentence.endswith(
        "by the agreement's rule, Exampleshire Council would bear £329k (60%), "
        "Exampleshire Mental Health NHS Trust £220k (40%)."
    )
    assert (said.value, said.lower, said.upper) == (549_072.0, None, None)


def test_the_interval_of_the_outturn_goes_through_the_rule(study_of):
    study = study_of("exampleshire", "2025-12")
    low, mid, high = (study.liabilities[name] for name in ("lower", "projected", "upper"))
    assert low.amount < mid.amount < high.amount
    for found in (low, mid, high):
        assert sum(found.totals.values()) == found.amount
    beside = study.expenditure[study.expenditure["part"].isin(["adjustments", "staff"])]
    net = study.budget.net.iloc[-1]
    expected = study.outturn.upper - net["budget"] + (beside["year"] - beside["budget"]).sum() / 100
    assert high.amount / 100 == pytest.approx(expected, abs=0.5)  # a projection is taken in whole pounds
    borne, *_ = headlines(study)
    assert (borne.lower, borne.upper) == (low.amount / 100, high.amount / 100)


def test_the_waterfall_adds_up_to_what_is_carried_forward(study_of):
    opening = study_of("exampleshire").picture
    assert opening is not None
    assert opening.id == "sharing"
    steps = opening.data.frame["amount"]
    assert steps.iloc[:-1].sum() == pytest.approx(steps.iloc[-1], abs=1e-9)
    assert steps.iloc[-1] == 0


def test_every_rule_compared_shares_the_whole_difference(study_of):
    found = {name: shared.totals for name, shared in study_of("exampleshire").alternatives.items()}
    assert {sum(totals.values()) for totals in found.values()} == {549_072_00}
    assert found["In equal parts"]["Exampleshire Council"] == 274_536_00
    assert found["Carried forward in full"] == {CARRIED: 549_072_00}
    assert found["A risk pool of £178k first, the rest by contribution"][POOL] == 178_000_00


def test_the_forecast_of_each_quarter_is_as_it_was_known(study_of):
    found = study_of("exampleshire").by_quarter
    assert [f"{day:%m-%d}" for day in found] == ["06-30", "09-30", "12-31", "03-31"]
    then = study_of("exampleshire", "2025-12")
    assert found[pd.Timestamp("2025-12-31")].totals == then.shared.totals


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("coventry", "The agreement's money is recharged"),
        ("cambridgeshire", "The agreement's money is aligned"),
    ],
)
def test_recharged_and_aligned_money_is_told_in_words_and_not_shared(study_of, slug, words):
    study = study_of(slug)
    said = [one.text for one in study.headlines if words in one.text]
    assert said
    assert "No share of a difference arises." in said[0]
    assert study.shared is None
    assert "rules" not in section(study).tables
    assert next(one for one in study.headlines if words in one.text).stake == "money"  # stands in the summary


def test_a_rule_in_words_is_quoted_and_not_computed(written):
    more = 'agreement.risk_share = "Shared equally, unless the board decides otherwise"'
    study = account.study(load("pooled", data_dir=written(sharing="", more=more)))
    (said,) = headlines(study)
    assert "“Shared equally, unless the board decides otherwise” (not computed)" in said.text
    assert study.shared is None
    assert len(study.alternatives) > 3  # what the board could agree on


def test_a_difference_of_nothing_is_borne_by_nobody(written):
    budget = (
        "financial_year,as_at,service_group,line,kind,budget,commitment,forecast\n"
        "2024/25,2024-12-31,,Homes,expenditure,900,900,900\n"
    )
    study = account.study(load("pooled", data_dir=written(budget=budget)))
    assert study.difference == 0
    assert not any(study.shared.totals.values())
    assert list(section(study).figures) == []


def test_an_unknown_forecast_gives_no_difference(written):
    budget = (
        "financial_year,as_at,service_group,line,kind,budget,commitment,forecast\n"
        "2024/25,2024-12-31,,Homes,expenditure,900,900,\n"
    )
    study = account.study(load("pooled", data_dir=written(budget=budget)))
    assert study.bases == {}
    assert "no difference arises" in repr(section(study))


def test_a_line_of_the_rule_that_the_account_has_not_fails_a_check(written):
    sharing = EQUAL + '[sharing.lines]\n"A Council" = ["Homes", "Houses"]\n'
    study = account.study(load("pooled", data_dir=written(sharing=sharing)))
    (check,) = [one for one in study.checks if one.id == "account.own_lines"]
    assert not check.passed
    assert "Houses" in check.detail


def test_contributions_of_nothing_are_no_key_to_share_by(written):
    sharing = '[[sharing.steps]]\nkind = "contributions"\n'
    nothing = CONTRIBUTIONS.replace("600", "0").replace("300", "0").replace("450", "0").replace("200,", "0,")
    study = account.study(load("pooled", data_dir=written(sharing=sharing, contributions=nothing)))
    assert study.pooled == {}
    assert study.shared is None
    for module in study.sections:
        assert repr(module.section(study))
