from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from s75lib.report.batch import run
from s75lib.report.plan import Plan, make_plan

MIME = "application/vnd.s75+json"
HOSTILE = "<script>alert(1)</script>"
PIXEL = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}

PARAMETERS = """\
authority: str = "alpha"  # a folder under data/
period: str = ""  # a financial year or a month; empty: the latest
data_dir: str = "data"
share: float = 0.5  # any share
months: int | None = None
"""


def report_part(**changes: Any) -> dict[str, Any]:
    payload = {
        "kind": "report",
        "authority": "alpha",
        "name": f"Alpha {HOSTILE}",
        "partners": ["Alpha Council", "A & B Trust"],
        "synthetic": True,
        "period": "2018/19",
        "period_slug": "fy2018-19",
        "known_to": "2019-03-31",
        "published": [],
        "threshold": 5,
        "people": {"analyst": "", "assurer": "", "approver": ""},
        "use_until": None,
        "agreement": {"funding": "pooled"},
        "inputs": [
            {"dataset": "kpi", "path": "alpha/kpi.csv", "sha256": "ab" * 32, "rows": 1234, "rows_used": 1200}
        ],
    }
    return payload | changes


HEADLINES = {
    "kind": "headlines",
    "items": [
        {
            "id": "kpi.up", "text": "Reviews rose by 3 points.", "value": 3.0, "unit": "percentage points",
            "lower": 1.0, "upper": 5.0, "method": "Newcombe",
        },
        {
            "id": "kpi.text", "text": f"Nothing else {HOSTILE} moved.", "value": None, "unit": None,
            "lower": None, "upper": None, "method": None,
        },
    ],
}  # fmt: skip
SUMMARY = {"kind": "summary", "items": HEADLINES["items"][1:]}
TABLE = {
    "kind": "table", "id": "kpi.changes", "title": "What moved",
    "columns": [
        {"name": "team", "label": "Team", "unit": ""},
        {"name": "value", "label": "Value", "unit": "%"},
    ],
    "records": [{"team": HOSTILE, "value": 1.5}, {"team": "North", "value": None}], "notes": [],
}  # fmt: skip
TABLE_HTML = (
    '<div class="s75-scroll" tabindex="0" role="region" aria-label="What moved">'
    '<table class="s75-table"><caption>What moved</caption>'
    '<thead><tr><th scope="col">Team</th><th class="num" scope="col">Value</th>'
    '</tr></thead><tbody><tr><th scope="row">&lt;script&gt;alert(1)&lt;/script&gt;</th>'
    '<td class="num">1.5</td>'
    "</tr></tbody></table></div>"
)
FIGURE = {
    "kind": "figure", "id": "kpi.figure", "title": "Reviews rose", "subtitle": "Alpha, 2018/19",
    "alt": "A line that rises from 60 to 63", "source": "kpi.csv",
    "records": [{"month": "2019-03", "value": 63}],
}  # fmt: skip
FIGURE_HTML = (
    '<figure class="s75-figure"><figcaption><strong class="s75-figure-title">Reviews rose</strong>'
    "</figcaption>"
    f'<img src="{PIXEL}" alt="A line that rises from 60 to 63" width="600" height="300">'
    '<details class="s75-data"><summary>Data of the figure: Reviews rose</summary></details></figure>'
)
CHECKS = {
    "kind": "checks",
    "items": [
        {"id": "sum", "passed": True, "detail": "Lines add up."},
        {"id": "share", "passed": False, "detail": "Shares are 99%."},
    ],
}
CLAIMS = {
    "kind": "claims",
    "items": [
        {
            "claim_id": "c1",
            "verdict": "agrees",
            "published": 63,
            "recomputed": 63.2,
            "low": 62.5,
            "high": 63.5,
        }
    ],
}
GAP = {
    "kind": "not_applicable", "reason": "No budget is held.",
    "needs": [{"dataset": "budget", "columns": ["budget"], "gives": "the position"}],
}  # fmt: skip


def bundle(payload: dict[str, Any], html: str = "") -> dict[str, Any]:
    """The three forms of a part."""
    kind = payload["kind"]
    return {MIME: payload, "text/html": html or f"<p>{kind}</p>", "text/plain": kind}


def shown(payload: dict[str, Any], html: str = "") -> Any:
    """An output that carries a payload, as a notebook that shows it has it."""
    return new_output("display_data", data=bundle(payload, html))


def shows(payload: dict[str, Any], html: str = "") -> str:
    """Code that shows a payload."""
    text = repr(json.dumps(bundle(payload, html)))
    return f"import json\nfrom IPython.display import display\ndisplay(json.loads({text}), raw=True)"


def executed(*cells: Any, **metadata: Any) -> Any:
    """A notebook with cells, numbered as if they had run."""
    nb = new_notebook(cells=list(cells), metadata=metadata)
    for count, cell in enumerate((cell for cell in nb.cells if cell.cell_type == "code"), start=1):
        cell.execution_count = count
    return nb


