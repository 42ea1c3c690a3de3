"""Kernels where none can be forked: processes that import everything ahead and wait to be used."""

from __future__ import annotations

__all__ = ["keep_ready", "main", "started_kernel"]

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping

_Process = subprocess.Popen[bytes]
_READY: list[_Process] = []
_AHEAD = threading.Event()


def keep_ready() -> None:
    """Have a kernel ready from now on: whenever one is taken, the next begins to start."""
    _AHEAD.set()
    _READY.append(_start())


def started_kernel(
    argv: list[str], *, env: Mapping[str, str], cwd: str, errors: str, memory: int | None
) -> _Process:
    """Take a kernel that has been started, or start one.

    Parameters
    ----------
    argv : list of str
        As `ipykernel` takes them.
    env : mapping of str to str
        The kernel's environment.
    cwd : str
        Its working folder.
    errors : str
        File for what it writes to its standard streams.
    memory : int, optional
        Bytes of data that it may hold beyond what it begins with; on Linux alone.

    Returns
    -------
    subprocess.Popen
        It ends when its standard input closes, which is when whoever took it has ended.
    """
    ready = [process for process in _READY if process.poll() is None]
    kernel = ready[0] if ready else _start()
    _READY[:] = [_start()] if _AHEAD.is_set() else []
    asked = {"argv": argv, "env": dict(env), "cwd": cwd, "errors": errors, "memory": memory}
    assert kernel.stdin is not None
    kernel.stdin.write(json.dumps(asked).encode() + b"\n")
    kernel.stdin.flush()
    return kernel


def _start() -> _Process:
    """Start a process that imports what a kernel needs and waits to be told which kernel to be."""
    return subprocess.Popen(
        [sys.executable, "-m", "s75lib.report.started"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that it and all that it starts can be killed at once
    )


def main() -> None:
    """Import everything, wait, then be a kernel."""
    from s75lib.report import warm

    warm.set_threads()
    warm.preload(exporting=False)
    line = sys.stdin.readline()
    if not line:
        return
    asked = json.loads(line)
    life = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(asked["errors"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream, opened in ((0, null), (1, log), (2, log)):
        os.dup2(opened, stream)
    threading.Thread(target=_end_with, args=(life,), daemon=True).start()
    warm.run_kernel(asked["argv"], asked["env"], asked["cwd"], asked["memory"])


def _end_with(life: int) -> None:
    """End this process when the other end of a pipe closes."""
    while os.read(life, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
