"""The transcribed figures: complete, sourced, free of names, and each printed total recomputed.

Nothing here uses the library: the files are read with pandas and recomputed with exact fractions, so that a
fault in the library cannot hide a fault in the data.
"""

import re
import tomllib
from fractions import Fraction
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
DOCS = ROOT / "docs" / "published-figures.md"

ROWS = {
    "islington": {"kpi": 31, "actions": 11, "facts": 8, "claims": 50},
    "cambridgeshire": {
        "budget": 115,
        "staffing": 8,
        "package_transfers": 16,
        "kpi": 3,
        "risks": 2,
        "actions": 32,
        "facts": 13,
        "claims": 315,
    },
    "peterborough": {"risks": 2, "actions": 4, "claims": 2},
    "coventry": {"actions": 17, "facts": 9, "claims": 11},
    "warwickshire": {"actions": 15, "facts": 5, "claims": 5},
    "barking-and-dagenham": {"survey": 8, "risks": 11, "actions": 17, "facts": 25, "claims": 31},
}
"""What the published documents give, and how many rows of it."""

# Columns in the contract's order: required, then optional.
COLUMNS = {
    "budget": (
        "financial_year as_at service_group line kind budget commitment forecast",
        "snapshot_label actual_to_date rounded_to",
    ),
    "staffing": (
        "as_at organisation group budget adjusted_budget adjusted_budget_to_date actual_to_date forecast",
        "locum_to_date",
    ),
    "package_transfers": ("as_at service_group team social_work healthcare_professional", ""),
    "kpi": (
        "indicator group period value unit",
        "numerator denominator decimals target months_on_target months_reported",
    ),
    "survey": ("survey period question answer percent", "count base population weighted"),
    "risks": (
        "risk_id date description",
        "consequence likelihood score consequence_label likelihood_label level",
    ),
    "actions": ("action_id action owner_role due status", "workstream"),
    "facts": ("fact_id statement period value unit", "low high decimals"),
    "claims": (
        "claim_id document reference statement published unit decimals",
        "dataset filter measure operation period_from period_to",
    ),
}
KEYS = {
    "budget": ["as_at", "service_group", "line", "kind"],
    "staffing": ["as_at", "organisation", "group"],
    "package_transfers": ["as_at", "service_group", "team"],
    "kpi": ["indicator", "group", "period"],
    "survey": ["survey", "period", "question", "answer"],
    "risks": ["risk_id", "date"],
    "actions": ["action_id"],
    "facts": ["fact_id"],
    "claims": ["claim_id"],
}
NUMBERS = {
    "actual_to_date", "adjusted_budget", "adjusted_budget_to_date", "base", "budget", "commitment",
    "consequence", "decimals", "forecast", "healthcare_professional", "high", "likelihood", "low",
    "months_on_target", "months_reported", "percent", "published", "rounded_to", "score", "social_work",
    "target", "value",
}  # fmt: skip
PERIOD_COLUMN = {"budget": "as_at", "kpi": "period", "risks": "date"}

EVERY_FILE = [(authority, dataset) for authority, datasets in ROWS.items() for dataset in datasets]
every_file = pytest.mark.parametrize(("authority", "dataset"), EVERY_FILE)
every_authority = pytest.mark.parametrize("authority", ROWS)


@cache
def read(authority: str, dataset: str) -> pd.DataFrame:
    if dataset == "agreement":
        return terms(settings(authority)["agreement"])
    return pd.read_csv(DATA / authority / f"{dataset}.csv", dtype="str", keep_default_na=False)


def terms(agreement: dict) -> pd.DataFrame:
    """The first term, which ends where an extension begins, and the extensions: all are of whole months."""
    spans = [("extension", one["status"], one["start"], one["end"]) for one in agreement["extensions"]]
    if "start" in agreement:
        agreed = [start for _, status, start, _ in spans if status == "agreed"]
        spans.append(("term", "agreed", agreement["start"], min(agreed)))
    rows = []
    for kind, status, start, end in spans:
        first, last = (pd.Period(day, "M") for day in (start, end))
        months = (last - first).n + (kind == "extension")
        rows.append((kind, status, str(months), str(Fraction(months, 12))))
    return pd.DataFrame(rows, columns=["kind", "status", "months", "years"])


