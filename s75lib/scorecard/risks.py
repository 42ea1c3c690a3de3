"""The risk register: scores recomputed and banded, movement since the last review, reviews overdue."""

from __future__ import annotations

__all__ = ["ids_shared", "movement", "register"]

import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from s75lib.kpi.phrases import written
from s75lib.loaders.period import last_day
from s75lib.present import (
    Check,
    Column,
    Details,
    Figure,
    Headline,
    Missing,
    Section,
    Stake,
    Table,
    charts,
    table_of,
    words,
)
from s75lib.scorecard.card import Judged, Measure, Status, brief, unbroken
from s75lib.scorecard.risk_matrix import BANDS, CONSEQUENCES, LIKELIHOODS, SCORES, SOURCE, band, unread_words

if TYPE_CHECKING:
    from s75lib.scorecard.study import Study


def register(risks: pd.DataFrame) -> pd.DataFrame:
    """Recompute the score of every risk at every review, and band it.

    Returns
    -------
    DataFrame
        The contract's columns with ``day`` (last day that the date stands for), ``product`` (consequence
        times likelihood; NaN where one is missing), ``rated`` (the product; else the score as recorded, if
        two numbers from 1 to 5 can make it; else NaN), ``band`` (of ``rated``; empty where unrated) and
        ``basis`` (recomputed, recorded or unscored). By day; the register's own order within a day.

    Examples
    --------
    >>> register(load("cambridgeshire").risks)[["date", "score", "rated", "band"]].values.tolist()
    [['2019-09-26', 16.0, 16.0, 'Extreme'], ['2019-11', 6.0, 8.0, 'High']]
    """
    product = risks["consequence"] * risks["likelihood"]
    recorded = risks["score"].where(risks["score"].isin(SCORES))
    rated = product.fillna(recorded)
    made = risks.assign(
        day=pd.to_datetime([last_day(text) for text in risks["date"]]).astype("datetime64[s]"),
        product=product,
        rated=rated,
        band=["" if np.isnan(score) else band(score) for score in rated],
        basis=np.select([product.notna(), recorded.notna()], ["recomputed", "recorded"], "unscored"),
    )
    return made.sort_values("day", kind="stable", ignore_index=True)


def movement(register: pd.DataFrame, as_at: pd.Timestamp, *, review_months: int = 6) -> pd.DataFrame:
    """Set each risk's latest review against the one before and the first.

    Of two reviews that end on the same day, such as 2019-11 and 2019-11-30, the later row counts as later.

    Parameters
    ----------
    as_at : Timestamp
        Day against which reviews are due.
    review_months : int
        Months after which a risk should be reviewed again, >= 1.

    Returns
    -------
    DataFrame
        The latest review of each risk, those of the highest score first, with ``before`` and ``before_band``
        (of the review before), ``change``, ``move``, ``first`` (score at the first review), ``months_since``
        (whole months to `as_at`) and ``is_due`` (whether more than `review_months` passed).
        ``move`` is raised, lowered or unchanged where both scores are known; new (its one review is the
        register's latest, and the register has earlier ones); once (nothing to compare with); unscored; or
        absent (not in the register's latest review: closed, or not reviewed).

    Examples
    --------
    >>> found = movement(register(load("cambridgeshire").risks), pd.Timestamp("2020-03-12"))
    >>> found[["before", "rated", "move", "months_since", "is_due"]].values.tolist()
    [[16.0, 8.0, 'lowered', 3, False]]
    """
    by_risk = register.groupby("risk_id")
    latest = by_risk.tail(1).set_index("risk_id")
    earlier = by_risk.nth(-2).set_index("risk_id").reindex(latest.index)
    change = latest["rated"] - earlier["rated"]
    cases = {
        "absent": latest["day"] < register["day"].max(),
        "unscored": latest["rated"].isna(),
        "new": earlier["day"].isna() & (register["day"].min() < latest["day"]),
        "once": earlier["rated"].isna(),
        "raised": change > 0,
        "lowered": change < 0,
    }
    found = latest.assign(
        before=earlier["rated"],
        before_band=earlier["band"].fillna(""),
        change=change,
        move=np.select(list(cases.values()), list(cases), "unchanged"),
        first=by_risk.head(1).set_index("risk_id")["rated"],
        months_since=[_months_between(day, as_at) for day in latest["day"]],
        is_due=latest["day"] + pd.DateOffset(months=review_months) < as_at,
    )
    found = found.reset_index()
    return found.sort_values(["rated", "risk_id"], ascending=[False, True], ignore_index=True)


