"""What a notebook file says of itself, read without running it: title, parameters, digest."""

from __future__ import annotations

__all__ = ["Notebook", "Parameter", "find_notebooks", "read_notebook"]

import ast
import hashlib
import io
import json
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s75lib.errors import ConfigError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Parameter:
    """A parameter that a notebook declares.

    Parameters
    ----------
    name : str
    types : tuple of str
        Names of the Python types that it takes, such as ``("float", "None")``.
    default : object
        Its value when none is given.
    help : str
        The comment beside it.
    """

    name: str
    types: tuple[str, ...]
    default: Any
    help: str = ""

    @property
    def declared(self) -> str:
        """The types as an author writes them: ``float | None``."""
        return " | ".join(self.types)


@dataclass(frozen=True)
class Notebook:
    """A notebook of the collection.

    Parameters
    ----------
    name : str
        File name without ending.
    path : Path
    title : str
        Its first level-1 heading, or its name.
    parameters : dict of str to Parameter
        In the order of the parameters cell.
    digest : str
        SHA-256 of what it does: cell types, sources and tags. Outputs and execution counts do not count.
    """

    name: str
    path: Path
    title: str
    parameters: Mapping[str, Parameter]
    digest: str


def find_notebooks(folder: str | Path) -> dict[str, Path]:
    """List the notebooks of a folder.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    dict of str to Path
        By name, sorted; names are letters, digits, ``_`` and ``-``.

    Raises
    ------
    ConfigError
        If there is no such folder, or no notebook in it.
    """
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
    """Read a notebook's title, parameters and digest.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Notebook

    Raises
    ------
    ConfigError
        If the file is no notebook, or its parameters cell is missing, is not Python or holds anything
        but assignments of plain values.
    """
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
    comments = _comments(source)
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
        help_text = comments.get(statement.end_lineno or statement.lineno, "")
        found[name] = Parameter(name, types or (_type_name(default),), default, help_text)
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
    """Name of a value's type as an annotation has it."""
    return "None" if value is None else type(value).__name__


def _comments(source: str) -> dict[int, str]:
    """Comment of each line that has one."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
