"""Transfers: people who move, by team and in all, and the counts that hide them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from s75lib import workload
from s75lib.loaders import load
from s75lib.present import Table
from s75lib.workload.transfers import people_moving, transfer_progress, transfers_figure


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
