"""What made a report: versions of Python and of the packages behind its numbers, and s75lib's own source."""

from __future__ import annotations

__all__ = ["code_commit", "code_digest", "environment_versions"]

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = (
    "s75lib", "pandas", "numpy", "scipy", "statsmodels", "pandera", "matplotlib", "seaborn",
    "papermill", "nbclient", "nbconvert", "nbformat", "ipykernel", "python-calamine", "openpyxl",
)  # fmt: skip
_SOURCES = (".py", ".j2", ".css", ".json")


@cache
def environment_versions() -> dict[str, str]:
    """Return the version of Python and of every package that can change a report, by name.

    Returns
    -------
    dict of str to str
        Packages that are not installed are left out.
    """
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


@cache
def code_digest() -> str:
    """Return the SHA-256 of s75lib's own source and templates, names and contents.

    Returns
    -------
    str
        The same for the same source wherever it is installed; line ends do not count.
    """
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in _SOURCES):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()


@cache
def code_commit() -> str:
    """Return the commit of the git checkout that s75lib runs from.

    Returns
    -------
    str
        Forty hexadecimal digits; empty where s75lib was installed without its history. It says where the
        work began: what was changed since and not committed shows in `code_digest` alone.
    """
    git = Path(__file__).resolve().parents[2] / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        if (git / name).is_file():
            return (git / name).read_text(encoding="ascii").strip()
        packed = (git / "packed-refs").read_text(encoding="ascii").splitlines()
        return next((line.split()[0] for line in packed if line.endswith(f" {name}")), "")
    except OSError:
        return ""
