"""Small counts of cases: hidden with what would give them away, and refused where nobody registered them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from s75lib.budget import study
from s75lib.budget.cases import bridge_by_case
from s75lib.budget.concentration import _DESCRIPTIONS, section
from s75lib.budget.disclosure import ALL, Counts
from s75lib.errors import MethodError

OLD, NEW = pd.Timestamp("2024-12-31"), pd.Timestamp("2025-03-31")
SIZES = {"Dom Care": 3, "Nursing": 6, "Residential": 40}


amounts = st.integers(0, 90_000).map(lambda pence: pence / 100)
cases = st.lists(
    st.tuples(
        st.sampled_from([OLD, NEW]),
        st.sampled_from([f"P{i}" for i in range(6)]),
        st.sampled_from(["Dom Care", "Residential", "Live In"]),
        st.sampled_from(["AMH", "OPMH"]),
        st.sampled_from(["Alder", "Oak"]),
        amounts,
        amounts,
        amounts,
        st.sampled_from([1.0, 2.5, 14.0]),
        st.sampled_from([None, "2025-03-31", "2025-02-15", "2024-12-31"]),
    ),
    min_size=2,
    max_size=14,
)


@pytest.fixture
def held(packages, line, studied):
    """Three care types on two days, one of them of few cases."""
    rows = [
        line(day, f"{kind}{n}", kind)
        for day in (OLD, NEW)
        for kind, size in SIZES.items()
        for n in range(size)
    ]
    return lambda **options: studied(packages=packages(rows), **options)


def test_small_counts_are_hidden_and_so_is_what_would_give_them_away(held):
    found = held().counts
    hidden = [kind for kind in SIZES if found.hidden("after", "care_type", "AMH", kind)]
    assert hidden == ["Dom Care", "Nursing"]
    assert found.hidden("after", "setting", value="community")
    assert not found.hidden("after", "care_type")
    assert found.of("after", "care_type") == 49
    assert all(check.passed for check in found.checks)
    for threshold in (1, 3):  # three are enough
        assert held(threshold=threshold).counts.checks == ()


@rounds(max_examples=12, deadline=None)
@given(cases, st.integers(2, 6))
@pytest.mark.slow
def test_no_linked_count_can_be_worked_out(random_ledger, example, drawn, fewest):
    """Hidden or not, every sum holds; where totals are large enough, no small count is left in sight."""
    work = study(example)
    vars(work).update(fewest_cases=fewest, ledger=random_ledger(drawn))
    vars(work).update(pair=(OLD, NEW), day=NEW)
    found = work.counts
    small = [cell for cell, (count, hidden) in found.cells.items() if 0 < count < fewest and not hidden]
    assert all(value == ALL for *_, value in small)


def test_a_description_that_nobody_registered_is_refused(example_study):
    counts = example_study.counts
    with pytest.raises(MethodError, match=r"by 'running' after: .*team after.*Add it to"):
        counts.hidden("after", "running")
    with pytest.raises(MethodError, match="no counts"):
        counts.of("after", "gender", value="P1")
    rows = example_study.cost_by["team"].rename(columns={"team": "running"})
    with pytest.raises(MethodError, match="running"):
        counts.join(rows, "running", "running")


def test_a_table_by_a_new_description_is_refused_until_its_counts_are_hidden(example, monkeypatch):
    """Such a table, added in one place alone, once printed one person's weekly cost."""
    frames = dict(example.frames.untracked())
    frames["packages"] = example.packages.assign(running="yes")
    work = study(replace(example, frames=type(example.frames)(frames)))
    monkeypatch.setitem(_DESCRIPTIONS, "running", "Running")
    monkeypatch.setitem(work.cost_by, "running", work.cost_by["team"].rename(columns={"team": "running"}))
    with pytest.raises(MethodError, match="'running'"):
        section(work)


def test_an_unknown_side_or_service_group_is_refused_and_an_absent_value_is_nobody(
    example_study, studied, held
):
    counts = example_study.counts
    for side, group in (("later", ALL), ("before", "Forensic"), ("after", "")):
        with pytest.raises(MethodError, match="no counts"):
            counts.hidden(side, "care_type", group)
    with pytest.raises(MethodError, match=r"'AMH': found '\*'"):
        counts.of("after", "age_band", "AMH")
    with pytest.raises(MethodError, match="paid"):
        counts.said("before", "paid")
    assert counts.of("after", "care_type", "AMH", "One To One") == 0
    assert not counts.hidden("after", "care_type", "AMH", "One To One")
    with pytest.raises(MethodError, match="before"):
        studied(packages=held().data.packages.query("snapshot_date == @NEW")).counts.of("before", "team")


def test_a_setting_that_nobody_has_is_counted_as_nobody(packages, line, studied):
    rows = [line(day, f"P{n}", "Nursing") for day in (OLD, NEW) for n in range(9)]
    counts = studied(packages=packages(rows)).counts
    assert [counts.of(side, "setting", value="community") for side in ("before", "after")] == [0, 0]
    assert counts.of("after", "setting", value="bed-based") == 9


def test_a_case_of_two_service_groups_for_whom_the_nhs_pays_is_counted_in_both(packages, line, studied):
    """A ledger with one such case could not be reported: two tables counted it each its own way."""
    rows = [line(day, f"P{n}", health_weekly=25.0) for day in (OLD, NEW) for n in range(9)]
    rows += [line(day, "P0", service_group="OPMH", health_weekly=25.0) for day in (OLD, NEW)]
    counts = studied(packages=packages(rows), threshold=1).counts
    assert counts.of("after", "paid_funding", value="unsaid") == 10
    assert counts.of("after", "funding", value="unsaid") == 10


def test_one_step_of_few_cases_goes_with_the_next_smallest(packages, line, sides):
    """Alone it could be had from the rest of the bridge."""
    sizes = {"stays": 30, "left": 3, "came": 7}
    rows = [line(OLD, f"{name}{n}") for name in ("stays", "left") for n in range(sizes[name])]
    rows += [line(NEW, f"{name}{n}") for name in ("stays", "came") for n in range(sizes[name])]
    frame = packages(rows)
    bridge = bridge_by_case(*sides(frame), frame.assign(prior=False, net=0.0))
    names = [*bridge.steps["component"], "switched_from", "switched_to"]
    counted = bridge.steps.set_index("component")["cases"].to_dict()
    cells = {("bridge", name, ALL, ALL): (counted.get(name, 0), name == "leavers") for name in names}
    shown = Counts(cells).steps(bridge)
    assert "Started" not in shown["name"].tolist()
    assert "Left" not in shown["name"].tolist()
    assert shown["effect"].sum() == pytest.approx(bridge.change)
    assert shown["cases"].isna().sum() == 1
    for hidden in ((), ("leavers", "starters")):
        open_ = {cell: (count, cell[1] in hidden) for cell, (count, _) in cells.items()}
        found = Counts(open_).steps(bridge)
        assert len(found) == len(bridge.steps) - len(hidden) + bool(hidden)
