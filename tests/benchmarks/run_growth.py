"""What a run costs against its size: seconds, CPU-seconds, memory over 1 to 20 authorities; the no-op.

Run by hand: ``python tests/benchmarks/run_growth.py [--sizes 1,5,10,20] [--jobs 2] [--like exampleshire]
[--plot docs/images/growth.svg]``. The authorities are copies of one under other names.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from run_engine import ROOT, measured

S75 = [sys.executable, "-c", "from s75lib.cli import main; main()"]
TINY = "indicator,group,period,value,unit\nreviews,,2018/19,63,percent\n"


def house(folder: Path, like: str, size: int) -> Path:
    """A folder with the shipped notebooks and copies of an authority."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    for number in range(size):
        shutil.copytree(ROOT / "data" / like, folder / "data" / f"{like}-{number:03}")
    return folder


def growth(folder: Path, like: str, size: int, jobs: int) -> dict[str, Any]:
    """Make all reports of so many authorities."""
    place = house(folder / str(size), like, size)
    reports = size * len(list((place / "notebooks").glob("*.ipynb")))
    found = measured([*S75, "run", "--quiet", "--jobs", str(jobs)], cwd=place)
    shutil.rmtree(place)
    return {"authorities": size, "reports": reports, **found}


def again(folder: Path, authorities: int) -> dict[str, Any]:
    """Look at reports that are all current: made here without a kernel, found current by the command."""
    from nbformat.v4 import new_notebook

    from s75lib.report import worker
    from s75lib.report.batch import run
    from s75lib.report.plan import make_plan

    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    for number in range(authorities):
        own = folder / "data" / f"tiny-{number:03}"
        own.mkdir(parents=True)
        (own / "authority.toml").write_text(f'name = "Tiny {number}"\n', encoding="utf-8")
        (own / "kpi.csv").write_text(TINY, encoding="utf-8")
    plan = make_plan(data_dir=folder / "data", notebooks_dir=folder / "notebooks")
    worker._execute = lambda task, limits: new_notebook(metadata={"s75": {"reads": ["kpi"]}})
    for task in plan.tasks:
        worker.make_report(task, folder / "reports")
    run(plan, folder / "reports")
    measured([*S75, "run", "--quiet"], cwd=folder)  # it learns what the files are
    return {"reports": len(plan.tasks), **measured([*S75, "run", "--quiet"], cwd=folder)}


def line(found: list[dict[str, Any]], what: str) -> tuple[float, float]:
    """Slope for each report and start of the least-squares line."""
    slope, start = np.polyfit([one["reports"] for one in found], [one[what] for one in found], 1)
    return float(slope), float(start)


def plot(found: list[dict[str, Any]], path: Path) -> None:
    """Draw CPU-seconds, seconds and memory against the number of reports."""
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "s75"
    figure, axes = plt.subplots(1, 3, figsize=(9, 2.8), layout="constrained")
    reports = [one["reports"] for one in found]
    panels = (("cpu", "CPU-seconds"), ("wall", "seconds"), ("peak_mb", "peak memory, MB"))
    for ax, (what, label) in zip(axes, panels, strict=True):
        ax.plot(reports, [one[what] for one in found], "o", color="#1f4e79")
        if what != "peak_mb":
            slope, start = line(found, what)
            ax.plot([0, reports[-1]], [start, start + slope * reports[-1]], color="#888888", linewidth=1)
        highest = max(one[what] for one in found)
        ax.set(xlabel="reports", title=label, xlim=(0, 1.1 * reports[-1]), ylim=(0, 1.15 * highest))
        ax.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1,5,10,20")
    parser.add_argument("--like", default="exampleshire")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--again", type=int, default=150, help="authorities of the run that finds all current"
    )
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="s75-growth-") as folder:
        if given.again:
            print(json.dumps(again(Path(folder, "again"), given.again)), flush=True)
        found = []
        for size in map(int, filter(None, given.sizes.split(","))):
            found.append(growth(Path(folder), given.like, size, given.jobs))
            print(json.dumps(found[-1]), flush=True)
    if len(found) > 1:
        for what in ("cpu", "wall"):
            slope, start = line(found, what)
            print(
                f"{what}: {start:.1f} + {slope:.2f} for each report; 600 reports: {start + 600 * slope:.0f}"
            )
    if given.plot and found:
        plot(found, given.plot)


if __name__ == "__main__":
    main()
