"""A warm, single-threaded process that forks kernels and workers: imported once, it serves every report."""

from __future__ import annotations

__all__ = ["ForkServer", "Forked", "can_fork", "fork_kernel", "main"]

import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from s75lib.errors import RunError

SWITCH = "S75_FORK"  # 0 in the environment: kernels are started, not forked
_SOCKET = "parent"
_HERE = b"here\n"
_LONGEST = 1 << 20  # bytes of a request
_START_WITHIN = 120.0  # seconds


def can_fork() -> bool:
    """Whether kernels can be forked here: on Linux, unless ``S75_FORK=0`` is in the environment."""
    return sys.platform == "linux" and os.environ.get(SWITCH) != "0"


class Forked:
    """A forked kernel, with as much of `subprocess.Popen` as a kernel provisioner uses.

    Parameters
    ----------
    connection : socket
        To the fork server; closing it, by our death too, kills the kernel and all that it started.
    """

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
        """Read one line from the fork server."""
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
    """The fork server as its clients hold it; a context manager.

    Parameters
    ----------
    folder : Path
        Short-named private folder for its socket and its log.
    """

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / _SOCKET)
        self._log = folder / "parent.log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "s75lib.report.forkserver", self.address],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=os.environ | {"PYTHONHASHSEED": "0"},
                start_new_session=True,  # Ctrl-C is for the command alone
            )
        self._ready = False

    def wait_ready(self) -> None:
        """Wait until everything is imported.

        Raises
        ------
        RunError
            If the server ended instead, with what it said.
        """
        if self._ready:
            return
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            said = self._process.stdout.readline() if selector.select(_START_WITHIN) else b""
        if said != b"ready\n":
            self.close()
            lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise RunError(f"Kernels cannot be forked: {lines[-1] if lines else 'no answer'}.")
        self._ready = True

    def worker(self, errors: Path) -> socket.socket:
        """Fork a worker and return the socket by which it takes tasks.

        Parameters
        ----------
        errors : Path
            File for what it writes to its standard streams.
        """
        self.wait_ready()
        connection = _asked(self.address, {"do": "worker", "errors": str(errors)})
        # It says that it is there before anything is sent, which the server would take for its own.
        if connection.recv(len(_HERE), socket.MSG_WAITALL) != _HERE:
            connection.close()
            raise RunError("No worker could be forked.")
        return connection

    def close(self) -> None:
        """End the server; whatever it forked that still lives is killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def fork_kernel(
    address: str, argv: list[str], *, env: Mapping[str, str], cwd: str, errors: str, memory: int | None
) -> Forked:
    """Fork a kernel.

    Parameters
    ----------
    address : str
        Of the fork server's socket.
    argv : list of str
        As `ipykernel` takes them.
    env : mapping of str to str
        The kernel's environment.
    cwd : str
        Its working folder.
    errors : str
        File for what it writes to its standard streams.
    memory : int, optional
        Bytes of data that it may hold beyond what it is forked with.

    Returns
    -------
    Forked
    """
    asked = {"do": "kernel", "argv": argv, "env": dict(env), "cwd": cwd, "errors": errors, "memory": memory}
    return Forked(_asked(address, asked))


def _asked(address: str, request: Mapping[str, Any]) -> socket.socket:
    """Connect and send a request."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(address)
        connection.sendall(json.dumps(request).encode() + b"\n")
    except OSError as error:
        connection.close()
        raise RunError("The process that kernels are forked from has ended.") from error
    return connection


@dataclass(eq=False)
class _Client:
    """A connection: at first a request, then the kernel that came of it."""

    connection: socket.socket
    heard: bytes = b""
    pid: int = 0


