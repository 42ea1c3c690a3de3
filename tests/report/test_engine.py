from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import papermill
import pytest
from papermill.iorw import papermill_io

from s75lib.report.batch import run
from s75lib.report.executor import LocalPool
from s75lib.report.tasks import NO_LIMITS, Limits
from s75lib.report.worker import make_report

HOME = Path(__file__).resolve().parents[2]

SHOWING = (
    "import numpy, pandas, matplotlib.pyplot as plt",
    "plt.plot([1, 3, 2]);",
    "pandas.DataFrame({f'column {n}': [n / 7] for n in range(30)})",
    "from IPython.display import SVG, HTML\nHTML('<b>7</b>')",
    "print(pandas.get_option('display.max_columns'), plt.get_backend())",
    "import sys\nprint('late', file=sys.stderr)",
    "import os; os.path.basename(os.getcwd()), __name__",
)


LOAD = "import s75lib as s75\ndata = s75.load(authority, period, data_dir=data_dir)"
PATCH = "import pandas\npandas.DataFrame.sum = None\nopen('left', 'w').close()"


# A child that leads a session of its own and whose parent has ended: it belongs to nobody.
DETACH = """\
import os, pathlib, subprocess, sys
sleep = "subprocess.Popen(['sleep', '600'], start_new_session=True, stdout=subprocess.DEVNULL)"
code = f"import subprocess; print({sleep}.pid)"
int(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True).stdout)
"""


def outputs(nb: Any) -> list[Any]:
    """What a reader sees, execution counts aside."""
    return [
        [
            {name: value for name, value in output.items() if name != "execution_count"}
            for output in cell.outputs
        ]
        for cell in nb.cells
        if cell.cell_type == "code"
    ]


