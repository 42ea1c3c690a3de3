"""A mapping proposed from the files themselves, by names, types and content, for the analyst to keep."""

from __future__ import annotations

__all__ = ["Proposal", "propose", "written"]

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from s75lib.loaders.mapping.layout import ASK, TOTALS
from s75lib.loaders.mapping.reshape import BETWEEN, header_of, levels_of, reading_of
from s75lib.loaders.mapping.sheets import Sheet, month_in, read_sheets, year_in
from s75lib.loaders.mapping.synonyms import (
    CARE_TYPES,
    MEASURES,
    ROWS,
    column_for,
    is_known,
    is_left_out,
    plain_name,
    yearly_for,
)
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.values import read_numbers

HEADER_WITHIN = 25  # rows of a sheet within which its header stands
_MONEY_IN_THOUSANDS = re.compile(r"£\s?['’]?0{3}|£\s?k\b|£\s?thousand|\bin thousands\b", re.IGNORECASE)
_NO_TEAM = re.compile(r"sheet\s?\d+|data|activity|by team|teams", re.IGNORECASE)
_TOTAL = re.compile(r"^\W*(grand |sub[- ]?|overall |net )?total\b", re.IGNORECASE)
_YEAR = "weekly from annual ÷ 52.142857"
_NEEDED = {
    "packages": ({"person_key", "package_key"}, {"weekly_gross", "net_weekly"}, {"start_date"}),
    "budget": ({"line"}, {"budget"}, {"commitment", "forecast", "actual_to_date"}),
    "staffing": ({"group"}, {"budget", "adjusted_budget"}, {"actual_to_date"}),
    "kpi": ({"indicator"}, {"value", "numerator", "across"}),
    "activity": ({"month", "across"}, {"count", "across"}),
    "workforce": ({"role", "team"}, {"wte_establishment", "wte_in_post"}),
}
"""For each dataset that can be proposed: of each of these sets one column must be there."""