@dataclass
class _Server:
    """The loop of the fork server. One thread, no zmq context, no event loop: safe to fork at any point."""

    listener: socket.socket
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    children: dict[int, _Client | None] = field(default_factory=dict)

    def serve(self) -> None:
        """Answer requests until standard input closes, which is when whoever started us has ended."""
        woken, waker = socket.socketpair()
        for end in (woken, waker):
            end.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.selector.register(self.listener, selectors.EVENT_READ, "new")
        self.selector.register(woken, selectors.EVENT_READ, "child")
        self.selector.register(sys.stdin, selectors.EVENT_READ, "end")
        self.own = (woken, waker)
        while True:
            for key, _ in self.selector.select():
                if key.data == "end":
                    return
                if key.data == "new":
                    self._welcome()
                elif key.data == "child":
                    woken.recv(4096)
                else:
                    self._hear(key.data)
            self._reap()

    def _welcome(self) -> None:
        connection, _ = self.listener.accept()
        self.selector.register(connection, selectors.EVENT_READ, _Client(connection))

    def _hear(self, client: _Client) -> None:
        """Take a request, a signal, or the client's end."""
        try:
            data = client.connection.recv(65536)
        except OSError:
            data = b""
        if not data or len(client.heard) > _LONGEST:
            self._forget(client)
            return
        client.heard += data
        while b"\n" in client.heard:
            line, client.heard = client.heard.split(b"\n", 1)
            self._obey(client, json.loads(line))

    def _obey(self, client: _Client, asked: dict[str, Any]) -> None:
        if "signal" in asked:
            self._signal(client.pid, asked["signal"])
        elif asked["do"] == "kernel":
            try:
                client.pid = self._fork(client, asked)
                answer: dict[str, Any] = {"pid": client.pid}
            except OSError as error:  # the system has no process or no memory left
                answer = {"error": f"No kernel could be forked: {error.strerror}."}
            client.connection.sendall(json.dumps(answer).encode() + b"\n")
        else:
            with contextlib.suppress(OSError):
                self._fork(client, asked)
            self.selector.unregister(client.connection)
            client.connection.close()  # the worker has its own end of it

    def _fork(self, client: _Client, asked: dict[str, Any]) -> int:
        """Fork a child, which never returns from here."""
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                self._become(client, asked)
                status = 0
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 1
            except BaseException:
                sys.excepthook(*sys.exc_info())
            finally:
                with contextlib.suppress(Exception):
                    sys.stdout.flush()
                    sys.stderr.flush()
                os._exit(status)
        self.children[pid] = client if asked["do"] == "kernel" else None
        return pid

    def _become(self, client: _Client, asked: dict[str, Any]) -> None:
        """Turn a fresh child into a kernel or a worker."""
        os.setsid()  # so that it and all that it starts can be killed at once
        _die_with_parent()
        signal.set_wakeup_fd(-1)
        for signum in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(signum, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        log = os.open(asked["errors"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(null, 0)
        for stream in (1, 2):
            os.dup2(log, stream)
        kept = client.connection.detach() if asked["do"] == "worker" else -1
        for key in list(self.selector.get_map().values()):
            if isinstance(key.data, _Client) and key.data is not client:
                key.data.connection.close()
        self.selector.close()
        for held in (self.listener, *self.own, *((client.connection,) if kept < 0 else ())):
            held.close()
        for spare in (null, log):
            os.close(spare)
        from s75lib.report import warm

        if asked["do"] == "worker":
            from s75lib.report.worker import serve

            os.write(kept, _HERE)
            serve(kept)
        else:
            warm.run_kernel(asked["argv"], asked["env"], asked["cwd"], asked["memory"])

    def _forget(self, client: _Client) -> None:
        """Kill the kernel of a client that has gone."""
        if client.pid:
            self._signal(client.pid, signal.SIGKILL)
            self.children[client.pid] = None
        self.selector.unregister(client.connection)
        client.connection.close()

    def _signal(self, pid: int, signum: int) -> None:
        """Signal a child and all that it started, if it has not been reaped."""
        if pid in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signum)

    def _reap(self) -> None:
        """Tell clients whose kernels have ended."""
        while self.children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            client = self.children.pop(pid, None)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)  # what it left running
            if client is not None:
                said = json.dumps({"exit": os.waitstatus_to_exitcode(status)}).encode() + b"\n"
                with contextlib.suppress(OSError):
                    client.connection.sendall(said)
                self.selector.unregister(client.connection)
                client.connection.close()

    def kill_all(self) -> None:
        """Kill every child and wait for its end."""
        for pid in list(self.children):
            self._signal(pid, signal.SIGKILL)
        until = time.monotonic() + 5
        while self.children and time.monotonic() < until:
            self._reap()
            time.sleep(0.01)


def _die_with_parent() -> None:
    """Have the system kill this process when the fork server is killed."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def main(address: str) -> None:
    """Import everything, then serve.

    Parameters
    ----------
    address : str
        Path of the socket to listen at, in a folder of its own that goes at the end; what is written to
        standard output is ``ready``.
    """
    from s75lib.report import warm

    os.environ["S75_FORK_SERVER"] = address  # for the workers that are forked
    warm.set_threads()
    warm.preload()
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        sys.exit(f"{threads} threads run in the parent of the kernels, and a fork keeps one")
    gc.collect()
    gc.freeze()  # what is shared stays shared: no collection writes to it
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(address)
        listener.listen(64)
        server = _Server(listener)
        print("ready", flush=True)
        try:
            server.serve()
        finally:
            server.kill_all()
            shutil.rmtree(Path(address).parent, ignore_errors=True)  # whoever started us may be dead


if __name__ == "__main__":
    main(sys.argv[1])
