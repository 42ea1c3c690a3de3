"""The papermill engine ``s75``: an isolated kernel for each notebook, soon forked, and a true record.

``papermill --engine s75 notebooks/kpi_significance.ipynb out.ipynb -p authority islington``
"""

from __future__ import annotations

import ast
import atexit
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from queue import Empty
from typing import Any, cast

import zmq.asyncio
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.notebooknode import from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.log import logger
from traitlets import default

from s75lib.errors import RunError
from s75lib.report.executor import ADDRESS, ForkServer, can_fork, fork_kernel
from s75lib.report.manifest import mark_what_ran, record_failure, without_paths
from s75lib.report.warm import started_kernel

_RETRY = 5  # milliseconds
_LONGEST_SOCKET = 100  # bytes; Linux allows 107, and a number follows
_MODULE = "ipykernel_launcher"
_READS = (
    "(lambda s: s.modules['s75lib.loaders.data'].datasets_read() "
    "if 's75lib.loaders.data' in s.modules else None)(__import__('sys'))"
)


@cache
def shared_parent() -> str:
    """Return the address of this process's fork server: the run's, or one started now for this process."""
    if os.environ.get(ADDRESS):
        return os.environ[ADDRESS]
    server = ForkServer()
    atexit.register(server.close)
    return server.address


class ForkProvisioner(LocalProvisioner):
    """Launches a kernel by forking it, or takes one started ahead; all else is as with a local kernel."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork or take the kernel; one of another environment than this is launched as it says itself."""
        if cmd[0] != sys.executable or _MODULE not in cmd:
            return await super().launch_kernel(cmd, **kwargs)
        manager: Any = self.parent
        argv = cmd[cmd.index(_MODULE) + 1 :]
        asked: dict[str, Any] = {"env": dict(kwargs["env"]), "cwd": kwargs.get("cwd") or os.getcwd()}
        asked |= {"errors": str(manager.log_file), "memory": manager.memory}
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
        """Wait for the kernel's first answer."""
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
    """Manages one report's kernel, whose sockets are files of its own folder: kernels race for TCP ports."""

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


class ReportTimeoutError(RunError):
    """A report took longer than its limit."""


class S75Engine(NBClientEngine):  # type: ignore[misc]
    """Runs a notebook in a kernel forked from a warm parent, and marks its cells by what ran.

    Beyond papermill's own options: ``time_limit`` (seconds for the whole notebook), ``memory_limit`` (bytes
    of data that the kernel may add to what it begins with; where kernels are forked) and ``working_folder``
    (of the kernel alone). The notebook is changed in place, whatever becomes of it.
    """

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run a notebook; one that stopped without an error, as after ``sys.exit(0)``, raises papermill's."""
        nb = super().execute_notebook(nb, kernel_name, **kwargs)
        failure = mark_what_ran(nb)
        if failure is not None and failure.name in ("NotRun", "SystemExit"):
            raise PapermillException(str(failure))
        return nb

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        start_timeout: float = 60,
        execution_timeout: float | None = None,
        time_limit: float | None = None,
        memory_limit: int | None = None,
        working_folder: str | Path | None = None,
        input_path: str = "",
        **kwargs: Any,
    ) -> None:
        """Run the cells, and write into the notebook itself whatever ended it from outside."""
        until = None if time_limit is None else time.monotonic() + time_limit

        def left(cell: Any) -> float | None:
            limits = [execution_timeout] if execution_timeout else []
            limits += [max(until - time.monotonic(), 0.01)] if until is not None else []
            return min(limits, default=None)

        with tempfile.TemporaryDirectory(prefix="k") as folder:
            manager = ReportKernelManager(Path(folder), memory_limit, kernel_name=kernel_name)
            client = _Client(
                nb_man,
                km=manager,
                kernel_name=kernel_name,
                startup_timeout=start_timeout,
                timeout_func=left,
                shutdown_kernel="immediate",  # nothing of the kernel is wanted any more
                log=logger,
                **kwargs,
            )
            try:
                client.execute(cwd=str(working_folder) if working_folder else None)
            except CellTimeoutError:
                what, limit = ("report", time_limit) if time_limit else ("cell", execution_timeout)
                told = ReportTimeoutError(f"The {what} took longer than its limit of {limit:g} seconds.")
                record_failure(nb_man.nb, told)
            except (DeadKernelError, RuntimeError, RunError) as error:
                words = without_paths(manager.last_words())
                record_failure(
                    nb_man.nb, DeadKernelError(f"{error}. {words}".rstrip(". ")) if words else error
                )
            mark_what_ran(nb_man.nb)


class _Client(PapermillNotebookClient):  # type: ignore[misc]
    """Papermill's client with a kernel manager that it owns, and a question at the end."""

    @contextmanager
    def setup_kernel(self, **kwargs: Any) -> Any:
        """Start the kernel, and stop it whatever happens."""
        with super().setup_kernel(cleanup_kc=True, **kwargs):
            yield

    def output(self, outs: list[Any], msg: Any, display_id: str | None, cell_index: int) -> Any:
        """Take up what a cell shows; the checking of its form, output by output, is left out."""
        plain = msg["msg_type"] == "display_data" and not display_id and not self.clear_before_next_output
        if not plain or self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            return super().output(outs, msg, display_id, cell_index)
        shown = {name: msg["content"][name] for name in ("metadata", "data")}
        outs.append(from_dict({"output_type": "display_data", **shown}))  # type: ignore[no-untyped-call]
        return outs[-1]

    def papermill_execute_cells(self) -> None:
        """Run the cells, then ask which datasets were read, by an expression that shows nothing."""
        super().papermill_execute_cells()
        reply = self.wait_for_reply(
            self.kc.execute("", silent=True, store_history=False, user_expressions={"reads": _READS})
        )
        answer = reply["content"].get("user_expressions", {}).get("reads", {})
        reads = ast.literal_eval(answer["data"]["text/plain"]) if answer.get("status") == "ok" else None
        if reads is not None:
            self.nb.metadata["s75"] = {"reads": reads}
