"""Decomposition against Das Gupta's published examples, exact fractions and its own identities."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from math import factorial, prod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s75lib.errors import MethodError
from s75lib.stats.decomposition import aggregation_reversal, decompose


def frame(columns: dict[str, list[float]], cells: list[str] | None = None) -> pd.DataFrame:
    length = len(next(iter(columns.values())))
    return pd.DataFrame({"cell": cells or [f"c{n}" for n in range(length)], **columns})


def effects(result) -> dict[str, float]:
    return dict(zip(result.effects["factor"], result.effects["effect"], strict=True))


def exact_effects(before: list[list[Fraction]], after: list[list[Fraction]]) -> list[Fraction]:
    """Mean over all orders of what changing each factor vector adds, in exact fractions: rows are cells."""
    count = len(before[0])
    totals = [Fraction(0)] * count
    for order in permutations(range(count)):
        now = [list(cell) for cell in before]
        for factor in order:
            old = sum(prod(cell) for cell in now)
            for cell, new in zip(now, after, strict=True):
                cell[factor] = new[factor]
            totals[factor] += sum(prod(cell) for cell in now) - old
    return [total / factorial(count) for total in totals]


# Das Gupta (1993), examples 2.1 to 2.4: one cell, two to five factors, effects as published to the
# digits that the documentation of the R package DasGuptR prints.
SCALAR_EXAMPLES = {
    "2.1 mean earnings, US men 1980": (
        {"average": (10930, 16591), "earners": (0.717892, 0.825974)},
        {"average": 4369.913, "earners": 1487.262},
        5e-4,
    ),
    "2.2 birth rate, Austria and Chile 1981": (
        {"births": (51.78746, 84.90502), "aged 15-49": (0.45919, 0.75756), "women": (0.52638, 0.51065)},
        {"births": 10.4340333, "aged 15-49": 10.5608476, "women": -0.6670084},
        5e-8,
    ),
    "2.3 non-marital births, US 1971 and 1979": (
        {
            "births": (25.3, 32.7),
            "pregnancies": (0.214, 0.290),
            "active": (0.279, 0.473),
            "single": (0.949, 0.986),
        },
        {"births": 0.6889411, "pregnancies": 0.8125381, "active": 1.3829055, "single": 0.1047547},
        5e-8,
    ),
    "2.4 total fertility, South Korea 1960 and 1970": (
        {
            "married": (0.58, 0.72),
            "noncontraception": (0.76, 0.97),
            "abortion": (0.84, 0.97),
            "lactation": (0.66, 0.56),
            "fecundity": (16.573, 16.158),
        },
        {
            "married": 1.0909785,
            "noncontraception": 1.2298438,
            "abortion": 0.7278399,
            "lactation": -0.8398707,
            "fecundity": -0.1290187,
        },
        5e-8,
    ),
}


@pytest.mark.parametrize("example", SCALAR_EXAMPLES)
def test_das_gupta_scalar_examples(example):
    factors, published, tolerance = SCALAR_EXAMPLES[example]
    before, after = (frame({name: [pair[side]] for name, pair in factors.items()}) for side in (0, 1))
    result = decompose(before, after, list(factors), "cell")
    assert effects(result) == pytest.approx(published, abs=tolerance)


def test_das_gupta_example_4_3_vector_factors():
    """Birth rate of Taiwan, 1960 to 1970, by seven age groups; example 4.3."""
    before = frame(
        {
            "wp": [0.043, 0.041, 0.036, 0.032, 0.026, 0.020, 0.018],
            "mw": [0.122, 0.622, 0.903, 0.930, 0.916, 0.873, 0.800],
            "bm": [393, 407, 369, 274, 184, 90, 16],
        }
    )
    after = frame(
        {
            "wp": [0.058, 0.038, 0.032, 0.030, 0.026, 0.023, 0.019],
            "mw": [0.082, 0.527, 0.866, 0.941, 0.942, 0.923, 0.876],
            "bm": [488, 452, 338, 156, 63, 22, 3],
        }
    )
    result = decompose(before, after, ["wp", "mw", "bm"], "cell")
    assert effects(result) == pytest.approx({"bm": -7.285632, "mw": -2.720633, "wp": -1.565181}, abs=5e-7)
    assert (result.before, result.after) == pytest.approx((38.77463, 27.20318), abs=5e-6)


def test_das_gupta_example_5_1_population_structure():
    """Household headship, US 1970 to 1985: sizes in per cent, the rate is per 100; example 5.1."""
    size_1970 = [12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9]
    size_1985 = [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5]
    rate_1970 = [1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8]
    rate_1985 = [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2]
    before, after = (
        frame({"size": size_1970, "rate": rate_1970}),
        frame({"size": size_1985, "rate": rate_1985}),
    )
    found = effects(decompose(before, after, ["size", "rate"], "cell", mix={"age": "cell"}))
    assert {name: value / 100 for name, value in found.items()} == pytest.approx(
        {"size": 0.0, "age": 1.2269, "rate": 1.7403}, abs=5e-5
    )


fractions = st.fractions(min_value=-5, max_value=5, max_denominator=7)
sizes = st.fractions(min_value=Fraction(1, 7), max_value=20, max_denominator=7)


@st.composite
def exact_tables(draw):
    count, cells = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    cell = st.tuples(sizes, *[fractions] * (count - 1)).map(list)
    rows = st.lists(cell, min_size=cells, max_size=cells)
    return draw(rows), draw(rows)


@settings(max_examples=30, deadline=None)
@given(exact_tables())
def test_equals_permutations_in_exact_fractions(tables):
    before, after = tables
    names = [f"f{number}" for number in range(len(before[0]))]
    frames = [frame({n: [float(cell[j]) for cell in side] for j, n in enumerate(names)}) for side in tables]
    found = decompose(*frames, names, "cell").effects["effect"]
    np.testing.assert_allclose(found, [float(e) for e in exact_effects(before, after)], rtol=1e-9, atol=1e-9)


# No factor is below 1e-9 but nought: products of numbers beyond a float's last place have no exact sum.
numbers = st.floats(-1e4, 1e4).map(lambda number: number if abs(number) > 1e-9 else 0.0)
volumes = st.one_of(st.just(0.0), st.floats(0.01, 1e4))


@st.composite
def ledgers(draw):
    """Two periods over two cell columns with missing cells, empty cells and one to six factors."""
    count = draw(st.integers(1, 6))
    names = ["size", *[f"f{number}" for number in range(1, count)]]

    def side():
        cells = draw(
            st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xyz")), unique=True, max_size=6)
        )
        rows = [[*cell, draw(volumes), *(draw(numbers) for _ in names[1:])] for cell in cells]
        return pd.DataFrame(rows, columns=["team", "type", *names]).astype(dict.fromkeys(names, float))

    mixes = [None, {"mix": ["team", "type"]}, {"team mix": "team", "type mix": "type"}]
    return side(), side(), names, draw(st.sampled_from(mixes))


def scale(result) -> float:
    return abs(result.before) + abs(result.after) + float(result.by_cell["effect"].abs().sum()) + 1e-300


@settings(max_examples=30, deadline=None)
@given(ledgers())
def test_effects_add_up_and_reverse(ledger):
    before, after, names, mix = ledger
    result = decompose(before, after, names, ["team", "type"], mix=mix)
    back = decompose(after, before, names, ["team", "type"], mix=mix)
    tolerance = 1e-12 * scale(result)
    plain = [side[names].prod(axis=1).sum() for side in (before, after)]
    assert (result.before, result.after) == pytest.approx(plain, abs=tolerance)
    assert abs(result.change - result.effects["effect"].sum()) <= tolerance
    np.testing.assert_allclose(back.effects["effect"], -result.effects["effect"], rtol=0, atol=tolerance)
    by_factor = result.by_cell.groupby("factor", observed=False)["effect"].sum()
    np.testing.assert_allclose(by_factor, result.effects["effect"], rtol=0, atol=tolerance)
    by_cell = result.by_cell.groupby(["team", "type"])["effect"].sum()
    old, new = (side.set_index(["team", "type"])[names].prod(axis=1) for side in (before, after))
    change = new.sub(old, fill_value=0.0)
    np.testing.assert_allclose(by_cell.reindex(change.index), change, rtol=0, atol=tolerance)


@settings(max_examples=25, deadline=None)
@given(ledgers())
def test_a_factor_that_does_not_move_has_no_effect(ledger):
    before, _, names, mix = ledger
    result = decompose(before, before, names, ["team", "type"], mix=mix)
    assert result.effects["effect"].tolist() == [0.0] * len(result.effects)
    assert result.change == 0.0


def test_volume_and_mix_equal_exact_shapley_over_total_and_share_vector():
    """Total and share vector as factors of V × share × intensity × price, by permutations in fractions."""
    sizes = {"before": [6, 3, 1], "after": [4, 7, 5]}
    others = {"before": [[2, 9], [5, 11], [4, 80]], "after": [[3, 8], [5, 12], [4, 83]]}
    exact = []
    for side in ("before", "after"):
        total = sum(sizes[side])
        exact.append(
            [
                [Fraction(total), Fraction(size, total), *map(Fraction, other)]
                for size, other in zip(sizes[side], others[side], strict=True)
            ]
        )
    before, after = (
        frame(
            {
                "packages": sizes[side],
                "units": [row[0] for row in others[side]],
                "price": [row[1] for row in others[side]],
            }
        )
        for side in ("before", "after")
    )
    result = decompose(before, after, ["packages", "units", "price"], "cell", mix={"mix": "cell"})
    assert list(result.effects["factor"]) == ["packages", "mix", "units", "price"]
    assert result.effects["effect"].tolist() == pytest.approx(
        [float(e) for e in exact_effects(*exact)], rel=1e-13
    )


def test_new_and_vanished_cells_carry_their_price():
    before = frame({"packages": [4, 2], "price": [100.0, 300.0]}, ["stays", "goes"])
    after = frame({"packages": [4, 5], "price": [100.0, 700.0]}, ["stays", "comes"])
    result = decompose(before, after, ["packages", "price"], "cell")
    assert effects(result) == {"packages": 5 * 700.0 - 2 * 300.0, "price": 0.0}
    by_cell = result.by_cell.groupby("cell")["effect"].sum().to_dict()
    assert by_cell == {"stays": 0.0, "goes": -600.0, "comes": 3500.0}


def test_row_of_size_zero_is_an_absent_cell_whatever_price_it_states():
    after = frame({"packages": [5.0], "price": [700.0]})
    for stated in (0.0, 650.0, np.nan):
        before = frame({"packages": [0.0], "price": [stated]})
        assert effects(decompose(before, after, ["packages", "price"], "cell")) == {
            "packages": 3500.0,
            "price": 0.0,
        }


def test_price_of_zero_in_a_cell_that_exists_is_a_price():
    before, after = frame({"packages": [2], "price": [0.0]}), frame({"packages": [2], "price": [50.0]})
    assert effects(decompose(before, after, ["packages", "price"], "cell")) == {
        "packages": 0.0,
        "price": 100.0,
    }


def test_zero_net_change_still_has_effects():
    before, after = frame({"packages": [10], "price": [100.0]}), frame({"packages": [20], "price": [50.0]})
    result = decompose(before, after, ["packages", "price"], "cell")
    assert result.change == 0.0
    assert effects(result) == {"packages": 750.0, "price": -750.0}


def test_from_nothing_is_all_volume_and_empty_is_zero():
    full = frame({"packages": [3, 1], "price": [100.0, 900.0]})
    result = decompose(full.iloc[:0], full, ["packages", "price"], "cell", mix={"mix": "cell"})
    assert effects(result) == pytest.approx({"packages": 1200.0, "mix": 0.0, "price": 0.0}, abs=1e-9)
    nothing = decompose(full.iloc[:0], full.iloc[:0], ["packages", "price"], "cell", mix={"mix": "cell"})
    assert nothing.effects["effect"].tolist() == [0.0, 0.0, 0.0]
    assert (nothing.before, nothing.after, len(nothing.by_cell)) == (0.0, 0.0, 0)


def test_nested_mix_of_a_new_team_is_team_mix():
    """A team that comes whole, with its care types in fixed proportion, moves no care type within a team."""
    before = pd.DataFrame({"team": ["N", "N"], "type": ["bed", "home"], "n": [1, 3], "price": [900.0, 100.0]})
    new = pd.DataFrame({"team": ["S", "S"], "type": ["bed", "home"], "n": [2, 2], "price": [900.0, 100.0]})
    levels = {"team mix": "team", "type mix": "type"}
    found = effects(decompose(before, pd.concat([before, new]), ["n", "price"], ["team", "type"], mix=levels))
    assert found["type mix"] == pytest.approx(0.0, abs=1e-9)
    assert found["price"] == 0.0
    # N's average is £300 and S's £500; half the people move from the one to the other.
    assert found["team mix"] == pytest.approx((4 + 8) / 2 * 0.5 * (500 - 300))


def test_inputs_are_not_changed_and_row_order_does_not_matter():
    before = frame({"packages": [4.0, 0.0], "price": [100.0, np.nan]}, ["b", "a"])
    after = frame({"packages": [5.0, 2.0], "price": [110.0, 300.0]}, ["a", "b"])
    copies = before.copy(), after.copy()
    result = decompose(before, after, ["packages", "price"], "cell", mix={"mix": "cell"})
    turned = decompose(before[::-1], after[::-1], ["packages", "price"], "cell", mix={"mix": "cell"})
    pd.testing.assert_frame_equal(before, copies[0])
    pd.testing.assert_frame_equal(after, copies[1])
    pd.testing.assert_frame_equal(result.by_cell, turned.by_cell)


def test_many_factors_cost_no_power_of_two():
    names = [f"f{number}" for number in range(40)]
    before, after = frame({name: [1.0] for name in names}), frame({name: [1.01] for name in names})
    result = decompose(before, after, names, "cell")
    # All factors move alike, so each has a fortieth of the change.
    assert result.effects["effect"].tolist() == pytest.approx([(1.01**40 - 1) / 40] * 40, rel=1e-12)


GOOD = frame({"packages": [1.0, 2.0], "price": [3.0, 4.0]})


@pytest.mark.parametrize(
    ("before", "arguments", "message"),
    [
        (GOOD, {"factors": ["packages", "cost"]}, "no column"),
        (GOOD, {"factors": []}, "at least one"),
        (GOOD, {"by": []}, "at least one"),
        (GOOD, {"factors": ["packages", "packages"]}, "named twice"),
        (GOOD.assign(cell="c0"), {}, "repeated cells"),
        (GOOD.assign(cell=["c0", None]), {}, "missing name"),
        (GOOD.assign(packages=[-1.0, 2.0]), {}, "negative"),
        (GOOD.assign(packages=[np.nan, 2.0]), {}, "missing, infinite or negative"),
        (GOOD.assign(price=[np.nan, 2.0]), {}, "must be known"),
        (GOOD.assign(price=[np.inf, 2.0]), {}, "must be known"),
        (GOOD.assign(price=["free", "2"]), {}, "not numbers"),
        (GOOD, {"mix": {"mix": "price"}}, "exactly once"),
        (GOOD, {"mix": {"a": "cell", "b": "cell"}}, "exactly once"),
        (GOOD, {"mix": {"price": "cell"}}, "distinct factor names"),
        (GOOD.rename(columns={"cell": "effect"}), {"by": "effect"}, "Rename"),
    ],
)
def test_wrong_input_says_what_to_do(before, arguments, message):
    call = {"factors": ["packages", "price"], "by": "cell", **arguments}
    after = GOOD.rename(columns={"cell": "effect"}) if call["by"] == "effect" else GOOD
    with pytest.raises(MethodError, match=message):
        decompose(before, after, call["factors"], call["by"], mix=call.get("mix"))


def test_cells_and_not_factors_are_counted_that_lack_one():
    wrong = GOOD.assign(price=[np.nan, 1.0], units=[np.nan, 1.0])
    with pytest.raises(MethodError, match=r"has 1 cells with a size and a missing or infinite \['price', 'u"):
        decompose(wrong, wrong, ["packages", "price", "units"], "cell")


def reversal(before, after):
    return aggregation_reversal(before, after, size="people", price="weekly", by="cell")


def test_reversal_both_ways():
    before = frame({"people": [8, 2], "weekly": [100.0, 900.0]})
    after = frame({"people": [6, 4], "weekly": [90.0, 850.0]})
    up, down = reversal(before, after), reversal(after, before)
    assert (up.average_before, up.average_after, up.change) == pytest.approx((260.0, 394.0, 134.0))
    # By hand: mean shares .7 and .3 times falls of 10 and 50; share moves of .2 times mean prices 95 and 875.
    assert (up.price_effect, up.mix_effect) == pytest.approx((-22.0, 156.0))
    assert (up.reversal, up.risen, up.fallen) == (True, 0, 2)
    assert (down.reversal, down.risen, down.fallen) == (True, 2, 0)
    assert (down.price_effect, down.mix_effect) == pytest.approx((22.0, -156.0))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (
            frame({"people": [6, 4], "weekly": [100.0, 850.0]}),
            {"reversal": False, "risen": 0, "fallen": 1},
        ),
        (frame({"people": [6, 4], "weekly": [110.0, 950.0]}), {"reversal": False, "risen": 2}),
        (frame({"people": [8, 2], "weekly": [90.0, 890.0]}), {"reversal": False, "fallen": 2}),
        (
            frame({"people": [8, 2], "weekly": [100.0, 900.0]}),
            {"reversal": False, "risen": 0, "fallen": 0, "change": 0.0},
        ),
        (frame({"people": [1], "weekly": [500.0]}, ["other"]), {"reversal": False, "risen": 0, "fallen": 0}),
    ],
)
def test_no_reversal(after, expected):
    found = reversal(frame({"people": [8, 2], "weekly": [100.0, 900.0]}), after)
    assert {name: getattr(found, name) for name in expected} == expected


def test_prices_that_rise_under_an_average_that_stands_still_are_no_reversal():
    before = frame({"people": [1, 1], "weekly": [1.0, 3.0]})
    after = frame({"people": [3, 2], "weekly": [1.1, 3.35]})
    assert reversal(before, after).change == pytest.approx(0.0, abs=1e-12)
    assert not reversal(before, after).reversal


def test_new_cells_count_as_mix_alone():
    before = frame({"people": [10], "weekly": [100.0]}, ["a"])
    after = frame({"people": [10, 10], "weekly": [90.0, 500.0]}, ["a", "b"])
    found = reversal(before, after)
    assert (found.reversal, found.risen, found.fallen) == (True, 0, 1)
    assert found.price_effect == pytest.approx(-7.5)
    assert found.mix_effect == pytest.approx(found.change + 7.5)


def test_an_empty_period_has_no_average():
    full = frame({"people": [8, 2], "weekly": [100.0, 900.0]})
    found = reversal(full.iloc[:0], full)
    assert np.isnan([found.average_before, found.change, found.price_effect, found.mix_effect]).all()
    assert (found.average_after, found.reversal) == (260.0, False)
