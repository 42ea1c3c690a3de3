"""A second corpus of written forms, made by rule: separators, what stands around them, scripts and exports.

Drawn up apart from the recogniser and from the corpus beside it. The figures that it gave before the
recogniser was mended for it, and those that it gives now, stand in docs/disclosure.md.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

import pandas as pd
import pytest
from stdnum.gb import nhs

from s75lib.loaders.identifiers import KINDS, find_identifiers
from s75lib.loaders.personal_data import personal_cells, text_faults, where_held
from s75lib.loaders.values import distinct_cells

NHS, INSURANCE, POSTCODE, PHONE, EMAIL, BIRTH = KINDS
AROUND = ("{}", "Seen: {}", "{} - closed", "Review held ({}) by the duty team", "a/b {}; c", "“{}”")
SCRIPTS = {
    "plain": "0123456789",
    "full width": "０１２３４５６７８９",
    "Bengali": "০১২৩৪৫৬৭৮৯",
    "Thai": "๐๑๒๓๔๕๖๗๘๙",
    "superscript": "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "circled": "⓪①②③④⑤⑥⑦⑧⑨",
    "dingbat": "🄋➀➁➂➃➄➅➆➇➈",
    "keycap": "",
}


class Form(NamedTuple):
    kind: str
    name: str
    write: Callable[[random.Random], str]


def drawn(chance: random.Random) -> str:
    """Draw a valid NHS number of those in use or kept for tests, not known by its first digits."""
    while True:
        number = f"{chance.choice((4, 6, 7, 9))}{chance.randrange(10**9):09d}"
        if nhs.is_valid(number) and not number[-4:].startswith(("19", "20")):
            return number


def parted(number: str, first: str, second: str) -> str:
    return f"{number[:3]}{first}{number[3:6]}{second}{number[6:]}"


def in_script(text: str, script: str) -> str:
    if script == "keycap":
        return "".join(f"{mark}\ufe0f\u20e3" if mark.isdigit() else mark for mark in text)
    return "".join(SCRIPTS[script][int(mark)] if mark in SCRIPTS["plain"] else mark for mark in text)


def escaped(text: str, way: str) -> str:
    return {
        "a space as an entity": text.replace(" ", "&nbsp;"),
        "a space as a number": text.replace(" ", "&#160;"),
        "a space in an address": text.replace(" ", "%20"),
        "a line within a cell": text.replace(" ", "\r\n"),
        "tabs": text.replace(" ", "\t\t"),
    }[way]


def nhs_forms() -> Iterator[Form]:
    marks = (
        " ",
        "-",
        ".",
        "/",
        "_",
        " / ",
        " . ",
        "\u2009",
        "\u2011",
        "\u2022",
        "\u00a0\u00a0",
        "–",
        " — ",
        "#",
    )
    for first, second in product(marks, repeat=2):
        if first != second:
            name = f"parted by {first!r} and {second!r}"
            yield Form(NHS, name, lambda r, a=first, b=second: parted(drawn(r), a, b))
    wraps = (
        ("(", ") ", "-", ""),
        ("(", ")", " ", ""),
        ("[", "] ", " ", ""),
        ("(", ") ", " ", ""),
        ("(", ")-", "-", ""),
        ("{", "} ", " ", ""),
        ("(", ") (", ") (", ")"),
        ("[", "][", "][", "]"),
        ("'", "' '", "' '", "'"),
    )
    for a, b, c, d in wraps:
        yield Form(NHS, f"in {a}{b}{c}{d}", lambda r, a=a, b=b, c=c, d=d: f"{a}{parted(drawn(r), b, c)}{d}")
    before = (
        "NHS",
        "nhs",
        "ref",
        "Ref:",
        "client",
        "ID",
        "person_",
        "SU",
        "No.",
        "number",
        "urn:nhs:",
        "Client-",
        "#",
        "№",
        "NHSnumber",
        "nhs_no=",
        "CASE-2024-",
        "12;#",
        "x",
        "Patient/",
        "https://fhir.nhs.uk/Id/nhs-number|",
        "mailto:",
        "S/U ",
        "NHSN0 ",
        "(NHS)",
    )
    after = ("", "x", ".pdf", "_v2.docx", "^^^NHS", "abc", ";#", "smith", "-A", " x2", "/LD", "NHS")
    for one, other in [*product(before, after[:2]), *product(before[:2], after[2:]), *product(("",), after)]:
        name = f"between {one!r} and {other!r}"
        yield Form(NHS, name, lambda r, a=one, b=other: f"{a}{drawn(r)}{b}")
    for script in SCRIPTS:
        for gap in ("", " ", "-"):
            yield Form(
                NHS, f"{script} {gap!r}", lambda r, s=script, g=gap: in_script(parted(drawn(r), g, g), s)
            )
    for way in (
        "a space as an entity",
        "a space as a number",
        "a space in an address",
        "a line within a cell",
        "tabs",
    ):
        yield Form(NHS, way, lambda r, way=way: escaped(parted(drawn(r), " ", " "), way))
    exports: dict[str, Callable[[str], str]] = {
        "a formula": lambda n: f'="{n}"',
        "a formula of a number": lambda n: f"=+{n}",
        "T()": lambda n: f'=T("{n}")',
        "JSON": lambda n: f'{{"nhs":{n}}}',
        "a list": lambda n: f"['{n}']",
        "a tuple": lambda n: f"({n},)",
        "float64": lambda n: f"{float(n)}",
        "numpy": lambda n: f"{float(n):.10e}",
        "SQL": lambda n: f"N'{n}'",
        "decimal": lambda n: f"{n}.0000",
        "padded": lambda n: f"{n:>14}",
        "trailing dot": lambda n: f"{n}.",
        "accounting": lambda n: f" {n} ",
        "quoted twice": lambda n: f'"""{n}"""',
        "text": lambda n: f"'{n}",
        "pipes": lambda n: f"|{n}|",
        "HL7": lambda n: f"{n}^^^NHS^NH",
        "an address": lambda n: f"?nhs={n}&x=1",
        "E+9": lambda n: f"{n[0]}.{n[1:]}E+9",
        "E 9": lambda n: f"{n[0]}.{n[1:]} E+09",
        "a tag": lambda n: f"<b>{n}</b>",
        "tags": lambda n: f"{parted(n, '</b><b>', '<br/>')}",
        "escapes of JSON": lambda n: parted(n, "\\u00a0", "\\u00a0"),
        "escapes of Python": lambda n: parted(n, "\\xa0", "\\xa0"),
        "a list without spaces": lambda n: f"{n},{n}",
        "items": lambda n: f"2025,{n},4711",
    }
    for name, export in exports.items():
        yield Form(NHS, name, lambda r, export=export: export(drawn(r)))


def others() -> Iterator[tuple[str, str]]:
    for gap in (" ", "/", ".", ",", "_", "|", ":", "\u2009", " - ", "–", "#", "·", "\u00ad", "*"):
        for groups in (
            "AB 12 34 56 C",
            "AB 123 456 C",
            "AB123456 C",
            "AB 123456C",
            "A B 12 34 56 C",
            "AB12 3456 C",
            "JG 103 759A",
        ):
            yield INSURANCE, groups.replace(" ", gap)
    yield INSURANCE, "A B 1 2 3 4 5 6 C"
    for text in (
        "AB 12 34 56",
        "ab-12-34-56",
        "AB.12.34.56",
        "AB\u00a012\u00a034\u00a056",
        "JG/10/37/59",
        "NI AB123456",
        "NINO: AB123456",
        "NI no. AB 123 456",
        "National Insurance AB123456",
        "N.I. number AB123456",
        "NI number is ab123456",
        "NINOAB123456C",
        "NIAB123456C",
        "niAB123456C",
        "NINO_AB123456C",
        "АВ123456С",
        "AB123456C/1",
        "AB123456C.pdf",
        "ＡＢ１２３４５６Ｃ",
        "AB①②③④⑤⑥C",
        '="AB123456C"',
        "(AB) 12 34 56 (C)",
        "AB123456C_v2",
    ):
        yield INSURANCE, text
    gaps = (
        "/",
        ",",
        ", ",
        "|",
        ":",
        ";",
        " - ",
        "–",
        "_",
        "*",
        "#",
        "\u2022",
        "·",
        "\\",
        "\u2009\u2009",
        "~",
        "+",
        ") (",
        "&nbsp;",
        "%20",
    )
    for gap, (outward, inward) in product(
        gaps, (("CB2", "3QZ"), ("sw1a", "2aa"), ("M1", "1AE"), ("Ng16", "5fz"))
    ):
        yield POSTCODE, f"{outward}{gap}{inward}"
    for text in (
        "(CB2) 3QZ",
        "CB2 (3QZ)",
        "[CB2] [3QZ]",
        "postcodeCB23QZ",
        "PostcodeCB2 3QZ",
        "PC:CB23QZ",
        "pcodeSW1A2AA",
        "СВ2 3QZ",
        "CB2 3QZ.",
        "postcode CB2 3QZ?",
        "CB2 3QZ_1",
        "in CB2  3QZ",
        "1 Mill RoadCambridgeCB2 3QZ",
        "CB2 3QZGB",
        "sw1a 2aaUK",
        "pcCB2 3QZ",
        "ＣＢ２　３ＱＺ",
    ):
        yield POSTCODE, text
    parts = (
        ("07700", "900123"),
        ("07700", "900", "123"),
        ("01632", "960123"),
        ("020", "7946", "0123"),
        ("0161", "496", "0123"),
    )
    for gap in (
        "/",
        "|",
        ":",
        ",",
        ", ",
        "*",
        "~",
        "#",
        "\u2022",
        "·",
        " / ",
        " - ",
        " – ",
        "\\",
        "&nbsp;",
        "%20",
        "\u2009\u2009",
        ") (",
        "+",
    ):
        yield from ((PHONE, gap.join(part)) for part in parts)
    for text in (
        "(01632)/960123",
        "(+44) 7700 900123",
        "+44 (07700) 900123",
        "+44 (0) 7700 900 123",
        "0044-(0)7700-900123",
        "+44/7700/900123",
        "+44 (0)1632/960123",
        "00 44 7700 900123",
        "011 44 7700 900123",
        "tel07700900123",
        "Mob07700900123",
        "T07700900123",
        "07700900123m",
        "m:07700900123",
        "07700900123(mob)",
        "01632960123x4",
        "01632 960123 ext 4",
        "01632 960123/4",
        "01632 960123#4",
        "0 7 7 0 0 9 0 0 1 2 3",
        "0-7-7-0-0-9-0-0-1-2-3",
        "077-00-900-123",
        "tel 7700900123",
        "mobile: 7700 900123",
        "tel: 7700900123.0",
        "'07700900123",
        '="07700900123"',
        "07700900123.0",
        "tel:+447700900123",
        "447700900123",
        "44 7700 900123",
        "wa.me/447700900123",
        "⓪⑦⑦⓪⓪⑨⓪⓪①②③",
        "07700-900123_v2",
        "(0161)4960123",
        "(0161)-496-0123",
        "0161.496.0123.",
        "[01632] 960123",
        "(07700 900123)",
        "07700900123/07700900124",
        "07700 900123, 07700 900124",
    ):
        yield PHONE, text
    sides = (
        "@",
        " @",
        "@ ",
        "%40",
        "&#64;",
        "&commat;",
        "(at)",
        " [at] ",
        " AT ",
        "_at_",
        "\u200b@\u200b",
        "＠",
        "﹫",
        "@\u2060",
        "<at>",
        " at ",
        "{@}",
    )
    for side, (who, domain) in product(sides, (("ann.other", "nhs.net"), ("a_other-1", "council.gov.uk"))):
        yield EMAIL, f"{who}{side}{domain}"
    for text in (
        "ann.other at nhs dot net",
        "ann dot other at nhs dot net",
        "ann@nhs.net.",
        "Ann Other<ann@nhs.net>",
        '"Ann"@nhs.net',
        "ann@nhs。net",
        "ann@nhs．net",
        "ann@nhs(dot)net",
        "ann@nhs dot net",
        "ann@nhs .net",
        "mailto:ann%40nhs.net",
        "e:ann@nhs.net",
        "ann@münchen.de",
        "ánn@nhs.net",
        "ann@xn--nhs-abc.net",
        "ann@nhs.net?subject=x",
        "ann . other@nhs . net",
        "ann-at-nhs-dot-net",
        "ann_at_nhs_dot_net",
    ):
        yield EMAIL, text
    days = (
        "3/4/1950",
        "03.04.50",
        "3 April 1950",
        "3rd of April, 1950",
        "3 Apr '50",
        "03APR1950",
        "3-Apr-50",
        "1950-04-03T00:00:00",
        "1950/4/3",
        "Mon 3 April 1950",
        "3\u00a0April\u00a01950",
        "April 3rd 1950",
        "③/④/①⑨⑤⓪",
        "03-04-1950 00:00",
        "3|4|1950",
        "3_4_1950",
        "3 / 4 / 1950",
        "Apr-03-1950",
        "03041950",
        "19500403",
    )
    says = (
        "b. {}",
        "b {}",
        "born {}",
        "Born: {}",
        "dob{}",
        "DOB|{}",
        "D/O/B {}",
        "D-O-B {}",
        "date-of-birth={}",
        "dateOfBirth={}",
        "clientDateOfBirth: {}",
        "birth {}",
        "DoB – {}",
        "{} is the DOB",
        "aged 74, dob {}",
        "aged 74 ({})",
        "{} (aged 74)",
        "dob (aged 74) {}",
        "born in Leeds on {}",
        "{} birth",
        "DOB\u200b{}",
        "ＤＯＢ {}",
    )
    yield from ((BIRTH, form.format(day)) for form, day in product(says, days))
    yield from ((BIRTH, f"{word} {day}") for word in ("DOB", "b’day") for day in ("3:4:1950", "03/04/’50"))


SPOKEN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def in_words(digits: str, nought: str = "zero") -> str:
    return " ".join(SPOKEN[int(mark)] if mark != "0" else nought for mark in digits if mark.isdigit())


def misread(text: str) -> str:
    """UTF-8 that was opened as Windows's own encoding, as of a CSV in Excel."""
    return text.encode().decode("cp1252")