@pytest.fixture(scope="module")
def pool() -> Any:
    with LocalPool(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def shop(kit, tmp_path_factory) -> Any:
    """An authority, and notebooks that do one thing each."""
    house = kit.House(tmp_path_factory.mktemp("shop"))
    kit.write_authority(house.data, "alpha")
    house.notebooks.mkdir()
    cells = {
        "shows": SHOWING,
        "patches": (PATCH, "import os; os._exit(3)"),
        "plain": ("import pandas\nfloat(pandas.DataFrame({'a': [1, 2]}).sum().iloc[0])",),
        "random": ("import numpy\nnumpy.random.random()",),
        "endless": ("import time, pathlib", "while True: pass", "'never'"),
        "hungry": ("held = []", "while True: held.append(bytearray(10_000_000))", "'never'"),
        "recalls": (
            "secret = 6",
            "history = get_ipython().history_manager\nhistory.writeout_cache()",
            "[line for *_, line in history.get_range(raw=True)]",
            "[line for *_, line in history.search('*secret*')]",
        ),
        "leaves": ("import subprocess\nsubprocess.Popen(['sleep', '600']).pid",),
        "detaches": (DETACH, "subprocess.Popen(['sleep', '600'], start_new_session=True).pid"),
        "detaches_and_dies": (DETACH, "os.kill(os.getpid(), 9)"),
        "detaches_and_kills": (DETACH, "os.kill(os.getppid(), 9)", "import time; time.sleep(60)"),
        "reads": (LOAD, "s75.show(data)",
                  "len(data.kpi), data.has('budget')"),
    }  # fmt: skip
    for name, sources in cells.items():
        kit.write_notebook(house.notebooks, name, *sources)
    return house


def made(shop: Any, pool: Any, name: str, limits: Limits = NO_LIMITS) -> tuple[Any, Any, dict[str, Any]]:
    """The outcome, the notebook and the manifest of one report made in the pool."""
    (task,) = shop.plan("alpha", notebooks=[name]).tasks
    outcome = pool.submit(make_report, task, shop.reports, limits).result(300)
    name += ".failed" if outcome.status == "failed" else ""
    folder = shop.reports / "alpha/fy2018-19"
    manifest = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return outcome, nbformat.read(folder / f"{name}.ipynb", as_version=4), manifest


@pytest.mark.slow
def test_a_forked_kernel_shows_what_a_stock_kernel_shows(shop, pool, tmp_path):
    stock = papermill.execute_notebook(
        str(shop.notebooks / "shows.ipynb"),
        None,
        kernel_name="python3",
        progress_bar=False,
        cwd=str(shop.root),
    )
    _, nb, _ = made(shop, pool, "shows")
    ours, theirs = outputs(nb)[-len(SHOWING) :], outputs(stock)[-len(SHOWING) :]
    assert ours == theirs
    shown = [output for cell in ours for output in cell if "image/png" in output.get("data", {})]
    assert len(shown) == 1


def test_what_one_report_does_touches_no_other(shop, pool):
    outcome, _, manifest = made(shop, pool, "patches")
    assert (outcome.status, manifest["error"]["name"]) == ("failed", "DeadKernelError")
    (shop.root / "left").unlink()
    _, nb, _ = made(shop, pool, "plain")
    assert nb.cells[-1].outputs[0].data["text/plain"] == "3.0"


def test_kernels_draw_random_numbers_of_their_own(shop, pool):
    drawn = {made(shop, pool, "random")[1].cells[-1].outputs[0].data["text/plain"] for _ in range(2)}
    assert len(drawn) == 2


def test_a_time_limit_ends_a_cell_that_never_ends(shop, pool):
    outcome, nb, manifest = made(shop, pool, "endless", Limits(seconds=3))
    assert outcome.error.startswith("cell 5")
    assert manifest["error"]["name"] == "ReportTimeoutError"
    assert manifest["error"]["message"] == "The report took longer than its limit of 3 seconds."
    assert nb.cells[-1].metadata.papermill.status == "pending"
    assert nb.cells[manifest["error"]["cell"] - 1].source == "while True: pass"


def test_a_memory_limit_is_an_error_of_the_cell(shop, pool):
    _, nb, manifest = made(shop, pool, "hungry", Limits(memory=300_000_000))
    assert manifest["error"]["name"] == "MemoryError"
    assert nb.cells[manifest["error"]["cell"] - 1].source.startswith("while True")
    assert nb.cells[-1].metadata.papermill.status == "pending"


def test_what_a_report_ran_is_kept_in_no_history_of_commands(shop, pool):
    _, nb, _ = made(shop, pool, "recalls")
    assert "secret = 6" in nb.cells[-2].outputs[0].data["text/plain"]
    assert nb.cells[-1].outputs[0].data["text/plain"] == "[]"


@pytest.mark.parametrize("name", ["leaves", "detaches", "detaches_and_dies", "detaches_and_kills"])
def test_what_a_kernel_started_ends_with_it(shop, pool, name):
    _, nb, manifest = made(shop, pool, name)
    shown = [o.data["text/plain"] for c in nb.cells for o in c.get("outputs", []) if "data" in o]
    assert len(shown) == {"leaves": 1, "detaches": 2}.get(name, 1)
    assert [pid for pid in map(int, shown) if alive(pid)] == []
    if "and" in name:
        assert manifest["error"]["name"] == "DeadKernelError"
    assert made(shop, pool, "plain")[0].status == "ok"  # of the same parent


def alive(pid: int) -> bool:
    """Whether a process runs on; what was killed a moment ago may take another to go."""
    status, until = Path(f"/proc/{pid}/stat"), time.monotonic() + 5
    while time.monotonic() < until:
        if not status.exists() or status.read_text().split()[2] == "Z":
            return False
        time.sleep(0.05)
    return True


def test_the_datasets_that_were_looked_at_are_known(shop, pool):
    _, _, manifest = made(shop, pool, "reads")
    assert {"budget", "kpi"} <= set(manifest["reads"])
    assert not {"packages", "activity"} & set(manifest["reads"])
    assert [item["dataset"] for item in manifest["inputs"]] == ["kpi"]
    assert made(shop, pool, "plain")[2]["reads"] is None


ASSUMPTIONS = "assumption,low,central,high,unit,source\nhours_per_review,4,{},7,hours,time study\n"


def test_changing_one_dataset_makes_again_what_reads_it_and_no_more(kit, pool, tmp_path):
    house = kit.House(tmp_path)
    kit.write_authority(house.data, "alpha")
    changing = house.data / "alpha/assumptions.csv"
    changing.write_text(ASSUMPTIONS.format(5), encoding="utf-8")
    house.notebooks.mkdir()
    kit.write_notebook(house.notebooks, "a_head", LOAD, "s75.show(data)", "len(data.kpi)")
    kit.write_notebook(house.notebooks, "b_hours", LOAD, "float(data.assumptions['central'].sum())")

    def ran() -> list[str]:
        return [outcome.status for outcome in run(house.plan("alpha"), house.reports, pool=pool)]

    assert ran() == ["ok", "ok"]
    assert ran() == ["unchanged", "unchanged"]
    changing.write_text(ASSUMPTIONS.format(6), encoding="utf-8")
    assert ran() == ["unchanged", "ok"]
    kit.write_kpi(house.data, "alpha", 64)
    assert ran() == ["ok", "unchanged"]


def test_papermill_reads_and_writes_notebooks_at_addresses_with_the_engine(kit, tmp_path, monkeypatch):
    kept: dict[str, str] = {}
    monkeypatch.setattr(papermill_io, "_handlers", list(papermill_io._handlers))
    papermill_io.register(
        "kept://",
        SimpleNamespace(
            read=kept.__getitem__,
            write=lambda text, address: kept.update({address: text}),
            pretty_path=str,
            listdir=None,
        ),
    )
    source = kit.write_notebook(tmp_path, "sum", "months + 1")
    kept["kept://bucket/sum.ipynb"] = source.read_text(encoding="utf-8")
    papermill.execute_notebook(
        "kept://bucket/sum.ipynb", "kept://bucket/out.ipynb", {"months": 41}, engine_name="s75",
        kernel_name="python3", progress_bar=False,
    )  # fmt: skip
    nb = nbformat.reads(kept["kept://bucket/out.ipynb"], as_version=4)
    assert nb.cells[-1].outputs[0].data["text/plain"] == "42"


def test_papermill_finds_the_engine_by_its_entry_point_and_tells_a_quiet_exit(kit, tmp_path):
    source = kit.write_notebook(tmp_path, "exits", "import sys; sys.exit(0)", "'never'")
    command = [sys.executable, "-m", "papermill", "--engine", "s75", str(source), str(tmp_path / "out.ipynb")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
    assert ended.returncode == 1
    assert "SystemExit" in ended.stderr
    nb = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert [cell.metadata.papermill.status for cell in nb.cells[-2:]] == ["failed", "pending"]


@pytest.mark.slow
def test_started_kernels_give_the_same_and_end_with_the_run(shop, pool, monkeypatch):
    _, forked, manifest = made(shop, pool, "shows")
    monkeypatch.setenv("S75_FORK", "0")
    monkeypatch.setenv("S75_TEST", "started")
    with LocalPool(1) as started:
        _, first, again = made(shop, started, "shows")
        assert made(shop, started, "patches")[2]["error"]["name"] == "DeadKernelError"
        assert made(shop, started, "plain")[1].cells[-1].outputs[0].data["text/plain"] == "3.0"
        assert len(running()) == 2  # the worker, and a kernel that is ready for the next report
    assert outputs(forked) == outputs(first)
    assert manifest["results"] == again["results"]
    until = time.monotonic() + 10
    while running() and time.monotonic() < until:
        time.sleep(0.1)
    assert running() == []
    (shop.root / "left").unlink()


def running() -> list[str]:
    """Processes with the mark of the test, this one and Python's own trackers aside."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"S75_TEST=started" in told[0] and b"resource_tracker" not in told[1]:
            found.append(told[1].decode())
    return found


@pytest.mark.slow
def test_a_forked_kernel_has_nothing_left_to_import_when_it_runs_a_notebook_of_ours():
    """What a kernel imports for itself, every report pays for."""
    script = """
import os, sys, tempfile
from s75lib.report import warm
warm.set_threads()
warm.preload()
import nbformat
nb = nbformat.read("notebooks/budget_deep_dive.ipynb", as_version=4)
before = set(sys.modules)
if os.fork() == 0:
    from ipykernel.kernelapp import IPKernelApp
    folder = tempfile.mkdtemp()
    app = IPKernelApp.instance(transport="ipc", ip=f"{folder}/k")
    app.initialize(["-f", f"{folder}/k.json"])
    warm._as_if_imported_here(app.shell)
    for cell in nb.cells:
        if cell.cell_type == "code":
            assert app.shell.run_cell(cell.source, store_history=True).success
    print("found", sorted(set(sys.modules) - before), file=sys.__stdout__, flush=True)
    os._exit(0)
os.wait()
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=HOME, check=True)
    assert [line for line in run.stdout.splitlines() if line.startswith("found")] == ["found []"]
