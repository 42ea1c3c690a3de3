"""Where the work is done: workers forked from a warm parent, a plain process pool, or a dask cluster."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any

from s75lib.errors import ConfigError, RunError
from s75lib.report.worker import start_worker

ADDRESS = "S75_FORK_SERVER"  # in the environment of a run's workers
SWITCH = "S75_FORK"  # 0 in the environment: kernels are started, not forked
HERE = b"here\n"  # the first that a worker says
_START_WITHIN = 300.0  # seconds
_CONNECT_WITHIN = 10  # seconds
_STALE_AFTER = 60  # seconds in which a folder that was made is surely held
_MOST_WORKERS = 61  # the limit of Windows


def can_fork() -> bool:
    """Whether kernels can be forked here: on Linux, unless ``S75_FORK=0`` is in the environment."""
    return sys.platform == "linux" and os.environ.get(SWITCH) != "0"


def spawning() -> SpawnContext:
    """Give the way to start processes that import nothing from the working folder."""
    os.environ["PYTHONSAFEPATH"] = "1"
    return get_context("spawn")


class _PrivateFolder:
    """A folder of a short name for a run's own files, held by a lock; what a killed run left goes."""

    def __init__(self) -> None:
        if os.name == "posix":
            for left in Path(tempfile.gettempdir()).glob("s75-run-*"):
                self._remove_stale(left)
        self.path = Path(tempfile.mkdtemp(prefix="s75-run-"))
        self._handle = self._held(self.path)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _held(self, folder: Path) -> int | None:
        """Hold a folder; None where that is not possible, as on Windows or while another run holds it."""
        if os.name != "posix":
            return None
        import fcntl

        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return handle

    def _remove_stale(self, folder: Path) -> None:
        """Remove a folder of ours that nobody holds, unless it is so new that it may be about to be held."""
        with contextlib.suppress(OSError):
            stat = folder.lstat()
            if stat.st_uid == os.geteuid() and time.time() - stat.st_mtime > _STALE_AFTER:
                handle = self._held(folder)
                if handle is not None:
                    shutil.rmtree(folder, ignore_errors=True)
                    os.close(handle)


