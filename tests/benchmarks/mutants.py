"""How many random faults in metrics, stats, disclosure and identifiers do the tests of each module notice?

Usage: uv run --with cosmic-ray python tests/benchmarks/mutants.py [--number 100] [--seed 1] [--jobs 2]
       [--only 3,14] [PATH]

Draws places at random over the modules, makes one of cosmic-ray's faults at each in a copy of the tree, and
runs the module's doctests and its tests: tests/<folder>/test_<module>*.py, those of its package, or all of
the folder. A fault is noticed where a test fails that passes without it. Says so of each with its number in
the draw and its line, and the share; --only tries some numbers again. Each job is a fork that has imported
pandas and the like, so this runs on Linux.

Not drawn, for it is no metric: a function that takes a `study` or matplotlib's `Axes`, uses what is imported
from `s75lib.present` or calls one that does; a declaration made of such names; a constant of the module that
these alone use; and `DATA`, such as the defaults of assumptions and the number of draws. Not drawn, for no
test can feel it: annotations, imports for them, asserts, `strict` of zip, `slots` and `repr` of
a dataclass, caches, and `reshape(-2)`, which numpy takes for -1. `EQUIVALENT` lists faults that change no
result, with the reason.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import io
import multiprocessing
import os
import random
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from hypothesis import Phase, settings

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = ("s75lib/stats", "s75lib/budget", "s75lib/kpi", "s75lib/workload", "s75lib/account",
           "s75lib/scorecard", "s75lib/present/disclosure.py", "s75lib/loaders/identifiers.py")  # fmt: skip
LIMIT = 180  # seconds of a processor for a module's tests; a fault that makes them hang is noticed
WARM = ("pandas", "scipy.stats", "scipy.optimize", "statsmodels.tsa.seasonal", "matplotlib.pyplot", "seaborn",
        "pandera.pandas", "hypothesis", "pydantic", "openpyxl", "rich", "sqlglot")  # fmt: skip
UNFELT = {"strict", "slots", "repr"}
# Data beside their sources; how many draws are made, how long is searched and how much is done at once.
DATA = {"DEFAULTS", "_DRAWS", "_RECRUITMENT_DRAWS", "_REDEPLOYMENT_DRAWS", "_PATHS", "_SEED", "_ROUND_LIMIT",
        "_NODE_LIMIT", "_CHOICE_LIMIT", "_SAFE_LIMIT", "_CHUNK", "_LARGEST", "_BLOCK"}  # fmt: skip
EQUIVALENT = {
    (
        "s75lib/budget/joint_funding.py",
        'last = rows[seen >= seen.groupby(seen.dt.to_period("Q-MAR").dt.qyear).transform("max")]',
    ): "no day of a year is later than its latest",
    (
        "s75lib/stats/forecasting/smoothing.py",
        "n = lower.shape[- 2]",
    ): "the matrices are square",
    (
        "s75lib/stats/forecasting/smoothing.py",
        "origin = float(z[np.flatnonzero(~np.isnan(z))[- 0]])",
    ): "whatever is taken off is put back, and the level is free",
    (
        "s75lib/stats/funnel.py",
        'return self.overdispersion.between if self.dispersion <= "additive" else 0.0',
    ): "it is the first of the three by the alphabet",
    (
        "s75lib/stats/rounding.py",
        "bases = np.arange(max(stop - _CHUNK, 1), stop + 0)",
    ): "from the base needed on every change is significant; one more guards against a last place",
}
# What holds for every module.
HOUSE = "tests/test_house.py::test_nobody_changes_a_result_that_others_read_too"
PHASES = (Phase.explicit, Phase.generate)
FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Mutant:
    """One fault: its number in the draw, its module, its place, and the changed source."""

    number: int
    module: Path
    line: int
    operator: str
    source: str

    @property
    def changed(self) -> str:
        """The first line that the fault changes, as it reads then."""
        before = self.module.read_text(encoding="utf-8").splitlines()
        pairs = zip(before, self.source.splitlines(), strict=False)
        return next((after.strip() for line, after in pairs if line != after), "")

    @property
    def is_equivalent(self) -> bool:
        """Whether it is known that the fault changes no result."""
        return (str(self.module.relative_to(ROOT)), self.changed) in EQUIVALENT

    def told(self, was: bool) -> str:
        """Say whether the fault was noticed, where it is and how its line reads."""
        word = "noticed" if was else "equivalent" if self.is_equivalent else "SURVIVED"
        place = f"{self.number} {self.module.relative_to(ROOT)}:{self.line}"
        return f"{word} {place} {self.operator}\n    {self.changed}"


class Bare(ast.NodeTransformer):
    """Takes away what no test can feel."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_If(self, node: ast.If) -> ast.AST:
        return ast.Pass() if "TYPE_CHECKING" in uses(node.test) else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "reshape":
            node.args = [ast.Constant(-1) if ast.unparse(a) in ("-2", "~1") else a for a in node.args]
        node.keywords = [keyword for keyword in node.keywords if keyword.arg not in UNFELT]
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        node.decorator_list = [d for d in node.decorator_list if "cache" not in ast.unparse(d)]
        return self.generic_visit(node)