@dataclass
class Proposal:
    """One layout as it is proposed: its settings, and what is said beside a setting in the file."""

    dataset: str
    settings: dict[str, Any]
    remarks: dict[tuple[str, ...], str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Table:
    """A sheet's table as found: where its header stands, and its columns by name."""

    sheet: Sheet
    header: list[int]
    names: list[str]
    levels: list[tuple[str, ...]]
    body: pd.DataFrame = field(repr=False)

    @property
    def title(self) -> str:
        above = self.sheet.cells.iloc[: min(self.header) - 1].to_numpy(dtype=str).ravel()
        return BETWEEN.join(filter(None, (cell.strip() for cell in above)))

    def column(self, name: str) -> list[str]:
        """Give a column's distinct cells that hold anything, in order."""
        cells = self.body.iloc[:, self.names.index(name)].drop_duplicates()
        return list(dict.fromkeys(text for cell in cells if (text := str(cell).strip())))

    def stands_for(self, name: str, dataset: str) -> tuple[str, float]:
        """Find the column of ours that a name stands for, by itself or with the heading above it."""
        ours, sure = column_for(name, dataset)
        if sure == 1.0 or min(self.header) < 2:
            return ours, sure
        above = levels_of(self.sheet, [min(self.header) - 1, max(self.header)])[self.names.index(name)]
        with_it = column_for(" ".join(above), dataset)
        weekly = dataset == "packages" and ours and "week" in above[0].casefold()
        return (ours, 1.0) if weekly else with_it if with_it[1] == 1.0 else (ours, sure)

    def is_sparse(self, name: str) -> bool:
        """Whether a column's cells stand for the blank ones below them, too."""
        filled = int((self.body.iloc[:, self.names.index(name)] != "").sum())
        return 0 < filled <= 0.6 * len(self.body)


def propose(paths: Sequence[Path], folder: Path) -> tuple[list[Proposal], list[str]]:
    r"""Look at files as they are and propose how the contract's datasets stand in them.

    Parameters
    ----------
    paths : sequence of Path
        Files within `folder`.
    folder : Path
        The authority's folder.

    Returns
    -------
    proposals : list of Proposal
        A layout for each kind of sheet that holds a dataset.
    unused : list of str
        Sheets that no dataset was recognised in, each with the reason.

    Raises
    ------
    DataError
        If a file can't be read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "k.csv").write_text("KPI,Month,Numerator,Denominator\nReviews,Apr-25,7,9\n")
    >>> [one.dataset for one in propose([folder / "k.csv"], folder)[0]]
    ['kpi']
    """
    alike: dict[tuple[str, tuple[str, ...], tuple[int, ...]], list[_Table]] = defaultdict(list)
    unused: list[str] = []
    sheets_of: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        name = path.relative_to(folder).as_posix()
        for sheet in read_sheets(path, name):
            sheets_of[name].append(sheet.name)
            if not sheet.visible:
                unused.append(f"{name}, sheet {sheet.name}: it is hidden")
                continue
            table = _table(sheet)
            dataset = "" if table is None else _dataset(table)
            if table is None or not dataset:
                place = f"{name}, sheet {sheet.name}" if sheet.name else name
                unused.append(
                    f"{place}: {'no table was found' if table is None else 'its columns fit no dataset'}"
                )
                continue
            alike[dataset, tuple(table.names), tuple(table.header)].append(table)
    return [_proposed(dataset, tables, sheets_of) for (dataset, *_), tables in alike.items()], unused


def _table(sheet: Sheet) -> _Table | None:
    """Find the header: the row that names the most columns and has a table below it."""
    top = sheet.cells.iloc[: HEADER_WITHIN + 1]
    best, score = 0, 0.0
    for at in range(min(len(top) - 1, HEADER_WITHIN)):
        cells = [str(cell).strip() for cell in top.iloc[at]]
        words = [cell for cell in cells if cell and not _is_number(cell)]
        named = [cell for cell in words if is_known(cell) or month_in(cell)]
        below = sum(bool(str(cell).strip()) for cell in top.iloc[at + 1])
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
        if repeated and sum(map(bool, above)) > 1:
            header = [best - 1, best]
    levels = levels_of(sheet, header)
    body = sheet.cells.iloc[best:]
    return _Table(sheet, header, header_of(levels), levels, body)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-£(]?[\d,]*\.?\d+%?\)?", text))


def _wide(table: _Table, dataset: str) -> list[str]:
    """Find the columns whose names are values: months, or measures of activity."""
    names = [name for name in table.names if name]
    months = [name for name in names if month_in(name.split(BETWEEN)[-1])]
    if dataset == "kpi":
        return months if len(months) > 1 else []
    if dataset == "activity":
        if len(months) > 1:
            return months
        measures = [
            n for n in names if _by_pattern(n.split(BETWEEN)[-1], MEASURES) and column_for(n, dataset)[1] < 1
        ]
        return measures if len(measures) > 1 or (measures and len(table.header) > 1) else []
    return []


def _dataset(table: _Table) -> str:
    """Tell which dataset a table holds by the columns that it names; empty for none."""
    best, score = "", 0.0
    for dataset, needed in _NEEDED.items():
        wide = set(_wide(table, dataset))
        found: dict[str, float] = {"across": 2.0} if wide else {}
        for name in table.names:
            if name and name not in wide:
                ours, sure = table.stands_for(name, dataset)
                if dataset == "packages" and sure < 1.0 and (yearly := yearly_for(name)):
                    ours, sure = yearly, 1.0
                if ours:
                    found[ours] = max(found.get(ours, 0.0), sure)
        if not all(some & set(found) for some in needed):
            continue
        total = sum(found.values()) - 0.2 * len(needed)
        if dataset == "activity" and "measure" in found and "count" in found:
            total += 1
        if total > score:
            best, score = dataset, total
    return best


