"""The agreement's calendar: its term, notice, boards and reports due, and what does not fit together."""

from __future__ import annotations

__all__ = ["Gap", "events", "gaps"]

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from textwrap import wrap
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter

from s75lib.account.statement import QUARTERS, quarter_ends
from s75lib.loaders import Authority, Period
from s75lib.loaders.partnership import Agreement
from s75lib.present import Column, Figure, Headline, Missing, Section, Table, charts, table_of, words

if TYPE_CHECKING:
    from s75lib.account.study import Study


@dataclass(frozen=True)
class Gap:
    """Two days of an agreement that do not fit together.

    - `kind`: ``decided``: a term ends before the extension is decided; ``between``: days without a term;
      ``proposed``: an extension that nobody is known to have agreed; ``signed``: the agreement runs before it
      is signed; ``ended``: the last agreed day has passed.
    - `earlier`, `later`: The two days.
    - `by`: Who decides; the month in which the agreement came into operation.
    - `month`: Whether of the later day the month alone is known.
    """

    kind: str
    earlier: date
    later: date
    by: str = ""
    month: bool = False

    @property
    def days(self) -> int:
        """Days without what there should be, the fewest that they may be: that of the later day is none."""
        return (self.later - self.earlier).days - (self.kind in ("between", "decided"))


def _first(when: str) -> date:
    """Give the first day that a day or a month can mean."""
    return date.fromisoformat(when if len(when) == 10 else f"{when}-01")


def in_force_until(agreement: Agreement) -> date | None:
    """Give the last day of the term and of every agreed extension."""
    ends = [one.end for one in agreement.extensions if one.status == "agreed"]
    return max([agreement.end, *ends]) if agreement.end else max(ends, default=None)


def events(who: Authority, year: Period) -> pd.DataFrame:
    """List an agreement's days and spans.

    A report is due for each quarter and each year of the functions that one body exercises for the other.
    Source: NHS Bodies and Local Authorities Partnership Arrangements Regulations 2000, SI 2000/617,
    regulation 9.

    Returns
    -------
    DataFrame
        ``day`` (the first that a month can mean), ``until`` (missing for a single day), ``month`` (whether
        the month alone is known), ``kind`` (term, extension, decision, notice, board, review, milestone,
        report) and ``what``, by day.

    Examples
    --------
    >>> from s75lib.loaders import read_authority
    >>> found = events(read_authority("coventry", "data"), Period.parse("2017/18"))
    >>> found.loc[found["kind"] == "extension", "what"].tolist()
    ['Extension, agreed', 'Extension, proposed']
    """
    held, rows = who.agreement, []

    def add(kind: str, what: str, when: str, until: date | None = None) -> None:
        rows.append((_first(when), until, len(when) < 10, kind, what))

    if held.signed:
        add("decision", "Agreement signed or signed off", held.signed)
    if held.in_operation:
        add("term", "In operation", held.in_operation)
    if held.start and held.end:
        within = any(one.status == "agreed" and one.end <= held.end for one in held.extensions)
        what = "Term of the agreement" + (", agreed extension included" if within else "")
        add("term", what, held.start.isoformat(), held.end)
    elif held.start or held.end:
        what = "Agreement begins" if held.start else "Agreement ends"
        add("term", what, (held.start or held.end).isoformat())  # type: ignore[union-attr]
    for one in held.extensions:
        add("extension", f"Extension, {one.status}", one.start.isoformat(), one.end)
        if one.decided:
            by = f" by {one.decided_by}" if one.decided_by else ""
            add("decision", f"Decision on the extension{by}", one.decided)
    last = in_force_until(held)
    if last and held.notice_months is not None:
        day = (pd.Timestamp(last) - pd.DateOffset(months=held.notice_months)).date()
        add("notice", f"Last day to give {held.notice_months} months' notice to the end", day.isoformat())
    for when in held.board_dates:
        add("board", "Board or committee", when)
    for when in held.review_dates:
        add("review", "Review", when)
    for when, what in held.milestones.items():
        add("milestone", what, when)
    for name, end in zip(QUARTERS, quarter_ends(year), strict=True):
        if (last and end.date() <= last) and (held.start is None or end.date() >= held.start):
            what = f"Report due on {name.upper()}" + (" and on the year" if name == "q4" else "")
            add("report", what, end.date().isoformat())
    frame = pd.DataFrame(rows, columns=["day", "until", "month", "kind", "what"])
    for name in ("day", "until"):
        frame[name] = pd.to_datetime(frame[name])
    return frame.sort_values("day", kind="stable", ignore_index=True)