def mishaps() -> Iterator[Form]:
    """What befalls a writing on its way: by hand, by ear, by an export or by a form with boxes."""
    written = {
        INSURANCE: "AB 12 34 56 C",
        POSTCODE: "CB2 3QZ",
        PHONE: "07700 900123",
        BIRTH: "DOB 3 May 1950",
    }
    spaces = ("\u00a0", "\u2009", "\u202f", "\u2007")
    for (kind, text), gap in product(written.items(), spaces):
        yield fixed(kind, misread(text.replace(" ", gap)))
    ways: dict[str, Callable[[str], str]] = {
        **{f"misread {gap!r}": lambda n, g=gap: misread(parted(n, g, g)) for gap in (*spaces, "–", "\u2011")},
        "boxes": lambda n: f"|{'|'.join(n)}|",
        "in words": in_words,
        "in words with dashes": lambda n: in_words(n, "oh").replace(" ", "-"),
        "in Chinese figures": lambda n: n.translate(str.maketrans("0123456789", "〇一二三四五六七八九")),
        "the second of a list": lambda n: f"12,{n},Oak",
        "a bold end": lambda n: f"{parted(n, ' ', ' **')}**",
        "a letter for a nought": lambda n: parted(n, " ", " ").replace("0", "O"),
    }
    for name, way in ways.items():
        yield Form(NHS, name, lambda r, way=way: way(drawn(r)))
    noughts = ("O77O0 9o0123", "o1223 49600O", "AB O1 2o 56 C", "Tel 1223 496000", "telephone: 1223496000")
    yield from (fixed(PHONE if at != 2 else INSURANCE, text) for at, text in enumerate(noughts))
    for text in (
        "oh double seven double oh nine zero zero one two three",
        "tel 441223496000",
        "%2B447700900123",
    ):
        yield fixed(PHONE, text)
    halves = product(("CB 2", "C B 2", "CB2", "E 1", "SW 1A"), ("3QZ", "3 QZ", "3-QZ", "3 Q Z"))
    yield from (fixed(POSTCODE, f"Post code: {' '.join(half)}") for half in halves)
    yield from (fixed(INSURANCE, f"{word} 123456 C") for word in ("ON", "MY", "AM", "RE", "AS"))
    marks = (",", "[.]", ";")
    yield from (fixed(EMAIL, f"ann.other@nhs{mark}net") for mark in marks)
    for way in ("-at-", "*at*", ".at.", " [at-sign] ", "@@", "\\@", "|@|"):
        yield fixed(EMAIL, f"ann.other{way}nhs.net")
    yield fixed(EMAIL, "аnn.оthеr@nhs.nеt")
    says = "ClientDOB:|birth_dt=|b'day|bday:|DofB|DoBirth|date of brith|date of bith|75yo|75 y/o|75 yrs,"
    yield from (fixed(BIRTH, f"{said} 03/04/1950") for said in says.split("|"))
    days = ("3.iv.1950", "3/IV/1950", "1950 April 3", "3,4,1950", "3\\4\\1950", "the third of April 1950")
    yield from (fixed(BIRTH, f"born {day}") for day in days)


