"""A new authority's folder: authority.toml with comments, and one workbook to fill in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from s75lib.errors import ConfigError
from s75lib.loaders.authority import checked_slug
from s75lib.loaders.examples import example
from s75lib.loaders.schemas import DATASETS, Column, Dataset, Kind
from s75lib.loaders.values import EXPECTED

_EXAMPLE = "exampleshire"
_NAMES_PARTNERS = ("authority.toml", "contributions.csv")
_WORKBOOK = "data.xlsx"
_ROWS_WITH_LISTS = 5000
_ROWS_WITH_FORMATS = 200
_AS_TYPED = "@"  # as text, which keeps 2018/19 and 007
_FORMATS: dict[Kind, str] = {
    "date": "yyyy-mm-dd",
    "number": "General",
    "count": "0",
    "money": "#,##0.00",
    "percent": "0.0",
    "flag": "General",
}
_HEAD = PatternFill("solid", fgColor="12436D")
_OPTIONAL_HEAD = PatternFill("solid", fgColor="595959")

_TOML = """\
# {name}: what the reports should know of this authority. Lines that begin with # are comments.

name = "{name}"
partners = []              # for example ["Anytown Council", "Anyshire NHS Foundation Trust"]
synthetic = false          # true puts a SYNTHETIC banner on every report
disclosure_threshold = 5   # counts of people below this are hidden
disclosure = "suppress"    # or "round": all other counts to the nearest 5 (docs/disclosure.md)
# use_until = 2027-03-31   # the reports should not be used after this day

[agreement]
# start = 2025-04-01
# end = 2028-03-31
# funding = "aligned"      # pooled, aligned or recharged
# notice_months = 12
# delegated_functions = ["Care Act assessment", "Safeguarding enquiries"]
risk_share = ""            # who bears an overspend, in a sentence: quoted, not computed

# [[sharing.steps]]        # the same rule as data, which is computed; docs/authority.md has every kind
# kind = "shares"
# shares = {{ "Anytown Council" = 60, "Anyshire NHS Foundation Trust" = 40 }}

[people]                   # who made, checked and approved the analysis
analyst = ""
assurer = ""
approver = ""
# approved_on = 2026-05-20 # the reports are drafts until then, and again when later data come

# [report]                 # a Word document of this folder whose styles, head and foot s75 run --docx takes
# template = "council.docx"

# [[decisions]]            # choices made about the analysis, for the report's log; one such block each
# date = 2026-05-12
# decision = "Live-in care is counted as community care"
# who = "Finance subgroup"

# [measures.night_visits]  # what you count each month that the contract does not name
# label = "night visits"
# kind = "flow"            # adds up over months; or "stock", a count on the last day
# polarity = "neither"     # or "higher_is_better", "lower_is_better"

[published]
datasets = []              # datasets that are in the public domain already, for example ["kpi"]

# Where each dataset is. Delete a row for what you do not hold, or point it at a file of your own in this
# folder, or at a database whose address an environment variable holds, for example:
#   packages = {{ path = "ledger.csv" }}
#   budget = {{ path = "monitor.xlsx", sheet = "Month 8" }}      (or table = "BudgetTable")
#   activity = {{ sql = "select month, measure, count from activity order by month", url_env = "S75_DB" }}
[sources]
{sources}
"""


def start_authority(slug: str, data_dir: Path) -> tuple[Path, ...]:
    """Write the folder of a new authority.

    - `slug`: Folder name: lower case, digits, hyphens.
    - `data_dir`: Folder of the authorities; made if it is not there.

    ConfigError if the name can't be a folder name, or the folder is there already.
    """
    folder = new_folder(slug, data_dir)
    book = folder / _WORKBOOK
    sources = "\n".join(f'{name} = {{ path = "{_WORKBOOK}", sheet = "{name}" }}' for name in DATASETS)
    toml = write_authority(folder, sources)
    _workbook().save(book)
    return toml, book


def copy_example(slug: str, data_dir: Path) -> Path:
    """Copy the synthetic authority that comes with the toolkit, under another name, and give its folder.

    ConfigError if it is not in `data_dir`, or as for `start_authority`.
    """
    source = data_dir / _EXAMPLE
    if not source.is_dir():
        raise ConfigError(
            f"new: found no {_EXAMPLE} in {data_dir.name}/ to copy; expected the folder that comes with the "
            "toolkit. Name the data folder that holds it with --data."
        )
    folder = new_folder(slug, data_dir)
    name = slug.replace("-", " ").title()
    for file in sorted(source.iterdir()):
        text = file.read_text(encoding="utf-8")
        if file.name in _NAMES_PARTNERS:
            text = text.replace(_EXAMPLE.title(), name)
        (folder / file.name).write_bytes(text.encode())
    return folder


def write_authority(folder: Path, sources: str = "") -> Path:
    """Write a commented authority.toml, with the lines of [sources] as given."""
    toml = folder / "authority.toml"
    name = folder.name.replace("-", " ").title()
    toml.write_text(_TOML.format(name=name, sources=sources), encoding="utf-8")
    return toml


def new_folder(slug: str, data_dir: Path) -> Path:
    """Make the folder of a new authority; a name that can't be a folder's, or is taken, is a ConfigError."""
    folder = data_dir / checked_slug(slug)
    if folder.exists():
        raise ConfigError(f"authority: {slug!r} is there already; choose another name, or delete its folder.")
    folder.mkdir(parents=True)
    return folder


def _workbook() -> Workbook:
    book = Workbook()
    guidance = book.active
    assert isinstance(guidance, Worksheet)
    _guide(guidance)
    sheets = [(book.create_sheet(dataset.name), dataset) for dataset in DATASETS.values()]
    lists = _lists(book.create_sheet("lists"))
    for sheet, dataset in sheets:
        _sheet(sheet, dataset, lists)
    return book


def _lists(sheet: Worksheet) -> dict[tuple[str, ...], str]:
    """Write each list of choices in a column; give the range that a cell's drop-down refers to."""
    every = dict.fromkeys(c.choices for d in DATASETS.values() for c in d.columns if c.choices)
    ranges: dict[tuple[str, ...], str] = {}
    for at, choices in enumerate(every, start=1):
        for row, choice in enumerate(choices, start=1):
            sheet.cell(row, at, choice)
        letter = get_column_letter(at)
        ranges[choices] = f"lists!${letter}$1:${letter}${len(choices)}"
    sheet.sheet_state = "hidden"
    return ranges


