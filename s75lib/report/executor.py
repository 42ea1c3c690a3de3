"""Where work is done: worker processes forked from the warm parent, or a plain process pool.

Both are `concurrent.futures.Executor`, as is dask's, and that is all that a run asks of them.
"""

from __future__ import annotations

__all__ = ["LocalPool"]

import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from s75lib.errors import RunError
from s75lib.report.forkclient import SWITCH, ForkServer, can_fork
from s75lib.report.worker import start_worker

_Call = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]
_MOST_WORKERS = 61  # the limit of Windows


class WorkerLost(BrokenExecutor):
    """A worker process died, and its task with it; the other workers go on."""


class LocalPool(Executor):
    """Worker processes of this machine, forked from a warm parent where that is possible.

    Parameters
    ----------
    jobs : int
        Number of workers.

    Notes
    -----
    Nothing is started before it is needed, and a worker that dies is replaced. Workers run with one thread
    each and print nothing. They and their kernels end with this process, however it ends.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: Executor | None = None

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a call of a function that can be imported; see `concurrent.futures.Executor`."""
        if self._pool is None:
            self._pool = _started(self._jobs)
        try:
            return self._pool.submit(function, *args)
        except BrokenExecutor:
            self._pool.shutdown(wait=False)
            self._pool = _started(self._jobs)
            return self._pool.submit(function, *args)

    def renew(self) -> None:
        """Let the workers end, with whatever memory their calls took; later calls get new ones."""
        if isinstance(self._pool, _ForkPool):
            self._pool.renew()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: after their tasks, or at once without `wait`."""
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
            self._pool = None


def _started(jobs: int) -> Executor:
    """Start the best pool that there can be here."""
    if can_fork():
        try:
            return _ForkPool(jobs)
        except RunError:  # some library starts a thread; the plain way is slower and as good
            os.environ[SWITCH] = "0"
    return _SpawnPool(min(jobs, _MOST_WORKERS))


class _ForkPool(Executor):
    """Workers forked from a fork server, one task at a time each."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._queue: SimpleQueue[_Call | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._folder = Path(tempfile.mkdtemp(prefix="s75-"))
        self._server = ForkServer(self._folder)
        try:
            self._server.wait_ready()
        except BaseException:
            self._server.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a call."""
        future: Future[Any] = Future()
        self._queue.put((future, function, args))
        if len(self._threads) < self._jobs:
            thread = threading.Thread(target=self._tend, daemon=True)
            self._threads.append(thread)
            thread.start()
        return future

    def renew(self) -> None:
        """End the workers after their tasks; later calls get new ones."""
        self._end(wait=True)
        self._threads.clear()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers."""
        self._end(wait=wait)
        self._server.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, *, wait: bool) -> None:
        """Tell those who tend the workers to stop."""
        for _ in self._threads:
            self._queue.put(None)
        if wait:
            for thread in self._threads:
                thread.join()

    def _tend(self) -> None:
        """Give tasks to one worker, and to its successor when it dies."""
        worker: Connection | None = None
        while (call := self._queue.get()) is not None:
            future, function, args = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                if worker is None:
                    worker = Connection(self._server.worker(self._folder / "workers.log").detach())
                worker.send((function, args))
                future.set_result(worker.recv())
            except (EOFError, OSError, RunError):
                worker = None
                future.set_exception(WorkerLost("The worker process died."))
        if worker is not None:
            worker.close()


class _SpawnPool(ProcessPoolExecutor):
    """A plain process pool with a folder of its own."""

    def __init__(self, jobs: int) -> None:
        self._folder = tempfile.mkdtemp(prefix="s75-")
        super().__init__(
            jobs, mp_context=get_context("spawn"), initializer=start_worker, initargs=(self._folder,)
        )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: after their tasks, or at once without `wait`."""
        if not wait:
            for process in list((self._processes or {}).values()):
                process.kill()
        super().shutdown(wait=True, cancel_futures=cancel_futures)
        shutil.rmtree(self._folder, ignore_errors=True)
