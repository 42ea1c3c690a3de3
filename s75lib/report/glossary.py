"""The terms of a page: what each means, and links to it from where it first stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from markupsafe import Markup, escape

TERMS: Mapping[str, str] = {
    "AMHP": "Approved mental health professional: may apply for a person's detention under the Mental Health "
    "Act 1983.",
    "AMH": "Adult mental health: services for people of working age.",
    "MHA": "Mental Health Act 1983.",
    "CPA": "Care programme approach: planned care of people with severe mental illness.",
    "OPMH": "Older people's mental health services.",
    "95% interval": "The range that the figures leave open: of twenty such ranges, nineteen hold the true "
    "figure.",
    "prediction interval": "The range in which a figure still to come is expected to fall, with the chance "
    "given.",
    "percentage points": "The difference between two percentages: from 20% to 25% is 5 percentage points.",
    "gross": "Before what the NHS and the people cared for pay.",
    "net": "What social care pays after contributions of the NHS and of the people cared for.",
    "adjusted net budget": "The budget of care packages after income, with the other adjustments of finance.",
    "commitments": "What the care packages agreed on a day cost over the whole financial year.",
    "forecast": "What is expected at the year end, with expected demand, savings and adjustments.",
    "other adjustments": "Sums that finance expects beside the packages, such as savings to come.",
    "adjustments": "Lines that finance holds beside the packages, such as inflation or earlier years' costs.",
    "budget monitor": "Finance's table of budget, commitments and forecast, line by line.",
    "package ledger": "The list of care packages: a row for each, with what it costs and who pays.",
    "snapshots": "Figures as they stood on one day each.",
    "phasing": "How a year's budget is spread over its months.",
    "section 117 aftercare": "Care after detention under the Mental Health Act 1983, free to the person.",
    "bed-based": "Residential and nursing care.",
    "Client Conts": "Client contributions: what the people cared for pay.",
    "Health Cont": "NHS contributions: what the NHS pays towards packages.",
    "Dom Care": "Home care (domiciliary care): care in a person's own home.",
    "Supp Living": "Supported living: a home of one's own with care on hand.",
    "Dir Payments": "Direct payments: money with which people buy their own care.",
    "levers": "What could close a gap: fewer starters, lower price rises, a higher NHS share, more reviews.",
    "cases": "People in a type of care, each type counted once, whatever the references of the packages.",
    "WTE": "Whole-time equivalent: the hours of one person in full-time work.",
    "locum": "A temporary worker, mostly through an agency.",
    "light-touch": "A short review some weeks after a package has moved or begun.",
    "unusual": "Beyond the routine variation of its own series of months (a special cause).",
    "lasting step": "A change of level that stays.",
    "extreme": "A risk that scores 15 to 25 of 25, consequence times likelihood.",
    "contradicts itself": "Score, level and words of an entry do not fit together.",
}
"""Each term as it stands in a sentence, with its meaning."""

_FULL = {
    "AMHP": "approved mental health professional",
    "AMHPs": "approved mental health professionals",
    "AMH": "adult mental health",
    "CPA": "care programme approach",
    "MHA": "Mental Health Act",
    "OPMH": "older people's mental health",
    "WTE": "whole-time equivalents",
}
_SHORT = re.compile(rf"(\(?)(?<![\w-])({'|'.join(_FULL)})(?![\w-])")

_ANY = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, TERMS), key=len, reverse=True))})(?![\w-])")

_POINTS = re.compile(r'data-points="([^"]*)"')
_TOLD = re.compile(r'(<(?:strong class="s75-figure-title"|th scope="row"|p class="s75-note")>)([^<]+)(?=</)')


def anchor_of_term(term: str) -> str:
    """Return the anchor of a term in the glossary."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", term.lower())


def spelt_out(text: str, told: set[str]) -> str:
    """Spell an abbreviation out where it first stands; it is told then.

    >>> spelt_out("Paid employment (CPA), AMH: 4 of 5; AMH stays.", set())
    'Paid employment (care programme approach, CPA), AMH (adult mental health): 4 of 5; AMH stays.'
    """

    def full(found: re.Match[str]) -> str:
        bracket, short = found.groups()
        if short in told:
            return found[0]
        told.add(short)
        inside = text.count("(", 0, found.end()) > text.count(")", 0, found.end())
        if _FULL[short].lower() in text.lower():
            return found[0]
        return f"{bracket}{_FULL[short]}, {short}" if inside else f"{short} ({_FULL[short]})"

    return _SHORT.sub(full, text)


def explained(part: Mapping[str, Any], html: str, told: set[str]) -> str:
    """Say below a figure's title what the abbreviations in its labels mean, if nothing before it has."""
    said = [str(value) for record in part["records"] for value in record.values()]
    labels = " ".join([*said, *_POINTS.findall(html)])
    here = sorted({found[2] for found in _SHORT.finditer(labels)} - told)
    told.update(here)
    meant = "; ".join(f"{short}: {_FULL[short]}" for short in here)
    below = f' <span class="s75-meta">{meant}</span>' if meant else ""
    return html.replace("</figcaption>", f"{below}</figcaption>", 1)


def linked(text: str, seen: set[str]) -> Markup:
    """Escape a text and link each term that was not seen before; it is seen then.

    >>> linked("4 WTE of 5 WTE < 6", set())
    Markup('4 <a class="s75-term" href="#term-wte">WTE</a> of 5 WTE &lt; 6')
    """
    parts, end = [], 0
    for found in _ANY.finditer(text):
        if found[0] in seen:
            continue
        seen.add(found[0])
        parts += [
            escape(text[end : found.start()]),
            Markup('<a class="s75-term" href="#{}">{}</a>').format(anchor_of_term(found[0]), found[0]),
        ]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def linked_in(html: Markup, seen: set[str], told: set[str]) -> Markup:
    """Link terms in the titles of figures, the first cells of rows and the notes of a part's safe HTML.

    Abbreviations are spelt out but in the cells.
    """

    def tell(found: re.Match[str]) -> str:
        text = unescape(found[2])
        return f"{found[1]}{linked(text if found[1][1:3] == 'th' else spelt_out(text, told), seen)}"

    return Markup(_TOLD.sub(tell, html))  # noqa: S704


def used(seen: set[str]) -> list[tuple[str, str, str]]:
    """List the terms seen, in the order of the alphabet: anchor, term and meaning."""
    return [(anchor_of_term(term), term, TERMS[term]) for term in sorted(seen, key=str.casefold)]
