"""A sheet's table as it is found: its header, its columns, and which dataset it holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from s75lib.loaders.mapping.reshape import NAMELESS, laid_out, levels_of, pages
from s75lib.loaders.mapping.sheets import BETWEEN, Sheet, is_ahead, period_of, with_year, year_in
from s75lib.loaders.mapping.synonyms import (
    ROWS,
    column_for,
    is_known,
    is_left_out,
    measure_of,
    plain_name,
    weekly_from,
)
from s75lib.loaders.values import FRACTION, is_unknown

HEADER_WITHIN = 25  # rows of a sheet within which its header stands
NO_NAME = re.compile(
    r"(sheet|s|tab|page|table|export|report)?[ _]?\d*|data|activity|by team|teams|kpis?|dashboard|summary"
    r"|scorecard",
    re.IGNORECASE,
)
_FIRST = {
    "budget": "line",
    "kpi": "indicator",
    "activity": "measure",
    "staffing": "group",
    "workforce": "team",
}
"""What a first column without a name is."""
TOTAL = re.compile(r"^\W*(grand |sub[- ]?|overall |net )?total\b|^.*\b(sub[- ]?)?total\W*$", re.IGNORECASE)
NEEDED = {
    "packages": ({"person_key", "package_key"}, {"weekly_gross", "net_weekly"}, {"start_date"}),
    "budget": ({"line"}, {"budget"}, {"commitment", "forecast", "actual_to_date"}),
    "staffing": ({"group"}, {"budget", "adjusted_budget"}, {"actual_to_date"}),
    "kpi": ({"indicator"}, {"value", "numerator", "across"}),
    "activity": ({"month", "across"}, {"count", "across"}),
    "workforce": ({"role", "team"}, {"wte_establishment", "wte_in_post"}),
    "risks": ({"risk_id"}, {"description"}, {"consequence", "likelihood", "score"}),
    "actions": ({"action_id"}, {"action"}, {"due", "status"}),
    "contributions": ({"partner"}, {"agreed"}),
    "savings": ({"saving"}, {"planned", "across"}, {"month", "across"}),
    "uplifts": ({"central"}, {"low", "high", "effective_from"}),
    "known_changes": ({"change_id"}, {"date"}, {"people"}, {"weekly_gross"}),
    "funding_rules": ({"rule"}, {"health_percent", "health_hours"}),
}
"""For each dataset that can be proposed: of each of these sets one column must be there."""


@dataclass(frozen=True, eq=False)
class FoundTable:
    """A sheet's table as found: where its header stands, and its columns by name."""

    sheet: Sheet
    header: list[int]
    names: list[str]
    body: pd.DataFrame = field(repr=False)
    lines: list[str] = field(default_factory=list)

    @property
    def places(self) -> list[str]:
        """The texts that may name what the table leaves out, the nearest first."""
        return [self.sheet.name, self.title, Path(self.sheet.file).stem]

    def period(self, name: str) -> str:
        """Give the label of the period that a column is for; empty for none."""
        *above, last = name.split(BETWEEN)
        return period_of(with_year(last, [*above[::-1], *self.places]))

    def period_above(self, name: str) -> str:
        """Give the label of the period that stands above a column's name, which is none itself."""
        above, between, last = name.rpartition(BETWEEN)
        is_name = between and not self.period(name) and not is_left_out(last)
        return period_of(with_year(above, self.places)) if is_name else ""

    @property
    def title(self) -> str:
        """The texts above the header, in one line."""
        above = self.sheet.cells.iloc[: min(self.header) - 1].to_numpy(dtype=str).ravel()
        return BETWEEN.join(filter(None, (cell.strip() for cell in above)))

    def cells(self, name: str) -> pd.Series:
        """Give a column as it stands."""
        return self.body.iloc[:, self.names.index(name)]

    def column(self, name: str) -> list[str]:
        """Give a column's distinct cells that hold anything, in order."""
        cells = self.cells(name).drop_duplicates()
        return list(dict.fromkeys(text for cell in cells if (text := str(cell).strip())))

    def stands_for(self, name: str, dataset: str) -> tuple[str, float]:
        """Find the column of ours that a name stands for, by itself or with the heading above it."""
        if name == NAMELESS:
            return _FIRST.get(dataset, ""), 1.0
        ours, sure = column_for(name, dataset)
        if ours and not _letterless(name, self, dataset):
            return "", 0.0
        bases = ours == "denominator" and is_left_out(name)  # the total of a row, or the base of a share
        if bases and not any(column_for(other, dataset)[0] == "numerator" for other in self.names):
            return "", 0.0
        if sure == 1.0 or min(self.header) < 2:
            return ours, sure
        above = levels_of(self.sheet, [min(self.header) - 1, max(self.header)])[self.names.index(name)]
        with_it = column_for(" ".join(above), dataset)
        if dataset == "kpi" and any(self.period(part) for part in above):
            return ours, sure
        weekly = dataset == "packages" and ours and "week" in above[0].casefold()
        return (ours, 1.0) if weekly else with_it if with_it[1] == 1.0 else (ours, sure)

    def is_sparse(self, name: str) -> bool:
        """Whether a column's cells stand for the blank ones below them, too."""
        body = self.body[[not TOTAL.match(str(cell)) for cell in self.body.iloc[:, 0]]]
        filled = int((body.iloc[:, self.names.index(name)] != "").sum())
        return 0 < filled <= 0.6 * len(body)


