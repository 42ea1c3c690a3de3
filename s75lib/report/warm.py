"""What the parent of the kernels imports, and how a fork of it becomes a kernel."""

from __future__ import annotations

__all__ = ["SERIAL", "preload", "run_kernel", "set_threads", "without_grammar"]

import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

SERIAL = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

# What notebooks import and what runs and exports them; the rest comes with s75lib's own modules.
_LIBRARIES = (
    "pandas", "statsmodels.api", "matplotlib.figure", "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline", "ipykernel.kernelapp",
    "ipykernel.ipkernel", "ipykernel.zmqshell", "papermill", "nbconvert", "jsonschema",
)  # fmt: skip
_NOT_IN_NOTEBOOKS = ("s75lib.cli",)
_INLINE = "module://matplotlib_inline.backend_inline"
_GRAMMAR = "rfc3987_syntax"


def set_threads() -> None:
    """Hold the numerical libraries to one thread; they read this when they are imported."""
    os.environ.update(dict.fromkeys(SERIAL, "1"))
    os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"  # pyarrow's memory pool has one of its own


def preload() -> None:
    """Import everything that a report may need, and do once what is slow the first time."""
    import s75lib

    with without_grammar():
        for name in _LIBRARIES:
            import_module(name)
    for module in pkgutil.walk_packages(s75lib.__path__, "s75lib."):
        if not module.name.startswith(_NOT_IN_NOTEBOOKS) and not module.name.endswith(".__main__"):
            # A module that cannot be imported is the fault of those reports that use it.
            with suppress(Exception):
                import_module(module.name)
    _draw_once()


@contextmanager
def without_grammar() -> Iterator[None]:
    """Keep jsonschema from importing a grammar of web addresses for seconds: no schema of ours has any."""
    if _GRAMMAR in sys.modules:
        yield
        return
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[_GRAMMAR]


def _draw_once() -> None:
    """Draw a small figure, which finds and reads the fonts."""
    import io

    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1])
    axes.set_title("£1,000")
    figure.savefig(io.StringIO(), format="svg")
    figure.savefig(io.BytesIO(), format="png")


def run_kernel(argv: list[str], env: Mapping[str, str], cwd: str, memory: int | None) -> None:
    """Be an IPython kernel until it is shut down.

    Parameters
    ----------
    argv : list of str
        As `ipykernel` takes them.
    env : mapping of str to str
        The whole environment.
    cwd : str
        Working folder.
    memory : int, optional
        Bytes of data that may be held beyond what is held now.
    """
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    if memory is not None:
        _limit(memory)
    _own_randomness()
    # A stock kernel has its working folder on the path, and not ours.
    sys.argv = ["ipykernel_launcher", *argv]
    from ipykernel.kernelapp import IPKernelApp

    app: Any = IPKernelApp.instance()
    app.initialize(argv)
    _as_if_imported_here(app.shell)
    app.start()


def _limit(memory: int) -> None:
    """Bound the data that this process may hold; what goes beyond is a MemoryError in its cell."""
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        held = int(file.read().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (held + memory, held + memory))


def _own_randomness() -> None:
    """Forks would share the parent's random numbers."""
    import numpy as np

    np.random.seed()


def _as_if_imported_here(shell: Any) -> None:
    """Redo what libraries decide when they are imported: whether they are in a notebook."""
    import pandas as pd

    pd.set_option("display.max_columns", 20)
    import matplotlib

    shell.enable_matplotlib("inline")
    matplotlib.use(_INLINE)  # the same by the name that a kernel knows it by
