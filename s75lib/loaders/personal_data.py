"""Where data would identify people: columns, by their cells and names, and texts beside the datasets.

One valid NHS number among references of ten digits is no fault. One beside the word NHS is. So are more than
chance gives in 1 of 2,000 columns (binomial, 1/11) among a column's distinct ten-digit numbers. Where most
of them are valid, so is one written 3-3-4 or in a sentence, any in a column whose name does not end like a
reference's (key, id, ref, number, no, code), and those that fill most rows.

National Insurance numbers, postcodes and telephone numbers that are a reference column's whole cells count
where most cells of the same shape are such; elsewhere one is enough, as one e-mail address or birthday is.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from s75lib.errors import Fault
from s75lib.loaders.identifiers import (
    BIRTH,
    EMAIL,
    FEWEST,
    KINDS,
    NHS,
    canonical,
    find_identifiers,
    legible,
    may_hold,
    others,
    shapes_of,
    ten_digit_numbers,
)
from s75lib.loaders.values import distinct_cells

_CHANCE = 1 / 11  # that a random number of ten digits passes the check digit
_RARE = 0.0005
_SHARE = 0.2  # of a reference column's distinct cells, from which a shape is no chance
_LOOKED_AT = 2_000  # cells of one shape in a column, evenly spread
_CODES_LOOKED_AT = 10_000  # cells without a space, evenly spread
_ROWS_LOOKED_AT = 20_000
_TEN_DIGITS = (10**9, 10**10 - 1)

_WORDS = re.compile("[AE]{3}")
_REFERENCE = re.compile(r"(?:^|_)(?:key|id|ref|reference|number|num|no|code)s?$")


def personal_cells(name: str, codes: np.ndarray, distinct: list[str]) -> str:
    """Say what in a column's cells identifies people, such as ``valid NHS numbers``.

    Of more than 10,000 distinct cells those with a space or an ``@`` are looked at, and 10,000 of the others;
    of one shape (digits, letters, other marks) 2,000, evenly spread.

    >>> personal_cells("person_key", np.array([0, 1, 1]), ["K0001", "NHS 999 000 0018"])
    'valid NHS numbers'
    """
    if not distinct or max(map(len, distinct)) < FEWEST:
        return ""
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    if len(distinct) > _CODES_LOOKED_AT:
        chosen = _evenly(distinct)
        counts, distinct = counts[chosen], [distinct[at] for at in chosen]
    text = legible("\n".join(distinct))
    if text.count("\n") != len(distinct) - 1:
        text = legible("\n".join(cell.replace("\n", " ") for cell in distinct))
    shapes = shapes_of(text)
    may = {shape: may_hold(shape) for shape in set(shapes)}
    if not any(may.values()):
        return ""
    lines = text.split("\n")
    looked_at = _to_look_at(shapes, {shape for shape, kinds in may.items() if kinds})
    codes_alone = sum("9" in one and not (" " in one and _WORDS.search(one)) for one in shapes)
    reference = bool(_REFERENCE.search(name.lower())) or 2 * codes_alone > len(shapes)
    for kind in KINDS:
        cells = {at: lines[at] for at in looked_at if kind in may[shapes[at]]}
        if not cells:
            continue
        if kind == NHS:
            stops = _are_nhs_numbers(cells, reference, counts, lines)
        else:
            stops = _are_identifiers(kind, cells, reference, shapes)
        if stops:
            return "dates of birth" if kind == BIRTH else f"{kind}{'es' if kind == EMAIL else 's'}"
    return ""


def _evenly(distinct: list[str]) -> list[int]:
    """Choose the cells with a space or an @, and of the others, which are codes, some evenly spread."""
    free = [at for at, cell in enumerate(distinct) if " " in cell or "@" in cell or not cell.isascii()]
    codes = np.setdiff1d(np.arange(len(distinct)), free, assume_unique=True)
    return [*free, *codes[:: 1 + len(codes) // _CODES_LOOKED_AT].tolist()]


def _to_look_at(shapes: list[str], wanted: set[str]) -> list[int]:
    """Choose the cells of each shape that are looked at."""
    counted = Counter(shape for shape in shapes if shape in wanted)
    step = {shape: 1 + (count - 1) // _LOOKED_AT for shape, count in counted.items()}
    seen: Counter[str] = Counter()
    chosen = []
    for at, shape in enumerate(shapes):
        if shape in wanted:
            if seen[shape] % step[shape] == 0:
                chosen.append(at)
            seen[shape] += 1
    return chosen


def _are_nhs_numbers(cells: dict[int, str], reference: bool, counts: np.ndarray, lines: list[str]) -> bool:
    numbers = {at: list(ten_digit_numbers(cell)) for at, cell in cells.items()}
    found = {one.digits: one for some in numbers.values() for one in some}
    valid = {digits: one for digits, one in found.items() if one.valid}
    if not valid:
        return False
    if any(one.named for one in valid.values()) or _by_chance(len(valid), len(found)) < _RARE:
        return True
    if 2 * len(valid) <= len(found):
        return False
    telling = [one for one in valid.values() if not one.of_money and not one.weak]
    if any(one.grouped or one.in_sentence for one in telling) or (telling and not reference):
        return True
    strong = {digits for digits, one in valid.items() if not one.weak}
    rows = sum(int(counts[at]) for at, some in numbers.items() if any(one.digits in strong for one in some))
    filled = int(counts.sum()) - sum(int(counts[at]) for at, line in enumerate(lines) if not line)
    return rows * 2 > filled


def _by_chance(valid: int, of: int) -> float:
    """Give the probability that chance makes so many of the numbers valid, or more."""
    logs = (
        math.lgamma(of + 1)
        - math.lgamma(k + 1)
        - math.lgamma(of - k + 1)
        + k * math.log(_CHANCE)
        + (of - k) * math.log1p(-_CHANCE)
        for k in range(valid, of + 1)
    )
    return math.fsum(map(math.exp, logs))


def _are_identifiers(kind: str, cells: dict[int, str], reference: bool, shapes: list[str]) -> bool:
    whole: set[int] = set()
    for at, cell in cells.items():
        for _, _, start, end in others(cell, [kind]):
            if start > 0 or end < len(cell) or kind in (EMAIL, BIRTH):
                return True
            whole.add(at)
    alike = {shapes[at] for at in whole}
    of_shape = sum(shapes[at] in alike for at in cells)
    share = len(whole) * sum(shape in alike for shape in shapes) / max(1, of_shape) / len(shapes)
    return 2 * len(whole) > of_shape and share >= (_SHARE if reference else 0)


def identifying_columns(frame: pd.DataFrame, known: frozenset[str]) -> dict[str, str]:
    """Find the columns that would identify people, by their names if not `known`, and by their cells."""
    found: dict[str, str] = {}
    for name in map(str, frame.columns):
        if name not in known and (is_personal_name(name) or _identifies(name)):
            found[name] = "a column named like a personal detail"
        elif what := _personal_column(name, frame[name]):
            found[name] = what
    return found


def _personal_column(name: str, cells: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(cells) or pd.api.types.is_bool_dtype(cells):
        return ""
    if pd.api.types.is_numeric_dtype(cells):
        cells = cells[cells.between(*_TEN_DIGITS)]
        cells = cells[cells % 1 == 0].astype("int64").iloc[:: 1 + len(cells) // _ROWS_LOOKED_AT]
        name = "number"
    return personal_cells(name, *distinct_cells(cells)) if len(cells) else ""


# --- names of columns ---------------------------------------------------------------------------------

_WHO = (
    "client|cust(?:omer)?|pt|person|people|patient|serviceuser|su|resident|citizen|carer|individual|tenant|claimant|payee|"
    "relative|kin|parent|mother|father|spouse|partner|child|contact|emergencycontact|gp"
)
_PERSONAL = re.compile(
    r"surname|forename|(?:first|last|full|given|family|middle|maiden|birth|preferred|known|other)_?(?:as_?)?names?(?![a-z])"
    rf"|(?:^|_)(?:{_WHO})_?(?:names?|nm)(?![a-z])|(?:^|_)(?:[fls]_?)?names?\d?$|names?_of_(?:{_WHO}|service_user)"
    r"|next_?of_?kin|(?:^|_)no_?k(?:_|$)|initials|known_?as$|(?:^|_)(?:aka|alias)$|signature"
    r"|date_?of_?b[irth]{2,4}(?:_|$)|birth_?d(?:a(?:te|y)|t)|(?:^|_)(?:d_?o_?b(?:_|$)|born$)"
    r"|(?:client|person|patient)dob|dobirth"
    r"|address(?!ed|ing)|(?:^|_)addr?(?:_?line)?_?\d+(?:_|$)|(?:^|_)add(?:_line)?$|(?:^|_)addr(?!ess(?:ed|ing))"
    r"|(?:^|_)street(?!_(?:works|light|clean|care|scene))|(?:house|door)_?(?:name|no|num)"
    r"|post_?(?:al_?)?c(?:o?de?)s?(?:_|$)|postcode|(?:^|_)p_?codes?(?:_|$)|(?:^|_)zip(?:_?codes?)?$"
    r"|(?:^|_)pcds?(?:_|$)|(?:^|_)uprn|e_?mail|(?:^|_)mail(?:_|$)|phone|landline|(?:^|_)fax(?:_?(?:no|num|number))?$"
    r"|(?:^|_)tel(?:e)?(?:_?(?:no|num|number))?s?\d?(?:_|$)|emergency_?contact|contact_?(?:no|num|details)"
    r"|(?:^|_)mob(?:ile)?(?:_?(?:no|num|number|phone))?\d?(?:_|$)(?!(?:work|team|unit|app))"
    r"|nhs_?(?:number|no|num|nbr|id)(?:_|$)|(?:^|_)nino(?:_|$)|(?:^|_)n_?i_?(?:number|no|num)(?:_|$)"
    r"|national_?insurance|passport_?n(?:o|um)"
)
_ORGANISATION = re.compile(
    r"(?:provider|supplier|team|service|organisation|organization|trust|council|authority|locality|area|ward|site|"
    r"home|group|file|sheet|dataset|indicator|measure|location|budget|line|product|cost_?cent(?:re|er))_?names?$"
)


def is_personal_name(name: str) -> bool:
    """Whether a column's name says that it holds a personal detail.

    >>> [is_personal_name(name) for name in ("D.O.B.", "SurnameForename", "Addr1", "tel no", "Provider name")]
    [True, True, True, True, False]
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", canonical(name))
    squeezed = re.sub(r"[\W_]+", "_", words.lower()).strip("_")
    if _ORGANISATION.search(squeezed) and not re.search(r"(?:^|_)service_user", squeezed):
        return False
    return bool(_PERSONAL.search(squeezed))


