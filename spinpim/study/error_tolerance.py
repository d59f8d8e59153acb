"""How many wrong ANDs a network bears: accuracy against the rate of static and of temporal errors."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.array import ArrayModel, EvenErrors, Faults, execute
from spinpim.checks import choice, finite, finite_array, flag, whole
from spinpim.errors import InputError
from spinpim.estimate import Estimate
from spinpim.network import Network
from spinpim.network.recentring import recentred

FloatArray = NDArray[np.float64]
RATES = (1e-5, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
STATIC, TEMPORAL = KINDS = ("static", "temporal")
MOST_CHIPS = 10_000
HIGHEST_RATE = 0.499
"""Answers that are wrong half of the time say nothing, and no line can set them right."""
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Tolerance:
    """Accuracy of one network against rates of wrong ANDs, all patterns and columns alike.

    Attributes
    ----------
    network : str
        Name of the network.
    seed : int
        Address of the draws: the wrong pairs of a rate are among those of a higher one.
    recentred : bool
        Whether the lines of the network were set for each rate.
    images : int
        Images classified.
    trained_with : dict of str to float
        Errors that the network met in its training: ``flips`` and ``wrong_pairs`` [1]; empty if none.
    rates : array, shape (rates,)
        Rising, above 0 [1].
    right_ideal : int
        Images classified rightly without errors.
    right_static : array of int64, shape (rates, chips)
        Images classified rightly by chips of which that share of the pairs always answers wrongly.
    right_temporal : array of int64, shape (rates,)
        Images classified rightly where every access errs with that probability.
    """

    network: str
    seed: int
    recentred: bool
    images: int
    trained_with: dict[str, float]
    rates: FloatArray
    right_ideal: int
    right_static: NDArray[np.int64]
    right_temporal: NDArray[np.int64]

    @property
    def label(self) -> str:
        """Name of the network, and what was done to it."""
        return f"{self.network}, lines set" if self.recentred else self.network

    @property
    def ideal_accuracy(self) -> float:
        """Share of images that the ideal machine classifies rightly [1]."""
        return self.right_ideal / self.images

    def accuracy(self, kind: str) -> FloatArray:
        """Accuracy at each rate, of static errors the mean over the chips [1], shape (rates,)."""
        choice("kind", kind, KINDS)
        right = self.right_static.mean(axis=1) if kind == STATIC else self.right_temporal
        return np.asarray(right / self.images, np.float64)

    def interval(self, kind: str) -> FloatArray:
        """Lower and upper end of the accuracy at each rate [1], shape (2, rates).

        Temporal: 95 % over images drawn like these. Static: lowest and highest chip, on the same images.
        """
        choice("kind", kind, KINDS)
        if kind == STATIC:
            return np.stack([self.right_static.min(axis=1), self.right_static.max(axis=1)]) / self.images
        estimates = [Estimate.from_counts(int(right), self.images) for right in self.right_temporal]
        return np.array([[one.low for one in estimates], [one.high for one in estimates]])

    def tolerated_rate(self, kind: str, loss: float = 0.01) -> float:
        """Highest rate up to which the accuracy is no more than ``loss`` below the best [1].

        The best is the highest of all accuracies here, with and without errors: a network that is made for
        errors need not be best without them.

        Between two rates by a line over their logarithms. 0 if the lowest rate loses more already, and the
        highest rate if none does: then the network bears at least that.

        Raises
        ------
        InputError
            If ``kind`` is neither "static" nor "temporal", or ``loss`` is out of 0..1.
        """
        best = max(self.ideal_accuracy, *(self.accuracy(one).max() for one in KINDS))
        # A loss of exactly that much is allowed, whatever the last bits of the shares say.
        lost = best - self.accuracy(kind) - finite("loss", loss, 0.0, 1.0) - ROUNDING
        beyond = np.flatnonzero(lost > 0.0)
        if beyond.size == 0:
            return float(self.rates[-1])
        first = int(beyond[0])
        if first == 0:
            return 0.0
        part = -lost[first - 1] / (lost[first] - lost[first - 1])
        logarithms = np.log(self.rates[first - 1 : first + 1])
        return float(np.exp(logarithms[0] + part * (logarithms[1] - logarithms[0])))

    def figures(self) -> dict[str, Any]:
        """Every figure by its name, as plain numbers, text and lists."""
        return {
            "network": self.network,
            "seed": self.seed,
            "recentred": self.recentred,
            "images": self.images,
            "trained_with": dict(self.trained_with),
            "rates": self.rates.tolist(),
            "ideal_accuracy": self.ideal_accuracy,
            "static_accuracy": (self.right_static / self.images).tolist(),
            "temporal_accuracy": self.accuracy(TEMPORAL).tolist(),
            "tolerated_rate_1_percent": {kind: self.tolerated_rate(kind) for kind in KINDS},
        }


def tolerance(
    network: Network,
    images: NDArray[Any],
    labels: NDArray[Any],
    array: ArrayModel,
    *,
    seed: int,
    rates: ArrayLike = RATES,
    chips: int = 4,
    recentre: bool = False,
    executor: Executor | None = None,
) -> Tolerance:
    """Classify images at each rate of wrong ANDs, static and temporal, writes and storage without errors.

    Parameters
    ----------
    network : Network
        Quantised layers.
    images, labels : arrays
        As for ``execute``.
    array : ArrayModel
        Gives the layout alone: which elements share a column and which filters a window.
    seed : int
        Address of all draws, >= 0.
    rates : array, shape (rates,)
        Probabilities above 0 and up to 0.499, rising [1].
    chips : int
        Chips drawn at each static rate; temporal errors are drawn anew for each image of one chip.
    recentre : bool
        Whether the lines of the digital unit are set for each rate; see
        `spinpim.network.recentring.recentred`.
    executor : concurrent.futures.Executor or None
        Where the work goes.

    Returns
    -------
    Tolerance

    Raises
    ------
    InputError
        If the rates do not rise or are out of range, or ``execute`` refuses the rest.

    Notes
    -----
    Columns and patterns are alike here. Those of a circuit are not: with a poor amplifier most wrong answers
    are in few columns, which costs about as much in the mean over chips and scatters more from chip to chip.
    An accuracy on few images says little: 1 % of 100 is one image.

    Examples
    --------
    >>> import spinpim as sp
    >>> cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    >>> write = sp.Estimate.from_counts(0, 100_000)
    >>> array = sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=write)
    >>> digits = sp.load_dataset("digits")
    >>> few = digits.images[:60], digits.labels[:60]
    >>> found = tolerance(sp.Network.load("digits_w1a4"), *few, array, seed=1, rates=[1e-4, 0.3], chips=1)
    >>> bool(found.accuracy("static")[0] > 0.9), bool(found.accuracy("temporal")[1] < 0.5)
    (True, True)
    """
    chosen = _checked_rates(rates)
    whole("chips", chips, 1, MOST_CHIPS)

    flag("recentre", recentre)

    def right(errors: EvenErrors, rate: float, count: int) -> NDArray[np.int64]:
        run = execute(
            recentred(network, rate) if recentre else network,
            images,
            labels,
            array,
            seed=seed,
            chips=count,
            executor=executor,
            faults=Faults(columns=errors),
        )
        return np.asarray(np.count_nonzero(run.predictions == run.labels, axis=1), np.int64)

    ideal = execute(network, images, labels, seed=seed, executor=executor)
    static = [right(EvenErrors(static=float(rate)), rate, chips) for rate in chosen]
    temporal = [right(EvenErrors(temporal=float(rate)), rate, 1)[0] for rate in chosen]
    met = network.training.get("faults")
    return Tolerance(
        network=network.name,
        seed=seed,
        recentred=bool(recentre),
        images=len(labels),
        trained_with={name: rate for name, rate in met.items() if rate} if isinstance(met, dict) else {},
        rates=chosen,
        right_ideal=int(np.count_nonzero(ideal.ideal_predictions == ideal.labels)),
        right_static=np.stack(static),
        right_temporal=np.array(temporal, np.int64),
    )


def _checked_rates(rates: ArrayLike | Sequence[float]) -> FloatArray:
    chosen = finite_array("rates", rates, high=HIGHEST_RATE, above=0.0)
    if chosen.ndim != 1 or np.any(np.diff(chosen) <= 0.0):
        raise InputError("rates must be a list of numbers that rise, each above the one before.")
    return chosen
