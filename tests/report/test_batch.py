from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import pytest

from s75lib.errors import ConfigError
from s75lib.report import batch, worker
from s75lib.report.batch import run
from s75lib.report.executor import LocalPool
from s75lib.report.fingerprint import Memory
from s75lib.report.tasks import NO_LIMITS, Limits


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def files(folder: Path) -> set[str]:
    """All files but what the run keeps for itself."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {".s75.json"}


def test_every_report_is_made_whatever_befalls_the_others(made):
    fates = {
        "good": "ok",
        "gaps": "not_applicable",
        "broken": "failed",
        "killed": "failed",
        "exits": "failed",
    }
    alpha = {("alpha", notebook): fate for notebook, fate in fates.items()}
    expected = alpha | {("beta", "good"): "ok"}
    assert {(o.task.authority, o.task.notebook): o.status for o in made.outcomes} == expected


def test_three_files_for_a_report_three_for_a_failure_and_nothing_else(made):
    good = {f"{name}.{ending}" for name in ("good", "gaps") for ending in ("html", "ipynb", "json")}
    bad = {f"{n}.failed.{e}" for n in ("broken", "killed", "exits") for e in ("html", "ipynb", "json")}
    expected = {f"alpha/fy2018-19/{name}" for name in good | bad}
    expected |= {f"beta/fy2018-19/good.{ending}" for ending in ("html", "ipynb", "json")}
    assert files(made.reports) == expected | {"index.html"}


def test_events_tell_each_report_once_done(made):
    assert {event.outcome.task for event in made.events} == {outcome.task for outcome in made.outcomes}
    assert [event.done for event in made.events] == list(range(1, 7))
    assert {event.total for event in made.events} == {6}


def test_outcome_carries_what_the_command_line_shows(made):
    outcome = made.outcome("alpha", "good")
    assert outcome.headlines[0] == "Reviews rose by 3 points."
    assert (outcome.checks_passed, outcome.checks_failed) == (1, 1)
    assert outcome.path == made.reports / "alpha/fy2018-19/good.html"
    assert outcome.seconds > 0
    assert outcome.error == ""


def test_a_failure_names_cell_section_and_error_without_paths(made):
    error = made.outcome("alpha", "broken").error
    assert error == "cell 7, “The fall”: FileNotFoundError: [Errno 2] No such file or directory: 'secret.csv'"


def test_a_killed_kernel_is_told_from_the_cell_that_was_running(made):
    manifest = made.manifest("alpha", "killed.failed")
    nb = nbformat.read(made.reports / "alpha/fy2018-19/killed.failed.ipynb", as_version=4)
    cell = nb.cells[manifest["error"]["cell"] - 1]
    assert "SIGKILL" in cell.source
    assert "os.getpid()" in cell.source
    assert manifest["error"]["name"] == "DeadKernelError"
    assert cell.metadata.papermill.status == "failed"
    assert nb.cells[-1].metadata.papermill.status == "pending"
    assert manifest["timings"]["cells"][-1] is None


def test_a_notebook_that_exits_quietly_is_a_failure(made):
    manifest = made.manifest("alpha", "exits.failed")
    nb = nbformat.read(made.reports / "alpha/fy2018-19/exits.failed.ipynb", as_version=4)
    assert nb.cells[-1].execution_count is None
    assert nb.cells[manifest["error"]["cell"] - 1].source == "sys.exit(0)"


def test_no_cell_of_a_written_notebook_bears_a_name_drawn_by_chance(made):
    """One such as 45380e05 is a valid NHS number to the gate, which then withheld a sound report."""
    own = {cell.id for path in made.notebooks.glob("*.ipynb") for cell in nbformat.read(path, 4).cells}
    for path in made.reports.glob("*/*/good.ipynb"):
        assert {cell.id for cell in nbformat.read(path, 4).cells} - own == {"injected-parameters"}


def test_executed_notebook_holds_no_path_of_the_machine(made):
    for path in made.reports.rglob("*.ipynb"):
        assert str(made.root.parent) not in text(path), path.name
        assert "/srv/nowhere" not in json.dumps([c.get("outputs") for c in json.loads(text(path))["cells"]])


def test_the_data_folder_is_given_by_name(made):
    assert made.manifest("alpha", "good")["parameters"] == {
        "authority": "alpha",
        "period": "2018/19",
        "data_dir": "data",
    }


def test_one_thread_for_each_worker(monkeypatch, tmp_path):
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "PYTHONHASHSEED", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, "9")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "0")
    monkeypatch.setenv("MKL_NUM_THREADS", "9")
    monkeypatch.setenv("NUMEXPR_NUM_THREADS", "9")
    worker.set_up(str(tmp_path))
    assert os.environ["OPENBLAS_NUM_THREADS"] == os.environ["OMP_NUM_THREADS"] == "1"


def test_a_second_run_makes_only_what_failed_and_a_failure_keeps_the_earlier_report(copy, kit):
    """One story on one house: run again; let a good report fail; let it recover."""
    plan = copy.plan("alpha", notebooks=["good", "gaps"])
    moved = run(plan, copy.reports, jobs=1)
    assert [outcome.status for outcome in moved] == ["unchanged", "unchanged"]
    assert moved[0].headlines == copy.outcome("alpha", "good").headlines

    before = text(copy.reports / "alpha/fy2018-19/good.html")
    source = copy.notebooks / "good.ipynb"
    sound = text(source)
    kit.write_notebook(copy.notebooks, "good", kit.SETUP, "## Ruin", "1 / 0")
    (failed,) = run(copy.plan("alpha", notebooks=["good"]), copy.reports, jobs=1)
    assert failed.status == "failed"
    assert failed.error == "cell 6, “Ruin”: ZeroDivisionError: division by zero"
    assert text(copy.reports / "alpha/fy2018-19/good.html") == before
    assert failed.path.name == "good.failed.html"
    index = text(copy.reports / "index.html")
    assert "alpha/fy2018-19/good.failed.ipynb" in index
    assert "An earlier run: the latest failed." in index

    source.write_text(sound, encoding="utf-8")
    (back,) = run(copy.plan("alpha", notebooks=["good"]), copy.reports, jobs=1)
    assert back.status == "unchanged"
    assert not list((copy.reports / "alpha/fy2018-19").glob("good.failed.*"))


@pytest.fixture
def no_workers(monkeypatch):
    """Any report that would be made is a failure of the test."""

    def refuse(tasks, *rest):
        assert not tasks, f"would make {[task.notebook for task in tasks]}"
        return iter(())

    monkeypatch.setattr(batch, "_made", refuse)


@pytest.mark.usefixtures("no_workers")
def test_current_reports_are_left_to_the_byte(copy):
    before = {name: (copy.reports / name).read_bytes() for name in files(copy.reports)}
    run(copy.plan("alpha", notebooks=["good", "gaps"]), copy.reports)
    assert {name: (copy.reports / name).read_bytes() for name in files(copy.reports)} == before


@pytest.mark.parametrize("force", [False, True])
def test_force_makes_current_reports_again(copy, monkeypatch, force):
    asked = []
    monkeypatch.setattr(batch, "_made", lambda tasks, *rest: asked.extend(tasks) or iter(()))
    plan = copy.plan("alpha", notebooks=["good"])
    assert len(run(plan, copy.reports, force=force)) == int(not force)  # nothing comes of what is asked for
    assert len(asked) == int(force)


def change_data(house, kit):
    kit.write_kpi(house.data, "alpha", 64)


def change_settings(house, kit):
    (house.data / "alpha/authority.toml").write_text('name = "Alpha"\nsynthetic = true\n', encoding="utf-8")


def change_notebook(house, kit):
    kit.write_notebook(house.notebooks, "good", kit.SETUP, "2")


def edit_report(house, kit):
    with (house.reports / "alpha/fy2018-19/good.html").open("a") as file:
        file.write("edited")


def remove_notebook(house, kit):
    (house.reports / "alpha/fy2018-19/good.ipynb").unlink()


def cut_manifest(house, kit):
    path = house.reports / "alpha/fy2018-19/good.json"
    path.write_text(text(path)[:200], encoding="utf-8")


@pytest.mark.parametrize(
    "change", [change_data, change_settings, change_notebook, edit_report, remove_notebook, cut_manifest]
)
def test_a_report_is_current_only_while_all_that_made_it_and_all_of_it_stand(copy, kit, change):
    assert batch._current(copy.outcome("alpha", "good").task, copy.reports, Memory(copy.reports)) is not None
    change(copy, kit)
    (task,) = copy.plan("alpha", notebooks=["good"]).tasks
    assert batch._current(task, copy.reports, Memory(copy.reports)) is None


def test_parameters_and_code_are_part_of_the_fingerprint(house, monkeypatch):
    (plain,) = house.plan("alpha", notebooks=["good"]).tasks
    (other,) = house.plan("alpha", notebooks=["good"], parameters={"share": "0.6"}).tasks
    monkeypatch.setattr("s75lib.report.plan.code_digest", lambda: "other code")
    (newer,) = house.plan("alpha", notebooks=["good"]).tasks
    assert len({plain.fingerprint, other.fingerprint, newer.fingerprint}) == 3


def test_a_worker_that_dies_fails_alone(house, tmp_path, monkeypatch):
    calls = []

    def pooled(tasks, *rest):
        calls.append([task.notebook for task in tasks])
        for task in tasks:
            if task.notebook == "killed":
                return  # as a pool whose worker died
            yield batch.Outcome(task, "ok", 1.0)

    monkeypatch.setattr(batch, "_pooled", pooled)
    tasks = house.plan("alpha", notebooks=["good", "killed", "gaps"]).tasks
    work = batch._Work(tmp_path, 2, NO_LIMITS, batch._Stop(), LocalPool(2))
    outcomes = {o.task.notebook: o for o in batch._made(tasks, work)}
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        "good": "ok",
        "killed": "failed",
        "gaps": "ok",
    }
    assert outcomes["killed"].error.endswith("RunError: The worker process died.")
    manifest = json.loads(text(tmp_path / "alpha/fy2018-19/killed.failed.json"))
    assert manifest["status"] == "failed"
    assert calls == [["good", "killed", "gaps"], ["killed"], ["gaps"]]


def test_a_page_that_cannot_be_made_is_a_failure_in_the_index(house, kit, tmp_path, monkeypatch):
    (task,) = house.plan("alpha", notebooks=["good"]).tasks
    nonsense = kit.shown({**kit.CHECKS, "items": [{"id": 1, "passed": True, "detail": "Lines add up."}]})
    nb = kit.executed(kit.new_code_cell("x", outputs=[nonsense]))
    monkeypatch.setattr(worker, "_execute", lambda task, limits: nb)
    outcome = worker.make_report(task, tmp_path)
    assert outcome.status == "failed"
    assert "RunError: The manifest does not fit its schema" in outcome.error
    assert files(tmp_path) == {f"alpha/fy2018-19/good.failed.{end}" for end in ("html", "ipynb", "json")}


def test_a_report_that_cannot_be_written_is_an_outcome_not_a_crash(house, tmp_path, monkeypatch):
    (task,) = house.plan("alpha", notebooks=["good"]).tasks
    monkeypatch.setattr(worker, "_execute", lambda task, limits: nbformat.v4.new_notebook())
    (tmp_path / "alpha").write_text("a file where the folder should be", encoding="utf-8")
    outcome = worker.make_report(task, tmp_path)
    assert outcome.status == "failed"
    assert "could not be written" in outcome.error
    assert str(tmp_path) not in outcome.error


def test_bad_calls(house, tmp_path):
    plan = house.plan("alpha", notebooks=["good"])
    with pytest.raises(ConfigError, match="jobs: found 0; expected 1 or more"):
        run(plan, tmp_path, jobs=0)
    with pytest.raises(ConfigError, match=r"found the address 's3:/bucket/out'"):
        run(plan, Path("s3://bucket/out"))
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="output folder"):
        run(plan, tmp_path / "file" / "reports")


def test_a_memory_limit_is_refused_where_it_cannot_be_held(house, tmp_path, monkeypatch):
    monkeypatch.setattr(batch.sys, "platform", "darwin")
    with pytest.raises(ConfigError, match="memory limit: found one on darwin"):
        run(house.plan("alpha", notebooks=["good"]), tmp_path, limits=Limits(memory=1))
