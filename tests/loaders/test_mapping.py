"""Councils' own files through a proposed mapping, against a reading of the same files written separately."""

from __future__ import annotations

import random
import shutil
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from s75lib.cli import app
from s75lib.errors import ConfigError, DataError
from s75lib.loaders import load
from s75lib.loaders.mapping import mapped, propose, read_mapping, written
from s75lib.loaders.mapping.layout import Layout
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.values import read_day

TEAMS = ("North Team", "Harbour Team", "Older Adults")


def semicolons(folder: Path) -> dict[str, pd.DataFrame]:
    """Write a ledger a month as semicolon CSV in Windows-1252, as a case management system exports it."""
    chance, truth = random.Random(7), {}
    kinds = {
        "Nursing Home": "Nursing",
        "Dom. Care – long term": "Dom Care",
        "Direct Payments": "Dir Payments",
    }
    for month in range(4, 10):
        rows = ["Care packages;;;;;;;;;;;", "",
                "SU Ref;CPLI Ref;Element Type;Element Start Date;Element End Date;Gross £ p.w.;"
                "ICB Contribution;Assessed Charge;Section 117;Locality Team;Age;Surname"]  # fmt: skip
        kept = []
        for number in range(40):
            kind = chance.choice(list(kinds))
            cost, health = round(chance.uniform(100, 1900), 2), round(chance.uniform(0, 90), 2)
            begun = date(2020 + number % 5, 1 + number % 12, 1 + number % 28)
            rows.append(
                f"P{1000 + number};C{5000 + number};{kind};{begun:%d/%m/%Y};31/12/9999;£{cost:,.2f};"
                f"{health:.2f};{number % 7}.50;{'NY'[number % 3 > 0]};{TEAMS[number % 3]};{20 + number};X"
            )
            kept.append((f"P{1000 + number}", kinds[kind], begun.isoformat(), cost, health))
        rows.append("Total;;;;;£99,999.00;;;;;;")
        (folder / f"ledger_2025-{month:02d}.csv").write_text("\r\n".join(rows), encoding="cp1252")
        truth[date(2025, month, monthrange(2025, month)[1]).isoformat()] = pd.DataFrame(kept)
    return truth


def pivots(folder: Path) -> dict[tuple[str, str, str, str], int]:
    """Write one workbook with a sheet a team, measures indented below service groups with subtotals."""
    chance, truth, book = random.Random(11), {}, openpyxl.Workbook()
    book.remove(book.active)
    names = {
        "Referrals received": "case_allocation_requests",
        "Reviews completed": "reviews",
        "Caseload": "open_cases",
    }
    months = [date(2024 + (m > 11), m % 12 + 1, 1) for m in range(3, 15)]
    for team in TEAMS:
        sheet = book.create_sheet(team)
        sheet.append([f"Activity of {team}"])
        sheet.append([])
        sheet.append(["Row Labels", *(f"{month:%b-%y}" for month in months), "Grand Total"])
        for group in ("AMH", "OPMH"):
            drawn = {name: [chance.randint(5, 60) for _ in months] for name in names}
            sums = [sum(column) for column in zip(*drawn.values(), strict=True)]
            sheet.append([group, *sums, sum(sums)])
            for name, counts in drawn.items():
                sheet.append([f"    {name}", *counts, sum(counts)])
                truth |= {
                    (team, group, names[name], f"{m:%Y-%m}"): n for m, n in zip(months, counts, strict=True)
                }
        sheet.append(["Grand Total", *[0] * 13])
    notes = book.create_sheet("Notes")
    notes.append(["Caseload is counted on the last day of the month."])
    book.save(folder / "Team activity 2024-25.xlsx")
    return truth


