"""Files as spreadsheets and systems leave them: the right figure or a message, never a silent misreading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from s75lib.errors import DataError
from s75lib.loaders import load
from s75lib.loaders.data import AuthorityData

PACKAGES = "snapshot_date,person_key,package_key,care_type,start_date,end_date,weekly_gross\n"
KPI = "indicator,group,period,value,unit,numerator,denominator,target\n"
BUDGET = "financial_year,as_at,service_group,line,kind,budget,commitment,forecast\n"
ACTIVITY = "month,measure,count,team\n"

STAFFING = "as_at,organisation,group,budget,adjusted_budget,adjusted_budget_to_date,actual_to_date,forecast\n"

WORKFORCE = "as_at,team,role,wte_establishment,wte_in_post,employer\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., AuthorityData]:
    """Write an authority's files, texts by their names, and load what is sound."""
    folder = tmp_path / "data" / "north-x"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text('name = "North X"\n', encoding="utf-8")

    def loaded(period: str = "", **texts: str | Workbook | pd.DataFrame) -> AuthorityData:
        for name, text in texts.items():
            if isinstance(text, str):
                (folder / f"{name}.csv").write_text(text, encoding="utf-8")
            elif isinstance(text, Workbook):
                text.save(folder / f"{name}.xlsx")
            else:
                text.to_parquet(folder / f"{name}.parquet")
        return load("north-x", period, data_dir=folder.parent, allow_faulty=True)

    return loaded


def said(data: AuthorityData) -> str:
    return "\n".join(map(str, (*data.faults, *data.warnings)))


def rows(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def book(*lines: list[object], title: str = "activity") -> Workbook:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for line in lines:
        sheet.append(line)
    return made


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("kpi", KPI + rows("r,,2023/24,0.71,percent,,,", "r,,2024/25,0.52,percent,,,"), "a share, not"),
        ("kpi", KPI + rows("r,,2023/24,71,percent,,,0.8", "r,,2024/25,52,percent,,,0.8"), "? target"),
        ("kpi", KPI + rows("r,,2024/25,71,percent,42,200,"), "contradict numerator and denominator"),
        ("budget", BUDGET + rows("2024/25,2024-12-31,AMH,Nursing,expenditure,£834k,900000,900000",
                                 "2024/25,2024-12-31,AMH,Other,expenditure,834,900,910"), "with k or m"),
        ("budget", BUDGET + rows("2024/25,2024-09-30,AMH,Nursing,expenditure,834000,9000,9000",
                                 "2024/25,2024-12-31,AMH,Nursing,expenditure,834,9,9"), "a thousand times"),
        ("budget", BUDGET + rows("2024/25,06/30/2024,AMH,Nursing,expenditure,8,9,9",
                                 "2024/25,12/05/2024,AMH,Nursing,expenditure,8,9,9"), "the month first"),
        ("packages", PACKAGES + rows("2024-03-31,K1,P1,Nursing,2020-01-01,31/12/99,8"), "two digits"),
        ("packages", PACKAGES + rows("2024-03-31,2.5e10,P1,Nursing,2020-01-01,,8"), "scientific notation"),
        ("packages", PACKAGES + rows("2024-03-31,K1,P1,Nursing,2024-05-01,,8"), "start after their snapshot"),
        ("packages", PACKAGES + rows("2024-03-31,007,P1,Nursing,2020-01-01,,8",
                                     "2024-03-31,7,P2,Nursing,2020-01-01,,8"), "only in leading zeros"),
        ("packages", PACKAGES + rows(*(f"2024-03-31,{n}-Mar,P{n},Nursing,2020-01-01,,800" for n in (11, 12))),
         "turned into dates"),
        ("packages", PACKAGES + rows(*(f"2024-03-31,{10**15 + n}0,P{n},Nursing,2020-01-01,,800"
                                       for n in range(9))), "kept 15 digits"),
        ("packages", PACKAGES + rows(*(f"2024-03-31,Unknown,P{n},Nursing,2020-01-01,,800" for n in (1, 2))),
         "stand for nobody, such as 0 or Unknown, in 2 rows"),
        ("packages", PACKAGES + rows("2024-03-31,K1,P1,Nursing,2020-01-01,,45000"), "than £40,000 a week"),
        ("packages", PACKAGES.strip() + ",health_weekly\n"
         + rows("2024-03-31,K1,P1,Nursing,2020-01-01,,800,900"), "pay more than they cost"),
        ("packages", PACKAGES + rows(*(f"2024-03-31,K{n},P{n},Nursing,{day},,800" for n, day in enumerate(
            [*(f"2023-05-{n:02d}" for n in range(1, 6)), *(f"{n}/05/2023" for n in range(13, 18))]))),
         "day and month may be exchanged"),
        ("kpi", KPI + rows("r,,2024/25,,percent,240,200,"), "above 100%: r"),
        ("kpi", KPI + rows("r,,2024/25,50,count,45,,"), "contradict numerator"),
        ("kpi", KPI + rows("r,,2024/25,30,per_month,120,12,"), "contradict numerator"),
        ("kpi", KPI + rows("r,,2023/24,70,percent,,,", "r,,2024/25,0.72,percent,,,"), "a share, not"),
        ("kpi", KPI + rows("r,,2023/24,70,count,,,", "r,,2024/25,71%,count,,,"), "its unit is not percent"),
        ("survey", "survey,period,question,answer,percent\n"
         + rows("S,2024/25,Q,yes,0.7", "S,2024/25,Q,no,0.3"),
         "a share, not"),
        ("budget", BUDGET + rows("2024/25,2024-12-31,AMH,Nursing,expenditure,-8,-9,-9"), "expenditure below"),
        ("staffing", STAFFING + rows("2024-12-31,C,Nurses,90000,90000,750000,70000,90000"),
         "above those of the whole year"),
        ("staffing", STAFFING + rows("2024-12-31,C,Nurses,90000,90000,67,66,90"), "a thousand times"),
        ("workforce", "as_at,team,role,wte_establishment,wte_in_post\n" + rows("2024-12-31,N,AMHP,5,45"),
         "twice as many staff"),
    ],
)  # fmt: skip
def test_what_may_be_misread_is_told(
    read: Callable[..., AuthorityData], name: str, text: str, told: str
) -> None:
    assert told in said(read("2024/25" if name != "packages" else "2023/24", **{name: text}))


