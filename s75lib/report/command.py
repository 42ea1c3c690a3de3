"""What ``s75 run`` does: plan, run, tell; and with which status it ends."""

from __future__ import annotations

__all__ = ["Ended", "run_command"]

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console

from s75lib.errors import ConfigError
from s75lib.report.batch import StoppedError, run
from s75lib.report.executor import LocalPool
from s75lib.report.fingerprint import Facts, Memory
from s75lib.report.plan import AuthorityFault, inspect, make_plan
from s75lib.report.progress import Progress
from s75lib.report.tasks import NO_LIMITS, Limits, Outcome


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Parameters
    ----------
    outcomes : tuple of Outcome
    faults : tuple of AuthorityFault
        Authorities that got no report.
    stopped : StoppedError or None
        If it was asked to stop.
    """

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
    """Make reports as the command line asks.

    Parameters
    ----------
    authorities, notebooks, period, data_dir, notebooks_dir, parameters
        As `make_plan` takes them.
    out_dir, jobs, force, limits
        As `run` takes them.
    console, quiet, lines, log
        As `Progress` takes them.
    cluster : str
        Address of a dask.distributed scheduler; empty: this machine.

    Returns
    -------
    Ended

    Raises
    ------
    ConfigError
        If the call is at fault.
    """
    # Given in full: the workers may have another working folder.
    memory, pool = Memory(out_dir.resolve()), _pool(cluster, jobs)
    jobs = jobs or getattr(pool, "slots", None)

    def inspecting(asked: Sequence[tuple[str, str, Path]]) -> list[Facts | AuthorityFault]:
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


def _pool(cluster: str, jobs: int | None) -> Executor:
    """Return where the work is done."""
    if not cluster:
        return LocalPool(jobs or os.cpu_count() or 1)
    try:
        from s75lib.report.cluster import ClusterPool
    except ImportError as error:
        raise ConfigError(
            "cluster: found no dask.distributed; expected it installed. pip install 's75lib[cluster]'"
        ) from error
    return ClusterPool(cluster)