def found_table(sheet: Sheet) -> FoundTable | None:
    """Find the header: the row that names the most columns and has a table below it."""
    top = sheet.cells.iloc[: HEADER_WITHIN + 1]
    best, score = 0, 0.0
    for at in range(min(len(top) - 1, HEADER_WITHIN)):
        cells = [str(cell).strip() for cell in top.iloc[at]]
        words = [cell for cell in cells if cell and not is_number(cell)]
        named = [cell for cell in words if is_known(cell) or _is_period(cell)]
        below = max((top.iloc[at + 1 : at + 4] != "").sum(axis=1))
        if len(words) < 2 or below < 2 or len(words) < 0.6 * sum(map(bool, cells)):
            continue
        found = 3 * len(named) + len(words)
        if found > score:
            best, score = at + 1, found
    if not best:
        return None
    header = [best]
    if best > 1:
        names = [str(cell).strip() for cell in sheet.cells.iloc[best - 1]]
        above = [str(cell).strip() for cell in sheet.cells.iloc[best - 2]]
        repeated = any(count > 1 for name, count in Counter(filter(None, names)).items())
        pairs = [(name, upper) for name, upper in zip(names, above, strict=True) if upper]
        told = any(
            with_year(name, [upper]) != name or (is_ahead(upper) and _is_period(name))
            for name, upper in pairs
        )
        gaps = [name for name, upper in zip(names, above, strict=True) if not name and not upper]
        if told or (repeated and len(pairs) > 1 and not (gaps and not any(above))):
            header = [best - 1, best]
    below = [text for cell in sheet.cells.iloc[best] if (text := str(cell).strip())]
    lower = len(below) > len(set(below)) and not any(
        map(is_number, below)
    )  # names again below each of others
    lower = lower and len(below) > sum(bool(str(cell).strip()) for cell in sheet.cells.iloc[best - 1])
    if len(below) > 1 and header == [best] and (lower or all(map(_heads, below))):
        header = [best, best := best + 1]
    levels, names, body = laid_out(sheet, header)
    kept, lines = pages(body, [parts[-1] for parts in levels], _line_above(sheet, min(header)))
    return FoundTable(sheet, header, names, body[kept], list(dict.fromkeys(lines[kept])))


def _letterless(name: str, table: FoundTable, dataset: str) -> str:
    """Find the column of ours that a name stands for by itself; N and D among other letters are areas."""
    letters = [other for other in table.names if len(other) == 1]
    return "" if name in letters and not are_kinds(letters) else column_for(name, dataset)[0]


