r"""What identifies a person, in whatever writing: one recogniser for all that is read and printed.

Text is read in a canonical form first: Unicode NFKC, invisible characters taken out, every digit, dash and
space of whatever script as the plain one. A number counts however it was exported: with ``.0`` behind it,
with an exponent, with any separators, with ``NHS`` before it.

Notes
-----
An NHS number is ten digits of which the last is a check digit (modulus 11); one random number in eleven
passes. In running text each such number counts; columns are judged by `personal_data`. Telephone numbers are
those of places (01, 02) and mobiles (07), not of services (03, 08). A mobile number without its nought
counts after a word such as mobile, a National Insurance number without its last letter in pairs or after NI,
and a day beside an age or ``b.`` if it lies before 2009. A postcode broken within a half counts after its
name, alone in its line, or at the end of an address. A number with noughts before it, or commas in it,
counts in columns and beside the word NHS; in running text none after PO or invoice. Names can't be
recognised surely: see `personal_data.free_text_cells`.

References
----------
NHS Data Model and Dictionary, NHS NUMBER. HMRC, NIM39110 (National Insurance numbers: format). Ofcom,
National Telephone Numbering Plan. Royal Mail, Programmers' Guide to the Postcode Address File.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from html import unescape
from itertools import pairwise
from urllib.parse import unquote

KINDS = (
    "valid NHS number",
    "National Insurance number",
    "postcode",
    "telephone number",
    "e-mail address",
    "date of birth",
)
NHS, INSURANCE, POSTCODE, PHONE, EMAIL, BIRTH = KINDS
FEWEST = 5  # characters of the shortest identifier, a postcode

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


def legible(text: str) -> str:
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
    if number := _whole_number(text, valid=False) or _whole_number(legible(text), valid=True):
        return number
    insured = list(others(text, [INSURANCE]))
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
_LABEL = r"(?i)national|insurance|NHS|NINO|NI|patient|person|client|pt|urn|number|num|no|ID|is"
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
    found = list(ten_digit_numbers(text))
    if len(found) != 1:
        return ""
    digits, start = found[0].digits, found[0].start
    padded = text[start] == "0" != digits[0]  # but for the check digit, another number
    if (valid or padded) and not found[0].valid:
        return ""
    return digits if _is_label(text[:start] + re.sub(r"^[.,]0+", "", text[found[0].end :])) else ""


def _is_label(rest: str) -> bool:
    """Whether what stands around a number only says what it is."""
    return not re.sub(_LABEL, "", re.sub(r"[\W_]", "", rest))


def _written_out(number: str) -> str:
    value = Decimal(number.replace(",", ".").replace(" ", ""))
    return str(int(value)) if value == value.to_integral_value() else format(value, "f")


def ten_digit_numbers(text: str) -> Iterator[_Number]:
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
    rf"{_WEEKDAY}?(?:{_ORDER}[ ./_|-]{{0,3}}(?:of[ _])?{_MONTH}[ ,./_|'’-]{{0,3}}\d{{2,4}}"
    r"|\d{1,2}[ ./_|,\\-]{1,3}\d{1,2}[ ./_|,\\'’-]{1,3}\d{2,4}|\d{1,2}:\d{1,2}:\d{4}"
    rf"|\d{{4}}[ ./_|-](?:\d{{1,2}}|{_MONTH})[ ./_|-]\d{{1,2}}"
    rf"|{_MONTH}[ ./-]{{1,2}}\d{{1,2}}(?:st|nd|rd|th)?,?[ ./-]{{1,2}}\d{{4}}"
    r"|\d{8}|\d{6})(?:[T ]\d\d:\d\d(?::\d\d)?)?(?!\d)"
)
_BORN = (
    r"(?:(?:(?<![A-Za-z])|(?-i:(?<=[a-z])(?=D(?:OB|ob))))"
    rf"(?:D[ ./-]{{0,2}}OF?[ ./-]{{0,2}}B(?:irth)?(?!(?!{_WEEKDAY}|{_MONTH})[A-Za-z])|born(?!e))"
    r"|date[ _-]?of[ _-]?b[irth]{2,4}(?![a-z])|birth[ _-]?d(?:a(?:te|y)|t)|(?<![a-z])b['’-]?day)"
)
_OF_AN_AGE = (
    r"(?<![A-Za-z0-9])(?:b(?![A-Za-z0-9])\.?|birth(?![A-Za-z])|aged? \d{1,3}"
    r"|\d{1,3} ?y/?o|[3-9]\d ?y(?:ea)?rs?(?: old)?)"  # said of more than birth
)
_LINK = r"(?:[^\n\w]{1,4}(?:is|was|as|the|her|his|their)){0,3}[^\n\w]{0,4}"
_SAYS_BORN = re.compile(_BORN, re.IGNORECASE)
MAY_SAY_BORN = re.compile(f"{_BORN}|{_OF_AN_AGE}", re.IGNORECASE)
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
    EMAIL: re.compile(
        r"(?<![\w.+-])[\w.+'-]++\"? ?"
        r"(?:[|\\]?@[@|]?|[(\[{<] ?(?:at(?:.sign)?|@) ?[)\]}>]| at (?=[\w-]+ dot )) ?(?:[\w-]+"
        r"(?: ?\.| ?[.,;] ?(?=(?:com?|net|uk|org|gov|nhs)\b)| dot | ?[(\[{<] ?(?:dot|\.) ?[)\]}>] ?))+"
        r"[A-Za-z]{2,}"
        r"|(?:(?<![\w.+-])(?!www\.)[A-Za-z][\w-]*[._][A-Za-z][\w.-]*?|mail\W{1,3}[\w.-]+?)([ *._-])at\1"
        r"(?:[\w-]+\.)+[A-Za-z]{2,}"
        r"|(?<![\w.-])[A-Za-z0-9.]++([_-])at\2[A-Za-z0-9]++(?:\2dot\2[A-Za-z0-9]++)+",
        re.IGNORECASE,
    ),
    INSURANCE: re.compile(
        rf"(?:(?<![A-Za-z0-9])|(?<=NI)|(?<=NINO)){_LETTERS.format(_ANY)}{_ANY}(?:\d{_ANY}){{6}}[A-D](?![A-Za-z0-9])"
        rf"|(?<![A-Za-z0-9]){_LETTERS.format('')}(?=([^A-Za-z0-9\n,])\d)(?:\1\d\d){{3}}(?![A-Za-z0-9]|\1\d)"
        rf"|(?:(?<![A-Za-z])(?:NINO|N\.?I)(?![A-Za-z])|national insurance)[\W_]*(?:n[or]|num|number)?[\W_]*"
        rf"(?:is )?(?P<it>{_LETTERS.format('')}(?:{_ANY}\d){{6}}(?:{_ANY}[A-D])?)(?![A-Za-z0-9])",
        re.IGNORECASE,
    ),
    POSTCODE: re.compile(
        r"(?:(?<![A-Za-z0-9£])|(?<=code)|(?<=\bpc)|(?-i:(?<=[a-z])(?=[A-Z])))(?=[A-Z]{1,2}\d|GIR)"
        rf"(?:GIR|(?:{_AREAS})\d[\dA-Z]?){_ANY}\d[ABD-HJLNP-UW-Z]{{2}}(?![0-9]|(?!GB|UK)[A-Za-z])"
        rf"|(?:post ?code[^\w\n]{{0,3}}|(?:^|, ?)[^\w\n]{{0,2}}(?={_LOOSE}[^\w\n]*$))"
        rf"(?P<it>{_LOOSE})(?![A-Za-z0-9])",
        re.IGNORECASE | re.MULTILINE,
    ),
    PHONE: re.compile(
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
    BIRTH: re.compile(
        rf"(?:{_BORN}(?:[^\n\d]{{0,12}}aged? \d{{1,3}})?[^\n\d]{{0,30}}?"
        rf"|{_OF_AN_AGE}[^\nA-Za-z0-9]{{0,4}}){_DAY}"
        rf"|(?<!\d){_DAY}{_LINK}(?:{_BORN}|{_OF_AN_AGE})",
        re.IGNORECASE,
    ),
}


def _is_real(kind: str, found: str, after: str) -> bool:
    """Whether what a pattern found is more than a chance likeness."""
    if kind == PHONE:
        return _is_telephone(found) and not ("-" in found and re.match(r"-\d\d", after))
    if kind == INSURANCE:
        return found[:2].isupper() or found[:2].lower() not in _SHORT_WORDS or found[2].isdigit()
    if kind == BIRTH:
        return bool(_SAYS_BORN.search(found) or _LONG_AGO.search(re.sub(r"(?i)aged? \d+", "", found)))
    if kind == POSTCODE:
        whole = re.sub(r"[\W_]", "", found)
        if not _WHOLE_POSTCODE.fullmatch(whole.upper()):
            return False
        if _UNITS.search(whole) and not re.search(r"\w[ ._-]{0,3}\d\w\w$", found):
            return False
    return not (kind == POSTCODE and _ORDINAL.search(found) and _OF_A_SERIES.match(after))


def _is_telephone(found: str) -> bool:
    """Whether the digits of a number are grouped as people write one: by threes and more, or one by one."""
    first, *rest = [len(group) for group in re.findall(r"\d+", found)]  # without the nought before it
    usual = not re.search(r"[^\d ._()-]", found)
    if len(rest) > 3:
        return {first, *rest} == {1}
    least, whole = min([first + 1, *rest]), first + sum(rest) == 10
    return least >= (2 if usual else 3) and (whole or (usual and rest != []))


def others(text: str, kinds: Collection[str] = tuple(_PATTERNS)) -> Iterator[tuple[str, str, int, int]]:
    """Find identifiers other than NHS numbers in canonical text: kind, what, and its place but for births."""
    for kind in kinds:
        if kind == BIRTH:
            text = "\n".join(filter(MAY_SAY_BORN.search, text.split("\n")))
        for match in _PATTERNS[kind].finditer(text):
            what = match.groupdict().get("it") or match[0]
            if _is_real(kind, what, text[match.end() : match.end() + 12].partition("\n")[0]):
                yield kind, what, match.start(), match.end()


_MARKS = f"{string.digits}{string.ascii_letters}?"
_SHAPES = bytes.maketrans(
    _MARKS.encode(),
    "".join("9" if mark.isdigit() else "E" if mark in "eE" else "A" for mark in _MARKS).encode(),
)
_GAP_OF_SHAPE = "[^AE9\n]{0,3}"
_SHAPE_OF = {
    NHS: rf"9(?:{_GAP_OF_SHAPE}9){{9}}|9E[+-]?9",
    INSURANCE: rf"[AE]{_GAP_OF_SHAPE}[AE](?:{_GAP_OF_SHAPE}9){{6}}",
    POSTCODE: rf"(?:[AE]{{3}}|[AE]{{1,2}}9[9AE]?){_GAP_OF_SHAPE}9[AE]{{2}}(?!9|[AE](?![AE](?![AE9])))"
    f"|[AE]{_GAP_OF_SHAPE}[AE]?{_GAP_OF_SHAPE}9{_GAP_OF_SHAPE}[9AE]?{_GAP_OF_SHAPE}9{_GAP_OF_SHAPE}[AE]{_GAP_OF_SHAPE}[AE](?![AE9])",
    PHONE: rf"9(?:{_GAP_OF_SHAPE}9){{8}}",
    EMAIL: r"@|(?<![AE9])[AE]{2}(?![AE9])",
    BIRTH: r"(?=.*[AE])(?=.*9.*9.*9)",
}
_FRACTION = re.compile(r"-?(?!(?:9{10,11}[.]9{1,6}|9{5}[.]9{6})$)9*[.]9+")
_MAY_HOLD = {kind: re.compile(shape) for kind, shape in _SHAPE_OF.items()}


def shapes_of(text: str) -> list[str]:
    """Give the shape of each line: its digits, letters and other marks."""
    plain = text.replace("?", "-")  # each letter that ASCII lacks becomes a "?"
    plain = plain if plain.isascii() else re.sub(r"[^\w\s\0-\x7f]", "-", plain)
    return plain.encode("ascii", "replace").translate(_SHAPES).decode("ascii").split("\n")


def may_hold(shape: str) -> list[str]:
    """Name the kinds of which a line of a shape can hold one."""
    if _FRACTION.fullmatch(shape):
        return []
    return [kind for kind in KINDS if _MAY_HOLD[kind].search(shape)]


def find_identifiers(text: str) -> dict[str, frozenset[str]]:
    """Find what identifies people in running text, line by line: by kind, each in its canonical form.

    For counting and for `where_held`, never for a message. Amounts (``£``, decimals) are no numbers.

    >>> found = find_identifiers("NHS no. 999 000 0018 (9990000018.0), NW1 6XE, 1,234,567,890 pounds")
    >>> {kind: len(things) for kind, things in found.items()}
    {'valid NHS number': 1, 'postcode': 1}
    """
    text = legible(text)
    shapes = shapes_of(text)
    may = {shape: may_hold(shape) for shape in set(shapes)}
    lines = [(line, may[shape]) for line, shape in zip(text.split("\n"), shapes, strict=True)]
    found: dict[str, frozenset[str]] = {}
    for kind in KINDS:
        text = "\n".join(line for line, kinds in lines if kind in kinds)
        if kind == NHS:
            valid = [number for number in ten_digit_numbers(text) if number.valid]
            things = {n.digits for n in valid if n.named or n.grouped or not (n.weak or n.of_money)}
        else:
            things = {re.sub(r"[\W_]", "", what).upper() for _, what, _, _ in others(text, [kind])}
        found[kind] = frozenset(things)
    return {kind: things for kind, things in found.items() if things}
