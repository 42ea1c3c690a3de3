r"""What identifies a person: one recogniser for loaded columns, running text, column names and pseudonyms.

Text is read in a canonical form first: Unicode NFKC, invisible characters taken out, every digit, dash and
space of whatever script as the plain one. A number counts however it was exported: with ``.0`` behind it,
with an exponent, with any separators, with ``NHS`` before it.

Notes
-----
An NHS number is ten digits of which the last is a check digit (modulus 11), which one random number in
eleven passes. One such number among references is therefore no fault, and the column is judged:

- an NHS number beside the word NHS is one;
- among the distinct ten-digit numbers of a column, more valid ones than chance gives in 1 of 2,000 columns
  (binomial, 1/11) are NHS numbers;
- where most of them are valid, they are NHS numbers if one is written 3-3-4 or stands in a sentence, if the
  column's name does not end like a reference's (key, id, ref, number, no, code), or if they fill most rows.

National Insurance numbers, postcodes and telephone numbers that are a reference column's whole cells count
where most cells of the same shape are such; elsewhere one is enough, as one e-mail address and one date of
birth beside a word that says so are everywhere. Telephone numbers are those of places (01, 02) and mobiles
(07); 03 and 08 belong to services. A mobile number without its nought counts after a word such as mobile, a
National Insurance number without its last letter in pairs or after NI, and a day beside an age or ``b.`` if
it lies before 2009. A postcode broken within a half counts after its name, alone in its line, or at the end
of an address. A number with noughts before it, or with commas between its thousands, counts in columns and
beside the word NHS; in running text none counts after PO or invoice. Names of people can't be recognised
surely: see `free_text_cells`.

References
----------
NHS Data Model and Dictionary, NHS NUMBER. HMRC, NIM39110 (National Insurance numbers: format). Ofcom,
National Telephone Numbering Plan. Royal Mail, Programmers' Guide to the Postcode Address File.
"""

from __future__ import annotations

import math
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from html import unescape
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import numpy as np
import pandas as pd

from s75lib.errors import Fault
from s75lib.loaders.values import distinct_cells

KINDS = (
    "valid NHS number",
    "National Insurance number",
    "postcode",
    "telephone number",
    "e-mail address",
    "date of birth",
)
_NHS, _INSURANCE, _POSTCODE, _PHONE, _EMAIL, _BIRTH = KINDS
_CHANCE = 1 / 11  # that a random number of ten digits passes the check digit
_RARE = 0.0005
_SHARE = 0.2  # of a reference column's distinct cells, from which a shape is no chance
_LOOKED_AT = 2_000  # cells of one shape in a column, evenly spread
_CODES_LOOKED_AT = 10_000  # cells without a space, evenly spread
_ROWS_LOOKED_AT = 20_000
_TEN_DIGITS = (10**9, 10**10 - 1)
_FEWEST = 5  # characters of the shortest identifier, a postcode

# --- canonical form -----------------------------------------------------------------------------------

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_CONTROLS = dict.fromkeys([*range(10), *range(11, 32), 127]) | dict.fromkeys(b"\t\v\f\r", " ")
_INVISIBLE = "\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_ALIKE = {
    **dict.fromkeys("−⁃─━", "-"),
    **dict.fromkeys("٫·•‧∙⋅․・。", "."),
    **dict.fromkeys("⁄∕", "/"),
    **dict(zip("АВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESIJKMHOPCTYXABEZHIKMNOPTYX", strict=True)),
    **dict(zip("асеорхуіјѕ", "aceopxyijs", strict=True)),
}
_ESCAPED = re.compile(
    r"&(?:#\d{2,5}|#x[0-9a-f]{2,4}|[a-z]{4,8});|%(?:2[0-9A-F]|3[A-F]|40)|\\(?:u00|x)[0-9a-f]{2}"
    r"|</?(?:b|br|div|em|i|p|span|strong|td|u) ?/?>|_x00[01][0-9a-f]_|Â[\xa0 ]|â€.",
    re.IGNORECASE,
)
_FIGURES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_FIGURE = rf"(?:(?:double|treble|triple)[ -])?(?:{'|'.join(_FIGURES)}|nought|oh)"
_SPEAKS = re.compile("[EHNORTXehnortx][ ,.-]")
_TIMES = {"double": 2, "treble": 3, "triple": 3}
_AS_FIGURES = str.maketrans("OoI", "001")
_SPOKEN = re.compile(rf"(?<![a-z]){_FIGURE}(?:[ ,.-]{{1,2}}{_FIGURE}){{5,}}(?![a-z])", re.IGNORECASE)
_MISTYPED = re.compile(r"(?<![A-Za-z0-9])(?=[OoI]*+\d)\d*+[OoI][OoI\d]*+(?![A-Za-z])")


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Nd", "No", "Nl", "Lo") and (number := unicodedata.numeric(character, -1)) in range(10):
        return str(int(number))
    if kind in ("Cf", "Cc", "Mn", "Me", "Cs", "Co") or character in _INVISIBLE:
        return ""
    if kind in ("Zs", "Zl", "Zp") or character in "\u2800\ufffd":
        return " "
    return "-" if kind == "Pd" else _ALIKE.get(character, character)


