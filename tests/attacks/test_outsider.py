"""An outsider who has the written files alone: pages with their drawings and sentences, and manifests.

His arithmetic is his own. He tries numbers out against digests, reads marks off drawings, turns intervals of
bootstraps round, and prices cases by what is withdrawn or left over. Each attack finds what is planted.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from s75lib.report.batch import run
from s75lib.report.plan import make_plan

ROOT = Path(__file__).resolve().parents[2]
FILES = 40
"""Case files that an audit of exampleshire reads, as its page says."""

pytestmark = pytest.mark.slow
Pages = dict[str, str]


def written(data: Path, out: Path, *notebooks: str, threshold: int = 5) -> Pages:
    """Run exampleshire's notebooks, and read what they wrote."""
    folder = data / "exampleshire"
    if not folder.exists():
        shutil.copytree(ROOT / "data" / "exampleshire", folder)
    settings = (folder / "authority.toml").read_text("utf-8")
    settings = re.sub(r"disclosure_threshold = \d+", f"disclosure_threshold = {threshold}", settings)
    (folder / "authority.toml").write_text(settings, "utf-8")
    run(make_plan(notebooks=notebooks, data_dir=data, notebooks_dir=ROOT / "notebooks"), out_dir=out, jobs=2)
    return {path.name: path.read_text("utf-8") for path in sorted(out.glob("exampleshire/*/*.*"))}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    found = written(tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("out"))
    assert len(found) == 18
    return found


def results(pages: Pages, notebook: str) -> dict[str, Any]:
    return json.loads(pages[f"{notebook}.json"])["results"]  # type: ignore[no-any-return]


# --- numbers tried out against a digest -------------------------------------------------------------------


def by_digest(pages: Pages) -> list[tuple[int, ...]]:
    """Rebuild the audit's file from its table, trying each number that is hidden."""
    digests = set(re.findall(r"\b[0-9a-f]{16}(?:[0-9a-f]{48})?\b", "".join(pages.values())))
    rows = results(pages, "kpi_significance")["audits"]["records"]
    after = [row["compliant"] for row in rows]
    before = [None if (share := row["percent_before"]) is None else share * FILES / 100 for row in rows]
    people = int(results(pages, "kpi_significance")["cases_needed"]["records"][0]["population"])
    counts = [*before, *after]
    gone = [at for at, count in enumerate(counts) if count is None]
    assert 0 < len(gone) <= 3
    found = []
    for tried in itertools.product(range(FILES - 8, FILES + 1), repeat=len(gone)):
        for at, count in zip(gone, tried, strict=True):
            counts[at] = count
        lines = [
            f"{day}-10-31,{row['criterion']},{FILES},{round(counts[at + 8 * after])},{people}"
            for after, day in enumerate((2024, 2025))
            for at, row in enumerate(rows)
        ]
        text = "\n".join(["round,criterion,cases,compliant,population", *lines, ""])
        if not digests.isdisjoint({digest := hashlib.sha256(text.encode()).hexdigest(), digest[:16]}):
            found.append(tried)
    return found


def test_no_digest_lets_hidden_counts_be_tried_out(pages: Pages) -> None:
    assert by_digest(pages) == []
    digest = hashlib.sha256((ROOT / "data/exampleshire/audits.csv").read_bytes()).hexdigest()
    assert by_digest(pages | {"planted.html": digest[:16]}) == [(36, 38, 37)]


# --- marks of drawings ------------------------------------------------------------------------------------


def by_marks(page: str, panel: str, gaps: list[int], months: int) -> list[int]:
    """Give the hidden months at which a line of a small chart has a point: read off the drawing itself."""
    (image,) = (
        one for one in BeautifulSoup(page, "html.parser").find_all("img")
        if one.get("data-points", "").count(f";{panel},") > months
    )  # fmt: skip
    drawing = BeautifulSoup(base64.b64decode(str(image["src"]).split(",")[1]), "html.parser")
    width = float(str(drawing.svg["viewbox"]).split()[2])  # type: ignore[index]
    named = [point.split(";") for point in str(image["data-points"]).split("|")]
    left, *_ = across = [float(x) * width for x, _, said in named if said.startswith(f"{panel},")]
    step = (across[-1] - left) / (months + 12 - 1)
    (label,) = (text for text in drawing.find_all("text") if text.text == panel)
    lines = [str(path["d"]) for path in label.parent.find_all("path", recursive=False)]
    points = [float(x) for line in lines if line.count("L") > 5 for x in re.findall(r"[ML](-?[\d.]+) ", line)]
    assert len(points) >= months - len(gaps)
    return [gap for gap in gaps if any(abs(left + gap * step - x) < step / 3 for x in (*points, *across))]


def hidden_months() -> list[int]:
    """Give the places of exampleshire's months of complaints that are hidden, from the first month held."""
    return [18, 20, 21, 23, 31, 32]


def test_no_mark_stands_at_a_hidden_month(pages: Pages) -> None:
    page, gaps = pages["workload_forecast.html"], hidden_months()
    assert by_marks(page, "Complaints", gaps, 36) == []
    assert by_marks(page, "Complaints", [17, *gaps, 33], 36) == [17, 33]