def ids_shared(register: pd.DataFrame) -> pd.DataFrame:
    """Find rows that stand for several numbers of a register, and risks under several ids.

    Partners often number the same risk twice, once each. Printed in one row, their scores can't be told
    apart; printed twice, they count twice.

    Returns
    -------
    DataFrame
        ``risk_id`` (several joined by commas), ``kind`` (one row or one text) and ``detail``.

    Examples
    --------
    >>> ids_shared(register(load("peterborough").risks))["kind"].tolist()
    ['one row']
    """
    made: list[tuple[str, str, str]] = []
    for name in register["risk_id"].unique():
        numbers = [part for part in re.split(r"[/,;&+]|\band\b", str(name)) if part.strip()]
        if len(numbers) > 1:
            said = f"One row for {len(numbers)} numbers: what each of them scores can't be told."
            made.append((str(name), "one row", said))
    latest = register[register["day"] == register["day"].max()]
    for text, part in latest.groupby(latest["description"].str.casefold().str.strip(), sort=False):
        ids = part["risk_id"].unique()
        if text and len(ids) > 1:
            said = "The same words under each of these ids at the latest review: one risk may count twice."
            made.append((", ".join(ids), "one text", said))
    return pd.DataFrame(made, columns=["risk_id", "kind", "detail"])