def _proposed(dataset: str, tables: Sequence[_Table], sheets_of: Mapping[str, Sequence[str]]) -> Proposal:
    """Propose the layout of tables that are alike."""
    table = replace(tables[0], body=pd.concat([one.body for one in tables], ignore_index=True))
    proposal = Proposal(dataset, {"files": [], "header": table.header})
    settings, remarks = proposal.settings, proposal.remarks
    wide = _wide(table, dataset)
    columns: dict[str, str] = {}
    taken: set[str] = set()
    found = {name: table.stands_for(name, dataset) for name in table.names if name and name not in wide}
    if dataset == "packages":
        found |= {name: ("", 0.0) for name, (_, sure) in found.items() if sure < 1.0 and yearly_for(name)}
    if dataset == "kpi":
        _code_and_name(table, found)
    filled = {"kpi": {"value"}, "activity": {"count"}}.get(dataset, set()) if wide else set()
    for name, (ours, sure) in found.items():
        if ours and ours not in taken | filled:
            columns[name] = ours if sure == 1.0 else ASK
            if sure < 1.0:
                remarks["columns", name] = f'perhaps "{ours}"; "" leaves it out'
            taken.add(ours)
        else:
            columns[name] = ""
            if not is_left_out(name):
                why = f"another column is the {ours}" if ours else "no column of the contract has this name"
                remarks["columns", name] = f"left out: {why}"
    if dataset == "packages":
        taken |= _weekly(proposal, table, taken)
    settings["columns"] = columns
    if wide:
        taken |= _across(proposal, table, wide)
    theirs = {ours: name for name, ours in columns.items() if ours not in ("", ASK)}
    _dates(proposal, table, taken, several=len({one.sheet.name for one in tables}) > 1)
    _money(proposal, table, theirs)
    _values(proposal, table, theirs, taken)
    if any(_TOTAL.match(cell) for cell in table.body.iloc[:, 0].astype("str")):
        settings["totals"] = TOTALS
    ages = [name for name in table.names if plain_name(name) == "age"]
    if dataset == "packages" and "age_band" not in taken and ages:
        settings.setdefault("derived", {})["age_band"] = {"by": "age band", "from": ages[0]}
        remarks.pop(("columns", ages[0]), None)
    _placed(proposal, tables, sheets_of)
    return proposal


def _code_and_name(table: _Table, found: dict[str, tuple[str, float]]) -> None:
    """Take the wordiest of several columns for the indicator, and a code beside it for its reference."""
    names = [name for name, (ours, sure) in found.items() if ours == "indicator" and sure == 1.0]
    if len(names) > 1:
        lengths = {name: sum(map(len, cells)) / max(len(cells), 1)
                   for name in names if (cells := table.column(name)) is not None}  # fmt: skip
        for name in names:
            if name != max(names, key=lambda one: lengths[one]):
                found[name] = ("reference", 1.0)


def _weekly(proposal: Proposal, table: _Table, taken: set[str]) -> set[str]:
    """Propose weekly amounts from yearly ones where there are no others, and the net cost from its parts."""
    derived: dict[str, dict[str, str]] = {}
    for name in table.names:
        if (ours := yearly_for(name)) and ours not in taken | set(derived):
            derived[ours] = {"by": _YEAR, "from": name}
            proposal.remarks["derived", ours] = "or “weekly from annual ÷ 52”, as your finance system has it"
            proposal.remarks.pop(("columns", name), None)
    have = taken | set(derived)
    if "weekly_gross" in have and "net_weekly" not in have and have & {"health_weekly", "client_weekly"}:
        derived["net_weekly"] = {"by": "gross − health − client"}
    if derived:
        proposal.settings.setdefault("derived", {}).update(derived)
    return set(derived)


