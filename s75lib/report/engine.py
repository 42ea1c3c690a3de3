"""The papermill engine ``s75``: an isolated kernel for each notebook, soon forked, and a true record.

``papermill --engine s75 notebooks/kpi_significance.ipynb out.ipynb -p authority islington``
"""

from __future__ import annotations

__all__ = ["ReportTimeoutError", "S75Engine"]

import ast
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.notebooknode import from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.log import logger

from s75lib.errors import RunError
from s75lib.report.kernels import ReportKernelManager
from s75lib.report.outputs import record_failure
from s75lib.report.text import without_paths
from s75lib.report.truth import mark_what_ran

_READS = (
    "(lambda s: s.modules['s75lib.loaders.data'].datasets_read() "
    "if 's75lib.loaders.data' in s.modules else None)(__import__('sys'))"
)


class ReportTimeoutError(RunError):
    """A report took longer than its limit."""


class S75Engine(NBClientEngine):  # type: ignore[misc]
    """Runs a notebook in a kernel forked from a warm parent, and marks its cells by what ran.

    Notes
    -----
    Beyond papermill's own options: ``time_limit`` (seconds for the whole notebook), ``memory_limit`` (bytes
    of data that the kernel may add to what it begins with; where kernels are forked) and ``working_folder``
    (of the kernel alone). The notebook is changed in place, whatever becomes of it.
    """

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Run a notebook; see `papermill.engines.Engine`.

        Raises
        ------
        PapermillException
            If the notebook stopped without an error, as after ``sys.exit(0)``.
        """
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
        """Run the cells, and write into the notebook itself whatever ended it from outside.

        Parameters
        ----------
        nb_man : NotebookExecutionManager
        kernel_name : str
        start_timeout, execution_timeout : float
            Seconds to the kernel's first answer, and for each cell.
        time_limit, memory_limit, working_folder
            As the class says.
        input_path : str
            Papermill's; unused.
        **kwargs
            For the client.
        """
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
                record_failure(nb_man.nb, _too_long(time_limit, execution_timeout))
            except (DeadKernelError, RuntimeError, RunError) as error:
                words = without_paths(manager.last_words())
                told = DeadKernelError(f"{error}. {words}".rstrip(". ")) if words else error
                record_failure(nb_man.nb, told)
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
        """Run the cells, then ask which datasets were read."""
        super().papermill_execute_cells()
        reads = self._asked(_READS)
        if reads is not None:
            self.nb.metadata["s75"] = {"reads": reads}

    def _asked(self, expression: str) -> Any:
        """Value of an expression in the kernel, which shows nothing of it; None when there is none."""
        reply = self.wait_for_reply(
            self.kc.execute("", silent=True, store_history=False, user_expressions={"it": expression})
        )
        answer = reply["content"].get("user_expressions", {}).get("it", {})
        return ast.literal_eval(answer["data"]["text/plain"]) if answer.get("status") == "ok" else None


def _too_long(whole: float | None, cell: float | None) -> ReportTimeoutError:
    """Say which limit was passed."""
    if whole is not None:
        return ReportTimeoutError(f"The report took longer than its limit of {whole:g} seconds.")
    return ReportTimeoutError(f"The cell took longer than its limit of {cell:g} seconds.")