def gaps(agreement: Agreement, known_by: date) -> list[Gap]:
    """Find what does not fit together in an agreement's days.

    In the order of the extensions; of a month alone, its first day counts.

    Examples
    --------
    >>> from s75lib.loaders import read_authority
    >>> [gap.kind for gap in gaps(read_authority("coventry", "data").agreement, date(2018, 3, 31))]
    ['decided', 'proposed']
    """
    found: list[Gap] = []
    last = agreement.end
    for one in agreement.extensions:
        before = one.start - timedelta(days=1)
        month = len(one.decided) < 10
        if one.decided and _first(one.decided) > (before if month else one.start):
            found.append(Gap("decided", before, _first(one.decided), one.decided_by, month))
        if last and before > last:
            found.append(Gap("between", last, one.start))
        if one.status == "proposed":
            found.append(Gap("proposed", one.start, one.end))
        last = max(last, one.end) if last else one.end
    if agreement.start and agreement.signed and _first(agreement.signed) > agreement.start:
        found.append(Gap("signed", agreement.start, _first(agreement.signed), agreement.in_operation))
    ended = in_force_until(agreement)
    if ended and ended < known_by:
        found.append(Gap("ended", ended, known_by))
    return found


def _days(gap: Gap) -> str:
    most = gap.days + pd.Timestamp(gap.later).days_in_month - 1
    ranged = f"{gap.days} to {most} days" if gap.days else f"up to {most} days"
    return ranged if gap.month else words.count_noun(gap.days, "day")


def _told(gap: Gap, until: date | None, known_by: date) -> str:
    """Say what does not fit in an agreement that is in force until a day: ahead, what would be."""
    days, ahead, begins = _days(gap), gap.later > known_by, gap.earlier + timedelta(days=1)
    verb = "would be" if begins > known_by else "is" if ahead else "was"
    without = f"From {words.day(begins)} no agreement {verb} in force for {days}"
    earlier, later = words.day(gap.earlier), words.day(gap.later)
    due = f"in {gap.later:%B %Y}" if gap.month else f"on {later}"
    runs = f"runs from {earlier} to {words.day(until)}" if until else f"begins on {earlier}"
    since = f" It has been in operation since {words.when(gap.by)}." if gap.by else ""
    return {
        "decided": f"{without}: {gap.by or 'the board'} {'decides' if ahead else 'decided'} only {due}. "
        "The days before the decision are counted, as if nothing else covers them. The decision on an "
        "extension must come before the agreement ends.",
        "between": f"{without}: no term is agreed or proposed until {later}.",
        "proposed": f"An extension from {earlier} to {later} is proposed, and no document held says that it "
        "was agreed.",
        "signed": f"The agreement {runs} and was signed off on {later}, {days} after it began.{since}",
        "ended": f"No agreement has been in force since {earlier}, {days} before the period ends on {later}.",
    }[gap.kind]


def _large(gap: Gap) -> str:
    """Name a gap as an alarm, by how long it lasts: a day alone would read as any other day."""
    if gap.kind == "proposed":
        return words.day(gap.earlier)
    return f"{words.capital(_days(gap))} {'unsigned' if gap.kind == 'signed' else 'without an agreement'}"


def headlines(study: Study) -> Iterator[Headline]:
    """Say when the agreement ends, and what does not fit together in its days."""
    agreement = study.data.authority.agreement
    ended = in_force_until(agreement)
    if ended:
        begun = f" began on {words.day(agreement.start)} and" if agreement.start else ""
        months = agreement.notice_months
        notice = "" if months is None else f", with {months} months' notice"
        # Within a year a board must know what comes next; a gap or a proposal says it itself.
        planned = {"decided", "between", "proposed", "ended"} & {gap.kind for gap in study.gaps}
        soon = not planned and ended <= study.data.period.end + timedelta(days=366)
        yield Headline(
            "account.term",
            f"The agreement{begun} ends on {words.day(ended)}{notice}"
            f"{'; no document held says what follows it' if soon else ''}.",
            method="the term and its agreed extensions",
            see=("timeline",),
            stake="law" if soon else "context",
            figure=f"Ends {words.day(ended)}" if soon else "",
        )
    for at, gap in enumerate(study.gaps):
        again = f".{at}" if gap.kind in [other.kind for other in study.gaps[:at]] else ""
        yield Headline(
            f"account.gap.{gap.kind}{again}",
            _told(gap, ended, study.data.period.end),
            None if gap.kind == "proposed" else float(gap.days),
            "days",
            method="days of the agreement compared",
            figure=_large(gap),
            see=("timeline",),
            cell=("timeline", "", "when"),
            stake="certainty" if gap.kind == "proposed" else "law",
        )


_EVENTS = table_of(
    "events",
    Column("when", "When"),
    Column("what", "What"),
    Column("kind", "Kind"),
    notes=(
        "Reports on delegated functions are due quarterly and yearly (SI 2000/617). Of a month alone, the "
        "first day counts.",
    ),
)
_LANES = {
    "term": charts.BLUE,
    "extension": charts.LILAC,
    "notice": charts.INK,
    "decision": charts.PURPLE,
    "board": charts.GREY,
    "review": charts.GREY,
    "report": charts.GREY,
    "milestone": charts.GREY,  # the lowest: below it is room for what each is
}


