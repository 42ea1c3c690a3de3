"""Transfers: people who move, by team and in all, and the counts that hide them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from s75lib import workload
from s75lib.loaders import load
from s75lib.loaders.schemas import Measure
from s75lib.present import Table
from s75lib.workload.demand import _total
from s75lib.workload.transfers import (
    delays_by_reason,
    people_headlines,
    people_moving,
    transfer_progress,
    transfers_figure,
)


def moves(rows):
    frame = pd.DataFrame(rows, columns=["service_group", "team", "social_work", "healthcare_professional"])
    return frame.assign(as_at=pd.Timestamp("2019-12-06"))


def table(section, id):
    return next(part for part in section.parts if isinstance(part, Table) and part.id == id)


def people(study):
    return table(workload.transfers(study), "transfers")


def test_transfers_add_up_by_group_and_in_all():
    found = people_moving(moves([("AMH", "A", 10.0, 5.0), ("AMH", "B", 0.0, 7.0), ("OPMH", "C", 4.0, 0.0)]))
    assert found["level"].tolist() == ["team", "team", "group", "team", "group", "all"]
    whole = found.iloc[-1]
    assert (whole["now"], whole["gains"], whole["after"]) == (14, 12, 26)
    assert found["growth_percent"].tolist()[0] == 50
    assert np.isnan(found["growth_percent"][1])
    assert np.isnan(found["growth_percent"][3])  # of 4 people, a percentage would say more than it means


def test_the_published_transfer_of_cambridgeshire(data_dir):
    frame = pd.read_csv(data_dir / "cambridgeshire" / "package_transfers.csv", parse_dates=["as_at"])
    found = people_moving(frame)
    whole = found[found["level"] == "all"].iloc[0]
    assert (whole["now"], whole["gains"]) == (331, 273)
    groups = found[found["level"] == "group"].set_index("service_group")
    assert groups[["now", "gains"]].to_numpy().tolist() == [[174, 181], [157, 92]]


def test_only_the_latest_day_is_used():
    early = moves([("AMH", "A", 99.0, 99.0)]).assign(as_at=pd.Timestamp("2018-01-01"))
    frame = pd.concat([early, moves([("AMH", "A", 10.0, 5.0)])])
    assert people_moving(frame)["now"].tolist() == [10, 10]
    assert transfer_progress(frame)["healthcare_professional"].tolist() == [99, 5]


def test_no_transfers_no_rows():
    assert people_moving(moves([]).iloc[:0]).empty


def unpublished(data):
    """The same data, as if nothing of it were public."""
    bare = data.authority.published.model_copy(update={"datasets": ()})
    return replace(data, authority=data.authority.model_copy(update={"published": bare}))


@pytest.fixture(scope="module")
def hidden(data_dir):
    return workload.study(unpublished(load("cambridgeshire", data_dir=data_dir)))


def test_the_published_transfer_table_shows_all(data_dir):
    shown = people(workload.study(load("cambridgeshire", data_dir=data_dir)))
    assert 1 in shown.frame["gains"].tolist()
    assert shown.hidden == ()


def recoverable(frame, columns):
    """Which hidden cells the sums give away to the unit: bounds of each by linear programming."""
    names = {(row, column): at for at, (row, column) in enumerate(
        (row, column) for row in frame.index for column in columns)}  # fmt: skip
    true = np.zeros(len(names))
    rules = []
    groups = frame["service_group"].where(frame["level"] == "team")
    for row in frame.index:
        rules.append({(row, "after"): -1, (row, "now"): 1, (row, "gains"): 1})
        for column in columns:
            if frame["level"][row] == "group":
                parts = frame.index[groups == frame["service_group"][row]]
            elif frame["level"][row] == "all":
                parts = frame.index[frame["level"] == "team"]
            else:
                continue
            rules.append({(row, column): -1} | {(part, column): 1 for part in parts})
    matrix = np.zeros((len(rules), len(names)))
    for at, rule in enumerate(rules):
        for name, weight in rule.items():
            matrix[at, names[name]] = weight
    bounds = []
    for (row, column), at in names.items():
        value = frame[column][row]
        true[at] = 0 if pd.isna(value) else value
        bounds.append((0, None) if pd.isna(value) else (value, value))
    found = []
    for (row, column), at in names.items():
        if pd.isna(frame[column][row]):
            ends = [
                optimize.linprog(
                    sign * np.eye(len(names))[at], A_eq=matrix, b_eq=np.zeros(len(rules)), bounds=bounds
                )
                for sign in (1, -1)
            ]
            assert all(end.status in (0, 3) for end in ends)
            if ends[1].status == 0 and -ends[1].fun - ends[0].fun < 1 - 1e-6:
                found.append((row, column))
    return found


def test_hiding_small_counts_alone_gives_most_of_them_away_and_ours_none(hidden):
    columns = ["now", "gains", "after"]
    true = hidden.transfers.reset_index(drop=True)
    naive = true.copy()
    for column in columns:
        naive[column] = naive[column].astype(float).mask(naive[column].between(1, 4))
    assert naive[columns].isna().sum().sum() == 9
    assert len(recoverable(naive, columns)) == 5
    ours = people(hidden).frame.astype(dict.fromkeys(columns, float))
    small = true[columns].apply(lambda column: column.between(1, 4))
    assert ours[columns].isna()[small].sum().sum() == 9
    assert recoverable(ours, columns) == []
    assert all(check.passed for check in hidden.checks)
    assert "transfers.disclosure" in {check.id for check in hidden.checks}


def test_no_part_of_the_page_gives_a_hidden_count_away(hidden):
    frame = people(hidden).frame
    teams = frame[frame["level"] == "team"]
    following = workload.reviews(hidden)
    reviews = table(following, "reviews").frame.set_index("team")
    drawn = set(following.figures["reviews_by_team"].data.frame.columns.str.split(" ", n=1).str[-1])
    for column, part in (("gains", "light_touch"), ("now", "present")):
        lost = set(teams.loc[teams[column].isna(), "team"])
        assert reviews.loc[reviews.index.isin(lost) & (reviews.index != "Hunts"), part].isna().all()
        assert not drawn & (lost - {"Hunts"})
    (axis,) = transfers_figure(hidden).drawing.axes
    labels = [text.get_text() for text in axis.texts]
    assert sum("hidden" in label for label in labels) == int(teams[["now", "gains"]].isna().any(axis=1).sum())


def test_the_transfer_of_cambridgeshire_in_words(data_dir):
    said = {h.id: h for h in workload.study(load("cambridgeshire", data_dir=data_dir)).headlines}
    assert said["workload.transfers"].value == 273
    assert "instead of 331" in said["workload.transfers"].text
    assert "82% more" in said["workload.transfers"].text
    assert "drawn 4,000 times from their ranges" in said["workload.transfers.reviews"].method


def test_the_hidden_cells_of_cambridgeshire_if_it_were_not_published(hidden):
    table = people(hidden)
    places = {}
    for row, name in table.hidden:
        places.setdefault(table.frame["name"][row], []).append(name)
    now, gains, after, growth = "now", "gains", "after", "growth_percent"
    assert places == {
        "CAMEO Nth": [gains, after, growth],
        "Forensic Nth": [now, gains, after, growth],
        "Forensic Sth": [now, after, growth],
        "Personality Disorder": [now, gains, growth],
        "Cambridge East": [gains, after, growth],
        "Under 65s": [gains, after, growth],
    }


REASONS = [("Housing", "NHS", 7), ("Housing", "both", 5), ("Care home", "social care", 9), ("", "", 2)]


def delayed(parts, months=24, measure="delayed_days"):
    """Days of delay of two years, those of each month alike."""
    rows = pd.DataFrame(parts, columns=["reason", "attributed_to", "count"]).astype({"count": float})
    every = pd.date_range("2023-04-01", periods=months, freq="MS")
    frame = pd.concat([rows.assign(month=month) for month in every], ignore_index=True)
    return frame.assign(measure=measure, service_group="AMH", team="North")


def test_exampleshires_delays_by_reason_are_those_of_its_file(data_dir, work):
    rows = pd.read_csv(data_dir / "exampleshire" / "activity.csv", keep_default_na=False)
    rows = rows[(rows["measure"] == "delayed_days") & (rows["month"] >= "2025-04")]
    shown = table(workload.transfers(work), "delays.days").frame.set_index("reason")
    assert shown.loc["All reasons", "every"] == rows["count"].sum()
    for (reason, whose), part in rows[rows["reason"] != ""].groupby(["reason", "attributed_to"]):
        assert shown.loc[reason, whose] == part["count"].sum()
    months = work.protected_months["delayed_days"].table.frame
    assert months.iloc[-1]["All teams"] == rows["count"].sum()


def test_what_has_no_reason_is_a_row_of_its_own():
    found = delays_by_reason(delayed(REASONS)).set_index("reason")["every"]
    assert found.to_dict() == {"Housing": 144, "Care home": 108, "No reason recorded": 24, "All reasons": 276}
    people = delays_by_reason(delayed(REASONS, measure="delayed_people"), "delayed_people")
    assert people["every"].tolist() == [12, 9, 2, 23]  # of the last day alone


def test_a_whole_beside_the_teams_is_the_whole():
    teams = delayed(REASONS[:3])
    whole = delayed([("", "", 30)]).assign(team="", service_group="")
    found = delays_by_reason(pd.concat([teams, whole]))
    assert found.empty  # the whole has no reasons: those of some teams are not the whole's
    named = delayed([("Housing", "NHS", 30)]).assign(team="", service_group="")
    assert delays_by_reason(pd.concat([teams, named])).iloc[-1]["every"] == 360


@pytest.mark.parametrize("parts", [[("", "", 9)], []])
def test_without_reasons_there_is_no_table(parts):
    assert delays_by_reason(delayed(parts)).empty


def with_activity(example, rows, internal=False):
    held = pd.concat([rows], ignore_index=True)[list(example.activity.columns.drop("reference"))]
    frames = dict(example.frames.untracked()) | {"activity": held.assign(reference="")}
    frames |= {"package_transfers": example.package_transfers.iloc[:0]}
    return workload.study(replace(example, frames=type(example.frames)(frames), internal=internal))


def test_few_days_of_a_reason_are_hidden_with_what_would_give_them_away(example):
    few = delayed([("Housing", "NHS", 9), ("Care home", "social care", 9), ("Care home", "both", 9)])
    one = few.assign(count=few["count"].where(few["attributed_to"] != "both", 0.0))
    one.loc[one.index[-1], "count"] = 2.0
    done = with_activity(example, one)
    shown = table(workload.transfers(done), "delays.days")
    cells = shown.frame.set_index("reason")
    assert pd.isna(cells.loc["Care home", "both"])
    assert cells.loc["Care home"].isna().sum() > 1  # else the rest of the row tells it
    assert {check.id: check.passed for check in done.checks}["delays.days.disclosure"]
    assert not [h for h in workload.transfers(done).headlines if h.id == "workload.delays"]
    open_ = table(workload.transfers(with_activity(example, one, internal=True)), "delays.days")
    assert open_.frame.set_index("reason").loc["Care home", "both"] == 2.0


def test_no_reasons_are_shown_where_their_sum_is_hidden(example):
    # One small month among months of nothing: only the year's sum can keep it hidden.
    rows = delayed([("Housing", "NHS", 20)]).assign(count=[20.0] * 12 + [0.0] * 11 + [2.0])
    done = with_activity(example, rows)
    assert pd.isna(done.protected_months["delayed_days"].table.frame.iloc[-1]["All teams"])
    assert not done.delays


def test_an_own_measure_is_forecast_by_its_label_and_as_the_stock_that_it_is(example):
    months = pd.date_range("2023-04-01", periods=36, freq="MS")
    counts = np.random.default_rng(5).poisson(40, 36).astype(float)
    rows = pd.DataFrame({"month": months, "measure": "beds_held", "count": counts, "reason": ""})
    rows = rows.assign(service_group="", team="", attributed_to="")
    own = Measure("beds held for us", "stock", "lower_is_better", "beds a night")
    who = example.authority.model_copy(update={"measures": {"beds_held": own}})
    done = with_activity(replace(example, authority=who), rows)
    assert list(done.outlook.paths) == ["beds held for us (beds a night)"]
    year = done.outlook.years.iloc[0]
    assert year["is_stock"]
    assert year["last_12"] == pytest.approx(counts[-12:].mean())
    (said,) = [h for h in workload.demand(done).headlines if h.id.startswith("workload.forecast.")]
    assert said.id == "workload.forecast.beds_held_for_us_beds_a_night"
    assert said.text.startswith("Beds held for us (beds a night) are expected to average")
    small = with_activity(replace(example, authority=who), rows.assign(count=counts.clip(max=3)))
    assert small.protected_months["beds held for us (beds a night)"].table.hidden


@pytest.mark.parametrize(
    ("polarity", "level", "said"),
    [
        ("lower_is_better", 80, "a clear change for the worse"),
        ("higher_is_better", 80, "a clear change for the better"),
        ("lower_is_better", 20, "a clear change for the better"),
        ("neither", 80, "a clear change."),
    ],
)
def test_a_clear_change_is_called_good_or_bad_where_somebody_said_which_is_which(polarity, level, said):
    row = {"measure": "visits", "next_12": level, "last_12": 50.0, "lower_95": level - 5.0, "is_stock": False}
    row |= {"upper_95": level + 5.0, "error": 0.1}
    assert said in _total(row, 12, polarity).text


def with_people(example, *gains, internal=False, **frames):
    """The example with three teams of which social workers hold 30, 25 and 28, on two days."""
    rows = [
        ("AMH", team, now, gain) for team, now, gain in zip("ABC", (30.0, 25.0, 28.0), gains, strict=True)
    ]
    last = moves(rows)
    first = last.assign(as_at=pd.Timestamp("2019-06-07"), healthcare_professional=[32.0, 0.0, 0.0])
    held = pd.concat([first, last], ignore_index=True).assign(reference="")
    kept = dict(example.frames.untracked()) | {"package_transfers": held} | frames
    return workload.study(replace(unpublished(example), frames=type(example.frames)(kept), internal=internal))


@pytest.mark.parametrize("rounds", [False, True])
def test_no_sentence_or_chart_tells_a_total_that_the_table_hides(example, rounds):
    if rounds:
        example = replace(example, authority=example.authority.model_copy(update={"disclosure": "round"}))
    done = with_people(example, 3.0, 0.0, 0.0)
    assert pd.isna(people(done).frame["gains"].iloc[-1])
    told = [*workload.transfers(done).headlines, *workload.reviews(done).headlines]
    said = {h.id: h for h in told if h.id != "workload.delays"}
    assert list(said) == ["workload.transfers"]
    text = "At 6 December 2019, health staff held some people's packages; how many is hidden."
    assert (said["workload.transfers"].text, said["workload.transfers"].value) == (text, None)
    assert text in {h.text for h in done.headlines}
    figure = transfers_figure(done)
    assert figure.title == "People with care packages by team"
    assert not any(mark.isdigit() for mark in figure.alt)
    following = workload.reviews(done)
    assert "reviews" not in following.figures
    whole = table(following, "reviews").frame.set_index("team").loc["All teams"]
    assert whole[["light_touch", "half_0", "half_3"]].isna().all()
    assert whole.isna()["present"] == pd.isna(people(done).frame["now"].iloc[-1])
    assert "All packages with health staff move" not in done.scenarios.months["scenario"].tolist()


def test_what_the_table_shows_is_said_and_small_days_are_not_followed(example):
    open_ = with_people(example, 3.0, 0.0, 0.0, internal=True)
    told = {h.id: h.text for h in people_headlines(open_)}
    assert "the packages of 3 people were" in told["workload.transfers"]
    assert "went from 32 to 3" in told["workload.transfers.progress"]
    shown = with_people(example, 30.0, 20.0, 10.0)
    told = {h.id: h.text for h in people_headlines(shown)}
    assert "the packages of 60 people were" in told["workload.transfers"]
    assert "went from 32 to 60" in told["workload.transfers.progress"]
    earlier = shown.data.package_transfers.copy()
    earlier.loc[0, "healthcare_professional"] = 3.0
    small = with_people(example, 30.0, 20.0, 10.0, package_transfers=earlier)
    told = {h.id for h in people_headlines(small)}
    assert told == {"workload.transfers", "workload.transfers.team"}


def test_no_reasons_are_shown_where_their_own_table_would_hide_the_sum_that_the_months_print(example):
    people = [("Housing", "NHS", 3), ("Care home", "social care", 40)]
    done = with_activity(example, delayed(people, measure="delayed_people"))
    months = done.protected_months["delayed_people"].table.frame.dropna(subset="month")
    assert months["All teams"].iloc[-1] == 43
    assert not done.delays
    more = [("Housing", "NHS", 13), ("Care home", "social care", 40)]
    assert with_activity(example, delayed(more, measure="delayed_people")).delays