def _unescaped(mark: str) -> str:
    if mark[0] == "\\":
        return chr(int(mark[-2:], 16))
    if mark[0] in "Ââ":  # UTF-8 that was read as Windows's own: of a dash or a space that doesn't break
        return "-" if mark[-1] in "“”‘\ufffd" else "" if mark[-1] == "‹" else " "
    return " " if mark[0] in "<_" else " ".join(unescape(unquote(mark)).splitlines())


def canonical(text: str) -> str:
    r"""Write text with plain digits, dashes and spaces, without escapes and without what can't be seen.

    >>> canonical("９４３\u00a0476\u2009５９\u200b19 – Ｏ’Neill"), canonical("a\tb\nc")
    ('943 476 5919 - O’Neill', 'a b\nc')
    """
    if _ESCAPED.search(text):
        text = _ESCAPED.sub(lambda mark: _unescaped(mark[0]), text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        for mark in set(text):
            if mark > "\x7f" and _plain(mark) != mark:
                text = text.replace(mark, _plain(mark))
    return text.translate(_CONTROLS) if _CONTROL.search(text) else text


def _legible(text: str) -> str:
    """Canonical text in which figures in words, and the letters O and I among figures, are figures."""
    text = _MISTYPED.sub(lambda figures: figures[0].translate(_AS_FIGURES), canonical(text))
    if not _SPEAKS.search(text):
        return text
    return _SPOKEN.sub(lambda said: _figures_of(said[0].lower()), text)


def _figures_of(said: str) -> str:
    digits, times = "", 1
    for word in re.split(r"[ ,.-]+", said):
        if word in _TIMES:
            times = _TIMES[word]
        else:
            digits += times * str(_FIGURES.index(word) if word in _FIGURES else 0)
            times = 1
    return digits


def person_form(cell: str) -> str:
    """Give the one form of an identifier that may be written in many ways.

    The ten digits of an NHS number; the letters and digits of a National Insurance number; any other in
    capitals without spaces and dashes, a number without ``.0`` and exponent. Leading noughts stay: 0042 and
    42 may be two people.

    >>> [person_form(cell) for cell in ("NHS 943-476-5919", "9.434765919E+09", " ab 12/3 ", "42.0")]
    ['9434765919', '9434765919', 'AB12/3', '42']
    """
    text = canonical(cell).strip().lstrip("='\"").rstrip('"')
    if number := _whole_number(text, valid=False) or _whole_number(_legible(text), valid=True):
        return number
    insured = list(_others(text, [_INSURANCE]))
    if len(insured) == 1 and _is_label(text[: insured[0][2]] + text[insured[0][3] :]):
        return re.sub(r"[\W_]", "", insured[0][1]).upper()
    if _EXPONENT.fullmatch(text):
        text = _written_out(text)
    return re.sub(r"[\s-]", "", re.sub(r"^(\d+)[.,]0+$", r"\1", text)).upper()


# --- NHS numbers --------------------------------------------------------------------------------------

_GAP = r"[^0-9A-Za-z\n£$€%]{0,3}"
_RUN = re.compile(rf"\d(?:{_GAP}\d){{9,}}")
_EXPONENT = re.compile(r"(?<![\w.,])\d{1,13}(?:[.,]\d{1,15})? ?[eE][+-]?\d{1,3}(?!\w|\.\d)")
_DATE = re.compile(
    r"(?<![\d/.-])(?:(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|1[0-2])[-/.](?:19|20)?\d\d)"
    r"(?:[T ]\d\d:\d\d(?::\d\d)?)?(?![/-]?\d)"
)
_SAYS_NHS = re.compile(
    r"(?i)(?<![a-z])NHS(?:[\s_-]*(?:number|num|no|id))?[\W_]{0,5}$|(?<![a-z])n[o#][\W_]{0,3}$"
)
_NHS_AFTER = re.compile(r"(?i)[\s(,:-]{0,3}NHS(?![a-z])")
_SAYS_MONEY = re.compile(
    r"(?i)(?<![a-z])(?:P\.?O|purchase order|order|invoice|inv|UTR|UPRN|VAT|cheque|account|acct|CQC|BACS)"
    r"[\s.:#_-]*(?:number|num|no|ref|id)?[\W_]{0,4}$"
)
_WORD = re.compile(r"[A-Za-z]{3,}")
_SENTENCE = 3  # words beside a number


@dataclass(frozen=True)
class _Number:
    """Ten digits in a text: where, and what speaks for an NHS number."""

    digits: str
    start: int
    end: int
    named: bool
    grouped: bool
    weak: bool
    in_sentence: bool
    of_money: bool

    @property
    def valid(self) -> bool:
        return _passes(self.digits)


@lru_cache(maxsize=8192)
def _passes(digits: str) -> bool:
    from stdnum.gb import nhs  # 0.03 s, and needed for few texts

    return len(set(digits)) > 1 and bool(nhs.is_valid(digits))


def is_nhs_number(text: str) -> bool:
    """Whether a text is a valid NHS number and nothing else, however it is written.

    999 numbers are kept for tests and given to nobody:

    >>> [is_nhs_number(text) for text in ("999 000 0018", "NHS9990000018", "9990000018.0", "999 000 0019")]
    [True, True, True, False]
    """
    return _whole_number(canonical(text).strip(), valid=True) != ""


def _whole_number(text: str, *, valid: bool) -> str:
    """Give the ten digits of which canonical text consists, but for separators and the words NHS number."""
    found = list(_numbers(text))
    if len(found) != 1:
        return ""
    digits, start = found[0].digits, found[0].start
    padded = text[start] == "0" != digits[0]  # but for the check digit, another number
    if (valid or padded) and not found[0].valid:
        return ""
    return digits if _is_label(text[:start] + re.sub(r"^[.,]0+", "", text[found[0].end :])) else ""


def _is_label(rest: str) -> bool:
    """Whether what stands around a number only says what it is."""
    return not re.sub(r"(?i)national|insurance|NHS|NINO|NI|number|num|no|ID", "", re.sub(r"[\W_]", "", rest))


def _written_out(number: str) -> str:
    value = Decimal(number.replace(",", ".").replace(" ", ""))
    return str(int(value)) if value == value.to_integral_value() else format(value, "f")


def _numbers(text: str) -> Iterator[_Number]:
    """Find every number of ten digits in canonical text; cells or lines are parted by line feeds."""
    masked = _DATE.sub(lambda day: "|" * len(day[0]), text)
    for match in _EXPONENT.finditer(masked):
        digits = _written_out(match[0])
        if digits.isdigit() and len(digits) == 10:
            yield _number(masked, digits, match.start(), match.end(), "")
    for match in _RUN.finditer(masked):
        for digits, start, end, layout in _ten_digits(match[0]):
            start, end = match.start() + start, match.start() + end
            if _stands_alone(masked, start, end):
                yield _number(masked, digits, start, end, layout)


def _ten_digits(run: str) -> Iterator[tuple[str, int, int, str]]:
    """Cut ten digits out of a run of digits and separators: all of it, or those grouped as one number."""
    groups = [(part[0], part.start(), part.end()) for part in re.finditer(r"\d+", run)]
    gaps = [run[one[2] : other[1]] for one, other in pairwise(groups)]
    whole = "".join(group[0] for group in groups)
    if gaps and gaps[-1] in (".", ",") and set(groups[-1][0]) == {"0"} and len(whole) != 10:
        groups, gaps, whole = groups[:-1], gaps[:-1], whole.removesuffix(groups[-1][0])
    sizes = [len(group[0]) for group in groups]
    if len(groups) == 1 and 10 < len(whole) <= 14 and len(whole.lstrip("0")) == 10:
        yield whole[-10:], groups[0][1], groups[0][2], "padded"
        return
    if len(whole) == 10:
        # Ten digits of several figures in a row are no number: what parts one is of one kind, or 3-3-4.
        if sizes == [3, 3, 4]:
            if not _are_one(run, *gaps):
                return
        elif {*sizes, *gaps} != {1, "|"} and (  # but for a box for each
            len({gap.strip() for gap in gaps}) > 1 or re.search("[<>=+:;|]|, ", "".join(gaps))
        ):
            return
        decimal = len(gaps) == 1 and gaps[0] in (".", ",")
        if not decimal and not re.match(r"(?:19|20)\d\d\D\d\d(?:\D|$)", run):
            yield whole, groups[0][1], groups[-1][2], _layout(sizes, gaps)
        return
    for at, (digits, start, end) in enumerate(groups):
        before = slice(max(0, at - 1), at)
        # A comma parts thousands and decimals; before four digits and more it parts the items of a list.
        glued = "." in gaps[before] + gaps[at : at + 1] or (gaps[at : at + 1] == [","] and sizes[at + 1] < 4)
        if len(digits) == 10 and not glued:
            yield digits, start, end, ""
        if sizes[at : at + 3] == [3, 3, 4] and gaps[at] not in gaps[before] + gaps[at + 2 : at + 3]:
            end = groups[at + 2][2]
            if _are_one(run[start:end], gaps[at], gaps[at + 1]):
                yield "".join(g[0] for g in groups[at : at + 3]), start, end, "3-3-4"


def _are_one(run: str, first: str, second: str) -> bool:
    """Whether two marks that part 3-3-4 digits are those of one number; of two kinds, not before a year."""
    return first.strip() == second.strip() or (
        not re.search(r"(?:19|20)\d\d$", run) and not set(first + second) - set(" ()[]{}-./_'#*")
    )


def _layout(sizes: list[int], gaps: list[str]) -> str:
    if sizes == [3, 3, 4]:
        return "3-3-4"
    return "thousands" if sizes == [1, 3, 3, 3] and set(gaps) == {","} else ""


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether ten digits are a word of their own or a short code's only number, and no amount or fraction."""
    head, tail = text[max(0, start - 24) : start].rpartition("\n")[2], text[end : end + 12].partition("\n")[0]
    if re.match(r"\.\d*[1-9]|,\d{0,2}[1-9](?!\d)|%| ?(?:GBP|EUR|USD)\b|[A-Za-z]+\d", tail):
        return False
    if text[start : start + 4].isdigit():  # no part of an amount: the next item of a list
        head = re.sub(r"([1-9]\d*),$", r"\1", head)
    return not re.search(r"(?:[£$€]|GBP|EUR|USD) ?$|\d\.$|(?<!\d)\d{1,3},$|(?<!\d)1-$|\d[A-Za-z]+$", head)


def _line(text: str, start: int, end: int) -> tuple[int, int]:
    stop = text.find("\n", end)
    return text.rfind("\n", 0, start) + 1, len(text) if stop < 0 else stop


def _number(text: str, digits: str, start: int, end: int, layout: str) -> _Number:
    line_start, line_end = _line(text, start, end)
    head, tail = text[line_start:start], text[end:line_end]
    return _Number(
        digits=digits,
        start=start,
        end=end,
        named=bool(_SAYS_NHS.search(head[-24:]) or _NHS_AFTER.match(tail)),
        grouped=layout == "3-3-4",
        weak=layout in ("thousands", "padded"),
        in_sentence=len(_WORD.findall(head)) + len(_WORD.findall(tail)) >= _SENTENCE,
        of_money=bool(_SAYS_MONEY.search(head[-40:])),
    )


# --- the other identifiers ----------------------------------------------------------------------------

_AREAS = (
    "AB|AL|B|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|E|EC|"
    "EH|EN|EX|FK|FY|G|GL|GU|GX|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA|LD|LE|LL|LN|LS|LU|M|"
    "ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|"
    "TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE|ZZ"
)
_TEL = r"(?:tel(?:ephone)?|phone|mob(?:ile)?|landline|ring|rang|call(?:ed)?|text(?:ed)?|contact|fax)"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? )"
_MONTH = r"(?:(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}|[ivx]{1,4})"
_ORDER = r"(?:\d{1,2}(?:st|nd|rd|th)?|(?:(?:twenty|thirty)[ -])?(?:first|second|third|[efnst][a-z]{2,8}th))"
_DAY = (
    rf"{_WEEKDAY}?(?:{_ORDER}[ ./_|-]{{0,3}}(?:of[ _])?{_MONTH}[ ,./_|'-]{{0,3}}\d{{2,4}}"
    r"|\d{1,2}[ ./_|,\\-]{1,3}\d{1,2}[ ./_|,\\'-]{1,3}\d{2,4}"
    rf"|\d{{4}}[ ./_|-](?:\d{{1,2}}|{_MONTH})[ ./_|-]\d{{1,2}}"
    rf"|{_MONTH}[ ./-]{{1,2}}\d{{1,2}}(?:st|nd|rd|th)?,?[ ./-]{{1,2}}\d{{4}}"
    r"|\d{8}|\d{6})(?:[T ]\d\d:\d\d(?::\d\d)?)?(?!\d)"
)
_BORN = (
    r"(?:(?:(?<![A-Za-z])|(?-i:(?<=[a-z])(?=D(?:OB|ob))))"
    rf"(?:D[ ./-]{{0,2}}OF?[ ./-]{{0,2}}B(?:irth)?(?!(?!{_WEEKDAY}|{_MONTH})[A-Za-z])|born(?!e))"
    r"|date[ _-]?of[ _-]?b[irth]{2,4}(?![a-z])|birth[ _-]?d(?:a(?:te|y)|t)|(?<![a-z])b['-]?day)"
)
_OF_AN_AGE = (
    r"(?<![A-Za-z0-9])(?:b(?![A-Za-z0-9])\.?|birth(?![A-Za-z])|aged? \d{1,3}"
    r"|\d{1,3} ?y/?o|[3-9]\d ?y(?:ea)?rs?(?: old)?)"  # said of more than birth
)
_LINK = r"(?:[^\n\w]{1,4}(?:is|was|as|the|her|his|their)){0,3}[^\n\w]{0,4}"
_SAYS_BORN = re.compile(_BORN, re.IGNORECASE)
_MAY_SAY_BORN = re.compile(f"{_BORN}|{_OF_AN_AGE}", re.IGNORECASE)
_LONG_AGO = re.compile(
    r"(?<!\d)(?:(?:19\d\d|200[0-8])(?=(?:\d{4})?(?!\d))|[3-9]\d(?=\D*$)|\d{4}(?:19\d\d|200[0-8])(?!\d))"
)
_UNITS = re.compile(r"\d(?:st|nd|rd|th|hr|yr|pp|pt|ft|lb|bn|pa|pw)$")
_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$")
_OF_A_SERIES = re.compile(
    r"\s+(?:of|quarter|month|week|meeting|year|edition|version|draft|review|floor|team|tier|phase|stage|yr|[A-Z][a-z]{2,8}\b)"
)
_SHORT_WORDS = frozenset(
    {"am", "an", "as", "at", "be", "by", "he", "me", "my", "on", "pm", "re", "so", "to", "we"}
)
_ANY = r"[^A-Za-z0-9\n£$€%]{0,3}"
_LOOSE = r"[A-Z][ |-]{0,2}[A-Z]?[ |-]{0,2}\d[ |-]{0,2}[\dA-Z]?[ |-]{1,2}\d[ |-]{0,2}[A-Z][ |-]{0,2}[A-Z]"
_WHOLE_POSTCODE = re.compile(rf"GIR0AA|(?:{_AREAS})\d[\dA-Z]?\d[ABD-HJLNP-UW-Z]{{2}}")
_LETTERS = r"(?!(?:BG|GB|KN|NK|NT|TN|ZZ))[A-CEGHJ-PR-TW-Z]{0}[A-CEGHJ-NPR-TW-Z]"
_PATTERNS = {
    _EMAIL: re.compile(
        r"(?<![\w.+-])[\w.+'-]++\"? ?"
        r"(?:[|\\]?@[@|]?|[(\[{<] ?(?:at(?:.sign)?|@) ?[)\]}>]| at (?=[\w-]+ dot )) ?(?:[\w-]+"
        r"(?: ?\.|[,;](?=(?:com?|net|uk|org|gov|nhs)\b)| dot | ?[(\[{<] ?(?:dot|\.) ?[)\]}>] ?))+[A-Za-z]{2,}"
        r"|(?:(?<![\w.+-])(?!www\.)[A-Za-z][\w-]*[._][A-Za-z][\w.-]*?|mail\W{1,3}[\w.-]+?)([ *._-])at\1"
        r"(?:[\w-]+\.)+[A-Za-z]{2,}",
        re.IGNORECASE,
    ),
    _INSURANCE: re.compile(
        rf"(?:(?<![A-Za-z0-9])|(?<=NI)|(?<=NINO)){_LETTERS.format(_ANY)}{_ANY}(?:\d{_ANY}){{6}}[A-D](?![A-Za-z0-9])"
        rf"|(?<![A-Za-z0-9]){_LETTERS.format('')}(?=([^A-Za-z0-9\n,])\d)(?:\1\d\d){{3}}(?![A-Za-z0-9]|\1\d)"
        rf"|(?:(?<![A-Za-z])(?:NINO|N\.?I)(?![A-Za-z])|national insurance)[\W_]*(?:n[or]|num|number)?[\W_]*"
        rf"(?:is )?(?P<it>{_LETTERS.format('')}(?:{_ANY}\d){{6}}(?:{_ANY}[A-D])?)(?![A-Za-z0-9])",
        re.IGNORECASE,
    ),
    _POSTCODE: re.compile(
        r"(?:(?<![A-Za-z0-9£])|(?<=code)|(?<=\bpc)|(?-i:(?<=[a-z])(?=[A-Z])))(?=[A-Z]{1,2}\d|GIR)"
        rf"(?:GIR|(?:{_AREAS})\d[\dA-Z]?){_ANY}\d[ABD-HJLNP-UW-Z]{{2}}(?![0-9]|(?!GB|UK)[A-Za-z])"
        rf"|(?:post ?code[^\w\n]{{0,3}}|(?:^|, ?)[^\w\n]{{0,2}}(?={_LOOSE}[^\w\n]*$))"
        rf"(?P<it>{_LOOSE})(?![A-Za-z0-9])",
        re.IGNORECASE | re.MULTILINE,
    ),
    _PHONE: re.compile(
        r"(?:(?:(?<![0-9A-Za-z.,£$€])|(?<=tel)|(?<=phone)|(?<=mob)|(?<=mobile)|(?<=\b[TM]))(?<![0-9][/-])"
        r"(?<!\d\d [A-Z]{4} \d{4} )(?<!\d\d [A-Z]{4} \d{4} \d{4} )"  # of an IBAN
        rf"(?:[(\[]?(?:(?:\+|00|011) ?44|44(?=\)? ?7(?:\d{{9}}|\d{{3}} )))[)\]]?{_ANY}(?:\(0\))?{_ANY}0?"
        rf"|[(\[]?0(?!\.\d{{7}}){_ANY})"
        rf"|(?<![A-Za-z]){_TEL}[^\n\d]{{0,12}}?(?:44 ?)?(?=7)"
        r"|(?<![A-Za-z])(?:tel(?:ephone)?|phone|landline|fax)\W{0,4}(?:n(?:o|umber)\W{1,3})?"
        r"(?:44 ?)?(?=[12]))"
        rf"(?P<it>[127](?:{_ANY}\d){{8,9}})(?!\d|%|[.,]\d*[1-9]|(?!x\d|[mhw]\b)[A-Za-z])",
        re.IGNORECASE,
    ),
    _BIRTH: re.compile(
        rf"(?:{_BORN}(?:[^\n\d]{{0,12}}aged? \d{{1,3}})?[^\n\d]{{0,30}}?"
        rf"|{_OF_AN_AGE}[^\nA-Za-z0-9]{{0,4}}){_DAY}"
        rf"|(?<!\d){_DAY}{_LINK}(?:{_BORN}|{_OF_AN_AGE})",
        re.IGNORECASE,
    ),
}