@cache
def settings(authority: str) -> dict:
    return tomllib.loads((DATA / authority / "authority.toml").read_text(encoding="utf-8"))


def select(frame: pd.DataFrame, filters: str) -> pd.DataFrame:
    """Rows that fit ``column=value|value;column=value``; nothing after the sign means a blank cell."""
    for pair in filter(None, filters.split(";")):
        column, values = pair.split("=")
        frame = frame[frame[column].isin(values.split("|"))]
    return frame


def measured(frame: pd.DataFrame, measure: str) -> list[Fraction]:
    first, *rest = re.split(r"([-+*])", measure)
    values = [Fraction(cell) for cell in frame[first]]
    if not rest:
        return values
    sign, second = rest
    others = [Fraction(cell) for cell in frame[second]]
    work = {"-": Fraction.__sub__, "+": Fraction.__add__, "*": Fraction.__mul__}[sign]
    return [work(a, b) for a, b in zip(values, others, strict=True)]


def recompute(authority: str, claim: pd.Series) -> Fraction:
    frame = select(read(authority, claim["dataset"]), claim["filter"])
    assert not frame.empty, claim["claim_id"]
    operation = claim["operation"]
    if operation in ("value", "product"):
        (one,) = measured(frame, claim["measure"])
        return one
    if operation == "count":
        return Fraction(len(frame))
    if operation == "sum":
        return sum(measured(frame, claim["measure"]), Fraction())
    period = PERIOD_COLUMN[claim["dataset"]]
    before, after = (
        sum(measured(frame[frame[period] == claim[end]], claim["measure"]), Fraction())
        for end in ("period_from", "period_to")
    )
    return {
        "difference": lambda: after - before,
        "pp_change": lambda: after - before,
        "pct_change": lambda: (after / before - 1) * 100,
    }[operation]()


@cache
def recomputed_claims(authority: str) -> pd.DataFrame:
    """The testable claims with their recomputation and the difference, published less recomputed."""
    claims = read(authority, "claims")
    claims = claims[claims["dataset"] != ""].copy()
    claims["recomputed"] = [recompute(authority, claim) for _, claim in claims.iterrows()]
    claims["difference"] = [
        Fraction(p) - r for p, r in zip(claims["published"], claims["recomputed"], strict=True)
    ]
    return claims


# --- the files


@every_authority
def test_exactly_the_published_datasets_are_there(authority):
    assert {file.stem for file in (DATA / authority).glob("*.csv")} == set(ROWS[authority])
    assert set(settings(authority)["published"]["datasets"]) == set(ROWS[authority])


@every_authority
def test_authority_settings(authority):
    content = settings(authority)
    assert content["synthetic"] is False
    assert content["disclosure_threshold"] == 5
    assert len(content["partners"]) == 2
    assert content["people"] == {"analyst": "", "assurer": "", "approver": ""}
    assert content["governance"]["reference"]
    ids = [document["id"] for document in content["documents"]]
    assert len(ids) == len(set(ids))


@every_file
def test_rows_and_columns(authority, dataset):
    frame = read(authority, dataset)
    assert len(frame) == ROWS[authority][dataset]
    required, optional = (names.split() for names in COLUMNS[dataset])
    assert list(frame.columns[: len(required)]) == required
    rest = list(frame.columns[len(required) :])
    order = optional if dataset == "claims" else [*optional, "reference"]
    assert rest == [name for name in order if name in rest]
    assert "reference" in frame.columns
    assert dataset == "claims" or [name for name in rest if (frame[name] == "").all()] == []


@every_file
def test_text_is_plain(authority, dataset):
    raw = (DATA / authority / f"{dataset}.csv").read_bytes()
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert not raw.startswith(b"\xef\xbb\xbf")
    raw.decode("utf-8")
    frame = read(authority, dataset)
    assert (frame == frame.apply(lambda cells: cells.str.strip())).all(axis=None)
    for column in NUMBERS & set(frame.columns):
        assert frame[column].str.fullmatch(r"(-?\d+(\.\d+)?)?").all(), column
    for column in {"as_at"} & set(frame.columns):
        assert frame[column].str.fullmatch(r"\d{4}-\d\d-\d\d").all()
    for column in {"date", "due"} & set(frame.columns):
        assert frame[column].str.fullmatch(r"(\d{4}-\d\d(-\d\d)?)?").all()


