"""The result of an execution: predictions, accuracies, and what was done to get them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinpim.array.protection import Protection
from spinpim.estimate import Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Predictions of the ideal machine and of each chip.

    Attributes
    ----------
    network : str
        Name of the network.
    seed : int
        Address of all draws.
    labels : array of int64, shape (images,)
        True classes.
    ideal_predictions : array of int64, shape (images,)
        Classes without any error.
    predictions : array of int64, shape (chips, images)
        Classes of each chip; no chips without an array.
    and_operations, correction_operations : int
        Pairs sensed by one machine for all images: weight digit with activation digit, and all-ones row
        with activation digit.
    flipped_reads, failed_activation_writes : arrays of int64, shape (chips,)
        Errors new at each access: answers flipped by noise, activation digits written wrongly.
    failed_weight_writes, stuck_pairs : arrays of int64, shape (chips,)
        Errors fixed per chip: weight digits stored wrongly, (weight cell, activation digit) pairs that
        answer every time otherwise than the digits in their cells say.
    stuck_cells, lost_digits : arrays of int64, shape (chips,)
        Cells of weights and of activations that hold one digit, and weight digits that have flipped before
        the last image.
    protection : Majority, Parity, SingleCorrection or None
        Of the sensed answers.
    check_columns : int
        Columns of a chip that hold check bits only.
    words, words_sensed_again, pairs_sensed_again : arrays of int64, shape (chips,)
        Words of a code sensed for the first time, and again because of their parity; pairs of cells in the
        latter, check columns not counted.
    corrected_words, wrong_words : arrays of int64, shape (chips,)
        Words put right by a code, and words handed on with wrong answers.
    """

    network: str
    seed: int
    labels: NDArray[np.int64]
    ideal_predictions: NDArray[np.int64]
    predictions: NDArray[np.int64]
    and_operations: int
    correction_operations: int
    flipped_reads: NDArray[np.int64]
    failed_activation_writes: NDArray[np.int64]
    failed_weight_writes: NDArray[np.int64]
    stuck_pairs: NDArray[np.int64]
    stuck_cells: NDArray[np.int64]
    lost_digits: NDArray[np.int64]
    protection: Protection | None
    check_columns: int
    words: NDArray[np.int64]
    words_sensed_again: NDArray[np.int64]
    pairs_sensed_again: NDArray[np.int64]
    corrected_words: NDArray[np.int64]
    wrong_words: NDArray[np.int64]

    @property
    def images(self) -> int:
        """Number of images."""
        return int(self.labels.size)

    @property
    def chips(self) -> int:
        """Number of chips drawn."""
        return int(self.predictions.shape[0])

    @property
    def extra_accesses(self) -> NDArray[np.int64]:
        """Accesses of single columns that the protection adds on each chip, shape (chips,).

        Two more of each pair for a majority; check columns at every access of a word, and all columns of the
        words that are sensed again.
        """
        repeats = (0 if self.protection is None else self.protection.accesses) - 1
        checks = 0 if self.protection is None else self.protection.check_columns
        pairs = max(0, repeats) * (self.and_operations + self.correction_operations)
        return pairs + checks * (self.words + self.words_sensed_again) + self.pairs_sensed_again

    @property
    def rereads_per_word(self) -> NDArray[np.float64]:
        """Mean number of times that a word is sensed again [1], shape (chips,); for ``cost``."""
        return np.asarray(self.words_sensed_again / np.maximum(self.words, 1))

    @property
    def ideal_accuracy(self) -> float:
        """Share of images that the ideal machine classifies rightly [1]."""
        return float(np.mean(self.ideal_predictions == self.labels))

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """Share of images that each chip classifies rightly [1], shape (chips,)."""
        shares: NDArray[np.float64] = np.mean(self.predictions == self.labels, axis=1)
        return shares

    @property
    def changed(self) -> NDArray[np.float64]:
        """Share of images that each chip classifies otherwise than the ideal machine [1], shape (chips,)."""
        shares: NDArray[np.float64] = np.mean(self.predictions != self.ideal_predictions, axis=1)
        return shares

    def ideal_accuracy_estimate(self) -> Estimate:
        """Ideal accuracy with its interval over images drawn like these."""
        return Estimate.from_counts(int(np.sum(self.ideal_predictions == self.labels)), self.images)
