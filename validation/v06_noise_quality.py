"""Random numbers of the kernel in both precisions: the normal law, independence of neighbouring addresses.

Every check gives a deviate that is standard normal for a perfect generator; five standard errors, on one side
or the other, are a false alarm once in 1.7 million checks. A source is a function of addresses (n, 4) - seed,
point, trial, stream - and a number of draws, that gives uint32 words (draws, n).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from rows import Row, report
from scipy import stats

from spinpim.device.dynamics.noise import next_word, normal_pair, seed_generator
from spinpim.device.dynamics.noise_float32 import normal_pair_float32

Array = NDArray[np.float64]
Words = NDArray[np.uint32]
Source = Callable[[NDArray[np.int64], int], Words]

LIMIT = 5.0
LAGS = 16
GROUP = 64
PARTS = {"seed": 63, "point": 32, "trial": 48, "stream": 1}
"""Parts of an address and how many bits of each are tried."""


@njit(error_model="numpy")
def words(addresses, draws):
    """First words (draws, n) of the streams of the package."""
    lanes = addresses.shape[0]
    state = np.zeros((4, lanes), dtype=np.uint32)
    out = np.empty((draws, lanes), dtype=np.uint32)
    for lane in range(lanes):
        seed, point, trial, stream = addresses[lane]
        seed_generator(state, lane, seed, point, trial, stream)
        for draw in range(draws):
            out[draw, lane] = next_word(state, lane)
    return out


@njit(error_model="numpy")
def normals(drawn):
    """Normals in float64 from words (draws, n), as the kernel pairs them."""
    out = np.empty(drawn.shape)
    for draw in range(0, drawn.shape[0], 2):
        for lane in range(drawn.shape[1]):
            out[draw, lane], out[draw + 1, lane] = normal_pair(drawn[draw, lane], drawn[draw + 1, lane])
    return out


@njit(error_model="numpy")
def normals_float32(drawn):
    """Normals in float32 from the same words."""
    out = np.empty(drawn.shape, dtype=np.float32)
    for draw in range(0, drawn.shape[0], 2):
        for lane in range(drawn.shape[1]):
            first, second = normal_pair_float32(drawn[draw, lane], drawn[draw + 1, lane])
            out[draw, lane], out[draw + 1, lane] = first, second
    return out


def trials(first: int, count: int, seed: int = 2026, point: int = 3, stream: int = 1) -> NDArray[np.int64]:
    """Addresses of consecutive trials."""
    addresses = np.tile(np.array([seed, point, 0, stream], dtype=np.int64), (count, 1))
    addresses[:, 2] = first + np.arange(count)
    return addresses


def deviate(law: Any, value: float) -> float:
    """Standard normal number with the same tail probability as a value of a law."""
    upper = law.sf(value)
    return float(stats.norm.isf(upper) if upper < 0.5 else stats.norm.ppf(law.cdf(value)))


def _joint(deviates: Array) -> float:
    return deviate(stats.chi2(deviates.size), float(np.sum(deviates**2)))


def _goodness(counts: Array, probabilities: Array) -> float:
    expected = probabilities * counts.sum()
    return deviate(stats.chi2(counts.size - 1), float(np.sum((counts - expected) ** 2 / expected)))


def check_words(drawn: Words) -> dict[str, float]:
    """Balance of bits and bytes, serial correlation along each stream."""
    count = drawn.size
    bits = np.array([np.count_nonzero(drawn & np.uint32(1 << bit)) for bit in range(32)])
    byte_counts = np.bincount(drawn.ravel().view(np.uint8), minlength=256).astype(np.float64)
    centred = _centred(drawn)
    serial = [_correlation(centred[:-lag], centred[lag:]) for lag in range(1, LAGS + 1)]
    return {
        "bits of words": _joint((bits - 0.5 * count) / np.sqrt(0.25 * count)),
        "bytes of words": _goodness(byte_counts, np.full(256, 1.0 / 256.0)),
        f"words, lags 1-{LAGS}": _joint(np.array(serial)),
    }


def _centred(drawn: Words) -> Array:
    """Uniform numbers of zero mean and unit variance."""
    numbers: Array = (drawn.astype(np.float64) + 0.5 - 2.0**31) * (np.sqrt(12.0) * 2.0**-32)
    return numbers


def _correlation(one: Array, other: Array) -> float:
    return float(np.einsum("ij,ij->", one, other) / np.sqrt(one.size))


def check_normals(samples: Iterable[Array]) -> dict[str, float]:
    """Moments, histogram, tails, pairs, serial correlation, sums over neighbouring trials.

    Samples (draws, consecutive trials) all have the same shape; their sums add up.
    """
    sums, tallies, groups = [], [], []
    lower = np.concatenate([10.0 ** np.arange(-8.0, -2.4, 0.5), np.arange(1, 100) / 200.0])
    edges = np.concatenate([stats.norm.ppf(lower), [0.0], stats.norm.isf(lower[::-1])])
    for sample in samples:
        numbers = np.asarray(sample, dtype=np.float64)
        sums.append(_linear(numbers))
        tallies.append(np.bincount(np.searchsorted(edges, numbers.ravel()), minlength=edges.size + 1))
        group = numbers.reshape(numbers.shape[0], -1, GROUP).sum(axis=2)
        groups.append((np.sum(group**2) / GROUP, group.size))
    linear, counts = np.sum(sums, axis=0) / np.sqrt(len(sums)), np.sum(tallies, axis=0)
    group_square, group_count = np.sum(groups, axis=0)
    # The outermost bins are joined until each holds some 25 numbers.
    first = int(np.searchsorted(lower, 25.0 / counts.sum()))
    tails = counts[: first + 1].sum(), counts[-first - 1 :].sum()
    counts = np.array([tails[0], *counts[first + 1 : -first - 1], tails[1]])
    half = np.diff(np.concatenate([[0.0], lower[first:], [0.5]]))
    return {
        **{f"moment {order}": linear[order - 1] for order in range(1, 7)},
        "histogram": _goodness(counts, np.concatenate([half, half[::-1]])),
        "tails": deviate(stats.poisson(2.0 * lower[first] * counts.sum()), tails[0] + tails[1]),
        "pairs": _joint(linear[6:10]),
        f"normals, lags 1-{LAGS}": _joint(linear[10 : 10 + LAGS]),
        f"squares, lags 1-{LAGS}": _joint(linear[10 + LAGS :]),
        f"sums of {GROUP} trials": deviate(stats.chi2(group_count), group_square),
    }


def _linear(x: Array) -> Array:
    """Deviates that are sums of terms of known variance."""
    first, second = x[0::2], x[1::2]
    # (x^2 - 1)/sqrt 2 has zero mean and unit variance, as x has.
    square = (x * x - 1.0) / np.sqrt(2.0)
    first_square, second_square = square[0::2], square[1::2]
    moments, power = [], np.ones_like(x)
    for order in range(1, 7):
        power = power * x
        mean = 0.0 if order % 2 else float(np.prod(np.arange(1, order, 2)))
        variance = float(np.prod(np.arange(1, 2 * order, 2))) - mean**2
        moments.append((power.mean() - mean) / np.sqrt(variance / x.size))
    one = (first, first_square, first_square, first)
    other = (second, second_square, second, second_square)
    pairs = [_correlation(*columns) for columns in zip(one, other, strict=True)]
    serial = [_correlation(y[:-lag], y[lag:]) for y in (x, square) for lag in range(1, LAGS + 1)]
    return np.array([*moments, *pairs, *serial])


def check_neighbours(source: Source, count: int, seed: int = 1) -> dict[str, float]:
    """Streams whose addresses differ by one, or by one bit, in one part."""
    found = {}
    for column, (part, bits) in enumerate(PARTS.items()):
        for step in ("one", "a bit") if bits > 1 else ("one",):
            base = trials(0, count) if step == "one" else _scattered(count, seed)
            other = base.copy()
            if step == "one":
                other[:, column] += 1
            else:
                other[:, column] ^= np.int64(1) << (np.arange(count) % bits)
            found.update(
                {f"{part} by {step}, {what}": z for what, z in _compare(source(base, 8), source(other, 8))}
            )
    return found


def _scattered(count: int, seed: int) -> NDArray[np.int64]:
    generator = np.random.default_rng(seed)
    columns = [generator.integers(0, 2**bits - 1, count, endpoint=True) for bits in PARTS.values()]
    return np.stack(columns, axis=1)


def _compare(one: Words, other: Words) -> Iterator[tuple[str, float]]:
    """Cross-correlation at lags -2 to 2, flips of each bit, number of flips per word."""
    x, y = _centred(one), _centred(other)
    draws = one.shape[0]
    cross = [
        _correlation(x[max(0, -lag) : draws - max(0, lag)], y[max(0, lag) : draws - max(0, -lag)])
        for lag in range(-2, 3)
    ]
    yield "correlation", _joint(np.array(cross))
    flipped = one ^ other
    per_bit = np.array([np.count_nonzero(flipped & np.uint32(1 << bit)) for bit in range(32)])
    yield "flips by bit", _joint((per_bit - 0.5 * one.size) / np.sqrt(0.25 * one.size))
    counts = np.bincount(np.bitwise_count(flipped).ravel(), minlength=33).astype(np.float64)
    law = stats.binom(32, 0.5).pmf(np.arange(33))
    counts, law = (np.concatenate([[row[:8].sum()], row[8:25], [row[25:].sum()]]) for row in (counts, law))
    yield "flips by word", _goodness(counts, law)


def check_avalanche(source: Source, count: int, seed: int = 2) -> dict[str, float]:
    """Flips of each of the first 128 bits by each bit of the address: all together, and the greatest."""
    base = _scattered(count, seed)
    start = source(base, 4)
    rows = []
    for column, bit in [(column, bit) for column, bits in enumerate(PARTS.values()) for bit in range(bits)]:
        other = base.copy()
        other[:, column] ^= np.int64(1) << bit
        flipped = np.ascontiguousarray((start ^ source(other, 4)).T).view(np.uint8)
        rows.append(np.unpackbits(flipped, axis=1).sum(axis=0, dtype=np.int64))
    matrix = (np.array(rows) - 0.5 * count) / np.sqrt(0.25 * count)
    # Of as many entries the greatest stays below x with probability p(x) ** size.
    greatest = -np.expm1(matrix.size * np.log1p(-2.0 * stats.norm.sf(np.abs(matrix).max())))
    return {"avalanche": _joint(matrix.ravel()), "avalanche, greatest": float(stats.norm.isf(greatest))}


def check_coincidences(source: Source, per_part: Sequence[int]) -> tuple[float, int]:
    """Deviate of the equal first words in a grid of addresses, and how often two first words are equal."""
    grid = np.stack(np.meshgrid(*[np.arange(number) for number in per_part], indexing="ij"), axis=-1)
    drawn = source(grid.reshape(-1, 4).astype(np.int64), 2)
    ordered = np.sort(drawn[0].astype(np.uint64) << np.uint64(32) | drawn[1])
    expected = 0.5 * ordered.size * (ordered.size - 1.0) * 2.0**-32
    equal = np.count_nonzero(np.diff(ordered >> np.uint64(32)) == 0)
    return deviate(stats.poisson(expected), equal), int(np.count_nonzero(np.diff(ordered) == 0))


def compare() -> list[Row]:
    """Deviates of 1e8 normals in each precision, of the words, and of neighbouring addresses."""
    lanes, draws, chunks = 4096, 1000, 25
    deviates = check_words(words(trials(0, 4 * lanes), draws))
    for precision, convert in (("float64", normals), ("float32", normals_float32)):
        samples = (convert(words(trials(chunk * lanes, lanes), draws)) for chunk in range(chunks))
        deviates.update({f"{precision}, {what}": z for what, z in check_normals(samples).items()})
    deviates.update(check_neighbours(words, 1_000_000))
    deviates.update(check_avalanche(words, 20_000))
    deviates["coincidences"], equal = check_coincidences(words, (10, 10, 50_000, 2))
    rows = [Row(f"{what} [standard errors]", z, 0.0, LIMIT) for what, z in deviates.items()]
    return [*rows, Row("equal streams among 1e7 addresses", equal, 0.0, 0.0)]


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Deviates of all checks in order of size against those of as many standard normal numbers."""
    deviates = np.sort([row.ours for row in rows[:-1]])
    expected = stats.norm.ppf((np.arange(deviates.size) + 0.5) / deviates.size)
    axes.axhspan(-LIMIT, LIMIT, color="0.93")
    axes.plot(expected, expected, color="0.5")
    axes.plot(expected, deviates, "o", color="black", markersize=3)
    axes.set(xlabel="expected of a perfect generator", ylabel="deviate of a check [standard errors]")


if __name__ == "__main__":
    report("v06_noise_quality", compare, draw)