def fixed(kind: str, text: str) -> Form:
    return Form(kind, text, lambda _: text)


FORMS = [*nhs_forms(), *(fixed(kind, text) for kind, text in others()), *mishaps()]
KINDS = (NHS, INSURANCE, POSTCODE, PHONE, EMAIL, BIRTH)


def says(name: str, cells: list[str]) -> str:
    return personal_cells(name, *distinct_cells(pd.Series(cells, dtype="object")))


def missed_in_text(kind: str) -> list[tuple[str, str]]:
    chance = random.Random(11)
    return [
        (form.name, around)
        for form in FORMS
        if form.kind == kind and form.name != "a line within a cell"
        for around in AROUND
        if kind not in find_identifiers(around.format(form.write(chance)))
    ]


def missed_in_column(kind: str, rows: int) -> list[str]:
    chance = random.Random(12)
    return [
        form.name
        for form in FORMS
        if form.kind == kind and not says("description", [form.write(chance) for _ in range(rows)])
    ]


# --- what is no identifier ------------------------------------------------------------------------------

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
OUTWARD = ("SW1A", "E1", "N10", "W1", "M1", "CB2", "NG16", "EC1A", "B33", "S1")


def day(r: random.Random) -> tuple[int, int, int]:
    return r.randrange(1, 29), r.randrange(1, 13), r.randrange(2015, 2030)


