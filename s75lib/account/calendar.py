"""The agreement's calendar: its term, notice, boards and reports due, and what does not fit together."""

from __future__ import annotations

__all__ = ["Gap", "checks", "events", "gaps", "headlines", "section"]

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from s75lib.account.statement import QUARTERS, quarter_ends
from s75lib.loaders import Authority, Period
from s75lib.loaders.partnership import Agreement
from s75lib.present import Column, Figure, Headline, Missing, Section, Table, TableOf, charts, words
from s75lib.present import section as section_of
from s75lib.present.headline import Stake

if TYPE_CHECKING:
    from s75lib.account.study import Study


@dataclass(frozen=True)
class Gap:
    """Days of an agreement that do not fit together: a stable name, a sentence, and what is at stake."""

    id: str
    text: str
    stake: Stake = "law"


def _first(when: str) -> date:
    """Give the first day that a day or a month can mean."""
    return date.fromisoformat(when if len(when) == 10 else f"{when}-01")


def _said(when: str) -> str:
    """Write a day or a month as people do."""
    return words.day(_first(when)) if len(when) == 10 else f"{_first(when):%B %Y}"


def in_force_until(agreement: Agreement) -> date | None:
    """Give the last day of the term and of every agreed extension."""
    ends = [one.end for one in agreement.extensions if one.status == "agreed"]
    return max([agreement.end, *ends]) if agreement.end else max(ends, default=None)


