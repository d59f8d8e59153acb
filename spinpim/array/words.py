"""Sensed answers by words: flips of noise are gathered, each word is judged as a whole, then counted.

The words of an image are worked through by parts, so that what is gathered stays in the cache. Parts follow
from the layer, never from a batch. Only words with a flip or with a static wrong answer are looked at: all
others are right.

Kernels only: numbers and arrays in and out, no checks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from spinpim.array.bitops import popcount
from spinpim.array.walks import AHEAD, stream_address, uniform
from spinpim.array.word_flips import OPERATION_BITS, WORD_BITS, gather_flips, prepared_classes
from spinpim.array.word_layout import (
    faulty_rows,
    noise_of_words,
    places_in_words,
    rows_by_word,
    same_digits,
    word_field,
    word_layout,
)
from spinpim.device.dynamics.noise import mix64

_U64 = np.uint64
_AGAIN = np.uint64(0xD1B54A32D192ED03)
"""Sets the draws of words that are sensed again apart from those of the first access."""
WORDS_PER_PART = 16384
FLIPS, REREADS, REREAD_PAIRS, CORRECTED, WRONG = range(5)
"""Places in what is counted: answers turned by noise, words sensed again and the pairs in them, words put
right, words handed on wrong."""
CORRECT = -1
"""Number of rereads that stands for a code that corrects one wrong answer."""


@njit(cache=True, nogil=True, error_model="numpy")
def judge_words(
    written: Any,
    intended: Any,
    stored: Any,
    zero_answers: Any,
    one_answers: Any,
    right: Any,
    outputs: Any,
    coefficients: Any,
    plane_coefficients: Any,
    rates: Any,
    words: Any,
    rereads: int,
    positions: int,
    first_image: int,
    key: Any,
    totals: Any,
    counts: Any,
) -> None:
    """Correct totals of static answers by the flips of noise and by what the words make of wrong answers.

    Parameters
    ----------
    written, intended : array of uint64, shape (planes, 64-bit words, images * positions)
        Activation digits in the cells, and as they should be.
    stored, zero_answers, one_answers, right : array of uint64, shape (rows, 64-bit words)
        Digits in the weight cells, answers of the pairs to 0 and to 1, and digits as they should be.
    outputs, coefficients, plane_coefficients, rates, positions, first_image, key
        As in ``flip_reads``.
    words : array of int64, shape (words, 2)
        First element of each word and its number of elements, at most 64.
    rereads : int
        How often a word of wrong parity is sensed again; ``CORRECT``: one wrong answer is put right.
    totals : array of int64, shape (outputs, images * positions)
        Changed in place.
    counts : array of int64, shape (5,)
        Raised in place; see ``FLIPS`` and what follows it.
    """
    planes, vectors = written.shape[0], written.shape[2]
    rows, count = stored.shape[0], words.shape[0]
    layout = word_layout(words)
    cells = (
        rows_by_word(stored, layout),
        rows_by_word(zero_answers, layout),
        rows_by_word(one_answers, layout),
        rows_by_word(right, layout),
    )
    faulty, faulty_from = faulty_rows(cells)
    classes = prepared_classes(rates)
    noise = noise_of_words(rates, words)
    place_of = places_in_words(words, rates.shape[0])
    scratch = np.empty(AHEAD, np.int64), np.empty(AHEAD, np.uint64), np.empty((3, AHEAD), np.uint64)
    share = max(1, WORDS_PER_PART // (planes * rows * count))
    size = min(share, positions) * planes * rows * count
    turned, touched = np.zeros(size, np.uint64), np.empty(size + 1, np.uint64)
    as_intended = same_digits(written, intended)
    again = mix64(_U64(key) ^ _AGAIN)
    for image in range(vectors // positions):
        for first in range(0, positions, share):
            part = min(share, positions - first)
            vector = image * positions + first
            address = stream_address(key, first_image + image, 0)
            number = 0
            if classes[0].size:
                number = gather_flips(
                    written,
                    vector,
                    part,
                    cells[0],
                    classes,
                    rates,
                    place_of,
                    count,
                    mix64(address ^ _U64(first + 1)),
                    scratch,
                    turned,
                    touched,
                )
            if faulty.size or not as_intended:
                _judge_static(
                    written,
                    intended,
                    vector,
                    part,
                    cells,
                    (faulty, faulty_from),
                    layout,
                    rereads,
                    noise,
                    rates,
                    stream_address(again, first_image + image, first),
                    (outputs, coefficients, plane_coefficients),
                    turned,
                    totals,
                    counts,
                )
            _judge_turned(
                written,
                vector,
                cells,
                layout,
                rereads,
                noise,
                rates,
                stream_address(again, first_image + image, first),
                (outputs, coefficients, plane_coefficients),
                turned,
                touched[:number],
                totals,
                counts,
            )


@njit(cache=True, nogil=True, error_model="numpy")
def _judge_static(
    written: Any,
    intended: Any,
    vector: int,
    part: int,
    cells: Any,
    suspects: Any,
    layout: Any,
    rereads: int,
    noise: Any,
    rates: Any,
    again: Any,
    factors: Any,
    turned: Any,
    totals: Any,
    counts: Any,
) -> None:
    """Judge all words with a static wrong answer, and clear their flips."""
    weights, zeros, ones, right = cells
    outputs, coefficients, plane_coefficients = factors
    faulty, faulty_from = suspects
    rows, count = zeros.shape
    planes, span, vectors = written.shape
    cell_digits, true_digits = written.reshape(-1), intended.reshape(-1)
    for position in range(part):
        for plane in range(planes):
            start = _U64(plane * span * vectors + vector + position)
            for word in range(count):
                digits = word_field(cell_digits, start, _U64(vectors), layout, word)
                meant = word_field(true_digits, start, _U64(vectors), layout, word)
                alike = digits == meant
                for k in range(faulty_from[word + 1] - faulty_from[word] if alike else rows):
                    row = faulty[faulty_from[word] + k] if alike else k
                    static = (zeros[row, word] & ~digits) | (ones[row, word] & digits)
                    static_wrong = static ^ (right[row, word] & meant)
                    if static_wrong == _U64(0):
                        continue
                    site = ((position * planes + plane) * rows + row) * count + word
                    flips = turned[site]
                    turned[site] = _U64(0)
                    counts[FLIPS] += np.int64(popcount(flips))
                    wrong = static_wrong ^ flips
                    if rereads == CORRECT:
                        if wrong != _U64(0) and wrong & (wrong - _U64(1)) == _U64(0):
                            counts[CORRECTED] += 1
                            wrong = _U64(0)
                    elif popcount(wrong) & _U64(1):
                        digit_pair = weights[row, word], digits
                        address = _own_address(again, site)
                        wrong = _sensed_again(
                            static_wrong, rereads, address, noise, rates, layout, word, digit_pair, counts
                        )
                    counts[WRONG] += wrong != _U64(0)
                    change = np.int64(popcount(static ^ static_wrong ^ wrong)) - np.int64(popcount(static))
                    factor = coefficients[row] * plane_coefficients[plane]
                    totals[outputs[row], vector + position] += factor * change


@njit(cache=True, nogil=True, error_model="numpy")
def _judge_turned(
    written: Any,
    vector: int,
    cells: Any,
    layout: Any,
    rereads: int,
    noise: Any,
    rates: Any,
    again: Any,
    factors: Any,
    turned: Any,
    touched: Any,
    totals: Any,
    counts: Any,
) -> None:
    """Judge the listed words, whose static answers are right, and clear their flips."""
    weights, zeros, ones, _ = cells
    outputs, coefficients, plane_coefficients = factors
    quiet, sizes = noise[1], layout[4]
    planes, span, vectors = written.shape
    rows, count = _U64(weights.shape[0]), _U64(weights.shape[1])
    operations, cell_digits = _U64(planes) * rows, written.reshape(-1)
    flipped: Any = 0
    left: Any = 0
    pairs: Any = 0
    corrected, repeated = 0, 0
    for k in range(touched.size):
        word, access = touched[k] & _U64((1 << WORD_BITS) - 1), touched[k] >> _U64(WORD_BITS)
        position, operation = access >> _U64(OPERATION_BITS), access & _U64((1 << OPERATION_BITS) - 1)
        site = (position * operations + operation) * count + word
        wrong = turned[site]
        turned[site] = _U64(0)
        if wrong == _U64(0):
            continue
        number = popcount(wrong)
        flipped += np.int64(number)
        # Most words are right in the end, whatever their digits are.
        if rereads == CORRECT and number == _U64(1):
            corrected += 1
            continue
        odd = rereads != CORRECT and number & _U64(1) == _U64(1)
        if odd and uniform(_own_address(again, site), _U64(0)) <= quiet[word]:
            repeated += 1
            pairs += np.int64(sizes[word])
            continue
        plane = operation // rows
        row, place = operation - plane * rows, _U64(vector) + position
        start = plane * _U64(span * vectors) + place
        digits = word_field(cell_digits, start, _U64(vectors), layout, word)
        if odd:
            address, digit_pair = _own_address(again, site), (weights[row, word], digits)
            wrong = _sensed_again(_U64(0), rereads, address, noise, rates, layout, word, digit_pair, counts)
        left += np.int64(wrong != _U64(0))
        static = (zeros[row, word] & ~digits) | (ones[row, word] & digits)
        change = np.int64(popcount(static ^ wrong)) - np.int64(popcount(static))
        totals[outputs[row], place] += coefficients[row] * plane_coefficients[plane] * change
    counts[FLIPS] += flipped
    counts[CORRECTED] += corrected
    counts[REREADS] += repeated
    counts[REREAD_PAIRS] += pairs
    counts[WRONG] += left


@njit(cache=True, nogil=True, error_model="numpy")
def _sensed_again(
    static_wrong: Any,
    rereads: int,
    address: Any,
    noise: Any,
    rates: Any,
    layout: Any,
    word: int,
    digit_pair: Any,
    counts: Any,
) -> Any:
    """Wrong answers of a word that is sensed again until their number is even, or often enough."""
    draw, wrong = _U64(0), _U64(0)
    for _ in range(rereads):
        flips, draw = _new_flips(address, draw, noise, rates, layout, word, digit_pair)
        wrong = static_wrong ^ flips
        counts[FLIPS] += np.int64(popcount(flips))
        counts[REREADS] += 1
        counts[REREAD_PAIRS] += np.int64(layout[4, word])
        if popcount(wrong) & _U64(1) == _U64(0):
            break
    return wrong


@njit(cache=True, nogil=True, error_model="numpy")
def _own_address(again: Any, site: Any) -> Any:
    """Address of the draws of a word that is sensed again."""
    return mix64(again ^ mix64(_U64(site)))


@njit(cache=True, nogil=True, error_model="numpy")
def _new_flips(
    address: Any, draw: Any, noise: Any, rates: Any, layout: Any, word: int, digit_pair: Any
) -> Any:
    """Flips of one more access of a word, and the next draw."""
    ceilings, quiet, log_keeps = noise
    weights, digits = digit_pair
    first, size = layout[5, word], np.int64(layout[4, word])
    ceiling, log_keep = ceilings[word], log_keeps[word]
    chances, flips = mix64(address), _U64(0)
    place: Any = -1
    while True:
        number = draw
        drawn = uniform(address, number)
        draw += _U64(1)
        # Most words have no candidate: no logarithm for them.
        if place == -1 and drawn <= quiet[word]:
            return flips, draw
        step = np.log(drawn) / log_keep
        if step >= size - 1 - place:
            return flips, draw
        place += 1 + np.int64(step)
        shift = _U64(place)
        pattern = _U64(2) * ((weights >> shift) & _U64(1)) + ((digits >> shift) & _U64(1))
        if uniform(chances, number) * ceiling <= rates[first + shift, pattern]:
            flips |= _U64(1) << shift
