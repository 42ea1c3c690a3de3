from __future__ import annotations

import pickle

import pandas as pd
import pytest

from s75lib.errors import ConfigError
from s75lib.kpi import may_show
from s75lib.loaders import load, peers
from s75lib.loaders.data import datasets_read
from s75lib.shared import FOLDER

HEAD = "indicator,group,period,value,unit,numerator,denominator\n"
PLAN = "crisis_plans,,2018/19,{},percent,{},{}\n"


def write(data, slug, rows="", *, settings="", synthetic=False, **files):
    folder = data / slug
    folder.mkdir(parents=True)
    toml = f'name = "{slug.title()}"\nsynthetic = {str(synthetic).lower()}\n{settings}'
    (folder / "authority.toml").write_text(toml, encoding="utf-8")
    if rows:
        (folder / "kpi.csv").write_text(HEAD + rows, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def data(tmp_path):
    data = tmp_path / "data"
    write(data, "alpha", PLAN.format(70, 70, 100) + "crisis_plans,,2019/20,71,percent,71,100\n")
    write(data, "beta", PLAN.format(60, 60, 100) + "calls,,2018/19,5,count,,\n")
    return data


def told(kpi, fewest):
    return kpi.assign(fewest=fewest)


def found(data, slug="alpha", **options):
    return peers(load(slug, "2018/19", data_dir=data, **options), told, data_dir=data)


def test_the_same_indicators_of_others_known_by_the_end_of_the_period(data):
    both = found(data)
    assert both.frame[["authority", "name", "indicator", "value"]].to_numpy().tolist() == [
        ["alpha", "Alpha", "crisis_plans", 70],
        ["beta", "Beta", "crisis_plans", 60],
    ]
    assert [file.path for file in both.files] == ["alpha/kpi.csv", "beta/kpi.csv"]
    assert [(file.rows, file.sha256) for file in both.files] == [(1, ""), (2, "")]
    assert "peers" in datasets_read()


def test_the_threshold_is_the_others_own_and_internal_use_is_not_theirs(data):
    write(data, "gamma", PLAN.format(50, 50, 100), settings="disclosure_threshold = 10\n")
    write(data, "open", PLAN.format(50, 50, 100), settings='[published]\ndatasets = ["kpi"]\n')
    rows = found(data, internal=True).frame
    asked = dict(zip(rows["authority"], rows["fewest"], strict=True))
    assert asked == {"alpha": 1, "beta": 5, "gamma": 10, "open": 1}


def test_invented_and_real_authorities_are_never_set_beside_each_other(data):
    write(data, "made-up", PLAN.format(50, 50, 100), synthetic=True)
    write(data, "made-up-too", PLAN.format(40, 40, 100), synthetic=True)
    assert set(found(data).frame["authority"]) == {"alpha", "beta"}
    other = found(data, "made-up")
    assert set(other.frame["authority"]) == {"made-up", "made-up-too"}
    assert other.synthetic


def test_what_is_at_fault_is_named_and_left_out(data):
    write(data, "faulty", "crisis_plans,,2018/19,many,percent,,\n")
    write(data, "late", "crisis_plans,,2024/25,70,percent,70,100\n")
    write(data, "sql", settings='[sources]\nkpi = {sql = "SELECT 1", url_env = "S75_DB"}\n')
    write(data, "twisted", PLAN.format(70, 70, 100), indicators="[crisis_plans]\npolarity = 3\n")
    write(data, "broken", settings="agreement = 3\n")
    write(data, "without")
    both = found(data)
    assert set(both.frame["authority"]) == {"alpha", "beta"}
    said = {left.authority: left.reason for left in both.left_out}
    assert set(said) == {"faulty", "late", "sql", "twisted", "broken"}
    assert said["faulty"] == "its indicators have 1 fault: see 's75 check faulty'"
    assert said["late"] == "found no data known by the end of 2018/19"
    assert "database" in said["sql"]
    assert "indicators.toml" in said["twisted"]
    assert str(data) not in " ".join(said.values())


def test_an_authority_without_indicators_is_compared_with_nobody(data):
    write(data, "gamma", settings='[agreement]\nstart = "2018-04-01"\n')
    alone = found(data, "gamma")
    assert alone.frame.empty
    assert not alone.files
    assert not alone.left_out


def test_each_authority_keeps_its_own_definitions(data):
    own = '[crisis_plans]\nname = "People with a plan"\n'
    write(data, "gamma", PLAN.format(50, 50, 100), indicators=own)
    meant = {slug: registry["crisis_plans"].name for slug, registry in found(data).registries.items()}
    assert meant["gamma"] == "People with a plan"
    assert meant["alpha"] == meant["beta"] != meant["gamma"]


def test_a_faulty_definition_of_ones_own_is_an_error(data):
    (data / "alpha" / "indicators.toml").write_text("[x]\nname = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"x\.name: found"):
        found(data)


@pytest.fixture
def a_run(tmp_path, monkeypatch):
    """A run's private folder, and what was shown of whom."""
    folder, asked = tmp_path / "run", []
    folder.mkdir()
    monkeypatch.setenv(FOLDER, str(folder))

    def noted(kpi, fewest):
        asked.append(kpi["authority"].iloc[0])
        return kpi

    return noted, asked


def test_a_run_reads_the_others_once_for_all_its_reports_and_finds_the_same(data, a_run, monkeypatch):
    noted, asked = a_run
    write(data, "faulty", "crisis_plans,,2018/19,many,percent,,\n")
    own = [load(slug, "2018/19", data_dir=data) for slug in ("alpha", "beta")]
    within = [peers(one, noted, data_dir=data) for one in own]
    assert sorted(asked) == ["alpha", "alpha", "beta", "beta"]  # each as itself, and once for all others
    monkeypatch.delenv(FOLDER)
    for one, found in zip(own, within, strict=True):
        alone = peers(one, noted, data_dir=data)
        pd.testing.assert_frame_equal(found.frame, alone.frame)
        assert (found.files, found.left_out, found.registries) == (
            alone.files, alone.left_out, alone.registries,
        )  # fmt: skip


def test_within_a_run_a_changed_file_and_another_period_are_read_again(data, a_run):
    noted, _ = a_run
    assert peers(load("alpha", "2018/19", data_dir=data), noted, data_dir=data).frame["value"][1] == 60
    (data / "beta" / "kpi.csv").write_text(HEAD + PLAN.format(9, 9, 100), encoding="utf-8")
    assert peers(load("alpha", "2018/19", data_dir=data), noted, data_dir=data).frame["value"][1] == 9
    later = peers(load("alpha", "2019/20", data_dir=data), noted, data_dir=data)
    assert later.frame.query("authority == 'alpha'")["value"].tolist() == [70, 71]


def test_what_a_run_keeps_holds_nothing_that_others_may_not_see(data, tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    write(data, "gamma", PLAN.format(3.5, 3, 77731))
    both = peers(load("alpha", "2018/19", data_dir=data), may_show, data_dir=data)
    assert both.frame.loc[both.frame["authority"] == "gamma", "hidden"].all()
    (kept,) = tmp_path.glob("shared-*")
    rows = pickle.loads(kept.read_bytes())["gamma"].rows
    assert rows[["value", "numerator", "denominator"]].isna().all(axis=None)
