"""Lines of the digital unit set for a known rate of wrong ANDs: their mean effect on a sum is taken back."""

from __future__ import annotations

import dataclasses

from spinpim.checks import finite, instance
from spinpim.errors import InputError
from spinpim.network.folding import weight_coding
from spinpim.network.layers import Layer
from spinpim.network.model import Network, Node
from spinpim.network.quantise import BitCoding
from spinpim.network.quantiser import Affine
from spinpim.network.training_faults import flipped_sum


def recentred(network: Network, rate: float) -> Network:
    r"""Network whose lines expect sums of answers that are wrong at a rate, all patterns alike.

    Wrong answers turn a sum S into :math:`(1 - 2p) S + p K (2^N - 1)(2^M - 1)` in the mean. A line
    :math:`o = s S + t` of an output then becomes, at no cost in the memory,

    .. math:: s' = \frac{s}{1 - 2p}, \qquad t' = t - s' p K (2^N - 1)(2^M - 1)

    with the elements K of a sum, N digits of a weight and M of an activation.

    Parameters
    ----------
    network : Network
        With weights of -1 and +1 or affine ones, as the training here makes them, unsigned activations, and
        a line for each output.
    rate : float
        Probability p of a wrong answer [1], 0 to below 0.5: of static and temporal errors together
        :math:`p_s + p_t - 2 p_s p_t`.

    Returns
    -------
    Network
        The same weights; its name tells of the rate.

    Raises
    ------
    InputError
        If the network is of another kind, or the rate is out of range.

    Notes
    -----
    Columns that err at other rates, and patterns that do, leave a part of the shift.

    Examples
    --------
    >>> digits = Network.load("digits_w1a4")
    >>> set_for = recentred(digits, 0.01)
    >>> bool((set_for.layers[0].quantiser.scale > digits.layers[0].quantiser.scale).all())
    True
    """
    instance("network", network, Network, "Network.load(...)")
    finite("rate", rate, 0.0, 0.499)
    nodes = tuple(_recentred(node, rate) if isinstance(node, Layer) else node for node in network.nodes)
    return dataclasses.replace(network, name=f"{network.name}_for_{rate:g}", nodes=nodes)


def _recentred(layer: Layer, rate: float) -> Node:
    line, taken = layer.quantiser, layer.input_coding
    known = layer.weight_coding == weight_coding(layer.weight_coding.bits) and layer.input_zero == 0
    if not (isinstance(line, Affine) and known and taken == BitCoding("unsigned", taken.bits)):
        raise InputError(
            f"layer {layer.name!r} cannot be set for wrong answers: that takes weights of -1 and +1 or affine"
            " ones, unsigned activations without a zero point, and a line for each output."
        )
    law = flipped_sum(layer.fan_in, layer.weight_coding.bits, taken.bits, rate)
    scale = line.scale / law.gain
    changed = dataclasses.replace(line, scale=scale, offset=line.offset - scale * law.offset)
    return dataclasses.replace(layer, quantiser=changed)
