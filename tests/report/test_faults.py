from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from s75lib.errors import ConfigError
from s75lib.report import batch, executor, fingerprint, store, worker
from s75lib.report.batch import run
from s75lib.report.fingerprint import Memory
from s75lib.report.store import Place, locked, seal_of

WAITS = """\
import os, pathlib, time
pathlib.Path("running").write_text(str(os.getpid()))
while not pathlib.Path("go").exists():
    time.sleep(0.05)
"""


@pytest.fixture
def shop(kit, tmp_path) -> Any:
    """One authority and two notebooks: one waits for a file, one comes after it."""
    house = kit.House(tmp_path / "shop")
    kit.write_authority(house.data, "alpha")
    house.notebooks.mkdir()
    kit.write_notebook(house.notebooks, "a_waits", kit.SETUP, WAITS)
    for name in ("b_after", "c_after", "d_after"):
        kit.write_notebook(house.notebooks, name, kit.SETUP)
    return house


@pytest.fixture
def started(shop) -> Any:
    """The command at work on the notebook that waits, with one job."""
    command = [
        sys.executable,
        "-c",
        "from s75lib.cli import main; main()",
        "run",
        "--jobs",
        "1",
        "--json-lines",
    ]
    process = subprocess.Popen(
        command, cwd=shop.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"TMPDIR": str(shop.root)},
    )  # fmt: skip
    until = time.monotonic() + 300
    while not (shop.root / "running").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
    yield process
    process.kill()
    process.communicate()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False


def ended(pid: int) -> bool:
    until = time.monotonic() + 10
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def left_behind(house: Any) -> list[Path]:
    return [*house.reports.rglob("*.tmp"), *house.reports.rglob(".s75.lock"), *house.root.glob("s75-*")]


@pytest.mark.slow
def test_one_interrupt_finishes_what_runs_and_writes_the_index(shop, started):
    started.send_signal(signal.SIGINT)
    time.sleep(0.5)
    (shop.root / "go").touch()
    said, wrong = started.communicate(timeout=300)
    assert started.returncode == 130
    done = {line["notebook"]: line["status"] for line in map(json.loads, said.splitlines())}
    assert done["a_waits"] == "ok"
    assert len(done) < 4
    assert "not made; what is finished is kept" in wrong
    assert "a_waits.html" in (shop.reports / "index.html").read_text(encoding="utf-8")
    assert left_behind(shop) == []
    memory = Memory(shop.reports)
    left = [
        task.notebook for task in shop.plan("alpha").tasks if not batch._current(task, shop.reports, memory)
    ]
    assert sorted([*done, *left]) == ["a_waits", "b_after", "c_after", "d_after"]


@pytest.mark.parametrize(
    ("signals", "status"), [((signal.SIGINT, signal.SIGINT), 130), ((signal.SIGTERM,), 143)]
)
@pytest.mark.slow
def test_two_interrupts_or_a_termination_stop_at_once_and_leave_no_orphan(shop, started, signals, status):
    kernel = int((shop.root / "running").read_text())
    assert alive(kernel)
    for signum in signals:
        started.send_signal(signum)
        time.sleep(0.5)
    started.communicate(timeout=60)
    assert started.returncode == status
    assert ended(kernel)
    assert (shop.reports / "index.html").exists()
    assert left_behind(shop) == []


def test_a_run_removes_what_a_killed_run_has_left_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(executor.tempfile, "tempdir", str(tmp_path))
    other = tmp_path / "other"
    other.mkdir()
    held = executor._PrivateFolder()
    left, new, link = (tmp_path / f"s75-run-{name}" for name in ("left", "new", "link"))
    for folder in (left, new):
        folder.mkdir()
        (folder / "shared-1").touch()
    link.symlink_to(other)
    for folder in (left, held.path, other):
        os.utime(folder, (1, 1))
    again = executor._PrivateFolder()
    assert set(tmp_path.iterdir()) == {held.path, new, link, other, again.path}
    for folder in (held, again):
        folder.close()
    assert set(tmp_path.iterdir()) == {new, link, other}


