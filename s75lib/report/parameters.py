"""Values for a notebook's parameters, checked by name and type before anything runs."""

from __future__ import annotations

__all__ = ["RESERVED", "checked_parameters"]

import ast
import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from s75lib.report.notebooks import Notebook, Parameter

RESERVED = {
    "authority": "Name authorities as arguments of the command.",
    "period": "Use --period.",
    "data_dir": "Use --data.",
}
_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|passphrase|secret|token|credentials?|api_?key|access_?key|private_?key)(?:$|_)",
    re.IGNORECASE,
)
_SIGNED_IN = re.compile(r"://[^/@\s]+:[^/@\s]+@")
_WORDS = {"true": True, "yes": True, "false": False, "no": False, "none": None}


def checked_parameters(
    given: Mapping[str, Any], notebooks: Sequence[Notebook]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Give each notebook the parameters that it declares, as values of the declared types.

    Parameters
    ----------
    given : mapping of str to object
        Values by name; a text is read as the declared type (``"12"`` for an int, ``"yes"`` for a bool,
        ``"[1, 2]"`` for a list), as it comes from a command line.
    notebooks : sequence of Notebook
        Those that will run. A parameter goes to each that declares it; one that none declares is a fault.

    Returns
    -------
    values : dict of str to dict
        By notebook name.
    faults : list of str
        Every fault: what was found, what was expected, what to do.

    Notes
    -----
    A secret, by the parameter's name or as an address with a password, is refused and not repeated.
    An int is taken for a float. A bool is no int, and NaN and infinity are no numbers here.
    """
    faults = [
        f"{notebook.name}: found no parameter {name!r}; expected it in the parameters cell. "
        f"Add '{name}: str = ...' there."
        for notebook in notebooks
        for name in RESERVED
        if name not in notebook.parameters
    ]
    values: dict[str, dict[str, Any]] = {notebook.name: {} for notebook in notebooks}
    for name, value in given.items():
        if name in RESERVED:
            faults.append(f"parameter {name!r}: found under -p; expected elsewhere. {RESERVED[name]}")
            continue
        if _secret(name, value):
            faults.append(
                f"parameter {name!r}: found what looks like a secret; expected none, since parameters "
                "are written down. Keep it in an environment variable that the notebook reads, "
                f"and pass the variable's name, as in -p {name}_env=NAME."
            )
            continue
        takers = [notebook for notebook in notebooks if name in notebook.parameters]
        if not takers:
            faults.append(_unknown(name, notebooks))
        for notebook in takers:
            parameter = notebook.parameters[name]
            try:
                values[notebook.name][name] = _value(value, parameter)
            except ValueError:
                faults.append(
                    f"parameter {name!r} of {notebook.name}: found {value!r} ({type(value).__name__}); "
                    f"expected {parameter.declared}, such as {parameter.default!r}. Correct the value."
                )
    return values, faults


def _secret(name: str, value: Any) -> bool:
    """Whether a parameter is, by its name or as an address with a password, nothing to write down."""
    named = _SECRET.search(name) is not None and not name.lower().endswith("_env")
    return named or (isinstance(value, str) and _SIGNED_IN.search(value) is not None)


def _unknown(name: str, notebooks: Sequence[Notebook]) -> str:
    """Word the fault of a parameter that no notebook declares."""
    known = sorted({known for notebook in notebooks for known in notebook.parameters} - set(RESERVED))
    near = difflib.get_close_matches(name, known, n=1)
    remedy = (
        f"Did you mean {near[0]!r}?" if near else "Leave it out, or add it to the notebook's parameters cell."
    )
    where = ", ".join(notebook.name for notebook in notebooks)
    return f"parameter {name!r}: found in no parameters cell of {where}; expected {_one_of(known)}. {remedy}"


def _one_of(names: Sequence[str]) -> str:
    """Word the names to choose from."""
    return f"one of {', '.join(names)}" if names else "none: there is nothing to set"


def _value(value: Any, parameter: Parameter) -> Any:
    """Return a value as its declared type; ValueError when it cannot be."""
    if isinstance(value, str) and "str" not in parameter.types:
        value = _read(value.strip())
    kind = "None" if value is None else type(value).__name__
    if kind in parameter.types:
        if isinstance(value, float) and value - value != 0:
            raise ValueError
        return value
    if kind == "int" and "float" in parameter.types:
        return float(value)
    raise ValueError


def _read(text: str) -> Any:
    """Read a text from the command line as a Python value."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        raise ValueError from None
