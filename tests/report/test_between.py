from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup

from s75lib.report.batch import run
from s75lib.report.fingerprint import PEERS, Memory, datasets_part
from s75lib.report.index import compared, write_index

PLANS = {
    "indicator": "crisis_plans",
    "label": "Crisis plans",
    "group": "",
    "period": "2018/19",
    "unit": "percent",
}
LIMITS = {"target": 60.0, "lower_95": 55.0, "upper_95": 65.0, "lower_998": 52.0, "upper_998": 68.0}


def record(name, value=60.0, **changes):
    """One authority in one indicator, as a scorecard's manifest has it."""
    whole = {
        **PLANS, **LIMITS, "name": name, "authority": name.lower(), "value": value, "lower": value - 4,
        "upper": value + 4, "shown": "within the limits", "place": "inside", "position": 1, "first": 1,
        "last": 3, "of": 3,
    }  # fmt: skip
    return whole | changes


def manifest(*records, **changes):
    whole = {"results": {"between_authorities": {"kind": "figure", "records": list(records)}},
             "timings": {"started": "2026-01-01T00:00:00+00:00"}}  # fmt: skip
    return whole | changes


def test_two_authorities_of_one_indicator_and_period_are_set_beside_each_other():
    (one,) = compared([manifest(record("Beta", 70.0), record("Alpha"))])
    assert (one["label"], one["period"], one["together"]) == ("Crisis plans", "2018/19", "60.0%")
    assert [row["name"] for row in one["rows"]] == ["Alpha", "Beta"]
    assert one["rows"][1]["figure"] == "70.0% (66.0 to 74.0)"
    assert one["rows"][1]["position"] == "1 of 3 (1 to 3)"
    # from the lowest of all ends, 52, to the highest, 74, with 4 hundredths of room on either side
    assert one["rows"][0]["marks"]["lower_998"] == 4
    assert one["rows"][1]["marks"]["upper"] == 96
    assert one["target"] == pytest.approx(4 + 92 * 8 / 22, abs=0.01)


def test_the_report_that_compares_most_is_taken_then_the_latest():
    few = manifest(record("Alpha"), record("Beta"), timings={"started": "2026-12-31"})
    many = manifest(record("Alpha"), record("Beta"), record("Gamma"))
    (one,) = compared([few, many])
    assert len(one["rows"]) == 3
    newer = manifest(
        record("Alpha", 61.0), record("Beta"), record("Gamma"), timings={"started": "2026-02-01"}
    )
    for order in ([many, newer], [newer, many]):
        assert compared(order)[0]["rows"][0]["figure"].startswith("61.0%")


def test_periods_units_groups_and_invented_data_stay_apart():
    pairs = [
        manifest(record("Alpha", **change), record("Beta", **change))
        for change in ({}, {"period": "2019/20"}, {"group": "AMH"}, {"unit": "per_100k"})
    ]
    made_up = manifest(record("Alpha"), record("Beta"), synthetic=True)
    found = compared([*pairs, made_up])
    assert len(found) == 5
    assert len({one["anchor"] for one in found}) == 5
    assert [one["period"] for one in found[:2]] == ["2019/20", "2018/19"]
    assert [one["synthetic"] for one in found].count(True) == 1


def test_one_shown_authority_is_no_comparison_and_internal_figures_stay_inside():
    hidden = record("Beta") | {"value": None, "lower": None, "upper": None, "place": "", "position": None}
    assert compared([manifest(record("Alpha"), hidden)]) == []
    assert compared([manifest(record("Alpha"), record("Beta"), internal=True)]) == []
    (one,) = compared([manifest(record("Alpha"), record("Gamma"), hidden)])
    assert [row["figure"] for row in one["rows"]] == ["60.0% (56.0 to 64.0)", "c", "60.0% (56.0 to 64.0)"]
    assert one["rows"][1]["place"] == "hidden by the authority"


@pytest.mark.parametrize(
    "foreign",
    [
        {"results": None},
        {"results": {"between_authorities": 3}},
        manifest(3, {"indicator": "x"}),
        manifest(record("Alpha", unit="count"), record("Beta", unit="count")),
        manifest(record("Alpha", upper="high"), record("Beta")),
    ],
)
def test_what_has_another_shape_is_passed_over(foreign):
    assert compared([foreign]) == []


def test_equal_figures_without_limits_have_a_place_too():
    bare = {"lower": None, "upper": None, **dict.fromkeys(LIMITS), "shown": "not tested", "place": ""}
    (one,) = compared([manifest(record("Alpha", **bare), record("Beta", **bare))])
    assert one["together"] == ""
    assert one["target"] is None
    assert [row["marks"] for row in one["rows"]] == [{"value": 4.0}] * 2


@pytest.fixture
def soup(copy):
    """The index of the house, one report of which compares authorities with hostile names."""
    path = copy.reports / "beta/fy2018-19/good.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    hostile = record("<script>alert(1)</script>", 80.0, place="above_998", shown="above the 99.8% limits")
    whole["results"] |= manifest(record("Alpha"), hostile)["results"]
    path.write_text(json.dumps(whole), encoding="utf-8")
    return BeautifulSoup(write_index(copy.reports).read_text(encoding="utf-8"), "html.parser")


