"""What one report of a run has worked out and its other reports need too, worked out once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

FOLDER = "S75_SHARED"
"""In the environment of a run's kernels: a folder private to the run, which goes with it."""

Made = TypeVar("Made")


def shared(key: object, make: Callable[[], Made]) -> Made:
    """Work something out, or take what another report of the same run has worked out.

    - `key`: All that the result depends on, the code apart; told by its `repr`.
    - `make`: Works it out. Nothing that a public report may not show belongs in the result: it is written to
      a file for as long as the run lasts.

    What `make` returns; always worked out anew outside a run, as in JupyterLab.

    >>> shared(("sum", 1, 2), lambda: 3)
    3
    """
    folder = os.environ.get(FOLDER)
    if not folder:
        return make()
    path = Path(folder, f"shared-{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}")
    with contextlib.suppress(FileNotFoundError):
        made: Made = pickle.loads(path.read_bytes())  # noqa: S301 - a kernel of this run wrote it
        return made
    made = make()
    aside = path.with_name(f"{path.name}.{os.getpid()}")  # kernels that begin together each write their own
    with contextlib.suppress(OSError):  # it is only to save time
        aside.write_bytes(pickle.dumps(made, protocol=pickle.HIGHEST_PROTOCOL))
        aside.replace(path)
    return made