def _guide(sheet: Worksheet) -> None:
    sheet.title = "guidance"
    sheet.append(["dataset", "column", "required", "holds", "example", "meaning", "the dataset gives"])
    for dataset in DATASETS.values():
        for at, column in enumerate(dataset.columns):
            required = "yes" if column.required else "no"
            gives = dataset.gives if at == 0 else ""
            shown = example(dataset, column)
            sheet.append([dataset.name, column.name, required, _holds(column), shown, column.meaning, gives])
            sheet.cell(sheet.max_row, 5).number_format = _AS_TYPED
    for letter, width in zip("ABCDEFG", (20, 24, 10, 44, 24, 70, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    _dress(sheet, 7, lambda _: _HEAD)


def _holds(column: Column) -> str:
    return f"one of {', '.join(column.choices)}" if column.choices else EXPECTED[column.kind]


def _sheet(sheet: Worksheet, dataset: Dataset, lists: dict[tuple[str, ...], str]) -> None:
    sheet.append(list(dataset.column_names))
    for at, column in enumerate(dataset.columns, start=1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = max(12, len(column.name) + 3)
        for row in range(2, _ROWS_WITH_FORMATS):
            sheet.cell(row, at).number_format = _FORMATS.get(column.kind, _AS_TYPED)
        if rule := _rule(column, lists):
            rule.error = f"{column.name}: {_holds(column)}"[:225]
            sheet.add_data_validation(rule)
            rule.add(f"{letter}2:{letter}{_ROWS_WITH_LISTS}")
    _dress(sheet, len(dataset.columns), lambda at: _HEAD if dataset.columns[at].required else _OPTIONAL_HEAD)


def _rule(column: Column, lists: dict[tuple[str, ...], str]) -> DataValidation | None:
    """Give what Excel should check as a cell is typed; only a warning where people write marks such as <5."""
    if column.choices:
        return DataValidation("list", formula1=lists[column.choices], allow_blank=column.blank)
    if column.kind == "flag":
        return DataValidation("list", formula1='"yes,no"', allow_blank=True)
    if column.kind == "date":
        return DataValidation(
            "date", operator="greaterThan", formula1="1", allow_blank=column.blank, errorStyle="warning"
        )
    if column.minimum is None:
        return None
    whole = "whole" if column.kind == "count" else "decimal"
    operator = "between" if column.maximum is not None else "greaterThanOrEqual"
    high = None if column.maximum is None else f"{column.maximum:g}"
    return DataValidation(
        whole,
        operator=operator,
        formula1=f"{column.minimum:g}",
        formula2=high,
        allow_blank=column.blank,
        errorStyle="warning",
    )


def _dress(sheet: Worksheet, width: int, fill: Callable[[int], PatternFill]) -> None:
    for at in range(width):
        cell = sheet.cell(1, at + 1)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = fill(at)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.freeze_panes = "A2"
