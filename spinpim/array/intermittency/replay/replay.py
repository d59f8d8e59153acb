"""Images through power cuts: the one way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinpim.array.intermittency.policies import Policy
from spinpim.array.intermittency.replay.cells import Cells, Power, PowerCutError
from spinpim.array.intermittency.replay.node import Node
from spinpim.array.intermittency.work import work_of
from spinpim.array.model import ArrayModel
from spinpim.checks import finite, finite_array, instance, seed_address
from spinpim.errors import InputError
from spinpim.network.checks import check_images
from spinpim.network.model import Network
from spinpim.network.reference import class_scores

LONGEST_S = 1e9
"""Of a period or a warning [s]."""


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """What became of images through power cuts.

    Attributes
    ----------
    scores : array of float64, shape (images, classes)
        What the machine gave.
    expected : array of float64, shape (images, classes)
        What a machine without cuts gives.
    cuts, restores, operations, operations_lost : int
        Power cuts; times that records were read; operations done; those that had to be done again.
    rows_written : int
        Rows of cells written for saves, again and again where they were wrong.
    saves, saves_cut : int
        Saves completed, and cut.
    saves_wrong, states_lost : int
        Completed saves whose check digits told that they are wrong; times that no record was whole, so that
        the image began anew.
    """

    scores: NDArray[np.float64]
    expected: NDArray[np.float64]
    cuts: int
    restores: int
    operations: int
    operations_lost: int
    rows_written: int
    saves: int
    saves_cut: int
    saves_wrong: int
    states_lost: int

    @property
    def differences(self) -> int:
        """Images whose scores differ in any bit from those without cuts."""
        return int(np.count_nonzero(np.any(self.scores != self.expected, axis=1)))


def replay(
    array: ArrayModel,
    network: Network,
    images: NDArray[Any],
    policy: Policy,
    *,
    periods_s: ArrayLike,
    warning_s: float | Sequence[float] = 0.0,
    write_error: float | None = None,
    charge_J: float | None = None,
    seed: int,
) -> Replay:
    """Compute images operation by operation and digit by digit, while power fails again and again.

    Parameters
    ----------
    array, network : ArrayModel, Network
        The memory and its work; small ones, since every count of every sub-array is held.
    images : array of int, shape (images, height, width, channels)
        Raw values.
    policy : Policy
        What is kept.
    periods_s : array
        How long power lasts, time after time [s]; then it lasts for good.
    warning_s : float or sequence of float
        How long before each cut the warning comes [s], to policies that save upon it.
    write_error : float or None
        Probability that a digit is not written [1]; None: that of the array.
    charge_J : float or None
        Energy of a charge, for policies that save by it [J].
    seed : int
        Address of what is random: failing writes, and digits that were being written when power failed.

    Raises
    ------
    InputError
        If an argument is of another kind or out of range.

    Notes
    -----
    Weights and the coded image lie in cells and are right. Volatile memory holds garbage after a cut. Where
    rows have check digits of their own, all rows of the input of a layer are looked at when work on it begins
    or goes on.

    Examples
    --------
    >>> import spinpim as sp
    >>> from spinpim.network.datasets import load_dataset
    >>> cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    >>> amplifier, rare = sp.SenseAmp.load("strongarm_45nm"), sp.Estimate.from_counts(0, 10**9)
    >>> array = sp.ArrayModel(cell, amplifier, write=rare)
    >>> network, images = sp.Network.load("digits_w1a4"), load_dataset("digits").images[:1]
    >>> found = replay(array, network, images, Policy("windows"), periods_s=[2e-5] * 5, seed=1)
    >>> found.cuts, found.differences
    (5, 0)
    """
    instance("array", array, ArrayModel, "ArrayModel(...)")
    instance("network", network, Network, "Network.load(...)")
    instance("policy", policy, Policy, "Policy(...)")
    raw = check_images(network, images)
    if len(raw) == 0:
        raise InputError("images holds no image; give at least one.")
    lasting = (
        finite_array("periods_s", periods_s, 0.0, LONGEST_S).ravel() if np.size(periods_s) else np.zeros(0)
    )
    warned = finite_array("warning_s", warning_s, 0.0, LONGEST_S)
    if warned.ndim and warned.shape != lasting.shape:
        raise InputError(
            f"warning_s must be one number or one per period, {lasting.size}; got {warned.size}."
        )
    before = np.broadcast_to(warned, lasting.shape)
    work = work_of(array, network)
    assert work.keeping is not None
    error = work.keeping.write_error if write_error is None else finite("write_error", write_error, 0.0, 1.0)
    power = Power(np.inf, np.inf)
    generator = np.random.Generator(np.random.Philox(key=[seed_address(seed), 0]))
    cells = Cells(work.keeping, power, generator, error, policy.rewrites)
    node = Node(network, array.map(network), work, policy, network.encode_input(raw), cells, charge_J)
    for period_s, warning in [*zip(lasting.tolist(), before.tolist(), strict=True), (np.inf, 0.0)]:
        power.left_s, power.warned_s = period_s, period_s - warning
        try:
            node.run()
        except PowerCutError:
            continue
        break
    scores = np.stack([node.delivered[number] for number in range(len(raw))])
    needed = len(raw) * sum(phase.operations for phase in work.phases)
    return Replay(
        scores=scores,
        expected=class_scores(network, raw),
        operations_lost=node.counts["operations"] - needed,
        rows_written=cells.rows_written,
        **node.counts,
    )