def _months_between(earlier: pd.Timestamp, later: pd.Timestamp) -> int:
    """Whole months from one day to another; none where the other is not later."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    if earlier + pd.DateOffset(months=months) > later:
        months -= 1
    return max(months, 0)


# What is said


_SCORED = "consequence × likelihood, banded by the model matrix of the National Patient Safety Agency (2008)"
_VERBS = {"raised": "was raised", "lowered": "was lowered", "new": "is new"}


def measures(study: Study) -> list[Measure]:
    """Count the risks that are extreme, were raised, contradict themselves or were not reviewed."""
    moves = study.movement
    if moves.empty:
        return []
    date = brief(str(moves["date"].iloc[int(moves["day"].argmax())]))
    here = moves[moves["move"] != "absent"]
    told = [_extreme_measure(here, date)]
    told += [_moved_measure(here, date)] if here["before"].notna().any() else []
    if len(study.contradictions):  # scores that contradict themselves tell nothing good
        told = [replace(one, status="unknown") if one.status == "good" else one for one in told]
    made = [*told, _contradictory_measure(study, date), _reviewed_measure(study, date)]
    # What is well with the same risks counts once, however often it is said; each thing wrong is its own.
    well = [one for one in made if one.status == "good"]
    for one in well[1:]:
        made[made.index(one)] = replace(one, status="same", under=well[0].name)
    return made


def _extreme_measure(here: pd.DataFrame, date: str) -> Measure:
    scored = here[here["rated"].notna()]
    if scored.empty:
        none = f"none of {len(here)} scored"
        return Measure("extreme risks", none, "no earlier review", "unknown", "No score recorded", date)
    worst, earlier = (int((scored[name] == "Extreme").sum()) for name in ("band", "before_band"))
    against, change = "no earlier review", ""
    if scored["before_band"].ne("").any():
        against, change = f"review before: {earlier}", words.signed(worst - earlier)
    said = f"{_banded(scored)}{f'; {len(here) - len(scored)} unscored' if len(here) > len(scored) else ''}"
    judged: Judged = ("bad", said) if worst else ("good", f"None extreme: {said}")
    latest = f"{worst} of {len(scored)} scored"
    return Measure("extreme risks", latest, against, *judged, date, change, value=float(worst))


def _banded(scored: pd.DataFrame) -> str:
    counts = {name: int((scored["band"] == name).sum()) for name in reversed(BANDS)}
    return words.join([f"{count} {name.lower()}" for name, count in counts.items() if count])


def _moved_measure(here: pd.DataFrame, date: str) -> Measure:
    raised, lowered, new = (int((here["move"] == move).sum()) for move in _VERBS)
    moved = [f"{count} {move}" for move, count in zip(_VERBS, (raised, lowered, new), strict=True) if count]
    status: Status = "bad" if raised or new else "good" if lowered else "level"
    latest, of = f"{raised} raised, {lowered} lowered", words.count_noun(len(here), "risk")
    verdict = (", ".join(moved) or "none moved").capitalize()
    return Measure("raised since the review before", latest, of, status, verdict, date, value=float(raised))


def _contradictory_measure(study: Study, date: str) -> Measure:
    wrong = study.contradictions
    scored = study.movement["rated"].notna().any()
    judged: Judged = ("good", "None found") if scored else ("unknown", "Nothing to check")
    if len(wrong):
        count = wrong["risk_id"].nunique()
        verb = "contradicts itself" if count == 1 else "contradict themselves"
        judged = "bad", f"{words.count_noun(count, 'risk')} {verb}"
    name, latest = "contradictions in the register", words.number(len(wrong))
    return Measure(name, latest, "none expected", *judged, date, value=float(len(wrong)))


def _reviewed_measure(study: Study, date: str) -> Measure:
    due = int(study.movement["is_due"].sum())
    judged: Judged = ("bad", f"{due} not reviewed") if due else ("good", "All reviewed in time")
    latest, every = f"{due} of {len(study.movement)}", words.count_noun(study.review_months, "month")
    name = "without a review for too long"
    return Measure(name, latest, f"every {every}", *judged, date, value=float(due))


def headlines(study: Study) -> list[Headline]:
    """Say what is extreme, what moved, what contradicts, and what was not reviewed."""
    if study.movement.empty:
        return []
    return [_bands(study), *_moves(study), *_contradictions(study), *_absent(study), *_due(study)]


def _finding(
    name: str,
    text: str,
    value: float,
    unit: str,
    stake: Stake,
    cell: tuple[str, str, str],
    method: str = _SCORED,
) -> Headline:
    name = f"scorecard.risk.{name}"
    return Headline(name, text, float(value), unit, method=method, cell=cell, stake=stake)


def _bands(study: Study) -> Headline:
    here = study.movement[study.movement["move"] != "absent"]
    scored = here[here["rated"].notna()]
    if scored.empty:
        text = f"The register names {words.count_noun(len(here), 'risk')} and scores none of them."
        return _finding("bands", text, len(here), "risks", "certainty", (RISKS.id, "", "risk"), "count")
    worst, top = scored[scored["band"] == "Extreme"], scored.iloc[0]
    unscored = f" Another {len(here) - len(scored)} have no score." if len(here) > len(scored) else ""
    if worst.empty:
        text = (
            f"No risk is extreme. The highest is {_title(top)}, {top['rated']:.0f} ({top['band'].lower()})."
        )
        return _finding("bands", text + unscored, 0, "risks", "context", (RISKS.id, "", "band"))
    text = f"{len(worst)} of {words.count_noun(len(scored), 'scored risk')} "
    text += f"{'is' if len(worst) == 1 else 'are'} extreme. {_first_and_others(worst)}"
    found = _finding("bands", text + unscored, len(worst), "risks", "people", (RISKS.id, "", "band"))
    return replace(found, figure=f"{len(worst)} extreme", against=float(len(scored)))


def _title(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """Name a risk by the first words of its text, with its id behind."""
    said = str(row["description"]).split()
    short = " ".join(said[:_MOST_WORDS]) + ("…" if len(said) > _MOST_WORDS else "")
    return f"“{short}” ({row['risk_id']})" if short else str(row["risk_id"])


def _first_and_others(risks: pd.DataFrame) -> str:
    first, *others = map(_title, risks.to_dict("records"))
    opening = f"{'The first' if others else 'It'} is {first}."
    return " ".join([opening, *(f"Another is {name}." for name in others)])


def _moves(study: Study) -> list[Headline]:
    moves = study.movement
    said = [
        f"{_title(row)} {verb}{_scores(row)}"
        for move, verb in _VERBS.items()
        for row in moves[moves["move"] == move].to_dict("records")
    ]
    if not said:
        return []
    text = f"Since the review before, {'. '.join(said)}."
    finding = _finding(
        "moves", text, (moves["move"] == "raised").sum(), "risks raised", "change", (RISKS.id, "", "move")
    )
    counts = moves["move"].value_counts()
    first = next(move for move in _VERBS if counts.get(move, 0))
    return [replace(finding, figure=f"{counts[first]} {first}")]


def _scores(row: dict[Hashable, Any]) -> str:
    """Give the score and band of a risk that moved, before and after."""
    if row["move"] == "new":
        return f", at {row['rated']:.0f} ({row['band'].lower()})"
    before, after = row["before_band"].lower(), row["band"].lower()
    change = f"{before} to {after}" if before != after else f"still {after}"
    said = f" from {row['before']:.0f} to {row['rated']:.0f} ({change})"
    recorded = not math.isnan(row["score"]) and row["score"] != row["rated"]
    return f"{said}. The register says {row['score']:.0f}" if recorded else said


def _contradictions(study: Study) -> list[Headline]:
    said: list[Headline] = []
    for (name, date), part in study.contradictions.groupby(["risk_id", "date"], sort=False):
        known = study.register[study.register["risk_id"] == name].iloc[-1]
        text = f"Risk {_title(known)} contradicts itself in the review of {words.when(str(date))}. "
        text += " ".join(part["detail"])
        repair = words.join(part["repairs"].iloc[0], "or")
        text += f" With {repair} all would agree." if repair else " No single change would make all agree."
        place = f"contradiction.{len(said) + 1}"
        said.append(
            _finding(
                place,
                text,
                len(part),
                "contradictions",
                "certainty",
                (CONTRADICTIONS.id, str(name), "detail"),
            )
        )
    return said


def _absent(study: Study) -> list[Headline]:
    gone = study.movement[study.movement["move"] == "absent"]
    if gone.empty:
        return []
    text = (
        f"{words.count_noun(len(gone), 'risk')} {'was' if len(gone) == 1 else 'were'} not in the register's "
        f"latest review: closed, or not reviewed, which the register does not say. {_first_and_others(gone)}"
    )
    return [_finding("absent", text, len(gone), "risks", "certainty", (RISKS.id, "", "risk"), "count")]


def _due(study: Study) -> list[Headline]:
    late = study.movement[study.movement["is_due"]]
    if late.empty:
        return []
    months = words.count_noun(study.review_months, "month")
    text = (
        f"{words.count_noun(len(late), 'risk')} had no review in the {months} to {words.day(study.as_at)}. "
    )
    text += _first_and_others(late)
    return [_finding("due", text, len(late), "risks", "people", (RISKS.id, "", "date"), "count")]


def checks(study: Study) -> list[Check]:
    """Check score, level and words of each entry against consequence and likelihood."""
    if not study.movement["rated"].notna().any():
        return []
    entries = words.count_noun(len(study.register), "entry", "entries")
    wrong = len(study.contradictions)
    said = (
        f"{entries} of the risk register: score, level and words against consequence × likelihood, "
        f"{words.count_noun(wrong, 'contradiction')}."
    )
    made = [Check("scorecard.register", wrong == 0, said)]
    if unread := unread_words(study.register):
        quoted = words.join([f"“{word}”" for word in unread])
        said = f"Words of the register that are none of the scale's, and so were not checked: {quoted}."
        made.append(Check("scorecard.words", False, said))
    return made


# What is drawn


_MOST_WORDS = 9
_FILLS = {"Low": "#FFFFFF", "Moderate": "#CFE0EF", "High": "#6BACE6", "Extreme": "#12436D"}
_INK = {"Low": "#222222", "Moderate": "#222222", "High": "#111111", "Extreme": "#FFFFFF"}
_MARKS = {"raised": "▲", "lowered": "▼", "new": "◆"}
_MOST_IN_CELL = 6
_MOST_REVIEWS = 8


def _figure_matrix(study: Study) -> Figure | Missing:
    moves = study.movement
    placed = moves[moves["consequence"].notna() & moves["likelihood"].notna()]
    if placed.empty:
        return NO_SCORES
    sheet, axis = charts.drawing(4.6)
    for consequence, likelihood in product(range(1, 6), repeat=2):
        here = placed[(placed["consequence"] == consequence) & (placed["likelihood"] == likelihood)]
        _cell(axis, likelihood, consequence, _ids(here))
    _label(axis, 1, _numbered(LIKELIHOODS), _numbered(CONSEQUENCES))
    axis.set_xlabel("Likelihood", fontsize=9.5)
    axis.set_ylabel("Consequence", fontsize=9.5)
    finding = f"Of {words.count_noun(len(placed), 'scored risk')}, {_banded(placed)}"
    if len(placed) == 1:
        only = placed.iloc[0]
        finding = f"The one scored risk is {only['band'].lower()}, {only['rated']:.0f} of 25"
    subtitle = f"Consequence and likelihood at the latest review, {study.place}. ▲ raised, ▼ lowered, ◆ new"
    alt = (
        "Grid of five consequences by five likelihoods, each cell with its score, its band and the risks in "
        f"it; the table below has the same. {finding}."
    )
    source = f"{study.place}, risk register; bands: {SOURCE}"
    return Figure("risk_matrix", finding, subtitle, alt, sheet, _table_matrix(placed, study.place), source)


def _figure_reviews(study: Study) -> Figure | None:
    """Follow each risk's score through the last eight reviews; none for fewer than three."""
    scored = study.register[study.register["rated"].notna()]
    days = scored["day"].drop_duplicates().tolist()[-_MOST_REVIEWS:]
    if len(days) < 3:
        return None
    moves = study.movement
    scores = scored.pivot_table(index="risk_id", columns="day", values="rated", aggfunc="last")[days]
    scores = scores.reindex([name for name in moves["risk_id"] if name in scores.index])
    names = scores.index.tolist()
    sheet, axis = charts.drawing(1.0 + 0.42 * len(names))
    for (row, column), score in np.ndenumerate(scores[::-1].to_numpy()):
        if not np.isnan(score):
            _block(axis, column, row, score)
    labels = [str(scored.loc[scored["day"] == day, "date"].iloc[-1]) for day in days]
    _label(axis, 0, [f"{pd.Timestamp(text):%b %Y}" for text in labels], names[::-1])
    frame = scores.set_axis([f"review_{n + 1}" for n in range(len(days))], axis="columns")
    frame = frame.rename_axis(index="risk").reset_index()
    since = moves["rated"] - moves["first"]
    up, down = (moves.loc[sign * since > 0, "risk_id"].tolist() for sign in (1, -1))
    finding = f"Since their first review {_have(up, 'risen')} and {_have(down, 'fallen')}"
    subtitle = f"Score of each risk at each review, {study.place}; darker is higher, the letter is the band"
    alt = f"Table of coloured cells, a row for each risk and a column for each review. {finding}."
    columns = [Column(f"review_{n}", words.when(text), "number") for n, text in enumerate(labels, start=1)]
    table = replace(REVIEWS, columns=(*REVIEWS.columns, *columns))
    data = table.of(frame, "Score of each risk at each review")
    source = f"{study.place}, risk register, recomputed"
    return Figure("risk_reviews", finding, subtitle, alt, sheet, data, source)