def test_months_on_target_are_counted_again(read: Callable[..., AuthorityData]) -> None:
    head = KPI.strip() + ",months_on_target,months_reported\n"
    months = [f"{2024 + (m > 12)}-{(m - 1) % 12 + 1:02d}" for m in range(4, 16)]
    monthly = rows(*(f"r,,{month},{50 + at},percent,,,55,," for at, month in enumerate(months)))
    for on_target, wrong in ((7, False), (6, False), (11, True)):  # 7 at or above 55, 6 at or below
        text = head + monthly + f"r,,2024/25,55,percent,,,55,{on_target},12\n"
        assert ("months on target that the months held do not give" in said(read(kpi=text))) is wrong


def test_null_dates_mean_none_and_far_ones_set_no_period(read: Callable[..., AuthorityData]) -> None:
    ends = ("31/12/2999", "NULL", "9999-12-31", "31/12/4712", "1899-12-30", "06/06/2079", "2099-12-31")
    text = PACKAGES + rows(*(f"2024-03-31,K{n},P{n},Nursing,2020-01-01,{e},8" for n, e in enumerate(ends)))
    assert read(packages=text).packages["end_date"].isna().all()
    typed = pd.DataFrame(
        {"snapshot_date": pd.to_datetime(["2024-03-31"]), "person_key": [7.0], "package_key": ["P"],
         "care_type": ["dom care"], "start_date": pd.to_datetime(["2020-01-01"]),
         "end_date": pd.to_datetime(["2999-12-31"]).astype("datetime64[us]"), "weekly_gross": [8.0]}
    )  # fmt: skip
    (Path(read.__closure__[0].cell_contents) / "packages.csv").unlink()  # type: ignore[index]
    found = read(packages=typed)
    assert found.packages[["person_key", "care_type"]].values.tolist() == [["7", "Dom Care"]]
    assert found.packages["end_date"].isna().all()


def test_a_month_far_ahead_never_sets_the_latest_period(read: Callable[..., AuthorityData]) -> None:
    data = read(activity=ACTIVITY + rows("2024-04,reviews,12,Oak", "2142-06,reviews,14,Oak"))
    assert data.period.label == "2024/25"
    assert "rows dated more than a year ahead, 1 of them" in said(data)


@pytest.mark.parametrize(
    ("cell", "month"),
    [("Apr-19", "2019-04"), ("Dec'19", "2019-12"), ("Nov19", "2019-11"), ("02/2020", "2020-02"),
     ("2020/01", "2020-01"), ("September2024", "2024-09"), ("30/09/2024", "2024-09")],
)  # fmt: skip
def test_a_month_in_another_spelling(read: Callable[..., AuthorityData], cell: str, month: str) -> None:
    data = read(activity=ACTIVITY + f"{cell},reviews,1,Oak\n")
    assert data.activity["month"].dt.strftime("%Y-%m").tolist() == [month]


