"""Sheets turned into the rows of a dataset, as a mapping says; nothing is run, every row keeps its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from s75lib.errors import DataError, Fault
from s75lib.loaders.mapping.doubts import DATED, UNDECIDED, decided, doubts, refuse_shifted, waiting
from s75lib.loaders.mapping.layout import ASK, Across, Derived, Layout, Outline
from s75lib.loaders.mapping.sheets import (
    BETWEEN,
    TEXTS,
    WORKBOOKS,
    Sheet,
    is_ahead,
    period_of,
    read_sheets,
    reading_of,
    with_year,
)
from s75lib.loaders.mapping.synonyms import column_for
from s75lib.loaders.period import financial_year_of, last_day
from s75lib.loaders.schemas import Dataset
from s75lib.loaders.sources import unseen
from s75lib.loaders.values import FRACTION, age_bands, read_numbers, read_quantities

_ROWS = re.compile(r"\b(rows? )(\d+(?:, \d+)*)")  # as faults name those of our frame
_SIGNED = re.compile(r"\W*(prepared|produced|approved|authori[sz]ed|signed|checked|reviewed|author)\b", re.I)
_EXACT = 0.005
_MOSTLY = 0.4  # of the rows, some of which are blank or hold notes
NAMING = ("text", "slug", "date", "month", "period", "day_or_month")
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
        at: Any = self.places.loc[fault.row]

        def own(number: str) -> str:
            other: Any = self.places.loc[int(number)] if int(number) in self.places.index else at
            place = "" if other["sheet"] == at["sheet"] else f" of {other['sheet']}"
            return f"{other['row']}{place or ('' if other['file'] == at['file'] else ' of ' + other['file'])}"

        remedy = fault.remedy
        if fault.found.startswith("the same "):
            remedy = (
                "Two columns or values of the mapping give the same: leave one out there if it says the same "
                "again; if each is a part of the whole, give each a name of its own."
                if own(re.findall(r"\d+", fault.found)[-1]) == str(at["row"])
                else "If it is of another team or group, have mapping.toml say so; delete it only if it "
                "is the same figure again."
            )
        found = _ROWS.sub(lambda said: said[1] + re.sub(r"\d+", lambda n: own(n[0]), said[2]), fault.found)
        place = replace(fault, file=str(at["file"]), sheet=str(at["sheet"]), row=int(at["row"]))
        return replace(place, column=column, found=found, remedy=remedy)


def mapped(folder: Path, layouts: Sequence[Layout], dataset: Dataset) -> Mapped | None:
    r"""Gather a dataset's rows from an authority's files.

    None where no file fits a layout.

    Parameters
    ----------
    folder : Path
        The authority's folder, within which the files are sought.
    layouts : sequence of Layout
        The mapping's layouts of this dataset.
    dataset : Dataset
        What the rows are to hold.

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
                named = _is_like(sheet.name, layout.sheets) and not _is_like(sheet.name, layout.not_sheets)
                if not sheet.visible or (sheet.name and not named):
                    others.append((sheet, layout))
                    continue
                read.add((sheet.file, sheet.name))
                try:
                    frame, rows, told = _rows(sheet, layout, path, dataset)
                except DataError as error:
                    faults += error.faults
                    continue
                frames.append(frame)
                places.append(pd.DataFrame({"file": sheet.file, "sheet": sheet.name, "row": rows}))
                warnings += told
    warnings += [
        sheet.warning(
            f"the header of this mapping in a sheet that is not read: {sheet.name}",
            "every sheet that has it",
            "Name the sheet in mapping.toml, or show it, if it is wanted.",
        )
        for sheet, layout in others
        if (sheet.file, sheet.name) not in read and _has_header(sheet, layout)
    ]
    if faults:
        raise DataError(faults)
    if not frames:
        return None
    if faults := list(waiting(frames, places, layouts, dataset)):
        raise DataError(faults)
    whole = pd.concat(frames, ignore_index=True)
    whole = whole if len({tuple(frame) for frame in frames}) == 1 else whole.fillna("")
    origin = pd.concat(places, ignore_index=True)
    kept, told = decided(whole, origin, dataset)
    whole = whole[kept]
    for column in dataset.columns:
        if column.name in whole and column.kind in ("month", "period"):
            whole[column.name] = _each(whole[column.name], lambda cell: period_of(cell) or cell)
    order = [name for name in dataset.column_names if name in whole]
    index = pd.RangeIndex(1, len(whole) + 1)
    return Mapped(
        whole[order].set_axis(index),
        origin[kept].set_axis(index),
        theirs,
        tuple(dict.fromkeys(files)),
        (*warnings, *told),
    )