def prose(r: random.Random) -> str:
    d, m, y = day(r)
    n = r.randrange(2, 400)
    return r.choice(
        (
            f"Team {r.choice(OUTWARD)}, {r.randrange(2, 9)} places",
            f"{r.choice(OUTWARD)} 1st quarter",
            f"{r.choice(OUTWARD)} {r.choice(('1st', '3rd'))} {r.choice(('team', 'tier', 'phase', 'stage'))}",
            f"W{n} 2nd review of {n}",
            f"born of the review of {y}",
            f"b. {n} cases; c. {n + 7}",
            f"{n}/{n + 9} ({100 * n / (n + 9):.1f}%) by {d:02d}/{m:02d}/{y}",
            f"from {d}/{m}/{y} to {d + 1}/{m}/{y + 1}",
            f"£{n},{d:03d},{m:03d}.50 (£{n}.{d:02d} a week)",
            f"paid on {d} {MONTHS[m - 1]} {y} at 07:30, 08:15",
            f"minutes 01 02 03 04 05 {d:02d}",
            f"ages {n}-{n + 9}: {d}; {m} aged 18-64 in {y}",
            f"call 0300 {n:03d} 4567 or 0808 {n:03d} 1234",
            f"see section {d}.{m}.{y}.{n}",
            f"N = {n}, p = 0.0{d}, 95% CI {d}.1-{m + 30}.{n}",
            f"budget code {r.choice('ABCDE')}{n} at {d}% of {y}",
            f"birth rate {d}.{m} in {y}",
            f"reviewed by {d}/{m}/{y}, aged 65 and over",
            f"people aged {d + 18} {d}/{m}/{y}",
            f"{d}/{m}/{y} the service was born",
            f"met @ {d}:{m:02d}, at the hub",
            f"A to B: {n}, {n + 3} to {n + 9}",
            f"costs borne by the trust from {d}/{m}/{y}",
            f"PO 45{r.randrange(10**8):08d} raised",
            f"{d} yrs ({d:02d}/{m:02d}/{y})",
        )
    )