@pytest.mark.parametrize(
    ("cell", "period"),
    [("FY2022/23", "2022/23"), ("2021/2022", "2021/22"), ("2021-2022", "2021/22"), ("24/25", "2024/25"),
     ("30 November 2024", "2024-11"), ("01/04/2024", "2024-04"), ("31/03/2024", "2024-03")],
)  # fmt: skip
def test_a_period_in_another_spelling(read: Callable[..., AuthorityData], cell: str, period: str) -> None:
    assert read(kpi=KPI + f"r,,{cell},50,%,,,\n").kpi["period"].tolist() == [period]


def test_invisible_characters_part_no_names(read: Callable[..., AuthorityData]) -> None:
    names = ("Oak Team", "Oak\u200b Team", "Oak Team\u200e", "Oak\u00a0 Team")
    data = read(activity=ACTIVITY + rows(*(f"2024-0{n + 4},reviews,5,{t}" for n, t in enumerate(names))))
    assert set(data.activity["team"]) == {"Oak Team"}


@pytest.mark.parametrize(
    ("name", "text", "column", "total"),
    [
        ("budget", BUDGET + rows(
            "2024/25,2024-12-31,AMH,Residential,expenditure,100,107,109",
            "2024/25,2024-12-31,AMH,Nursing,expenditure,50,57,59",
            "2024/25,2024-12-31,OPMH,Residential,expenditure,90,97,99",
            "2024/25,2024-12-31,AMH,Beds,expenditure,150,164,168",
            "2024/25,2024-12-31,,Care purchasing,expenditure,240,261,267"), "budget", 240),
        ("activity", ACTIVITY + rows(*(line for m in range(1, 10) for line in (
            f"2024-0{m},reviews,{3 * m + 61},Borough", f"2024-0{m},reviews,{m + 41},Oak",
            f"2024-0{m},reviews,{2 * m + 20},Elm"))), "count", 45 + 9 * 41 + 90 + 180),
        ("activity", ACTIVITY + rows("2024-04,reviews,24,Oak", "2024-04,reviews,35,Elm",
            "2024-04,reviews,59,", "2024-04,complaints,6,"), "count", 65),
        ("workforce", WORKFORCE + rows("2024-12-31,N,SW,5,4,C", "2024-12-31,N,SW,3,3,T",
            "2024-12-31,N,SW,8,7,Total", "2024-12-31,S,SW,5,5,C"), "wte_in_post", 12),
        ("workforce", WORKFORCE + rows("2024-12-31,N,SW,5,4,C", "2024-12-31,N,SW,3,2,T",
            "2024-12-31,N,SW,8,6,", "2024-12-31,S,SW,5,5,"), "wte_in_post", 11),
        ("packages", PACKAGES + rows("2024-03-31,K1,P1,Nursing,2020-01-01,,800", "2024-03-31,Total,T,Nursing,"
            "2020-01-01,,1700", "2024-03-31,K2,P2,Nursing,2020-01-01,,900"), "weekly_gross", 1700),
        ("survey", "survey,period,question,answer,percent,count,base\n" + rows("S,2024/25,Q,yes,42,84,200",
            "S,2024/25,Q,Total,100,200,200", "S,2024/25,Q,no,58,116,200"), "count", 200),
    ],
)  # fmt: skip
def test_totals_anywhere_are_left_out_and_told(
    read: Callable[..., AuthorityData], name: str, text: str, column: str, total: float
) -> None:
    data = read(**{name: text})
    assert data.frames[name][column].sum() == total
    assert "totals among the rows" in said(data)


def test_rows_that_may_be_totals_are_told_and_kept(read: Callable[..., AuthorityData]) -> None:
    text = ACTIVITY + rows(
        *(f"2024-04,reviews,{n},{t}" for t, n in zip("abcd", (31, 45, 52, 128), strict=True))
    )
    data = read(activity=text)
    assert data.activity["count"].sum() == 256
    assert "may be totals" in said(data)


def test_an_indicators_total_is_all_groups(read: Callable[..., AuthorityData]) -> None:
    text = KPI + rows("r,Oak,2024/25,50,percent,50,100,", "r,All,2024/25,55,percent,110,200,")
    assert read(kpi=text).kpi["group"].tolist() == ["Oak", ""]


