"""Two more councils' files through a proposed mapping, against sums kept while the files were written."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from s75lib.loaders import load
from s75lib.loaders.mapping import propose, read_mapping, written

TEAMS = ("Castle", "River", "Older Adults")


def save(folder: Path, name: str, **sheets: list[list[object]]) -> None:
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, lines in sheets.items():
        sheet = book.create_sheet(title.replace("_", " "))
        for line in lines:
            sheet.append(line)
    book.save(folder / name)


def eastvale(folder: Path) -> Counter[str]:
    """Yearly costs in monthly files, figures in £'000 at a title's date, a sheet of activity a month."""
    chance, truth = random.Random(5), Counter[str]()
    kinds = ("Residential care - OP", "Nursing care", "Home Care", "Supported accommodation", "Shared Lives")
    for period in range(1, 7):
        lines = ["Eastvale;Packages", "Financial year 2025/26;"]
        lines.append("LAS ID;Purchase Order;Service Type;Care Group;Responsible Team;Start;End;Annual Cost;"
                     "Health Annual Contribution;Birth year")  # fmt: skip
        for n in range(30):
            cost = round(chance.uniform(8_000, 90_000), 2)
            begun = f"{n % 28 + 1:02d}/{n % 12 + 1:02d}/20{18 + n % 6}"
            lines.append(f"{200 + n:07d};EV{n};{kinds[n % 5]};AMH;{TEAMS[n % 3]};{begun};31/12/2999;"
                         f"{cost:,.2f};{cost / 4:.2f};19{50 + n}")  # fmt: skip
            truth["weekly"] += cost / 52.142857
            truth["net"] += 0.75 * cost / 52.142857
        lines += ["Total;;;;;;;99999;;", "Report run by the finance team;;;;;;;;;"]
        (folder / f"Eastvale_packages_P{period:02d}.csv").write_text("\n".join(lines), encoding="cp1252")
    monitor: list[list[object]] = [["Pooled budget at 30/09/2025"], ["All figures in £'000"], [],
                                   ["Cost type", "Care group", "Full Year Budget", "Full Year Commitment",
                                    "Projected Outturn"]]  # fmt: skip
    for line in ("Residential", "Nursing", "Home Care"):
        amount = chance.randint(100, 900)
        monitor.append([line, "AMH", amount, amount + 7, amount - 3])
        truth["forecast"] += 1000 * (amount - 3)
    save(
        folder,
        "Pooled budget M6.xlsx",
        Summary=[*monitor, ["Sub total AMH", None, 1, 1, 1]],
        Narrative=[["Up."]],
    )
    lines = ["Measure,Month,Num,Denom,Performance %,Target"]
    for name in ("CPA review in 12 months", "In settled accommodation"):
        for month in range(1, 13):
            base = chance.randint(60, 200)
            lines.append(
                f"{name},{date(2025, month, 1):%b-%y},{base // 2},{base},{100 * (base // 2) / base:.1f}%,80%"
            )
            truth["numerators"] += base // 2
    (folder / "performance.csv").write_text("\n".join(lines), encoding="utf-8")
    months: dict[str, list[list[object]]] = {}
    for month in range(1, 13):
        figures = [[team, *(chance.randint(5, 60) for _ in range(3))] for team in TEAMS]
        truth["activity"] += sum(sum(line[1:]) for line in figures)  # type: ignore[arg-type]
        head: list[object] = ["Team", "Referrals", "Reviews", "Open cases"]
        whole: list[object] = ["All teams", *(sum(column) for column in list(zip(*figures, strict=True))[1:])]
        months[f"{date(2025, month, 1):%b_%y}"] = [["Team activity"], [], head, *figures, whole]
    save(folder, "Activity monthly.xlsx", **months)
    return truth


def westmarch(folder: Path) -> Counter[str]:
    """A sheet of packages a team below a heading in two rows, shares from 0 to 1, bars between cells."""
    chance, truth = random.Random(9), Counter[str]()
    sheets: dict[str, list[list[object]]] = {}
    for team in TEAMS:
        lines: list[list[object]] = [
            ["Westmarch"], ["Report date: 31 August 2025"], [],
            ["Service user", None, "Package", None, None, None, "Weekly £", None, None],
            ["Mosaic ID", "Age", "Line item ID", "Element", "Begin", "Finish", "Gross", "NHS", "Client"],
        ]  # fmt: skip
        for n in range(25):
            gross, health = round(chance.uniform(90, 1900), 2), round(chance.uniform(0, 50), 2)
            kind = ("RES", "NUR", "DOM", "SL", "DP", "DAY", "121")[n % 7]
            lines.append([f"{team[0]}{n}", 25 + n, f"{team}-{n}", kind, date(2019 + n % 6, 5, 5),
                          "Open" if n % 4 == 0 else None, gross, -health, -10])  # fmt: skip
            truth["weekly"] += gross
            truth["net"] += gross - health - 10
        sheets[team.replace(" ", "_")] = [*lines, ["Subtotal", *[None] * 5, 1, 1, 1]]
    save(folder, "Packages August 2025.xlsx", **sheets)
    card: list[list[object]] = [
        ["Performance"],
        ["PI", "Description", "Team", "Target %", "Apr-25", "May-25", "YTD"],
    ]
    for at, name in enumerate(("Reviews on time", "Settled accommodation")):
        for team in TEAMS:
            shares = [round(chance.uniform(0.4, 0.95), 3) for _ in range(2)]
            card.append([f"MH{at:02d}", name, team, 85, *shares, 0.7])
            truth["values"] += 100 * sum(shares)
    save(folder, "PI scorecard.xlsx", Scorecard=card)
    lines_of = ["Team|Activity type|2024-04|2024-05|Total"]
    for team in TEAMS:
        for kind in ("New referrals", "Reviews", "Duty calls"):
            counts = [chance.randint(1, 40) for _ in range(2)]
            lines_of.append(f"{team}|{kind}|{counts[0]}|{counts[1]}|{sum(counts)}")
            truth["activity"] += sum(counts) if kind != "Duty calls" else 0
    (folder / "activity extract.txt").write_text("\n".join(lines_of), encoding="utf-8")
    return truth


@pytest.mark.parametrize(("make", "decisions"), [(eastvale, 1), (westmarch, 1)])
def test_another_councils_files_need_few_decisions_and_lose_no_figure(
    tmp_path: Path, make: object, decisions: int
) -> None:
    folder = tmp_path / "data" / "a-council"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text('name = "A Council"\n', encoding="utf-8")
    assert callable(make)
    truth = make(folder)
    proposals, _ = propose([path for path in folder.iterdir() if path.suffix != ".toml"], folder)
    text = written(proposals)
    (folder / "mapping.toml").write_text(text, encoding="utf-8")
    mapping = read_mapping(folder)
    assert mapping is not None
    assert len(list(mapping.undecided())) == decisions
    early = load("a-council", data_dir=folder.parent, allow_faulty=True)
    assert {fault.column for fault in early.faults} <= {"care_type"}
    (folder / "mapping.toml").write_text(text.replace('Lives" = "?"', 'Lives" = "Other"'), encoding="utf-8")
    data = load("a-council", data_dir=folder.parent)
    assert data.packages["weekly_gross"].sum() == pytest.approx(truth["weekly"], abs=0.01)
    assert data.packages["net_weekly"].sum() == pytest.approx(truth["net"], abs=2)
    assert data.activity["count"].sum() == truth["activity"]
    assert data.budget["forecast"].sum() == truth["forecast"]
    if truth["values"]:
        assert data.kpi["value"].sum() == pytest.approx(truth["values"])
        assert set(data.kpi["reference"]) == {"MH00", "MH01"}
        assert set(data.packages["team"]) == set(TEAMS)
    else:
        assert data.kpi["numerator"].sum() == truth["numerators"]
        assert set(data.budget["financial_year"]) == {"2025/26"}
