"""What every test may use: the repository's folders, and a small authority to damage."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

from s75lib.loaders import AuthorityData, load

ROOT = Path(__file__).resolve().parents[1]

# Where all tests must pass, the same examples are drawn everywhere; elsewhere new ones each time.
settings.register_profile("all", derandomize=True)
if os.environ.get("S75_ALL_TESTS"):
    settings.load_profile("all")


# Where a division by nothing, or a number that is none, is a fault and no warning.
SOUND = {ROOT / "tests" / folder for folder in ("account", "budget", "stats")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent in SOUND:
            item.add_marker(pytest.mark.filterwarnings("error::RuntimeWarning:s75lib"))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    return ROOT / "data"


@pytest.fixture
def small_authority(tmp_path: Path) -> Path:
    """A data folder with one authority, ``smallshire``, and two sound datasets."""
    folder = tmp_path / "data" / "smallshire"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text(
        'name = "Smallshire"\npartners = ["A Council", "A Trust"]\n', encoding="utf-8"
    )
    (folder / "kpi.csv").write_text(
        "indicator,group,period,value,unit,numerator,denominator\n"
        "carers_assessed,,2023/24,47.5,percent,38,80\n"
        "carers_assessed,,2024/25,62.5,percent,50,80\n"
        "permanent_admissions,AMH,2024/25,9,count,,\n",
        encoding="utf-8",
    )
    (folder / "staffing.csv").write_text(
        "as_at,organisation,group,budget,adjusted_budget,adjusted_budget_to_date,actual_to_date,forecast\n"
        "2024-11-30,Council,Mgmt,1200,1200,800,790,1190\n",
        encoding="utf-8",
    )
    return folder.parent


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., AuthorityData]:
    """Make an authority's data from frames in memory, completed to the columns of their schema.

    ``made(kpi=frame, threshold=10, slug="northshire")``; datasets that are not given hold no row.
    """

    def make(
        *,
        threshold: int = 5,
        slug: str = "madeshire",
        period: str = "",
        internal: bool = False,
        **frames: Any,
    ) -> AuthorityData:
        folder = tmp_path / "made" / slug
        folder.mkdir(parents=True, exist_ok=True)
        about = f'name = "{slug.title()}"\ndisclosure_threshold = {threshold}\nagreement.start = 2024-04-01\n'
        (folder / "authority.toml").write_text(about, encoding="utf-8")
        (folder / "facts.csv").write_text("fact_id,statement,period,value,unit\na,A.,2024/25,1,£\n", "utf-8")
        data = load(slug, period, data_dir=folder.parent, internal=internal)
        held = dict(data.frames.untracked()) | {"facts": data.facts.iloc[:0]}
        for name, frame in frames.items():
            blank = {c: "" for c in held[name] if held[name][c].dtype == "str"}
            missing = {c: text for c, text in blank.items() if c not in frame}
            whole = frame.assign(**missing).reindex(columns=held[name].columns)
            held[name] = whole.astype(held[name].dtypes.to_dict())
        return replace(data, frames=type(data.frames)(held))

    return make


@pytest.fixture(scope="session")
def with_warm_parent() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Let runs fork from one warm parent, which stays: to import everything takes seconds at each start."""
    from s75lib.report import executor

    class Kept(executor._ForkPool):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            self.renew()

    held: list[Kept] = []

    @contextmanager
    def lent() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            if executor.can_fork():
                held[:] = held or [Kept(2)]
                patch.setattr(executor, "_started", lambda jobs: held[0])
            yield

    yield lent
    for pool in held:
        executor._ForkPool.shutdown(pool)


@pytest.fixture
def warm_parent(with_warm_parent: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Have the runs of one test fork from the warm parent of all."""
    with with_warm_parent():
        yield


@pytest.fixture(scope="session")
def all_reports(
    tmp_path_factory: pytest.TempPathFactory,
    with_warm_parent: Callable[[], AbstractContextManager[None]],
) -> Path:
    """Make every report for every authority, once for all workers of the session; fail where one fails."""
    from s75lib.report.batch import run
    from s75lib.report.plan import make_plan

    workers = tmp_path_factory.getbasetemp()
    out = (workers.parent if os.environ.get("PYTEST_XDIST_WORKER") else workers) / "whole-way" / "reports"
    plan = make_plan(data_dir=ROOT / "data", notebooks_dir=ROOT / "notebooks")
    with FileLock(f"{out.parent}.lock"), with_warm_parent():
        # Who comes second finds every report current, and takes only what failed upon itself.
        outcomes = run(plan, out, jobs=2)
    failed = [f"{o.task.authority} {o.task.notebook}: {o.error}" for o in outcomes if o.status == "failed"]
    assert not [*plan.faults, *failed]
    return out


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Under S75_ALL_TESTS, as in .ci/run, a skipped test fails the run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("S75_ALL_TESTS") and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