def _across(proposal: Proposal, table: _Table, wide: list[str]) -> set[str]:
    """Propose how columns that are values become rows; gives the columns of ours that this fills."""
    settings, dataset = proposal.settings, proposal.dataset
    last = [name.split(BETWEEN)[-1] for name in wide]
    months = all(month_in(name) for name in last)
    levels = len(table.header)
    if dataset == "activity" and not months:
        settings["across"] = {"into": (["team"] if levels > 1 else []) + ["measure"], "value": "count"}
        distinct = list(dict.fromkeys(last))
        settings.setdefault("values", {})["measure"] = _asked(proposal, "measure", distinct, MEASURES)
        return {"measure", "count", *(["team"] if levels > 1 else [])}
    ours = "period" if dataset == "kpi" else "month"
    across: dict[str, Any] = {"into": [ours], "value": "value" if dataset == "kpi" else "count"}
    settings["across"] = across
    if dataset == "activity":
        return {ours, "count", *_outline(proposal, table, wide)}
    for name in [n for n in table.names if n and n not in wide]:
        cells = {plain_name(cell) or cell for cell in table.column(name)}
        kinds = {kind: one for one in cells for kind, names in ROWS.items() if one in names.split(", ")}
        if len(kinds) > 1:
            distinct = table.column(name)
            across["measure"] = name
            across["rows"] = {
                cell: next(
                    (k for k, names in ROWS.items() if (plain_name(cell) or cell) in names.split(", ")), ""
                )
                for cell in distinct
            }
            settings["columns"].pop(name, None)
            proposal.remarks.pop(("columns", name), None)
            blanks = [c for c in settings["columns"] if table.is_sparse(c)]
            settings["fill_down"] = [
                c for c in blanks if settings["columns"][c] in ("indicator", "reference", "group")
            ]
            return {ours, *filter(None, across["rows"].values())}
    return {ours, across["value"]}


def _outline(proposal: Proposal, table: _Table, wide: list[str]) -> set[str]:
    """Propose what a pivot table's labels are: measures, perhaps below headings of groups or teams."""
    settings = proposal.settings
    name = next((n for n in table.names if n and n not in wide), "")
    if not name:
        return set()
    labels = table.body.iloc[:, table.names.index(name)].astype("str")
    depth = labels.str.len() - labels.str.lstrip().str.len()
    figures = (table.body.iloc[:, [table.names.index(n) for n in wide]] != "").any(axis=1)
    top = (depth == depth.min()) if depth.min() < depth.max() else ~figures
    top &= labels.str.strip() != ""
    if not top.any() or top.all():
        return set()
    upper, lower = (
        [cell.strip() for cell in labels[rows].drop_duplicates() if cell.strip() and not _TOTAL.match(cell)]
        for rows in (top, ~top)
    )
    first = sum(bool(_by_pattern(cell, MEASURES)) for cell in upper) / max(len(upper), 1)
    second = sum(bool(_by_pattern(cell, MEASURES)) for cell in lower) / max(len(lower), 1)
    other = "service_group" if table.sheet.name and not month_in(table.sheet.name) else "team"
    settings["outline"] = {
        "column": name,
        "into": ["measure", other] if first > second else [other, "measure"],
    }
    settings["columns"].pop(name, None)
    proposal.remarks.pop(("columns", name), None)
    distinct = upper if first > second else lower
    settings.setdefault("values", {})["measure"] = _asked(
        proposal, "measure", list(dict.fromkeys(distinct)), MEASURES
    )
    return {"measure", other}


def _dates(proposal: Proposal, table: _Table, taken: set[str], *, several: bool) -> None:
    """Seek the day of the figures outside the table, where no column has it."""
    places = {"sheet": table.sheet.name, "title": table.title, "file": Path(table.sheet.file).stem}
    found: dict[str, Any] = {}
    wanted: dict[str, dict[str, tuple[str, ...]]] = {
        "packages": {"snapshot_date": ("month end", "end of financial period")},
        "budget": {"as_at": ("end of financial period", "month end"), "financial_year": ("financial year",)},
        "staffing": {"as_at": ("end of financial period", "month end")},
        "workforce": {"as_at": ("end of financial period", "month end")},
        "activity": {"month": ("month",)},
        "kpi": {"period": ("month", "financial year")},
    }
    for ours, readings in wanted.get(proposal.dataset, {}).items():
        if ours in taken:
            continue
        for reading in readings:
            where = next((w for w, text in places.items() if _says(reading, text, places)), "")
            if where:
                found[ours] = {"in": where, "as": reading}
                break
        else:
            proposal.settings.setdefault("fixed", {})[ours] = ASK
            proposal.remarks["fixed", ours] = (
                f"no {ours} was found in the sheet’s name, its title or the file’s name"
            )
    if (
        proposal.dataset == "budget"
        and "as_at" in found
        and "snapshot_label" not in taken
        and found["as_at"]["in"] == "sheet"
    ):
        found["snapshot_label"] = {"in": "sheet", "as": "text"}
    a_team = table.sheet.name and not month_in(table.sheet.name) and not _NO_TEAM.fullmatch(table.sheet.name)
    by_team = proposal.dataset == "activity" or (proposal.dataset in ("packages", "workforce") and several)
    if by_team and "team" not in taken and a_team:
        found["team"] = {"in": "sheet", "as": "text"}
    if found:
        proposal.settings["found"] = found