@every_file
def test_rows_are_unique(authority, dataset):
    assert not read(authority, dataset).duplicated(KEYS[dataset]).any()


@every_file
def test_identifiers_are_slugs(authority, dataset):
    frame = read(authority, dataset)
    for column in {"claim_id", "action_id", "fact_id", "indicator"} & set(frame.columns):
        assert frame[column].str.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*").all()


@every_file
def test_every_row_has_its_document_and_section(authority, dataset):
    frame = read(authority, dataset)
    ids = {document["id"] for document in settings(authority)["documents"]}
    if dataset == "claims":
        assert set(frame["document"]) <= ids
        assert (frame["reference"] != "").all()
    else:
        parts = frame["reference"].str.split(", ", n=1, expand=True)
        assert set(parts[0]) <= ids
        assert (parts[1].fillna("") != "").all()


# Two or more capitalised words in a row are the mark of a name: these are the ones that are not people's.
NOT_PEOPLE = {
    "Adult Social Care Survey", "Adults Committee", "Adults' Care", "Backdating Risk", "Better Care Fund",
    "Care Programme Approach", "Deputy Chief Executive", "Mental Capacity Act",
    "Cambridge City", "Cambridge East", "Cambridge Nth", "Cambridge South", "Cambridge Sth",
    "Cambridgeshire County Council", "Care Act", "Care Quality Commission", "Client Conts",
    "Coventry City Council", "Day Care", "Dir Payments", "Dom Care", "Forensic Nth", "Forensic Sth",
    "Foundation Trust", "General Manager", "Governance Board", "Health Cont", "Islington Council",
    "Joint Head", "Live In", "London Borough", "Mental Health", "Mental Health Act", "Mental Health Section",
    "Mental Health Services", "Mental Health Social Work", "National Assistance Act",
    "North Central London", "North London",
    "Older People", "Operational Director", "Personality Disorder", "Peterborough City Council",
    "Prior Year Liabilities", "Professional Lead", "Service Manager", "Social Care", "Social Work",
    "Strategic Board", "Supp Living", "Warwickshire County Council", "Warwickshire Partnership",
    "Wellbeing Board",
}  # fmt: skip


@every_authority
def test_nobody_is_named(authority):
    for file in (DATA / authority).iterdir():
        text = file.read_text(encoding="utf-8").replace("’", "'")
        assert not re.search(r"@|\b(Cllr|Councillor|Mrs?|Ms|Dr|Prof|Sir|Dame)\b", text), file
        assert not re.search(r"\b0\d{2,4}[ -]?\d{3}[ -]?\d{3,4}\b", text), file
        assert not re.search(r"\b[A-Z]{2}, [A-Z]{2}\b", text), f"initials in {file}"
        phrases = set(re.findall(r"[A-Z][a-z']+(?: [A-Z][a-z']+)+", text))
        assert phrases <= NOT_PEOPLE, file


# --- the claims


@every_authority
def test_claims_say_how_to_recompute_them(authority):
    claims = read(authority, "claims")
    untestable = claims[claims["dataset"] == ""]
    assert (untestable[["filter", "measure", "operation", "period_from", "period_to"]] == "").all(axis=None)
    for _, claim in claims[claims["dataset"] != ""].iterrows():
        assert claim["dataset"] in {*ROWS[authority], "agreement"}, claim["claim_id"]
        assert claim["operation"] in {
            "value",
            "sum",
            "count",
            "difference",
            "pp_change",
            "pct_change",
            "product",
        }
        over_time = claim["operation"] in {"difference", "pp_change", "pct_change"}
        assert (claim["period_from"] != "") == (claim["period_to"] != "") == over_time
        frame = read(authority, claim["dataset"])
        if over_time:
            known = set(frame[PERIOD_COLUMN[claim["dataset"]]])
            assert {claim["period_from"], claim["period_to"]} <= known