# --- texts elsewhere ----------------------------------------------------------------------------------


def text_faults(file: str, content: Any) -> tuple[Fault, ...]:
    """Find identifiers in names and texts outside of datasets; each is told without the thing."""
    return tuple(
        Fault(file, _article(kind), "no data that name a person", "Take it out.", column=place)
        for place, text in _texts("", content)
        for kind in find_identifiers(text)
    )


def _article(kind: str) -> str:
    return f"{'an' if kind == EMAIL else 'a'} {kind}"


def _identifies(name: str) -> bool:
    """Whether a name identifies a person, also where its spaces became underscores."""
    return bool(find_identifiers(name) or find_identifiers(name.replace("_", " ")))


_NOT_SHOWN = "whose name is not shown"


def unnamed(fault: Fault) -> Fault:
    """Say what kind of thing stands in a cell where a fault would quote one that identifies a person.

    >>> unnamed(Fault("a.csv", "'9990000018'", "a month", "Correct the cell.")).found
    'a valid NHS number'
    """
    *folders, name = fault.file.split("/")
    if _identifies(name):
        fault = replace(fault, file="/".join([*folders, f"a file {_NOT_SHOWN}"]))
    sheet, column = (_NOT_SHOWN if _identifies(one) else one for one in (fault.sheet, fault.column))
    fault = replace(fault, sheet=sheet, column=column)
    if not (kinds := find_identifiers("\n".join((fault.found, fault.expected, fault.remedy)))):
        return fault
    said = replace(fault, found=_article(next(iter(kinds))), remedy="Take it out.")
    return replace(said, expected="no data that name a person") if find_identifiers(fault.expected) else said


