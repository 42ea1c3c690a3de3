"""The last gate: what must never leave with a report, sought in its finished text before it is written."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s75lib.errors import RunError
from s75lib.loaders.identifiers import MAY_SAY_BORN, find_identifiers
from s75lib.loaders.personal_data import where_held
from s75lib.loaders.schemas import DATASETS
from s75lib.report.sanitise import ALLOWED_TAGS

if TYPE_CHECKING:
    import pandas as pd

_IMAGE = re.compile(r"data:image/[^\"'\s>)]*")
_HASH = re.compile(r"'sha256-[A-Za-z0-9+/]{43}='")
"""What a page allows itself to run: letters by chance, which can come out as a postcode."""
_TAG = re.compile(r"<[^>]*>")
_INLINE_TAGS = "a abbr b bdi bdo code del dfn em i ins kbd mark q s samp small span strong sub sup u var"
_INLINE = frozenset(_INLINE_TAGS.split())
_SPOKEN = ("alt", "title", "aria-label", "href", "id", "content")

# A page so plain that every parser reads it alike: tags in lower case, attributes between double quotes, `<`
# nowhere but at the start of a tag and `&` nowhere but at that of a reference that ends with a semicolon.
_DOCTYPE = "<!DOCTYPE html>"
_RAW = r"<style>[^<]*</style>|<script>[^<]*</script>|<title>([^<]*)</title>"
_OF_A_PAGE = "html head meta link body header main nav footer h1 svg rect line circle button"
_TAGS = "|".join([*ALLOWED_TAGS, *_OF_A_PAGE.split()])
_REFERENCE = r"&(?:#[0-9]+|#x[0-9a-f]+|[a-z]+);"
_ATTRIBUTE = rf' [a-z0-9-]+="(?:[^"<>&]|{_REFERENCE})*+"'
_PLAIN = re.compile(
    rf"(?:[^<&]++|{_REFERENCE}|</(?:{_TAGS})>|<(?:{_TAGS})(?:{_ATTRIBUTE})*+>|{_DOCTYPE}|{_RAW})*+"
)
_OF_HTML = re.compile(rf"</?(?:{_TAGS})[ />]")
_INLINE_TAG = re.compile(rf"</?(?:{'|'.join(_INLINE)})(?: [^>]*)?>")
_SPOKEN_VALUE = re.compile(rf' (?:{"|".join(_SPOKEN)})="([^"]+)"')
_SPEAKING_TAG = re.compile(rf"<[^>]*{_SPOKEN_VALUE.pattern}[^>]*>")

_ROOTS = (
    "Applications|Library|System|Users|Volumes|app|bin|builds|dev|etc|home|lib|media|mnt|opt|private|proc|root|run|"
    "sbin|srv|sys|tmp|usr|var|work|workspace"
)
_PATH = re.compile(
    rf"(?<![\w.:/\\~£-])/(?:{_ROOTS})/[\w.-]+|(?<![\w/])[A-Za-z]:(?:\\{{1,2}}|/)(?=\w)|(?<![\w\\])\\\\\w[\w.-]+\\\w|file:/"
)
_TRACEBACK = re.compile(r'Traceback \(most recent call last\)|File "[^"\n]*", line \d+')
_FEWEST_LETTERS, _FEWEST_DIGITS = 4, 5
_MOST_CELLS = 5  # named in a message
_OF_A_FAILURE = ("path of the machine", "traceback")


class GateError(RunError):
    """A finished report holds what must not leave; the message says what kind and where, never the thing."""


@dataclass(frozen=True)
class Hit:
    """Something found at the gate."""

    file: str
    kind: str
    count: int
    things: frozenset[str] = field(default=frozenset(), repr=False)


def check_gate(
    files: Mapping[str, str],
    keys: Collection[str] = (),
    *,
    failed: bool = False,
    held: Callable[[], Mapping[str, pd.DataFrame]] = dict,
) -> None:
    r"""Let a report pass, or withhold it: its finished texts by ending, and the keys that were loaded.

    `held` gives the datasets that it was made from, of which the message names the cells.

    >>> check_gate({"html": "<p>Ring the duty desk.</p>"})
    >>> check_gate({"html": "<p>NHS number <b>999 000 0018</b></p>"})
    Traceback (most recent call last):
        ...
    s75lib.report.gate.GateError: The report is withheld: its page holds 1 valid NHS number. ...
    """
    hits = search_report(files, keys, failed=failed)
    if not hits:
        return
    spoken = {"html": "its page", "ipynb": "its notebook", "json": "its manifest"}
    found = "; ".join(
        f"{spoken[hit.file]} holds {hit.count} {hit.kind}{'' if hit.count == 1 else 's'}" for hit in hits
    )
    things = frozenset().union(*(hit.things for hit in hits))
    cells = where_held(things, held())
    if cells:
        named = "; ".join(
            f"{dataset}, row {row}, column {column}" for dataset, row, column in cells[:_MOST_CELLS]
        )
        found += f" ({named}{' and others' if len(cells) > _MOST_CELLS else ''})"
    raise GateError(
        f"The report is withheld: {found}. An earlier report stays as it is. Take what identifies people or "
        "machines out of the data or the notebook, then run again."
    )


def search_report(
    files: Mapping[str, str], keys: Collection[str] = (), *, failed: bool = False
) -> tuple[Hit, ...]:
    """Search the finished texts of a report.

    In the notebook and the manifest only texts are read; ten digits count as an NHS number only by their
    check digit, and keys are sought as whole words. Keys shorter than four characters, or of fewer than five
    digits alone, cannot be told from figures and are not sought. Of images only the words of an SVG are read.

    >>> search_report({"json": '{"text": "P0583 costs most", "value": 9990000018}'}, {"P0583"})
    (Hit(file='json', kind='key of a person or package', count=1),)
    """
    sought = frozenset(
        key for key in keys if len(key) >= (_FEWEST_DIGITS if key.isdigit() else _FEWEST_LETTERS)
    )
    lines = {
        ending: _lines(_page_texts(content) if ending == "html" else _json_texts(json.loads(content)))
        for ending, content in files.items()
    }
    # The files say much the same, and nearly always nothing is found.
    if not any(_found(set().union(*lines.values()), sought).values()):
        return ()
    return tuple(
        Hit(ending, kind, len(found), frozenset(found))
        for ending, own in lines.items()
        for kind, found in _found(own, sought).items()
        if found and not (failed and ending == "ipynb" and kind in _OF_A_FAILURE)
    )


def held_keys(head: Mapping[str, Any], data_dir: Path) -> frozenset[str]:
    """Read the keys of people and packages behind a report; unreadable data raise their error."""
    people = tuple(
        (item["dataset"], item["sha256"])
        for item in head.get("inputs", [])
        if item["dataset"] in DATASETS and DATASETS[item["dataset"]].about_people
    )
    return _keys_of(head["authority"], head["period"], data_dir, people) if people else frozenset()


def held_cells(head: Mapping[str, Any], data_dir: Path) -> dict[str, pd.DataFrame]:
    """Read the datasets of a report as they stand in their files, each row with its number there.

    None of one that ended before it had loaded any.
    """
    from s75lib.loaders.authority import read_authority
    from s75lib.loaders.load import read_raw

    if not head.get("inputs"):
        return {}
    who = read_authority(head["authority"], data_dir)
    read = {item["dataset"]: DATASETS.get(item["dataset"]) for item in head["inputs"]}
    raw = {name: read_raw(who, data_dir, dataset) for name, dataset in read.items() if dataset}
    return {name: one.raw.frame for name, one in raw.items() if one}


@lru_cache(maxsize=4)
def _keys_of(
    authority: str, period: str, data_dir: Path, people: tuple[tuple[str, str], ...]
) -> frozenset[str]:
    """Keys in some datasets of an authority; read once for all its notebooks while they stand unchanged."""
    from s75lib.loaders.pseudonyms import known_keys

    return known_keys(authority, period, [name for name, _ in people], data_dir=data_dir)


def _lines(texts: Iterable[str]) -> set[str]:
    """Distinct lines of some texts: nothing sought goes over the end of one."""
    return set("\n".join(texts).split("\n"))


def _found(lines: set[str], keys: frozenset[str]) -> dict[str, set[str]]:
    text = "\n".join(lines)
    own = {
        "key of a person or package": _words(text) & keys if keys else set(),
        "path of the machine": set(_PATH.findall(text)),
        "traceback": set(_TRACEBACK.findall(text)),
    }
    return {kind: set(found) for kind, found in find_identifiers(text).items()} | own


def _words(text: str) -> set[str]:
    """Words of a text, cut three ways so that a key with a hyphen or a full stop is found too."""
    return {word for cut in (r"\w+", r"[\w-]+", r"[^\s<>\"',;()]+") for word in re.findall(cut, text)}


def _json_texts(content: Any) -> Iterator[str]:
    """Every text in a JSON document, names included; HTML read as a page is, images by their words."""
    found: set[str] = set()
    left = [content]
    while left:
        item = left.pop()
        if isinstance(item, str):
            found.add(item)
        elif isinstance(item, dict):
            found.update(item)
            left += [value for name, value in item.items() if name not in ("image/png", "image/jpeg")]
        elif isinstance(item, list):
            # A notebook keeps a long text as a list of its lines.
            lines = all(isinstance(line, str) for line in item) and any(line[-1:] == "\n" for line in item)
            left += ["".join(item)] if lines else item
    for text in found:
        yield from _page_texts(text) if _OF_HTML.search(text) else (text,)


def _page_texts(page: str) -> Iterator[str]:
    """Yield what a page says: its text, what its attributes say, and the words in its pictures."""
    for picture in re.findall(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page):
        try:
            yield " \n".join(re.findall(r"<text[^>]*>([^<]*)", base64.b64decode(picture).decode("utf-8")))
        except (binascii.Error, UnicodeDecodeError):
            continue
    page = _HASH.sub("", _IMAGE.sub("", page)).replace(
        "\n", " "
    )  # where its text is folded, no reader sees a line end
    said = _read_plain(page) if _PLAIN.fullmatch(page) else _read(page)
    yield said
    if MAY_SAY_BORN.search(said):
        for table in re.findall(r"<table[ >].*?</table>", page):
            yield from filter(MAY_SAY_BORN.search, _beside(table))


def _beside(table: str) -> Iterator[str]:
    """Yield each row of a table as one line, and each cell beside its heading, too far apart for a number."""
    rows = [
        [unescape(_TAG.sub("", cell)) for cell in re.findall(r"<t[dh](?: [^>]*)?>(.*?)</t[dh]>", row)]
        for row in table.split("</tr>")
    ]
    yield from (" || ".join(row) for row in rows)
    yield from (f"{head} || {cell}" for row in rows[1:] for head, cell in zip(rows[0], row, strict=False))


def _read_plain(page: str) -> str:
    """Read a plain page as the parser would, in a tenth of its time."""
    page = re.sub(_RAW, r"\n\1\n", page.replace(_DOCTYPE, ""))
    page = _SPEAKING_TAG.sub(lambda tag: "\n".join(["", *_SPOKEN_VALUE.findall(tag[0]), ""]), page)
    return unescape(_TAG.sub("\n", _INLINE_TAG.sub("", page)))


def _read(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return "".join(reader.said)


class _Reader(HTMLParser):
    """Gathers text; what is not an inline element parts words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in ("style", "script")
        self._part(tag)
        self.said += [f"\n{value}\n" for name, value in attrs if name in _SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)

    def _part(self, tag: str) -> None:
        if tag not in _INLINE:
            self.said.append("\n")
