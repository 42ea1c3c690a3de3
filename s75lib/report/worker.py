"""One report from notebook to files, as a worker process makes it.

Papermill and nbconvert are imported where they are used, so that a run that finds everything current, which
imports this module too, never pays for them.
"""

from __future__ import annotations

import json
import os
import tempfile
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

from s75lib.errors import RunError
from s75lib.report.commentary import place_notes
from s75lib.report.manifest import (
    build_manifest,
    lost_of,
    mark_what_ran,
    record_failure,
    report_of,
    validate_manifest,
    without_machine,
    without_paths,
)
from s75lib.report.store import Place, digest_of, read_manifest, seal_of
from s75lib.report.tasks import NO_LIMITS, Limits, Outcome, Task, outcome_of
from s75lib.report.warm import give_back, keep_ready, lean, set_threads, write_to
from s75lib.shared import FOLDER as SHARED_FOLDER

_KERNEL = "python3"
_START_WITHIN = 300  # seconds; one that is started imports everything, perhaps on a busy machine


def serve(handle: int) -> None:
    """Be a forked worker: do one call after the other until the other end closes."""
    from s75lib.report.executor import ADDRESS

    set_up(str(Path(os.environ[ADDRESS]).parent))
    with Connection(handle) as calls:
        while True:
            try:
                function, arguments = calls.recv()
            except EOFError:
                return
            calls.send(function(*arguments))
            function = arguments = None
            give_back()  # so that memory does not grow with the number of reports


def start_worker(runtime_dir: str) -> None:
    """Begin a worker process; its and its kernels' chatter goes to a file of the run's own folder."""
    set_up(runtime_dir)
    write_to(Path(runtime_dir, f"worker-{os.getpid()}.log"))
    keep_ready()


def set_up(runtime_dir: str) -> None:
    """Prepare a worker and its kernels' environment; the folder is for sockets and what they share."""
    # Reports run side by side: one thread each, or the workers fight over the cores.
    set_threads()
    # Sets keep their order from run to run, so that the same input gives the same page.
    os.environ["PYTHONHASHSEED"] = "0"
    os.environ["JUPYTER_RUNTIME_DIR"] = runtime_dir
    # What is put aside, such as a copy of fetched data, goes with the run even when its process is killed.
    os.environ["TMPDIR"] = tempfile.tempdir = runtime_dir
    os.environ[SHARED_FOLDER] = runtime_dir
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"


def make_report(task: Task, out_dir: Path, limits: Limits = NO_LIMITS) -> Outcome:
    """Run a task's notebook and write its report; whatever goes wrong is an outcome, never raised."""
    clock = perf_counter()
    try:
        return _publish(_execute(task, limits), task, out_dir, clock)
    except Exception as error:  # one report must never stop the others
        return record_loss(task, out_dir, error, clock)


def record_loss(task: Task, out_dir: Path, error: Exception, clock: float | None = None) -> Outcome:
    """Write the failure of a report whose run left nothing to show, or whose page could not be made."""
    import nbformat

    clock = perf_counter() if clock is None else clock
    try:
        nb = nbformat.read(task.source, as_version=4)  # type: ignore[no-untyped-call]
        record_failure(nb, error)
        return _publish(nb, task, out_dir, clock)
    except Exception:  # even the failure could not be written; the run goes on and tells it
        message = f"the report could not be written: {type(error).__name__}: {without_paths(str(error))}"
        return Outcome(task, "failed", perf_counter() - clock, error=message)


def _execute(task: Task, limits: Limits) -> Any:
    """Run the notebook by papermill; return it as far as it came, with the truth in its record."""
    import nbformat

    with lean():
        import papermill
        from papermill.engines import papermill_engines

    nb = papermill.execute_notebook(
        nbformat.read(task.source, as_version=4),  # type: ignore[no-untyped-call]
        None,
        dict(task.parameters),
        engine_name="s75",
        kernel_name=_KERNEL,
        language="python",
        prepare_only=True,  # papermill would write the executed notebook, to nowhere
    )
    try:
        papermill_engines.execute_notebook_with_engine(
            "s75",
            nb,
            _KERNEL,
            start_timeout=_START_WITHIN,
            progress_bar=False,
            time_limit=limits.seconds,
            memory_limit=limits.memory,
            working_folder=task.folder,
        )
    except papermill.exceptions.PapermillException:
        pass  # the notebook itself holds the cell and its error
    except Exception as error:  # told in the manifest
        record_failure(nb, error)
    without_machine(nb, task.notebook)
    place_notes(nb)
    mark_what_ran(nb)
    return nb


def _publish(nb: Any, task: Task, out_dir: Path, clock: float) -> Outcome:
    """Write page, notebook and manifest where they belong."""
    from s75lib.report.diff import since_last
    from s75lib.report.exporter import S75Exporter
    from s75lib.report.gate import check_gate, held_cells, held_keys
    from s75lib.report.sanitise import without_dead_links

    executed = perf_counter() - clock
    place = Place.of(task, out_dir)
    if lost := lost_of(nb, read_manifest(place.file("json"))):
        record_failure(nb, RunError(lost))
    manifest = build_manifest(nb, task)
    failed = manifest["status"] == "failed"
    since = manifest["since"] = None if failed else since_last(place, manifest)
    page, _ = S75Exporter().from_notebook_node(  # type: ignore[no-untyped-call]
        nb, {"metadata": {"name": task.report}, "since": since}
    )
    page, manifest["unlinked"] = without_dead_links(page, place.beside(task))
    # Jupyter's own way of writing, with a line for each line of text, takes ten times as long.
    files = {"html": page, "ipynb": json.dumps(nb, ensure_ascii=False, sort_keys=True) + "\n"}
    for ending, text in files.items():
        manifest["outputs"][place.file(ending, failed=failed).name] = digest_of(text)
    seconds = perf_counter() - clock
    manifest["timings"] |= {
        "started": (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "execute": round(executed, 3),
        "export": round(seconds - executed, 3),
    }
    validate_manifest(manifest)
    manifest["seal"] = seal_of(manifest)
    files["json"] = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    head, folder = report_of(nb), task.folder / task.parameters["data_dir"]
    check_gate(files, held_keys(head, folder), failed=failed, held=lambda: held_cells(head, folder))
    place.write(files, failed=failed)
    return outcome_of(manifest, task, place.file("html", failed=failed), seconds)
