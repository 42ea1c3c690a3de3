"""Which datasets this process has looked at, so that a change in another needs no new report."""

from __future__ import annotations

__all__ = ["Frames", "datasets_read", "forget_reads", "note_read"]

from collections.abc import Iterator
from typing import Any

import pandas as pd

_READ: set[str] = set()
_LOADED: list[bool] = []


def datasets_read() -> list[str] | None:
    """Return the names of all datasets that anything in this process has looked at, held or not.

    Returns
    -------
    list of str or None
        Sorted; None when nothing was loaded, for then nobody knows what was read by other ways.
    """
    return sorted(_READ) if _LOADED else None


def note_read(name: str) -> None:
    """Note that a dataset was looked at.

    Parameters
    ----------
    name : str
    """
    _READ.add(name)


def forget_reads() -> None:
    """Take it that nothing was loaded yet, as after a load for practice before this process is forked."""
    _READ.clear()
    _LOADED.clear()


class Frames(dict[str, pd.DataFrame]):
    """An authority's frames by dataset, which notes each that is looked at.

    `untracked` looks without leaving a note, for what every report shows of all datasets alike.

    Examples
    --------
    >>> frames = Frames(kpi=pd.DataFrame({"value": [1]}))
    >>> len(frames["kpi"]), "kpi" in datasets_read()
    (1, True)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _LOADED.append(True)

    def __getitem__(self, name: str) -> pd.DataFrame:
        note_read(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a frame, or the default."""
        note_read(name)
        return super().get(name, default)

    def values(self) -> Any:
        """Return all frames."""
        _READ.update(self)
        return super().values()

    def items(self) -> Any:
        """Return all frames with their names."""
        _READ.update(self)
        return super().items()

    def untracked(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Go through all frames with their names and note none."""
        yield from super().items()