def bare(source: str) -> str:
    """Write source without what is for readers and type checkers alone."""
    return ast.unparse(Bare().visit(ast.parse(source)))


def uses(node: ast.AST) -> set[str]:
    """List the names and attributes of self that code uses."""
    parts = list(ast.walk(node))
    return {p.id for p in parts if isinstance(p, ast.Name)} | {
        p.attr for p in parts if isinstance(p, ast.Attribute) and ast.unparse(p.value) in ("self", "cls")
    }


def shown(source: str) -> set[int]:
    """List the lines of what draws and words: see the module's docstring."""
    body = ast.parse(source).body
    names = {
        alias.asname or alias.name
        for node in body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("s75lib.present")
        for alias in node.names
    }
    # Without such an import (stats, present.disclosure), all but data is a metric.
    pieces: list[ast.stmt] = []
    for node in body:
        pieces += node.body if isinstance(node, ast.ClassDef) else [node]
    marked: dict[int, ast.stmt] = {}
    while True:
        left = [piece for at, piece in enumerate(pieces) if at not in marked]
        new = {
            at: piece
            for at, piece in enumerate(pieces)
            if at not in marked
            and (
                uses(piece) & names
                or _is_for_others(piece, left)
                or (isinstance(piece, ast.FunctionDef) and uses(piece.args) & {"Axes"})
                or (isinstance(piece, ast.FunctionDef) and "study" in [a.arg for a in piece.args.args])
            )
        }
        if not new:
            break
        marked |= new
        names |= {piece.name for piece in new.values() if isinstance(piece, ast.FunctionDef)}
    return {
        line
        for piece in marked.values()
        for line in range(min([piece.lineno, *(d.lineno for d in getattr(piece, "decorator_list", []))]),
                          (piece.end_lineno or piece.lineno) + 1)
    }  # fmt: skip


def _is_for_others(piece: ast.stmt, left: list[ast.stmt]) -> bool:
    """Whether a module declares data, or constants of its own that nothing uses of what is left."""
    if not isinstance(piece, ast.Assign | ast.AnnAssign):
        return False
    parts = [part for part in ast.walk(piece) if isinstance(part, ast.Name)]
    own = {part.id for part in parts if isinstance(part.ctx, ast.Store)}
    is_private = all(name.startswith("_") for name in own)
    used = any(own & uses(other) for other in left if other is not piece)
    return bool(own) and (own <= DATA or (is_private and not used))


def places(path: Path) -> dict[tuple[int, int], list[tuple[str, int]]]:
    """List by place the operators that can make a fault there, each with its occurrence in the module."""
    source = path.read_text(encoding="utf-8")
    nodes, outside = list(ast_nodes(get_ast(source))), shown(source)
    found: dict[tuple[int, int], list[tuple[str, int]]] = {}
    at: dict[str, list[tuple[int, int]]] = {}
    for name in sorted(name for name in operator_names() if not get_operator(name).arguments()):
        # Whatever replaces it, a binary operator stands where it stands.
        kind = name.rsplit("_", 1)[0] if "ReplaceBinaryOperator" in name else name
        if kind not in at:
            operator = get_operator(name)()
            at[kind] = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, start in enumerate(at[kind]):
            if start[0] not in outside:
                found.setdefault(start, []).append((name, occurrence))
    return found


def draw(modules: list[Path], number: int, seed: int) -> list[Mutant]:
    """Draw faults, each at another place."""
    chance = random.Random(seed)
    every = [(module, place, options) for module in modules for place, options in places(module).items()]
    chance.shuffle(every)
    made: list[Mutant] = []
    for module, (line, _), options in every:
        name, occurrence = chance.choice(options)
        before = module.read_text(encoding="utf-8")
        after = mutate_code(before, get_operator(name)(), occurrence)
        try:
            if after is None or bare(after) == bare(before):
                continue
        except SyntaxError:
            continue
        made.append(Mutant(len(made) + 1, module, line, name, after))
        if len(made) == number:
            break
    return made


