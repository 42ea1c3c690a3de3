"""What the parent of the kernels imports, how a fork of it becomes a kernel, and kernels started ahead."""

from __future__ import annotations

import ctypes
import gc
import io
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

SERIAL = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

# What kernels import beside s75lib's own modules,
_IN_KERNELS = (
    "pandas",
    "pandas.core.methods.to_dict",
    "pandas.core.reshape.reshape",
    "pydantic.dataclasses",
    "statsmodels.genmod.generalized_linear_model",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.magics.execution",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "faulthandler",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "tornado.platform.asyncio",
    "zmq.utils.garbage",
)
# and what the workers do that run and export notebooks.
_IN_WORKERS = (
    "papermill",
    "nbconvert",
    "jsonschema",
    "s75lib.report.engine",
    "s75lib.report.exporter",
    "s75lib.report.gate",
    "s75lib.report.manifest",
    "s75lib.report.diff",
    "s75lib.report.worker",
)
# Modules of s75lib that no kernel uses: the commands, and what prepares data before any report.
_NOT_IN_KERNELS = (
    "s75lib.__main__",
    "s75lib.cli",
    "s75lib.report",
    "s75lib.loaders.check",
    "s75lib.loaders.client_level_data",
    "s75lib.loaders.pseudonyms",
    "s75lib.loaders.starter",
)
# Found installed, some libraries import these in every process, at up to half a second: a grammar of web
# addresses that no schema of ours has, a debugger that nobody attaches, random data for tests, and the first
# of two readers of statsmodels' formulas, of which the other does.
_NEVER_NEEDED = ("rfc3987_syntax", "debugpy", "hypothesis", "formulaic")
_INLINE = "module://matplotlib_inline.backend_inline"


def set_threads() -> None:
    """Hold the numerical libraries to one thread; they read this when they are imported."""
    os.environ.update(dict.fromkeys(SERIAL, "1"))
    # pyarrow's own memory pools keep what was freed, and one of them starts a thread.
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"


def give_back() -> None:
    """Return memory that is no longer used to the system."""
    gc.collect()
    with suppress(AttributeError):  # of the C library of Linux alone
        ctypes.CDLL(None).malloc_trim(0)


def write_to(errors: str | Path) -> None:
    """Read nothing from now on, and write both standard streams to a file."""
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream, opened in ((0, null), (1, log), (2, log)):
        os.dup2(opened, stream)
    os.close(null)
    os.close(log)


def preload(*, exporting: bool = True) -> None:
    """Import all that a kernel may need, and a worker that writes reports; do once what is slow at first."""
    import s75lib

    with lean():
        for name in _IN_KERNELS + (_IN_WORKERS if exporting else ()):
            import_module(name)
        _import_all(s75lib)
        _load_once()
        _draw_once()
        if exporting:
            _export_once()


def _import_all(package: ModuleType) -> None:
    """Import a package's modules; one that cannot be imported is the fault of those reports that use it."""
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if not module.name.startswith(_NOT_IN_KERNELS):
            with suppress(Exception):
                imported = import_module(module.name)
                if module.ispkg:
                    _import_all(imported)


@contextmanager
def lean() -> Iterator[None]:
    """Keep libraries from importing, for seconds, what no report needs; it can be imported afterwards."""
    absent = [name for name in _NEVER_NEEDED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def _load_once() -> None:
    """Load a small authority, which compiles the schemas and what pandas and pandera do once."""
    from s75lib import loaders
    from s75lib.loaders.data import forget_reads
    from s75lib.loaders.examples import example
    from s75lib.loaders.schemas import DATASETS

    with tempfile.TemporaryDirectory(prefix="s75-warm-") as data:
        folder = Path(data, "warm")
        folder.mkdir()
        (folder / "authority.toml").write_text('name = "Warm"\n', encoding="utf-8")
        for name, dataset in DATASETS.items():
            cells = {column.name: example(dataset, column) for column in dataset.columns}
            lines = [",".join(cells), ",".join(cells.values())]
            (folder / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
        with suppress(Exception):  # it is only practice
            loaders.load("warm", data_dir=data, allow_faulty=True)
    forget_reads()


def _draw_once() -> None:
    """Draw a small figure, which finds and reads the fonts, and look for backends that are installed."""
    from matplotlib.backends.registry import backend_registry
    from matplotlib.figure import Figure

    backend_registry.list_all()  # type: ignore[no-untyped-call]
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1])
    axes.set_title("£1,000")
    figure.savefig(io.StringIO(), format="svg")
    figure.savefig(io.BytesIO(), format="png")


