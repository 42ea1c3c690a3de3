"""A mapping proposed from the files themselves, by names, types and content, for the analyst to keep."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os.path import commonprefix
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from s75lib.errors import DataError
from s75lib.loaders.mapping.layout import ASK, TOTALS, YEAR_TO_DATE, Proposal
from s75lib.loaders.mapping.reshape import NAMING, headed_by_sums
from s75lib.loaders.mapping.sheets import (
    BETWEEN,
    is_ahead,
    month_in,
    period_of,
    read_sheets,
    reading_of,
    with_year,
    year_in,
)
from s75lib.loaders.mapping.synonyms import (
    CARE_TYPES,
    KINDS,
    MEASURES,
    UNITS,
    by_pattern,
    is_left_out,
    is_of_vacancies,
    measure_of,
    plain_name,
    weekly_from,
)
from s75lib.loaders.mapping.tables import (
    NO_NAME,
    TOTAL,
    FoundTable,
    dataset_of,
    found_table,
    is_number,
    kind_of,
    kinds_column,
    row_kind,
    wide_columns,
)
from s75lib.loaders.schemas import DATASETS
from s75lib.loaders.values import FRACTION, is_scale, is_unknown, read_day, read_numbers, scale_of

_CARRIED = ("indicator", "reference", "group", "service_group", "team", "organisation", "care_type")
_HEADED = {
    "packages": ("person_key", "care_type", "team"),
    "budget": ("line", "service_group"),
    "staffing": ("group", "organisation"),
    "workforce": ("role", "team"),
    "activity": ("month", "team"),
}
"""The column in which headings stand among the rows below them, and what they may be."""
_MONTHS_OF_A_YEAR = ("month", "period", "quarter", "reporting month", "accounting period")
_OF_FIGURES = re.compile(r"\W*(all )?(the )?(figures|amounts|values)\b", re.IGNORECASE)
"""How a note below a table begins that says in what its figures are."""
_SIDES = {"side": r"^\W*(total |gross )?(expenditure|income|spend|funding)\W*$"}
_BY_TITLE = "by the title or the sheet’s name"
_ENDS = ("end of financial period", "month end")
_OUTSIDE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "packages": {"snapshot_date": _ENDS[::-1]},
    "budget": {"as_at": (*_ENDS, "quarter"), "financial_year": ("financial year",)},
    "staffing": {"as_at": (*_ENDS, "quarter")},
    "workforce": {"as_at": (*_ENDS, "quarter")},
    "risks": {"date": _ENDS[::-1]},
    "contributions": {"financial_year": ("financial year",), "as_at": ("end of financial period", "day")},
    "uplifts": {"financial_year": ("financial year",), "source": ("text",)},
    "known_changes": {"source": ("text",)},
    "funding_rules": {"source": ("text",)},
    "activity": {"month": ("month", "end of financial period")},
    "kpi": {"period": ("month", "end of financial period", "quarter", "financial year")},
}
"""What is sought outside the table where no column has it, and as what it may be read."""
_FIGURE = {"kpi": "value", "activity": "count", "savings": "planned"}
"""What the cells of columns that are values hold."""
_PERCENT = "percent where the value has the sign, else count"
_AGREED = ("contributions", "uplifts", "known_changes", "funding_rules")
"""Datasets of which files leave out what is the same in every row, of a vocabulary."""
_ASKED_FOR = {"end_date", "weekly_gross", "count", "value", "wte_in_post", "wte_establishment"}
"""Required columns that may have blanks, but whose absence would change what the others say."""


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
        Files that can't be read and sheets that no dataset was recognised in, each with the reason.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "k.csv").write_text("KPI,Month,Numerator,Denominator\nReviews,Apr-25,7,9\n")
    >>> [one.dataset for one in propose([folder / "k.csv"], folder)[0]]
    ['kpi']
    """
    alike: dict[tuple[str, tuple[str, ...], tuple[int, ...]], list[FoundTable]] = defaultdict(list)
    unused: list[str] = []
    sheets_of: dict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        name = path.relative_to(folder).as_posix()
        try:
            sheets = list(read_sheets(path, name))
        except DataError as error:
            unused += [f"{name}: {fault.found}. {fault.remedy}" for fault in error.faults]
            continue
        for sheet in sheets:
            sheets_of[name].append(sheet.name)
            if not sheet.visible:
                unused.append(f"{name}, sheet {sheet.name}: it is hidden")
                continue
            table = found_table(sheet)
            dataset, why = ("", "no table was found") if table is None else dataset_of(table)
            if table is None or not dataset:
                place = f"{name}, sheet {sheet.name}" if sheet.name else name
                unused.append(f"{place}: {why}")
                continue
            alike[dataset, tuple(table.names), tuple(table.header)].append(table)
    return [_proposed(dataset, tables, sheets_of) for (dataset, *_), tables in alike.items()], unused


