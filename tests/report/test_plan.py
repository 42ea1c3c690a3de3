from __future__ import annotations

from dataclasses import replace

import pytest

from s75lib.errors import ConfigError, DataError
from s75lib.report.fingerprint import Facts
from s75lib.report.plan import make_plan


def test_all_authorities_times_all_notebooks_by_default(house):
    plan = house.plan()
    assert [(t.authority, t.notebook) for t in plan.tasks] == [
        (a, n) for a in ("alpha", "beta") for n in ("broken", "exits", "gaps", "good", "killed")
    ]
    assert plan.faults == ()


def test_a_task_knows_its_authority_and_period(house):
    (task,) = house.plan("beta", notebooks=["good"]).tasks
    assert task.synthetic
    assert (task.authority_name, task.period, task.period_slug) == (
        "Beta <script>alert(1)</script>",
        "2018/19",
        "fy2018-19",
    )
    assert task.folder == house.root.resolve()


def test_a_task_knows_which_reports_the_run_puts_beside_it(house):
    assert {task.beside for task in house.plan(notebooks=["gaps", "good"]).tasks} == {("gaps", "good")}
    (alone,) = house.plan("beta", notebooks=["good"]).tasks
    assert alone.beside == ("good",)


def test_values_from_the_command_line_become_the_declared_types(house):
    given = {"share": "1", "months": "none"}
    (task,) = house.plan("alpha", notebooks=["good"], parameters=given).tasks
    assert task.parameters == {
        "authority": "alpha",
        "period": "2018/19",
        "data_dir": "data",
        "share": 1.0,
        "months": None,
    }
    assert isinstance(task.parameters["share"], float)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("share", "half"),
        ("share", True),
        ("share", float("nan")),
        ("share", None),
        ("months", "1.5"),
        ("months", "__import__('os')"),
        ("months", [1]),
    ],
)
def test_a_value_of_the_wrong_type_names_found_expected_and_remedy(house, name, value):
    with pytest.raises(ConfigError) as caught:
        house.plan("alpha", notebooks=["good"], parameters={name: value})
    message = str(caught.value)
    assert f"parameter {name!r} of good: found {value!r}" in message
    assert "expected float" in message or "expected int | None" in message
    assert "Correct the value." in message


def test_every_fault_of_the_call_comes_at_once(house):
    with pytest.raises(ConfigError) as caught:
        house.plan(
            "alpah", "../alpha",
            notebooks=["god", "good"],
            period="2018/20",
            parameters={"shar": "1", "months": "x", "authority": "beta"},
        )  # fmt: skip
    message = str(caught.value)
    assert message.startswith("7 faults in the call:")
    for part in (
        "authority: found 'alpah'; expected one of alpha, beta. Did you mean 'alpha'?",
        "authority: found '../alpha'",
        "notebook: found 'god'; expected one of broken, exits, gaps, good, killed. Did you mean 'good'?",
        "parameter 'shar': found in no parameters cell of good; expected one of months, share.",
        "Did you mean 'share'?",
        "parameter 'months' of good: found 'x' (str); expected int | None, such as None.",
        "parameter 'authority': found under -p; expected elsewhere.",
        "period: found '2018/20'",
    ):
        assert part in message, part


def test_a_parameter_goes_to_the_notebooks_that_declare_it(house, kit, tmp_path):
    kit.write_notebook(tmp_path, "one", parameters=kit.PARAMETERS)
    kit.write_notebook(tmp_path, "two", parameters=kit.PARAMETERS + "extra: list[str] = ['a']\n")
    plan = kit.make_plan(
        ["alpha"], data_dir=house.data, notebooks_dir=tmp_path, parameters={"extra": "['b', 'c']"}
    )
    assert [task.parameters.get("extra") for task in plan.tasks] == [None, ["b", "c"]]


def test_faulty_data_stop_their_authority_alone(house, kit, tmp_path):
    data = tmp_path / "data"
    kit.write_authority(data, "good")
    kit.write_authority(data, "percent", value=-140)
    kit.write_authority(data, "toml")
    (data / "toml/authority.toml").write_text("name = ", encoding="utf-8")
    plan = kit.make_plan(data_dir=data, notebooks_dir=house.notebooks, notebooks=["good"])
    assert [task.authority for task in plan.tasks] == ["good"]
    assert [(fault.authority, type(fault.error)) for fault in plan.faults] == [
        ("percent", DataError),
        ("toml", ConfigError),
    ]
    assert "-140" in str(plan.faults[0].error)


def test_a_period_before_the_data_stops_its_authority(house):
    plan = house.plan("alpha", notebooks=["good"], period="2001/02")
    assert plan.tasks == ()
    assert "2001/02" in str(plan.faults[0].error)


def test_missing_folders(house, kit, tmp_path):
    with pytest.raises(ConfigError, match="notebooks folder: found no folder 'nowhere'"):
        kit.make_plan(data_dir=house.data, notebooks_dir=tmp_path / "nowhere")
    with pytest.raises(ConfigError, match="notebooks folder: found no notebook"):
        kit.make_plan(data_dir=house.data, notebooks_dir=tmp_path)
    with pytest.raises(ConfigError, match="authority: found none"):
        kit.make_plan(data_dir=tmp_path, notebooks_dir=house.notebooks)


def test_a_period_to_compare_with_is_checked_before_anything_runs_and_files_bear_it_in_one_form():
    def plan(text):
        given = {"compare_with": text}
        return make_plan(["islington"], notebooks=["kpi_significance"], parameters=given)

    (task,) = plan("17/18 Q4").tasks
    assert task.parameters["compare_with"] == "Q4 2017/18"
    assert task.report == "kpi_significance-compare-with-q4-2017-18"
    plain = make_plan(["islington"], notebooks=["kpi_significance"]).tasks[0]
    assert (plain.report, plain.fingerprint == task.fingerprint) == ("kpi_significance", False)
    with pytest.raises(ConfigError, match=r"parameter 'compare_with': period: found 'spring'"):
        plan("spring")
    for text, said in (("2018/19", "before the report's own, 2018/19"), ("2001/02", "no data are known")):
        refused = plan(text)
        assert refused.tasks == ()
        assert said in str(refused.faults[0].error)


@pytest.mark.parametrize("name", ["service_group", "team"])
def test_what_a_report_is_cut_to_is_checked_before_anything_runs_and_a_blank_cuts_nothing(name):
    facts = Facts(*("exampleshire", "E", True, "2025/26", "fy2025-26", "", ""), datasets={"kpi": ""})
    facts = replace(facts, names={"service_group": ["AMH"], "team": ["Alder"]})

    def plan(value, **more):
        given = {"notebooks": ["partnership_account"], "parameters": {name: value} | more}
        return make_plan(["exampleshire"], **given, inspecting=lambda asked: [facts])

    for value in ("../x", "{", "All teams", "999 000 0018", "\x1b[31m", "A" * 10_000):
        refused = plan(value)
        assert refused.tasks == ()
        assert f"parameter {name!r}: found" in (said := str(refused.faults[0].error))
        assert len(said) < 250
    (task,) = plan(" \u00a0", compare_with=" ").tasks
    assert (task.report, task.parameters[name]) == ("partnership_account", "")
    (task,) = plan({"service_group": " AMH ", "team": " Alder "}[name]).tasks
    assert not task.report.endswith("-")
    assert task.parameters[name] in ("AMH", "Alder")