def write_notebook(folder: Path, name: str, *sources: str, parameters: str = PARAMETERS) -> Path:
    """A notebook to run: its title, its parameters, then code and, where it begins with #, markdown."""
    cells = [
        new_markdown_cell(f"# What does {name} show?"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
    ]
    cells += [new_markdown_cell(text) if text.startswith("#") else new_code_cell(text) for text in sources]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    path = folder / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)
    return path


def write_authority(
    data: Path, slug: str, *, name: str = "", synthetic: bool = False, value: float = 63
) -> None:
    """An authority with one indicator."""
    folder = data / slug
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text(
        f'name = "{name or slug.capitalize()}"\nsynthetic = {str(synthetic).lower()}\n', encoding="utf-8"
    )
    write_kpi(data, slug, value)


def write_kpi(data: Path, slug: str, value: float) -> None:
    (data / slug / "kpi.csv").write_text(
        f"indicator,group,period,value,unit\nreviews,,2018/19,{value},percent\n", encoding="utf-8"
    )


SETUP = f"""\
import json, pathlib
from IPython.display import display
part = json.loads({json.dumps(report_part(synthetic=False))!r})
part.update(authority=authority, name=authority.capitalize(), period=period)
display({{{MIME!r}: part, "text/html": "<p>head</p>", "text/plain": "head"}}, raw=True)
value = float((pathlib.Path(data_dir) / authority / "kpi.csv").read_text().split(",")[-2])
"""


@dataclass(frozen=True)
class House:
    """A checkout in small: data, notebooks, the reports made from them, and what the run said."""

    root: Path
    outcomes: tuple[Any, ...] = ()
    events: tuple[Any, ...] = ()

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    def plan(self, *authorities: str, **options: Any) -> Any:
        return make_plan(authorities, data_dir=self.data, notebooks_dir=self.notebooks, **options)

    def outcome(self, authority: str, notebook: str) -> Any:
        (found,) = (o for o in self.outcomes if (o.task.authority, o.task.notebook) == (authority, notebook))
        return found

    def manifest(self, authority: str, notebook: str) -> dict[str, Any]:
        path = self.reports / authority / "fy2018-19" / f"{notebook}.json"
        return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """The builders of this file, for tests that make their own notebooks and folders."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("_")})


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Two authorities and a notebook of each fate, before any run; not to be changed."""
    house = House(tmp_path_factory.mktemp("house with space"))
    write_authority(house.data, "alpha")
    write_authority(house.data, "beta", name=f"Beta {HOSTILE}", synthetic=True)
    house.notebooks.mkdir()
    write_notebook(
        house.notebooks,
        "good",
        SETUP,
        "## Headlines",
        shows(HEADLINES),
        shows(TABLE, TABLE_HTML),
        shows(CHECKS),
    )
    write_notebook(house.notebooks, "gaps", SETUP, "## Position", shows(GAP))
    write_notebook(
        house.notebooks, "broken", SETUP, shows(HEADLINES), "## The fall",
        "if value > 50:\n    open('/srv/nowhere/secret.csv')", "'never'",
    )  # fmt: skip
    write_notebook(
        house.notebooks,
        "killed",
        SETUP,
        "import os, signal",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "'never'",
    )
    write_notebook(house.notebooks, "exits", SETUP, "import sys", "sys.exit(0)", "'never'")
    return house


@pytest.fixture(scope="session")
def made(house: House, with_warm_parent: Callable[[], AbstractContextManager[None]]) -> House:
    """The house after a run with two jobs, all notebooks for alpha and one for beta; not to be changed."""
    events: list[Any] = []
    plan = Plan(house.plan("alpha").tasks + house.plan("beta", notebooks=["good"]).tasks, ())
    with with_warm_parent():
        outcomes = run(plan, house.reports, jobs=2, on_event=events.append)
    return House(house.root, tuple(outcomes), tuple(events))


@pytest.fixture
def copy(made: House, tmp_path: Path, warm_parent: None) -> House:
    """A copy of the house after the run, to be changed at will."""
    shutil.copytree(made.root, tmp_path / "copy")
    return House(tmp_path / "copy", made.outcomes)


@pytest.fixture
def page() -> Any:
    """A complete executed notebook."""
    return executed(
        new_markdown_cell(f"# Which indicators {HOSTILE} moved?\n\nHow to read this page."),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_code_cell("s75.show(data)", outputs=[shown(report_part())]),
        new_markdown_cell("## Headlines"),
        new_code_cell(
            "show(headlines)", outputs=[shown(HEADLINES, '<ul class="s75-headlines"><li>Up.</li></ul>')]
        ),
        new_markdown_cell(f"## What {HOSTILE} moved\n\n#### Deep\n\n| a | b |\n|---|--:|\n| x | 1 |"),
        new_code_cell("table", outputs=[shown(TABLE, TABLE_HTML)]),
        new_code_cell("figure", outputs=[shown(FIGURE, FIGURE_HTML)]),
        new_markdown_cell("## Checks"),
        new_code_cell("checks", outputs=[shown(CHECKS), shown(CLAIMS)]),
        papermill={"parameters": {"authority": "alpha", "period": "2018/19"}},
    )