@pytest.fixture
def council(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "a-council"
    folder.mkdir(parents=True)
    return folder


def through(folder: Path) -> Callable[[str], pd.DataFrame]:
    """Propose a mapping for a folder's files, keep it, and read datasets through it."""
    proposals, _ = propose([p for p in folder.iterdir() if p.suffix in (".csv", ".xlsx")], folder)
    (folder / "mapping.toml").write_text(written(proposals), encoding="utf-8")
    return kept(folder)


def kept(folder: Path) -> Callable[[str], pd.DataFrame]:
    """Read datasets through the mapping that a folder has."""
    mapping = read_mapping(folder)
    assert mapping is not None

    def read(dataset: str) -> pd.DataFrame:
        found = mapped(folder, mapping.datasets[dataset], DATASETS[dataset])
        assert found is not None
        return found.frame

    return read


def test_monthly_semicolon_files_in_windows_1252_become_one_ledger(council: Path) -> None:
    truth = semicolons(council)
    ledger = through(council)("packages")
    assert sorted(set(ledger["snapshot_date"])) == sorted(truth)
    for day, rows in truth.items():
        part = ledger[ledger["snapshot_date"] == day].reset_index(drop=True)
        assert part["person_key"].tolist() == rows[0].tolist()
        assert part["care_type"].tolist() == rows[1].tolist()
        assert (
            pd.to_datetime(part["start_date"], dayfirst=True).dt.strftime("%Y-%m-%d").tolist()
            == rows[2].tolist()
        )
        gross = part["weekly_gross"].str.replace("[£,]", "", regex=True).astype(float)
        assert gross.tolist() == rows[3].tolist()
        assert part["health_weekly"].astype(float).tolist() == rows[4].tolist()
    assert "Surname" not in ledger.to_csv()
    assert set(ledger["age_band"]) == {"18-64"}


def test_a_sheet_for_each_team_with_indented_rows_becomes_activity_without_its_subtotals(
    council: Path,
) -> None:
    truth = pivots(council)
    activity = through(council)("activity")
    found = {
        (r["team"], r["service_group"], r["measure"], r["month"]): int(float(r["count"]))
        for r in activity.to_dict("records")
    }
    assert found == truth
    assert len(activity) == len(truth)


def workbooks(folder: Path) -> None:
    """Write the four workbooks that a council's finance and performance teams hand over."""
    chance = random.Random(3)
    months = [date(2025 + (m > 11), m % 12 + 1, 1) for m in range(3, 15)]
    kinds = ("Residential Care (18-64)", "Nursing Care", "Homecare", "Supported Living", "Direct Payment",
             "Day Opportunities", "Shared Lives")  # fmt: skip
    ledger = openpyxl.Workbook()
    ledger.remove(ledger.active)
    people = [
        [f"NW{n:06d}", f"PO{n}", "A1240", kinds[n % 7], TEAMS[n % 3], "Acme Care Ltd",
         date(2020 + n % 5, 1 + n % 12, 3), "Ongoing", 20 + n % 70, "NY"[n % 3 > 0],
         round(chance.uniform(150, 1800), 2)]
        for n in range(60)
    ]  # fmt: skip
    for month in months:
        sheet = ledger.create_sheet(f"{month:%b-%y}")
        for title in ("A Council – Package Ledger", "Extract – OFFICIAL-SENSITIVE", None):
            sheet.append([title])
        sheet.append(["Client ID", "PO Number", "Cost Centre", "Subjective Desc", "Team", "Supplier Name",
                      "Service Start Date", "Service End Date", "Age", "S117 (Y/N)", "Gross Weekly Cost",
                      "CHC / ICB Contribution", "Client Contribution", "Net Weekly Cost", "Full Year Cost",
                      "Comments"])  # fmt: skip
        for row in people:
            health, client = (
                -round(row[-1] / 2 if int(row[0][2:]) % 4 == 0 else 0, 2),
                -round(row[-1] / 20, 2),
            )
            sheet.append(
                [*row, health, client, row[-1] + health + client, row[-1] * 52.14, "awaiting review"]
            )
        sheet.append(["TOTAL", *[None] * 9, sum(row[-1] for row in people)])
    ledger.save(folder / "MH Package Ledger 2025-26.xlsx")

    monitor = openpyxl.Workbook()
    monitor.remove(monitor.active)
    for period in range(3, 13):
        sheet = monitor.create_sheet(f"P{period:02d}")
        sheet.append([f"Budget Monitor Period {period} 2025/26 (£000s)"])
        sheet.append([])
        sheet.append(["Service Area", "Annual Budget", "Budget to date", "Actual to date", "Committed",
                      "Forecast Outturn", "Variance", "RAG"])  # fmt: skip
        for line, sign in (("Residential & Nursing – AMH", 1), ("Homecare", 1), ("Health Income", -1),
                           ("Client Contributions", -1)):  # fmt: skip
            amounts = [sign * round(chance.uniform(100, 3000), 1) for _ in range(6)]
            sheet.append([line, *amounts, "Green"])
        sheet.append(["Total", *[1] * 6])
    monitor.save(folder / "Budget Monitor 2025-26.xlsx")

    dashboard = openpyxl.Workbook()
    sheet = dashboard.active
    assert sheet is not None
    sheet.title = "KPI"
    sheet.append(["A Council s75 KPI dashboard"])
    sheet.append([])
    spans = [date(2024 + (m // 12), m % 12 + 1, 1) for m in range(3, 27)]
    sheet.append(["Ref", "Indicator", "Measure", "Target", *(f"{m:%b-%y}" for m in spans)])
    for number in range(15):
        bases = [chance.randint(40, 400) for _ in spans]
        met = [chance.randint(0, base) for base in bases]
        sheet.append([number + 1, f"Indicator no. {number + 1}", "Numerator", None, *met])
        sheet.append([None, None, "Denominator", None, *bases])
        sheet.append([None, None, "%", "52%", *(m / b for m, b in zip(met, bases, strict=True))])
    dashboard.save(folder / "KPI dashboard.xlsx")

    activity = openpyxl.Workbook()
    sheet = activity.active
    assert sheet is not None
    sheet.title = "Activity"
    measures = ("Referrals", "Assessments completed", "Reviews completed", "Caseload (month end)")
    sheet.append(["Team activity"])
    sheet.append([None, *(team if not at else None for team in TEAMS for at in range(4))])
    sheet.append(["Month", *(measure for _ in TEAMS for measure in measures)])
    for month in months:
        sheet.append([month, *(chance.randint(1, 60) for _ in range(12))])
    for at in range(3):
        sheet.merge_cells(start_row=2, start_column=2 + 4 * at, end_row=2, end_column=5 + 4 * at)
    activity.save(folder / "Activity by team.xlsx")


def test_four_workbooks_with_no_edit_become_ledger_budget_indicators_and_activity(council: Path) -> None:
    workbooks(council)
    read = through(council)
    mapping = read_mapping(council)
    assert mapping is not None
    assert [str(one) for one in mapping.undecided()] == [
        "packages: what “Shared Lives” is in the column care_type"
    ]

    with pytest.raises(DataError, match="care_type that waits for a decision in 96 rows"):
        read("packages")
    path = council / "mapping.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"?"', '"Other"'), encoding="utf-8")
    read = kept(council)

    # Each is read once more by pandas alone.
    ledger = read("packages")
    sheets = pd.read_excel(
        engine="openpyxl", io=council / "MH Package Ledger 2025-26.xlsx", sheet_name=None, header=3
    )
    whole = pd.concat(
        [frame[frame["Client ID"] != "TOTAL"].assign(sheet=name) for name, frame in sheets.items()]
    )
    assert len(ledger) == len(whole) == 720
    assert ledger["snapshot_date"].nunique() == 12
    assert ledger["weekly_gross"].astype(float).tolist() == whole["Gross Weekly Cost"].tolist()
    assert ledger["health_weekly"].astype(float).tolist() == (-whole["CHC / ICB Contribution"] + 0.0).tolist()
    assert ledger["client_weekly"].astype(float).sum() == pytest.approx(-whole["Client Contribution"].sum())
    assert set(ledger["end_date"].map(read_day)) == {""}

    budget = read("budget")
    monitor = pd.concat(
        pd.read_excel(
            engine="openpyxl", io=council / "Budget Monitor 2025-26.xlsx", sheet_name=None, header=2
        )
    )
    monitor = monitor[monitor["Service Area"] != "Total"]
    assert budget["forecast"].astype(float).tolist() == pytest.approx(
        (1000 * monitor["Forecast Outturn"]).tolist()
    )
    assert budget["as_at"].drop_duplicates().tolist()[:2] == ["2025-06-30", "2025-07-31"]
    assert set(budget["rounded_to"]) == {"100"}
    assert dict(zip(budget["line"], budget["kind"], strict=True)) == {
        "Residential & Nursing": "expenditure",
        "Homecare": "expenditure",
        "Health Income": "health_income",
        "Client Contributions": "client_income",
    }
    assert set(budget.loc[budget["line"] == "Residential & Nursing", "service_group"]) == {"AMH"}

    kpi = read("kpi")
    wide = pd.read_excel(engine="openpyxl", io=council / "KPI dashboard.xlsx", header=2)
    wide[["Ref", "Indicator"]] = wide[["Ref", "Indicator"]].ffill()
    assert len(kpi) == 15 * 24
    for theirs, ours in (("Numerator", "numerator"), ("Denominator", "denominator")):
        rows = wide[wide["Measure"] == theirs].set_index("Indicator").iloc[:, 3:]
        mine = kpi.set_index(["indicator", "period"])[ours].astype(float)
        for name, row in rows.iterrows():
            assert mine.loc[str(name)].tolist() == row.tolist()
    shares = 100 * kpi["numerator"].astype(float) / kpi["denominator"].astype(float)
    assert kpi["value"].astype(float).tolist() == pytest.approx(shares.tolist(), abs=1e-5)

    activity = read("activity")
    blocks = pd.read_excel(
        engine="openpyxl", io=council / "Activity by team.xlsx", header=[1, 2], index_col=0
    )
    assert len(activity) == blocks.size
    assert activity["count"].astype(float).sum() == blocks.to_numpy().sum()
    harbour = activity[(activity["team"] == "Harbour Team") & (activity["measure"] == "reviews")]
    assert harbour["count"].astype(float).tolist() == blocks["Harbour Team"]["Reviews completed"].tolist()


def test_a_fault_names_the_analysts_own_file_sheet_row_and_column(council: Path) -> None:
    semicolons(council)
    through(council)
    mapping = read_mapping(council)
    assert mapping is not None
    found = mapped(council, mapping.datasets["packages"], DATASETS["packages"])
    assert found is not None
    from s75lib.errors import Fault

    told = found.placed(Fault("packages", "x", "y", "z", row=41, column="weekly_gross"))
    assert (told.file, told.row, told.column) == ("a-council/ledger_2025-05.csv", 4, "Gross £ p.w.")


def test_next_months_file_is_read_by_the_same_mapping(council: Path) -> None:
    semicolons(council)
    read = through(council)
    before = len(read("packages"))
    shutil.copy(council / "ledger_2025-09.csv", council / "ledger_2025-10.csv")
    after = read("packages")
    assert len(after) == before + 40
    assert "2025-10-31" in set(after["snapshot_date"])


def test_a_column_that_went_missing_is_a_fault_with_its_place_and_never_a_blank(council: Path) -> None:
    semicolons(council)
    read = through(council)
    path = council / "ledger_2025-06.csv"
    path.write_text(
        path.read_text(encoding="cp1252").replace("ICB Contribution", "ICB share of cost"), encoding="cp1252"
    )
    with pytest.raises(DataError, match="ICB Contribution"):
        read("packages")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[kpis]]\nfiles = 'a.csv'", "kpis"),
        ("[[kpi]]\nfiles = 'a.csv'\ncolumns = { 'PI' = 'indicatr' }", "indicatr"),
        ("[[kpi]]\nfiles = 'a.csv'\nformula = '1+1'", "formula"),
        ("[[kpi]]\nfiles = 'a.csv'\nderived = { value = { by = 'eval', from = 'x' } }", "derived"),
        ("[[kpi]\n", "line 1"),
        ("a = " + "[" * 5000, "mapping.toml"),
    ],
)
def test_a_faulty_mapping_is_told_with_its_place(council: Path, text: str, told: str) -> None:
    (council / "mapping.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        read_mapping(council)


def test_what_is_undecided_is_listed_and_left_out() -> None:
    layout = Layout(
        files="a.csv", columns={"A": "line", "B": "?"}, values={"line": {"x": "?"}}, fixed={"kind": "?"}
    )
    from s75lib.loaders.mapping import Mapping

    said = [str(one) for one in Mapping(datasets={"budget": [layout]}).undecided()]
    assert len(said) == 3
    assert "line" in layout.gives()
    assert "B" not in layout.gives()


def test_a_mapping_reads_no_file_outside_its_folder(council: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.csv"
    outside.write_text("Month;Measure;Count\n2025-04;reviews;7\n", encoding="utf-8")
    (council / "link.csv").symlink_to(outside)
    layout = Layout(files=["*.csv", "../*.csv"], columns={"Month": "month"})
    assert mapped(council, [layout], DATASETS["activity"]) is None


def test_person_keys_are_hashed_on_the_way_in_where_the_mapping_says_so(
    council: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    semicolons(council)
    through(council)
    path = council / "mapping.toml"
    (council / "authority.toml").write_text('name = "A Council"\n', encoding="utf-8")
    raw = load("a-council", data_dir=council.parent)
    assert "person_key taken as it is from" in " ".join(map(str, raw.warnings))
    assert "s75 check a-council --make-key" in " ".join(map(str, raw.warnings))
    text = path.read_text(encoding="utf-8").replace("pseudonymise = false", "pseudonymise = true")
    path.write_text(text, encoding="utf-8")
    monkeypatch.delenv("S75_KEY", raising=False)
    with pytest.raises(ConfigError, match="run: s75 check a-council --make-key"):
        load("a-council", data_dir=council.parent)
    call = ["check", "a-council", "--make-key", "--data", str(council.parent)]
    assert CliRunner().invoke(app, call).exit_code == 0
    assert (council / "s75.key").stat().st_mode & 0o077 == 0
    again = CliRunner().invoke(app, call, env={"COLUMNS": "200"})
    assert "keep the one that is there" in again.stderr
    data = load("a-council", data_dir=council.parent)
    mine = data.packages["person_key"].tolist()
    monkeypatch.setenv("S75_KEY", "9f3Kq7vZ1xT8mB5wR2dY6hC4")
    assert load("a-council", data_dir=council.parent).packages["person_key"].tolist() != mine
    assert "person_key taken as it is from" not in " ".join(map(str, data.warnings))
    keys = data.packages["person_key"]
    assert keys.nunique() == 40
    assert not set(keys) & set(raw.packages["person_key"])
    assert keys.str.fullmatch(r"P[0-9a-f]{24}").all()


@pytest.mark.parametrize(
    ("key", "told"), [("1.23457E+11", "scientific notation"), ("Unknown", "stand for nobody")]
)
def test_what_is_no_key_is_told_and_never_hashed_into_a_person(
    council: Path, monkeypatch: pytest.MonkeyPatch, key: str, told: str
) -> None:
    (council / "authority.toml").write_text('name = "A Council"\n', encoding="utf-8")
    rows = "".join(f"{key},P{n},Nursing,01/04/2020,,800\n" for n in range(6))
    head = "Client ID,PO Number,Service Type,Start Date,End Date,Weekly Cost\n"
    (council / "ledger_2024-09.csv").write_text(
        head + rows + "A9,P9,Nursing,01/04/2020,,800\n", encoding="utf-8"
    )
    through(council)
    path = council / "mapping.toml"
    text = path.read_text(encoding="utf-8").replace("pseudonymise = false", "pseudonymise = true")
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("S75_KEY", "9f3Kq7vZ1xT8mB5wR2dY6hC4")
    data = load("a-council", data_dir=council.parent, allow_faulty=True)
    assert told in " ".join(map(str, (*data.faults, *data.warnings)))
