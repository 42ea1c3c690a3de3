"""The key of the hashes: from the environment, or from a file that only its owner can read."""

from __future__ import annotations

__all__ = ["MIN_KEY", "find_key"]

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from s75lib.errors import ConfigError

MIN_KEY = 16
"""Bytes that a key must have at least."""

_VARIABLE = "S75_KEY"
_HOW_TO_MAKE_ONE = 'python -c "import secrets; print(secrets.token_hex(32))" makes one.'


def find_key(key_file: Path | None = None, environment: Mapping[str, str] | None = None) -> bytes:
    """Find the key: in a file that nobody but its owner can read, or in the variable S75_KEY.

    Parameters
    ----------
    key_file : Path, optional
        Preferred to the variable.
    environment : mapping, optional
        Default: the process's.

    Returns
    -------
    bytes
        At least `MIN_KEY` of them.

    Raises
    ------
    ConfigError
        If there is none, it is too short, or others could read the file. The key is never shown.

    Notes
    -----
    On Windows a file's rights can't be seen this way and are not checked: keep it in your own profile.

    Examples
    --------
    >>> find_key(environment={"S75_KEY": "a key that nobody else knows"})[:5]
    b'a key'
    """
    if key_file is None:
        key = (os.environ if environment is None else environment).get(_VARIABLE, "").strip().encode()
        where = f"the environment variable {_VARIABLE}"
    else:
        where = f"the key file {key_file.name}"
        key = _key_in(key_file, where)
    if not key:
        raise ConfigError(
            f"key: found none in {where}; expected a secret of at least {MIN_KEY} characters there, or in a "
            f"file named with --key-file. {_HOW_TO_MAKE_ONE}"
        )
    if len(key) < MIN_KEY or len(set(key)) < 6:
        raise ConfigError(
            f"key: found in {where} one that could be guessed; expected at least {MIN_KEY} characters, "
            f"drawn by chance. {_HOW_TO_MAKE_ONE}"
        )
    return key


def _key_in(file: Path, where: str) -> bytes:
    try:
        with file.open("rb") as opened:
            about = os.fstat(opened.fileno())
            if os.name == "posix" and (
                stat.S_IMODE(about.st_mode) & 0o077 or about.st_uid not in (os.geteuid(), 0)
            ):
                raise ConfigError(
                    f"key: found that others may read {where}; expected rights for its owner alone. "
                    f"Run: chmod 600 {file.name}"
                )
            return opened.read(4096).strip()
    except OSError as error:
        raise ConfigError(
            f"key: found that {where} can't be read ({type(error).__name__}); correct its path or rights."
        ) from None
