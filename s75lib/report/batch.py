"""Runs a plan: current reports are left, the others made side by side, and a failure stops none of them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from s75lib.errors import ConfigError, RunError
from s75lib.report.executor import ClusterPool, LocalPool
from s75lib.report.fingerprint import Facts, Memory, datasets_part
from s75lib.report.plan import AuthorityFault, Plan, inspect, make_plan
from s75lib.report.store import Place, fingerprint_of, locked, sweep
from s75lib.report.tasks import (
    NO_LIMITS,
    Finished,
    Limits,
    Outcome,
    Progress,
    Task,
    outcome_of,
)
from s75lib.report.worker import make_report, record_loss

if TYPE_CHECKING:
    from rich.console import Console

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # as a path has it
_VARIABLE = re.compile(r"^~|\$\w|\$\{|%\w+%")
_LOOK = 0.25  # seconds between looks at whether we were asked to stop
_AHEAD = 1  # tasks given out beyond those that can run, so that no worker waits


class StoppedError(RunError):
    """A run was asked to stop; what was finished by then is kept, and the next run does the rest."""

    def __init__(self, outcomes: list[Outcome], left: int, signum: int) -> None:
        self.outcomes, self.left, self.signum = outcomes, left, signum
        super().__init__(f"Stopped with {left} not made; what is finished is kept. Run again for the rest.")


def run(
    plan: Plan,
    out_dir: str | Path = "reports",
    *,
    jobs: int | None = None,
    force: bool = False,
    limits: Limits = NO_LIMITS,
    on_event: Callable[[Finished], None] | None = None,
    memory: Memory | None = None,
    pool: Executor | None = None,
) -> list[Outcome]:
    """Make the reports of a plan and the index over all reports in the output folder.

    Each report is made in a worker process with a kernel of its own. A failing report leaves an earlier
    good one as it is and keeps its partial notebook, page and manifest as ``<notebook>.failed.*``. The
    index is written however the run ends. Reports that took longest the last time begin first. A `pool` takes
    the place of worker processes of this machine, and is left open. Ctrl-C lets what runs finish and then
    raises StoppedError; a second one, or SIGTERM, kills what runs.
    """
    _check(jobs, limits, pool)
    out = _output_folder(out_dir, {task.folder / task.parameters["data_dir"] for task in plan.tasks})
    memory = memory or Memory(out)
    jobs = jobs or os.cpu_count() or 1
    own = pool or LocalPool(min(jobs, len(plan.tasks)))  # which starts nothing before it is asked
    total, outcomes = len(plan.tasks), dict[Task, Outcome]()

    def done(outcome: Outcome) -> None:
        outcomes[outcome.task] = outcome
        if on_event:
            on_event(Finished(outcome, len(outcomes), total))

    with locked(out), _stopping() as stop:
        try:
            sweep(out)
            waiting = []
            for task in plan.tasks:
                if not force and (current := _current(task, out, memory)):
                    done(current)
                else:
                    waiting.append(task)
            waiting.sort(key=lambda task: -_seconds(task, out, memory))
            for outcome in _made(waiting, _Work(out, jobs, limits, stop, own)):
                done(outcome)
        finally:
            if pool is None:
                own.shutdown(wait=not stop.now, cancel_futures=True)
            _settle(out, memory)
    made = [outcomes[task] for task in plan.tasks if task in outcomes]
    if stop.signum is not None:
        raise StoppedError(made, total - len(made), stop.signum)
    return made


def _check(jobs: int | None, limits: Limits, pool: Executor | None) -> None:
    if jobs is not None and jobs < 1:
        raise ConfigError(f"jobs: found {jobs}; expected 1 or more.")
    if limits.memory is not None and sys.platform != "linux" and isinstance(pool, LocalPool | None):
        raise ConfigError(
            f"memory limit: found one on {sys.platform}; expected none, since only Linux holds a process "
            "to it. Leave --memory-limit out."
        )


def _output_folder(out_dir: str | Path, data: Collection[Path] = ()) -> Path:
    """Make the output folder, which holds no folder of data and is none."""
    if _ADDRESS.match(str(out_dir)):
        raise ConfigError(
            f"output folder: found the address {str(out_dir)!r}; expected a folder, since a report is "
            "written aside and renamed, which such storage cannot do. Copy the folder there afterwards."
        )
    if _VARIABLE.search(str(out_dir)):
        raise ConfigError(
            f"output folder: found {str(out_dir)!r}, in which a variable or ~ stands as it is; expected "
            "the folder's name in full. Write it out in --out."
        )
    out = Path(out_dir).resolve()
    if any(out.is_relative_to(folder) for folder in data):
        raise ConfigError(
            f"output folder: found {str(out_dir)!r}, which is the folder of the data or in it; expected one "
            "apart from it. Choose another with --out."
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"output folder: found {str(out_dir)!r}, which cannot be made ({error.strerror}); "
            "expected a folder that may be written. Choose another with --out."
        ) from error
    return out


def _settle(out: Path, memory: Memory) -> None:
    """Write the index, unless it shows just this already, and keep what was found for the next run."""
    try:
        sweep(out)
        if not memory.index_stands(out):
            from s75lib.report.index import write_index

            out.mkdir(parents=True, exist_ok=True)
            write_index(out)
            memory.keep_index(out)
    except OSError as error:
        raise RunError(
            f"output folder: the index could not be written ({error.strerror}). What stood there before and "
            "the reports that could be written are kept. Make room or choose another folder, then run again."
        ) from error
    memory.save()


def _current(task: Task, out: Path, memory: Memory) -> Outcome | None:
    """Return the outcome of a report that need not be made again; a failure since then is forgotten."""
    place = Place.of(task, out)
    known = memory.report(place.file("json"))
    if known is None or known["status"] == "failed":
        return None
    now = fingerprint_of([task.fingerprint, datasets_part(task.datasets, known["reads"])])
    names = [place.file(ending).name for ending in ("ipynb", "html")]
    whole = all(memory.digest(place.folder / name) == known["outputs"].get(name) for name in names)
    if known["fingerprint"] != now or not whole:
        return None
    unlinked = known.get("unlinked")  # made alone, whose links may have somewhere to lead to by now
    if unlinked and place.beside(task).intersection(unlinked):
        return None
    place.clear_failure()
    return outcome_of(known, task, place.file("html"), 0.0, unchanged=True)


def _seconds(task: Task, out: Path, memory: Memory) -> float:
    """How long a report took the last time; one never made may take long."""
    known = memory.report(Place.of(task, out).file("json"))
    return float(known["seconds"]) if known else float("inf")


class _Stop:
    """What signals have asked of a run."""

    signum: int | None = None
    now = False

    def hear(self, signum: int, frame: object) -> None:
        """Take a signal: the first Ctrl-C lets what runs finish, anything more does not."""
        self.now = self.now or self.signum is not None or signum != signal.SIGINT
        self.signum = signum


@contextlib.contextmanager
def _stopping() -> Iterator[_Stop]:
    """Take Ctrl-C and SIGTERM for as long as the run lasts."""
    stop = _Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    earlier = {signum: signal.signal(signum, stop.hear) for signum in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for signum, handler in earlier.items():
            signal.signal(signum, handler)


@dataclass(frozen=True)
class _Work:
    out: Path
    jobs: int
    limits: Limits
    stop: _Stop
    pool: Executor


def _made(tasks: Sequence[Task], work: _Work) -> Iterator[Outcome]:
    """Make reports in worker processes and yield each; one whose worker dies is made once more, alone."""
    left = list(tasks)
    for outcome in _pooled(tasks, work, work.jobs + _AHEAD):
        left.remove(outcome.task)
        yield outcome
    for task in left:
        if work.stop.signum is not None:
            return
        alone = list(_pooled([task], work, 1))
        if not work.stop.now:
            yield alone[0] if alone else record_loss(task, work.out, RunError("The worker process died."))


def _pooled(tasks: Sequence[Task], work: _Work, most: int) -> Iterator[Outcome]:
    """Make reports, at most so many given out; yields fewer when workers die or the run is stopped."""
    queue, running, stop = deque(tasks), dict[Future[Any], Task](), work.stop
    try:
        while (queue and stop.signum is None) or running:
            while queue and len(running) < most and stop.signum is None:
                task = queue.popleft()
                running[work.pool.submit(make_report, task, work.out, work.limits)] = task
            finished, _ = wait(running, timeout=_LOOK, return_when=FIRST_COMPLETED)
            if stop.now:
                return
            if stop.signum is not None:
                for future in [future for future in running if future.cancel()]:
                    del running[future]
            for future in finished:
                running.pop(future, None)
                with contextlib.suppress(BrokenExecutor):
                    yield future.result()
    except BrokenExecutor:
        return
    finally:
        for future in running:
            future.cancel()


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    outcomes: tuple[Outcome, ...]
    faults: tuple[AuthorityFault, ...]
    stopped: StoppedError | None = None

    @property
    def status(self) -> int:
        """Exit status: 130 and 143 as signals have them, 2 for faulty data, 1 for a failed report."""
        if self.stopped is not None:
            return 128 + self.stopped.signum
        if self.faults:
            return 2
        return int(any(outcome.status == "failed" for outcome in self.outcomes))


def run_command(
    authorities: Iterable[str],
    *,
    notebooks: Iterable[str],
    period: str,
    data_dir: Path,
    notebooks_dir: Path,
    out_dir: Path,
    parameters: Mapping[str, Any],
    console: Console,
    jobs: int | None = None,
    force: bool = False,
    limits: Limits = NO_LIMITS,
    cluster: str = "",
    quiet: bool = False,
    lines: TextIO | None = None,
    log: Path | None = None,
) -> Ended:
    """Make reports as the command line asks."""
    # Given in full: the workers may have another working folder.
    memory = Memory(out_dir.resolve())
    pool = ClusterPool(cluster) if cluster else LocalPool(jobs or os.cpu_count() or 1)
    jobs = jobs or getattr(pool, "slots", None)

    def inspecting(asked: Sequence[tuple[str, str, Path, Path]]) -> list[Facts | AuthorityFault]:
        # In workers, so that this process never imports pandas; and not in those that make the reports.
        found = [future.result() for future in [pool.submit(inspect, *call) for call in asked]]
        if isinstance(pool, LocalPool):
            pool.renew()
        return found

    now = False
    try:
        plan = make_plan(
            authorities,
            notebooks=notebooks,
            period=period,
            data_dir=data_dir,
            notebooks_dir=notebooks_dir,
            parameters=parameters,
            memory=memory,
            inspecting=inspecting,
        )
        if not plan.tasks:
            return Ended((), plan.faults)
        with Progress(console, len(plan.tasks), quiet=quiet, lines=lines, log=log) as progress:
            try:
                outcomes = run(
                    plan,
                    out_dir,
                    jobs=jobs,
                    force=force,
                    limits=limits,
                    on_event=progress,
                    memory=memory,
                    pool=pool,
                )
            except StoppedError as stopped:
                now = True
                return Ended(tuple(stopped.outcomes), plan.faults, stopped)
        return Ended(tuple(outcomes), plan.faults)
    except KeyboardInterrupt:
        now = True
        return Ended((), (), StoppedError([], 0, 2))
    finally:
        pool.shutdown(wait=not now, cancel_futures=True)
