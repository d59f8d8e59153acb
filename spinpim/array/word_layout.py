"""Where the words of sensed answers lie in packed digits, and what is known of them beforehand.

Kernels only: numbers and arrays in and out, no checks.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_U64 = np.uint64


@njit(cache=True, nogil=True, error_model="numpy")
def word_layout(words: Any) -> Any:
    """Where words lie: 64-bit word, shift, mask, whether a second one follows; size and first element."""
    found = np.empty((6, words.shape[0]), np.uint64)
    for word in range(words.shape[0]):
        first, size = words[word]
        found[0, word], found[1, word] = _U64(first >> 6), _U64(first & 63)
        found[2, word] = ~_U64(0) >> _U64(64 - size)
        found[3, word] = _U64((first & 63) + size > 64)
        found[4, word], found[5, word] = _U64(size), _U64(first)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def word_field(packed: Any, start: Any, stride: Any, layout: Any, word: Any) -> Any:
    """Digits of a word out of 64-bit words that lie ``stride`` apart."""
    place, shift = start + layout[0, word] * stride, layout[1, word]
    digits = packed[place] >> shift
    if layout[3, word] != _U64(0):
        # Not reached with a shift of 0, for which 64 - shift would be undefined.
        digits |= packed[place + stride] << (_U64(64) - shift)
    return digits & layout[2, word]


@njit(cache=True, nogil=True, error_model="numpy")
def rows_by_word(packed: Any, layout: Any) -> Any:
    """Packed rows with each word in 64 bits of its own, shape (rows, words)."""
    found = np.empty((packed.shape[0], layout.shape[1]), np.uint64)
    flat, length = packed.reshape(-1), packed.shape[1]
    for row in range(found.shape[0]):
        for word in range(found.shape[1]):
            found[row, word] = word_field(flat, _U64(row * length), _U64(1), layout, word)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def faulty_rows(cells: Any) -> Any:
    """Rows with a pair that can answer wrongly, word after word, and where each word starts."""
    _, zeros, ones, right = cells
    rows, count = zeros.shape
    found, starts = np.empty(rows * count, np.int64), np.zeros(count + 1, np.int64)
    number = 0
    for word in range(count):
        for row in range(rows):
            if (zeros[row, word] | (ones[row, word] ^ right[row, word])) != _U64(0):
                found[number] = row
                number += 1
        starts[word + 1] = number
    return found[:number], starts


@njit(cache=True, nogil=True, error_model="numpy")
def noise_of_words(rates: Any, words: Any) -> Any:
    """Largest rate in each word, the probability that not even that rate turns an answer, and a logarithm."""
    count = words.shape[0]
    ceilings, quiet, log_keeps = np.zeros(count), np.ones(count), np.zeros(count)
    for word in range(count):
        first, size = words[word]
        for element in range(first, first + size):
            ceilings[word] = max(ceilings[word], rates[element].max())
        log_keeps[word] = np.log1p(-ceilings[word])
        quiet[word] = np.exp(size * log_keeps[word])
    return ceilings, quiet, log_keeps


@njit(cache=True, nogil=True, error_model="numpy")
def places_in_words(words: Any, elements: int) -> Any:
    """Word of each element and place in it."""
    found = np.empty((2, elements), np.uint64)
    for word in range(words.shape[0]):
        for k in range(words[word, 1]):
            found[0, words[word, 0] + k], found[1, words[word, 0] + k] = _U64(word), _U64(k)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def same_digits(first: Any, second: Any) -> bool:
    """Whether two arrays hold the same."""
    left, right = first.reshape(-1), second.reshape(-1)
    difference = _U64(0)
    for k in range(left.size):
        difference |= left[k] ^ right[k]
    return bool(difference == _U64(0))
