"""Files at addresses such as ``s3://`` or ``abfss://``, fetched with fsspec for as long as they are read."""

from __future__ import annotations

__all__ = ["fetched", "is_address"]

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from s75lib.errors import ConfigError, DataError, Fault

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_OF_THIS_MACHINE = ("file", "local")


def is_address(path: str) -> bool:
    """Whether a path of [sources] is an address and no file of the authority's folder.

    Examples
    --------
    >>> is_address("s3://ledgers/2026/packages.csv"), is_address("raw/packages.csv")
    (True, False)
    """
    return _ADDRESS.match(path) is not None


@contextmanager
def fetched(address: str, slug: str) -> Iterator[Path]:
    """Fetch a file into a folder of its own, which goes afterwards.

    Parameters
    ----------
    address : str
        As fsspec takes it: ``s3://bucket/packages.csv``.
    slug : str
        The authority's, for messages.

    Yields
    ------
    Path
        A file of the same name as the one that was fetched.

    Raises
    ------
    ConfigError
        If the address holds a password or a query, or names this machine, or if fsspec or the package that
        knows such addresses is not installed.
    DataError
        If there is no such file, or it cannot be read.
    """
    parts = urlsplit(address)
    where = f"{slug}/authority.toml: [sources]"
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(
            f"{where}: found an address with a user, a password or a query (not shown); expected the file "
            "alone. Credentials belong in the environment, where the storage's own package finds them."
        )
    if parts.scheme.lower() in _OF_THIS_MACHINE:
        raise ConfigError(
            f"{where}: found an address of this machine; expected a file inside the authority's folder, "
            "by its path, or an address elsewhere. Copy the file there."
        )
    name = PurePosixPath(parts.path).name or parts.netloc
    with tempfile.TemporaryDirectory(prefix="s75-") as folder:
        path = Path(folder, name)
        try:
            fsspec: Any = import_module("fsspec")
            with fsspec.open(address, "rb") as source, path.open("wb") as copy:
                shutil.copyfileobj(source, copy)
        except (ImportError, ValueError) as error:
            raise ConfigError(
                f"{where}: found an address of the kind {parts.scheme}://, for which a package is missing "
                f"({error}); expected it installed. pip install fsspec, and what it names for such addresses."
            ) from error
        except OSError as error:
            found = f"nothing that can be read at its address ({type(error).__name__})"
            expected = "a file, as [sources] in authority.toml says"
            remedy = "Correct the address, or have access to it granted."
            raise DataError(
                [Fault(file=f"{slug}/{name}", found=found, expected=expected, remedy=remedy)]
            ) from error
        yield path
