"""The indicators' area of the scorecard against the KPI wing's own figures."""

from __future__ import annotations

import pytest

from s75lib.kpi.changes import changes
from s75lib.kpi.targets import targets
from s75lib.loaders.indicators import read_indicators
from s75lib.scorecard.card import HARD_SPACE
from s75lib.scorecard.indicators import _change_of, _indicator, _once


def test_indicators_are_those_of_the_kpi_wing(data_of, study_of, row):
    data, found = data_of("exampleshire"), study_of("exampleshire")
    registry = read_indicators(data.authority.folder)
    moved = changes(data.kpi, registry)
    clear = moved[moved["clear"] | moved["stepped"]]
    assert row(found, "moved by more").value == len(clear) == 3
    assert row(found, "targets met").value == (targets(data.kpi, registry)["met"] == True).sum()  # noqa: E712
    shown = [one.name for one in found.measures["Indicators"]]
    assert set(clear["label"]) <= set(shown)
    one = row(found, "Reviews in 12 months")
    assert one.judged.replace(HARD_SPACE, " ") == "✗ Clearly worse since Feb 2025, missed in 2025/26"
    assert one.change.replace(HARD_SPACE, " ") == "−9.9 points on average since Feb 2025"
    assert one.course_unit == "by month"


def test_islington_has_the_ratio_of_enquiries_to_concerns(study_of, row):
    one = row(study_of("islington"), "enquiries completed for each 100 concerns")
    assert (one.latest, one.against, one.status) == ("4.5", "2017/18: 13.0", "watch")
    moved = row(study_of("islington"), "moved by more")
    assert moved.judged == "= 5 neither better nor worse (counted in the indicators named below)"
    assert row(study_of("islington"), "targets met").judged == "✗ 3 missed"


def test_the_indicators_shown_are_few_and_the_worse_come_first(study_of):
    shown = study_of("exampleshire").measures["Indicators"][2:]
    assert len(shown) <= 6
    assert shown[0].verdict.startswith("Clearly worse")


@pytest.mark.parametrize(
    ("met", "clear", "direction", "status", "verdict"),
    [
        (False, True, "better", "bad", "Clearly better, missed"),
        (True, True, "worse", "bad", "Clearly worse, met"),
        (True, True, "better", "good", "Clearly better, met"),
        (False, False, "", "bad", "Missed"),
        (None, True, "", "watch", "Clearly changed"),
    ],
)
def test_a_missed_target_or_a_turn_for_the_worse_is_bad(study_of, met, clear, direction, status, verdict):
    study = study_of("islington")
    joined = study.kpi.changes.assign(stepped=False, target=50.0, against="target", shift_from="")
    joined["target_period"] = joined["period"]
    row = joined.iloc[0].to_dict() | {"met": met, "clear": clear, "direction": direction}
    one = _indicator(study, row)
    assert (one.status, one.verdict) == (status, verdict)


@pytest.mark.parametrize(("met", "counted"), [(False, True), (None, False), (True, False)])
def test_a_missed_target_counts_though_the_workload_tells_of_the_same_work(study_of, met, counted):
    study = study_of("exampleshire")
    work = study.year_on_year
    name = work.loc[work["is_clear"], "measure"].iloc[0]
    joined = study.kpi.changes.assign(stepped=False, target=50.0, against="", shift_from="")
    row = joined.assign(target_period=joined["period"]).iloc[0].to_dict()
    one = _once(study, row | {"indicator": f"{name}_per_month", "group": "", "met": met})
    assert (one.status != "same") is counted
    assert not counted or one.status == "bad"


def test_a_hidden_change_is_not_said_to_be_since_a_day(study_of):
    row = study_of("islington").kpi.changes.iloc[0].to_dict()
    assert " since " in _change_of(row)
    assert " since " not in _change_of(row | {"verdict": "hidden"})
