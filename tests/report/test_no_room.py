"""A full disk and an output that can't be written: on a small file system where one may be mounted."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from s75lib.report.batch import run

pytestmark = pytest.mark.slow

Ran = subprocess.CompletedProcess[str]


def mounted(folder: Path) -> bool:
    """Whether a file system of 1 MB could be put there."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    with contextlib.suppress(OSError):
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    return False


@pytest.fixture
def small(tmp_path: Path) -> Iterator[bool]:
    """Whether the folder for reports is a file system of 1 MB."""
    folder = tmp_path / "shop" / "reports"
    folder.mkdir(parents=True)
    made = mounted(folder)
    yield made
    if made:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def shop(kit: Any, tmp_path: Path, small: bool) -> Any:
    """One authority and one notebook with a good report."""
    house = kit.House(tmp_path / "shop")
    kit.write_authority(house.data, "alpha")
    house.notebooks.mkdir()
    kit.write_notebook(house.notebooks, "kpi", kit.SETUP)
    assert [one.status for one in run(house.plan("alpha"), house.reports, jobs=1)] == ["ok"]
    return house


def command(shop: Any, before: Callable[[], None] | None = None) -> Ran:
    """Run the command as a user does, once more."""
    code = "from s75lib.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "run", "alpha", "--force", "--quiet", "--out", str(shop.reports)],
        cwd=shop.root, capture_output=True, text=True, check=False, preexec_fn=before,
    )  # fmt: skip


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def test_a_full_disk_loses_nothing_and_says_so(shop: Any, small: bool) -> None:
    held = {path: path.read_bytes() for path in shop.reports.glob("alpha/*/*")}
    assert len(held) == 3
    filler = shop.reports / "filler"
    if small:
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    for left, status in ((0, 2),) if small else ((0, 1),):
        if left:
            os.truncate(filler, filler.stat().st_size - left)
        ended = command(shop, None if small else limit)
        assert ended.returncode == status, ended.stderr
        assert "No space left on device" in ended.stderr or "File too large" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert {path: path.read_bytes() for path in held} == held
        assert not [*shop.reports.rglob("*.tmp")]
    filler.unlink(missing_ok=True)
    assert command(shop).returncode == 0


def test_an_output_that_is_read_only_loses_nothing_and_says_so(shop: Any, small: bool) -> None:
    held = {path: path.read_bytes() for path in shop.reports.rglob("*") if path.is_file()}
    if small:
        subprocess.run(["mount", "-o", "remount,ro", str(shop.reports)], check=True)
    else:
        for folder in (shop.reports, *(path for path in shop.reports.rglob("*") if path.is_dir())):
            folder.chmod(0o555)
    ended = command(shop)
    for folder in (shop.reports, *shop.reports.rglob("*")) if not small else ():
        folder.chmod(0o755)
    assert ended.returncode in (1, 2)
    assert "Read-only file system" in ended.stderr or "Permission denied" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert {path: path.read_bytes() for path in held} == held
