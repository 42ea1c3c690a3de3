from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from s75lib.errors import ConfigError, RunError
from s75lib.report.batch import run
from s75lib.report.executor import ClusterPool

pytestmark = pytest.mark.slow

WAITS = "import pathlib, time\npathlib.Path('running').touch()\ntime.sleep(3)"


@pytest.fixture
def shop(kit, tmp_path) -> Any:
    house = kit.House(tmp_path)
    kit.write_authority(house.data, "alpha")
    house.notebooks.mkdir()
    for name in ("a", "b", "c"):
        kit.write_notebook(house.notebooks, name, kit.SETUP, WAITS)
    return house


@pytest.fixture
def cluster(tmp_path) -> Any:
    """A scheduler and two workers on loopback: their address and processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    host, port = address.split(":")
    calls = [["dask_scheduler", "--host", host, "--port", port, "--no-dashboard"]]
    calls += [["dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]] * 2
    said = (tmp_path / "cluster.log").open("w")
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{call[0]}", *call[1:]], stderr=said, cwd=tmp_path
        )
        for call in calls
    ]
    yield address, processes
    for process in processes:
        process.kill()
        process.wait()
    said.close()


def connected(address: str) -> ClusterPool:
    until = time.monotonic() + 60
    while True:
        try:
            pool = ClusterPool(address)
        except ConfigError:  # the scheduler is still starting
            assert time.monotonic() < until
            continue
        if pool.slots == 2 or time.monotonic() > until:
            return pool
        pool.shutdown()
        time.sleep(0.5)


def test_a_worker_killed_in_the_middle_loses_no_report(shop, cluster):
    address, (_, first, _) = cluster
    events: list[Any] = []
    killing = subprocess.Popen(
        [sys.executable, "-c", KILLING, str(shop.root / "running"), str(first.pid)],
    )
    pool = connected(address)
    outcomes = run(shop.plan("alpha"), shop.reports, pool=pool, jobs=pool.slots, on_event=events.append)
    pool.shutdown()
    assert killing.wait() == 0
    assert [outcome.status for outcome in outcomes] == ["ok", "ok", "ok"]
    done = [event.outcome.task.notebook for event in events]
    assert sorted(done) == ["a", "b", "c"]
    assert not list(shop.reports.rglob("*.tmp"))


def test_a_lost_scheduler_is_told_and_what_was_finished_is_kept(shop, cluster):
    address, (scheduler, _, _) = cluster

    def lose(event: Any) -> None:
        scheduler.kill()

    pool = connected(address)
    with pytest.raises(RunError, match="scheduler was lost"):
        run(shop.plan("alpha"), shop.reports, pool=pool, jobs=1, on_event=lose)
    pool.shutdown()
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in shop.reports.rglob("*.json")]
    kept = [manifest["status"] for manifest in manifests if "status" in manifest]
    assert kept
    assert set(kept) == {"ok"}
    assert (shop.reports / "index.html").exists()


def test_no_scheduler_is_a_fault_of_the_call():
    with pytest.raises(ConfigError, match="found no scheduler"):
        ClusterPool("tcp://127.0.0.1:9")


KILLING = """\
import os, pathlib, signal, sys, time
until = time.monotonic() + 120
while not pathlib.Path(sys.argv[1]).exists():
    assert time.monotonic() < until
    time.sleep(0.05)
time.sleep(0.5)
os.kill(int(sys.argv[2]), signal.SIGKILL)
"""
