"""Sheets turned into the rows of a dataset, as a mapping says; nothing is run, every row keeps its place."""

from __future__ import annotations

__all__ = ["Mapped", "header_of", "levels_of", "mapped", "reading_of"]

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from s75lib.errors import DataError, Fault
from s75lib.loaders.mapping.layout import ASK, Across, Derived, Layout, Outline, Place
from s75lib.loaders.mapping.sheets import TEXTS, WORKBOOKS, Sheet, month_in, read_sheets, year_in
from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources import unseen
from s75lib.loaders.values import read_numbers

_UNDECIDED = "\ue000"  # stands in a cell that waits for a decision

BETWEEN = " | "
"""Between the parts of a column's name where the header has several rows."""

_AGE_BANDS = ((18, "under 18"), (65, "18-64"), (75, "65-74"), (85, "75-84"), (200, "85 and over"))
_INCOME = {
    "health_income": re.compile(
        r"\b(health|nhs|icb|ccg|chc)\b.*\b(income|contribution|recharge|funding)", re.IGNORECASE
    ),
    "client_income": re.compile(
        r"\b(client|customer|service user|resident|fairer charging)s?\b.*\b(income|contribution|charge)",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True, eq=False)
class Mapped:
    """The rows of a dataset gathered from an authority's own files.

    - `frame`: Columns of the contract, indexed from 1.
    - `places`: For each row ``file``, ``sheet`` and ``row``, as the analyst's spreadsheet numbers it.
    - `theirs`: What the analyst's files call each of our columns, as far as it is a column there.
    - `files`: Those that were read.
    - `warnings`: What was left out, and why.
    """

    frame: pd.DataFrame = field(repr=False)
    places: pd.DataFrame = field(repr=False)
    theirs: dict[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    warnings: tuple[Fault, ...] = ()

    def placed(self, fault: Fault) -> Fault:
        """Give a fault of our frame the file, sheet, row and column that the analyst knows."""
        column = self.theirs.get(fault.column, fault.column)
        if fault.row is None or fault.row not in self.places.index:
            return replace(fault, column=column)
        at = self.places.iloc[fault.row - 1]  # numbered from 1
        return replace(fault, file=str(at["file"]), sheet=str(at["sheet"]), row=int(at["row"]), column=column)


def mapped(folder: Path, layouts: Sequence[Layout], dataset: Dataset) -> Mapped | None:
    r"""Gather a dataset's rows from an authority's files.

    Parameters
    ----------
    folder : Path
        The authority's folder, within which the files are sought.
    layouts : sequence of Layout
        The mapping's layouts of this dataset.
    dataset : Dataset
        What the rows are to hold.

    Returns
    -------
    Mapped or None
        None where no file fits a layout.

    Raises
    ------
    DataError
        If a sheet that fits has not the header, or lacks a column, that the mapping names: all at once.

    Examples
    --------
    >>> import tempfile
    >>> from s75lib.loaders.schemas import DATASETS
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.csv").write_text("Month,Referrals,Reviews\nApr-25,12,9\nTotal,12,9\n")
    >>> across = Across(into="measure", value="count")
    >>> layout = Layout(files="a.csv", columns={"Month": "month"}, across=across)
    >>> mapped(folder, [layout], DATASETS["activity"]).frame
         month    measure count
    1  2025-04  Referrals    12
    2  2025-04    Reviews     9
    """
    frames, places, files = [], [], []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    theirs: dict[str, str] = {}
    read: set[tuple[str, str]] = set()
    others: list[tuple[Sheet, Layout]] = []
    for layout in layouts:
        theirs |= {ours: name for name, ours in layout.columns.items() if ours not in ("", ASK)}
        for path in _files(folder, layout.files):
            files.append(path)
            for sheet in read_sheets(path, path.relative_to(folder.parent).as_posix()):
                if not (sheet.visible and _wanted(sheet.name, layout)):
                    others.append((sheet, layout))
                    continue
                read.add((sheet.file, sheet.name))
                try:
                    frame, rows, told = _rows(sheet, layout, path)
                except DataError as error:
                    faults += error.faults
                    continue
                frames.append(frame)
                places.append(pd.DataFrame({"file": sheet.file, "sheet": sheet.name, "row": rows}))
                warnings += told
    warnings += [
        Fault(sheet.file, f"the header of this mapping in a sheet that is not read: {sheet.name}",
              "every sheet that has it", "Name the sheet in mapping.toml, or show it, if it is wanted.",
              sheet=sheet.name, severity="warning")
        for sheet, layout in others
        if (sheet.file, sheet.name) not in read and _has_header(sheet, layout)
    ]  # fmt: skip
    if faults:
        raise DataError(faults)
    if not frames:
        return None
    whole = pd.concat(frames, ignore_index=True)
    whole = whole if len({tuple(frame) for frame in frames}) == 1 else whole.fillna("")
    origin = pd.concat(places, ignore_index=True)
    kept, told = _decided(whole, origin, dataset)
    warnings += told
    if not kept.all():
        whole, origin = whole[kept].reset_index(drop=True), origin[kept].reset_index(drop=True)
    for column in dataset.columns:
        if column.name in whole and column.kind in ("month", "period"):
            whole[column.name] = _months(whole[column.name])
    order = [name for name in dataset.column_names if name in whole]
    index = pd.RangeIndex(1, len(whole) + 1)
    return Mapped(
        whole[order].set_axis(index), origin.set_axis(index), theirs,
        tuple(dict.fromkeys(files)), tuple(warnings),
    )  # fmt: skip


def _decided(whole: pd.DataFrame, places: pd.DataFrame, dataset: Dataset) -> tuple[np.ndarray, list[Fault]]:
    """Tell rows that wait for no decision, if no sum would miss the others; elsewhere the dataset waits."""
    told: list[Fault] = []
    faults: list[Fault] = []
    kept = np.ones(len(whole), dtype=bool)
    for column in [column for column in dataset.columns if column.name in whole]:
        waits = (whole[column.name] == _UNDECIDED).to_numpy()
        if not waits.any():
            continue
        whole[column.name] = whole[column.name].mask(waits, "")
        if column.blank:
            continue
        apart = not waits.all() and (dataset.stands_alone or column.name == "measure")
        place = places.iloc[int(waits.argmax())]
        fault = Fault(
            str(place["file"]),
            f"a {column.name} that waits for a decision in {int(waits.sum()):,} rows",
            "an answer in place of each ? in mapping.toml",
            "Decide; s75 check lists what. " + (
                "Until then these rows are left out." if apart else "Until then the dataset is not used."
            ),
            sheet=str(place["sheet"]), column=column.name, severity="warning" if apart else "error",
        )  # fmt: skip
        (told if apart else faults).append(fault)
        kept &= ~waits
    if faults:
        raise DataError(faults)
    return kept, told


def _files(folder: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """Find the files that fit, inside the folder and nowhere else, in the order of their names."""
    home = folder.resolve()
    found = {
        path
        for pattern in patterns
        for path in folder.rglob("*")
        if path.suffix.lower() in (*WORKBOOKS, *TEXTS)
        and fnmatchcase(path.relative_to(folder).as_posix().casefold(), pattern.casefold())
        and not path.name.startswith("~$")
        and path.resolve().is_relative_to(home)
        and path.is_file()
    }
    return iter(sorted(found))


def _wanted(name: str, layout: Layout) -> bool:
    if not name:
        return True
    fits = [
        any(fnmatchcase(name.casefold(), p.casefold()) for p in some)
        for some in (layout.sheets, layout.not_sheets)
    ]
    return fits[0] and not fits[1]


def levels_of(sheet: Sheet, rows: Sequence[int]) -> list[tuple[str, ...]]:
    """Give each column's header, a part for each of its rows; one above several columns counts for each."""
    parts = []
    for at, row in enumerate(rows):
        cells = [" ".join(str(cell).split()) for cell in sheet.cells.iloc[row - 1]]
        parts.append(_carried(cells) if at < len(rows) - 1 else cells)
    return list(zip(*parts, strict=True))


def _carried(cells: list[str]) -> list[str]:
    """Write a merged cell's text above each column that it spans."""
    carried, last = [], ""
    for cell in cells:
        last = cell or last
        carried.append(last)
    return carried


def header_of(levels: Iterable[tuple[str, ...]]) -> list[str]:
    """Name each column by the parts of its header; of columns named alike, the later ones get a number."""
    names: list[str] = []
    for parts in levels:
        name = BETWEEN.join(dict.fromkeys(filter(None, parts))) if parts[-1] else ""
        free, number = name, 2
        while name and free in names:
            free, number = f"{name} ({number})", number + 1
        names.append(free)
    return names


def _rows(sheet: Sheet, layout: Layout, path: Path) -> tuple[pd.DataFrame, np.ndarray, list[Fault]]:
    """Read the rows of one sheet, with their numbers and what was left out."""
    if max(layout.header) > len(sheet.cells):
        raise DataError([_no_header(sheet, layout, "fewer rows than that")])
    levels = levels_of(sheet, layout.header)
    names = header_of(levels)
    missing = [name for name in layout.columns if name not in names]
    if missing:
        raise DataError(
            [_no_header(sheet, layout, f"no column {', '.join(f'“{name}”' for name in missing)}")]
        )
    body = sheet.cells.iloc[max(layout.header) :].copy()
    body.columns = pd.RangeIndex(body.shape[1])
    body.index = pd.RangeIndex(max(layout.header) + 1, len(sheet.cells) + 1)
    told: list[Fault] = []
    first = _first_words(body)
    if layout.ends_at and (ends := np.flatnonzero(_fits(first, layout.ends_at))).size:
        body, first = body.iloc[: ends[0]], first[: ends[0]]
    if notes := _notes(body):
        found = f"a note below the table, from row {body.index[-notes]}"
        remedy = "It was left out; nothing need be done."
        told.append(
            Fault(sheet.file, found, "rows of the table alone", remedy, sheet=sheet.name, severity="warning")
        )
        body, first = body.iloc[:-notes], first[:-notes]
    total = _fits(first, layout.totals)
    body = body[~total & (first != "")]
    if total.any():
        found = f"{int(total.sum())} row{'s' if total.sum() > 1 else ''} that are totals"
        told.append(Fault(sheet.file, found, "rows that are no sum of others", "Nothing: they are left out.",
                          sheet=sheet.name, severity="warning"))  # fmt: skip
    told += unseen(sheet.file, sheet.name, [row for row in sheet.hidden if row in body.index])
    table = body.set_axis(_labels(names), axis=1)
    if layout.outline:
        table = _outlined(table, layout.outline)
    for column in layout.fill_down:
        table[column] = table[column].replace("", np.nan).ffill().fillna("")
    numbers = table.index.to_numpy()
    if layout.across:
        table, numbers = _melted(table, layout, levels, names)
    frame = _renamed(table, layout)
    title = BETWEEN.join(filter(None, sheet.cells.iloc[: min(layout.header) - 1].to_numpy(dtype=str).ravel()))
    texts = {"sheet": sheet.name, "file": path.stem, "title": title}
    for ours, place in layout.found.items():
        value = _found(place, texts)
        if value is None:
            remedy = f"Name the {place.where} so, or give {ours} in mapping.toml."
            found = f"no {place.reading} in the {place.where}’s text"
            raise DataError([Fault(sheet.file, found, f"a {ours}", remedy, sheet=sheet.name)])
        frame[ours] = value
    for ours, fixed in layout.fixed.items():
        frame[ours] = _UNDECIDED if fixed == ASK else fixed
    after = {ours: derived for ours, derived in layout.derived.items() if not derived.source}
    for ours, derived in layout.derived.items():
        if ours not in after:
            frame[ours] = _derived(derived, table, frame)
    frame = _valued(frame, layout)
    for ours, derived in after.items():  # of amounts whose signs are right
        frame[ours] = _derived(derived, table, frame)
    return frame, numbers, told


def _has_header(sheet: Sheet, layout: Layout) -> bool:
    if max(layout.header) >= len(sheet.cells):
        return False
    return {*layout.columns} <= {*header_of(levels_of(sheet, layout.header))}


def _no_header(sheet: Sheet, layout: Layout, found: str) -> Fault:
    rows = " and ".join(map(str, layout.header))
    return Fault(
        sheet.file, found, f"the column names in row {rows}",
        "Correct header or columns in mapping.toml, or run s75 map again for this layout.", sheet=sheet.name,
        row=max(layout.header),
    )  # fmt: skip


def _labels(names: Sequence[str]) -> list[str]:
    """Name every column, those without a header by their place."""
    return [name or f"column {at}" for at, name in enumerate(names, start=1)]


def _first_words(body: pd.DataFrame) -> np.ndarray:
    """Give each row's first cell with text, in lower case; empty for a blank row."""
    first = np.full(len(body), "", dtype=object)
    for column in body:
        todo = np.flatnonzero(first == "")
        if not len(todo):
            break
        first[todo] = [str(cell).strip().casefold() for cell in body[column].to_numpy()[todo]]
    return first


def _notes(body: pd.DataFrame) -> int:
    """Count the last rows, blank ones among them, that have words in one cell and nothing beside it."""
    end = len(body)
    while end and body.shape[1] > 3:
        filled = [text for cell in body.iloc[end - 1] if (text := str(cell).strip())]
        if len(filled) > 1 or (filled and not re.search(r"[^\W\d_]{2,}\W+[^\W\d_]{2,}", filled[0])):
            break
        end -= 1
    kept = body.iloc[end:]
    return len(kept) if (kept != "").any(axis=None) else 0


def _fits(words: np.ndarray, patterns: Sequence[str]) -> np.ndarray:
    distinct = {
        word: any(fnmatchcase(word, pattern.casefold()) for pattern in patterns) for word in set(words)
    }
    return np.array([distinct[word] for word in words], dtype=bool)


def _outlined(table: pd.DataFrame, outline: Outline) -> pd.DataFrame:
    """Give each row the headings above it: by the spaces before them, or else by rows that have no figure."""
    labels = table[outline.column].astype("str")
    depth = (labels.str.len() - labels.str.lstrip().str.len()).to_numpy()
    if depth.any():
        steps = {spaces: level for level, spaces in enumerate(sorted(set(depth)))}
        level = np.array([steps[spaces] for spaces in depth])
    else:
        figures = table.drop(columns=outline.column).replace("", np.nan).notna().any(axis=1).to_numpy()
        level = np.where(figures, len(outline.into) - 1, 0)
    made = {}
    for at, name in enumerate(outline.into):
        own = labels.str.strip().where(level == at)
        # A heading ends the deeper ones above it.
        own = own.mask(level < at, "")
        made[name] = own.ffill().fillna("")
    deepest = level == len(outline.into) - 1
    inner: pd.DataFrame = table.assign(**made)[deepest]
    return inner


def _melted(
    table: pd.DataFrame, layout: Layout, levels: Sequence[tuple[str, ...]], names: Sequence[str]
) -> tuple[pd.DataFrame, np.ndarray]:
    """Turn columns that are values into rows."""
    across = layout.across
    assert across is not None
    kept = {*layout.columns, *(layout.outline.into if layout.outline else []), across.measure} - {""}
    kept |= {layout.outline.column} if layout.outline else set()
    labels = _labels(names)
    wide = [at for at, label in enumerate(labels) if names[at] and label not in kept]
    ids = [label for label in table.columns if label in kept]
    parts: list[pd.DataFrame] = []
    for at in wide:
        named: dict[str, Any] = dict(zip(across.into, _named(levels[at], len(across.into)), strict=True))
        parts.append(table[ids].assign(_row=table.index, _cell=table[labels[at]], **named))
    long = pd.concat(parts, ignore_index=True)
    if not across.rows:
        long = long[long["_cell"].str.strip() != ""].rename(columns={"_cell": across.value})
        return long.drop(columns="_row"), long["_row"].to_numpy()
    return _paired(long, across, layout)


def _named(parts: tuple[str, ...], wanted: int) -> tuple[str, ...]:
    """Give the parts of a header that name a value, the lowest ones."""
    return parts[len(parts) - wanted :]


def _paired(long: pd.DataFrame, across: Across, layout: Layout) -> tuple[pd.DataFrame, np.ndarray]:
    """Put numerator, denominator and the like, which stand in rows below one another, beside one another."""
    named = [theirs for theirs, ours in layout.columns.items() if ours in ("indicator", "group")]
    keys = list(dict.fromkeys([*layout.fill_down, *named, *across.into]))
    long = long.assign(_ours=long[across.measure].map(across.rows).fillna(""))
    parts = {
        ours: rows.drop_duplicates(keys).set_index(keys)["_cell"]
        for ours, rows in long[long["_ours"] != ""].groupby("_ours", sort=False)
    }
    wide = pd.concat(parts, axis=1)
    about = long.replace("", np.nan).groupby(keys, sort=False, dropna=False)
    others = [c for c in long if c not in (*keys, "_cell", "_ours", across.measure)]
    whole = wide.join(about[others].first()).fillna("").reset_index()
    some = (whole[list(parts)] != "").any(axis=1)
    whole = whole[some].reset_index(drop=True)
    return whole.drop(columns="_row"), whole["_row"].to_numpy(dtype=int)


def _renamed(table: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Give the columns our names; those that nobody named are left out."""
    ours = {theirs: name for theirs, name in layout.columns.items() if name not in ("", ASK)}
    made = {name: table[theirs] for theirs, name in ours.items()}
    if layout.outline:
        made |= {name: table[name] for name in layout.outline.into}
    if layout.across:
        values = layout.across.rows.values() if layout.across.rows else [layout.across.value]
        made |= {name: table[name] for name in (*layout.across.into, *values) if name and name in table}
    return pd.DataFrame(made, index=table.index)


def _valued(frame: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Translate values, units and signs."""
    frame = frame.copy(deep=False)
    for column, table in layout.values.items():
        if column not in frame:
            continue
        known = {" ".join(theirs.split()).casefold(): to for theirs, to in table.items()}
        targets = dict.fromkeys(ours for to in table.values() if isinstance(to, dict) for ours in to)
        plain = _each(frame[column], lambda cell: " ".join(cell.split()).casefold())
        for ours in targets:
            told = {theirs: to[ours] for theirs, to in known.items() if isinstance(to, dict) and ours in to}
            before = frame[ours] if ours in frame else pd.Series("", index=frame.index)
            frame[ours] = plain.map(told).fillna(before)
        if column not in targets:
            own = {theirs: _UNDECIDED if to == ASK else str(to) for theirs, to in known.items()}
            frame[column] = plain.map(own).fillna(frame[column])
    for ours in layout.open_end:
        words = _each(frame[ours], lambda cell: cell.strip().casefold())
        frame[ours] = frame[ours].where(
            ~words.isin({"ongoing", "open", "current", "live", "n/a", "tbc", "-", "none"}), ""
        )
    for ours in layout.month_first:
        frame[ours] = _each(frame[ours], lambda c: re.sub(r"^\s*(\d+)/(\d+)/(\d+)\b", r"\2/\1/\3", c))
    factors = {ours: layout.times.get(ours, 1.0) * (-1.0 if ours in layout.minus else 1.0)
               for ours in (*layout.times, *layout.minus)}  # fmt: skip
    for ours, factor in factors.items():
        if ours in frame:
            frame[ours] = _multiplied(frame[ours], factor)
    return frame


def _each(cells: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Change each distinct cell once."""
    codes, distinct = pd.factorize(cells.astype("object"))
    made = np.array([*(change(str(cell)) for cell in distinct), ""], dtype="object")
    return pd.Series(made[codes], index=cells.index, dtype="object")


def _months(cells: pd.Series) -> list[str]:
    """Write the months of a column as the contract has them; a financial year stays."""
    codes, distinct = pd.factorize(cells)
    found = [None if year_in(str(cell)) is not None else month_in(str(cell)) for cell in distinct]
    said = [
        month.isoformat()[:7] if month else str(cell) for cell, month in zip(distinct, found, strict=True)
    ]
    return [said[code] for code in codes]


def _multiplied(cells: pd.Series, factor: float) -> list[str]:
    """Multiply the amounts of a column; what is none stays for the schema to judge."""
    codes, distinct = pd.factorize(cells)
    values, _ = read_numbers([str(cell) for cell in distinct])
    said = [
        cell if np.isnan(value) else repr(round(float(value) * factor, 6) + 0.0)
        for cell, value in zip(distinct, values[:-1], strict=True)
    ]
    return [said[code] for code in codes]


def _derived(derived: Derived, table: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """Work a column out by its named operation."""
    match derived.operation:
        case "lower case with underscores":
            return [
                re.sub(r"[^0-9a-z]+", "_", str(cell).casefold()).strip("_") for cell in table[derived.source]
            ]
        case "income or expenditure":
            return [_kind(str(cell)) for cell in table[derived.source]]
        case "age band":
            values, _ = read_numbers([str(cell).strip() for cell in table[derived.source]])
            return [
                "" if np.isnan(age) else next(name for below, name in _AGE_BANDS if age < below)
                for age in np.clip(values[:-1], 0, 150)
            ]
        case "gross − health − client":
            sides = []
            for name, sign in (("weekly_gross", 1.0), ("health_weekly", -1.0), ("client_weekly", -1.0)):
                values = read_numbers(frame[name].tolist())[0][:-1] if name in frame else np.zeros(len(frame))
                sides.append(sign * np.where(np.isnan(values) & (sign < 0), 0.0, values))
            return ["" if np.isnan(net) else repr(round(float(net), 2)) for net in np.sum(sides, axis=0)]
        case _:
            weeks = float(derived.operation.rsplit(" ", 1)[-1])
            return _multiplied(table[derived.source].astype("object"), 1 / weeks)


def _kind(line: str) -> str:
    return next((kind for kind, pattern in _INCOME.items() if pattern.search(line)), "expenditure")


def _found(place: Place, texts: dict[str, str]) -> str | None:
    """Read a value that stands outside the table."""
    others = [texts[place.where], *(text for where, text in texts.items() if where != place.where)]
    return reading_of(place.reading, others)


def reading_of(reading: str, texts: Sequence[str]) -> str | None:
    """Read a text as a day, a month or a financial year; None where it names none.

    The first of `texts` is the one that is meant; the others may name the year that it leaves out.
    """
    first = texts[0]
    match reading:
        case "text":
            return first.strip() or None
        case "financial year":
            year = next((year for text in texts if (year := year_in(text)) is not None), None)
            month = (
                next((month for text in texts if (month := month_in(text))), None) if year is None else None
            )
            year = month.year - (month.month < 4) if month else year
            return None if year is None else f"{year}/{(year + 1) % 100:02d}"
        case "month" | "month end" | "day":
            if reading == "day" and (found := re.search(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", first)):
                return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"
            month = month_in(first)
            if month is None:
                return None
            return month.isoformat()[:7] if reading == "month" else _last_day(month)
        case _:
            found = re.search(
                r"(?<![a-z])(?:p|m|period|month)[\s_-]?0?(1[0-2]|[1-9])(?!\d)", first, re.IGNORECASE
            )
            year = next((year for text in texts if (year := year_in(text)) is not None), None)
            if not found or year is None:
                return None
            number = int(found[1]) + 3
            return _last_day(date(year + (number > 12), number - 12 * (number > 12), 1))


def _last_day(month: date) -> str:
    return month.replace(day=monthrange(month.year, month.month)[1]).isoformat()
