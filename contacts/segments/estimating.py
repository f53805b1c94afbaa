"""Estimates how many rows a condition selects from a sample, with a range that holds 19 times out of 20.

The rows in the order of their ids are cut into *cells* of a few neighbours, and the cells into *strata*, stretches of
equal length. Some cells of each stratum are drawn at random and read whole. Rows that were added together are alike, so
the range comes from how much cells differ, not rows.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

STRATA, CELLS_A_STRATUM = 500, 2
CELL_SIZE = 10  # rows
# With fewer cells than this that have a hit, their number varies as rare events do, and their differences say little.
RARE = 100
# With so few cells, not even the greatest number of hits in one is known.
VERY_RARE = 10
# A little more than 95 %, because the formulas are approximations.
Z = NormalDist().inv_cdf((1 + 0.96) / 2)


@dataclass(frozen=True)
class Stratum:
    """`cells`: how many it has. `drawn`: the numbers of those that are read."""

    cells: int
    drawn: tuple[int, ...]


@dataclass(frozen=True)
class Estimate:
    """A number of rows, and the range in which the true number lies 19 times out of 20."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class _Seen:
    """The hits in the cells of one stratum that were read."""

    cells: int
    hits: tuple[int, ...]

    @property
    def expansion(self) -> float:
        """How many cells one that was read stands for."""
        return self.cells / len(self.hits)


def draw(total: int, chance: random.Random | None = None) -> list[Stratum]:
    """The strata of so many rows, one or more, each with cells drawn at random. Row number n (from 0) is in cell
    n // CELL_SIZE."""
    chance = chance or random.SystemRandom()
    cells = -(-total // CELL_SIZE)
    strata = max(1, min(STRATA, cells // (2 * CELLS_A_STRATUM)))
    bounds = [n * cells // strata for n in range(strata + 1)]
    return [
        Stratum(last - first, tuple(chance.sample(range(first, last), min(CELLS_A_STRATUM, last - first))))
        for first, last in pairwise(bounds)
    ]


def estimate(strata: Sequence[Stratum], total: int, sizes: Mapping[int, int], hits: Mapping[int, int]) -> Estimate:
    """The number of hits among `total` rows. `sizes` and `hits`: by cell that was read, its rows and its hits."""
    found = [_Seen(each.cells, tuple(hits.get(cell, 0) for cell in each.drawn)) for each in strata]
    missed = [
        _Seen(each.cells, tuple(sizes.get(cell, 0) - hits.get(cell, 0) for cell in each.drawn)) for each in strata
    ]
    if _cells_with_hits(found) < RARE:
        answer = _rare(found)
    elif _cells_with_hits(missed) < RARE:
        others = _rare(missed)
        answer = Estimate(total - others.value, total - others.high, total - others.low)
    else:
        answer = _common(found, total)
    # What was read is certain.
    low = max(answer.low, sum(hits.values()))
    high = min(answer.high, total - sum(sizes.values()) + sum(hits.values()))
    return Estimate(min(max(answer.value, low), high), low, high)


def _cells_with_hits(strata: list[_Seen]) -> int:
    return sum(n > 0 for each in strata for n in each.hits)


def _rare(strata: list[_Seen]) -> Estimate:
    """Cells with hits as events of a Poisson process, weighted by what they stand for: the gamma interval of Fay and
    Feuer, Statistics in Medicine 16 (1997), 791-801. It is right for no event at all, too."""
    weights = [each.expansion * n for each in strata for n in each.hits if n]
    greatest_possible = max(each.expansion for each in strata) * CELL_SIZE
    greatest = max(weights) if len(weights) >= VERY_RARE else greatest_possible
    value, variance = sum(weights), sum(weight * weight for weight in weights)
    low = _gamma_quantile(value, variance, -Z) if weights else 0.0
    return Estimate(value, low, _gamma_quantile(value + greatest, variance + greatest * greatest, Z))


def _gamma_quantile(mean: float, variance: float, z: float) -> float:
    """The quantile of a gamma distribution, by the approximation of Wilson and Hilferty (1931)."""
    spread = variance / (9 * mean * mean)
    return mean * max(0.0, 1 - spread + z * math.sqrt(spread)) ** 3


def _common(strata: list[_Seen], total: int) -> Estimate:
    """The variance of a stratified sample of cells (Cochran, Sampling Techniques, 5.4 and 9A), as the size of a simple
    sample that would vary as much; for that the interval of Wilson (1927)."""
    value = sum(each.expansion * sum(each.hits) for each in strata)
    variance = sum(_variance(each) for each in strata)
    if not variance:
        return Estimate(value, value, value)
    share = min(max(value / total, 0.0), 1.0)
    size = share * (1 - share) * total * total / variance
    middle = (share + Z * Z / (2 * size)) / (1 + Z * Z / size)
    half = Z / (1 + Z * Z / size) * math.sqrt(share * (1 - share) / size + Z * Z / (4 * size * size))
    return Estimate(value, (middle - half) * total, (middle + half) * total)


def _variance(seen: _Seen) -> float:
    """Of the stratum's estimated hits. Cells are drawn without replacement."""
    n = len(seen.hits)
    if n < 2 or n == seen.cells:
        return 0.0
    mean = sum(seen.hits) / n
    squares = sum((hit - mean) ** 2 for hit in seen.hits) / (n - 1)
    return seen.cells**2 * (1 - n / seen.cells) * squares / n