@pytest.mark.slow
def test_a_killed_command_leaves_no_orphan_and_no_lock(shop, started):
    kernel = int((shop.root / "running").read_text())
    started.kill()
    started.wait()
    assert ended(kernel)
    with locked(shop.reports):
        pass


def test_two_runs_into_one_folder_one_is_told_whose_it_is(shop, tmp_path):
    tmp_path = tmp_path / "reports"
    tmp_path.mkdir()
    with locked(tmp_path):
        with (
            pytest.raises(ConfigError, match=rf"in use by .*, process {os.getpid()}, since"),
            locked(tmp_path),
        ):
            pass
        with pytest.raises(ConfigError, match="one run at a time"):
            run(shop.plan("alpha"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_is_a_link_is_refused_and_what_it_leads_to_stays(tmp_path):
    other, out = tmp_path / "accounts.txt", tmp_path / "reports"
    other.write_text("all that is known")
    out.mkdir()
    (out / ".s75.lock").symlink_to(other)
    with pytest.raises(ConfigError, match="cannot be written"), locked(out):
        pass
    assert other.read_text() == "all that is known"


def test_a_lock_is_given_up_at_the_end_and_after_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), locked(tmp_path):
        (tmp_path / "gone").read_text()
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path):
        pass


def test_a_long_name_in_a_lock_that_is_left_is_written_over(tmp_path):
    (tmp_path / ".s75.lock").write_text("x" * 1000)
    with locked(tmp_path):
        assert "x" * 200 not in (tmp_path / ".s75.lock").read_text()


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(shop, monkeypatch):
    def refuse(*call: Any) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(store, "_open_locked", refuse)
    with pytest.raises(ConfigError, match=r"cannot be written .Read-only file system"):
        run(shop.plan("alpha"), shop.reports)


@pytest.fixture
def quick(monkeypatch, kit) -> None:
    """Reports are made here and without a kernel."""
    cell = kit.new_code_cell("x", outputs=[kit.shown(kit.report_part()), kit.shown(kit.HEADLINES)])
    monkeypatch.setattr(worker, "_execute", lambda task, limits: kit.executed(cell))

    def here(tasks: Any, work: Any) -> Any:
        return (worker.make_report(task, work.out) for task in tasks)

    monkeypatch.setattr(batch, "_made", here)


@pytest.mark.usefixtures("quick")
def test_a_full_disk_fails_the_report_keeps_the_earlier_one_and_leaves_nothing(shop, monkeypatch):
    plan = shop.plan("alpha", notebooks=["b_after"])
    assert [outcome.status for outcome in run(plan, shop.reports)] == ["ok"]
    folder = shop.reports / "alpha/fy2018-19"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    real = os.fsync
    monkeypatch.setattr(store.os, "fsync", full)
    (failed,) = [worker.make_report(task, shop.reports) for task in plan.tasks]
    monkeypatch.setattr(store.os, "fsync", real)
    assert failed.status == "failed"
    assert "No space left on device" in failed.error
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert left_behind(shop) == []


FULL = """\
import resource, sys
from s75lib.report import batch, worker
from s75lib.errors import RunError
from s75lib.report.plan import make_plan
from nbformat.v4 import new_notebook
plan = make_plan(["alpha"], notebooks=["b_after", "c_after"], data_dir="data", notebooks_dir="notebooks")
worker._execute = lambda task, limits: new_notebook()
batch._made = lambda tasks, work: (worker.make_report(task, work.out) for task in tasks)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), hard))
try:
    print([outcome.error or outcome.status for outcome in batch.run(plan, "reports", force=True)])
except RunError as error:
    print(error)
"""