def _proposed(dataset: str, tables: Sequence[FoundTable], sheets_of: Mapping[str, Sequence[str]]) -> Proposal:
    table = replace(tables[0], body=pd.concat([one.body for one in tables], ignore_index=True))
    columns: dict[str, str] = {}
    proposal = Proposal(dataset, {"files": [], "header": table.header})
    settings, remarks, taken = proposal.settings, proposal.remarks, proposal.taken
    wide = wide_columns(table, dataset)
    names = [name for name in table.names if name and name not in wide and not (wide and is_ahead(name))]
    found = {name: table.stands_for(name, dataset) for name in names}
    if dataset == "packages":
        found |= {name: ("", 0.0) for name, (_, sure) in found.items() if sure < 1.0 and weekly_from(name)[0]}
    if dataset == "kpi":
        _code_and_name(table, found)
    elif dataset == "budget":
        _group_and_line(found)
        if any({"actual", "commitments"} <= set(plain_name(name).split()) for name in names):
            found |= {name: (ours, 0.5) for name, (ours, _) in found.items() if ours == "commitment"}
    filled = {_FIGURE[dataset]} if wide else set()
    best: dict[str, str] = {}
    for name, (ours, sure) in found.items():  # the first of those that are as sure and as current
        rank = (sure, *_is_current(name, table))
        if ours not in best or rank > (found[best[ours]][1], *_is_current(best[ours], table)):
            best[ours] = name
    for name, (ours, sure) in found.items():
        if ours and ours not in taken | filled and best[ours] == name:
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
        _weekly(proposal, table)
    settings["columns"] = columns
    if wide:
        taken |= _across(proposal, table, wide)
    if dataset == "kpi":
        _fractions(proposal, table, wide)
    if dataset == "workforce" and "wte_in_post" not in taken:
        _vacancies(proposal)
    _headings(proposal, table)
    _fill_down(proposal, table)
    _year(proposal, table)
    theirs = {ours: name for name, ours in columns.items() if ours not in ("", ASK)}
    if outlined := settings.get("outline", {}):
        theirs.setdefault(outlined["into"][-1], outlined["column"])
    _dates(proposal, table, sheets=[one.sheet.name for one in tables])
    _money(proposal, table, theirs)
    _values(proposal, table, theirs)
    if dataset == "kpi":  # "Total referrals" is an indicator
        settings["totals"] = ["total", "totals", "grand total", *YEAR_TO_DATE]
    elif any(TOTAL.match(cell) for cell in table.body.iloc[:, 0].astype("str")):
        settings["totals"] = TOTALS
    for column in DATASETS[dataset].columns:
        given = {*taken, *settings.get("fixed", {}), *settings.get("found", {}), *settings.get("derived", {})}
        counted = column.name == "value" and {"numerator", "denominator"} <= given
        unasked = column.required and column.blank and (counted or column.name not in _ASKED_FOR)
        if unasked and column.name not in given:
            why = "not found in these files: not known, until a column gives it"
            proposal.put("fixed", column.name, "", why)
        elif column.name == "basis" and taken & {"health_percent"} and "health_hours" not in taken:
            proposal.put("fixed", "basis", "percent")
        elif dataset in _AGREED and column.choices and column.required and column.name not in given:
            proposal.put("fixed", column.name, ASK, f"one of: {', '.join(column.choices)}")
    if dataset == "savings" and "saving_id" not in taken:
        proposal.derive("saving_id", "lower case with underscores", theirs["saving"])
    ages = [name for name in table.names if plain_name(name) == "age"]
    if dataset == "packages" and "age_band" not in taken and ages:
        proposal.derive("age_band", "age band", ages[0])
    used = {one.get("from") for one in settings.get("derived", {}).values()} | {settings.get("year")}
    settings["columns"] = {name: ours for name, ours in columns.items() if ours or name not in used}
    _placed(proposal, tables, sheets_of)
    return proposal


