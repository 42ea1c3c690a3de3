"""A comparison of two reports in words: for a terminal, and as a page."""

from __future__ import annotations

__all__ = ["as_html", "as_text"]

from collections.abc import Mapping

from s75lib.report.diff import Comparison, Move

_LONGEST = 20  # results listed in words; JSON has all of them


def as_text(found: Comparison) -> str:
    """Write a comparison for a terminal.

    Parameters
    ----------
    found : Comparison

    Returns
    -------
    str
        A line for each thing that differs, under headings.
    """
    lines = [f"{_title(found.old)}  →  {_title(found.new)}"]
    for heading, moves in _sections(found):
        lines.append(f"\n{heading}: {len(moves) or 'none'}")
        for move in moves[:_LONGEST]:
            lines += [f"  {move.id}: {move.change}{_by(move)}"]
            lines += [f"    - {move.before}"] if move.before else []
            lines += [f"    + {move.after}"] if move.after else []
        if len(moves) > _LONGEST:
            lines.append(f"  and {len(moves) - _LONGEST} more; --json has all of them")
    return "\n".join(lines)


def as_html(found: Comparison) -> str:
    """Write a comparison as a page like the reports' own: self-contained, without script.

    Parameters
    ----------
    found : Comparison

    Returns
    -------
    str
    """
    from s75lib.report.rendering import render

    return render(
        "diff.html.j2",
        old=_title(found.old),
        new=_title(found.new),
        sections=[(heading, [(move, _by(move)) for move in moves]) for heading, moves in _sections(found)],
    )


def _sections(found: Comparison) -> list[tuple[str, tuple[Move, ...]]]:
    """Headings of a comparison, each with its moves."""
    return [
        ("Headlines that moved", found.headlines),
        ("Checks that turned", found.checks),
        ("Data revised", found.inputs),
        ("Parameters changed", found.parameters),
        ("Versions changed", found.versions),
        ("Results that moved", found.results),
    ]


def _by(move: Move) -> str:
    """Write by how much a number moved."""
    if move.difference is None:
        return ""
    sign = "+" if move.difference > 0 else "−"
    unit = f" {move.unit}" if move.unit and move.unit != "£" else ""
    return f" by {sign}{'£' if move.unit == '£' else ''}{abs(move.difference):,.6g}{unit}"


def _title(named: Mapping[str, str]) -> str:
    """Name a report in a line."""
    return f"{named['authority_name']}, {named['notebook'].replace('_', ' ')}, {named['period']}"