def tests_of(module: Path) -> list[str]:
    """Name the quick tests of a module: its doctests, its files, those of its package, else its folder's."""
    folder, *inside = module.relative_to(ROOT / "s75lib").with_suffix("").parts
    own = {
        str(path.relative_to(ROOT))
        for part in inside
        for pattern in (f"test_{part}.py", f"test_{part}_*.py")
        for path in (ROOT / "tests" / folder).glob(pattern)
    }
    return [str(module.relative_to(ROOT)), *(sorted(own) or [f"tests/{folder}"]), HOUSE]


class Failed:
    """A plugin of pytest that gathers what failed."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.names.append(report.nodeid)


def failures(tree: Path, tests: list[str], *more: str) -> list[str] | None:
    """Run tests in a fork; None if they hang, the modules of tests can't be read or the fork dies."""
    told, tell = FORK.Pipe(duplex=False)

    def run() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
        settings.register_profile("faults", derandomize=True, database=None, phases=PHASES)
        settings.load_profile("faults")
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        sys.dont_write_bytecode = True
        os.environ["PYTHONPATH"] = str(tree)
        plugin = Failed()
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
            code = pytest.main(["-q", "-x", "-n", "0", "-p", "no:cacheprovider", *more, *tests], [plugin])
        # A module of tests that can't be read ends with 1 and no test that failed.
        tell.send(plugin.names if plugin.names or code in (0, 5) else None)
        tell.close()
        os._exit(0)

    process = FORK.Process(target=run)
    process.start()
    tell.close()
    try:
        return told.recv() if told.poll(10 * LIMIT) else None
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()


def noticed(mutants: list[Mutant]) -> Iterator[bool]:
    """Try faults one by one in a copy of the tree."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "s75")
        unwanted = shutil.ignore_patterns(".git", ".venv", "reports", "__pycache__", ".*cache")
        shutil.copytree(ROOT, tree, ignore=unwanted)
        for mutant in mutants:
            yield _noticed(mutant, tree)


def _noticed(mutant: Mutant, tree: Path) -> bool:
    """Whether a test fails with the fault that doesn't fail without it."""
    path = tree / mutant.module.relative_to(ROOT)
    before, tests, left_out = path.read_text(encoding="utf-8"), tests_of(mutant.module), list[str]()
    while True:
        path.write_text(mutant.source, encoding="utf-8")
        try:
            failing = failures(tree, tests, *left_out)
        finally:
            path.write_text(before, encoding="utf-8")
        if not failing or failures(tree, failing) == []:
            return failing != []
        left_out += [f"--deselect={name}" for name in failing]


def main() -> None:
    """Draw, try and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", default=DEFAULT)
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", help="numbers of the draw to try again, with commas")
    asked = parser.parse_args()
    named = [ROOT / path for path in asked.paths]
    modules = sorted(
        {m for p in named for m in (p.rglob("*.py") if p.is_dir() else [p]) if m.name != "__init__.py"}
    )
    mutants = draw(modules, asked.number, asked.seed)
    if asked.only:
        again = {int(number) for number in asked.only.split(",")}
        mutants = [mutant for mutant in mutants if mutant.number in again]
    with contextlib.redirect_stderr(io.StringIO()):
        for name in WARM:
            importlib.import_module(name)
    told, tell = FORK.Pipe(duplex=False)
    lock = FORK.Lock()

    def work(mine: list[Mutant]) -> None:
        for mutant, was in zip(mine, noticed(mine), strict=True):
            with lock:
                tell.send(mutant.told(was).split()[0])
                print(mutant.told(was), flush=True)

    workers = [FORK.Process(target=work, args=(mutants[at :: asked.jobs],)) for at in range(asked.jobs)]
    for worker in workers:
        worker.start()
    tell.close()
    results: list[str] = []
    with contextlib.suppress(EOFError):
        while True:
            results.append(told.recv())
    for worker in workers:
        worker.join()
    told_of = ", ".join(f"{results.count(word)} {word}" for word in ("noticed", "equivalent", "SURVIVED"))
    print(f"{told_of} of {len(results)} faults.")
    if len(results) < len(mutants):
        raise SystemExit(f"{len(mutants) - len(results)} faults could not be tried.")


if __name__ == "__main__":
    main()