def _is_current(name: str, table: FoundTable) -> tuple[bool, bool]:
    """Whether a column is of no other year than its sheet is, and as it was last revised."""
    year, own = year_in(name), next(filter(None, map(year_in, table.places)), None)
    revised = bool(re.search(r"\b(revised|current|latest|working)\b", plain_name(name)))
    return year is None or own is None or year == own, revised


def _code_and_name(table: FoundTable, found: dict[str, tuple[str, float]]) -> None:
    """Take the wordiest of several columns for the indicator, and a code beside it for its reference."""
    names = [name for name, (ours, sure) in found.items() if ours == "indicator" and sure == 1.0]
    lengths = {
        name: sum(map(len, cells)) / max(len(cells), 1) for name in names for cells in [table.column(name)]
    }
    for name in names:
        if name != max(lengths, key=lengths.__getitem__):
            found[name] = ("reference", 1.0)


def _group_and_line(found: dict[str, tuple[str, float]]) -> None:
    """Take the last of several columns that could be the line, and the first for the service group."""
    names = [name for name, one in found.items() if one == ("line", 1.0)]
    if len(names) > 1 and "service_group" not in {ours for ours, _ in found.values()}:
        found |= dict.fromkeys(names[1:-1], ("", 0.0)) | {names[0]: ("service_group", 1.0)}


def _weekly(proposal: Proposal, table: FoundTable) -> None:
    """Propose weekly amounts from those of another span where there are no others, and the net cost."""
    taken = proposal.taken
    for name in table.names:
        ours, operation = weekly_from(name)
        if ours and ours not in taken:
            often = "annual" in operation
            remark = "or “weekly from annual ÷ 52”, as your finance system has it" if often else ""
            proposal.derive(ours, operation, name, remark)
    if "weekly_gross" in taken and "net_weekly" not in taken and taken & {"health_weekly", "client_weekly"}:
        proposal.derive("net_weekly", "gross − health − client")


def _vacancies(proposal: Proposal) -> None:
    """Propose staff in post from posts and vacancies, where no column has them."""
    names = [name for name in proposal.settings["columns"] if is_of_vacancies(name)]
    if len(names) == 1 and "wte_establishment" in proposal.taken:
        proposal.derive("wte_in_post", "establishment − vacancies", names[0])
        proposal.settings["columns"][names[0]] = ""


def _fractions(proposal: Proposal, table: FoundTable, wide: list[str]) -> None:
    """Propose numerator and denominator from figures that are written as 45/100."""
    settings = proposal.settings
    theirs = [name for name, ours in settings["columns"].items() if ours == "value"]
    cells = [cell for name in wide or theirs for cell in table.column(name) if not is_unknown(cell)]
    if "numerator" in proposal.taken or not cells or not all(map(FRACTION.fullmatch, cells)):
        return
    if wide:
        settings["across"]["value"] = "numerator"
    else:
        settings["columns"][theirs[0]] = ""
    for ours, operation in (("numerator", "top"), ("denominator", "base")):
        proposal.derive(ours, f"{operation} of the fraction", "numerator" if wide else theirs[0])
    proposal.taken.discard("value")


def _fill_down(proposal: Proposal, table: FoundTable) -> None:
    """Propose that a name stands for the rows below it that leave it blank, where most do."""
    settings = proposal.settings
    names = [name for name, ours in settings["columns"].items() if ours in _CARRIED and table.is_sparse(name)]
    body = table.body[[not TOTAL.search(str(cell)) for cell in table.body.iloc[:, 0]]]
    kinds = {column.name: column.kind for column in DATASETS[proposal.dataset].columns}
    naming = {name for name, ours in settings["columns"].items() if kinds.get(ours) in NAMING}
    for name in names:
        blank = body.iloc[:, table.names.index(name)] == ""
        others = [table.names.index(other) for other in naming - {name}]
        beside = (body[blank].iloc[:, others] != "").any(axis=1)
        if settings.get("across", {}).get("measure") or beside.mean() > 0.5:
            settings.setdefault("fill_down", []).append(name)