def _files(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """Find the files that fit, inside the folder and nowhere else, in the order of their names."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in (*WORKBOOKS, *TEXTS)
        and _is_like(path.relative_to(folder).as_posix(), patterns)
        and not path.name.startswith("~$")
        and path.resolve().is_relative_to(folder.resolve())
        and path.is_file()
    )


def _is_like(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def levels_of(sheet: Sheet, rows: Sequence[int]) -> list[tuple[str, ...]]:
    """Give each column's header, a part for each of its rows; one above several columns counts for each.

    What stands in an upper row alone, above a blank, is the column's own name.
    """
    own = [[" ".join(str(cell).split()) for cell in sheet.cells.iloc[row - 1]] for row in rows]
    last = own[-1]
    for upper in own[-2::-1]:
        last = [name or above for name, above in zip(last, upper, strict=True)]
    return list(zip(*map(_carried, own[:-1]), last, strict=True))


def _carried(cells: list[str]) -> list[str]:
    """Write a merged cell's text above each column that it spans."""
    carried, last = [], ""
    for cell in cells:
        last = cell or last
        carried.append(last)
    return carried


def _is_ahead(parts: Sequence[str], across: Across, dataset: Dataset) -> bool:
    """Whether a column of figures is of what is to come, where the dataset is of what has happened.

    What the mapping names in ``across.rows``, or makes a target of, is wanted.
    """
    if dataset.name not in ("kpi", "activity") or across.value in ("forecast", "target", "planned"):
        return False
    return is_ahead(BETWEEN.join(part for part in parts if part not in across.rows))


NAMELESS = "column 1"
"""What a first column is called that has words in its cells and none in its header."""


def _header_of(levels: Iterable[tuple[str, ...]], body: pd.DataFrame) -> list[str]:
    """Name each column by the parts of its header; of columns named alike, the later ones get a number."""
    names: list[str] = []
    for parts in levels:
        name = BETWEEN.join(dict.fromkeys(filter(None, parts))) if parts[-1] else ""
        free, number = name, 2
        while name and free in names:
            free, number = f"{name} ({number})", number + 1
        names.append(free)
    if names and not names[0] and body.iloc[:, 0].astype("str").str.contains("[A-Za-z]{2}").mean() > _MOSTLY:
        names[0] = NAMELESS
    return names


def laid_out(sheet: Sheet, header: Sequence[int]) -> tuple[list[tuple[str, ...]], list[str], pd.DataFrame]:
    """Give the levels and the names of a table's columns, and the rows below them by their numbers."""
    body = sheet.cells.iloc[max(header) :]
    levels, body = _side_by_side(levels_of(sheet, header), body.set_axis(body.index + 1))
    return levels, _header_of(levels, body), body


def _side_by_side(
    levels: list[tuple[str, ...]], body: pd.DataFrame
) -> tuple[list[tuple[str, ...]], pd.DataFrame]:
    """Put tables of one header, beside one another with a blank column between, below each other."""
    if len(levels[0]) > 1 or max(Counter(filter(None, levels)).values(), default=0) < 2:
        return levels, body
    gaps = [at for at, (name,) in enumerate(levels) if not name and (body.iloc[:, at] == "").all()]
    spans = [range(start + 1, end) for start, end in pairwise([-1, *gaps, len(levels)]) if end - start > 2]
    alike = [span for span in spans if [levels[at] for at in span] == [levels[at] for at in spans[0]]]
    if len(alike) < 2:
        return levels, body
    parts = [body.iloc[:, list(span)].set_axis(range(len(span)), axis=1) for span in alike]
    return [levels[at] for at in spans[0]], pd.concat(parts)


def pages(
    body: pd.DataFrame, heads: Sequence[str], above: str
) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """Find the header again among the rows, as on each page or above each team's part.

    Gives the rows that stay, without headers and lines of one cell above them, and for each the line above.
    """
    kept, lines = np.ones(len(body), dtype=bool), np.full(len(body), above, dtype=object)
    first = next((at for at, name in enumerate(heads) if name), 0)
    for at in np.flatnonzero(body.iloc[:, first].astype("str").str.strip() == heads[first]):
        if [" ".join(str(cell).split()) for cell in body.iloc[at]] != list(heads):
            continue
        kept[at] = False
        up = at - 1
        while up >= 0 and (body.iloc[up] == "").all():
            up -= 1
        filled = [cell for cell in body.iloc[up] if cell != ""] if up >= 0 else []
        if len(filled) == 1:
            kept[up], lines[at:] = False, str(filled[0]).strip()
    return kept, lines


def _left_out(sheet: Sheet, found: str) -> Fault:
    return sheet.warning(found, "rows of the table alone", "It was left out; nothing need be done.")


def _rows(
    sheet: Sheet, layout: Layout, path: Path, dataset: Dataset
) -> tuple[pd.DataFrame, np.ndarray, list[Fault]]:
    """Read the rows of one sheet, with their numbers and what was left out."""
    if max(layout.header) > len(sheet.cells):
        raise DataError([_no_header(sheet, layout, "fewer rows than that")])
    levels, names, body = laid_out(sheet, layout.header)
    refuse_shifted(sheet, max(layout.header))
    labels = {*names, *_labels(names)}
    missing = [name for name in layout.theirs() if name not in labels]
    if missing:
        raise DataError(
            [_no_header(sheet, layout, f"no column {', '.join(f'“{name}”' for name in missing)}")]
        )
    told = list(_new_columns(sheet, layout, names, dataset))
    ahead = [
        name
        for name, parts in zip(names, levels, strict=True)
        if layout.across and name not in layout.theirs() and _is_ahead(parts, layout.across, dataset)
    ]
    if ahead:
        told.append(_left_out(sheet, f"columns of what is to come: {', '.join(ahead)}"))
    above = [filter(None, row) for row in sheet.cells.iloc[: min(layout.header) - 1].to_numpy(dtype=str)]
    title = BETWEEN.join(cell.strip() for row in above for cell in row)
    kept, lines = pages(body, [parts[-1] for parts in levels], title.rsplit(BETWEEN, 1)[-1])
    block_of = dict(zip(body.index, lines, strict=True))
    if not kept.all():
        told.append(_left_out(sheet, f"the header again among the rows, at row {body.index[~kept][-1]}"))
        body = body[kept]
    first = _first_words(body)
    if notes := _notes(body):
        told.append(_left_out(sheet, f"a note below the table, from row {body.index[-notes]}"))
        body, first = body.iloc[:-notes], first[:-notes]
    total = _fits(first, layout.totals)
    total[total] &= ~_complete(body[total], names, layout, dataset, fewest=3)
    total |= _fits(first, ["all", "all *"]) & ~_complete(body, names, layout, dataset)
    if total.any():
        found = "1 row that is a total" if total.sum() == 1 else f"{int(total.sum())} rows that are totals"
        remedy = "They are left out; if one of them is none, say so by totals in mapping.toml."
        told.append(sheet.warning(found, "rows that are no sum of others", remedy, int(body.index[total][0])))
    body = body[~total & (first != "")]
    used = {name for name in layout.theirs() if layout.columns.get(name, name)} or {*names} - {""}
    hidden = [name for at, name in enumerate(names, start=1) if at in sheet.hidden_columns]
    told += unseen(
        sheet.file,
        sheet.name,
        [row for row in sheet.hidden if row in body.index],
        [name for name in hidden if name in used or (layout.across and name not in layout.theirs())],
    )
    texts = {"sheet": sheet.name, "title": title, "file": path.stem}
    table = body.set_axis(_labels(names), axis=1)
    told += doubts(sheet, layout, dataset, texts, table)
    if layout.outline:
        table = _outlined(table, layout.outline)
    for column in layout.fill_down:
        table[column] = table[column].replace("", np.nan).ffill().fillna("")
    numbers = table.index.to_numpy()
    if layout.across:
        table, numbers = _melted(table, layout, levels, names, texts, {*ahead})
    frame = _renamed(table, layout)
    for ours in DATED & set(frame):
        if layout.year:
            rows = zip(frame[ours], table[layout.year], strict=True)
            frame[ours] = [_of_year(cell, year) for cell, year in rows]
        frame[ours] = _each(frame[ours], lambda cell: with_year(cell, texts.values()))
    for ours, place in layout.found.items():
        if place.where == "block":
            frame[ours] = [block_of[number] for number in numbers]
            continue
        others = [text for where, text in texts.items() if where != place.where]
        value = reading_of(place.reading, [texts[place.where], *others])
        if value is None:
            remedy = f"Name the {place.where} so, or give {ours} in mapping.toml."
            found = f"no {place.reading} in the {place.where}’s text"
            raise DataError([sheet.fault(found, f"a {ours}", remedy)])
        frame[ours] = value
    for ours, fixed in layout.fixed.items():
        frame[ours] = UNDECIDED if fixed == ASK else fixed
    after = {ours: derived for ours, derived in layout.derived.items() if not derived.source}
    for ours, derived in layout.derived.items():
        if ours not in after:
            frame[ours] = _derived(derived, table, frame)
    frame = _valued(frame, layout)
    for ours, derived in after.items():  # of amounts whose signs are right
        frame[ours] = _derived(derived, table, frame)
    money = [ours for ours in ("budget", "commitment", "forecast", "actual_to_date") if ours in frame]
    if dataset.name == "budget" and money:  # a line without any amount is a heading
        filled = (frame[money] != "").any(axis=1).to_numpy()
        frame, numbers = frame[filled], numbers[filled]
    given = [column for column in dataset.columns if column.name in {*frame} & {*layout.columns.values()}]
    naming = [column.name for column in given if column.kind in NAMING]
    nameless = (frame[naming] == "").all(axis=1).to_numpy() & bool(naming)
    if nameless.any():
        at = ", ".join(map(str, dict.fromkeys(numbers[nameless][:5])))
        told.append(
            _left_out(sheet, f"figures beside no name, as in a total, in {int(nameless.sum())} rows ({at})")
        )
        frame, numbers = frame[~nameless], numbers[~nameless]
    return frame, numbers, told


def _new_columns(sheet: Sheet, layout: Layout, names: Sequence[str], dataset: Dataset) -> Iterator[Fault]:
    """Warn of each column of which the mapping knows nothing, though it could be one that no other gives."""
    filled = layout.gives() - {ours for ours, value in layout.fixed.items() if not value}
    for name in dict.fromkeys(names) if not layout.across else ():
        ours, sure = column_for(name, dataset.name)
        if name and name not in layout.theirs() and sure == 1.0 and ours not in filled:
            found, remedy = "a column that mapping.toml does not name", f"Add “{name}” to the columns there."
            yield Fault(sheet.file, found, ours, remedy, sheet.name, column=name, severity="warning")


def _of_year(cell: str, year: str) -> str:
    """Write a month or a financial period with its year; a number is a month of a calendar year."""
    if cell.isdigit() and len(cell) < 3:
        return f"{year}-{cell:0>2}" if re.fullmatch(r"\d{4}", year) else with_year(f"P{cell}", [f"FY {year}"])
    return with_year(cell, [f"FY {year}", year])


def _complete(
    body: pd.DataFrame, names: list[str], layout: Layout, dataset: Dataset, fewest: int = 1
) -> NDArray[np.bool_]:
    """Tell which rows have all that names one, where that is a few cells: a total has not."""
    named = [column.name for column in dataset.columns if not column.blank and column.kind in NAMING]
    must = [names.index(name) for name, ours in layout.columns.items() if ours in named]
    whole: NDArray[np.bool_] = (body.iloc[:, must] != "").all(axis=1).to_numpy()
    return whole if len(must) >= fewest else np.zeros(len(body), dtype=bool)


def _has_header(sheet: Sheet, layout: Layout) -> bool:
    if max(layout.header) >= len(sheet.cells):
        return False
    names = laid_out(sheet, layout.header)[1]
    return {*layout.theirs()} <= {*names, *_labels(names)}


def _no_header(sheet: Sheet, layout: Layout, found: str) -> Fault:
    expected = f"the column names in row {' and '.join(map(str, layout.header))}"
    remedy = "Correct header or columns in mapping.toml, or run s75 map again for this layout."
    return sheet.fault(found, expected, remedy, max(layout.header))


def _labels(names: Sequence[str]) -> list[str]:
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
    """Count the last rows, blank ones too, that have words in one cell, or in two below a blank row."""
    end, blank = len(body), np.flatnonzero((body.tail(20) == "").all(axis=1).to_numpy()[::-1])
    while end and body.shape[1] > 3:
        filled = [text for cell in body.iloc[end - 1] if (text := str(cell).strip())]
        below = bool((len(body) - end < blank).any()) and not any(
            re.fullmatch(r"[\d.,£%-]+", f) and not re.fullmatch(r"\d+([-.])\d+\1\d+", f) for f in filled
        )
        if below and (len(filled) == 2 or (len(filled) == 3 and _SIGNED.match(filled[0]))):
            end -= 1
            continue
        words = r"[^\W\d_]{2,}\W+\w" if (len(body) - end < blank).any() else r"[^\W\d_]{2,}\W+[^\W\d_]{2,}"
        if len(filled) > 1 or (filled and not re.search(words, filled[0])):
            break
        end -= 1
    kept = body.iloc[end:]
    return len(kept) if (kept != "").any(axis=None) else 0


def _fits(words: np.ndarray, patterns: Sequence[str]) -> np.ndarray:
    distinct = {word: _is_like(word, patterns) for word in set(words)}
    return np.array([distinct[word] for word in words], dtype=bool)


def _outlined(table: pd.DataFrame, outline: Outline) -> pd.DataFrame:
    """Give each row the headings above it: by the spaces before them, or else by rows that have no figure."""
    labels = table[outline.column].astype("str")
    depth = (labels.str.len() - labels.str.lstrip().str.len()).to_numpy()
    if depth.any():
        steps = {spaces: level for level, spaces in enumerate(sorted(set(depth)))}
        level = np.array([steps[spaces] for spaces in depth])
    else:
        figures = table.drop(columns=outline.column)
        heads = ~figures.replace("", np.nan).notna().any(axis=1).to_numpy()
        level = np.where(heads if heads.any() else headed_by_sums(figures), 0, len(outline.into) - 1)
    made = {}
    for at, name in enumerate(outline.into):
        own = labels.str.strip().where(level == at).mask(level < at, "")  # it ends the deeper ones above
        made[name] = own.ffill().fillna("")
    deepest = level == len(outline.into) - 1
    inner: pd.DataFrame = table.assign(**made)[deepest]
    return inner


def headed_by_sums(figures: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows are each the sum of those below it, where all rows are parted so; else none is.

    A pivot table indents its rows by their style, of which their text knows nothing.

    >>> headed_by_sums(pd.DataFrame({"Apr": ["15", "10", "5", "6", "4", "2"]})).tolist()
    [True, False, False, True, False, False]
    """
    columns = [_figures(figures[name]) for name in figures]
    values = np.nan_to_num(np.array(columns, dtype=float)).reshape(-1, len(figures)).T
    heads, left, parts = np.zeros(len(figures), dtype=bool), np.zeros(values.shape[1]), 0
    for at, row in enumerate(values):
        if np.abs(left).max(initial=0) < _EXACT:
            heads[at], left = True, row
        else:
            left, parts = left - row, parts + 1
    sure = np.abs(left).max(initial=0) < _EXACT and parts > heads.sum() > 1
    return heads if sure else np.zeros_like(heads)


def _melted(
    table: pd.DataFrame,
    layout: Layout,
    levels: Sequence[tuple[str, ...]],
    names: Sequence[str],
    texts: Mapping[str, str],
    ahead: set[str],
) -> tuple[pd.DataFrame, np.ndarray]:
    """Turn columns that are values into rows, but for those of what is to come."""
    across = layout.across
    assert across is not None
    kept = {*layout.theirs(), *(layout.outline.into if layout.outline else ())}
    labels = _labels(names)
    wide = [at for at, label in enumerate(labels) if names[at] and label not in ahead and label not in kept]
    ids = [label for label in table.columns if label in kept]
    parts: list[pd.DataFrame] = []
    for at in wide:
        first, last = levels[at][0], levels[at][-1]
        paired = bool(across.rows) and not across.measure
        kind = (last if last in across.rows else first) if paired else ""
        said = levels[at] if not paired else levels[at][:-1] if kind == last else levels[at][1:]
        own = [with_year(part, [*said[::-1], *texts.values()]) for part in said]
        named: dict[str, Any] = dict(zip(across.into, own[len(own) - len(across.into) :], strict=True))
        parts.append(table[ids].assign(_row=table.index, _kind=kind, _cell=table[labels[at]], **named))
    long = pd.concat(parts, ignore_index=True)
    if not across.rows:
        long = long[long["_cell"].str.strip() != ""].rename(columns={"_cell": across.value})
        return long.drop(columns=["_row", "_kind"]), long["_row"].to_numpy()
    return _paired(long, across, layout)


def _paired(long: pd.DataFrame, across: Across, layout: Layout) -> tuple[pd.DataFrame, np.ndarray]:
    """Put numerator, denominator and the like, which stand in rows below one another, beside one another."""
    named = [theirs for theirs, ours in layout.columns.items() if ours in ("indicator", "group", "period")]
    year = [layout.year] if layout.year else []
    keys = list(dict.fromkeys([*layout.fill_down, *named, *year, *across.into]))
    measure = across.measure or "_kind"
    long = long.assign(_ours=long[measure].map(across.rows).fillna(""))
    parts = {
        ours: rows.drop_duplicates(keys).set_index(keys)["_cell"]
        for ours, rows in long[long["_ours"] != ""].groupby("_ours", sort=False)
    }
    wide = pd.concat(parts, axis=1)
    about = long.replace("", np.nan).groupby(keys, sort=False, dropna=False)
    others = [c for c in long if c not in (*keys, "_cell", "_ours", "_kind", across.measure)]
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
            own = {theirs: UNDECIDED if to == ASK else str(to) for theirs, to in known.items()}
            frame[column] = plain.map(own).fillna(frame[column])
    for ours in layout.month_first:
        frame[ours] = _each(frame[ours], lambda c: re.sub(r"^\s*(\d+)/(\d+)/(\d+)\b", r"\2/\1/\3", c))
    factors = {
        ours: layout.times.get(ours, 1.0) * (-1.0 if ours in layout.minus else 1.0)
        for ours in (*layout.times, *layout.minus)
    }
    for ours, factor in factors.items():
        if ours in frame:
            frame[ours] = _multiplied(frame[ours], factor)
    return frame


def _each(cells: pd.Series, change: Callable[[str], str]) -> pd.Series:
    codes, distinct = pd.factorize(cells.astype("object"))
    made = np.array([*(change(str(cell)) for cell in distinct), ""], dtype="object")
    return pd.Series(made[codes], index=cells.index, dtype="object")


def _multiplied(cells: pd.Series, factor: float) -> list[str]:
    """Multiply the amounts of a column; what is none stays for the schema to judge."""
    codes, distinct = pd.factorize(cells)
    values, _ = read_numbers([str(cell) for cell in distinct])
    said = [
        cell
        if np.isnan(value) or (factor == 100 and "%" in cell)
        else repr(round(float(value) * factor, 6) + 0.0)
        for cell, value in zip(distinct, values[:-1], strict=True)
    ]
    return [said[code] for code in codes]


def _figures(cells: pd.Series) -> np.ndarray:
    """Read the numbers of a column; what is none is missing."""
    figures: np.ndarray = read_numbers([str(cell).strip() for cell in cells])[0][:-1]
    return figures


def _derived(derived: Derived, table: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    match derived.operation:
        case "lower case with underscores":
            return [
                re.sub(r"[^0-9a-z]+", "_", str(cell).casefold()).strip("_") for cell in table[derived.source]
            ]
        case "income or expenditure":
            return [_kind(str(cell)) for cell in table[derived.source]]
        case "age band":
            return age_bands(np.clip(_figures(table[derived.source]), 0, 150)).tolist()
        case "gross − health − client":
            sides = []
            for name, sign in (("weekly_gross", 1.0), ("health_weekly", -1.0), ("client_weekly", -1.0)):
                values = _figures(frame[name]) if name in frame else np.zeros(len(frame))
                sides.append(sign * np.where(np.isnan(values) & (sign < 0), 0.0, values))
            return ["" if np.isnan(net) else repr(round(float(net), 2)) for net in np.sum(sides, axis=0)]
        case "establishment − vacancies":
            posts, empty = (
                read_quantities([str(cell).strip() for cell in cells])[0][:-1]
                for cells in (frame["wte_establishment"], table[derived.source])
            )
            return ["" if np.isnan(left) else repr(round(float(left), 6)) for left in posts - empty]
        case "top of the fraction" | "base of the fraction" as part:
            parts = (FRACTION.fullmatch(str(cell).strip()) for cell in table[derived.source])
            return [found[1 if part.startswith("top") else 2] if found else "" for found in parts]
        case "financial year of the date":
            labels = [period_of(str(cell)) for cell in table[derived.source]]
            return [financial_year_of(last_day(label)).label if label else "" for label in labels]
        case "percent where the value has the sign, else count":
            signs = frame[[name for name in ("value", "target") if name in frame]]
            signed = signs.apply(lambda cells: cells.astype("str").str.contains("%")).any(axis=1)
            percents = set(frame["indicator"][signed])
            return ["percent" if name in percents else "count" for name in frame["indicator"]]
        case _:
            *_, mark, by = derived.operation.split(" ")
            factor = float(by) if mark == "×" else 1 / float(by)
            return _multiplied(table[derived.source].astype("object"), factor)


def _kind(line: str) -> str:
    return next((kind for kind, pattern in _INCOME.items() if pattern.search(line)), "expenditure")
