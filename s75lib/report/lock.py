"""One run at a time in an output folder, held by a lock that tells whose it is and ends with its process."""

from __future__ import annotations

__all__ = ["locked"]

import contextlib
import getpass
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from s75lib.errors import ConfigError

_FILE = ".s75.lock"


@contextlib.contextmanager
def locked(out_dir: Path) -> Iterator[None]:
    """Hold an output folder for one run.

    Parameters
    ----------
    out_dir : Path
        Exists.

    Raises
    ------
    ConfigError
        If another run holds it, with who that is, or if the folder cannot be written.

    Notes
    -----
    The system gives the lock up when its process ends, however it ends, so none is ever stale.
    """
    path = out_dir / _FILE
    try:
        handle = _opened(path)
    except OSError as error:
        raise ConfigError(
            f"output folder: found {out_dir.name!r}, which cannot be written ({error.strerror}); "
            "expected a folder that may be written. Choose another with --out."
        ) from error
    try:
        os.truncate(handle, 0)
        os.write(handle, _holder().encode())
        yield
    finally:
        with contextlib.suppress(OSError):
            if os.name == "posix":
                path.unlink(missing_ok=True)  # while it is held: whoever waits for it looks again
        os.close(handle)


def _opened(path: Path) -> int:
    """Open the lock file and take the lock."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(handle)
        except OSError:
            holder = os.read(handle, 200).decode(errors="replace").strip() or "another run"
            os.close(handle)
            raise ConfigError(
                f"output folder: found it in use by {holder}; expected one run at a time. "
                "Wait for that run, or choose another folder with --out."
            ) from None
        with contextlib.suppress(FileNotFoundError):
            if os.name != "posix" or os.fstat(handle).st_ino == path.stat().st_ino:
                return handle
        os.close(handle)  # its holder removed it in the meantime


def _take(handle: int) -> None:
    """Take the lock or raise OSError."""
    if os.name == "posix":
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        # Beyond the text, which others read.
        os.lseek(handle, 1000, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        finally:
            os.lseek(handle, 0, os.SEEK_SET)


def _holder() -> str:
    """Say who we are."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "an unnamed user"
    begun = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{user} on {platform.node()}, process {os.getpid()}, since {begun}\n"
