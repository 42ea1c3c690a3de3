"""Sharing to the penny: what holds for every rule, and published figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s75lib.errors import MethodError
from s75lib.stats.rounding import attainable, product, ratio, sum_of
from s75lib.stats.sharing import Band, Cap, Own, Rule, pence, share, split

NAMES = st.sampled_from(["council", "trust", "board", "other"])
AMOUNTS = st.integers(-(10**12), 10**12)
WEIGHTS = st.dictionaries(NAMES, st.integers(0, 1000), min_size=1).filter(lambda w: sum(w.values()) > 0)
LIMITS = st.none() | st.integers(0, 10**9)
BANDS = st.builds(Band, st.just("a step"), WEIGHTS, LIMITS, st.sampled_from(["both", "over", "under"]))
OWN = st.builds(Own, st.just("its own"), st.dictionaries(NAMES, AMOUNTS))
LAST = st.builds(Band, st.just("the rest"), WEIGHTS)


@st.composite
def rules(draw, steps=OWN | BANDS):
    """A rule whose last step takes the rest, and whose caps lead to one bearer without a cap."""
    order = draw(st.permutations(["council", "trust", "board"]))
    count = draw(st.integers(0, 3))
    caps = {
        name: Cap(draw(st.integers(0, 10**9)), then)
        for name, then in zip(order[:count], [*order[1:], "other"][:count], strict=True)
    }
    return Rule((*draw(st.lists(steps, max_size=3)), draw(LAST)), caps)


@given(AMOUNTS, WEIGHTS)
def test_a_split_adds_up_and_is_within_a_penny_of_the_proportion(amount, weights):
    parts = split(amount, weights)
    assert sum(parts.values()) == amount
    whole = sum(weights.values())
    for name, part in parts.items():
        assert abs(part * whole - amount * weights[name]) < whole


@given(AMOUNTS, WEIGHTS, st.data())
def test_the_order_of_the_partners_changes_nothing(amount, weights, data):
    other = dict(data.draw(st.permutations(list(weights.items()))))
    assert split(amount, other) == split(amount, weights)
    assert split(-amount, weights) == {name: -part for name, part in split(amount, weights).items()}


@given(AMOUNTS, rules())
def test_every_rule_shares_the_whole_and_keeps_its_caps(amount, rule):
    found = share(amount, rule)
    assert sum(found.totals.values()) == amount
    assert sum(sum(part.values()) for _, part in found.steps) == amount
    for name, cap in rule.caps.items():
        assert found.totals.get(name, 0) <= cap.at_most


@given(rules(BANDS))
def test_nothing_is_shared_of_nothing(rule):
    assert not any(share(0, rule).totals.values())


@given(AMOUNTS, rules(), st.data())
def test_a_rule_is_symmetric_in_the_partners_order(amount, rule, data):
    turned = Rule(
        tuple(
            Band(s.name, dict(data.draw(st.permutations(list(s.weights.items())))), s.up_to, s.of)
            if isinstance(s, Band)
            else s
            for s in rule.steps
        ),
        dict(data.draw(st.permutations(list(rule.caps.items())))),
    )
    assert share(amount, turned).totals == share(amount, rule).totals


def test_exampleshires_overspend_at_sixty_to_forty():
    difference = pence(770_026) + pence(-220_954)
    assert difference == pence(549_072)
    rule = Rule((Band("shares", {"council": 60, "trust": 40}),), {})
    assert share(difference, rule).totals == {"council": pence("329443.20"), "trust": pence("219628.80")}


def test_oxfordshires_shares_are_true_only_through_rounding():
    """£99m and £96m, printed as 51% and 49% (Health Service Journal, 2013): 50.77% and 49.23%."""
    council, group = attainable(99, 0), attainable(96, 0)
    low, high = product(ratio(council, sum_of(council, group)), attainable(100, None))
    assert low < 100 * 99 / 195 < high
    assert round(100 * 99 / 195, 2) == 50.77
    assert attainable(51, 0).contains(100 * 99 / 195)
    assert split(195_000_000_00, {"council": 51, "group": 49}) != split(
        195_000_000_00, {"council": 99, "group": 96}
    )
    parts = split(1_000_000_00, {"council": 99, "group": 96})
    assert parts == {"council": 507_692_31, "group": 492_307_69}


def test_oldhams_pool_and_its_variance():
    """Oldham Cares 2018/19, committee of Oldham Council: pooled funds, and the council's part."""
    funds = [pence(1_000_000 * amount) for amount in (124.986, 1.447, 9.192)]
    assert sum(funds) == pence(135_625_000)
    adverse = pence(8_812_000)
    rule = Rule((Own("own lines", {"council": pence(4_325_000)}), Band("rest", {"group": 1})), {})
    assert share(adverse, rule).totals == {"council": pence(4_325_000), "group": pence(4_487_000)}


def test_a_band_goes_first_and_the_rest_is_shared():
    rule = Rule((Band("first", {"council": 1}, 5_000_000), Band("rest", {"council": 1, "trust": 1})), {})
    assert share(15_000_001, rule).totals == {"council": 10_000_001, "trust": 5_000_000}
    assert share(3_000_000, rule).totals == {"council": 3_000_000}


def test_what_is_above_a_cap_goes_where_the_rule_says_or_it_is_at_fault():
    rest = (Band("rest", {"council": 1, "trust": 1}),)
    assert share(1_000, Rule(rest, {"trust": Cap(100, "council")})).totals == {"council": 900, "trust": 100}
    assert share(-1_000, Rule(rest, {"trust": Cap(100, "council")})).totals == {
        "council": -500,
        "trust": -500,
    }
    with pytest.raises(MethodError, match="above the cap of trust"):
        share(1_000, Rule(rest, {"trust": Cap(100)}))
    with pytest.raises(MethodError, match="nobody else may bear"):
        share(1_000, Rule(rest, {"trust": Cap(100, "council"), "council": Cap(100, "trust")}))


def test_a_rule_that_leaves_something_is_at_fault():
    with pytest.raises(MethodError, match=r"found £0\.50 that no step"):
        share(150, Rule((Band("first", {"council": 1}, 100),), {}))


def test_a_risk_pool_meets_costs_alone_and_a_surplus_may_be_carried_forward():
    rule = Rule(
        (
            Band("pool", {"risk pool": 1}, 300, "over"),
            Band("carried", {"carried forward": 1}, None, "under"),
            Band("rest", {"council": 1, "trust": 1}),
        ),
        {},
    )
    assert share(500, rule).totals == {"risk pool": 300, "council": 100, "trust": 100}
    assert share(-500, rule).totals == {"carried forward": -500}


@pytest.mark.parametrize("weights", [{}, {"council": 0}, {"council": 2, "trust": -1}])
def test_weights_that_are_none_are_refused(weights):
    with pytest.raises(MethodError, match="weights above zero"):
        split(100, weights)