def _year(proposal: Proposal, table: FoundTable) -> None:
    """Propose the column that names the year of months and financial periods which leave it out."""
    columns = proposal.settings["columns"]
    year = next((n for n in columns if plain_name(n) in ("year", "financial year", "fin year", "fy")), "")
    month = next((n for n in columns if plain_name(n) in _MONTHS_OF_A_YEAR), "")
    cells = [
        f"P{cell}" if "period" in plain_name(month) and cell.isdigit() else cell
        for cell in (table.column(month) if month else [])
    ]
    numbers = "month" in plain_name(month) and all(cell.isdigit() and len(cell) < 3 for cell in cells)
    calendar = numbers and all(re.fullmatch(r"20\d\d", cell) for cell in table.column(year) if year)
    if year and cells and (calendar or all(with_year(cell, ["2000/01"]) != cell for cell in cells)):
        proposal.settings["year"] = year
        if proposal.dataset in ("kpi", "activity"):
            columns |= {year: "", month: "month" if proposal.dataset == "activity" else "period"}
            for name in (year, month):
                proposal.remarks.pop(("columns", name), None)


def _headings(proposal: Proposal, table: FoundTable) -> None:
    """Propose that lines of one cell are care types, groups or employers of the rows below them."""
    settings, (own, *others) = proposal.settings, _HEADED.get(proposal.dataset, ("", ""))
    name = next((name for name, ours in settings["columns"].items() if ours == own), "")
    ours = next((one for one in others if one not in proposal.taken), "")
    if not (name and ours):
        return
    labels = table.cells(name).astype("str")
    named = ~labels.map(lambda label: bool(TOTAL.match(label))).astype("bool")
    labels = labels[named]
    alone = (table.body[named] != "").sum(axis=1).eq(1) & (labels != "")
    lines = labels[alone].str.strip().tolist()
    followed = alone.iloc[:1].all() and not (alone & alone.shift(-1, fill_value=True)).any()
    if len(lines) < 2 or not followed or all(by_pattern(line, _SIDES) for line in lines):
        return
    settings["outline"] = {"column": name, "into": [ours, own]}
    settings["columns"].pop(name)
    if ours == "care_type":
        proposal.translate(ours, lines, CARE_TYPES)
    proposal.taken.add(ours)


def _across(proposal: Proposal, table: FoundTable, wide: list[str]) -> set[str]:
    """Propose how columns that are values become rows; gives the columns of ours that this fills."""
    settings, dataset = proposal.settings, proposal.dataset
    last = [name.split(BETWEEN)[-1] for name in wide]
    below = dataset == "kpi" and all(map(table.period_above, wide))
    periods = below or all(map(table.period, wide))
    ours, value = "period" if dataset == "kpi" else "month", _FIGURE[dataset]
    if dataset == "activity" and not periods and all(measure_of(name) for name in last):
        into = [*(["team"] if len(table.header) > 1 else []), "measure"]
        settings["across"] = {"into": into, "value": "count"}
        proposal.translate("measure", last, MEASURES)
        return {"count", *into}
    if dataset == "kpi" and not periods and len(wide) == 1 and (name := kinds_column(table, wide)):
        settings["across"] = {"into": [], "measure": name, "rows": _kinds_said(proposal, table, name)}
        return {*filter(None, settings["across"]["rows"].values())}
    if dataset == "kpi" and all(said := [kind_of(name, table) for name in wide]):
        settings["across"] = {"into": [ours], "rows": {kind: row_kind(kind) for kind in said}}
        return {ours, *settings["across"]["rows"].values()}
    title = measure_of(" ".join(table.places[:2])) if dataset == "activity" else ""
    if not periods:
        whole = [name for name in wide if TOTAL.match(name) or _adds_up(table, name, wide)]
        settings["columns"] |= dict.fromkeys(whole if dataset == "activity" else [], "")
        settings["across"] = {"into": ["group" if dataset == "kpi" else "team"], "value": value}
        if dataset == "activity":
            proposal.put("fixed", "measure", title, _BY_TITLE)
        return {value, "measure", *settings["across"]["into"]}
    across: dict[str, Any] = {"into": [ours], "value": value}
    settings["across"] = across
    if dataset == "activity":
        outlined = _outline(proposal, table, wide)
        if title and "measure" not in {*outlined, *settings["columns"].values()}:
            proposal.put("fixed", "measure", title, _BY_TITLE)
        return {ours, "count", *outlined}
    if dataset == "savings":
        return {ours, value}
    if name := kinds_column(table, wide):
        across["measure"], across["rows"] = name, _kinds_said(proposal, table, name)
        return {ours, *filter(None, across["rows"].values())}
    if below or _groups_above(table, wide):
        across["into"] = [ours, "group"] if below else ["group", ours]
        return {ours, value, "group"}
    return {ours, value}