def test_the_index_draws_them_without_script_or_style_of_their_own(soup):
    section = soup.find("h2", id="between").parent
    assert soup.nav.find("a", href="#between")
    rows = section.tbody.find_all("tr")
    assert [row.th.get_text() for row in rows] == ["<script>alert(1)</script>", "Alpha"]
    assert rows[0].th.strong is not None
    assert len(soup.find_all("script")) == 1
    assert not section.find_all(style=True)
    strips = section.find_all("svg")
    assert [strip["role"] for strip in strips] == ["img", "img"]
    assert (
        strips[1]["aria-label"]
        == "Alpha: 60.0% (56.0 to 64.0); 95% limits 55.0 to 65.0, 99.8% limits 52.0 to 68.0"
    )
    assert "s75-outside" in strips[0].circle["class"]
    assert all(
        0 <= float(mark[end].rstrip("%")) <= 100
        for mark in section.find_all("rect")
        for end in ("x", "width")
    )
    assert "SYNTHETIC" in section.h3.get_text()


def test_an_index_without_comparisons_has_no_such_section(made):
    text = (made.reports / "index.html").read_text(encoding="utf-8")
    assert 'id="between"' not in text


# ----------------------------------------------------------------------------- made again when others change


def test_what_others_hold_counts_only_for_reports_that_looked_at_it(house):
    held = {"kpi": "a", PEERS: "b"}
    assert datasets_part(held, ["kpi"]) == {"kpi": "a"}
    assert datasets_part(held, ["kpi", PEERS]) == held
    assert datasets_part(held, None) == {"kpi": "a"}
    for task in house.plan().tasks:
        assert task.datasets[PEERS]


@pytest.mark.parametrize(
    ("file", "text", "changes"),
    [
        ("beta/kpi.csv", "indicator,group,period,value,unit\nreviews,,2018/19,70,percent\n", True),
        ("beta/authority.toml", 'name = "Beta"\n', True),
        ("beta/indicators.toml", "[reviews]\nname = 'Reviews'\n", True),
        ("beta/budget.csv", "line\nx\n", False),
        ("alpha/kpi.csv", "indicator,group,period,value,unit\nreviews,,2018/19,1,percent\n", False),
        ("gamma/authority.toml", 'name = "Gamma"\n', True),
    ],
)
def test_another_authoritys_indicators_settings_and_definitions_make_a_comparison_old(
    copy, file, text, changes
):
    before = Memory().peers(copy.data)["alpha"]
    (copy.data / file).parent.mkdir(exist_ok=True)
    (copy.data / file).write_text(text, encoding="utf-8")
    assert (Memory().peers(copy.data)["alpha"] != before) == changes


def test_a_file_named_in_the_settings_is_looked_at(copy):
    settings = '[sources]\nkpi = {path = "figures for the board.csv"}\n'
    (copy.data / "beta/authority.toml").write_text(f'name = "Beta"\n{settings}', encoding="utf-8")
    before = Memory().peers(copy.data)
    (copy.data / "beta/figures for the board.csv").write_text("x\n", encoding="utf-8")
    after = Memory().peers(copy.data)
    assert after["alpha"] != before["alpha"]
    assert after["beta"] == before["beta"]


@pytest.mark.parametrize("settings", ["# [sources]\n", "[sources\n", "sources = 3 # [sources]\n"])
def test_settings_that_name_no_file_or_are_no_toml_are_looked_at_as_they_are(copy, settings):
    before = Memory().peers(copy.data)["alpha"]
    (copy.data / "beta/authority.toml").write_text(f'name = "Beta"\n{settings}', encoding="utf-8")
    assert Memory().peers(copy.data)["alpha"] != before


@pytest.mark.slow
@pytest.mark.usefixtures("warm_parent")
def test_a_report_that_looked_at_others_is_made_again_when_theirs_change(kit, tmp_path):
    house = kit.House(tmp_path)
    for slug in ("alpha", "beta"):
        kit.write_authority(house.data, slug)
    house.notebooks.mkdir()
    load = "import s75lib as s75\ndata = s75.load(authority, period, data_dir=data_dir)\ns75.show(data)"
    kit.write_notebook(house.notebooks, "alone", load, "len(data.kpi)")
    kit.write_notebook(
        house.notebooks, "beside", load, "len(s75.peers(data, s75.kpi.may_show, data_dir=data_dir).frame)"
    )

    def statuses():
        return {o.task.notebook: o.status for o in run(house.plan("alpha"), house.reports, jobs=1)}

    assert statuses() == {"alone": "ok", "beside": "ok"}
    assert PEERS in house.manifest("alpha", "beside")["reads"]
    assert PEERS not in house.manifest("alpha", "alone")["reads"]
    assert statuses() == {"alone": "unchanged", "beside": "unchanged"}
    kit.write_kpi(house.data, "beta", 70)
    assert statuses() == {"alone": "unchanged", "beside": "ok"}


@pytest.mark.slow
@pytest.mark.usefixtures("warm_parent")
def test_a_page_made_alone_is_made_again_once_a_report_that_it_leads_to_lies_beside_it(kit, tmp_path):
    house = kit.House(tmp_path)
    kit.write_authority(house.data, "alpha")
    house.notebooks.mkdir()
    load = "import s75lib as s75\ns75.show(s75.load(authority, period, data_dir=data_dir))"
    kit.write_notebook(house.notebooks, "alone", "## More\n\nSee [the other](other.html).", load)
    kit.write_notebook(house.notebooks, "other", load)

    def made(*notebooks):
        found = run(house.plan("alpha", notebooks=notebooks), house.reports, jobs=1)
        page = (house.reports / "alpha/fy2018-19/alone.html").read_text("utf-8")
        manifest = house.manifest("alpha", "alone")
        return [one.status for one in found], 'href="other.html"' in page, manifest["unlinked"]

    assert made("alone") == (["ok"], False, ["other"])
    assert made("alone") == (["unchanged"], False, ["other"])
    assert made() == (["ok", "ok"], True, [])
    assert made("alone") == (["unchanged"], True, [])