def test_hidden_rows_and_merged_cells(read: Callable[..., AuthorityData]) -> None:
    lines: list[list[object]] = [["Month", "Measure", "Count"]]
    for month in range(1, 25):
        label = f"{2022 + (month > 12)}-{(month - 1) % 12 + 1:02d}"
        lines += [[label, "reviews", 5], [None, "assessments", 7]]
    made = book(*lines)
    sheet = made.active
    assert sheet is not None
    for row in range(2, 50, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row + 1, end_column=1)
    sheet.merge_cells("C40:C41")
    sheet.row_dimensions[45].hidden = True
    data = read(activity=made)
    assert data.activity["month"].value_counts().unique().tolist() == [2]
    assert data.activity["count"].sum() == 24 * 12 - 7  # an amount merged downwards counts once
    assert "hidden rows, 1 of them (45)" in said(data)


def test_a_formula_without_a_value_is_a_fault_through_a_mapping_too(tmp_path: Path) -> None:
    from s75lib.loaders.mapping import propose, written

    folder = tmp_path / "data" / "north-x"
    folder.mkdir(parents=True)
    (folder / "authority.toml").write_text('name = "North X"\n', encoding="utf-8")
    made = book(
        ["Reporting month", "Activity type", "Volume"],
        ["Apr-24", "Reviews", 5],
        ["May-24", "Reviews", "=2+4"],
    )
    made.create_sheet("Old").append(["x"])
    made["Old"].sheet_state = "hidden"
    made.save(folder / "extract.xlsx")
    proposals, unused = propose([folder / "extract.xlsx"], folder)
    (folder / "mapping.toml").write_text(written(proposals), encoding="utf-8")
    assert unused == ["extract.xlsx, sheet Old: it is hidden"]
    with pytest.raises(DataError, match="a formula that was never calculated"):
        load("north-x", data_dir=folder.parent)


def test_indicators_and_teams_in_several_spellings_are_one(read: Callable[..., AuthorityData]) -> None:
    from s75lib.loaders.indicators import REGISTRY

    slug, entry = next(iter(REGISTRY.items()))
    names = ("Plans made", "plans_made", "Plans-Made", slug, entry.name, slug.replace("_", " ").title())
    text = KPI + rows(*(f'"{name}",,20{20 + n}/{21 + n},50,percent,,,' for n, name in enumerate(names)))
    found = set(read(kpi=text).kpi["indicator"])
    assert slug in found
    assert len(found) == 2
    teams = ("Oak & Elm", "Oak and Elm", "oak–and elm")
    data = read(activity=ACTIVITY + rows(*(f"2024-0{n + 4},reviews,5,{t}" for n, t in enumerate(teams))))
    assert len(set(data.activity["team"])) == 1
    assert "one name in several spellings" in said(data)


def test_ordinary_figures_are_not_suspected(read: Callable[..., AuthorityData]) -> None:
    data = read(
        kpi=KPI
        + rows("r,,2023/24,66.7,percent,2,3,", "r,,2024/25,63,percent,5,8,", "s,,2024/25,0.8,percent,,,"),
        workforce="as_at,team,role,wte_establishment,wte_in_post\n2024-12-31,N,AMHP,0,1\n",
        staffing=STAFFING + rows("2025-03-31,C,Nurses,90000,90000,90000.4,89000,90000"),
        budget=BUDGET + rows("2024/25,2024-12-31,AMH,Savings,adjustment,-8,-9,-9"),
    )
    assert [told for told in said(data).splitlines() if "indicators.toml to say" not in told] == []


def test_a_financial_period_alone_is_dated_by_its_year(read: Callable[..., AuthorityData]) -> None:
    text = BUDGET + rows(*(f"2024/25,{as_at},AMH,Nursing,expenditure,8,9,9" for as_at in ("M3", "P06", "Q3")))
    days = read(budget=text).budget["as_at"].dt.strftime("%Y-%m-%d").tolist()
    assert days == ["2024-06-30", "2024-09-30", "2024-12-31"]


def test_lines_without_a_service_group_are_not_called_as_the_whole(
    read: Callable[..., AuthorityData],
) -> None:
    lines = rows(
        "2024/25,2024-12-31,AMH,Nursing,expenditure,8,9,9",
        "2024/25,2024-12-31,,Day Care,expenditure,5,6,7",
        "2024/25,2024-12-31,,Growth,adjustment,1,1,1",
    )
    assert read(budget=BUDGET + lines).budget["service_group"].tolist() == ["AMH", "ungrouped", ""]
    assert read(budget=BUDGET + lines.replace("AMH", "")).budget["service_group"].tolist() == ["", "", ""]