def _is_real(kind: str, found: str, after: str) -> bool:
    """Whether what a pattern found is more than a chance likeness."""
    if kind == _PHONE:
        return _is_telephone(found) and not ("-" in found and re.match(r"-\d\d", after))
    if kind == _INSURANCE:
        return found[:2].isupper() or found[:2].lower() not in _SHORT_WORDS or found[2].isdigit()
    if kind == _BIRTH:
        return bool(_SAYS_BORN.search(found) or _LONG_AGO.search(re.sub(r"(?i)aged? \d+", "", found)))
    if kind == _POSTCODE:
        whole = re.sub(r"[\W_]", "", found)
        if not _WHOLE_POSTCODE.fullmatch(whole.upper()):
            return False
        if _UNITS.search(whole) and not re.search(r"\w[ ._-]{0,3}\d\w\w$", found):
            return False
    return not (kind == _POSTCODE and _ORDINAL.search(found) and _OF_A_SERIES.match(after))


def _is_telephone(found: str) -> bool:
    """Whether the digits of a number are grouped as people write one: by threes and more, or one by one."""
    first, *others = [len(group) for group in re.findall(r"\d+", found)]  # without the nought before it
    usual = not re.search(r"[^\d ._()-]", found)
    if len(others) > 3:
        return {first, *others} == {1}
    least, whole = min([first + 1, *others]), first + sum(others) == 10
    return least >= (2 if usual else 3) and (whole or (usual and others != []))