def _kinds_said(proposal: Proposal, table: FoundTable, name: str) -> dict[str, str]:
    """Say of each cell of a column whether its row is a numerator or what else; the column is used up."""
    proposal.drop(name)
    return {cell: row_kind(cell) for cell in table.column(name)}


def _groups_above(table: FoundTable, wide: Sequence[str]) -> bool:
    above = {name.split(BETWEEN)[0] for name in wide if BETWEEN in name}
    if len(above) < 2 or len(table.header) < 2:
        return False
    return not any(period_of(with_year(one, ["2000/01"])) or year_in(one) for one in above)


def _adds_up(table: FoundTable, name: str, wide: Sequence[str]) -> bool:
    figures = {one: read_numbers(table.cells(one).tolist())[0][:-1] for one in wide}
    others = np.nansum([values for one, values in figures.items() if one != name], axis=0)
    return len(others) > 1 and bool((np.abs(others - figures[name]) < 0.5).all())


def _outline(proposal: Proposal, table: FoundTable, wide: list[str]) -> set[str]:
    """Propose what a pivot table's labels are: measures, perhaps below headings of groups or teams."""
    name = next((n for n in table.names if n and n not in wide), "")
    if not name:
        return set()
    labels = table.cells(name).astype("str")
    depth = labels.str.len() - labels.str.lstrip().str.len()
    figures = (table.body.iloc[:, [table.names.index(n) for n in wide]] != "").any(axis=1)
    top = (depth == depth.min()) if depth.min() < depth.max() else ~figures
    if not top.any():
        rows = [bool(cell.strip()) and not TOTAL.match(cell) for cell in labels]
        top[rows] = headed_by_sums(table.body.loc[rows].iloc[:, [table.names.index(n) for n in wide]])
    top &= labels.str.strip() != ""
    if not top.any() or top.all():
        return set()
    parts = [
        [cell.strip() for cell in labels[rows].drop_duplicates() if cell.strip() and not TOTAL.match(cell)]
        for rows in (top, ~top)
    ]
    upper, lower = (sum(bool(measure_of(cell)) for cell in part) / max(len(part), 1) for part in parts)
    named = table.sheet.name and not month_in(table.sheet.name) and not NO_NAME.fullmatch(table.sheet.name)
    other = "service_group" if named else "team"
    into = ["measure", other] if upper > lower else [other, "measure"]
    proposal.settings["outline"] = {"column": name, "into": into}
    proposal.drop(name)
    proposal.translate("measure", parts[into.index("measure")], MEASURES)
    return {"measure", other}


