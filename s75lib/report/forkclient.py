"""How kernels and workers are asked for: the fork server as those see it who have it fork for them."""

from __future__ import annotations

__all__ = ["HERE", "SWITCH", "ForkServer", "Forked", "can_fork", "fork_kernel"]

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from s75lib.errors import RunError

SWITCH = "S75_FORK"  # 0 in the environment: kernels are started, not forked
HERE = b"here\n"  # the first that a worker says
_SOCKET = "parent"
_START_WITHIN = 300.0  # seconds


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
                # One heap for all threads: each of glibc's others keeps what was freed in it.
                env=os.environ | {"PYTHONHASHSEED": "0", "MALLOC_ARENA_MAX": "1"},
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
        if connection.recv(len(HERE), socket.MSG_WAITALL) != HERE:
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