class Forked:
    """A forked kernel as a kernel provisioner uses `subprocess.Popen`; it ends when its connection closes."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        answer = self._answer()
        if "pid" not in answer:
            raise RunError(answer.get("error", "The process that kernels are forked from has ended."))
        self.pid: int = answer["pid"]
        self.returncode: int | None = None
        connection.setblocking(False)

    def _answer(self) -> dict[str, Any]:
        line = self._lines.readline()
        return dict(json.loads(line)) if line else {}

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or None while the kernel lives."""
        if self.returncode is None:
            try:
                heard = self._connection.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return None
            except OSError:
                heard = b""
            self._connection.setblocking(True)
            self.returncode = int(self._answer().get("exit", -signal.SIGKILL)) if heard else -signal.SIGKILL
            self._lines.close()
            self._connection.close()
        return self.returncode

    def wait(self) -> int:
        """Wait for the end and return the exit status."""
        while self.poll() is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._connection, selectors.EVENT_READ)
                selector.select()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send a signal by way of the fork server, which knows whether the kernel still lives."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                self._connection.sendall(json.dumps({"signal": int(signum)}).encode() + b"\n")

    def kill(self) -> None:
        """Kill the kernel and all that it started."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


class ForkServer:
    """The fork server as its clients hold it, with a private folder; RunError says why it did not start."""

    def __init__(self) -> None:
        self._private = _PrivateFolder()
        self.folder = self._private.path
        self.address = str(self.folder / "parent")
        log = self.folder / "parent.log"
        with log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", "s75lib.report.forkserver", self.address],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                # One heap for all threads: each of glibc's others keeps what was freed in it.
                env=os.environ | {"PYTHONHASHSEED": "0", "MALLOC_ARENA_MAX": "1", "TMPDIR": str(self.folder)},
                start_new_session=True,  # Ctrl-C is for the command alone
            )
        said = b""
        try:
            assert self._process.stdout is not None
            with selectors.DefaultSelector() as selector:
                selector.register(self._process.stdout, selectors.EVENT_READ)
                said = self._process.stdout.readline() if selector.select(_START_WITHIN) else b""
            if said != b"ready\n":
                self._end()
                lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                raise RunError(f"Kernels cannot be forked: {lines[-1] if lines else 'no answer'}.")
        except BaseException:
            self.close()
            raise

    def worker(self) -> Connection:
        """Fork a worker and return the connection by which it takes tasks."""
        connection = _ask(self.address, {"do": "worker", "errors": str(self.folder / "workers.log")})
        # It says that it is there before anything is sent, which the server would take for its own.
        if connection.recv(len(HERE), socket.MSG_WAITALL) != HERE:
            connection.close()
            raise RunError("No worker could be forked.")
        return Connection(connection.detach())

    def _end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def close(self) -> None:
        """End the server and remove its folder."""
        self._end()
        self._private.close()


def fork_kernel(address: str, argv: list[str], **asked: Any) -> Forked:
    """Fork a kernel, given its ``env``, ``cwd``, ``errors`` (file of its streams) and ``memory`` (bytes)."""
    return Forked(_ask(address, {"do": "kernel", "argv": argv, **asked}))


def _ask(address: str, request: Mapping[str, Any]) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(address)
        connection.sendall(json.dumps(request).encode() + b"\n")
    except OSError as error:
        connection.close()
        raise RunError("The process that kernels are forked from has ended.") from error
    return connection


class WorkerLost(BrokenExecutor):
    """A worker process died, and its task with it; the other workers go on."""


class LocalPool(Executor):
    """Worker processes, forked where possible, begun when needed and replaced when they die."""

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
    if can_fork():
        try:
            return _ForkPool(jobs)
        except RunError:  # some library starts a thread; the plain way is slower and as good
            os.environ[SWITCH] = "0"
    return _SpawnPool(min(jobs, _MOST_WORKERS))


class _ForkPool(Executor):
    """Workers forked from a fork server, one task at a time each: every thread of ours tends one of them."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._server = ForkServer()
        self._threads = ThreadPoolExecutor(jobs)
        self._tended = threading.local()  # a thread's worker ends with it

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return self._threads.submit(self._call, function, args)

    def renew(self) -> None:
        self._threads.shutdown()
        self._threads = ThreadPoolExecutor(self._jobs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        self._server.close()

    def _call(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Have this thread's worker do a call; when it dies, the next call gets a successor."""
        try:
            worker = self._tended.worker = getattr(self._tended, "worker", None) or self._server.worker()
            worker.send((function, args))
            return worker.recv()
        except (EOFError, OSError, RunError):
            self._tended.worker = None
            raise WorkerLost("The worker process died.") from None


class _SpawnPool(ProcessPoolExecutor):
    """A plain process pool with a folder of its own."""

    def __init__(self, jobs: int) -> None:
        self._private = _PrivateFolder()
        folder = str(self._private.path)
        super().__init__(jobs, mp_context=spawning(), initializer=start_worker, initargs=(folder,))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers: after their tasks, or at once without `wait`."""
        if not wait:
            for process in list((self._processes or {}).values()):
                process.kill()
        super().shutdown(wait=True, cancel_futures=cancel_futures)
        self._private.close()


class ClusterPool(Executor):
    """An executor over a scheduler whose workers have this s75lib, and all folders, as here."""

    def __init__(self, address: str) -> None:
        try:
            self._dask: Any = import_module("distributed.client")  # untyped
        except ImportError as error:
            raise ConfigError(
                "cluster: found no dask.distributed; expected it installed. pip install 's75lib[cluster]'"
            ) from error
        try:
            self._client = self._dask.Client(address, timeout=_CONNECT_WITHIN, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"cluster: found no scheduler at {address!r}; expected an address such as "
                "tcp://10.0.0.5:8786. 'dask scheduler' starts one."
            ) from error

    @property
    def slots(self) -> int:
        """Calls that the cluster can do at once, at least one."""
        threads = self._client.nthreads()
        return max(sum(map(int, threads.values())), 1)

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a call of a function that can be imported; see `concurrent.futures.Executor`."""
        future: Future[Any] = Future()
        # Not pure: the same call is asked for twice when a report is made again.
        remote = self._client.submit(function, *args, pure=False)
        future.set_running_or_notify_cancel()
        remote.add_done_callback(lambda done: self._settle(future, done))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the scheduler, which lives on."""
        self._client.close(timeout=_CONNECT_WITHIN)

    def _settle(self, future: Future[Any], remote: Any) -> None:
        try:
            future.set_result(remote.result())
        except (self._dask.FutureCancelledError, OSError, TimeoutError) as error:
            lost = RunError("The scheduler was lost. What is finished is kept; run again for the rest.")
            lost.__cause__ = error
            future.set_exception(lost)
        except Exception as error:  # whatever the call raised is for whoever waits for it
            future.set_exception(error)