def _texts(place: str, content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, Mapping):
        for at, (key, item) in enumerate(content.items(), start=1):
            name = str(key).replace("\n", " ")
            safe = f"key {at}" if find_identifiers(name) else name
            inner = f"{place}.{safe}" if place else safe
            yield inner, name
            yield from _texts(inner, item)
    elif isinstance(content, (list, tuple)):
        for at, item in enumerate(content, start=1):
            yield from _texts(f"{place} {at}".strip(), item)
    elif isinstance(content, str):
        yield place, content.replace("\n", " ")  # a number may go on in the next line


def where_held(
    things: Collection[str], frames: Mapping[str, pd.DataFrame]
) -> tuple[tuple[str, int, str], ...]:
    """Give dataset, row and column of each cell that holds one of some identifiers."""
    wanted = frozenset(things)
    places = []
    for dataset, frame in frames.items():
        for name in frame.columns:
            codes, distinct = distinct_cells(frame[name])
            telling = [at for at, cell in enumerate(distinct) if _holds_one_of(cell, wanted)]
            rows = frame.index[np.isin(codes, telling)] if telling else ()
            places += [(dataset, int(row), str(name)) for row in rows]
    return tuple(places)


def _holds_one_of(cell: str, wanted: frozenset[str]) -> bool:
    return len(cell) >= FEWEST and any(things & wanted for things in find_identifiers(cell).values())


def free_text_cells(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """List the cells of free text, in which a name can stand that no program recognises."""
    rows = []
    for dataset, frame in frames.items():
        for name in frame.columns:
            if frame[name].dtype not in ("object", "str"):
                continue
            cells = frame[name].dropna().drop_duplicates()
            long = cells[cells.astype("str").str.count(r"(?:^|\s)\W?[^\W\d_]{2}") >= 3]
            rows += [(dataset, str(name), row, text) for row, text in long.items()]
    return pd.DataFrame(rows, columns=["dataset", "column", "row", "text"])