CLEAN: dict[str, Callable[[random.Random, int], str]] = {
    "references of ten digits": lambda r, _: str(r.randrange(10**9, 10**10)),
    "ten digits with a dash": lambda r, _: f"{r.randrange(10**5):05d}-{r.randrange(10**5):05d}",
    "ten digits 3-3-4": lambda r, _: (
        f"{r.randrange(100, 1000)}-{r.randrange(1000):03d}-{r.randrange(10**4):04d}"
    ),
    "ten digits, mixed": lambda r, _: (
        f"{r.randrange(100, 1000)}/{r.randrange(1000):03d}-{r.randrange(10**4):04d}"
    ),
    "invoices": lambda r, i: f"INV{2024_000_000 + i * 7 + r.randrange(7):010d}",
    "invoices with a letter": lambda r, _: f"{r.randrange(10**9, 10**10)}{r.choice('ABX')}",
    "orders of a year": lambda r, _: f"PO-{r.randrange(2015, 2030)}-{r.randrange(10**10):010d}",
    "invoices of a month": lambda r, i: f"INV/{r.randrange(2015, 2030)}/{r.randrange(1, 13):02d}/{i:06d}",
    "outward codes": lambda r, _: r.choice(OUTWARD),
    "teams": lambda r, i: f"{r.choice(OUTWARD)} {r.choice(('North', 'AMHP', 'Hub', 'D2A', 'CMHT'))} {i % 9}",
    "cost centres": lambda r, _: f"{r.choice('ABCDEFGH')}{r.randrange(10**5):05d}",
    "cost centres in parts": lambda r, _: (
        f"{r.choice('KJQX')}{r.randrange(100)}-{r.randrange(10)}{r.choice('ABDEFG')}{r.choice('ABDEFG')}"
    ),
    "cost codes": lambda r, _: (
        f"{r.randrange(10**4):04d}/{r.choice('ABCDE')}{r.randrange(10**4):04d}/{r.randrange(100):02d}"
    ),
    "ledger strings": lambda r, _: (
        f"0{r.choice((10, 17, 27))}-{r.randrange(1000):03d}-{r.randrange(10**4):04d}-{r.randrange(100):02d}"
    ),
    "companies": lambda r, _: f"{r.choice(('SC', 'NI', 'OC'))}{r.randrange(10**6):06d}",
    "companies of figures": lambda r, _: f"0{r.randrange(10**7):07d}",
    "wards": lambda r, _: f"E05{r.randrange(10**6):06d}",
    "areas": lambda r, _: f"E0{r.choice('1234')}{r.randrange(10**6):06d}",
    "UPRN": lambda r, _: str(r.randrange(10**10, 10**12)),
    "UPRN of ten": lambda r, i: str(1_000_000_000 + 13 * i + r.randrange(13)),
    "months": lambda r, _: f"{r.choice(MONTHS)}-{r.randrange(15, 30)}",
    "months long": lambda r, _: f"{r.choice(MONTHS)} {r.randrange(2015, 2030)}",
    "days": lambda r, _: "{:02d}/{:02d}/{}".format(*day(r)),
    "days with dots": lambda r, _: "{:02d}.{:02d}.{}".format(*day(r)),
    "days in words": lambda r, _: f"{day(r)[0]} {r.choice(MONTHS)} {day(r)[2]}",
    "months and years": lambda r, _: "{1:02d}/{2}".format(*day(r)),
    "moments": lambda r, _: "{:02d}/{:02d}/{} 07:30:00".format(*day(r)),
    "stamps": lambda r, _: "{2}{1:02d}{0:02d}0730".format(*day(r)),
    "spans": lambda r, _: "{0:02d}/{1:02d}/{2} - {0:02d}/{1:02d}/{2}".format(*day(r)),
    "years": lambda r, _: f"{2015 + r.randrange(15)}/{16 + r.randrange(15)}",
    "weeks": lambda r, _: f"{day(r)[2]}-W{r.randrange(1, 53):02d}",
    "times": lambda r, _: (
        f"{r.randrange(24):02d}:{r.randrange(60):02d}:{r.randrange(60):02d}.{r.randrange(10**4):04d}"
    ),
    "money": lambda r, _: f"£{r.randrange(10**12) / 100:,.2f}",
    "money plain": lambda r, _: f"{r.randrange(10**12) / 100:.2f}",
    "money in brackets": lambda r, _: f"({r.randrange(10**12) / 100:,.2f})",
    "money of Europe": lambda r, _: f"{r.randrange(10**9) / 100:,.2f}".replace(",", "."),
    "whole thousands": lambda r, _: f"{r.randrange(10**9, 10**10):,}",
    "money with a code": lambda r, _: f"{r.randrange(10**9, 10**10)}GBP",
    "fractions": lambda r, _: repr(r.random()),
    "fractions of ten": lambda r, _: f"{r.random():.10f}",
    "eastings": lambda r, _: f"{r.randrange(400_000, 600_000)},{r.randrange(100_000, 400_000)}",
    "IBAN": lambda r, _: f"GB71 BARC {r.randrange(10**4):04d} 0787 2242 1{r.randrange(1000):03d} 56",
    "codes of six": lambda r, _: "".join(r.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=6)),
    "exponents": lambda r, _: f"{r.random():.9e}",
    "percentages": lambda r, _: f"{100 * r.random():.8f}%",
    "intervals": lambda r, _: (
        f"{r.randrange(100, 1000)}.{r.randrange(1000):03d}-{r.randrange(1000)}.{r.randrange(10)}"
    ),
    "coordinates": lambda r, _: f"{51 + r.random():.7f}, -{r.random():.7f}",
    "hashes": lambda r, _: f"{r.getrandbits(128):032x}",
    "UUID": lambda r, _: "-".join(f"{r.getrandbits(4 * k):0{k}x}" for k in (8, 4, 4, 4, 12)),
    "keys": lambda r, i: f"P{i:04d}",
    "case numbers": lambda r, i: f"C{r.randrange(2015, 2030)}-{i:05d}",
    "odd years": lambda r, _: f"{r.randrange(100, 999)} {r.randrange(100, 999)} {r.randrange(2015, 2030)}",
    "bank": lambda r, _: f"{r.randrange(10**6):06d} {r.randrange(10**8):08d}",
    "VAT": lambda r, _: f"GB {r.randrange(1000):03d} {r.randrange(10**4):04d} {r.randrange(100):02d}",
    "CQC": lambda r, _: f"1-{r.randrange(10**8, 10**10)}",
    "ODS": lambda r, _: f"{r.choice('RTQ')}{r.choice('ABDEHL')}{r.randrange(10)}{r.randrange(100):02d}",
    "SNOMED": lambda r, _: str(r.randrange(10**14, 10**17)),
    "freephone": lambda r, _: f"0800 {r.randrange(1000):03d} {r.randrange(10**4):04d}",
    "versions": lambda r, _: f"v{r.randrange(10)}.{r.randrange(10)}.{r.randrange(10)}",
    "sums": lambda r, i: f"{i}+{r.randrange(99)}+{r.randrange(999)}",
    "notes": lambda r, _: prose(r),
    "lists": lambda r, _: ", ".join(str(r.randrange(1, 400)) for _ in range(4)),
    "ages": lambda r, _: f"aged {r.randrange(18, 65)} to {r.randrange(65, 90)} in {day(r)[2]}",
    "flats": lambda r, i: f"Unit {i % 40}{r.choice('ABC')}, 1st floor",
    "units": lambda r, _: f"{r.randrange(10**3)} hrs @ £{r.randrange(10, 40)}.{r.randrange(10, 99)}",
    "handles": lambda r, i: f"@team{i % 7}",
}