_LONG_ID = 8


def _numbered(names: Sequence[str]) -> list[str]:
    return [f"{n} {name}" for n, name in enumerate(names, start=1)]


def _label(axis: Axes, first: int, across: Sequence[str], up: Sequence[str]) -> None:
    """Name the columns and rows of a grid of cells whose centres are whole numbers from `first`."""
    axis.set_xlim(first - 0.5, first + len(across) - 0.5)
    axis.set_ylim(first - 0.5, first + len(up) - 0.5)
    axis.set_xticks(
        range(first, first + len(across)), [charts.wrapped(name, 9) for name in across], fontsize=9.5
    )
    axis.set_yticks(range(first, first + len(up)), up, fontsize=9.5)
    axis.spines[["left", "bottom"]].set_visible(False)
    axis.tick_params(length=0)


def _cell(axis: Axes, x: int, y: int, ids: Sequence[str]) -> None:
    """Draw one cell of the matrix: its score and band small, the risks in it large."""
    name = band(x * y)
    _fill(axis, x, y, name, 0.94)
    label = f"{x * y} {name.lower()}"
    axis.text(x - 0.44, y + 0.41, label, va="top", ha="left", fontsize=7.5, color=_INK[name])
    middle: dict[str, Any] = {"va": "center", "ha": "center", "fontweight": "bold"}
    if ids:
        size = 10.5 if max(map(len, ids)) <= _LONG_ID else 7.5
        axis.text(x, y - 0.1, "\n".join(ids), color=_INK[name], fontsize=size, **middle)