def _others(text: str, kinds: Collection[str] = tuple(_PATTERNS)) -> Iterator[tuple[str, str, int, int]]:
    """Find identifiers other than NHS numbers in canonical text: kind, what, and its place but for births."""
    for kind in kinds:
        if kind == _BIRTH:
            text = "\n".join(filter(_MAY_SAY_BORN.search, text.split("\n")))
        for match in _PATTERNS[kind].finditer(text):
            what = match.groupdict().get("it") or match[0]
            if _is_real(kind, what, text[match.end() : match.end() + 12].partition("\n")[0]):
                yield kind, what, match.start(), match.end()


def find_identifiers(text: str) -> dict[str, frozenset[str]]:
    """Find what identifies people in running text, line by line: by kind, each in its canonical form.

    For counting and for `where_held`, never for a message. Every valid NHS number counts here, but for
    amounts (``£``, decimals) and for numbers with commas between their thousands, which only the word NHS
    makes one.

    >>> found = find_identifiers("NHS no. 999 000 0018 (9990000018.0), NW1 6XE, 1,234,567,890 pounds")
    >>> {kind: len(things) for kind, things in found.items()}
    {'valid NHS number': 1, 'postcode': 1}
    """
    text = _legible(text)
    found: dict[str, set[str]] = {}
    for number in _numbers(text):
        if number.valid and (number.named or number.grouped or not (number.weak or number.of_money)):
            found.setdefault(_NHS, set()).add(number.digits)
    for kind, what, _, _ in _others(text):
        found.setdefault(kind, set()).add(re.sub(r"[\W_]", "", what).upper())
    return {kind: frozenset(found[kind]) for kind in KINDS if kind in found}


