"""Numbers in words: money, percentages, points, changes, probabilities, dates."""

from __future__ import annotations

__all__ = [
    "amount",
    "chance",
    "count_noun",
    "day",
    "interval",
    "join",
    "money",
    "number",
    "percent",
    "points",
    "rose_fell",
    "signed",
]

from s75lib.present.words.numbers import amount, chance, interval, money, number, percent, points, signed
from s75lib.present.words.phrases import count_noun, day, join, rose_fell
