"""One report from notebook to files, as a worker process makes it.

Papermill and nbconvert are imported where they are used, so that a run that finds everything current, which
imports this module too, never pays for them.
"""

from __future__ import annotations

__all__ = ["make_report", "record_loss", "set_up", "start_worker"]

import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from s75lib.report.outputs import cells_of, failure_of, never_ran, record_failure
from s75lib.report.store import Place, digest_of
from s75lib.report.tasks import Outcome, Task, outcome_of
from s75lib.report.text import without_paths

_SERIAL = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_KERNEL = "python3"
_LONGEST_SOCKET = 100  # bytes; Linux allows 107, and a number follows


def start_worker(runtime_dir: str) -> None:
    """Begin a worker process: its settings, and its and its kernels' chatter out of the way of the progress.

    Parameters
    ----------
    runtime_dir : str
        As for `set_up`; the chatter is kept there while the run lasts.
    """
    set_up(runtime_dir)
    tempfile.tempdir = runtime_dir  # goes with the run, even when this process is killed
    log = os.open(Path(runtime_dir, f"worker-{os.getpid()}.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)


def set_up(runtime_dir: str) -> None:
    """Prepare a worker process, and through its environment the kernels that it starts.

    Parameters
    ----------
    runtime_dir : str
        Short-named folder for the kernels' connection files and sockets.
    """
    # Reports run side by side: one thread each, or the workers fight over the cores.
    os.environ.update(dict.fromkeys(_SERIAL, "1"))
    # Sets keep their order from run to run, so that the same input gives the same page.
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["JUPYTER_RUNTIME_DIR"] = runtime_dir
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"


def make_report(task: Task, out_dir: Path) -> Outcome:
    """Run a task's notebook and write its report; never raises.

    Parameters
    ----------
    task : Task
    out_dir : Path
        Top of the output folder.

    Returns
    -------
    Outcome
        ``failed`` for anything that went wrong, the writing included. An earlier good report is replaced
        by a whole new one or left as it was; a failure is written beside it.
    """
    started, clock = datetime.now(UTC).isoformat(timespec="seconds"), perf_counter()
    try:
        return _publish(_execute(task), task, out_dir, started, clock)
    except Exception as error:  # one report must never stop the others
        return record_loss(task, out_dir, error, started=started, clock=clock)


def record_loss(
    task: Task, out_dir: Path, error: Exception, *, started: str = "", clock: float | None = None
) -> Outcome:
    """Write the failure of a report whose run left nothing to show, or whose page could not be made.

    Parameters
    ----------
    task : Task
    out_dir : Path
        Top of the output folder.
    error : Exception
        What happened.
    started : str
        ISO 8601; now by default.
    clock : float, optional
        `perf_counter` when the run began.

    Returns
    -------
    Outcome
        ``failed``; without a path when even this could not be written.
    """
    import nbformat

    clock = perf_counter() if clock is None else clock
    try:
        nb = nbformat.read(task.source, as_version=4)  # type: ignore[no-untyped-call]
        record_failure(nb, error)
        return _publish(nb, task, out_dir, started or datetime.now(UTC).isoformat(timespec="seconds"), clock)
    except Exception:
        message = f"the report could not be written: {type(error).__name__}: {without_paths(str(error))}"
        return Outcome(task, "failed", perf_counter() - clock, error=message)


def _execute(task: Task) -> Any:
    """Run the notebook by papermill; return it as far as it came, with the truth in its record."""
    import nbformat
    import papermill

    with tempfile.TemporaryDirectory(prefix="s75-") as folder:
        # Copied, because papermill reads braces in a path as places for parameters.
        source, target = Path(folder, "source.ipynb"), Path(folder, "executed.ipynb")
        shutil.copyfile(task.source, source)
        error: Exception | None = None
        try:
            papermill.execute_notebook(
                source,
                target,
                dict(task.parameters),
                kernel_name=_KERNEL,
                language="python",
                cwd=task.folder,
                progress_bar=False,
                config=_transport(folder),
            )
        except papermill.PapermillExecutionError:
            pass  # the notebook itself holds the cell and its error
        except Exception as fault:  # a dead kernel, a time-out: told in the manifest
            error = fault
        nb = nbformat.read(target if target.exists() else source, as_version=4)  # type: ignore[no-untyped-call]
    return _cleaned(nb, task, error)


def _transport(folder: str) -> Any:
    """Talk to the kernel over file sockets of its own, where there are: kernels race for TCP ports."""
    from traitlets.config import Config

    # Named in full: jupyter_client's default is relative, and kernels in one working folder would share it.
    address = f"{folder}/kernel"
    if sys.platform != "linux" or len(address) > _LONGEST_SOCKET:
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": address}})


def _cleaned(nb: Any, task: Task, error: Exception | None) -> Any:
    """Put the truth into the notebook's own record, and take the machine's paths out."""
    nb.cells = list(cells_of(nb))
    if error is not None:
        record_failure(nb, error)
    record = nb.metadata.setdefault("papermill", {})
    record["input_path"] = record["output_path"] = f"{task.notebook}.ipynb"
    failure = failure_of(nb)
    record["exception"] = failure is not None
    for number, cell in enumerate(nb.cells, start=1):
        if failure is not None and number == failure.cell and not never_ran(cell):
            cell.metadata["papermill"] |= {"status": "failed", "exception": True}
        elif never_ran(cell):
            cell.metadata["papermill"] = {"status": "pending", "start_time": None, "duration": None}
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.evalue = without_paths(output.evalue)
                output.traceback = [without_paths(line) for line in output.traceback]
            elif output.output_type == "stream":
                output.text = without_paths(output.text)
    return nb


def _publish(nb: Any, task: Task, out_dir: Path, started: str, clock: float) -> Outcome:
    """Write page, notebook and manifest where they belong."""
    import nbformat

    from s75lib.report.exporter import S75Exporter
    from s75lib.report.manifest import Timings, build_manifest, validate_manifest

    executed = perf_counter() - clock
    place = Place.of(task, out_dir)
    failed = failure_of(nb) is not None
    page, _ = S75Exporter().from_notebook_node(  # type: ignore[no-untyped-call]
        nb, {"metadata": {"name": task.notebook}}
    )
    files = {"html": page, "ipynb": f"{nbformat.writes(nb)}\n"}  # type: ignore[no-untyped-call]
    outputs = {place.file(ending, failed=failed).name: str(digest_of(text)) for ending, text in files.items()}
    seconds = perf_counter() - clock
    timings = Timings(started, round(seconds, 3), round(executed, 3), round(seconds - executed, 3))
    manifest = build_manifest(nb, task, timings, outputs)
    validate_manifest(manifest)
    files["json"] = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    place.write(files, failed=failed)
    return outcome_of(manifest, task, place.file("html", failed=failed), seconds)