# --- columns ------------------------------------------------------------------------------------------

_MARKS = f"{string.digits}{string.ascii_letters}?"
_SHAPES = bytes.maketrans(
    _MARKS.encode(),
    "".join("9" if mark.isdigit() else "E" if mark in "eE" else "A" for mark in _MARKS).encode(),
)
_GAP_OF_SHAPE = "[^AE9\n]{0,3}"
_SHAPE_OF = {
    _NHS: rf"9(?:{_GAP_OF_SHAPE}9){{9}}|9E[+-]?9",
    _INSURANCE: rf"[AE]{_GAP_OF_SHAPE}[AE](?:{_GAP_OF_SHAPE}9){{6}}",
    _POSTCODE: rf"(?:[AE]{{3}}|[AE]{{1,2}}9[9AE]?){_GAP_OF_SHAPE}9[AE]{{2}}(?!9|[AE](?![AE](?![AE9])))"
    f"|[AE]{_GAP_OF_SHAPE}[AE]?{_GAP_OF_SHAPE}9{_GAP_OF_SHAPE}[9AE]?{_GAP_OF_SHAPE}9{_GAP_OF_SHAPE}[AE]{_GAP_OF_SHAPE}[AE](?![AE9])",
    _PHONE: rf"9(?:{_GAP_OF_SHAPE}9){{8}}",
    _EMAIL: r"@|(?<![AE9])[AE]{2}(?![AE9])",
    _BIRTH: r"(?=.*[AE])(?=.*9.*9.*9)",
}
_WORDS = re.compile("[AE]{3}")
_FRACTION = re.compile(r"-?(?!(?:9{10,11}[.]9{1,6}|9{5}[.]9{6})$)9*[.]9+")
_MAY_HOLD = {kind: re.compile(shape) for kind, shape in _SHAPE_OF.items()}
_REFERENCE = re.compile(r"(?:^|_)(?:key|id|ref|reference|number|num|no|code)s?$")