@every_authority
def test_published_figures_have_the_decimals_they_state(authority):
    for _, claim in read(authority, "claims").iterrows():
        scaled = Fraction(claim["published"]) * Fraction(10) ** int(claim["decimals"])
        assert scaled.denominator == 1, claim["claim_id"]


# Claims of the text, tables apart, that their own document's figures do not bear out when recomputed and
# rounded to the printed decimals: published, recomputed.
NOT_BORNE_OUT = {
    ("islington", "kpi-community-support-samh-steady"): ("0", -8),
    # Through rounding only: 34 and 15, 29 and 13 are themselves rounded.
    ("islington", "kpi-reviews-acmht-fall"): ("-55", -56),
    ("islington", "kpi-assessments-acmht-fall"): ("-15", -16),
    # Percentage points, printed as per cent.
    ("islington", "kpi-cpa-employment-rise"): ("0.7", Fraction("14.3")),
    ("islington", "kpi-independent-living-rise"): ("3.3", Fraction("4.9")),
    ("cambridgeshire", "risk-2019-11-score"): ("6", 8),
    ("peterborough", "risk-2019-11-score"): ("6", 8),
    # £117k is the position of November.
    ("cambridgeshire", "text-amh-over-budget"): ("117000", 4000),
    # The paragraph is about older people; the figure is the total of both service groups.
    ("cambridgeshire", "text-client-income-forecast-opmh"): ("-141000", -70000),
    # The lines are rounded to £1k each.
    ("cambridgeshire", "text-overall-over-budget-change"): ("-5000", -6000),
    ("cambridgeshire", "text-overall-forecast-variance"): ("432000", 433000),
    ("cambridgeshire", "text-overall-forecast-change"): ("-71000", -69000),
    ("cambridgeshire", "text-deep-dive-forecast-overspend"): ("432000", 433000),
    ("cambridgeshire", "text-opmh-over-budget"): ("522000", 523000),
}


def rounded(value: Fraction, decimals: int) -> Fraction:
    """To the nearest printed unit, halves away from zero."""
    scaled = abs(value) * Fraction(10) ** decimals
    return (1 if value > 0 else -1) * Fraction(int(scaled + Fraction(1, 2))) / Fraction(10) ** decimals


def test_text_claims_that_the_figures_do_not_bear_out():
    found = {}
    for authority in ROWS:
        for _, claim in recomputed_claims(authority).iterrows():
            again = rounded(claim["recomputed"], int(claim["decimals"]))
            if not claim["claim_id"].startswith("table-") and again != Fraction(claim["published"]):
                found[authority, claim["claim_id"]] = (claim["published"], again)
    assert found == NOT_BORNE_OUT


def test_adult_overspend_of_the_text_is_that_of_november():
    adult = read("cambridgeshire", "budget").pipe(select, "service_group=AMH;kind=expenditure")
    over = {
        label: sum(measured(rows, "commitment-budget"))
        for label, rows in adult.groupby("snapshot_label", sort=False)
    }
    assert over == {"Apr": 105_000, "Q1": 134_000, "Q2": 40_000, "Nov": 117_000, "Q3": 4_000}


def test_client_contributions_of_the_text_are_of_both_groups():
    claims = recomputed_claims("cambridgeshire").set_index("claim_id")["recomputed"]
    assert claims["text-client-income-forecast-opmh"] == -70_000
    assert claims["text-client-income-forecast-total"] == -141_000


# --- the printed tables

BUDGET = read("cambridgeshire", "budget")
PRINTED = {
    row["claim_id"].removeprefix("table-"): Fraction(row["published"])
    for _, row in read("cambridgeshire", "claims").iterrows()
    if row["claim_id"].startswith("table-")
}
CELLS = [
    "budget",
    *(f"{s}-{m}" for s in ("apr", "q1", "q2", "nov", "q3") for m in ("commitment", "forecast")),
]
MONEY = ["budget", "adjusted_budget", "adjusted_budget_to_date", "actual_to_date", "forecast"]
PARTS = {"expenditure": "expenditure", "income": "health_income|client_income"}