def stopped(columns: int) -> list[tuple[str, str, int]]:
    chance = random.Random(13)
    found = []
    for at in range(columns):
        kind, write = list(CLEAN.items())[at % len(CLEAN)]
        name, rows = (
            chance.choice(("source_ref", "person_key", "code", "number")),
            chance.choice((8, 20, 60, 200)),
        )
        if what := says(name, [write(chance, i) for i in range(rows)]):
            found.append((kind, what, rows))
    return found


def stopped_texts() -> list[tuple[str, list[str]]]:
    """Find sentences that the gate would stop, but for numbers of ten digits, which it reads strictly."""
    chance = random.Random(14)
    texts = [write(chance, i) for kind, write in CLEAN.items() for i in range(100) if kind in WITHOUT_TEN]
    return [(text, list(found)) for text in texts if (found := find_identifiers(text))]


WITHOUT_TEN = (
    "outward codes",
    "teams",
    "cost centres",
    "cost codes",
    "ledger strings",
    "companies of figures",
    "wards",
    "areas",
    "months",
    "months long",
    "days",
    "days with dots",
    "days in words",
    "months and years",
    "moments",
    "spans",
    "years",
    "weeks",
    "times",
    "money",
    "money plain",
    "money in brackets",
    "fractions",
    "fractions of ten",
    "eastings",
    "IBAN",
    "exponents",
    "percentages",
    "keys",
    "case numbers",
    "notes",
    "lists",
    "ages",
    "flats",
    "units",
    "handles",
    "versions",
    "sums",
    "freephone",
)


