"""Files as councils and trusts lay them out, through a proposed mapping: each with its right figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import Workbook

from s75lib.errors import DataError
from s75lib.loaders import load
from s75lib.loaders.data import AuthorityData
from s75lib.loaders.mapping import propose, read_mapping, written
from s75lib.loaders.mapping.synonyms import column_for

Lines = list[list[Any]]
LEDGER = "Client ID,PO Number,Service Type,Start Date,End Date,Gross Weekly Cost"
FIRST, YEAR = ["A1", "P1", "Nursing", date(2020, 4, 1), None], [*range(10, 22)]
MONTHS = ["Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "north-x"
    made.mkdir(parents=True)
    (made / "authority.toml").write_text('name = "North X"\n', encoding="utf-8")
    return made


def put(folder: Path, name: str, lines: Lines, **more: Lines) -> None:
    """Write lines as a text, or as the sheets of a workbook."""
    if name.endswith(".csv"):
        (folder / name).write_text("".join(f"{line[0]}\n" for line in lines), encoding="utf-8")
        return
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows in ({"Sheet1": lines} | more if lines else more).items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / name)


def through(folder: Path, decisions: int = 0) -> AuthorityData:
    proposals, _ = propose([path for path in folder.iterdir() if path.suffix != ".toml"], folder)
    (folder / "mapping.toml").write_text(written(proposals), encoding="utf-8")
    mapping = read_mapping(folder)
    assert mapping is not None
    assert len(list(mapping.undecided())) == decisions
    return load("north-x", data_dir=folder.parent, allow_faulty=True)


def csv(*lines: str) -> Lines:
    return [[line] for line in lines]


def said(data: AuthorityData) -> str:
    return "\n".join(map(str, (*data.faults, *data.warnings)))


TEAMS = [["Measure", "Apr-24", "May-24"], ["Referrals", 10, 11], ["Reviews", 20, 21]]
SHAPES: list[tuple[str, Lines, str, str, float]] = [
    # totals in other words, parts of a line, and no column of commitments
    ("bm P8 2024-25.xlsx", [["Line", "Budget", "Forecast"], ["Residential", 1000, 1100],
        ["of which away", 9, 9],
        ["Nursing", 500, 550], ["Gross expenditure", 1500, 1650], ["Client income", -300, -310],
        ["ICB contribution", -200, -200], ["Sum of income", -500, -510], ["Net position", 1000, 1140]],
     "budget", "budget", 1000),
    # tables beside one another
    ("bm P8 2024-25.xlsx", [["Cost type", "Budget", "Forecast", None, "Cost type", "Budget", "Forecast"],
        ["Residential", 1200, 1260, None, "Client income", -300, -310], ["Nursing", 800, 790]],
     "budget", "budget", 1700),
    # £m in the title; the header again on a second page
    ("m.xlsx", [["Pool, £m, at 30 November 2025"], ["Heading", "Budget £m", "Forecast £m"],
        ["Residential", 1.2, 1.3],
        ["Heading", "Budget £m", "Forecast £m"], ["Nursing", 0.8, 0.8]], "budget", "budget", 2_000_000),
    # groups as headings
    ("bm P8 2024-25.xlsx", [["Service", "Budget", "Forecast"], ["AMH"], ["Residential", 3, 4],
        ["Nursing", 5, 6],
        ["OPMH"], ["Residential", 7, 8]], "budget", "forecast", 18),
    # the period in a column
    ("bm.csv", csv("Period,Line,Budget,Forecast", "P8 2024-25,Residential,100,110"), "budget", "budget", 100),
    # income told by a column of types
    ("bm P8 24-25.csv", csv("Type,Line,Budget,Forecast", "Expenditure,Homes,9,9",
        "Income,NHS recharge,-4,-4"),
     "budget", "budget", 5),
    # months without a year, which the file's name has, and not the day of the print
    ("Activity 2024-25.xlsx", [["Team activity"], ["Report produced 05/06/2025"],
        ["Activity type", *MONTHS, "Total"],
        ["Referrals", *YEAR, sum(YEAR)]], "activity", "count", sum(YEAR)),
    # a year above the months
    ("a.xlsx", [["Activity"], [None, 2024, None, 2025], ["Measure", "Nov", "Dec", "Jan"],
        ["Referrals", 1, 2, 3]],
     "activity", "count", 6),
    # a part of the sheet for each team
    ("a.xlsx", [["Report"], [], ["North Team"], *TEAMS, [],
        ["South Team"], *TEAMS], "activity", "count", 124),
    # teams across, with their sum, of what the title counts
    ("r.xlsx", [["Referrals received by team"], ["Month", "North", "South", "Trust wide"],
        ["Apr-24", 10, 20, 30],
        ["May-24", 11, 21, 32]], "activity", "count", 62),
    # hidden figures are not known
    ("a.csv", csv("Month,Team,Referrals,Reviews", "Apr 2024,N,12,<5", "May 2024,N,*,-", "Jun 2024,N,n/a,8"),
     "activity", "count", 20),
    # other spans than a week
    ("ledger_2024-09.csv", csv("Client ID,PO Number,Service Type,Start Date,End Date,4 Weekly Cost",
        "A1,P1,Nursing,1st April 2020,TBC,400", "A2,P2,Nursing,20200501,Until further notice,800"),
     "packages", "weekly_gross", 300),
    # totals within, totals without a name, and a provider called Total
    ("ledger_2024-09.csv", csv("Provider," + LEDGER, "Total Care Ltd,A1,P1,Nursing,01/04/2020 09:30,,100",
        "Nursing Total,,,,,,100", "Acme,A2,P2,Home care,01/04/2020,,50", ",,,,,,150"),
     "packages", "weekly_gross", 150),
    ("pk at 30-09-2024.xlsx", [["Client ID", "PO Number", "Start Date", "End Date",
        "Gross Weekly Cost"], ["Nursing"],
        ["A1", "P1", date(2020, 4, 1), None, 100], ["Home care"], ["A2", "P2", date(2020, 4, 1), None, 50]],
     "packages", "weekly_gross", 150),
    # quarters, and quarters below years
    ("k.xlsx", [["Indicator", "Unit", "Q1 24/25", "Q2 24/25"],
        ["Reviews", "%", 50, 51]], "kpi", "value", 101),
    ("k.xlsx", [["KPI"], [None, "2023/24", None, "2024/25"], ["Indicator", "Q3", "Q4", "Q1"],
        ["Reviews %", 5, 6, 7]],
     "kpi", "value", 18),
    # numerator, denominator and percentage below each month
    ("k.xlsx", [[None, "Apr-24", None, None, "May-24"], ["Indicator", "Num", "Den", "%", "Num", "Den", "%"],
        ["Reviews", 45, 100, 45, 46, 100, 46]], "kpi", "numerator", 91),
    ("k.xlsx", [["Indicator", "Line", "Apr-24"], ["Reviews", "Total due", 90], ["Reviews", "Completed", 45],
        ["Reviews", "Performance", "50%"]], "kpi", "denominator", 90),
    # teams across in a title's month
    ("KPI April 2024.xlsx", [["Indicator", "Target", "North", "South"], ["Reviews on time %", 80, 70, 75]],
     "kpi", "value", 145),
    # year and month in columns of their own
    ("k.csv", csv("Financial Year,Month,KPI,Value,Unit", "2024/25,April,Reviews,50,%",
        "2024/25,Jan,Reviews,52,%age"),
     "kpi", "value", 102),
    # names in the upper row of a header, figures below each quarter
    ("k 2024-25.xlsx", [["KPI"], ["Ref", "Indicator", "Q1 2024/25", None, None, "Q2 2024/25"],
        [None, None, "Num", "Den", "%", "Num", "Den", "%"],
        ["K1", "Reviews", 45, 100, 45, 46, 92, 50]], "kpi", "numerator", 91),
    # numerator and denominator told apart by a column of a long table
    ("k.csv", csv("Indicator,Month,Type,Figure", "R,Apr-24,Numerator,10", "R,Apr-24,Denominator,20",
        "R,May-24,Numerator,12", "R,May-24,Denominator,25"), "kpi", "denominator", 45),
    ("k.csv", csv("KPI,Locality,Financial Year,Month,Data Type,Value", "R,N,2024/25,April,Num,10",
        "R,N,2024/25,April,Target,80", "R,S,2024/25,April,Num,13", "R,S,2024/25,April,Den,20"),
     "kpi", "numerator", 23),
    # localities above the months; the units in a column, of which some read as a kind of figure
    ("k.xlsx", [["Indicator", "North", None, "South"], [None, "Apr-24", "May-24", "Apr-24", "May-24"],
        ["Reviews %", 50, 51, 60, 61]], "kpi", "value", 222),
    ("k.csv", csv("Indicator,Unit,Apr-24,May-24", "Reviews,%,50,55", "Complaints,Number,3,4"),
     "kpi", "value", 112),
    # lines without a name above them, and the service group above its lines
    ("bm P8 24-25.xlsx", [["Pool (£000)"], [None, "Budget", "Forecast"], ["Expenditure"],
        ["Residential care", "1,200", 1260], ["Income"], ["ICB contribution", "(500)", -500],
        ["Net position", 700, 760]], "budget", "budget", 700_000),
    ("bm P8 24-25.xlsx", [["Service", "Care type", "Budget", "Forecast"], ["AMH", "Residential", 100, 110],
        [None, "Nursing", 50, 55], ["AMH Total", None, 150, 165], ["OPMH", "Residential", 70, 71],
        [None, "Nursing", 30, 31], ["OPMH Total", None, 100, 102], ["Grand Total", None, 250, 267]],
     "budget", "budget", 250),
    # months below their year; teams as headings; the year to date below; months by number
    ("a.xlsx", [["Team", "Measure", "2024-25"], [None, None, "Apr", "May"], ["N", "Referrals", 1, 2],
        ["N", "Reviews", 4, 5]], "activity", "count", 12),
    ("a.xlsx", [["Month", "Referrals", "Reviews"], ["North"], ["Apr-24", 1, 2], ["May-24", 4, 5], ["South"],
        ["Apr-24", 7, 8], ["YTD", 12, 15]], "activity", "count", 27),
    ("a.csv", csv("Year,Month,Team,Activity,Count", "2024,4,N,Referrals,5", "2025,1,N,Referrals,7"),
     "activity", "count", 12),
    # other names of a ledger's columns
    ("ContrOCC 2024-10.csv", csv("Client Identifier,Purchase Order No,Service Element,Provision Start,"
        "Provision End,Weekly Cost", "A1,C1,Nursing,01/04/2021,,1000"), "packages", "weekly_gross", 1000),
    # thousands told below the table, or in other words; the budget as it was last revised, of the year
    ("bm P6 2025-26.xlsx", [["Line", "Annual Budget", "Forecast"], ["Homes", 12, 13], [],
        ["All figures in £000s"]], "budget", "budget", 12_000),
    ("bm P6 2025-26.csv", csv("Line,Annual Budget £000's,Forecast £000's", "Homes,12,13"),
     "budget", "budget", 12_000),
    ("bm P6 2025-26.csv", csv("Line,Budget £ thousands,Forecast £ thousands", "Homes,12,13"),
     "budget", "budget", 12_000),
    ("bm P6 2025-26.csv", csv("Line,Approved Budget,Revised Budget,Forecast", "Homes,10,12,13"),
     "budget", "budget", 12),
    ("bm P6 2025-26.csv", csv("Line,Budget (2024/25),Budget (2025/26),Forecast", "Homes,10,12,13"),
     "budget", "budget", 12),
    ("bm P6 2025-26.csv", csv("Line,Budget (YTD),Annual Budget,Forecast", "Homes,6,12,13"),
     "budget", "budget", 12),
    # what in a name's brackets is another thing: a year's amount, a share, people for posts
    ("l 30-09-2025.csv", csv(f"{LEDGER},Client Contribution (Annual)",
        "A1,P1,Nursing,01/04/2021,,800,5214.2857"), "packages", "client_weekly", 100),
    ("l 30-09-2025.csv", csv(f"{LEDGER},Health Contribution %", "A1,P1,Nursing,01/04/2021,,800,50"),
     "packages", "health_weekly", 0),
    ("posts Sep-25.csv", csv("Team,Role,Establishment,In Post (Headcount),In Post (WTE)", "N,SW,8,9,7.2"),
     "workforce", "wte_in_post", 7.2),
    # months to come, whose figures are forecasts
    ("a.xlsx", [["Activity"], [None, "Actual", None, "Forecast"], ["Measure", "Apr-25", "May-25", "Jun-25"],
        ["Referrals", 10, 11, 99]], "activity", "count", 21),
    ("k.xlsx", [["KPI"], [None, "Actual", None, "Forecast"], ["Indicator", "Apr-25", "May-25", "Jun-25"],
        ["Reviews %", 10, 11, 99]], "kpi", "value", 21),
    ("a.csv", csv("Measure,Apr-25,May-25,Jun-25 Forecast", "Referrals,10,11,99"), "activity", "count", 21),
    ("a.csv", csv("Measure,Apr-25,YTD Apr-25,May-25 (to 14th),Change from Mar-25", "Referrals,10,110,5,1"),
     "activity", "count", 10),
    ("KPI Nov 2025.csv", csv("Indicator,This month,Last month", "Reviews %,71,69"), "kpi", "value", 71),
    # a pivot table that is indented by its style alone
    ("a.xlsx", [["Row Labels", "Apr-25", "May-25"], ["Oak", 15, 17], ["Referrals", 10, 11],
        ["Reviews", 5, 6], ["Elm", 6, 8], ["Referrals", 4, 5], ["Reviews", 2, 3], ["Grand Total", 21, 25]],
     "activity", "count", 46),
    # a target with the operator of its direction
    ("k.csv", csv("Indicator,Month,Result,Target", "Delays,Apr-24,4 %,<5%", "Delays,May-24,6 %,<5%"),
     "kpi", "target", 10),
]  # fmt: skip


@pytest.mark.parametrize(("name", "lines", "dataset", "column", "total"), SHAPES)
def test_a_layout_gives_the_right_figure_without_a_decision(
    folder: Path, name: str, lines: Lines, dataset: str, column: str, total: float
) -> None:
    put(folder, name, lines)
    data = through(folder)
    assert not data.faults
    assert data.frames[dataset][column].sum() == pytest.approx(total)


@pytest.mark.parametrize("title", ["Produced 14/10/2025", "Extract run on 1 October 2025 for the board"])
def test_the_day_of_a_print_is_not_that_of_its_figures(folder: Path, title: str) -> None:
    lines = [[title], ["Position at 30/09/2025"], ["Line", "Budget", "Forecast"], ["Homes", 1, 1]]
    put(folder, "m.xlsx", lines)
    assert through(folder).budget["as_at"].dt.date.tolist() == [date(2025, 9, 30)]


def test_a_ledger_of_which_only_the_day_of_the_extract_is_known_is_of_that_day(folder: Path) -> None:
    put(folder, "l.xlsx", [["Extract run 01/10/2025"], LEDGER.split(","), [*FIRST, 800]])
    assert through(folder).packages["snapshot_date"].dt.date.tolist() == [date(2025, 10, 1)]


def test_next_months_file_is_found_by_its_date_and_told_of_its_new_column(folder: Path) -> None:
    put(folder, "Ledger 31-08-2025.csv", csv(LEDGER, "A1,P1,Nursing,01/04/2020,,800"))
    through(folder)
    put(
        folder,
        "Ledger 30.09.2025.csv",
        csv(f"{LEDGER},Client Contribution", "A1,P1,Nursing,01/04/2020,,800,50"),
    )
    assert (
        "Ledger 30.09.2025.csv, column Client Contribution: found a column that mapping.toml does not name"
        in said(load("north-x", data_dir=folder.parent))
    )


def test_keys_that_lost_their_zeros_are_told_before_they_are_hashed(folder: Path) -> None:
    from s75lib.loaders.pseudonyms import KEY_FILE, make_key

    for day, key in (("31-08-2025", "0012"), ("30-09-2025", "12")):
        rows = (f"{person},P{n},Nursing,01/04/2020,,800" for n, person in enumerate((key, "2001", "2002")))
        put(folder, f"Ledger {day}.csv", csv(LEDGER, *rows))
    make_key(folder / KEY_FILE)
    through(folder)
    text = (folder / "mapping.toml").read_text(encoding="utf-8")
    (folder / "mapping.toml").write_text(text.replace("= false", "= true"), encoding="utf-8")
    data = load("north-x", data_dir=folder.parent)
    assert "differ only in leading zeros" in said(data)
    assert "2001" not in data.packages["person_key"].tolist()


def test_a_target_of_a_year_is_asked_for(folder: Path) -> None:
    put(folder, "k.csv", csv("Indicator,2025/26 Target,Apr-25,May-25", "Reviews %,80%,71%,72%"))
    through(folder, decisions=1)
    assert '"2025/26 Target" = "?" # perhaps "target"' in (folder / "mapping.toml").read_text(
        encoding="utf-8"
    )


def test_columns_of_forecasts_are_told(folder: Path) -> None:
    put(folder, "a.csv", csv("Measure,Apr-25,May-25 Forecast", "Referrals,10,99", "Reviews,20,99"))
    assert "columns of what is to come: May-25 Forecast" in said(through(folder))


def test_parts_of_a_measure_and_rows_of_no_team_are_not_to_be_deleted(folder: Path) -> None:
    put(folder, "a.csv", csv("Month,Team,Adult referrals,Other referrals", "Apr-25,N,10,5"))
    (fault,) = through(folder).faults
    assert "if each is a part of the whole, give each a name of its own" in fault.remedy
    put(folder, "a.csv", csv("Month,Referrals,Reviews", "Apr-25,10,5", "Apr-25,4,2"))
    assert {"have mapping.toml say so" in fault.remedy for fault in through(folder).faults} == {True}


def test_a_formula_without_a_value_is_named_in_a_row_about_a_person(folder: Path) -> None:
    put(folder, "Ledger 30-09-2025.xlsx", [LEDGER.split(","), [*FIRST, "=2*400"]])
    assert "found 'a formula that was never calculated'" in said(through(folder))


def test_months_groups_teams_and_periods_are_where_they_belong(folder: Path) -> None:
    put(folder, *SHAPES[6][:2])
    put(folder, *SHAPES[3][:2])
    put(folder, *SHAPES[15][:2])
    data = through(folder)
    assert [f"{data.activity['month'].min():%Y-%m}", f"{data.activity['month'].max():%Y-%m}"] == [
        "2024-04",
        "2025-03",
    ]
    assert data.budget.groupby("service_group")["budget"].sum().to_dict() == {"AMH": 8, "OPMH": 7}
    assert data.kpi["period"].tolist() == ["Q3 2023/24", "Q4 2023/24", "Q1 2024/25"]


def test_rows_keep_their_group_month_and_unit(folder: Path) -> None:
    head = ["Indicator", "North", None, "South"], [None, "Apr-24", "May-24", "Apr-24", "May-24"]
    put(folder, "k.xlsx", [*head, ["Reviews %", 50, 51, 60, 61]])
    kpi = through(folder).kpi.set_index(["group", "period"])["value"]
    assert kpi.to_dict() == {("North", "2024-04"): 50, ("North", "2024-05"): 51,
                             ("South", "2024-04"): 60, ("South", "2024-05"): 61}  # fmt: skip
    (folder / "k.xlsx").unlink()
    put(folder, "k.csv", csv("Indicator,Unit,Apr-24,May-24", "Reviews,%,50,55", "Complaints,Number,3,4"))
    assert dict(through(folder).kpi[["indicator", "unit"]].to_numpy()) == {
        "reviews": "percent",
        "complaints": "count",
    }
    put(
        folder, "a.csv", csv("Year,Month,Team,Activity,Count", "2024,4,N,Referrals,5", "2025,1,N,Referrals,7")
    )
    assert through(folder).activity["month"].dt.strftime("%Y-%m").tolist() == ["2024-04", "2025-01"]


def test_a_required_column_that_waits_for_a_decision_is_told_once(folder: Path) -> None:
    put(folder, "ledger_2024-09.csv", csv(LEDGER, "A1,P1,Nursing,01/04/2020,,1000"))
    proposals, _ = propose([folder / "ledger_2024-09.csv"], folder)
    text = written(proposals).replace('"PO Number" = "package_key"', '"PO Number" = "?"')
    (folder / "mapping.toml").write_text(text, encoding="utf-8")
    (fault,) = load("north-x", "2024/25", data_dir=folder.parent, allow_faulty=True).faults
    assert fault.found == "no package_key, while the mapping asks what “PO Number” is"


def test_a_sheet_may_be_a_month_a_team_or_an_indicator(folder: Path) -> None:
    head = LEDGER.split(",")
    put(folder, "Ledger 2024-25.xlsx", [], April=[head, [*FIRST, 1]], May=[head, [*FIRST, 2]])
    two = [["Month", "Numerator", "Denominator"], ["Apr-24", 45, 100]]
    put(folder, "kpis.xlsx", [], Reviews=two, Settled=two)
    title = [["Team: North CMHT"], [], ["Month", "New referrals", "Reviews"], ["Apr-24", 3, 4]]
    put(folder, "activity.xlsx", [], S1=title)
    data = through(folder)
    days = data.packages["snapshot_date"].dt.strftime("%Y-%m-%d").tolist()
    assert days == ["2024-04-30", "2024-05-31"]
    assert set(data.kpi["indicator"]) == {"reviews", "settled"}
    assert set(data.activity["team"]) == {"North CMHT"}


def test_percentages_of_a_workbook_are_read_as_they_are_shown(folder: Path) -> None:
    put(folder, "k.xlsx", [["Indicator", "Apr-24", "Target"], ["Reviews", 0.45, 0.5], ["Complaints", 3, 1]])
    from openpyxl import load_workbook

    book = load_workbook(folder / "k.xlsx")
    for cell in ("B2", "C2"):
        book["Sheet1"][cell].number_format = "0%"
    book.save(folder / "k.xlsx")
    kpi = through(folder).kpi
    assert kpi["value"].tolist() == [45, 3]
    assert kpi["target"].tolist() == [50, 1]
    assert kpi["unit"].tolist() == ["percent", "count"]


def test_hidden_columns_are_told(folder: Path) -> None:
    put(folder, "a.xlsx", [["Month", "Team", "Referrals", "Reviews"], ["Apr-24", "N", 10, 11]])
    from openpyxl import load_workbook

    book = load_workbook(folder / "a.xlsx")
    book["Sheet1"].column_dimensions["D"].hidden = True
    book.save(folder / "a.xlsx")
    assert "hidden columns, 1 of them (Reviews)" in said(through(folder))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("bm P8 24-25.csv", "Line,Budget,Forecast\nHomes,1,200,1,260\n", "more cells than the header has"),
        ("ledger_2024-09.csv", f'{LEDGER},Provider\nA1,P1,Nursing,01/04/2020,,1,"Acme\n'
         'A2,P2,Nursing,01/04/2020,,2,Beta\nA3,P3,Nursing,01/04/2020,,3,Acme"\n', "a stray quotation mark"),
        ("a.csv", "Line,Apr-24,May-24\nHomes,1,2\n", "activity needs measure"),
        ("a.xlsb", "PK", "Save it as .xlsx"),
    ],
)  # fmt: skip
def test_what_would_be_misread_is_refused_with_a_remedy(
    folder: Path, name: str, text: str, told: str
) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    proposals, unused = propose([folder / name], folder)
    (folder / "mapping.toml").write_text(written(proposals), encoding="utf-8")
    try:
        load("north-x", "2024/25", data_dir=folder.parent)
    except DataError as error:
        unused.append(str(error))
    assert told in " ".join(unused)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_text_in_any_encoding_with_a_pound_sign_far_below(folder: Path, encoding: str) -> None:
    rows = "".join(f"Apr-24\tTeam {n}\tReviews\t1\n" for n in range(9_000)) + "Apr-24\t£5 Lane\tReviews\t1\n"
    (folder / "a.txt").write_text(f"Month\tTeam\tActivity type\tVolume\n{rows}", encoding=encoding)
    assert len(through(folder).activity) == 9_001


def test_a_fault_names_the_rows_of_the_analysts_own_file(folder: Path) -> None:
    put(
        folder,
        "k.csv",
        csv("", "KPI,Month,Numerator,Denominator,Result", "R,Apr-24,45,100,71", "R,May-24,4,9,1"),
    )
    assert "contradict numerator and denominator in rows 3, 4" in said(through(folder))


@pytest.fixture
def contract(folder: Path) -> Callable[..., AuthorityData]:
    def loaded(**texts: str) -> AuthorityData:
        for name, text in texts.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return load("north-x", "2024/25", data_dir=folder.parent, allow_faulty=True)

    return loaded


def test_marks_periods_and_totals_in_files_of_the_contract(contract: Callable[..., AuthorityData]) -> None:
    data = contract(
        activity="month,measure,count,team\n2024-04,reviews,<5,N\nmonth,measure,count,team\n2024-05,reviews,8,N\n",
        kpi="indicator,group,period,value,unit\na,,P8 2024-25,1,count\na,,Qtr 3 24/25,2,count\n",
        savings="saving_id,saving,month,planned,delivered\nS1,a,2024-04,1,1\nS2,b,2024-04,2,2\nT,Total,2024-04,3,3\n",
        contributions="financial_year,partner,service_group,line,kind,agreed\n2024/25,C,A,Pool,cash,10\n"
        "2024/25,T,A,Pool,cash,5\n2024/25,Total,A,Pool,cash,15\n",
        budget="financial_year,as_at,service_group,line,kind,budget,commitment,forecast\n"
        "2024/25,Month 10,AMH,Homes,expenditure,12,13,14\n2024/25,Jan-25,AMH,Fees,client_income,-2,-3,-3\n"
        "2024/25,Jan-25,AMH,Net position,expenditure,10,10,11\n",
    )
    assert data.activity["count"].sum() == 8
    assert "<5 in place of a figure" in said(data)
    assert "the header again among the rows" in said(data)
    assert data.kpi["period"].tolist() == ["2024-11", "Q3 2024/25"]
    assert data.savings["planned"].sum() == 3
    assert data.contributions["agreed"].sum() == 15
    assert data.budget["budget"].sum() == 10
    assert set(data.budget["as_at"].dt.strftime("%Y-%m-%d")) == {"2025-01-31"}


@pytest.mark.parametrize("rows", [1, 30_000])
def test_thousands_told_in_a_title_of_the_contracts_file_are_told(
    contract: Callable[..., AuthorityData], folder: Path, rows: int
) -> None:
    head = "financial_year,as_at,service_group,line,kind,budget,commitment,forecast\n"
    lines = "".join(f"2024/25,2024-09-30,AMH,Homes {n},expenditure,12,12,12\n" for n in range(rows))
    text = f"Monitor (£000s){head.count(',') * ','}\n{head}{lines}"
    assert "speaks of thousands or millions: Monitor (£000s)" in said(contract(budget=text))
    with (folder / "authority.toml").open("a", encoding="utf-8") as file:
        file.write('[sources]\nbudget = { path = "budget.csv", unit = "£000" }\n')
    data = contract(budget=text)
    assert "speaks of thousands" not in said(data)
    assert data.budget["budget"].sum() == 12_000 * rows


@pytest.mark.parametrize("amount", ["1000000", "1043", "260000", "86900", "20000", "2857", "500000"])
def test_a_monitor_without_commitments_is_set_against_the_ledger_by_its_forecast(
    contract: Callable[..., AuthorityData], amount: str
) -> None:
    head = "snapshot_date,person_key,package_key,care_type,start_date,end_date,weekly_gross,service_group\n"
    rows = "".join(f"2024-09-30,A{n},P{n},Nursing,2020-04-01,,1000,AMH\n" for n in range(20))
    budget = "financial_year,as_at,service_group,line,kind,budget,commitment,forecast\n"
    line = f"2024/25,2024-09-30,AMH,Nursing,expenditure,{amount},,{amount}\n"
    data = contract(packages=head + rows, budget=budget + line)
    assert ("does not fit the ledger" in said(data)) is (amount != "1000000")


@pytest.mark.parametrize(
    "asked", ["Reviews waiting", "Overdue reviews", "Average days to assessment", "% reviews on time",
              "Referrals rejected", "Assessments in progress", "Safeguarding concerns closed",
              "Cumulative reviews", "Staff reviews"],
)  # fmt: skip
def test_what_is_about_a_measure_is_asked_and_not_taken_for_it(folder: Path, asked: str) -> None:
    rows = (f"{month}-24,North,{kind},9" for month in ("Apr", "May") for kind in (asked, "MHA assessments"))
    put(folder, "activity.csv", csv("Month,Team,Activity type,Volume", *rows))
    activity = through(folder, decisions=1).activity
    assert set(activity["measure"]) == {"mha_assessments"}


def test_a_column_of_one_measure_is_the_measure(folder: Path) -> None:
    rows = [[None, "Month", "Team", None, "Reviews"], [None, "Apr-24", "North", None, 7]]
    put(folder, "Activity.xlsx", [*rows, [None, "May-24", "North", None, 8]])
    activity = through(folder).activity
    assert activity["measure"].tolist() == ["reviews", "reviews"]
    assert activity["count"].tolist() == [7, 8]


def test_figures_written_as_fractions_are_numerator_and_denominator(folder: Path) -> None:
    lines = csv("Indicator,Target,Apr-24,May-24", "Reviews,80%,45/100,46 of 90", "Settled,85%,*,8/10 (80%)")
    put(folder, "dashboard.csv", lines)
    kpi = through(folder).kpi.set_index(["indicator", "period"]).sort_index()
    assert kpi["numerator"].dropna().tolist() == [45, 46, 8]
    assert kpi["denominator"].dropna().tolist() == [100, 90, 10]
    assert set(kpi["unit"]) == {"percent"}
    assert kpi["target"].tolist() == [80, 80, 85, 85]


@pytest.mark.parametrize("above", [True, False])
def test_blocks_of_actuals_and_targets_are_one_row_a_month(folder: Path, *, above: bool) -> None:
    months, kinds = ["Apr-24", "May-24"], ["Actual", "Target"]
    pairs = [(k, m) for k in kinds for m in months] if above else [(m, k) for m in months for k in kinds]
    figures = {("Actual", "Apr-24"): 50, ("Actual", "May-24"): 52, ("Target", "Apr-24"): 80,
               ("Target", "May-24"): 85}  # fmt: skip
    row = [figures[pair if above else pair[::-1]] for pair in pairs]
    upper = [up if at == 0 or up != pairs[at - 1][0] else None for at, (up, _) in enumerate(pairs)]
    lines = [["KPI dashboard"], [None, *upper], ["Indicator", *(low for _, low in pairs)]]
    put(folder, "k.xlsx", [*lines, ["Reviews on time %", *row], ["Settled %", *row]])
    kpi = through(folder).kpi.sort_values(["indicator", "period"])
    assert kpi["value"].tolist() == [50, 52, 50, 52]
    assert kpi["target"].tolist() == [80, 85, 80, 85]


@pytest.mark.parametrize(
    ("sheet", "period"), [("Q3", "Q3 2024/25"), ("P10", "2025-01"), ("December", "2024-12")]
)
def test_a_sheet_of_one_quarter_or_month_is_never_the_year(folder: Path, sheet: str, period: str) -> None:
    lines = [["Indicator", "Numerator", "Denominator"], ["Reviews on time", 50, 100], ["Settled", 70, 100]]
    put(folder, "KPI 2024-25.xlsx", [], **{sheet: lines})
    assert set(through(folder).kpi["period"]) == {period}


@pytest.mark.parametrize("eight", ["P8", "8", "Period 8"])
def test_a_period_beside_its_financial_year_is_the_day_it_ends(folder: Path, eight: str) -> None:
    lines = csv("Financial Year,Period,Line,Budget,Commitment,Forecast", f"2024/25,{eight},Nursing,100,,110")
    put(folder, "monitor.csv", [*lines, [f"2024/25,{eight.replace('8', '10')},Nursing,100,,112"]])
    budget = through(folder).budget
    assert budget["as_at"].dt.date.tolist() == [date(2024, 11, 30), date(2025, 1, 31)]
    assert set(budget["financial_year"]) == {"2024/25"}
    assert budget["commitment"].isna().all()


def test_staff_in_post_is_posts_less_vacancies(folder: Path) -> None:
    rows = [["North", "Social worker", "10.5 WTE", 2.5], ["South", "Social worker", "9 FTE", None]]
    lines = [["Workforce at 30 September 2025"], ["Team", "Role", "Funded FTE", "Vacant FTE"], *rows]
    put(folder, "Workforce.xlsx", lines)
    staff = through(folder).workforce
    assert staff["wte_establishment"].tolist() == [10.5, 9]
    assert staff["wte_in_post"].iloc[0] == 8
    assert np.isnan(staff["wte_in_post"].iloc[1])  # nobody said how many are vacant


def test_a_risk_register_and_an_action_plan_name_no_owner_by_themselves(folder: Path) -> None:
    risks = [["Ref", "Risk description", "Inherent Impact", "Inherent Score", "Current Impact",
              "Current Likelihood", "Current Score", "Risk owner"],
             ["R1", "Demand", 5, 25, 4, 3, 12, "A. Person"]]  # fmt: skip
    put(folder, "Risks.xlsx", [["Risk register at 30/09/2024"], *risks])
    actions = [["Ref", "Action", "Lead officer", "Due date", "Status"],
               ["A1", "Agree a rule", "A. Person", date(2024, 9, 30), "Complete"]]  # fmt: skip
    put(folder, "Action plan.xlsx", actions)
    data = through(folder)
    assert data.risks[["consequence", "likelihood", "score"]].to_numpy().tolist() == [[4, 3, 12]]
    assert data.actions["owner_role"].tolist() == [""]
    assert "Person" not in data.risks.to_csv() + data.actions.to_csv()


def test_the_total_of_a_row_is_no_base_of_a_share(folder: Path) -> None:
    rows = [["Referrals received", 10, 11, 21], ["Reviews completed", 7, 8, 15], ["MHA assessments", 1, 2, 3]]
    put(folder, "Work.xlsx", [], North=[["Measure", "Apr-24", "May-24", "Total"], *rows])
    activity = through(folder).activity
    assert activity["count"].sum() == 10 + 11 + 7 + 8 + 1 + 2
    assert set(activity["team"]) == {"North"}


def test_a_team_stands_for_the_posts_below_it_and_its_total_for_none(folder: Path) -> None:
    rows = [[[team, "Social worker", 12, 9], [None, "AMHP", 4, 3], [f"{team} total", None, 16, 12]]
            for team in ("North", "South", "East")]  # fmt: skip
    head = [["Workforce at 31 October 2025"], ["Team", "Job title", "Funded WTE", "In post WTE"]]
    put(folder, "Establishment.xlsx", [*head, *(row for block in rows for row in block)])
    staff = through(folder).workforce
    assert staff.groupby("team")["wte_in_post"].sum().to_dict() == {"East": 12, "North": 12, "South": 12}


AREAS = {
    "above": [[None, "N", None, "S", None, "D"], ["Indicator", *["Apr-25", "May-25"] * 3]],
    "below": [[None, "Apr-25", None, None, "May-25"], ["Indicator", *["N", "S", "D"] * 2]],
    "alone": [["Position at April 2025"], ["Indicator", "N", "S", "D"]],
}


@pytest.mark.parametrize("way", AREAS)
def test_areas_called_by_a_letter_are_no_numerators(folder: Path, way: str) -> None:
    figures = [
        [name, *range(first, first + len(AREAS[way][1]) - 1)] for name, first in (("A %", 50), ("B %", 60))
    ]
    put(folder, "kpi.xlsx", [*AREAS[way], *figures])
    kpi = through(folder).kpi
    assert set(kpi["group"]) == {"N", "S", "D"}
    assert sorted(kpi["value"]) == sorted(cell for _, *cells in figures for cell in cells)
    assert set(kpi["period"]) == ({"2025-04"} if way == "alone" else {"2025-04", "2025-05"})


def test_a_sheet_may_be_a_quarter_of_the_monitor(folder: Path) -> None:
    lines: Lines = [["Monitor 2024/25"], ["Line", "Annual Budget", "Commitment"], ["Nursing", 1000, 1010],
                    ["Homecare", 500, 510]]  # fmt: skip
    put(folder, "monitor.xlsx", [], Q1=lines, Q2=lines)
    assert set(through(folder).budget["as_at"].dt.strftime("%Y-%m-%d")) == {"2024-06-30", "2024-09-30"}


def test_a_column_that_is_used_is_not_called_left_out(folder: Path) -> None:
    put(folder, "l 2025-04.csv", csv(f"{LEDGER},Age", "A1,P1,Nursing,01/04/2020,,800,70"))
    assert through(folder).packages["age_band"].tolist() == ["65-74"]
    mapping = read_mapping(folder)
    assert mapping is not None
    (layout,) = mapping.datasets["packages"]
    assert "Age" not in layout.columns
    put(folder, "l 2025-05.csv", csv(LEDGER, "A1,P1,Nursing,01/04/2020,,800"))
    with pytest.raises(DataError, match="no column “Age”"):
        load("north-x", data_dir=folder.parent)


def test_an_indicator_is_called_as_its_file_has_it(folder: Path) -> None:
    put(folder, "kpi.csv", csv("KPI,Month,Numerator,Denominator", "CPA in employment,Apr-25,7,9"))
    assert through(folder).labels == {"cpa_in_employment": "CPA in employment"}


MONEY = {
    "contributions": (
        [["Pooled fund contributions 2025/26 at 30/09/2025 (£000s)"],
         ["Partner", "Scheme", "Contribution type", "Agreed contribution", "Paid to date"],
         ["A Council", "Pool", "Cash", 1250.5, 600], ["An ICB", "Pool", "Cash", 850, 400],
         ["Total", None, None, 2100.5, 1000]],
        "agreed", 2_100_500,
    ),
    "savings 2025-26": (
        [["Savings proposal", "Profile month", "Planned saving"], ["Reviews", "Apr-25", "£1,000"],
         ["Reviews", "May-25", "£1,500"]],
        "planned", 2500,
    ),
    "savings": (
        [["Saving ref", "Savings proposal", "Apr-25", "May-25", "Total"], ["S1", "Reviews", 10, 12, 22],
         ["S2", "Homes", 5, 5, 10]],
        "planned", 32,
    ),
    "register": (
        [["Ref", "Risk", "Impact", "Likelihood", "Review date"], ["R1", "Staff", 4, 3, "30/09/2025"], [],
         ["Scores: 1 to 5"]],
        "likelihood", 3,
    ),
    "KPIs by type": (
        [["Indicator", "Type", "Apr-25", "May-25"], ["Plans", "N", 5, 6], ["Plans", "D", 9, 9],
         ["Reviews", "N", 7, 8], ["Reviews", "D", 9, 9]],
        "numerator", 26,
    ),
    "KPIs": (
        [[None, "Apr-25", None, "May-25"], ["Indicator", "Oak", "Elm", "Oak", "Elm"], ["Plans %", 1, 2, 3, 4],
         ["Reviews %", 5, 6, 7, 8]],
        "value", 36,
    ),
    "posts Sep-25": (
        [["Team", "Role", "Establishment", "In post"], ["N", "SW", 5, 4], ["S", "SW", 4, 3],
         ["All", None, 9, 7]],
        "wte_in_post", 7,
    ),
    "monitor 2025-26": (
        [["Line", "Annual Budget", "Commitment", "Forecast", "Quarter"], ["Nursing", 100, 100, 110, "Q1"],
         ["Nursing", 100, 100, 120, "Q2"]],
        "forecast", 230,
    ),
    "pivot": (
        [["Row Labels", "Apr-25", "May-25"], ["Oak", 15, 17], ["   Referrals", 10, 11], ["   Reviews", 5, 6],
         ["Elm", 6, 8], ["   Referrals", 4, 5], ["   Reviews", 2, 3], ["Grand Total", 21, 25]],
        "count", 46,
    ),
    "transitions": (
        [["Transition ID", "Date of transition", "Kind", "Service type", "Number of people",
          "Estimated weekly cost"],
         ["T1", "01/09/2026", "turns 18", "Supported living", 2, 1450]],
        "people", 2,
    ),
    "splits": (
        [["Funding rule", "Health share", "Council share"], ["s117 joint", "50%", "50%"], ["CHC", "100%", 0]],
        "health_percent", 150,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MONEY)
def test_what_was_agreed_or_planned_is_proposed_too(folder: Path, name: str) -> None:
    lines, column, total = MONEY[name]
    put(folder, f"{name}.xlsx", lines)
    text = 'name = "North X"\n[agreement]\nstart = 2025-04-01\n'
    (folder / "authority.toml").write_text(text, encoding="utf-8")
    data = through(folder)
    assert not data.faults
    (dataset,) = [one.dataset for one in data.inputs]
    assert data.frames[dataset][column].sum() == total


@pytest.mark.parametrize(
    "head",
    [
        "Referrals per 10000",
        "Referrals (plan)",
        "Referrals (cum.)",
        "Referrals (rolling 12m)",
        "Referrals LY",
        "Referrals variance",
        "Referrals (prior month)",
        "Expected Referrals",
        "Referrals 24/25",
        "Referrals %",
    ],
)
def test_another_figure_about_a_measure_is_not_counted(folder: Path, head: str) -> None:
    put(folder, "Activity.csv", csv(f"Month,Team,Reviews,{head}", "Apr-25,N,5,90", "May-25,N,6,91"))
    assert set(through(folder).activity["measure"]) == {"reviews"}


@pytest.mark.parametrize("head", ["Jun-25 (F)", "Jun-25 f'cast", "Jun-25 Est.", "May-25 LY", "May-25 Rank"])
def test_a_month_of_another_kind_is_no_value(folder: Path, head: str) -> None:
    rows = ["Reviews %,71,72,99", "Settled %,61,62,98"]
    put(folder, "KPI 2025-26.csv", csv(f"Indicator,Apr-25,May-25,{head}", *rows))
    assert sorted(through(folder).kpi["value"]) == [61, 62, 71, 72]


@pytest.mark.parametrize(
    "head", ["Staff in Post (Heads)", "In Post (hours)", "In Post £", "In Post %", "WTE in post (Mar-25)"]
)
def test_people_hours_shares_and_pay_are_no_wte(folder: Path, head: str) -> None:
    rows = ["N,SW,10,7", "S,SW,6,7"]
    put(folder, "Establishment Sep 2025.csv", csv(f"Team,Role,Establishment WTE,{head}", *rows))
    text = written(propose([folder / "Establishment Sep 2025.csv"], folder)[0])
    assert f'"{head}" = "wte_in_post"' not in text


@pytest.mark.parametrize(
    ("title", "header", "rows"),
    [
        ("Monitor P6 2025/26 ('000)", "Line,Annual Budget,Commitment,Forecast", []),
        ("Monitor P6 2025/26", "Line,Annual Budget,Commitment,Forecast", [",£000,£000,£000"]),
        ("Monitor P6 2025/26", "Line,Annual Budget,Commitment,Forecast,Unit", []),
    ],
)
def test_thousands_are_known_from_any_cell_that_says_so(
    folder: Path, title: str, header: str, rows: list[str]
) -> None:
    unit = ",£000" if header.endswith("Unit") else ""
    lines = [f"Residential,1200,1210,1220{unit}", f"Homecare,800,810,820{unit}"]
    put(folder, "Monitor.csv", csv(title, header, *rows, *lines))
    assert through(folder).budget["budget"].sum() == 2_000_000


def test_orders_still_open_are_no_commitment_for_the_year(folder: Path) -> None:
    header = "Line,Annual Budget,Actual YTD,Commitments,Total Actual + Commitments,Forecast"
    put(folder, "Budget Monitor P6 2025-26.csv", csv(header, "Residential,1000,510,30,540,1020"))
    text = written(propose([folder / "Budget Monitor P6 2025-26.csv"], folder)[0])
    assert 'Commitments = "?"' in text


def test_an_actual_of_the_prior_year_is_none_of_this_year(folder: Path) -> None:
    header = "Line,Annual Budget,Actual (PY),Forecast (This Month),Forecast (Last Month)"
    put(folder, "Budget Monitor P6 2025-26.csv", csv(header, "Residential,1000,980,1020,900"))
    budget = through(folder, decisions=1).budget
    assert budget["forecast"].sum() == 1020
    assert "actual_to_date" not in budget or budget["actual_to_date"].isna().all()


def test_a_contribution_for_a_quarter_is_made_weekly(folder: Path) -> None:
    header = f"{LEDGER},Health Contribution (Quarterly),Client Contribution (annualised)"
    put(folder, "Ledger 30-09-2025.csv", csv(header, "A1,P1,Nursing,01/04/2021,,500,1303.5714,2607.14"))
    packages = through(folder).packages
    assert packages["health_weekly"].round(2).tolist() == [100.0]
    assert packages["client_weekly"].round(2).tolist() == [50.0]


@pytest.mark.parametrize(
    ("name", "sheet", "title", "told"),
    [
        ("Ledger.xlsx", "Sep-25", "Position at 31/08/2025", True),
        ("Ledger 30-09-2025.xlsx", "Data", "Packages open at 31/08/2025", True),
        ("Ledger 14-10-2025.xlsx", "Data", "Packages open at 30/09/2025", False),
        ("Ledger Mar 2026.xlsx", "Sep-25", "Position at 30/09/2025", False),
        ("Ledger.xlsx", "Sep-25", "Produced 14/10/2025", False),
    ],
)
def test_a_sheet_that_two_days_are_given_for_is_told(
    folder: Path, name: str, sheet: str, title: str, told: bool
) -> None:
    put(folder, name, [], **{sheet: [[title], LEDGER.split(","), [*FIRST, 500]]})
    assert any("another month in the" in str(warning) for warning in through(folder).warnings) is told


@pytest.mark.parametrize("name", ["Activity cumulative 2025-26.csv", "Activity 2025-26.csv"])
def test_months_that_are_said_to_be_cumulative_are_told(folder: Path, name: str) -> None:
    put(folder, name, csv("Measure,Apr-25,May-25", "Referrals,10,21", "Reviews,20,41"))
    told = any("cumulative" in str(warning) for warning in through(folder).warnings)
    assert told is ("cumulative" in name)


def test_a_signature_below_the_table_is_no_row(folder: Path) -> None:
    heads = ["Line", "Annual Budget", "Commitment", "Forecast"]
    rows = [
        heads,
        ["Residential", 100, 101, 102],
        ["Homecare", 50, 51, 52],
        [],
        ["Prepared by", "Finance", "14/10/2025"],
        ["Date:", None, None, date(2025, 10, 14)],
    ]
    put(folder, "Budget Monitor P6 2025-26.xlsx", rows)
    data = through(folder)
    assert not data.faults
    assert data.budget["budget"].tolist() == [100, 50]


def test_months_with_a_percent_sign_are_of_indicators(folder: Path) -> None:
    rows = ["Reviews,71,72", "Assessments,61,62"]
    put(folder, "KPI 2025-26.csv", csv("Indicator,Apr-25 (%),May-25 (%)", *rows))
    kpi = through(folder).kpi
    assert (set(kpi["unit"]), sorted(kpi["value"])) == ({"percent"}, [61, 62, 71, 72])


@pytest.mark.parametrize(
    "head", ["Forecast (P5)", "Forecast (best case)", "Forecast (no. of clients)", "Forecast (pence)"]
)
def test_what_brackets_make_of_an_amount_is_asked(folder: Path, head: str) -> None:
    put(folder, "Budget Monitor P6 2025-26.csv", csv(f"Line,Annual Budget,Actual,{head}", "Homes,10,5,9"))
    text = written(propose([folder / "Budget Monitor P6 2025-26.csv"], folder)[0])
    assert f'"{head}" = "?"' in text


@pytest.mark.parametrize("unit", ["£'k", "(GBP k)", "(Thousands)", "(K)", "(000)"])
def test_thousands_of_a_header_are_known(folder: Path, unit: str) -> None:
    header = f"Line,Annual Budget {unit},Commitment {unit},Forecast {unit}"
    put(folder, "Budget Monitor P6 2025-26.csv", csv(header, "Homes,10,11,12"))
    assert through(folder).budget["forecast"].sum() == 12_000


def test_pounds_that_are_said_to_be_no_thousands_stay(folder: Path) -> None:
    title, header = "Monitor P6 2025/26 in £ not £000s", "Line,Annual Budget,Commitment,Forecast"
    put(folder, "Monitor.csv", csv(title, header, "Homes,10000,11000,12000"))
    assert through(folder).budget["forecast"].sum() == 12_000


def test_packages_that_are_cancelled_or_proposed_are_told(folder: Path) -> None:
    rows = ["A1,P1,Nursing,01/04/2021,,500,Active", "A2,P2,Nursing,01/04/2021,,700,Cancelled"]
    put(folder, "Ledger 30-09-2025.csv", csv(f"{LEDGER},Status", *rows))
    assert any("“Status” is cancelled" in str(warning) for warning in through(folder).warnings)


def test_other_places_among_an_indicators_groups_are_told(folder: Path) -> None:
    put(folder, "KPI April 2025.csv", csv("Indicator,North,England", "Employed %,7,6", "Settled %,60,55"))
    (told,) = [str(one) for one in through(folder).warnings if "other places" in str(one)]
    assert "England" in told
    assert "North" not in told.split("expected")[0].split("groups:")[1]


def test_a_month_of_the_title_against_the_sheets_is_told_of_activity_too(folder: Path) -> None:
    rows: Lines = [["Activity for May 2025"], ["Team", "Referrals", "Reviews"], ["N", 1, 2], ["S", 3, 4]]
    put(folder, "Activity.xlsx", [], **{"Apr-25": rows})
    assert any("another month in the title" in str(warning) for warning in through(folder).warnings)


@pytest.mark.parametrize(
    "line", ["Variance", "Last year", "Previous month's forecast", "Memo: of which S117"]
)
def test_lines_that_compare_or_repeat_are_told(folder: Path, line: str) -> None:
    header = "Line,Annual Budget,Commitment,Forecast"
    put(folder, "Budget Monitor P6 2025-26.csv", csv(header, "Homes,10,11,12", f"{line},7,8,9"))
    assert any(line in str(one) for one in through(folder).warnings)


def test_a_report_date_after_the_month_is_told(folder: Path) -> None:
    header = "Line,Annual Budget,Commitment,Forecast,Report Date"
    put(folder, "Budget Monitor P6 2025-26.csv", csv(header, "Homes,10,11,12,14/10/2025"))
    assert any("than in the column" in str(warning) for warning in through(folder).warnings)


def test_an_ordinary_monitor_is_told_nothing(folder: Path) -> None:
    rows = [
        ["Budget monitor, period 6 2025/26, position at 30/09/2025 compared to 31/03/2025"],
        ["Line", "Budget (Full Year)", "Commitment (Full Year)", "Forecast (Outturn)"],
        ["Homes", 10, 11, 12],
        ["Homecare", 5, 6, 7],
    ]
    put(folder, "Budget Monitor 14.10.2025.xlsx", rows)
    data = through(folder)
    assert (data.budget["forecast"].sum(), data.warnings) == (19, ())


def test_columns_that_the_mapping_names_are_read_though_they_are_of_what_is_to_come(folder: Path) -> None:
    put(folder, "k.csv", csv("Indicator,Apr-25,Apr-25", ",Actual,Plan", "Reviewed,50,80"))
    (folder / "mapping.toml").write_text(
        '[[kpi]]\nfiles = "k.csv"\nheader = [1, 2]\nfixed = { group = "", unit = "percent" }\n'
        'columns = { Indicator = "indicator" }\n'
        'across = { into = "period", rows = { Actual = "value", Plan = "target" } }\n',
        encoding="utf-8",
    )
    frame = load("north-x", data_dir=folder.parent).kpi
    assert frame[["value", "target"]].to_numpy().tolist() == [[50, 80]]


def told_of_packages(folder: Path, status: str, cell: str) -> str:
    put(folder, "Ledger 30-09-2025.csv", csv(f"{LEDGER},{status}", f"A1,P1,Nursing,01/04/2021,,500,{cell}"))
    return said(through(folder))


def test_of_a_status_the_word_alone_is_told(folder: Path) -> None:
    told = told_of_packages(folder, "Service status", "Suspended - Mrs Ann Smith in hospital")
    assert "is suspended" in told
    assert "Smith" not in told


def test_a_status_of_something_else_than_the_package_is_told_nothing(folder: Path) -> None:
    assert "packages whose" not in told_of_packages(folder, "Review status", "Not started")


def test_a_column_of_women_is_no_forecast(folder: Path) -> None:
    put(folder, "Activity.csv", csv("Month,Referrals (M),Referrals (F)", "Apr-25,3,4", "May-25,5,6"))
    (folder / "mapping.toml").write_text(
        '[[activity]]\nfiles = "Activity.csv"\ncolumns = { Month = "month" }\n'
        'across = { into = "measure", value = "count" }\n'
        'values = { measure = { "Referrals (M)" = "assessments", "Referrals (F)" = "reviews" } }\n',
        encoding="utf-8",
    )
    assert load("north-x", data_dir=folder.parent).activity["count"].sum() == 18


def test_a_file_s_iso_day_of_making_is_no_other_month(folder: Path) -> None:
    header = "Line,Annual Budget,Commitment,Forecast,As at"
    put(folder, "Monitor 2025-10-14.csv", csv(header, "Homes,10,11,12,30/09/2025"))
    assert "another month" not in said(through(folder))


@pytest.mark.parametrize(("title", "told"), [("KPI (not cumulative)", False), ("KPI, cumulative", True)])
def test_figures_that_are_said_not_to_be_cumulative_are_told_nothing(
    folder: Path, title: str, told: bool
) -> None:
    rows: Lines = [[title], ["Indicator", "Apr-25", "May-25"], ["Employed %", 7, 6], ["Settled %", 60, 55]]
    put(folder, "KPI YTD pack.xlsx", rows)
    assert ("figures that are cumulative" in said(through(folder))) == told


@pytest.mark.parametrize(
    ("note", "times"),
    [("Totals go to Cabinet in £m", 1), ("KPI pack (K)", 1), ("All figures in £000s", 1000)],
)
def test_a_note_below_scales_the_money_only_if_it_is_of_the_figures(
    folder: Path, note: str, times: int
) -> None:
    rows: Lines = [["Line", "Budget", "Commitment", "Forecast"], ["Homes", 10, 11, 12], [], [note]]
    put(folder, "Budget Monitor P6 2025-26.xlsx", rows)
    assert through(folder).budget["forecast"].sum() == 12 * times


def test_an_adjustment_may_be_a_movement(folder: Path) -> None:
    header = "Line,Kind,Annual Budget,Commitment,Forecast"
    rows = ["Homes,Expenditure,10,11,12", "Movement in reserves,Adjustment,7,8,9"]
    put(folder, "Budget Monitor P6 2025-26.csv", csv(header, *rows))
    assert "no spending of their own" not in said(through(folder))


@pytest.mark.parametrize(
    ("name", "dataset", "ours"),
    [
        ("Period (Month)", "kpi", "period"),
        ("Reporting period (quarter)", "kpi", "period"),
        ("Period (previous year)", "kpi", ""),
        ("Snapshot date (month end)", "packages", "snapshot_date"),
        ("Financial year (Apr-Mar)", "budget", "financial_year"),
        ("Units per week (hours)", "packages", "units_per_week"),
        ("Quantity (hours)", "packages", "units_per_week"),
        ("Cost (annual)", "packages", ""),
    ],
)
def test_what_in_brackets_says_how_a_date_or_a_quantity_is_written_changes_nothing(
    name: str, dataset: str, ours: str
) -> None:
    assert column_for(name, dataset) == (ours, 1.0 if ours else 0.0)