def of_lines(cell: str, filters: str) -> Fraction:
    """Sum of the printed lines in one column of a budget table."""
    label, _, measure = cell.partition("-")
    snapshot, column = ("q3", "budget") if cell == "budget" else (label, measure)
    rows = BUDGET[BUDGET["snapshot_label"].str.lower() == snapshot]
    return sum(measured(select(rows, filters), column), Fraction())


@cache
def printed_row(name: str) -> dict[str, Fraction]:
    """A row of a budget table as printed: a total from its claims, a line from the data."""
    if f"{name}-budget" in PRINTED:
        return {cell: PRINTED[f"{name}-{cell}"] for cell in CELLS}
    table, _, line = name.partition("-")
    known = BUDGET["line"].str.lower().str.replace(" ", "-")
    group = {"amh": "AMH", "opmh": "OPMH", "overview": ""}[table]
    (printed,) = BUDGET[(known == line) & (BUDGET["service_group"] == group)]["line"].unique()
    return {cell: of_lines(cell, f"service_group={group};line={printed}") for cell in CELLS}


@cache
def one_step_differences() -> dict[str, Fraction]:
    """Each printed total, variance and change less its own parts as printed."""
    expected = {}
    for cell in CELLS:
        for table in ("amh", "opmh"):
            for part, kinds in PARTS.items():
                expected[f"{table}-{part}-total-{cell}"] = of_lines(
                    cell, f"service_group={table.upper()};kind={kinds}"
                )
            expected[f"{table}-total-{cell}"] = sum(PRINTED[f"{table}-{part}-total-{cell}"] for part in PARTS)
            expected[f"overview-{table}-{cell}"] = PRINTED[f"{table}-total-{cell}"]
        both = PRINTED[f"overview-amh-{cell}"] + PRINTED[f"overview-opmh-{cell}"]
        expected[f"overview-total-{cell}"] = both
        expected[f"overview-adjusted-total-{cell}"] = PRINTED[f"overview-total-{cell}"] + of_lines(
            cell, "kind=adjustment"
        )
    for key in PRINTED:
        if found := re.fullmatch(r"((?:overview|amh|opmh)-.+)-(variance|change)-(commitment|forecast)", key):
            name, what, measure = found.groups()
            row = printed_row(name)
            less = row["budget"] if what == "variance" else row[f"nov-{measure}"]
            expected[key] = row[f"q3-{measure}"] - less
    return {key: PRINTED[key] - value for key, value in expected.items()}


@cache
def staffing_differences() -> dict[str, Fraction]:
    """The same for the staffing table."""
    staffing = read("cambridgeshire", "staffing")
    totals = {"CCC": "ccc-total", "CPFT": "cpft-total", "CCC Adjs": "ccc-adjs-total"}
    expected = {}
    for column in MONEY:
        slug = column.replace("_", "-")
        for organisation, name in totals.items():
            rows = staffing[staffing["organisation"] == organisation]
            expected[f"staffing-{name}-{slug}"] = sum(measured(rows, column), Fraction())
        expected[f"staffing-grand-total-{slug}"] = sum(
            PRINTED[f"staffing-{name}-{slug}"] for name in totals.values()
        )
    for name in (*totals.values(), "grand-total"):
        expected[f"staffing-{name}-variance"] = (
            PRINTED[f"staffing-{name}-forecast"] - PRINTED[f"staffing-{name}-adjusted-budget"]
        )
    for _, row in staffing.iterrows():
        name = f"{row['organisation']}-{row['group']}".lower().replace(" ", "-")
        expected[f"staffing-{name}-variance"] = Fraction(row["forecast"]) - Fraction(row["adjusted_budget"])
    return {key: PRINTED[key] - value for key, value in expected.items()}


def test_every_printed_total_variance_and_change_is_tested():
    transfers = {key for key in PRINTED if key.startswith("transfers-")}
    assert set(one_step_differences()) | set(staffing_differences()) | transfers == set(PRINTED)
    assert len(PRINTED) == 284