def _dates(proposal: Proposal, table: FoundTable, *, sheets: Sequence[str]) -> None:
    """Seek the day of the figures outside the table, where no column has it."""
    places = {"sheet": table.sheet.name, "title": table.title, "file": Path(table.sheet.file).stem}
    settings, taken = proposal.settings, proposal.taken
    found: dict[str, Any] = {}
    label = next((name for name, ours in settings["columns"].items() if ours == "snapshot_label"), "")
    cells = table.column(label) if label else []
    if (
        label
        and "as_at" not in taken
        and all(
            _is_day_or_period(f"P{cell}" if "year" in settings and cell.isdigit() else cell) for cell in cells
        )
    ):
        settings["columns"][label] = "as_at"
        taken.add("as_at")
        if "financial_year" not in taken and all(map(period_of, cells)):
            proposal.derive("financial_year", "financial year of the date", label)
    for ours, readings in _OUTSIDE.get(proposal.dataset, {}).items():
        if ours not in taken and not (proposal.dataset == "contributions" and _is_undated(ours, taken)):
            pairs = ((where, reading) for reading in readings for where in places)
            held = next((pair for pair in pairs if _says(pair[1], places[pair[0]], places)), None)
            if held:
                found[ours] = {"in": held[0], "as": held[1]}
            else:
                why = f"no sheet’s, title’s or file’s name has it; or delete this [[{proposal.dataset}]]"
                proposal.put("fixed", ours, ASK, why)
    by_sheet = found.get("as_at", {}).get("in") == "sheet"
    if proposal.dataset == "budget" and by_sheet and "snapshot_label" not in taken:
        found["snapshot_label"] = {"in": "sheet", "as": "text"}
    _placed_names(proposal, table, found, sheets=sheets)
    if found:
        settings["found"] = found


def _is_undated(ours: str, taken: set[str]) -> bool:
    """Whether a statement of contributions needs no day: nothing is said to be paid by then."""
    return ours == "as_at" and "paid_to_date" not in taken


def _placed_names(
    proposal: Proposal, table: FoundTable, found: dict[str, Any], *, sheets: Sequence[str]
) -> None:
    """Seek a team, a group or an indicator outside the table: above its block, in the title, as sheet."""
    group = "group" if proposal.dataset == "kpi" else "team"
    dated = any(period_of(with_year(name, ["2000/01"])) for name in sheets)
    is_name = not dated and 2 * sum(not NO_NAME.fullmatch(name) for name in sheets) > len(sheets)
    several = len(set(sheets)) > 1
    if proposal.dataset == "kpi" and "indicator" not in proposal.taken:
        found["indicator"] = {"in": "sheet", "as": "text"}
    elif group in proposal.taken or proposal.dataset not in ("kpi", "activity", "packages", "workforce"):
        return
    elif len(table.lines) > 1:
        found[group] = {"in": "block", "as": "text"}
    elif re.match(r"(team|locality|service|group)\s?:", table.title, re.IGNORECASE):
        found[group] = {"in": "title", "as": "after the colon"}
    elif is_name and (proposal.dataset == "activity" or (several and proposal.dataset != "kpi")):
        found[group] = {"in": "sheet", "as": "text"}


def _is_day_or_period(cell: str) -> bool:
    return bool(read_day(cell) or period_of(with_year(cell, ["2000/01"])))


def _says(reading: str, text: str, places: Mapping[str, str]) -> bool:
    """Whether a place holds what is sought: the day itself, though another may name its year."""
    if reading == "financial year":
        return year_in(text) is not None or (
            month_in(text) is not None and not any(map(year_in, places.values()))
        )
    return bool(text) and reading_of(reading, [text, *places.values()]) is not None


def _money(proposal: Proposal, table: FoundTable, theirs: Mapping[str, str]) -> None:
    schema, settings = DATASETS[proposal.dataset], proposal.settings
    below = table.body[(table.body != "").sum(axis=1) == 1].to_numpy(dtype=str).ravel()
    beside: list[str] = []
    for name in filter(None, table.names):
        cells = table.column(name)
        beside += filter(is_scale, cells[:50])
        if (len(cells) > 1 and is_scale(cells[-1])) or {"£", *beside} <= set(cells) != {"£"}:
            proposal.settings["columns"][name] = ASK  # pounds in some rows, thousands in others
    notes = [text for text in below if is_scale(text) or _OF_FIGURES.match(text)]
    texts = (table.title, table.sheet.name, table.sheet.file, *notes, *beside)
    whole = scale_of(" ".join(texts))
    times: dict[str, float] = {}
    minus, month_first = [], []
    for ours, name in theirs.items():
        kind = schema.column(ours).kind
        if kind == "money" and (scale := scale_of(name) or whole):
            times[ours] = scale
        if ours in ("health_weekly", "client_weekly"):
            values = read_numbers(table.cells(name).astype("str").str.strip().tolist())[0][:-1]
            if (values < 0).sum() > (values > 0).sum():
                minus.append(ours)
        if kind == "date" and _is_month_first(table.column(name)):
            month_first.append(ours)
    if times:
        settings["times"] = times
        if proposal.dataset == "budget":
            proposal.put("fixed", "rounded_to", _rounding(table, theirs, times))
    across = settings.get("across")
    wide = [name for name in table.names if name and name not in settings["columns"]] if across else []
    for ours in ("value", "target") if proposal.dataset == "kpi" else ():
        names = wide if wide and ours == "value" else [theirs[ours]] if ours in theirs else []
        if names and _are_shares(table, settings if ours == "value" else {}, names):
            proposal.put("times", ours, 100, "the figures are shares from 0 to 1")
    settings |= {key: some for key, some in (("minus", minus), ("month_first", month_first)) if some}


