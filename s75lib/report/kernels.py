"""Kernels for reports: forked from a warm parent where that is safe, started ahead elsewhere."""

from __future__ import annotations

__all__ = ["ADDRESS", "ForkProvisioner", "ReportKernelManager", "shared_parent"]

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from queue import Empty
from typing import Any, cast

import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import default

from s75lib.report.forkclient import ForkServer, can_fork, fork_kernel
from s75lib.report.started import started_kernel

ADDRESS = "S75_FORK_SERVER"  # in the environment of a run's workers
_RETRY = 5  # milliseconds
_LONGEST_SOCKET = 100  # bytes; Linux allows 107, and a number follows
_MODULE = "ipykernel_launcher"


@cache
def shared_parent() -> str:
    """Return the address of this process's fork server: the run's, or one started now for this process.

    Returns
    -------
    str
    """
    if os.environ.get(ADDRESS):
        return os.environ[ADDRESS]
    folder = Path(tempfile.mkdtemp(prefix="s75-"))
    server = ForkServer(folder)

    def close() -> None:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(close)
    server.wait_ready()
    return server.address


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel by forking it, or takes one started ahead; all else is as with a local kernel."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork or take the kernel; one of another environment than this is launched as it says itself.

        Parameters
        ----------
        cmd : list of str
            As for ``python -m ipykernel_launcher``.
        **kwargs
            ``env`` and ``cwd``.

        Returns
        -------
        dict
            How to connect to it.
        """
        if cmd[0] != sys.executable or _MODULE not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        manager: Any = self.parent
        argv = cmd[cmd.index(_MODULE) + 1 :]
        asked: dict[str, Any] = {
            "env": kwargs["env"],
            "cwd": kwargs.get("cwd") or os.getcwd(),
            "errors": str(manager.log_file),
            "memory": manager.memory,
        }
        if can_fork():
            forked = fork_kernel(shared_parent(), argv, **asked)
            self.process, self.pid = cast("subprocess.Popen[bytes]", forked), forked.pid
        else:
            self.process = started_kernel(argv, **asked)
            self.pid = self.process.pid
            self.pgid = os.getpgid(self.pid) if hasattr(os, "getpgid") else None
        return self.connection_info


class _ReportKernelClient(AsyncKernelClient):
    """Knows a kernel to be ready by its answer on both channels, without waiting for silence."""

    @default("context")
    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        # A kernel opens its sockets after we ask for them; zmq would ask again after a tenth of a second.
        context.setsockopt(zmq.RECONNECT_IVL, _RETRY)
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for the kernel's first answer.

        Parameters
        ----------
        timeout : float, optional
            Seconds.

        Raises
        ------
        RuntimeError
            If the kernel died, or did not answer in time.
        """
        until = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < until:
            asked, answered, published = self.kernel_info(), False, False
            try:
                while not answered:
                    reply = await self.get_shell_msg(timeout=1)
                    answered = reply["parent_header"].get("msg_id") == asked
                while not published:
                    said = await self.get_iopub_msg(timeout=0.2)
                    published = said["parent_header"].get("msg_id") == asked
            except Empty:
                if not await self._async_is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info") from None
                continue
            self._handle_kernel_info_reply(reply)
            return
        raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")


class ReportKernelManager(AsyncKernelManager):
    """Manages one report's kernel, whose sockets are files of its own folder: kernels race for TCP ports.

    Parameters
    ----------
    folder : Path
        Private to this kernel.
    memory : int, optional
        Bytes of data that the kernel may hold beyond what it is forked with.
    **kwargs
        As `AsyncKernelManager` takes them.
    """

    def __init__(self, folder: Path, memory: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.memory, self.log_file = memory, folder / "kernel.log"
        self.client_factory = _ReportKernelClient
        self.connection_file = str(folder / "kernel.json")
        address = str(folder / "kernel")
        # Named in full: the default is relative, and kernels in one working folder would share it.
        if sys.platform == "linux" and len(address) <= _LONGEST_SOCKET:
            self.transport, self.ip = "ipc", address

    async def _async_pre_start_kernel(self, **kwargs: Any) -> Any:
        if self.provisioner is None:
            self.kernel_id = self.kernel_id or Path(self.connection_file).parent.name
            self.provisioner = ForkProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
        return await super()._async_pre_start_kernel(**kwargs)

    pre_start_kernel = _async_pre_start_kernel

    async def _async_wait(self, pollinterval: float = _RETRY / 1000) -> None:
        # One that was killed is gone in a millisecond; jupyter_client looks again after a tenth of a second.
        await super()._async_wait(pollinterval)

    def last_words(self) -> str:
        """Return the last line of the kernel's error output, empty when there is none."""
        try:
            lines = self.log_file.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1] if lines else ""