def _says(reading: str, text: str, places: Mapping[str, str]) -> bool:
    """Whether a place holds what is sought: the day itself, though another may name its year."""
    if reading == "financial year":
        return year_in(text) is not None or (
            month_in(text) is not None and not any(map(year_in, places.values()))
        )
    return bool(text) and reading_of(reading, [text, *places.values()]) is not None


def _money(proposal: Proposal, table: _Table, theirs: Mapping[str, str]) -> None:
    """Propose units and signs from titles, headers and the figures."""
    schema, settings = DATASETS[proposal.dataset], proposal.settings
    kinds = {column.name: column for column in schema.columns}
    whole = bool(_MONEY_IN_THOUSANDS.search(f"{table.title} {table.sheet.name} {table.sheet.file}"))
    times: dict[str, float] = {}
    minus, open_end, month_first = [], [], []
    for ours, name in theirs.items():
        cells = table.column(name)
        if kinds[ours].kind == "money" and (whole or _MONEY_IN_THOUSANDS.search(name)):
            times[ours] = 1000
        if ours in ("health_weekly", "client_weekly"):
            every = table.body.iloc[:, table.names.index(name)].astype("str").str.strip()
            values = read_numbers(every.tolist())[0][:-1]
            if (values < 0).sum() > (values > 0).sum():
                minus.append(ours)
        if ours == "end_date" and any(re.fullmatch(r"[A-Za-z/ -]+", cell) for cell in cells):
            open_end.append(ours)
        if kinds[ours].kind == "date" and _is_month_first(cells):
            month_first.append(ours)
    if times:
        settings["times"] = times
        if proposal.dataset == "budget":
            settings.setdefault("fixed", {})["rounded_to"] = _rounding(table, theirs, times)
    if proposal.dataset == "kpi" and _are_shares(table, settings, theirs):
        settings["times"] = times | {"value": 100}
        proposal.remarks["times", "value"] = "the figures are shares from 0 to 1"
    for key, names in (("minus", minus), ("open_end", open_end), ("month_first", month_first)):
        if names:
            settings[key] = names


def _rounding(table: _Table, theirs: Mapping[str, str], times: Mapping[str, float]) -> str:
    """Tell to how many £ the amounts are rounded, by the decimals that they have."""
    places = [
        len(cell.partition(".")[2].rstrip("0"))
        for ours in times
        for cell in table.column(theirs[ours])
        if _is_number(cell)
    ]
    return f"{1000 / 10 ** max(places, default=0):g}"


def _is_month_first(cells: Iterable[str]) -> bool:
    """Whether a column's dates can only be read month first: some have no thirteenth month otherwise."""
    pairs = [
        (int(m[1]), int(m[2])) for cell in cells if (m := re.fullmatch(r"(\d{1,2})/(\d{1,2})/\d{2,4}", cell))
    ]
    return any(second > 12 for _, second in pairs) and all(first <= 12 for first, _ in pairs)


def _are_shares(table: _Table, settings: Mapping[str, Any], theirs: Mapping[str, str]) -> bool:
    """Whether figures are shares from 0 to 1, as a spreadsheet stores 45%."""
    across, body = settings.get("across", {}), table.body
    names = [name for name in table.names if name and month_in(name)] if across else [theirs.get("value", "")]
    if across.get("rows"):
        wanted = {cell for cell, ours in across["rows"].items() if ours == "value"}
        body = body[body.iloc[:, table.names.index(across["measure"])].isin(wanted)]
    cells = body.iloc[:, [table.names.index(name) for name in names if name]].to_numpy().ravel()
    values = read_numbers([str(cell) for cell in cells])[0][:-1]
    values = values[~np.isnan(values)]
    return len(values) > 1 and float(np.quantile(values, 0.9)) <= 1.0 and bool((values % 1 > 0).any())


