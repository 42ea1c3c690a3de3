"""A report's tables as an Excel workbook: real numbers, units in headers, a cover sheet, never a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

from s75lib.loaders.values import FORMULA
from s75lib.report.store import read_manifest, write_whole
from s75lib.report.tasks import Outcome, cut_of

_LONGEST_CELL = 32_767
_LONGEST_NAME = 31
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SYNTHETIC = "SYNTHETIC: invented data, no real authority, person or payment."
_INTERNAL = "INTERNAL, NOT FOR PUBLICATION: small counts of people are shown."
_DRAFT = "DRAFT: the analysis is not approved."
_MISSING, _HIDDEN = "[x]", "[c]"
_PRINTED = "c"  # what the page says for a hidden value in a cell of words


def write_workbook(manifest: Mapping[str, Any], path: str | Path) -> Path:
    """Write the tables and figures' data of a report as a workbook, as exact as the page prints them.

    Each table has a sheet of its own that begins at A1 with its title; headers carry units, no cell is merged
    or empty; ``[x]`` is not available, ``[c]`` hidden to keep people unknown (Government Analysis Function
    2021, Making spreadsheets accessible; Symbols in tables). A text is stored as text whatever it begins
    with.
    """
    book = Workbook()
    cover = book.active
    names = [_sheet_name(number, name) for number, name in enumerate(manifest["results"], start=1)]
    _write_cover(cover, manifest)
    _write_contents(book.create_sheet("Contents"), manifest, names)
    for name, result in zip(names, manifest["results"].values(), strict=True):
        _write_table(book.create_sheet(name), result, bool(manifest.get("internal")))
    book.properties.title = f"{manifest['question']} {manifest['authority_name']}, {manifest['period']}"
    book.properties.creator = "s75lib"
    book.properties.language = "en-GB"
    content = io.BytesIO()
    book.save(content)
    write_whole({Path(path): content.getvalue()})
    return Path(path)


def write_workbooks(outcomes: Iterable[Outcome]) -> list[Path]:
    """Write the workbook of each good report beside its page."""
    written = []
    for outcome in outcomes:
        if outcome.status != "failed" and outcome.path is not None:
            manifest = read_manifest(outcome.path.with_suffix(".json"))
            if manifest and manifest["results"]:
                written.append(write_workbook(manifest, outcome.path.with_suffix(".xlsx")))
    return written


def _write_cover(sheet: Any, manifest: Mapping[str, Any]) -> None:
    sheet.title = "Cover_sheet"
    lines = [
        manifest["question"],
        f"{manifest['authority_name']}, {manifest['period']}",
        *([_SYNTHETIC] if manifest["synthetic"] else []),
        *([_INTERNAL] if manifest.get("internal") else []),
        *([] if manifest.get("approved", True) else [_DRAFT]),
        *(
            f"Cut to {name.replace('_', ' ')} {value}: the tables of the full report that are about it."
            for name, value in cut_of(manifest.get("parameters") or {}).items()
        ),
        "The tables of a report, one to a sheet; the sheet Contents lists them.",
        f"{_MISSING} stands for a value that is not available, {_HIDDEN} for one that is hidden, because a "
        "small count of people is in it or could be worked out from it.",
        "Money is in pounds and percentages run from 0 to 100, unless a header says otherwise.",
        "Sources",
        *(
            f"{item['path']}: {item['rows']:,} rows, SHA-256 {item['sha256'] or 'not told'}"
            for item in manifest["inputs"]
        ),
        "Findings",
        *(item["text"] for item in manifest["headlines"]),
        "Checks",
        *(f"{'Passed' if c['passed'] else 'FAILED'}: {c['detail']}" for c in manifest["checks"]),
    ]
    for row, line in enumerate(lines, start=1):
        cell = _write(sheet, row, 1, line)
        if row == 1 or line in ("Sources", "Findings", "Checks"):
            cell.font = Font(bold=True, size=15 if row == 1 else 12)
        _wrap(cell)
    sheet.column_dimensions["A"].width = 110


def _write_contents(sheet: Any, manifest: Mapping[str, Any], names: list[str]) -> None:
    _write(sheet, 1, 1, "Contents").font = Font(bold=True, size=15)
    for column, label in enumerate(("Sheet", "Title"), start=1):
        _write(sheet, 2, column, label).font = Font(bold=True)
    for row, (name, result) in enumerate(zip(names, manifest["results"].values(), strict=True), start=3):
        cell = _write(sheet, row, 1, name)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{name}'!A1", display=name)
        cell.font = Font(color="12436D", underline="single")
        _wrap(_write(sheet, row, 2, result["title"]))
    sheet.column_dimensions["A"].width = 34
    sheet.column_dimensions["B"].width = 90


def _write_table(sheet: Any, result: Mapping[str, Any], internal: bool) -> None:
    fields = dict.fromkeys(name for record in result["records"] for name in record)
    columns = result["columns"] or [{"name": n, "label": n.replace("_", " "), "unit": ""} for n in fields]
    _write(sheet, 1, 1, result["title"]).font = Font(bold=True, size=13)
    notes = [_INTERNAL] if internal else []
    notes += [f"One table of {len(result['records'])} rows, from the report's {result['kind']}s."]
    notes += [f"Note: {note}" for note in result.get("notes", ())]
    for at, note in enumerate(notes, start=2):
        _write(sheet, at, 1, note)
    top = 2 + len(notes)
    hidden = {tuple(place) for place in result.get("hidden", ())}
    for at, column in enumerate(columns, start=1):
        unit = column.get("unit") or ""
        label = column["label"] or column["name"]
        head = _write(sheet, top, at, label if unit.lower() in label.lower() else f"{label} ({unit})")
        head.font = Font(bold=True)
        _wrap(head)
        sheet.column_dimensions[get_column_letter(at)].width = 28 if at == 1 else 16
    for row, record in enumerate(result["records"]):
        for at, column in enumerate(columns):
            value = record.get(column["name"])
            gone = (row, at) in hidden or (at > 0 and value == _PRINTED)
            cell = _write(sheet, top + 1 + row, at + 1, _HIDDEN if gone else value)
            if cell.data_type == "n" and (places := column.get("decimals")) is not None:
                cell.number_format = "#,##0" + ("." + "0" * places if places > 0 else "")
    sheet.freeze_panes = f"B{top + 1}"


def _write(sheet: Any, row: int, column: int, value: Any) -> Any:
    """Write a cell: a number as a number, anything else as text that is never a formula."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        cell = sheet.cell(row, column, value)
        cell.number_format = "#,##0" if float(value).is_integer() else "#,##0.0###"
        return cell
    words = {None: _MISSING, True: "yes", False: "no"}
    text = words[value] if value is None or isinstance(value, bool) else str(value)
    cell = sheet.cell(row, column, _ILLEGAL.sub("", text)[:_LONGEST_CELL] or " ")
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA)
    return cell


def _wrap(cell: Any) -> None:
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _sheet_name(number: int, name: str) -> str:
    """Name a sheet: no sign that Excel refuses, short, and one of its own by its number."""
    return f"{number}_{re.sub(r'[^A-Za-z0-9_.-]+', '_', name)}"[:_LONGEST_NAME]
