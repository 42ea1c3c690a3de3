"""An outsider who has the written files alone: pages with their drawings and sentences, and manifests.

His arithmetic is his own. He tries numbers out against digests, reads marks off drawings, turns intervals of
bootstraps round, and prices cases by what is withdrawn or left over. Each attack finds what is planted.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import platform
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from s75lib.report.batch import run
from s75lib.report.documents import write_documents
from s75lib.report.plan import make_plan
from s75lib.report.tasks import Outcome
from s75lib.report.workbook import write_workbooks

ROOT = Path(__file__).resolve().parents[2]
FILES = 40
"""Case files that an audit of exampleshire reads, as its page says."""

OF_MONEY_AND_WORK = ("budget_deep_dive", "workload_forecast", "next_year_budget", "partnership_account")

pytestmark = pytest.mark.slow
Pages = dict[str, str]


def ran(data: Path, out: Path, *notebooks: str, threshold: int = 5) -> list[Outcome]:
    """Run exampleshire's notebooks."""
    folder = data / "exampleshire"
    if not folder.exists():
        shutil.copytree(ROOT / "data" / "exampleshire", folder)
    settings = (folder / "authority.toml").read_text("utf-8")
    settings = re.sub(r"disclosure_threshold = \d+", f"disclosure_threshold = {threshold}", settings)
    (folder / "authority.toml").write_text(settings, "utf-8")
    plan = make_plan(notebooks=notebooks, data_dir=data, notebooks_dir=ROOT / "notebooks")
    return run(plan, out_dir=out, jobs=2)


def written(data: Path, out: Path, *notebooks: str, threshold: int = 5) -> Pages:
    """Run exampleshire's notebooks, and read what they wrote."""
    ran(data, out, *notebooks, threshold=threshold)
    return {path.name: path.read_text("utf-8") for path in sorted(out.glob("exampleshire/*/*.*"))}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Exampleshire's reports, and of those about money and work the documents and workbooks too."""
    made = tmp_path_factory.mktemp("out")
    outcomes = ran(tmp_path_factory.mktemp("data"), made)
    outcomes = [one for one in outcomes if one.path and one.path.stem in OF_MONEY_AND_WORK]
    write_workbooks(outcomes)
    write_documents(outcomes, ["docx", "pdf"], 2)
    return made


@pytest.fixture(scope="module")
def pages(out: Path) -> Pages:
    kinds = (".html", ".ipynb", ".json")
    files = [path for path in sorted(out.glob("exampleshire/*/*.*")) if path.suffix in kinds]
    assert len(files) == 18
    return {path.name: path.read_text("utf-8") for path in files}


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


# --- the other files of a report --------------------------------------------------------------------------

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def numbers(text: str) -> set[float]:
    """Read the numbers of a text, each as it stands and as it is in thousands, in millions, or as a share."""
    found = (float(number.replace(",", "")) for number in _NUMBER.findall(text))
    return {round(number * times, 6) for number in found for times in (1, 1e3, 1e6, 100)}


def of_page(page: str) -> str:
    """Give all that a page says, in words, alternatives, points and drawings."""
    tree = BeautifulSoup(page, "html.parser")
    said = [tree.get_text(" ")]
    said += [str(v) for tag in tree.find_all(True) for v in tag.attrs.values() if isinstance(v, str)]
    drawn = [str(image["src"]).split(",")[1] for image in tree.find_all("img") if image.get("src")]
    return " ".join(
        [*said, *(BeautifulSoup(base64.b64decode(one), "html.parser").get_text(" ") for one in drawn)]
    )


def plain_numbers(text: str) -> set[float]:
    """Read the numbers of a text as they stand."""
    return {float(number.replace(",", "")) for number in _NUMBER.findall(text)}