def _values(proposal: Proposal, table: _Table, theirs: Mapping[str, str], taken: set[str]) -> None:
    """Propose what their care types, measures, lines and indicators are in the contract's words."""
    settings = proposal.settings
    if "care_type" in theirs:
        distinct = _distinct(table, theirs["care_type"])
        settings.setdefault("values", {})["care_type"] = _asked(proposal, "care_type", distinct, CARE_TYPES)
    if proposal.dataset == "activity" and "measure" in theirs:
        distinct = _distinct(table, theirs["measure"])
        settings.setdefault("values", {})["measure"] = _asked(proposal, "measure", distinct, MEASURES)
    if proposal.dataset == "budget" and "line" in theirs:
        if "kind" not in taken:
            settings.setdefault("derived", {})["kind"] = {
                "by": "income or expenditure",
                "from": theirs["line"],
            }
        if "service_group" not in taken:
            lines = _distinct(table, theirs["line"])
            split = {line: parts for line in lines if (parts := _line_and_group(line))}
            if split:
                settings.setdefault("values", {})["line"] = split
            settings.setdefault("fixed", {}).setdefault("service_group", "")
    if proposal.dataset == "kpi":
        derived = settings.setdefault("derived", {})
        if "indicator" in theirs:
            derived["indicator"] = {"by": "lower case with underscores", "from": theirs["indicator"]}
        fixed = settings.setdefault("fixed", {})
        if "group" not in taken:
            fixed["group"] = ""
        if "unit" not in taken:
            rows = settings.get("across", {}).get("rows", {})
            percent = "denominator" in {*rows.values(), *taken} or any("%" in row for row in rows)
            percent = percent or "value" in settings.get("times", {})
            fixed["unit"] = "percent" if percent else ASK
            if not percent:
                proposal.remarks["fixed", "unit"] = "percent, count, per_month or per_100k"


def _distinct(table: _Table, name: str) -> list[str]:
    return [cell for cell in table.column(name) if not _TOTAL.match(cell)]


def _by_pattern(text: str, patterns: Mapping[str, str]) -> str:
    return next((ours for ours, pattern in patterns.items() if re.search(pattern, text, re.IGNORECASE)), "")


def _asked(
    proposal: Proposal, column: str, distinct: Sequence[str], patterns: Mapping[str, str]
) -> dict[str, str]:
    """Translate values that are recognised, and ask of the others."""
    made = {}
    for theirs in distinct:
        plain = theirs.strip().casefold().replace(" ", "_")
        ours = next((name for name in patterns if name.casefold() in (plain, theirs.strip().casefold())), "")
        made[theirs] = ours or _by_pattern(theirs, patterns) or ASK
        if made[theirs] == ASK:
            known = [*patterns, "Other"] if column == "care_type" else list(patterns)
            proposal.remarks["values", column, theirs] = f"one of: {', '.join(known)}"
    return made


def _line_and_group(line: str) -> dict[str, str]:
    """Part a budget line from the service group that its name ends with."""
    parts = re.split(r"\s+[–—-]\s+", line.strip())
    if len(parts) == 2 and re.fullmatch(r"[A-Z]{2,5}|adults?|older people", parts[1], re.IGNORECASE):
        return {"line": parts[0], "service_group": parts[1]}
    return {}


