"""What a report costs, four ways: the command loop, papermill's interface, the engine, and the floor.

Run by hand: ``python tests/benchmarks/run_engine.py [AUTHORITY…] [--ways engine,floor] [--jobs 2]``; all
authorities by default. CPU-seconds are of the whole tree of processes, what they import included; memory is
the highest sum of their proportional set sizes. The loop and papermill's interface have the environment that
they are given, as users run them; the floor is one process with one thread that imports what it needs and no
more. The first line says what the cost of importing hangs on: whether Python may keep its bytecode
(PYTHONDONTWRITEBYTECODE unset), and whether a grammar of web addresses that comes with JupyterLab is there.
``reference`` are the CPU-seconds of one fixed loop, before and after: a machine shared with others may be
half as fast as it was a minute ago, and figures compare only as far as these are alike.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WAYS = ("loop", "papermill", "engine", "floor", "again")


def pairs(authorities: list[str]) -> list[tuple[str, Path]]:
    return [(who, path) for who in authorities for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]


def loop(authorities: list[str], out: Path, jobs: int) -> None:
    """A command for each step, as in a shell script."""
    for who, path in pairs(authorities):
        made = out / f"{who}-{path.stem}.ipynb"
        run = [sys.executable, "-m", "papermill", "--no-progress-bar", path, made, "-p", "authority", who]
        subprocess.run(run, check=True, capture_output=True)
        export = [sys.executable, "-m", "nbconvert", "--to", "s75", made]
        subprocess.run(export, check=True, capture_output=True)


def papermill(authorities: list[str], out: Path, jobs: int) -> None:
    """Papermill and nbconvert by their Python interface, in one process."""
    import nbformat
    import papermill as pm

    from s75lib.report.exporter import S75Exporter

    for who, path in pairs(authorities):
        made = out / f"{who}-{path.stem}.ipynb"
        pm.execute_notebook(path, made, {"authority": who}, progress_bar=False)
        page, _ = S75Exporter().from_notebook_node(nbformat.read(made, as_version=4))
        made.with_suffix(".html").write_text(page, encoding="utf-8")


def engine(authorities: list[str], out: Path, jobs: int) -> None:
    """The command, everything made."""
    command = [sys.executable, "-c", "from s75lib.cli import main; main()", "run", *authorities]
    subprocess.run([*command, "--quiet", "--jobs", str(jobs), "--out", out, "--force"], check=True)


def again(authorities: list[str], out: Path, jobs: int) -> None:
    """The command once more: everything is current."""
    command = [sys.executable, "-c", "from s75lib.cli import main; main()", "run", *authorities]
    subprocess.run([*command, "--quiet", "--out", out], check=True)


def floor(authorities: list[str], out: Path, jobs: int) -> None:
    """The notebooks' code as plain functions in this process, and the export; no kernel, no messages."""
    from s75lib.report.warm import lean, set_threads

    set_threads()
    with lean():
        import nbformat
        from nbformat.v4 import new_output

    shown = importlib.import_module("s75lib.present.section")
    from s75lib.report.exporter import S75Exporter

    outputs: list[object] = []
    shown.display = lambda part: outputs.append(new_output("display_data", data=part._repr_mimebundle_()))
    for who, path in pairs(authorities):
        nb, names = nbformat.read(path, as_version=4), {}
        for count, cell in enumerate((cell for cell in nb.cells if cell.cell_type == "code"), start=1):
            outputs.clear()
            exec(compile(cell.source, path.stem, "exec"), names)
            if "parameters" in cell.metadata.get("tags", []):
                names["authority"] = who
            cell.outputs, cell.execution_count = list(outputs), count
        page, _ = S75Exporter().from_notebook_node(nb)
        (out / f"{who}-{path.stem}.html").write_text(page, encoding="utf-8")


def peak(pid: int, ended: threading.Event, found: list[float]) -> None:
    """Sample the memory of a process and all below it, in MB."""
    while not ended.wait(0.5):
        found.append(sum(pss(each) for each in tree(pid)) / 1024)


def tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(below for child in children for below in tree(int(child)))]


def pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def measured(command: list[str], cwd: Path = ROOT) -> dict[str, Any]:
    """Run a command: its seconds and memory, those of all that it started included."""
    before = reference()
    began, process = time.perf_counter(), subprocess.Popen(command, cwd=cwd)
    ended, memory = threading.Event(), [0.0]
    sampler = threading.Thread(target=peak, args=(process.pid, ended, memory))
    sampler.start()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    sampler.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return {
        "cpu": round(used.ru_utime + used.ru_stime, 1),
        "wall": round(time.perf_counter() - began, 1),
        "peak_mb": round(max(memory)),
        "reference": [before, reference()],
    }


def reference() -> float:
    """CPU-seconds of a fixed loop, which tell how fast the machine is at present."""
    began, held = time.process_time(), {}
    for number in range(2_000_000):
        held[number % 1000] = str(number)
    return round(time.process_time() - began, 2)


def setting() -> dict[str, object]:
    """What the figures hang on, beside the machine."""
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "bytecode kept": not sys.dont_write_bytecode,
        "rfc3987_syntax": importlib.util.find_spec("rfc3987_syntax") is not None,
        "BLAS threads": os.environ.get("OPENBLAS_NUM_THREADS", "all"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    known = sorted(path.parent.name for path in (ROOT / "data").glob("*/authority.toml"))
    parser.add_argument("authorities", nargs="*", default=known)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--one")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.one:
        globals()[given.one](given.authorities, given.out, given.jobs)
        return
    print(json.dumps(setting()), flush=True)
    reports = len(pairs(given.authorities))
    folder = Path(tempfile.mkdtemp(prefix="s75-benchmark-"))
    for way in given.ways.split(","):
        out = folder / ("engine" if way == "again" else way)
        out.mkdir(exist_ok=True)
        one = [sys.executable, __file__, "--one", way, "--out", str(out), "--jobs", str(given.jobs)]
        found = measured([*one, *given.authorities])
        print(json.dumps({"way": way, "reports": reports, **found}), flush=True)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