def _block(axis: Axes, x: int, y: int, score: float) -> None:
    name = band(score)
    _fill(axis, x, y, name, 0.88)
    axis.text(x, y, f"{score:.0f} {name[0]}", va="center", ha="center", fontsize=10, color=_INK[name])


def _fill(axis: Axes, x: int, y: int, name: str, height: float) -> None:
    corner = (x - 0.48, y - height / 2)
    axis.add_patch(
        Rectangle(corner, 0.96, height, facecolor=_FILLS[name], edgecolor=charts.GREY, linewidth=0.6)
    )


def _ids(here: pd.DataFrame) -> list[str]:
    """Name the risks of a cell, two a line, the last ones as a number where there are many."""
    names = [_MARKS.get(move, "") + name for name, move in zip(here["risk_id"], here["move"], strict=True)]
    if len(names) > _MOST_IN_CELL:
        names = [*names[: _MOST_IN_CELL - 1], f"+{len(names) - _MOST_IN_CELL + 1}"]
    each = 1 if any(len(name) > 6 for name in names) else 2
    return ["  ".join(names[i : i + each]) for i in range(0, len(names), each)]


def _have(names: Sequence[str], verb: str) -> str:
    if not names:
        return f"none has {verb}"
    return f"{words.join(names)} {'has' if len(names) == 1 else 'have'} {verb}"