def _placed(proposal: Proposal, tables: Sequence[_Table], sheets_of: Mapping[str, Sequence[str]]) -> None:
    """Name files and sheets so that next month's are found too."""
    files = list(dict.fromkeys(table.sheet.file for table in tables))
    proposal.settings["files"] = list(dict.fromkeys(map(_pattern, files)))
    named = list(dict.fromkeys(table.sheet.name for table in tables if table.sheet.name))
    if not named:
        return
    all_sheets = {sheet for name in files for sheet in sheets_of[name]}
    rest = sorted(all_sheets - set(named))
    if not rest and (len(named) > 1 or len(all_sheets) == 1):
        proposal.settings["sheets"] = ["*"]
    elif len(named) > 1 and (start := _common_start(named)) and not any(r.startswith(start) for r in rest):
        proposal.settings["sheets"] = [f"{start}*"]
    elif len(named) > 3:
        proposal.settings |= {"sheets": ["*"], "not_sheets": rest}
    else:
        proposal.settings["sheets"] = named
    if all(re.fullmatch(r"[Pp]\d{1,2}", name) for name in named):
        proposal.settings["sheets"] = ["P*"]
        proposal.settings.pop("not_sheets", None)


def _pattern(name: str) -> str:
    """Write a file's name with a star for the month, period or year that will change."""
    folder, _, last = name.rpartition("/")
    stem, dot, ending = last.rpartition(".")
    months = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ _-]?(20)?\d{2}"
    stem = re.sub(months, "*", stem, flags=re.IGNORECASE)
    stem = re.sub(r"(?<![0-9A-Za-z])(20\d{2})([-_/ ]?\d{2})?([-_]?\d{2})?(?!\d)", "*", stem)
    stem = re.sub(r"(?<![A-Za-z])([PM])\d{1,2}(?!\d)", "*", stem)
    return (f"{folder}/" if folder else "") + re.sub(r"\*+", "*", stem) + dot + ending


def _common_start(names: Sequence[str]) -> str:
    first, *_, last = sorted(names)
    length = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[:length]


def written(proposals: Sequence[Proposal], *, pseudonymise: bool = False) -> str:
    r"""Write proposals as a mapping.toml, with what is to be decided beside each line.

    Parameters
    ----------
    proposals : sequence of Proposal
        As `propose` gives them.
    pseudonymise : bool
        Whether person keys go through the pseudonymiser on the way in.

    Returns
    -------
    str
        TOML.

    Examples
    --------
    >>> layout = Proposal("kpi", {"files": ["k.csv"], "columns": {"PI": "?"}}, {("columns", "PI"): "which?"})
    >>> print(written([layout]).split("\n\n", 1)[1])
    [[kpi]]
    files = ["k.csv"]
    <BLANKLINE>
    [kpi.columns]
    PI = "?" # which?
    <BLANKLINE>
    """
    import tomlkit

    document = tomlkit.document()
    for line in (
        "How this authority’s own files give the datasets of the contract; written by s75 map, kept by you.",
        'A column of theirs = a column of ours; "" leaves it out, "?" waits for your decision.',
    ):
        document.add(tomlkit.comment(line))
    if pseudonymise:
        document["pseudonymise"] = True
    arrays: dict[str, Any] = {}
    for proposal in proposals:
        table = tomlkit.table()
        for key, value in proposal.settings.items():
            if not isinstance(value, dict):
                table[key] = value
        for key, value in proposal.settings.items():
            if isinstance(value, dict):
                table[key] = _toml(value, proposal.remarks, (key,))
        arrays.setdefault(proposal.dataset, tomlkit.aot()).append(table)
    for dataset, array in arrays.items():
        document[dataset] = array
    return tomlkit.dumps(document)


def _toml(held: Mapping[str, Any], remarks: Mapping[tuple[str, ...], str], path: tuple[str, ...]) -> Any:
    """Write a table, its remarks behind the lines; small tables of settings stay on one line."""
    import tomlkit

    made = tomlkit.table()
    for key, value in held.items():
        if isinstance(value, dict) and path[0] == "values" and len(path) == 1:
            made[key] = _toml(value, remarks, (*path, key))
            continue
        if isinstance(value, dict):
            inline = tomlkit.inline_table()
            inline.update(value)
            value = inline
        item = tomlkit.item(value)
        if remark := remarks.get((*path, key)):
            item.comment(remark)
        made[key] = item
    return made