def _export_once() -> None:
    """Write a page, which compiles the templates and the schema of notebooks."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    from s75lib.report.exporter import S75Exporter

    nb: Any = new_notebook(cells=[new_markdown_cell("# Warm?"), new_code_cell("1")])  # type: ignore[no-untyped-call]
    with suppress(Exception):  # it is only practice
        S75Exporter().from_notebook_node(nb)  # type: ignore[no-untyped-call]


def adopt() -> None:
    """Become the parent of what our descendants leave behind."""
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def die_with_parent(signum: int) -> None:
    """Have the system send us a signal when our parent dies."""
    ctypes.CDLL(None).prctl(1, signum)  # PR_SET_PDEATHSIG


def go_into_care() -> None:
    """Fork once more and go on as the child, a kernel; the parent sees to its end and ends with its status.

    When the kernel has ended, the parent kills whatever it left running, detached or not. A kernel that kills
    its parent ends itself and no other.
    """
    adopt()
    carer, kernel = os.getpid(), os.fork()
    if kernel == 0:
        die_with_parent(signal.SIGKILL)
        if os.getppid() != carer:
            os._exit(1)
        return
    die_with_parent(signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(kernel, signal.SIGKILL))
    status = None
    with suppress(ChildProcessError):
        while True:
            pid, ended = os.waitpid(-1, 0)
            if pid == kernel:
                status = os.waitstatus_to_exitcode(ended)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if status is not None:
                kill_children()
    if status is not None and status < 0:
        with suppress(OSError):  # nothing handles SIGKILL
            signal.signal(-status, signal.SIG_DFL)
        os.kill(carer, -status)
    os._exit(status or 0)


def kill_children(spared: Collection[int] = ()) -> None:
    """Kill the children of this process, found in the system's own list."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended since
            parent = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and int(stat.parent.name) not in spared:
                os.kill(int(stat.parent.name), signal.SIGKILL)


def run_kernel(argv: list[str], env: Mapping[str, str], cwd: str, memory: int | None) -> None:
    """Be an IPython kernel until it is shut down; `memory` bounds the bytes held beyond those held now."""
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # of that environment, and not the parent's
    os.chdir(cwd)
    if memory is not None:
        _limit(memory)
    import numpy as np

    np.random.seed()  # forks would share the parent's random numbers
    # What is forked with is left out of collections, so that what a report makes may grow before one is due.
    gc.set_threshold(10_000, 3, 3)
    # A stock kernel has its working folder on the path, and not ours.
    sys.argv = ["ipykernel_launcher", *argv]
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    # What a report ran is no part of anyone's command history, for which all kernels would wait in turn.
    app: Any = IPKernelApp.instance(config=Config(HistoryManager={"enabled": False}))
    app.initialize(argv)
    _as_if_imported_here(app.shell)
    app.start()


def _limit(memory: int) -> None:
    """Bound the data that this process may hold; what goes beyond is a MemoryError in its cell."""
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        held = int(file.read().split()[5]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (held + memory, held + memory))


def _as_if_imported_here(shell: Any) -> None:
    """Redo what libraries decide when they are imported: whether they are in a notebook."""
    import pandas as pd

    pd.set_option("display.max_columns", 20)
    import matplotlib

    shell.enable_matplotlib("inline")
    matplotlib.use(_INLINE)  # the same by the name that a kernel knows it by


_Process = subprocess.Popen[bytes]
_READY: list[_Process] = []
_AHEAD = threading.Event()


def keep_ready() -> None:
    """Have a kernel ready from now on: whenever one is taken, the next begins to start."""
    _AHEAD.set()
    _READY.append(_start())


def started_kernel(argv: list[str], **asked: Any) -> _Process:
    """Take a kernel that was started ahead, or start one; it ends when its standard input closes."""
    ready = [process for process in _READY if process.poll() is None]
    kernel = ready[0] if ready else _start()
    _READY[:] = [_start()] if _AHEAD.is_set() else []
    assert kernel.stdin is not None
    kernel.stdin.write(json.dumps({"argv": argv, **asked}).encode() + b"\n")
    kernel.stdin.flush()
    return kernel


def _start() -> _Process:
    """Start a process that imports what a kernel needs and waits to be told which kernel to be."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "s75lib.report.warm"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that it and all that it starts can be killed at once
    )


def main() -> None:
    """Import everything, wait, then be a kernel."""
    set_threads()
    preload(exporting=False)
    line = sys.stdin.readline()
    if not line:
        return
    asked = json.loads(line)
    life = os.dup(0)
    write_to(asked["errors"])
    if sys.platform == "linux":
        go_into_care()
    threading.Thread(target=_end_with, args=(life,), daemon=True).start()
    run_kernel(asked["argv"], asked["env"], asked["cwd"], asked["memory"])


def _end_with(life: int) -> None:
    """End this process when the other end of a pipe closes."""
    while os.read(life, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