def of_notebook(file: Path) -> str:
    """Give all that an executed notebook's outputs say of people.

    Left out are the authority's own settings, what a published claim comes to, and heights of small drawings.
    """
    said = []
    for cell in json.loads(file.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            held = output.get("data", {"text/plain": output.get("text", "")})
            part = held.pop("application/vnd.s75+json", {})
            said += [of_page("".join(text)) for kind, text in held.items() if kind.startswith("text/")]
            items = [one for one in part.get("items", ()) if not str(one.get("id", "")).startswith("claims.")]
            written = json.dumps(part | {"items": items}, ensure_ascii=False)
            said += [] if "agreement" in part else [re.sub(r'"marks": \{[^}]*\}', "", written)]
    return " ".join(said)


def exactness(text: str) -> float:
    """Give the least unit that numbers of a text are exact to: £18.6m to 100,000, 3.25 to 0.01."""
    scales = {"k": 1e3, "m": 1e6}
    found = re.findall(r"\d[\d,]*(?:\.(\d+))?([km]\b)?", text)
    return min((scales.get(scale, 1) * 10.0 ** -len(decimals) for decimals, scale in found), default=1.0)


def finer_points(page: str) -> list[str]:
    """Give what points of a drawing say more exactly than the figure's table."""
    tree, finer = BeautifulSoup(page, "html.parser"), []
    for image in tree.find_all("img", attrs={"data-points": True}):
        written = [str(cell.text) for cell in image.find_next("table").find_all("td")]  # type: ignore[union-attr]
        told = [point.split(";", 2)[2] for point in str(image["data-points"]).split("|")]
        finer += [text for text in told if exactness(text) < exactness(" ".join(written))]
    return finer


def told_beyond(folder: Path, notebook: str) -> list[str]:
    """Give what the other files of a report, and points of its drawings, say beyond the page."""
    page = (folder / f"{notebook}.html").read_text("utf-8")
    known = numbers(of_page(page)) | {36.0, 144.0}
    said = {"ipynb": plain_numbers(of_notebook(folder / f"{notebook}.ipynb"))}
    if shutil.which("pdftotext"):
        read = ["pdftotext", "-layout", str(folder / f"{notebook}.pdf"), "-"]
        said["pdf"] = plain_numbers(subprocess.run(read, capture_output=True, text=True, check=True).stdout)
    with zipfile.ZipFile(folder / f"{notebook}.docx") as parts:
        names = [n for n in parts.namelist() if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", n)]
        words = " ".join(re.sub(r"<[^>]+>", " ", parts.read(name).decode()) for name in names)
    said["docx"] = plain_numbers(words)
    book = openpyxl.load_workbook(folder / f"{notebook}.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows(min_row=3) for cell in row]
    held = [cell.value for cell in cells if cell.data_type == "n" and cell.value is not None]
    said["xlsx"] = {abs(round(float(value), 6)) for value in held}
    results = json.loads((folder / f"{notebook}.json").read_text("utf-8"))["results"]
    values = [v for one in results.values() for row in one["records"] for v in row.values()]
    said["json"] = {abs(round(float(v), 6)) for v in values if isinstance(v, int | float)}
    beyond = [f"{where}: {number}" for where, some in said.items() for number in sorted(some - known)]
    hidden = sum(len(one.get("hidden", ())) for one in results.values())
    blank = sum(cell.value == "[c]" for cell in cells)
    beyond += [f"points: {text}" for text in finer_points(page)]
    beyond += [f"xlsx: {blank} of {hidden} hidden"] if blank != hidden else []
    beyond += [f"xlsx: {sheet.title} is unseen" for sheet in book if sheet.sheet_state != "visible"]
    beyond += [f"xlsx: {cell.coordinate} has more" for cell in cells if cell.comment or cell.data_type == "f"]
    return beyond


def test_no_other_file_about_money_or_work_says_more_than_its_page(out: Path, pages: Pages) -> None:
    (folder,) = out.glob("exampleshire/*")
    assert [one for name in OF_MONEY_AND_WORK for one in told_beyond(folder, name)] == []
    # A point that is a pound more exact than its table is found.
    planted = re.sub(
        r'(data-points="[^|"]*;)[^|";]*', r"\g<1>Apr, £18,615,619.5", pages["budget_deep_dive.html"]
    )
    assert "Apr, £18,615,619.5" in finer_points(planted)


def test_no_other_file_of_a_report_says_more_than_its_page(tmp_path: Path) -> None:
    """Neither numbers nor who made it, where, and on which machine."""
    data, out = tmp_path / "data", tmp_path / "out"
    shutil.copytree(ROOT / "data" / "exampleshire", data / "exampleshire")
    with (data / "exampleshire" / "authority.toml").open("r+", encoding="utf-8") as file:
        text = file.read().replace(
            "disclosure_threshold = 5", 'disclosure_threshold = 10\ndisclosure = "round"'
        )
        file.seek(0)
        file.write(text)
    plan = make_plan(
        notebooks=["kpi_significance", "partnership_scorecard"],
        data_dir=data,
        notebooks_dir=ROOT / "notebooks",
    )
    outcomes = run(plan, out_dir=out, jobs=2)
    write_workbooks(outcomes)
    write_documents(outcomes, ["docx", "pdf"], 1)
    (folder,) = out.glob("exampleshire/*")
    for notebook in ("kpi_significance", "partnership_scorecard"):
        assert told_beyond(folder, notebook) == []
    shown = numbers(" ".join(of_page(page.read_text("utf-8")) for page in folder.glob("*.html")))
    index = BeautifulSoup((out / "index.html").read_text("utf-8"), "html.parser").get_text(" ")
    assert plain_numbers(index) <= shown
    machine = {platform.node(), str(Path.home()), str(tmp_path), str(ROOT)}
    for path in folder.iterdir():
        parts = [path.read_bytes()]
        if path.suffix in (".docx", ".xlsx"):
            with zipfile.ZipFile(path) as archive:
                parts = [archive.read(name) for name in archive.namelist()]
                about = archive.read("docProps/core.xml").decode()
            assert set(re.findall(r"<(?:dc:creator|cp:lastModifiedBy)[^>]*>([^<]*)<", about)) == {"s75lib"}
        assert [
            name for name in machine if len(name) > 4 and any(name.encode() in part for part in parts)
        ] == []
    # A cell more, one more exact and one that is hidden are found.
    book = openpyxl.load_workbook(folder / "kpi_significance.xlsx")
    sheet = book.worksheets[2]
    sheet.cell(sheet.max_row + 1, 2, 4.123456)
    sheet.sheet_state = "hidden"
    book.save(folder / "kpi_significance.xlsx")
    found = told_beyond(folder, "kpi_significance")
    assert found == ["xlsx: 4.123456", f"xlsx: {sheet.title} is unseen"]
