"""Charts of the risk register: the matrix of five by five, and the scores through the reviews."""

from __future__ import annotations

__all__ = ["matrix", "reviews"]

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from s75lib.present import Column, Figure, Missing, Table, charts, words
from s75lib.scorecard import tables
from s75lib.scorecard.card import Card
from s75lib.scorecard.days import written
from s75lib.scorecard.scale import BANDS, CONSEQUENCES, LIKELIHOODS, band

_FILLS = {"Low": "#FFFFFF", "Moderate": "#CFE0EF", "High": "#6BACE6", "Extreme": "#12436D"}
_INK = {"Low": "#222222", "Moderate": "#222222", "High": "#111111", "Extreme": "#FFFFFF"}
_MARKS = {"raised": "▲", "lowered": "▼", "new": "◆"}
_MOST_IN_CELL = 6
_MOST_REVIEWS = 8


def matrix(card: Card) -> Figure | Missing:
    """Place each risk on the matrix of consequence and likelihood.

    Parameters
    ----------
    card : Card

    Returns
    -------
    Figure or Missing
    """
    data = tables.matrix(card)
    if isinstance(data, Missing):
        return data
    moves = card.moves
    placed = moves[moves["consequence"].notna() & moves["likelihood"].notna()]
    sheet, axis = charts.drawing(8.0, 4.6)
    for consequence in range(1, 6):
        for likelihood in range(1, 6):
            here = placed[(placed["consequence"] == consequence) & (placed["likelihood"] == likelihood)]
            score = consequence * likelihood
            _cell(axis, likelihood, consequence, score, _ids(here))
    axis.set_xlim(0.5, 5.5)
    axis.set_ylim(0.5, 5.5)
    axis.set_xticks(range(1, 6), [f"{n} {name}" for n, name in enumerate(LIKELIHOODS, 1)], fontsize=9.5)
    axis.set_yticks(range(1, 6), [f"{n} {name}" for n, name in enumerate(CONSEQUENCES, 1)], fontsize=9.5)
    axis.set_xlabel("Likelihood", fontsize=9.5)
    axis.set_ylabel("Consequence", fontsize=9.5)
    axis.spines[["left", "bottom"]].set_visible(False)
    axis.tick_params(length=0)
    counts = {name: int((placed["band"] == name).sum()) for name in reversed(BANDS)}
    said = [f"{count} {name.lower()}" for name, count in counts.items() if count]
    finding = f"Of {words.count_noun(len(placed), 'scored risk')}, {words.join(said)}"
    if len(placed) == 1:
        only = placed.iloc[0]
        finding = f"The one scored risk is {only['band'].lower()}, {only['rated']:.0f} of 25"
    subtitle = f"Consequence and likelihood at the latest review, {card.place}. ▲ raised, ▼ lowered, ◆ new"
    alt = (
        "Grid of five consequences by five likelihoods, each cell with its score, its band and the risks in "
        f"it; the table below has the same. {finding}."
    )
    source = f"{card.place}, risk register; bands: {tables.SOURCE}"
    return Figure("risk_matrix", finding, subtitle, alt, sheet, data, source)


def reviews(card: Card) -> list[Figure]:
    """Follow each risk's score through the reviews.

    Parameters
    ----------
    card : Card

    Returns
    -------
    list of Figure
        Empty for fewer than three reviews; the last eight are drawn.
    """
    scored = card.register[card.register["rated"].notna()]
    days = scored["day"].drop_duplicates().tolist()[-_MOST_REVIEWS:]
    if len(days) < 3:
        return []
    names = [name for name in card.moves["risk_id"] if name in set(scored["risk_id"])]
    sheet, axis = charts.drawing(8.0, 1.0 + 0.42 * len(names))
    held = scored.drop_duplicates(["risk_id", "day"], keep="last").set_index(["risk_id", "day"])["rated"]
    for row, name in enumerate(reversed(names)):
        for column, day in enumerate(days):
            if (name, day) in held.index:
                _block(axis, column, row, float(held[(name, day)]))
    labels = [scored.loc[scored["day"] == day, "date"].iloc[-1] for day in days]
    axis.set_xlim(-0.5, len(days) - 0.5)
    axis.set_ylim(-0.5, len(names) - 0.5)
    axis.set_xticks(range(len(days)), [_short(str(text)) for text in labels], fontsize=9.5)
    axis.set_yticks(range(len(names)), list(reversed(names)), fontsize=9.5)
    axis.spines[["left", "bottom"]].set_visible(False)
    axis.tick_params(length=0)
    frame = pd.DataFrame({"risk": names})
    for n, day in enumerate(days, start=1):
        frame[f"review_{n}"] = [held.get((name, day), float("nan")) for name in names]
    columns = (
        Column("risk", "Risk"),
        *(Column(f"review_{n}", written(str(text)), "number") for n, text in enumerate(labels, start=1)),
    )
    up, down = _since_first(card, 1), _since_first(card, -1)
    finding = f"Since their first review {_moved(up, 'risen')} and {_moved(down, 'fallen')}"
    subtitle = f"Score of each risk at each review, {card.place}; darker is higher, the letter is the band"
    alt = f"Table of coloured cells, a row for each risk and a column for each review. {finding}."
    data = Table("risk_reviews.data", "Score of each risk at each review", frame, columns)
    return [
        Figure(
            "risk_reviews", finding, subtitle, alt, sheet, data, f"{card.place}, risk register, recomputed"
        )
    ]


def _cell(axis: Axes, x: int, y: int, score: int, ids: Sequence[str]) -> None:
    """Draw one cell of the matrix: its score and band small, the risks in it large."""
    name = band(score)
    _fill(axis, x, y, name, 0.94)
    axis.text(
        x - 0.44, y + 0.41, f"{score} {name.lower()}", va="top", ha="left", fontsize=7.5, color=_INK[name]
    )
    if ids:
        axis.text(
            x, y - 0.1, "\n".join(ids), va="center", ha="center", fontsize=10.5, color=_INK[name],
            fontweight="bold",
        )  # fmt: skip


def _block(axis: Axes, x: int, y: int, score: float) -> None:
    """Draw one score in the colour of its band."""
    name = band(score)
    _fill(axis, x, y, name, 0.88)
    axis.text(x, y, f"{score:.0f} {name[0]}", va="center", ha="center", fontsize=10, color=_INK[name])


def _fill(axis: Axes, x: int, y: int, name: str, height: float) -> None:
    """Draw a rectangle about a point in the colour of a band."""
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


def _since_first(card: Card, sign: int) -> list[str]:
    moves = card.moves
    return moves.loc[sign * (moves["rated"] - moves["first"]) > 0, "risk_id"].tolist()


def _moved(names: Sequence[str], verb: str) -> str:
    if not names:
        return f"none has {verb}"
    return f"{words.join(names)} {'has' if len(names) == 1 else 'have'} {verb}"


def _short(text: str) -> str:
    return f"{pd.Timestamp(text):%b %Y}"
