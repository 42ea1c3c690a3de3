"""A warm, single-threaded process that forks kernels and workers: imported once, it serves every report."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from s75lib.report import warm
from s75lib.report.executor import ADDRESS, HERE

_LONGEST = 1 << 20  # bytes of a request


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
        os.setsid()  # so that it and all that it starts can be killed at once
        warm.die_with_parent(signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        for signum in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(signum, signal.SIG_DFL)
        warm.write_to(asked["errors"])
        kept = client.connection.detach() if asked["do"] == "worker" else -1
        for key in list(self.selector.get_map().values()):
            if isinstance(key.data, _Client) and key.data is not client:
                key.data.connection.close()
        self.selector.close()
        for held in (self.listener, *self.own, *((client.connection,) if kept < 0 else ())):
            held.close()
        if asked["do"] == "worker":
            from s75lib.report.worker import serve

            os.write(kept, HERE)
            serve(kept)
        else:
            warm.go_into_care()
            warm.run_kernel(asked["argv"], asked["env"], asked["cwd"], asked["memory"])

    def _forget(self, client: _Client) -> None:
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
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            cared_for = pid in self.children and not os.WIFSIGNALED(status)
            client = self.children.pop(pid, None)
            if not cared_for:  # what it looked after came to us
                warm.kill_children(self.children)
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


def main(address: str) -> None:
    """Import everything, say so, then serve at a socket in a folder of its own, which goes at the end."""
    os.environ[ADDRESS] = address  # for the workers that are forked
    warm.set_threads()
    warm.preload()
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        sys.exit(f"{threads} threads run in the parent of the kernels, and a fork keeps one")
    warm.give_back()
    gc.freeze()  # what is shared stays shared: no collection writes to it
    warm.adopt()
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
