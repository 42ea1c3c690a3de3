"""Labels of the data that could be taken for code, for mathematics, or for a report's own rows."""

from __future__ import annotations

import csv
import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.text
import pytest

import s75lib as s75
from s75lib.loaders.schemas import DATASETS
from s75lib.present.svg import drawn_svg

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = r" {x} {0} }{ $a_b$ $\frac{$ %s %(n)d < | \ \n </td>"
PLAIN = re.sub(r"\S", "x", HOSTILE)  # as long, so that both are cut alike
OWN = ("All teams", "Total", "All services", "All others", "All", "*")
# Not those with a vocabulary, nor those that name a thing of the library or a document.
TEXTS = {
    "budget": ("line", "service_group"),
    "staffing": ("organisation", "group"),
    "contributions": ("line", "service_group"),
    "packages": ("team", "service_group", "provider", "source_ref", "person_key", "package_key"),
    "package_transfers": ("team", "service_group"),
    "kpi": ("group",),
    "activity": ("team", "service_group"),
    "workforce": ("team", "role"),
    "survey": ("question", "answer"),
    "audits": ("criterion",),
    "risks": ("description",),
    "actions": ("action", "owner_role"),
    "facts": ("statement",),
}


def written(folder: Path, change: Callable[[str, str], str]) -> Path:
    """Copy exampleshire with its labels changed."""
    target = folder / "exampleshire"
    target.mkdir(parents=True)
    for path in (ROOT / "data" / "exampleshire").iterdir():
        columns = TEXTS.get(path.stem, ())
        text = path.read_text("utf-8")
        if path.suffix == ".csv" and columns:
            rows = list(csv.DictReader(text.splitlines()))
            for row in rows:
                for column in set(columns) & set(row):
                    row[column] = change(column, row[column]) if row[column] else ""
            with (target / path.name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)
        elif path.is_file() and path.name != "mapping.toml":
            (target / path.name).write_text(text, "utf-8")
    return folder


def with_plain(text: str) -> str:
    """Put the plain ending in the hostile one's place, also where a long label was cut within it."""
    text = text.replace(HOSTILE, PLAIN)
    for end in range(len(HOSTILE) - 1, 1, -1):
        text = text.replace(HOSTILE[:end].rstrip() + "…", PLAIN[:end].rstrip() + "…")
    return text


def printed(data_dir: Path, name: str) -> list[str]:
    """Run a notebook's cells, and give every part's text and drawing."""
    shown: list[Any] = []
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text("utf-8"))["cells"]
    names: dict[str, Any] = {}
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] != "code":
            continue
        if "parameters" in cell["metadata"].get("tags", []):
            source += f"\ndata_dir = {str(data_dir)!r}"
        lines = source.rstrip().split("\n")
        if lines[-1].startswith("s75."):
            exec("\n".join(lines[:-1]), names)
            shown.append(eval(lines[-1], names))
        else:
            exec(source, names)
    assert len(shown) > 3
    texts = []
    for section in shown:
        for part in section.parts:
            bundle = part._repr_mimebundle_()
            texts.append(str(bundle.get("text/plain", bundle)))
            if drawing := getattr(part, "drawing", None):
                drawn_svg(drawing)
                assert not any(text.get_parse_math() for text in drawing.findobj(matplotlib.text.Text))
    return [text for text in texts if "SHA-256" not in text]


NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_labels_that_look_like_code_change_nothing_but_themselves(tmp_path: Path, name: str) -> None:
    plain = written(tmp_path / "plain", lambda _, label: label + PLAIN)
    hostile = written(tmp_path / "hostile", lambda _, label: label + HOSTILE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings(
            "ignore", "constrained_layout not applied"
        )  # a chart too small for its labels
        found = [" ".join(with_plain(text).split()) for text in printed(hostile, name)]
    expected = [" ".join(text.split()) for text in printed(plain, name)]
    assert len(found) == len(expected)
    assert [f for f, e in zip(found, expected, strict=True) if f.replace("-", "") != e.replace("-", "")] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_very_long_labels_stop_no_notebook(tmp_path: Path, name: str) -> None:
    assert printed(written(tmp_path, lambda _, label: label + " and so on" * 50), name)


@pytest.mark.slow
@pytest.mark.parametrize("own", [OWN[:2], OWN[2:4], OWN[4:]], ids=" and ".join)
@pytest.mark.parametrize(
    "name", ["budget_deep_dive", "workload_forecast", "partnership_account", "partnership_scorecard"]
)
def test_labels_called_as_our_own_rows_are_are_kept_apart_from_them(
    tmp_path: Path, name: str, own: tuple[str, str]
) -> None:
    """The first two labels of every column bear names of ours."""
    called: dict[str, dict[str, str]] = {}

    def change(column: str, label: str) -> str:
        known = called.setdefault(column, {})
        if column.endswith("_key") or (label not in known and len(known) == len(own)):
            return label
        return known.setdefault(label, own[len(known) % len(own)])

    assert printed(written(tmp_path, change), name)
    data = s75.load("exampleshire", data_dir=tmp_path)
    assert {f"{label} (as recorded)" for label in own} <= set(data.activity["team"])
    assert not {*own} & {*data.packages["provider"], *data.packages["service_group"]}


def test_every_dataset_with_labels_is_changed_here() -> None:
    assert set(TEXTS) <= set(DATASETS)