@pytest.mark.slow
def test_files_that_may_not_grow_are_told_and_what_stood_there_stays(shop):
    def made(most: int) -> str:
        command = [sys.executable, "-c", FULL, str(most)]
        ended = subprocess.run(
            command, cwd=shop.root, capture_output=True, text=True, timeout=300, check=True
        )
        return ended.stdout

    def held() -> dict[str, bytes]:
        files = (path for path in shop.reports.rglob("*") if path.is_file() and path.name != fingerprint.FILE)
        return {path.name: path.read_bytes() for path in files}

    assert made(10**9).startswith("['ok', 'ok']")
    before = held()
    assert "b_after.html" in before
    assert "index.html" in before
    for most in (100, 5_000):
        said = made(most)
        assert "File too large" in said
        assert "Traceback" not in said
        assert held() == before
        assert left_behind(shop) == []
    assert made(10**9).startswith("['ok', 'ok']")


@pytest.mark.usefixtures("quick")
def test_a_disk_that_fills_in_the_middle_of_a_run_fails_what_it_hits_and_the_next_run_makes_just_that(
    shop, monkeypatch
):
    plan = shop.plan("alpha", notebooks=["b_after", "c_after", "d_after"])
    hit = Place.of(plan.tasks[1], shop.reports).file("ipynb").name
    real = Path.open

    def full(self: Path, *call: Any, **more: Any) -> Any:
        if hit.removesuffix(".ipynb") in self.name and self.suffix == ".tmp":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(self, *call, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        assert [outcome.status for outcome in run(plan, shop.reports)] == ["ok", "failed", "ok"]
    assert left_behind(shop) == []
    assert [outcome.status for outcome in run(plan, shop.reports)] == ["unchanged", "ok", "unchanged"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("step", range(7))
def test_power_lost_at_any_write_leaves_whole_files_and_the_next_run_puts_it_right(shop, monkeypatch, step):
    """Three files are synchronised and three renamed; the power goes before one of these steps, or after."""
    plan = shop.plan("alpha", notebooks=["b_after"])
    run(plan, shop.reports)
    paths = [shop.reports / f"alpha/fy2018-19/b_after.{ending}" for ending in ("ipynb", "html", "json")]
    old, new = [path.read_text() for path in paths], ["new notebook", "new page", "{}"]
    files = {"ipynb": new[0], "html": new[1], "json": new[2]}
    steps = iter(range(7))

    def until_the_cut(real: Any) -> Any:
        def guarded(*call: Any) -> Any:
            if next(steps) == step:
                raise KeyboardInterrupt  # nothing after this is done
            return real(*call)

        return guarded

    with monkeypatch.context() as patched:
        patched.setattr(store.os, "fsync", until_the_cut(os.fsync))
        patched.setattr(Path, "replace", until_the_cut(Path.replace))
        with pytest.raises(KeyboardInterrupt):
            Place.of(plan.tasks[0], shop.reports).write(files)
    renamed = max(step - 3, 0)
    assert [path.read_text() for path in paths] == new[:renamed] + old[renamed:]
    assert [outcome.status for outcome in run(plan, shop.reports)] == ["ok" if renamed else "unchanged"]
    assert [outcome.status for outcome in run(plan, shop.reports)] == ["unchanged"]
    assert left_behind(shop) == []


@pytest.mark.usefixtures("quick")
def test_an_output_folder_removed_while_running_is_made_again(shop, monkeypatch):
    plan = shop.plan("alpha", notebooks=["b_after", "c_after"])
    events: list[Any] = []

    def remove(event: Any) -> None:
        events.append(event)
        if len(events) == 1:
            shutil.rmtree(shop.reports)

    outcomes = run(plan, shop.reports, on_event=remove)
    assert [outcome.status for outcome in outcomes] == ["ok", "ok"]
    assert "c_after.html" in (shop.reports / "index.html").read_text(encoding="utf-8")
    again = run(plan, shop.reports)
    assert [outcome.status for outcome in again] == ["ok", "unchanged"]


@pytest.mark.usefixtures("quick")
def test_an_edited_manifest_is_made_again_and_a_lost_memory_costs_nothing_else(shop):
    plan = shop.plan("alpha", notebooks=["b_after"])
    run(plan, shop.reports)
    path = shop.reports / "alpha/fy2018-19/b_after.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    assert manifest["seal"] == seal_of(manifest)
    manifest["headlines"][0]["text"] = "All is well."
    assert manifest["seal"] != seal_of(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert [outcome.status for outcome in run(plan, shop.reports)] == ["ok"]
    for content in ("", "[]", '{"made_by": 1}', None):
        memory = shop.reports / fingerprint.FILE
        memory.unlink() if content is None else memory.write_text(content, encoding="utf-8")
        assert [outcome.status for outcome in run(plan, shop.reports)] == ["unchanged"]


def test_a_seal_is_of_what_is_said_not_of_how_it_is_written():
    assert seal_of({"a": 1, "b": [2]}) == seal_of({"b": [2], "a": 1, "seal": "x"})


@pytest.mark.parametrize("jump", [-(10**10), 0, 10**18])
def test_a_digest_is_of_the_content_whatever_the_clock_does(tmp_path, monkeypatch, jump):
    path = tmp_path / "kpi.csv"
    real = time.time_ns
    monkeypatch.setattr(fingerprint.time, "time_ns", lambda: real() + jump)
    memory, seen = Memory(tmp_path), set()
    for content in ("one", "two", "six"):
        path.write_text(content)
        os.utime(path, ns=(10**18, 10**18))  # the same size and the same time of change as before
        seen.add(memory.digest(path))
        assert memory.digest(path) == store.digest_of(path)
    assert len(seen) == 3


@pytest.mark.parametrize(("after", "kept"), [(2_000_000_000, False), (2_000_000_001, True)])
def test_a_digest_is_kept_of_a_file_that_stood_for_more_than_two_seconds(tmp_path, monkeypatch, after, kept):
    path = tmp_path / "kpi.csv"
    path.write_text("one")
    stat = path.stat()
    looked = max(stat.st_mtime_ns, stat.st_ctime_ns) + after
    monkeypatch.setattr(fingerprint.time, "time_ns", lambda: looked)
    memory = Memory(tmp_path)
    first = memory.digest(path)
    read = []
    monkeypatch.setattr(fingerprint, "digest_of", lambda path: read.append(path) or first)
    assert memory.digest(path) == first
    assert (read == []) == kept
    memory.save()
    read.clear()
    assert Memory(tmp_path).digest(path) == first
    assert (read == []) == kept


def test_facts_are_kept_for_their_folder_period_and_state_alone(tmp_path):
    facts = fingerprint.Facts("a", "A", False, "2018/19", "fy2018-19", "", "", {"kpi": "ab"})
    memory = Memory(tmp_path)
    memory.keep_facts(tmp_path / "a", "", "state", facts)
    memory.keep_facts(tmp_path / "b", "", "state", replace(facts, files=False))
    memory.save()
    memory = Memory(tmp_path)
    assert memory.facts(tmp_path / "a", "", "state") == facts
    for folder, period, state in (("a", "", "other"), ("a", "2018/19", "state"), ("b", "", "state")):
        assert memory.facts(tmp_path / folder, period, state) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("api_key", "abc"), ("db_password", "zq9"), ("source", "postgresql://ann:hunter2@db/x")],
)
def test_a_secret_is_refused_and_not_repeated(shop, kit, name, value):
    kit.write_notebook(shop.notebooks, "keyed", parameters=kit.PARAMETERS + f"{name}: str = ''\n")
    with pytest.raises(ConfigError, match="looks like a secret") as caught:
        shop.plan("alpha", notebooks=["keyed"], parameters={name: value})
    assert value not in str(caught.value)