def test_printed_parts_differ_from_printed_totals_by_one_thousand_at_most():
    assert {abs(difference) for difference in one_step_differences().values()} == {0, 1000}


def test_staffing_parts_differ_from_printed_totals_by_one_pound_at_most():
    assert {abs(difference) for difference in staffing_differences().values()} == {0, 1}


def from_rows() -> dict[str, Fraction]:
    """Differences that remain when each printed figure is recomputed from the rows of the data."""
    claims = recomputed_claims("cambridgeshire")
    tables = claims[claims["claim_id"].str.startswith("table-") & (claims["difference"] != 0)]
    return dict(zip(tables["claim_id"], tables["difference"], strict=True))


def test_rounding_explains_every_difference_from_the_rows():
    unit = {"budget": Fraction(1000), "staffing": Fraction(1), "package_transfers": Fraction(0)}
    for _, claim in recomputed_claims("cambridgeshire").iterrows():
        if not claim["claim_id"].startswith("table-"):
            continue
        rows = len(select(read("cambridgeshire", claim["dataset"]), claim["filter"]))
        figures = rows * (2 if "-" in claim["measure"] else 1)
        assert abs(claim["difference"]) <= unit[claim["dataset"]] * Fraction(figures + 1, 2), claim[
            "claim_id"
        ]


def test_differences_of_two_units_come_from_sums_of_rounded_totals():
    sizes = {key: abs(difference) for key, difference in from_rows().items()}
    assert set(sizes.values()) == {1000, 2000, 1, 2}
    assert {key for key, size in sizes.items() if size in (2000, 2)} == {
        "table-overview-total-nov-forecast",
        "table-overview-adjusted-total-nov-forecast",
        "table-amh-expenditure-total-change-forecast",
        "table-amh-total-change-forecast",
        "table-staffing-grand-total-actual-to-date",
    }


def test_the_documentation_lists_these_differences():
    listed = re.findall(
        r"^\| `(table-[a-z0-9-]+)` \| [-\d,]+ \| [-\d,]+ \| ([-\d,]+) \|$", DOCS.read_text("utf-8"), re.M
    )
    assert {key: Fraction(size.replace(",", "")) for key, size in listed} == from_rows()


def test_lines_have_one_budget_through_the_year():
    budgets = BUDGET.groupby(["service_group", "line"])["budget"].agg(set)
    assert (budgets.map(len) == 1).all()


def test_income_keeps_its_printed_sign():
    income = select(BUDGET, "kind=health_income|client_income")
    assert (income[["budget", "commitment", "forecast"]].astype("int64") <= 0).all(axis=None)
    spending = select(BUDGET, "kind=expenditure")
    assert (spending[["budget", "commitment", "forecast"]].astype("int64") >= 0).all(axis=None)


def test_budget_to_date_is_eight_twelfths_of_the_year():
    staffing = read("cambridgeshire", "staffing")
    for year, to_date in zip(
        measured(staffing, "adjusted_budget"), measured(staffing, "adjusted_budget_to_date"), strict=True
    ):
        assert abs(year * Fraction(8, 12) - to_date) < 1
        # Nine twelfths, the December of the text, would be far off.
        assert year == 0 or abs(year * Fraction(9, 12) - to_date) > 1000


@pytest.mark.parametrize(
    ("filters", "both", "social_work", "health"),
    [("service_group=AMH", 355, 174, 181), ("service_group=OPMH", 249, 157, 92), ("", 604, 331, 273)],
)
def test_package_transfers(filters, both, social_work, health):
    rows = select(read("cambridgeshire", "package_transfers"), filters)
    assert sum(measured(rows, "social_work")) == social_work
    assert sum(measured(rows, "healthcare_professional")) == health
    assert sum(measured(rows, "social_work+healthcare_professional")) == both


def test_package_transfers_have_no_differences():
    transfers = recomputed_claims("cambridgeshire").pipe(select, "dataset=package_transfers")
    assert len(transfers) == 24
    assert (transfers["difference"] == 0).all()


# --- the other figures