def _is_period(text: str) -> bool:
    return bool(period_of(with_year(text, ["2000/01"])))


def _heads(text: str) -> bool:
    """Whether a cell below a header belongs to it: a month without its year, or numerator and the like."""
    return bool(row_kind(text)) or with_year(text, ["2000/01"]) != text


def _line_above(sheet: Sheet, header: int) -> str:
    cells = sheet.cells.iloc[: header - 1].to_numpy(dtype=str).ravel()
    return next((cell.strip() for cell in cells[::-1] if cell.strip()), "")


def is_number(text: str) -> bool:
    """Whether a cell is a figure, as people write one.

    >>> is_number("(1,250.50)"), is_number("Q1 2024")
    (True, False)
    """
    return bool(re.fullmatch(r"[-£(]?[\d,]*\.?\d+%?\)?", text))


def wide_columns(table: FoundTable, dataset: str) -> list[str]:
    """Find the columns whose names are values: periods, measures of activity, or teams."""
    if dataset not in ("kpi", "activity", "savings"):
        return []
    names = [name for name in table.names if name and (dataset == "savings" or not is_ahead(name))]
    if dataset == "activity":
        names = [name for name in names if "%" not in name]
    periods = {name: label for name in names if (label := table.period(name))}
    if dataset == "kpi" and not periods:  # months above groups
        periods = {name: label for name in names if (label := table.period_above(name))}
    bare = [name for name in names if with_year(last := name.split(BETWEEN)[-1], ["In 2000"]) != last]
    if not set(bare) <= set(periods):
        periods = {}  # months of which some have no year
    if dataset == "kpi":
        pairs = [name for name in names if kind_of(name, table)]
        if len(pairs) > 1 and are_kinds(
            part for name in names if BETWEEN in name for part in name.split(BETWEEN)
        ):
            return pairs
        figures = [name for name in names if column_for(name, dataset)[0] in ("value", "numerator")]
        if len(figures) == 1 and kinds_column(table, figures):
            return figures
    known = {_letterless(name, table, dataset) for name in names if name not in periods}
    for wanted in ("month", "quarter", "year") if dataset == "kpi" else ("month",):
        some = [name for name, label in periods.items() if _length(label) == wanted]
        if len(some) > 1 or (some and not known & {"value", "count", "planned", "period", "month"}):
            return some
    if dataset == "savings":
        return []
    if dataset == "activity":
        counts = [name for name in names if year_in(name.split(BETWEEN)[-1]) is None]
        measures = [n for n in counts if measure_of(n.split(BETWEEN)[-1]) and column_for(n, dataset)[1] < 1]
        alone = "month" in known and not known & {"measure", "count"}
        if len(measures) > 1 or (measures and (alone or len(table.header) > 1)):
            return measures
    return _groups(table, dataset, known)


def kind_of(name: str, table: FoundTable) -> str:
    """Give what a month's column says it is, numerator or target, below the month or above it."""
    parts = name.split(BETWEEN)
    first, last = parts[0], parts[-1]
    sides = ((first, last), (last, first)) if first != last else ()
    return next(
        (kind for period, kind in sides if row_kind(kind) and period_of(with_year(period, table.places))), ""
    )


def kinds_column(table: FoundTable, wide: Sequence[str]) -> str:
    """Find the column that says of each row whether it is a numerator, a denominator or another figure."""
    for name in table.names:
        if name and name not in wide and column_for(name, "kpi")[0] not in ("unit", "group"):
            cells = table.column(name)
            if len(set(map(row_kind, cells)) - {""}) > 1 and are_kinds(cells):
                return name
    return ""


def are_kinds(texts: Iterable[str]) -> bool:
    """Whether texts say numerator and the like: letters, as N and D, do so beside no other names alone.

    >>> are_kinds(["N", "D", "RAG", "Apr-25"]), are_kinds(["Num", "Den", "West"]), are_kinds(["N", "D", "W"])
    (True, True, False)
    """
    said = [text.strip() for text in texts if text.strip()]
    letters = any(len(text) == 1 and text.isalpha() for text in said)
    return not letters or all(row_kind(text) or is_left_out(text) or _is_period(text) for text in said)