_LETTER = 0.017  # of the span from first to last day: what a letter takes
_SHORT = {
    "Agreement signed": "Signed",
    "In operation": "In operation",
    "Report due on Q4 and on the year": "Q4, year:",
    **{f"Report due on Q{number}": f"Q{number}:" for number in (1, 2, 3)},
}
"""Of a day whose line does not say it, what stands before it on the chart."""


def _written(events: pd.DataFrame) -> pd.DataFrame:
    parts = zip(events["day"], events["until"], events["month"], strict=True)
    when = [
        f"{day:%B %Y}" if month else words.day(day) + (f" to {words.day(until)}" if pd.notna(until) else "")
        for day, until, month in parts
    ]
    return events.assign(when=when)


def _table(study: Study) -> Table:
    return _EVENTS.of(_written(study.events), f"Calendar of the agreement, {study.place}")


def _name_days(axis: Axes, days: pd.DataFrame, place: int, span: pd.Timedelta, bars: bool) -> None:
    """Write each day below or above its mark, clear of a bar; what finds no room is in the list alone."""
    ends = {1: pd.Timestamp.min} if bars else {-1: pd.Timestamp.min, 1: pd.Timestamp.min}
    for day, month, kind, what in zip(*(days[n] for n in ("day", "month", "kind", "what")), strict=True):
        named = kind == "milestone"
        name = what if named else next((said for long, said in _SHORT.items() if what.startswith(long)), "")
        when = f"{day:%b %Y}" if month else f"{day.day} {day:%b %Y}"
        lines = [when, *wrap(name, 20)] if named else [f"{name} {when}".strip()]
        half = max(map(len, lines)) * _LETTER / 2 * span
        side = next((side for side, end in ends.items() if end <= day - half and not (named and side > 0)), 0)
        if side:
            ends[side] = day + half
            shift = (0, (14 if bars else 8) * side)
            up = "bottom" if side > 0 else "top"
            clear = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # of the dotted line
            text = "\n".join(lines)
            charts.note(axis, text, (day, place), shift, ha="center", va=up, fontsize=8, bbox=clear)


def figure(study: Study) -> Figure:
    """Draw the days on a line for each kind: spans as bars, single days as marks."""
    rows = study.events
    lanes = [name for name in _LANES if name in set(rows["kind"])]
    span = rows[["day", "until"]].max().max() - rows["day"].min()
    sheet, axis = charts.drawing(1.1 + 0.6 * len(lanes))
    for place, name in enumerate(reversed(lanes)):
        here = rows[rows["kind"] == name]
        for day, until, what in zip(here["day"], here["until"], here["what"], strict=True):
            if pd.notna(until):
                proposed = what == "Extension, proposed"
                axis.barh(
                    place,
                    until - day,
                    left=day,
                    height=0.45,
                    color=_LANES[name],
                    alpha=0.45 if proposed else 1.0,
                    hatch="///" if proposed else "",
                    edgecolor="white",
                )
            else:
                axis.plot([day], [place], marker="D", markersize=7, color=_LANES[name])
        has_bars = bool(here["until"].notna().any())
        _name_days(axis, here[here["until"].isna()], place, span, has_bars)
    end = pd.Timestamp(study.data.period.end)
    axis.axvline(end, color="#222222", linewidth=1, linestyle=(0, (1, 2)))
    axis.set_yticks(range(len(lanes)), [name.capitalize() for name in reversed(lanes)], fontsize=9.5)
    axis.set_ylim(-1.2 if "milestone" in lanes else -0.7, len(lanes) - 0.4)
    axis.margins(x=0.1)
    axis.xaxis.set_major_locator(AutoDateLocator(minticks=2, maxticks=6))  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_formatter(DateFormatter("%b %Y"))  # type: ignore[no-untyped-call]
    # The gaps stand among the findings: the title tells the term.
    said = [one.sentence.removesuffix(".") for one in headlines(study)]
    title = [*said, f"{words.count_noun(len(rows), 'day')} of the agreement are known"][0]
    proposed = [one.end for one in study.data.authority.agreement.extensions if one.status == "proposed"]
    hatched = "; hatched: proposed" if proposed else ""
    title += f"; an extension to {words.day(max(proposed))} is proposed" if proposed else ""
    return Figure(
        "timeline",
        title,
        f"The agreement's terms (bars{hatched}) and days, {study.place}; dotted: end of the period. Dates "
        "that don't fit are in the list",
        f"A timeline of {words.count_noun(len(rows), 'entry', 'entries')}. {title}.",
        sheet,
        _table(study),
        f"{study.place}, agreement",
    )


NO_DATES = Missing(
    "No day of the agreement is held: start, end and notice stand under [agreement] in authority.toml."
)


def section(study: Study) -> Section:
    """Show what does not fit together and the timeline, or the list of days where the page opens with it."""
    if study.events.empty:
        return Section.of(NO_DATES)
    return Section.of(headlines(study), study.unless_opening(figure(study)) or _table(study))
