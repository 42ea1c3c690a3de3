"""How many random faults in metrics, statistics, disclosure and identifiers do a module's own tests notice?

Usage: uv run --with cosmic-ray python tests/benchmarks/mutants.py [--number N] [--seed S] [PATH ...]

Draws places at random over the modules, makes one fault of cosmic-ray's at each in a copy of the tree, and
runs the module's doctests and tests. Faults that change nothing but annotations are not drawn. Prints each
survivor with its line, and the share that was noticed.
"""

from __future__ import annotations

import argparse
import ast
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = ("s75lib/stats", "s75lib/budget", "s75lib/kpi", "s75lib/workload", "s75lib/scorecard",
           "s75lib/present/disclosure.py", "s75lib/loaders/identifiers.py")  # fmt: skip
LIMIT = 300  # seconds for a module's tests; a fault that makes them hang is noticed


@dataclass(frozen=True)
class Mutant:
    """One fault: its module, its place, and the changed source."""

    module: Path
    line: int
    operator: str
    source: str


class Bare(ast.NodeTransformer):
    """Takes annotations and docstrings away, which no test can feel."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        # `strict` of zip guards what never happens.
        node.keywords = [keyword for keyword in node.keywords if keyword.arg != "strict"]
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)


def bare(source: str) -> str:
    """Write source without what is for readers and type checkers alone."""
    return ast.unparse(Bare().visit(ast.parse(source)))


def places(path: Path) -> dict[tuple[int, int], list[tuple[str, int]]]:
    """List by place the operators that can make a fault there, each with its occurrence in the module."""
    tree, found = get_ast(path.read_text(encoding="utf-8")), {}
    for name in sorted(name for name in operator_names() if not get_operator(name).arguments()):
        operator, occurrence = get_operator(name)(), 0
        for node in ast_nodes(tree):
            for start, _ in operator.mutation_positions(node):
                found.setdefault(start, []).append((name, occurrence))
                occurrence += 1
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
        made.append(Mutant(module, line, name, after))
        if len(made) == number:
            break
    return made


def tests_of(module: Path) -> list[str]:
    """Name the quick tests of a module."""
    inside = module.relative_to(ROOT / "s75lib").with_suffix("")
    folder = ROOT / "tests" / inside.parts[0]
    names = [f"test_{'_'.join(inside.parts[at:])}.py" for at in range(len(inside.parts))]
    names += [f"test_{part}.py" for part in inside.parts[1:]] + [
        f"test_{inside.parts[0]}_{inside.parts[-1]}.py"
    ]
    own = [str(p.relative_to(ROOT)) for p in sorted(folder.glob("test_*.py")) if p.name in names]
    return [str(module.relative_to(ROOT)), *(own or [str(folder.relative_to(ROOT))])]


def is_noticed(mutant: Mutant, tree: Path) -> bool:
    """Run the module's tests on the fault in a copy of the tree."""
    path = tree / mutant.module.relative_to(ROOT)
    before = path.read_text(encoding="utf-8")
    path.write_text(mutant.source, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        *tests_of(mutant.module),
    ]
    try:
        done = subprocess.run(command, cwd=tree, env={**__import__("os").environ, "PYTHONPATH": str(tree)},
                              capture_output=True, timeout=LIMIT, check=False)  # fmt: skip
        return done.returncode not in (0, 5)
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(before, encoding="utf-8")


def main() -> None:
    """Draw, try and tell."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", default=DEFAULT)
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    named = [ROOT / path for path in asked.paths]
    modules = sorted(
        {m for p in named for m in (p.rglob("*.py") if p.is_dir() else [p]) if m.name != "__init__.py"}
    )
    mutants = draw(modules, asked.number, asked.seed)
    copies: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.jobs):
            tree = Path(folder, str(number))
            shutil.copytree(
                ROOT,
                tree,
                ignore=shutil.ignore_patterns(".git", ".venv", "reports", "__pycache__", ".*cache"),
            )
            copies.put(tree)

        def tried(mutant: Mutant) -> bool:
            tree = copies.get()
            try:
                return is_noticed(mutant, tree)
            finally:
                copies.put(tree)

        with ThreadPoolExecutor(asked.jobs) as pool:
            noticed = list(pool.map(tried, mutants))
    for mutant, was in zip(mutants, noticed, strict=True):
        if not was:
            before = mutant.module.read_text(encoding="utf-8").splitlines()
            after = mutant.source.splitlines()
            changed = next((b for a, b in zip(before, after, strict=False) if a != b), "")
            place = f"{mutant.module.relative_to(ROOT)}:{mutant.line}"
            print(f"survived: {place} {mutant.operator}\n    {changed.strip()}")
    print(f"{sum(noticed)} of {len(mutants)} faults were noticed.")


if __name__ == "__main__":
    main()