def test_a_thousand_forms_are_tried() -> None:
    assert len(FORMS) > 1_000
    assert len({(form.kind, form.name) for form in FORMS}) == len(FORMS)


@pytest.mark.parametrize("kind", KINDS)
def test_no_form_is_missed_in_a_text(kind: str) -> None:
    assert missed_in_text(kind) == []


@pytest.mark.parametrize("rows", [1, 12])
@pytest.mark.parametrize("kind", KINDS)
def test_no_form_is_missed_in_a_column(kind: str, rows: int) -> None:
    assert missed_in_column(kind, rows) == []


def test_at_most_one_clean_column_in_a_thousand_is_stopped() -> None:
    assert len(stopped(3_000)) <= 3


def test_no_clean_sentence_or_code_would_stop_a_page() -> None:
    assert stopped_texts() == []


def test_a_message_holds_no_part_of_a_form_and_its_cell_is_found_again() -> None:
    chance = random.Random(15)
    for form in FORMS:
        text = form.write(chance)
        for fault in text_faults("a/scenarios.toml", {"name": text, text: 1}):
            assert text not in str(fault)
        things = frozenset().union(*find_identifiers(text.replace("\r\n", " ")).values())
        frame = pd.DataFrame({"action": ["Review", text.replace("\r\n", " ")]}, index=[2, 3])
        assert where_held(things, {"actions": frame}) == (("actions", 3, "action"),), form.name
