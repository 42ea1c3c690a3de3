"""Seconds and memory to load and validate a ledger, and how they grow from 10⁴ to 10⁶ rows.

Run from the repository: ``python tests/benchmarks/loading_growth.py [--rows N ...] [--kinds csv xlsx]``.
The ledger is exampleshire's, repeated with new package keys and costs, 20 columns wide. Each load is a
process of its own. Asked for: a million rows from CSV in 15 s and from Parquet in 3 s, 100,000 from Excel
in 20 s, on two cores; Excel is not tried beyond 100,000 rows. ``mapped`` is the CSV under other names, with
days as 31/12/2025, care types and signs of its own, through a mapping: a million rows in 12 s. ``sheets``
is a workbook of 12 mapped sheets of 300 rows, for which 1 s above its mere reading is asked.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from s75lib.loaders import find_data_dir, load
from s75lib.loaders.mapping import propose, written

LIMITS = {
    ("mapped", 1_000_000): 12.0,
    ("csv", 1_000_000): 15.0,
    ("parquet", 1_000_000): 3.0,
    ("xlsx", 100_000): 20.0,
}
PROGRAM = """
import re, sys, time
from s75lib.loaders import load
load("islington", data_dir=sys.argv[2])  # so that imports and schemas are not counted
wall, cpu = time.perf_counter(), time.process_time()
rows = len(load("big", data_dir=sys.argv[1]).packages)
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
# Linux alone tells the peak of a process by itself; getrusage counts its parent's memory too.
peak = int(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1]) / 1024
print(rows, wall, cpu, peak)
"""


def ledger(rows: int) -> pd.DataFrame:
    """Exampleshire's packages, repeated to so many rows, each with a key and a cost of its own."""
    base = load("exampleshire", data_dir=find_data_dir("data")).packages.drop(
        columns=["reference", "source_ref"]
    )
    frame = pd.concat([base] * (rows // len(base) + 1)).head(rows).reset_index(drop=True)
    cost = np.random.default_rng(75).gamma(2, 300, rows).round(2)
    return frame.assign(
        package_key="K" + frame.index.astype("str"),
        weekly_gross=cost,
        health_weekly=0.0,
        client_weekly=0.0,
        net_weekly=cost,
    )


def write(frame: pd.DataFrame, kind: str, folder: Path) -> None:
    """Write the only dataset of the authority in a folder."""
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text('name = "Big"\nsynthetic = true\n', encoding="utf-8")
    path = folder / f"packages.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
        return
    days = {name: frame[name].dt.strftime("%Y-%m-%d") for name in frame.select_dtypes("datetime")}
    if kind == "csv":
        frame.assign(**days).to_csv(path, index=False)
    else:
        frame.to_excel(path, index=False, sheet_name="packages")


THEIRS = {"person_key": "Client ID", "package_key": "PO Number", "care_type": "Element Type",
          "weekly_gross": "Gross Weekly Cost", "client_weekly": "Client Contribution",
          "start_date": "Service Start Date", "end_date": "Service End Date"}  # fmt: skip


def write_mapped(frame: pd.DataFrame, kind: str, folder: Path) -> None:
    """Write the ledger as another council has it, and the mapping that a person would keep."""
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text('name = "Big"\nsynthetic = true\n', encoding="utf-8")
    days = {name: frame[name].dt.strftime("%d/%m/%Y") for name in frame.select_dtypes("datetime")}
    other = frame.assign(**days, care_type=frame["care_type"] + " (long term)", client_weekly=-20.0)
    other["net_weekly"] = frame["weekly_gross"] - 20
    if kind == "mapped":
        other.rename(columns=THEIRS).to_csv(folder / "extract.csv", index=False)
    else:
        with pd.ExcelWriter(folder / "extract.xlsx") as book:
            parts = [other.iloc[300 * n : 300 * n + 300].drop(columns="snapshot_date") for n in range(12)]
            for month, part in zip(pd.date_range("2025-04", periods=12, freq="MS"), parts, strict=True):
                part.rename(columns=THEIRS).to_excel(book, sheet_name=f"{month:%b-%y}", index=False)
    proposals, _ = propose([path for path in folder.iterdir() if path.stem == "extract"], folder)
    text = written(proposals).replace('"?"', '"Other"')
    (folder / "mapping.toml").write_text(text, encoding="utf-8")


def main() -> None:
    """Print a line for each kind of file and number of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--kinds", nargs="+", default=["csv", "parquet", "xlsx", "mapped", "sheets"])
    asked = parser.parse_args()
    data = find_data_dir("data")
    print(f"{'kind':8} {'rows':>9} {'seconds':>8} {'of CPU':>8} {'MB':>6}  asked for")
    for kind in asked.kinds:
        for rows in asked.rows:
            if (kind == "xlsx" and rows > 100_000) or (kind == "sheets" and rows > min(asked.rows)):
                continue
            rows = 3_600 if kind == "sheets" else rows
            with tempfile.TemporaryDirectory() as folder:
                place = write_mapped if kind in ("mapped", "sheets") else write
                place(ledger(rows), kind, Path(folder) / "big")
                command = [sys.executable, "-c", PROGRAM, folder, str(data)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
            loaded, wall, cpu, memory = map(float, done.stdout.split())
            assert loaded == rows
            limit = LIMITS.get((kind, rows))
            wanted = f"{limit:.0f} s" if limit else ""
            print(f"{kind:8} {rows:9,} {wall:8.1f} {cpu:8.1f} {memory:6.0f}  {wanted}")


if __name__ == "__main__":
    main()