# What is tabled


NO_RISKS = Missing.of(
    "No risk register is held.",
    "risks",
    ("risk_id", "date", "description", "consequence", "likelihood", "score", "level"),
    "risk scores recomputed and banded, and their movement",
)
NO_SCORES = Missing.of(
    "The register names risks without consequence and likelihood, so none can be placed on the matrix.",
    "risks",
    ("consequence", "likelihood"),
    "each risk's place on the matrix, and its movement",
)
MATRIX = table_of(
    "risk_matrix.data",
    Column("consequence", "Consequence"),
    *(Column(f"likelihood_{n}", label) for n, label in enumerate(_numbered(LIKELIHOODS), start=1)),
    notes=(f"{SOURCE}.",),
)
REVIEWS = table_of("risk_reviews.data", Column("risk", "Risk"))
RISKS = table_of(
    "risks",
    Column("risk", "Risk"),
    Column("owner", "Owner"),
    Column("factors", unbroken("C × L")),
    Column("rated", "Score", "number"),
    Column("band", "Band"),
    Column("printed", "As recorded"),
    Column("before", "Before", "number"),
    Column("first", "At first", "number"),
    Column("move", "Movement"),
    Column("date", "Review"),
    Column("months", "Months ago", "number"),
    notes=(
        "Score: consequence × likelihood (C × L). Bands: "
        + ", ".join(f"{name.lower()} {low} to {high}" for name, (low, high) in BANDS.items())
        + f" ({SOURCE}).",
    ),
)
CONTRADICTIONS = table_of(
    "contradictions",
    Column("risk_id", "Risk"),
    Column("date", "Review"),
    Column("field", "What is recorded"),
    Column("found", "Recorded"),
    Column("expected", "By the numbers"),
    Column("detail", "Why"),
    Column("repair", "What alone would make all agree"),
    notes=("What would make all agree is what fits, not what is true: the register's owner decides.",),
)
SHARED = table_of("risk_ids", Column("risk_id", "Risk"), Column("detail", "What that means"))
_MOVE_WORDS = {
    "raised": "▲ Raised",
    "lowered": "▼ Lowered",
    "unchanged": "● Unchanged",
    "new": "◆ New",
    "once": "○ Nothing to compare with",
    "unscored": "○ Not scored",
    "absent": "○ Not in the latest review",
}