def _length(label: str) -> str:
    return "quarter" if label[0] == "Q" else "year" if "/" in label else "month"


def row_kind(text: str) -> str:
    """Tell whether a text is numerator, denominator, value or target; empty for neither."""
    plain = plain_name(text) or text.strip()
    return next((kind for kind, names in ROWS.items() if plain in names.split(", ")), "")


def _groups(table: FoundTable, dataset: str, known: set[str]) -> list[str]:
    """Find columns of figures that are teams: of one measure or one period, which a title names."""
    title = " ".join(table.places[:2])
    if dataset == "activity" and (
        "month" not in known or known & {"measure", "count"} or not measure_of(title)
    ):
        return []
    if dataset == "kpi" and ("indicator" not in known or known & {"value", "numerator", "period", "group"}):
        return []
    others = [
        name
        for name in table.names
        if name and not _letterless(name, table, dataset) and not is_left_out(name)
    ]
    figures = [name for name in others if table.column(name) and all(map(_is_figure, table.column(name)))]
    return figures if len(figures) > 1 else []


def _is_figure(cell: str) -> bool:
    return is_number(cell) or is_unknown(cell)


def dataset_of(table: FoundTable) -> tuple[str, str]:
    """Tell which dataset a table holds by the columns that it names; if none, why not."""
    best, score = "", 0.0
    nearest: dict[str, set[str]] = {}
    for dataset, needed in NEEDED.items():
        wide = set(wide_columns(table, dataset))
        found: dict[str, float] = {"across": 2.0} if wide else {}
        for name in table.names:
            if name and name not in wide:
                ours, sure = table.stands_for(name, dataset)
                if dataset == "packages" and sure < 1.0 and (other := weekly_from(name)[0]):
                    ours, sure = other, 1.0
                if ours:
                    found[ours] = max(found.get(ours, 0.0), sure)
        if dataset == "kpi" and _is_of_one_indicator(table, found):
            found["indicator"] = 0.5
        lacking = [some for some in needed if not some & set(found)]
        if dataset == "activity" and wide and "measure" not in found and not _names_measures(table):
            lacking.append({"measure"})
        if lacking:
            nearest[dataset] = {min(some) for some in lacking}
            continue
        total = sum(found.values()) - 0.2 * len(needed)
        if dataset == "activity" and "measure" in found and ("count" in found or wide):
            total += sum(bool(measure_of(cell)) for cell in _told(table, "measure")) > 0
        if dataset == "kpi":
            total += bool(wide and kinds_column(table, [*wide]))
            total += bool({"numerator", "denominator", "target", "unit"} & set(found)) + any(
                "%" in cell or FRACTION.fullmatch(cell)
                for cell in table.body.to_numpy(dtype=str).ravel()[:5000]
            )
        if total > score:
            best, score = dataset, total
    close = [
        f"{name} needs {' and '.join(sorted(lacks))}" for name, lacks in nearest.items() if len(lacks) == 1
    ]
    return best, "its columns fit no dataset" + (f" ({'; '.join(close)})" if close else "")


def _names_measures(table: FoundTable) -> bool:
    """Whether a table of activity says in its header, its first column or its title what it counts."""
    texts = [*table.names, *(table.column(table.names[0]) if table.names[0] else []), *table.places[:2]]
    return any(measure_of(text) for text in texts)


def _told(table: FoundTable, ours: str) -> list[str]:
    """Give the distinct cells of the first column that stands for one of activity's."""
    name = next((name for name in table.names if name and column_for(name, "activity")[0] == ours), "")
    return table.column(name) if name else []


def _is_of_one_indicator(table: FoundTable, found: Mapping[str, float]) -> bool:
    """Whether a sheet is about the one indicator that it is called by."""
    named = not NO_NAME.fullmatch(table.sheet.name) and not period_of(table.sheet.name)
    return "indicator" not in found and {"period", "numerator", "denominator"} <= set(found) and named
