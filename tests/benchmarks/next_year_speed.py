"""How long next year's budget takes on a ledger of a million rows, loading and simulation included; by hand.

``uv run python tests/benchmarks/next_year_speed.py [rows]`` prints seconds, CPU-seconds and the peak memory.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
from ledger_speed import write

from s75lib import load, next_year
from s75lib.budget.ledger import lines
from s75lib.next_year.history import flows, history
from s75lib.next_year.model import central_draws, model, project
from s75lib.next_year.outlook import outlook, tornado


def main(rows: int) -> None:
    """Time each step on a made-up ledger, with exampleshire's uplifts and savings."""
    given = next_year.study(load("exampleshire"))
    folder = tempfile.TemporaryDirectory()
    maker = get_context("spawn").Process(target=write, args=(rows, Path(folder.name)))
    maker.start()
    maker.join()
    begun, cpu = time.perf_counter(), time.process_time()

    def told(what: str) -> None:
        print(f"{what:<24} {time.perf_counter() - begun:6.2f} s {time.process_time() - cpu:6.2f} CPU-s")

    packages = load("benchmark", data_dir=folder.name).packages
    told("load and validate")
    held = history(lines(packages))
    told("lines and history")
    made = model(held, flows(held), given.data.uplifts)
    told("flows and model")
    project(made, central_draws(made))
    found = outlook(made, given.known, given.savings, pd.Series(held.share(), index=held.days))
    told("4,000 draws")
    tornado(made, given.known, given.savings)
    told("tornado")
    print(found.table.round().to_string())
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB, {rows:,} rows")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