def events(who: Authority, year: Period) -> pd.DataFrame:
    """List an agreement's days and spans.

    Parameters
    ----------
    who : Authority
        With its agreement.
    year : Period
        Financial year whose reports are due.

    Returns
    -------
    DataFrame
        ``day`` (the first that a month can mean), ``until`` (missing for a single day), ``when`` (as people
        write it), ``kind`` (term, extension, decision, notice, board, review, report) and ``what``, by day.

    Notes
    -----
    A report is due for each quarter and each year of the functions that one body exercises for the other.

    References
    ----------
    NHS Bodies and Local Authorities Partnership Arrangements Regulations 2000, SI 2000/617, regulation 9.

    Examples
    --------
    >>> from s75lib.loaders import read_authority
    >>> found = events(read_authority("coventry", "data"), Period.parse("2017/18"))
    >>> found.loc[found["kind"] == "extension", "when"].tolist()
    ['1 April 2017 to 31 March 2018', '1 April 2018 to 31 March 2019']
    """
    held, rows = who.agreement, []

    def add(kind: str, what: str, when: str, until: date | None = None) -> None:
        said = _said(when) + (f" to {words.day(until)}" if until else "")
        rows.append((_first(when), until, said, kind, what))

    if held.signed:
        add("decision", "Agreement signed or signed off", held.signed)
    if held.in_operation:
        add("term", "In operation", held.in_operation)
    if held.start and held.end:
        add("term", "Term of the agreement", held.start.isoformat(), held.end)
    elif held.start or held.end:
        what = "Agreement begins" if held.start else "Agreement ends"
        add("term", what, (held.start or held.end).isoformat())  # type: ignore[union-attr]
    for one in held.extensions:
        add("extension", f"Extension, {one.status}", one.start.isoformat(), one.end)
        if one.decided:
            add("decision", f"Decision on the extension{_by(one.decided_by)}", one.decided)
    last = in_force_until(held)
    if last and held.notice_months is not None:
        day = (pd.Timestamp(last) - pd.DateOffset(months=held.notice_months)).date()
        add("notice", f"Last day to give {held.notice_months} months' notice to the end", day.isoformat())
    for when in held.board_dates:
        add("board", "Board or committee", when)
    for when in held.review_dates:
        add("review", "Review or milestone", when)
    for name, end in zip(QUARTERS, quarter_ends(year), strict=True):
        if (last and end.date() <= last) and (held.start is None or end.date() >= held.start):
            what = f"Report due on {name.upper()}" + (" and on the year" if name == "q4" else "")
            add("report", what, end.date().isoformat())
    frame = pd.DataFrame(rows, columns=["day", "until", "when", "kind", "what"])
    for name in ("day", "until"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.sort_values("day", kind="stable", ignore_index=True)


def gaps(agreement: Agreement, known_by: date) -> list[Gap]:
    """Find what does not fit together in an agreement's days.

    Parameters
    ----------
    agreement : Agreement
        As authority.toml holds it.
    known_by : date
        End of the report's period.

    Returns
    -------
    list of Gap
        A term that ends before the board that decides on its extension; days between two terms; an
        agreement that runs before it is signed; a last agreed day that has passed.

    Examples
    --------
    >>> from s75lib.loaders import read_authority
    >>> found = gaps(read_authority("coventry", "data").agreement, date(2018, 3, 31))
    >>> [gap.id for gap in found]
    ['account.gap.decided', 'account.gap.proposed']
    """
    found, last = [], agreement.end
    for at, one in enumerate(agreement.extensions):
        more = f".{at}" if any(gap.id.startswith("account.gap.decided") for gap in found) else ""
        before = one.start - timedelta(days=1)
        if one.decided and _first(one.decided) > before:
            found.append(
                Gap(
                    f"account.gap.decided{more}",
                    f"The agreement ends on {words.day(before)}, before {one.decided_by or 'the board'} decides "
                    f"on its extension in {_first(one.decided):%B %Y}: between the two no agreement is in force.",
                )
            )
        if last and before > last:
            found.append(
                Gap(
                    f"account.gap.between{more}",
                    f"Between {words.day(last)} and {words.day(one.start)} no term is agreed or proposed.",
                )
            )
        last = max(last, one.end) if last else one.end
    proposed = [one for one in agreement.extensions if one.status == "proposed"]
    if proposed:
        spans = [f"{words.day(one.start)} to {words.day(one.end)}" for one in proposed]
        found.append(
            Gap(
                "account.gap.proposed",
                f"The extension of {words.join(spans)} is proposed; no document held says that it was agreed.",
                "certainty",
            )
        )
    if agreement.start and agreement.signed and _first(agreement.signed) > agreement.start:
        late = (_first(agreement.signed) - agreement.start).days
        runs = f", in operation from {_said(agreement.in_operation)}" if agreement.in_operation else ""
        found.append(
            Gap(
                "account.gap.signed",
                f"The agreement begins on {words.day(agreement.start)}{runs}, and was signed off on "
                f"{_said(agreement.signed)}, {late} days after it began.",
            )
        )
    ended = in_force_until(agreement)
    if ended and ended < known_by:
        found.append(
            Gap(
                "account.gap.ended",
                f"The last agreed day, {words.day(ended)}, had passed by {words.day(known_by)}.",
            )
        )
    return found


def _by(name: str) -> str:
    return f" by {name}" if name else ""


def headlines(study: Study) -> list[Headline]:
    """Say when the agreement ends, and what does not fit together in its days."""
    agreement = study.data.authority.agreement
    said = []
    ended = in_force_until(agreement)
    if ended:
        begun = f" began on {words.day(agreement.start)} and" if agreement.start else ""
        notice = ""
        if agreement.notice_months is not None:
            notice = f", with {agreement.notice_months} months' notice"
        said.append(
            Headline(
                "account.term",
                f"The agreement{begun} ends on {words.day(ended)}{notice}.",
                method="the term and its agreed extensions",
                see=("events",),
            )
        )
    return said + [
        Headline(gap.id, gap.text, method="days of the agreement compared", see=("events",), stake=gap.stake)
        for gap in study.gaps
    ]


_EVENTS = TableOf(
    "events",
    (Column("when", "When"), Column("what", "What"), Column("kind", "Kind")),
    (
        "Reports on delegated functions are due quarterly and yearly (SI 2000/617). Of a month alone, the "
        "first day counts.",
    ),
)
_LANES = {
    "term": charts.BLUE,
    "extension": charts.TEAL,
    "notice": charts.ORANGE,
    "decision": charts.PURPLE,
    "board": charts.GREY,
    "review": charts.GREY,
    "report": charts.GREY,
}


def _table(study: Study) -> Table:
    """List the days."""
    return _EVENTS.of(study.events, f"Calendar of the agreement, {study.place}")


def _figure(study: Study) -> Figure:
    """Draw the days on a line for each kind: spans as bars, single days as marks."""
    rows = study.events
    lanes = [name for name in _LANES if name in set(rows["kind"])]
    sheet, axis = charts.drawing(8.0, 0.9 + 0.45 * len(lanes))
    for place, name in enumerate(reversed(lanes)):
        for one in rows[rows["kind"] == name].itertuples():
            if pd.notna(one.until):
                proposed = "proposed" in str(one.what)
                axis.barh(
                    place, one.until - one.day, left=one.day, height=0.45, color=_LANES[name],
                    alpha=0.45 if proposed else 1.0, hatch="///" if proposed else "", edgecolor="white",
                )  # fmt: skip
            else:
                axis.plot([one.day], [place], marker="D", markersize=7, color=_LANES[name])
    end = pd.Timestamp(study.data.period.end)
    axis.axvline(end, color="#222222", linewidth=1, linestyle=(0, (1, 2)))
    axis.set_yticks(range(len(lanes)), [name.capitalize() for name in reversed(lanes)], fontsize=9.5)
    axis.set_ylim(-0.6, len(lanes) - 0.4)
    said = study.gaps[0].text if study.gaps else headlines(study)[0].text if headlines(study) else ""
    title = said or f"{words.count_noun(len(rows), 'day')} of the agreement are known"
    return Figure(
        "timeline",
        title,
        f"The agreement's terms (bars; hatched: proposed) and days, {study.place}; dotted: end of the period",
        f"A timeline of {words.count_noun(len(rows), 'entry', 'entries')}. {title}",
        sheet,
        TableOf("timeline.data", _EVENTS.columns).of(rows, "Entries of the timeline"),
        f"{study.place}, agreement",
    )


NO_DATES = Missing(
    "No day of the agreement is held: start, end and notice stand under [agreement] in authority.toml."
)


def section(study: Study) -> Section:
    """Show the timeline, what does not fit together, and the list of days."""
    if study.events.empty:
        return section_of(NO_DATES)
    return section_of(headlines(study), _figure(study), _table(study))