def test_no_category_that_is_hidden_has_a_mark(pages: Pages) -> None:
    """Points of drawings name the months and categories at which they stand."""
    seen = 0
    for notebook in ("budget_deep_dive", "kpi_significance"):
        points = " ".join(re.findall(r'data-points="([^"]*)"', pages[f"{notebook}.html"]))
        for id, label, column in (
            ("unit_costs.spread", "care_type", "p50"),
            ("audits", "criterion", "percent"),
        ):
            for row in results(pages, notebook).get(id, {"records": []})["records"]:
                if row[column] is None:
                    seen += 1
                    assert f", {row[label]}|" not in points
    assert seen == 3


# --- forecasts, and how they did on past months -----------------------------------------------------------


def of_work(pages: Pages) -> dict[str, Any]:
    """All that is told of complaints: numbers, intervals, accuracy, points of the forecast's line."""
    tables = results(pages, "workload_forecast")
    rows = {
        id: [row for row in tables[id]["records"] if "omplaints" in str(next(iter(row.values())))]
        for id in ("forecasts", "forecasts-2", "accuracy")
    }
    points = re.findall(r";(Complaints, [^|\"]*)", pages["workload_forecast.html"])
    said = [h for h in json.loads(pages["workload_forecast.json"])["headlines"] if "complaints" in h["id"]]
    assert all(rows.values())
    assert len(points) >= 40
    return {**rows, "points": points, "said": said}


def test_what_is_told_of_work_is_the_same_whatever_the_hidden_months_were(
    pages: Pages, tmp_path: Path
) -> None:
    """Else whoever runs the public methods on each count that a month can have finds the one printed."""
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data" / "exampleshire", data / "exampleshire")
    file = data / "exampleshire" / "activity.csv"
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    swapped = {"2025-11": "2025-12", "2025-12": "2025-11", "2024-12": "2025-01", "2025-01": "2024-12"}
    of_complaints = rows["measure"] == "complaints"

    def told(swap: dict[str, str], out: str) -> dict[str, Any]:
        months = rows["month"].mask(of_complaints, rows["month"].replace(swap))
        rows.assign(month=months).to_csv(file, index=False, lineterminator="\n")
        return of_work(written(data, tmp_path / out, "workload_forecast"))

    assert told(swapped, "hidden") == of_work(pages)
    # A month that is shown changes what is told of it: the attack can fail.
    assert told({"2025-09": "2025-10", "2025-10": "2025-09"}, "shown") != of_work(pages)


# --- yields of reviews ------------------------------------------------------------------------------------

_YIELD = re.compile(r"save (−?)£([\d,]+) a year \(95% interval −?£([\d,]+) to (?:−?£)?([\d,]+)\)")


def by_bootstrap(text: str) -> list[int]:
    """Give how few reviews changed a cost, by mean and interval: of k alike they are as Poisson(k)."""
    draws = np.random.default_rng(1)
    found = []
    for _, mean, *ends in _YIELD.findall(text):
        middle, low, high = (float(number.replace(",", "")) for number in (mean, *ends))
        ratio = max(low, high) / middle
        tops = {k: float(np.quantile(draws.poisson(k, 100_000), 0.975)) / k for k in range(1, 5)}
        found += [k for k, top in tops.items() if middle and abs(top - ratio) < 0.1]
    return found


def test_no_yield_tells_how_few_reviews_changed_a_cost(pages: Pages) -> None:
    assert by_bootstrap(pages["budget_deep_dive.html"]) == []
    said = "reviewing them would save −£1,374 a year (95% interval −£4,121 to £0)"
    assert by_bootstrap(said) == [1]


# --- prices from what partners would pay ------------------------------------------------------------------


def by_withdrawal(pages: Pages) -> list[str]:
    """Give the types of funding whose money is hidden in one table and told, or left over, by another."""
    tables = results(pages, "budget_deep_dive")
    rows = [row for row in tables["joint_funding"]["records"] if row["group"] == "All services"]
    gone = {row["why"] for row in rows if row["health_after"] is None}
    told = {
        row["name"].split()[-2] for row in tables["joint_partners"]["records"] if "withdraws" in row["name"]
    }
    expected = {
        row["name"].removeprefix("Type: "): row["health"] for row in tables["joint_expected"]["records"]
    }
    blank = [kind for kind, money in expected.items() if money is None and not kind.startswith("Team: ")]
    told |= {kind for kind, money in expected.items() if money is not None}
    # One alone that is blank is what the total leaves over.
    return sorted(gone & (told | set(blank if len(blank) == 1 else [])))


def test_the_money_of_a_hidden_type_is_told_nowhere(pages: Pages) -> None:
    rows = results(pages, "budget_deep_dive")["joint_funding"]["records"]
    assert [row["why"] for row in rows if row["group"] == "All services" and row["health_after"] is None] == [
        "CHC",
        "FNC",
    ]
    assert by_withdrawal(pages) == []
    manifest = json.loads(pages["budget_deep_dive.json"])
    row = dict(manifest["results"]["joint_partners"]["records"][-2], name="The NHS withdraws its FNC funding")
    manifest["results"]["joint_partners"]["records"].append(row)
    manifest["results"]["joint_expected"]["records"][-1]["health"] = 53_828
    assert by_withdrawal(pages | {"budget_deep_dive.json": json.dumps(manifest)}) == ["CHC", "FNC"]
