from __future__ import annotations

import pytest

from s75lib.errors import ConfigError
from s75lib.loaders import load, peers
from s75lib.loaders.reading import datasets_read

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


def found(data, slug="alpha", **options):
    return peers(load(slug, "2018/19", data_dir=data, **options), data_dir=data)


def test_the_same_indicators_of_others_known_by_the_end_of_the_period(data):
    both = found(data)
    assert both.frame[["authority", "name", "indicator", "value"]].to_numpy().tolist() == [
        ["alpha", "Alpha", "crisis_plans", 70],
        ["beta", "Beta", "crisis_plans", 60],
    ]
    assert [file.path for file in both.files] == ["alpha/kpi.csv", "beta/kpi.csv"]
    assert [(file.rows, len(file.sha256)) for file in both.files] == [(1, 64), (2, 64)]
    assert "peers" in datasets_read()


def test_the_threshold_is_the_others_own_and_internal_use_is_not_theirs(data):
    write(data, "gamma", PLAN.format(50, 50, 100), settings="disclosure_threshold = 10\n")
    write(data, "open", PLAN.format(50, 50, 100), settings='[published]\ndatasets = ["kpi"]\n')
    assert found(data, internal=True).fewest_shown == {"alpha": 1, "beta": 5, "gamma": 10, "open": 1}


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
    (data / "alpha" / "indicators.toml").write_text("[x]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="no name"):
        found(data)
