"""Text that may leave the machine: without terminal colours and without the machine's paths."""

from __future__ import annotations

__all__ = ["without_colours", "without_paths"]

import re

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_START = r"(?:file:(?=/))?(?:[A-Za-z]:[\\/]+|\\\\|/{1,3}|~[\\/])"
_QUOTED = re.compile(rf"""(['"])(?<![\w.]['"]){_START}(?:[^'"\n\\/]+[\\/]+)+([^'"\n\\/]*)\1""")
_BARE = re.compile(rf"""(?<![\w.:/\\~-]){_START}(?:[^\s'"<>|:*?\\/]+[\\/]+)+([^\s'"<>|:*?\\/,;)\]]*)""")


def without_colours(text: str) -> str:
    r"""Take terminal colour codes out of a text.

    Examples
    --------
    >>> without_colours("\x1b[31mred\x1b[0m")
    'red'
    """
    return _COLOURS.sub("", text)


def without_paths(text: str) -> str:
    r"""Shorten every absolute path in a text to its last part.

    Parameters
    ----------
    text : str
        An error message, a traceback or a warning.

    Returns
    -------
    str
        The same text with ``/srv/x/kpi.csv`` and ``C:\x\kpi.csv`` as ``kpi.csv``. Web addresses,
        financial years and fractions stay.

    Examples
    --------
    >>> without_paths("No such file: '/srv/my data/kpi.csv' in 2018/19")
    "No such file: 'kpi.csv' in 2018/19"
    >>> without_paths(r"C:\Users\ann\x.py:3: see https://example.org/a/b")
    'x.py:3: see https://example.org/a/b'
    """
    return _BARE.sub(r"\1", _QUOTED.sub(r"\1\2\1", without_colours(text)))