def _table_matrix(placed: pd.DataFrame, place: str) -> Table:
    rows = []
    for consequence, label in reversed(list(enumerate(_numbered(CONSEQUENCES), start=1))):
        here = placed[placed["consequence"] == consequence]
        ids = [here.loc[here["likelihood"] == n, "risk_id"].tolist() for n in range(1, 6)]
        rows.append([label, *(words.join(names) or "–" for names in ids)])
    frame = pd.DataFrame(rows, columns=[column.name for column in MATRIX.columns])
    return MATRIX.of(frame, f"Risks by consequence (rows) and likelihood (columns), {place}")


def _table_risks(study: Study) -> Table:
    moves = study.movement
    frame = written(
        moves.assign(months=moves["months_since"]),
        risk=lambda row: f"{row['risk_id']}: {row['description']}",
        date=lambda row: brief(row["date"]),
        factors=lambda row: _factors(row["consequence"], row["likelihood"]),
        band=lambda row: row["band"] or "Not scored",
        printed=lambda row: _printed(row["score"], row["level"]),
        move=lambda row: unbroken(_MOVE_WORDS[row["move"]]),
        owner=lambda row: row["owner"] or "nobody named",
    )
    recorded, late = (moves["basis"] == "recorded").any(), moves["is_due"].any()
    gone = set() if recorded or len(study.contradictions) else {"printed"}
    gone |= set() if late else {"months"}
    gone |= {"owner"} if (moves["owner"] == "").all() else set()
    if moves["rated"].isna().all():
        gone |= {"factors", "rated", "printed", "before", "first", "move"}
    shown = replace(RISKS, columns=tuple(one for one in RISKS.columns if one.name not in gone))
    title = f"Risk register, {study.place}: scores recomputed, and their movement"
    notes = (
        "Where the factors are not recorded, the score is the one recorded." if recorded else "",
        f"Months ago: to {words.day(study.as_at)}, the last day that anything was known of." if late else "",
    )
    return shown.of(frame, title, notes=notes)


def _factors(consequence: float, likelihood: float) -> str:
    if math.isnan(consequence) or math.isnan(likelihood):
        return "not recorded"
    return unbroken(f"{words.number(consequence)} × {words.number(likelihood)}")


def _printed(score: float, level: str) -> str:
    return ", ".join(filter(None, ["" if math.isnan(score) else words.number(score), level])) or "–"


def _table_contradictions(study: Study) -> Table | None:
    wrong = study.contradictions
    if wrong.empty:
        return None
    frame = wrong.assign(
        date=[words.when(str(text)) for text in wrong["date"]],
        expected=wrong["expected"].replace("", "–"),
        repair=[words.join(repairs, "or") or "–" for repairs in wrong["repairs"]],
    )
    return CONTRADICTIONS.of(frame, "Contradictions within the risk register")


def section(study: Study) -> Section:
    """Show the register: findings, matrix, scores through the reviews, every risk, contradictions, ids."""
    if study.movement.empty:
        return Section.of(NO_RISKS)
    shared = ids_shared(study.register)
    return Section.of(
        headlines(study),
        Details(),
        _figure_matrix(study),
        _figure_reviews(study),
        _table_risks(study),
        _table_contradictions(study),
        SHARED.of(shared, "Risks that partners number twice") if len(shared) else None,
    )
