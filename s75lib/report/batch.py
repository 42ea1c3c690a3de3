"""Runs a plan: current reports are left, the others made side by side, and a failure stops none of them."""

from __future__ import annotations

__all__ = ["run"]

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from s75lib.errors import ConfigError, RunError
from s75lib.report.index import write_index
from s75lib.report.plan import Plan
from s75lib.report.store import Place
from s75lib.report.tasks import Event, Finished, Outcome, Started, Task, outcome_of
from s75lib.report.worker import make_report, record_loss, start_worker

_MOST_WORKERS = 61  # the limit of Windows


def run(
    plan: Plan,
    out_dir: str | Path = "reports",
    *,
    jobs: int | None = None,
    force: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> list[Outcome]:
    """Make the reports of a plan and the index over all reports in the output folder.

    Parameters
    ----------
    plan : Plan
        From `make_plan`.
    out_dir : str or Path
        Made when it is not there.
    jobs : int, optional
        Reports made at once; the number of cores by default.
    force : bool
        Make current reports again.
    on_event : callable, optional
        Told of each report as it is given to a worker and as it is done, in this process.

    Returns
    -------
    list of Outcome
        In the order of the plan.

    Raises
    ------
    ConfigError
        If `jobs` is below 1 or the output folder cannot be made.

    Notes
    -----
    Each report is made in a worker process with a kernel of its own. A failing report leaves an earlier
    good one as it is and keeps its partial notebook, page and manifest as ``<notebook>.failed.*``. The
    index is written however the run ends.
    """
    if jobs is not None and jobs < 1:
        raise ConfigError(f"jobs: found {jobs}; expected 1 or more.")
    out = Path(out_dir).resolve()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"output folder: found {str(out_dir)!r}, which cannot be made ({error.strerror}); "
            "expected a folder that may be written. Choose another with --out."
        ) from error
    tell = on_event or (lambda event: None)
    total = len(plan.tasks)
    outcomes: dict[Task, Outcome] = {}

    def done(outcome: Outcome) -> None:
        outcomes[outcome.task] = outcome
        tell(Finished(outcome, len(outcomes), total))

    try:
        waiting = []
        for task in plan.tasks:
            current = None if force else _current(task, out)
            if current:
                done(current)
            else:
                waiting.append(task)
        for outcome in _made(waiting, out, min(jobs or os.cpu_count() or 1, _MOST_WORKERS), tell):
            done(outcome)
    finally:
        write_index(out)
    return [outcomes[task] for task in plan.tasks]


def _current(task: Task, out: Path) -> Outcome | None:
    """Return the outcome of a report that need not be made again; a failure since then is forgotten."""
    place = Place.of(task, out)
    manifest = place.current(task.fingerprint)
    if manifest is None:
        return None
    place.clear_failure()
    return outcome_of(manifest, task, place.file("html"), 0.0, unchanged=True)


def _made(tasks: Sequence[Task], out: Path, jobs: int, tell: Callable[[Event], None]) -> Iterator[Outcome]:
    """Make reports in worker processes, and yield each as it is done.

    When a worker process dies, its pool is lost with all that was in it: what is then left is made one at a
    time, each in a pool of its own, so that only the report that kills its worker fails.
    """
    left = list(tasks)
    with tempfile.TemporaryDirectory(prefix="s75-") as runtime:
        for outcome in _pooled(tuple(left), out, jobs, runtime, tell):
            left.remove(outcome.task)
            yield outcome
        for task in left:
            alone = list(_pooled([task], out, 1, runtime, tell))
            yield alone[0] if alone else record_loss(task, out, RunError("The worker process died."))


def _pooled(
    tasks: Sequence[Task], out: Path, jobs: int, runtime: str, tell: Callable[[Event], None]
) -> Iterator[Outcome]:
    """Make reports in one pool; yields fewer than asked for when a worker process dies."""
    if not tasks:
        return
    pool = ProcessPoolExecutor(
        max_workers=min(jobs, len(tasks)),
        mp_context=get_context("spawn"),
        initializer=start_worker,
        initargs=(runtime,),
    )
    try:
        queue, running = deque(tasks), set[Future[Outcome]]()
        while queue or running:
            while queue and len(running) < jobs:
                task = queue.popleft()
                running.add(pool.submit(make_report, task, out))
                tell(Started(task))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    except BrokenProcessPool:
        return
    finally:
        pool.shutdown(cancel_futures=True)
