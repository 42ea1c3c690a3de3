"""What a notebook file says of itself, read without running it, and values for its parameters."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s75lib.errors import ConfigError, did_you_mean, read_parameter

RESERVED = {
    "authority": "Name authorities as arguments of the command.",
    "period": "Use --period.",
    "data_dir": "Use --data.",
}
"""Parameters that the command sets, with how."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|passphrase|secret|token|credentials?|api_?key|access_?key|private_?key)(?:$|_)",
    re.IGNORECASE,
)
_SIGNED_IN = re.compile(r"://[^/@\s]+:[^/@\s]+@")


@dataclass(frozen=True)
class Parameter:
    """A parameter that a notebook declares."""

    name: str
    types: tuple[str, ...]  # names of Python types, such as ("float", "None")
    default: Any

    @property
    def declared(self) -> str:
        """The types as an author writes them: ``float | None``."""
        return " | ".join(self.types)


@dataclass(frozen=True)
class Notebook:
    """A notebook of the collection."""

    name: str
    path: Path
    title: str
    parameters: Mapping[str, Parameter]  # in the order of the parameters cell
    digest: str  # of what it does: cell types, sources and tags; outputs and execution counts do not count


def find_notebooks(folder: str | Path) -> dict[str, Path]:
    """List the notebooks of a folder by name; names are letters, digits, ``_`` and ``-``."""
    place = Path(folder)
    if not place.is_dir():
        raise ConfigError(
            f"notebooks folder: found no folder {place.name!r}; expected one that holds .ipynb files."
        )
    found = {path.stem: path for path in sorted(place.glob("*.ipynb")) if _NAME.fullmatch(path.stem)}
    if not found:
        raise ConfigError(
            f"notebooks folder: found no notebook in {place.name!r}; expected .ipynb files there."
        )
    return found


def read_notebook(path: str | Path) -> Notebook:
    """Read a notebook's title, parameters and digest."""
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = [
            (cell["cell_type"], "".join(cell["source"]), tuple(cell["metadata"].get("tags", [])))
            for cell in content["cells"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path.name}: found a file that is no notebook of format 4 ({type(error).__name__}); "
            "expected one as JupyterLab saves it. Open and save it there."
        ) from error
    source = next((source for kind, source, tags in cells if kind == "code" and "parameters" in tags), None)
    if source is None:
        raise ConfigError(
            f"{path.name}: found no cell tagged 'parameters'; "
            "expected one that sets authority, period and data_dir."
        )
    prose = "\n".join(source for kind, source, _ in cells if kind == "markdown")
    title = re.search(r"^#\s+(.+?)\s*#*$", prose, flags=re.MULTILINE)
    return Notebook(
        name=path.stem,
        path=path,
        title=title[1] if title else path.stem.replace("_", " ").capitalize(),
        parameters=_parameters(path.name, source),
        digest=hashlib.sha256(json.dumps(cells, ensure_ascii=False).encode()).hexdigest(),
    )


def _parameters(file: str, source: str) -> dict[str, Parameter]:
    """Read the parameters cell; every statement is an assignment of a literal to a name."""
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise ConfigError(
            f"{file}, parameters cell, line {error.lineno}: found {error.msg}; expected Python."
        ) from error
    found = {}
    for statement in statements:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as value):
                types = _types(ast.unparse(annotation))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                types = ()
            case _:
                raise _not_plain(file, statement)
        try:
            default = ast.literal_eval(value)
        except ValueError as error:
            raise _not_plain(file, statement) from error
        found[name] = Parameter(name, types or (_type_name(default),), default)
    return found


def _not_plain(file: str, statement: ast.stmt) -> ConfigError:
    """Make the error of a parameters cell that does more than set plain values."""
    return ConfigError(
        f"{file}, parameters cell, line {statement.lineno}: found {ast.unparse(statement)!r}; "
        "expected a plain value with its type, such as 'months: int = 12'. Move other code to the next cell."
    )


def _types(annotation: str) -> tuple[str, ...]:
    """Names of the types in an annotation, containers by their outer type."""
    optional = re.fullmatch(r"(?:typing\.)?Optional\[(.+)\]", annotation)
    outer = re.sub(r"\[.*\]", "", annotation if optional is None else f"{optional[1]} | None")
    return tuple(part.strip() for part in outer.split("|"))


def _type_name(value: object) -> str:
    return "None" if value is None else type(value).__name__


def checked_parameters(
    given: Mapping[str, Any], notebooks: Sequence[Notebook]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Give each notebook the parameters that it declares, read as the declared types, and list faults."""
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
                values[notebook.name][name] = read_parameter(value, parameter.types)
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
    remedy = did_you_mean(name, known, "Leave it out, or add it to the notebook's parameters cell.")
    where = ", ".join(notebook.name for notebook in notebooks)
    expected = f"one of {', '.join(known)}" if known else "none: there is nothing to set"
    return f"parameter {name!r}: found in no parameters cell of {where}; expected {expected}. {remedy}"