def test_percentages_that_forty_five_people_cannot_give():
    survey = read("barking-and-dagenham", "survey")
    assert set(survey["base"]) == {"45"}
    possible = {rounded(Fraction(100 * count, 45), 0) for count in range(46)}
    impossible = {int(cell) for cell in survey["percent"] if Fraction(cell) not in possible}
    assert impossible == {86, 14, 26}
    # Two unanswered questionnaires would do for all three; one would not do for 26%.
    fits = {
        base: {
            percent
            for percent in impossible
            if any(rounded(Fraction(100 * k, base), 0) == percent for k in range(base + 1))
        }
        for base in (43, 44)
    }
    assert fits == {43: {86, 14, 26}, 44: {86, 14}}


def test_risk_scores():
    for authority in ("cambridgeshire", "peterborough"):
        first, review = (row for _, row in read(authority, "risks").iterrows())
        assert int(first["consequence"]) * int(first["likelihood"]) == int(first["score"]) == 16
        assert (review["consequence"], review["likelihood"], review["score"]) == ("2", "4", "6")
        assert (first["likelihood_label"], review["likelihood_label"]) == ("Likely", "Poss")


@pytest.mark.parametrize(
    "authority", ["islington", "cambridgeshire", "coventry", "warwickshire", "barking-and-dagenham"]
)
def test_facts_hold_a_figure_or_a_range(authority):
    facts = read(authority, "facts")
    for _, fact in facts.iterrows():
        if fact["value"] == "":
            assert Fraction(fact["low"]) < Fraction(fact["high"])
        else:
            assert fact.get("low", "") == fact.get("high", "") == ""


# Typed from the appendix a second time, in its own order: earlier year, later year.
ISLINGTON = {
    ("community_support", "ACMHT"): ("86", "84"),
    ("community_support", "SAMH"): ("60", "52"),
    ("reviews_per_month", "ACMHT"): ("34", "15"),
    ("assessments_per_month", "ACMHT"): ("29", "13"),
    ("reviews_per_month", "SAMH"): ("6.6", "6.1"),
    ("assessments_per_month", "SAMH"): ("4.4", "5.8"),
    ("permanent_admissions", "ACMHT"): ("17", "9"),
    ("permanent_admissions", "SAMH"): ("7", "10"),
    ("cpa_employment", ""): ("4.9", "5.6"),
    ("independent_living", ""): ("67.1", "70.4"),
    ("carers_assessed", ""): ("47.5", "62.8"),
    ("carers_assessed", "SAMH"): ("75", "63"),
    ("safeguarding_concerns", "ACMHT"): ("493", "628"),
    ("safeguarding_enquiries_completed", "ACMHT"): ("64", "28"),
    ("safeguarding_enquiries_started", "SAMH"): ("", "5"),
    ("safeguarding_enquiries_completed", "SAMH"): ("29", "0"),
}


def test_islington_indicators_as_printed():
    kpi = read("islington", "kpi").set_index(["indicator", "group", "period"])
    expected = {
        (*key, period): value
        for key, pair in ISLINGTON.items()
        for period, value in zip(("2017/18", "2018/19"), pair, strict=True)
        if value
    }
    assert kpi["value"].to_dict() == expected
    targets = kpi[kpi["target"] != ""].droplevel(["group", "period"])["target"].to_dict()
    assert targets == {"cpa_employment": "5.8", "independent_living": "86", "carers_assessed": "80"}
    months = kpi.loc[("cpa_employment", "", "2018/19"), ["months_on_target", "months_reported"]]
    assert months.tolist() == ["7", "12"]


def test_islington_indicators_have_both_years():
    kpi = read("islington", "kpi")
    years = kpi.groupby(["indicator", "group"])["period"].agg(set)
    assert set(kpi["period"]) == {"2017/18", "2018/19"}
    assert list(years[years.map(len) < 2].index) == [("safeguarding_enquiries_started", "SAMH")]


def test_the_documentation_names_every_document():
    text = DOCS.read_text(encoding="utf-8")
    for authority in ROWS:
        for document in settings(authority)["documents"]:
            assert f"`{document['id']}`" in text
    for authority, claim in NOT_BORNE_OUT:
        assert f"`{claim}`" in text, authority