def _rounding(table: FoundTable, theirs: Mapping[str, str], times: Mapping[str, float]) -> str:
    """Tell to how many £ the amounts are rounded, by the decimals that they have."""
    places = [
        len(cell.partition(".")[2].rstrip("0"))
        for ours in times
        for cell in table.column(theirs[ours])
        if is_number(cell)
    ]
    return f"{max(times.values()) / 10 ** max(places, default=0):g}"


def _is_month_first(cells: Iterable[str]) -> bool:
    """Whether a column's dates can only be read month first: some have no thirteenth month otherwise."""
    pairs = [
        (int(m[1]), int(m[2])) for cell in cells if (m := re.fullmatch(r"(\d{1,2})/(\d{1,2})/\d{2,4}", cell))
    ]
    return any(second > 12 for _, second in pairs) and all(first <= 12 for first, _ in pairs)


def _are_shares(table: FoundTable, settings: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether the figures of some columns are shares from 0 to 1, as a spreadsheet stores 45%."""
    across, body = settings.get("across", {}), table.body
    if across.get("measure"):
        wanted = {cell for cell, ours in across["rows"].items() if ours == "value"}
        body = body[body.iloc[:, table.names.index(across["measure"])].isin(wanted)]
    elif across.get("rows"):
        names = [name for name in names if across["rows"].get(name.split(BETWEEN)[-1]) == "value"]
    cells = body.iloc[:, [table.names.index(name) for name in names]].to_numpy(dtype=str).ravel()
    values = read_numbers([cell.strip() for cell in cells if "%" not in cell])[0][:-1]
    values = values[~np.isnan(values)]
    return len(values) > 1 and float(np.quantile(values, 0.9)) <= 1.0 and bool((values % 1 > 0).any())


def _values(proposal: Proposal, table: FoundTable, theirs: Mapping[str, str]) -> None:
    """Propose what their care types, measures, lines and indicators are in the contract's words."""
    settings, taken = proposal.settings, proposal.taken
    if "care_type" in theirs:
        proposal.translate("care_type", _distinct(table, theirs["care_type"]), CARE_TYPES)
    if proposal.dataset == "activity" and "measure" in theirs and "outline" not in settings:
        proposal.translate("measure", _distinct(table, theirs["measure"]), MEASURES)
    if proposal.dataset == "budget" and "line" in theirs:
        if "kind" not in taken:
            proposal.derive("kind", "income or expenditure", theirs["line"])
        elif "kind" in theirs:
            _kinds(proposal, table, theirs)
        if "service_group" not in taken:
            for line in _distinct(table, theirs["line"]):
                if parts := _line_and_group(line):
                    settings.setdefault("values", {}).setdefault("line", {})[line] = parts
            settings.setdefault("fixed", {}).setdefault("service_group", "")
    if proposal.dataset == "kpi":
        settings.setdefault("fixed", {})
        if "group" not in {*taken, *settings.get("found", {})}:
            proposal.put("fixed", "group", "")
        if "unit" in theirs:
            proposal.translate("unit", _distinct(table, theirs["unit"]), UNITS)
        elif "unit" not in taken:
            _units(proposal, table, theirs)


def _units(proposal: Proposal, table: FoundTable, theirs: Mapping[str, str]) -> None:
    """Propose the unit by percent signs, counts and indicators' names; ask where these say nothing."""
    settings = proposal.settings
    rows = settings.get("across", {}).get("rows", {})
    percent = "denominator" in {*rows.values(), *proposal.taken} or any("%" in row for row in rows)
    percent = percent or "value" in settings.get("times", {})
    names = table.column(theirs["indicator"]) if "indicator" in theirs else []
    units = {name: unit for name in names if (unit := by_pattern(name, UNITS))}
    figures = [
        name
        for name in table.names
        if name and (name not in settings["columns"] or name in (theirs.get("value"), theirs.get("target")))
    ]
    if percent or (figures and all(map(re.compile(r"%(?!ile)").search, figures))):
        proposal.put("fixed", "unit", "percent")
    elif any("%" in cell for name in figures for cell in table.cells(name).astype("str")):
        proposal.derive("unit", _PERCENT)
    elif names and len(units) == len(names) and {*units.values()} == {"percent"}:
        proposal.put("fixed", "unit", "percent")
    else:
        proposal.remarks["fixed", "unit"] = "percent, count, per_month or per_100k"
        if units:
            told = {name: {"unit": unit} for name, unit in units.items()}
            proposal.put("values", "indicator", told)
        if not names or len(units) < len(names):
            proposal.put("fixed", "unit", ASK)


def _kinds(proposal: Proposal, table: FoundTable, theirs: Mapping[str, str]) -> None:
    """Propose the kind of each line whose column of kinds says no more than income."""
    line, kind = (table.cells(theirs[name]).astype("str").str.strip() for name in ("line", "kind"))
    choices = DATASETS["budget"].column("kind").choices
    spent = [cell for cell in kind.unique() if by_pattern(cell, KINDS) == "expenditure"]
    proposal.put("values", "kind", dict.fromkeys(spent, "expenditure"))
    values = proposal.settings["values"]
    for text, said in dict(zip(line, kind, strict=True)).items():
        plain = said.casefold().replace(" ", "_")
        if said and plain not in choices and said not in spent and not TOTAL.match(text):
            ours = by_pattern(f"{text} {said}", KINDS) or ASK
            values.setdefault("line", {})[text] = {"line": text, "kind": ours}
            if ours == ASK:
                proposal.remarks["values", "line", text] = f"kind is one of: {', '.join(choices)}"


def _distinct(table: FoundTable, name: str) -> list[str]:
    return [cell for cell in table.column(name) if not TOTAL.match(cell)]


def _line_and_group(line: str) -> dict[str, str]:
    """Part a budget line from the service group that its name ends with."""
    parts = re.split(r"\s+[–—-]\s+", line.strip())
    if len(parts) == 2 and re.fullmatch(r"[A-Z]{2,5}|adults?|older people", parts[1], re.IGNORECASE):
        return {"line": parts[0], "service_group": parts[1]}
    return {}


def _placed(proposal: Proposal, tables: Sequence[FoundTable], sheets_of: Mapping[str, Sequence[str]]) -> None:
    files = list(dict.fromkeys(table.sheet.file for table in tables))
    proposal.settings["files"] = list(dict.fromkeys(map(_pattern, files)))
    named = list(dict.fromkeys(table.sheet.name for table in tables if table.sheet.name))
    if not named:
        return
    all_sheets = {sheet for name in files for sheet in sheets_of[name]}
    rest = sorted(all_sheets - set(named))
    start = commonprefix(named)  # noqa: RUF071 - of names, not of paths
    if not rest and (len(named) > 1 or len(all_sheets) == 1):
        proposal.settings["sheets"] = ["*"]
    elif len(named) > 1 and start and not any(name.startswith(start) for name in rest):
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
    stem = re.sub(r"(?<!\d)\d{1,2}([-_. ])\d{1,2}\1(20)?\d{2}(?!\d)", "*", stem)
    stem = re.sub(r"(?<![0-9A-Za-z])(20\d{2})([-_/ ]?\d{2})?([-_]?\d{2})?(?!\d)", "*", stem)
    stem = re.sub(r"(?<![A-Za-z])([PM])\d{1,2}(?!\d)", "*", stem)
    return (f"{folder}/" if folder else "") + re.sub(r"\*+", "*", stem) + dot + ending