def personal_cells(name: str, codes: np.ndarray, distinct: list[str]) -> str:
    """Say what in a column's cells identifies people, such as ``valid NHS numbers``.

    Of more than 10,000 distinct cells those with a space or an ``@`` are looked at, and 10,000 of the others;
    of one shape (digits, letters, other marks) 2,000, evenly spread.

    >>> personal_cells("person_key", np.array([0, 1, 1]), ["K0001", "NHS 999 000 0018"])
    'valid NHS numbers'
    """
    if not distinct or max(map(len, distinct)) < _FEWEST:
        return ""
    counts = np.bincount(codes[codes >= 0], minlength=len(distinct))
    if len(distinct) > _CODES_LOOKED_AT:
        chosen = _evenly(distinct)
        counts, distinct = counts[chosen], [distinct[at] for at in chosen]
    text = _legible("\n".join(distinct))
    if text.count("\n") != len(distinct) - 1:
        text = _legible("\n".join(cell.replace("\n", " ") for cell in distinct))
    plain = text if text.isascii() else re.sub(r"[^\w\s\0-\x7f]", "-", text)
    shapes = plain.encode("ascii", "replace").translate(_SHAPES).decode("ascii").split("\n")
    may = {shape: _may_hold(shape) for shape in set(shapes)}
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
        if kind == _NHS:
            stops = _are_nhs_numbers(cells, reference, counts, lines)
        else:
            stops = _are_identifiers(kind, cells, reference, shapes)
        if stops:
            return "dates of birth" if kind == _BIRTH else f"{kind}{'es' if kind == _EMAIL else 's'}"
    return ""


def _evenly(distinct: list[str]) -> list[int]:
    """Choose the cells with a space or an @, and of the others, which are codes, some evenly spread."""
    free = [at for at, cell in enumerate(distinct) if " " in cell or "@" in cell or not cell.isascii()]
    others = np.setdiff1d(np.arange(len(distinct)), free, assume_unique=True)
    return [*free, *others[:: 1 + len(others) // _CODES_LOOKED_AT].tolist()]


def _may_hold(shape: str) -> list[str]:
    if _FRACTION.fullmatch(shape):
        return []
    return [kind for kind in KINDS if _MAY_HOLD[kind].search(shape)]


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
    numbers = {at: list(_numbers(cell)) for at, cell in cells.items()}
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
        for _, _, start, end in _others(cell, [kind]):
            if start > 0 or end < len(cell) or kind in (_EMAIL, _BIRTH):
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
    return f"{'an' if kind == _EMAIL else 'a'} {kind}"


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
    return len(cell) >= _FEWEST and any(things & wanted for things in find_identifiers(cell).values())


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
