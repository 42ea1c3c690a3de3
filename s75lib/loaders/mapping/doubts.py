"""What is doubtful in a sheet or waits for a decision: other months than are read, packages of no effect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from s75lib.errors import DataError, Fault
from s75lib.loaders.mapping.layout import ASK, Layout
from s75lib.loaders.mapping.sheets import Sheet, is_printed, month_in, reading_of, without_prints
from s75lib.loaders.period import last_day
from s75lib.loaders.schemas import Dataset

DATED = {"month", "period", "as_at", "snapshot_date", "snapshot_label"}
"""Columns of which a text may say the year, or the whole."""
UNDECIDED = "\ue000"  # stands in a cell that waits for a decision
_UP_TO = re.compile(r"\b(cumulative|year[ -]to[ -]date|ytd)\b", re.IGNORECASE)
_NO_EFFECT = re.compile(
    r"\b(cancell?ed|proposed|draft|planned|pending|provisional|declined|rejected|suspended|not started"
    r"|awaiting|requested|superseded|void)\b",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"((package|service|placement|order|line|commitment|provision|element)[ _]?)?status", re.IGNORECASE
)


def doubts(
    sheet: Sheet, layout: Layout, dataset: Dataset, texts: Mapping[str, str], table: pd.DataFrame
) -> Iterator[Fault]:
    """Tell what is doubtful in a sheet's table, `texts` being its name, its title and its file's name."""
    yield from _contradicted(sheet, layout, texts, table)
    if dataset.name == "packages":
        yield from _of_no_effect(sheet, table)
    if dataset.name in ("kpi", "activity") and not any(map(_UP_TO.search, map(str, table))):
        for where, text in texts.items():
            up_to = _UP_TO.search(re.sub(r"\bnot \S+", "", text, flags=re.IGNORECASE))
            if up_to and (where != "file" or up_to[0].lower() == "cumulative"):  # a pack may hold both
                yield sheet.warning(
                    f"figures that are cumulative, by the {where}: “{text[:40]}”",
                    "what each period counts by itself",
                    "Take the figures of each period alone; until then sums and changes mislead.",
                )


def waiting(
    frames: Sequence[pd.DataFrame],
    places: Sequence[pd.DataFrame],
    layouts: Sequence[Layout],
    dataset: Dataset,
) -> Iterator[Fault]:
    """Tell once of a required column that no file gives, while the mapping asks what a column is."""
    lacking = {name for name in dataset.required for frame in frames if name not in frame}
    asked = [theirs for layout in layouts for theirs, ours in layout.columns.items() if ours == ASK]
    if lacking and asked:
        at = places[0].iloc[:1].to_dict("records")
        found = f"no {', '.join(sorted(lacking))}, while the mapping asks what “{'”, “'.join(asked)}” is"
        remedy = "Decide; s75 check lists what. Until then the dataset is not used."
        place = (str(at[0]["file"]), str(at[0]["sheet"])) if at else (dataset.name, "")
        yield Fault(place[0], found, "an answer in place of each ? in mapping.toml", remedy, sheet=place[1])


def decided(whole: pd.DataFrame, places: pd.DataFrame, dataset: Dataset) -> tuple[np.ndarray, list[Fault]]:
    """Tell rows that wait for no decision, if no sum would miss the others; elsewhere the dataset waits."""
    told: list[Fault] = []
    faults: list[Fault] = []
    kept = np.ones(len(whole), dtype=bool)
    for column in [column for column in dataset.columns if column.name in whole]:
        waits = (whole[column.name] == UNDECIDED).to_numpy()
        if not waits.any():
            continue
        whole[column.name] = whole[column.name].mask(waits, "")
        if column.blank:
            continue
        apart = not waits.all() and (dataset.stands_alone or column.name == "measure")
        place = places.iloc[int(waits.argmax())]
        until = "these rows are left out" if apart else "the dataset is not used"
        fault = Fault(
            str(place["file"]),
            f"{column.name} that waits for a decision in {int(waits.sum()):,} rows",
            "an answer in place of each ? in mapping.toml",
            f"Decide; s75 check lists what. Until then {until}.",
            sheet=str(place["sheet"]),
            column=column.name,
            severity="warning" if apart else "error",
        )
        (told if apart else faults).append(fault)
        kept &= ~waits
    if faults:
        raise DataError(faults)
    return kept, told


def _of_no_effect(sheet: Sheet, table: pd.DataFrame) -> Iterator[Fault]:
    """Tell of packages that their status calls cancelled, proposed or the like, by that word alone."""
    for name in map(str, table):
        if _STATUS.fullmatch(name.strip()):
            words = {word[0].lower() for cell in table[name] if (word := _NO_EFFECT.search(str(cell)))}
            if words:
                found = f"packages whose “{name}” is {', '.join(sorted(words)[:5])}"
                remedy = (
                    "They are counted. Ask whether they cost anything on the day; if not, leave them out."
                )
                yield sheet.warning(found, "packages that are in effect", remedy)


def _contradicted(
    sheet: Sheet, layout: Layout, texts: Mapping[str, str], table: pd.DataFrame
) -> Iterator[Fault]:
    """Tell of a sheet whose day is read in one place while another, nearer than the file's, has another."""
    read = [
        (ours, "column", f"{month:%Y-%m}")
        for name, ours in layout.columns.items()
        if ours in ("snapshot_date", "as_at") and len(cells := table[name].unique()) == 1
        if (month := month_in(str(cells[0])))
    ]
    for ours, place in layout.found.items():
        value = reading_of(place.reading, [texts.get(place.where, ""), *texts.values()]) or ""
        if ours in DATED and re.match(r"\d{4}-\d\d", value):
            read.append((ours, place.where, value))
    for ours, own, value in read:
        for where, text in texts.items():
            if where == own or (where == "file" and (own == "sheet" or _is_of_a_day(text))):
                continue
            if where == "sheet" and text == texts["file"]:
                continue  # told of the file
            if is_printed(without_prints(text)):
                continue  # no other day than that of its making
            period = reading_of("end of financial period", [text, *texts.values()]) or ""
            parts = re.split(r"[|;,]|\bto\b", without_prints(text))
            months = {f"{month:%Y-%m}" for part in parts if (month := month_in(part))} or {period[:7]} - {""}
            if months and value[:7] not in months:
                found = f"another month in the {where}, “{text}”, than in the {own}"
                remedy = "Correct the one that is wrong, or give the day in mapping.toml."
                yield sheet.warning(found, f"one {ours}; {value} is taken", remedy)


def _is_of_a_day(text: str) -> bool:
    """Whether a text names a day other than a month's last, as of the file's making."""
    iso = re.search(r"(?<!\d)20\d\d[-_.]?\d\d[-_.]?(\d\d)(?!\d)", text)
    found = iso or re.search(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](?:20)?\d\d(?!\d)", text)
    month = month_in(text)
    return bool(found and month) and int(found[1]) != last_day(f"{month:%Y-%m}").day if found else False


def refuse_shifted(sheet: Sheet, header: int) -> None:
    """Refuse rows of a text that are longer than its header: their cells may stand in wrong columns."""
    width = sheet.widths[header - 1] if len(sheet.widths) >= header else sheet.cells.shape[1]
    longer = np.flatnonzero((sheet.cells.iloc[header:, width:] != "").any(axis=1))
    if len(longer):
        remedy = "Look for a comma within a number or a name, and put it in quotation marks."
        raise DataError(
            sheet.fault("more cells than the header has", f"{width} cells", remedy, int(at))
            for at in longer[:50] + header + 1
        )
