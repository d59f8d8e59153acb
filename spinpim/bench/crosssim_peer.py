"""CrossSim, where it is installed, as the peer that computes LeNet-5 one input bit at a time.

Its cores give the sums of the layers; windows, pooling and quantisers are ours, as in the rows beside it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.array.forward import sums_handed_on
from spinpim.bench.machine import library_version
from spinpim.bench.networks import lenet, lenet_images
from spinpim.bench.workload import Absent, Workload
from spinpim.network.layers import Layer, windows

WHOLE, SERIAL, NOISE = "crosssim_whole_inputs", "crosssim_bit_serial", "crosssim_read_noise"
KEYS = tuple(f"{name}_images_per_s" for name in (WHOLE, SERIAL, NOISE))
IMAGES, NOISY_IMAGES = 16, 1
"""Images in one call: the batch at which each mode is fastest."""
READ_NOISE = 0.01
"""Standard deviation of the conductance of each cell in each access, over the largest conductance."""


class CrossbarPath:
    """What computes the layers of a network by CrossSim's ``AnalogCore``.

    Each layer is one array of balanced pairs of cells, without a limit of its size and without converters at
    its outputs; digits of the inputs arrive together, or one after another.

    Attributes
    ----------
    cores : list
        An array per layer.
    values : list of arrays of float32
        Value of each code of a layer's input.
    """

    def __init__(self, layers: tuple[Layer, ...], *, bit_serial: bool, read_noise: float = 0.0) -> None:
        """Program the arrays.

        Parameters
        ----------
        layers : tuple of Layer
            Convolutions of one group and dense layers, with unsigned activations.
        bit_serial : bool
            Whether the digits of an input arrive one after another.
        read_noise : float
            As ``READ_NOISE``; 0 for none.
        """
        from simulator import AnalogCore

        self.cores = []
        self.values = []
        for layer in layers:
            weights = layer.weight_values.astype(np.float32)
            core = AnalogCore(weights, parameters(layer, bit_serial, read_noise))
            core.set_matrix(weights)
            self.cores.append(core)
            codes = np.arange(1 << layer.input_coding.bits)
            self.values.append(layer.input_coding.decode(codes).astype(np.float32))

    def __call__(self, number: int, layer: Layer, codes: NDArray[np.uint8]) -> NDArray[Any]:
        """Give what a layer hands on for coded images."""
        sums = np.ascontiguousarray(np.rint(self.sums(number, layer, codes)))
        rows, columns = layer.positions(*codes.shape[1:3])
        handed = sums_handed_on(sums, layer.quantiser, by_channel=False)
        return handed.reshape(len(codes), rows, columns, layer.out_channels)

    def sums(self, number: int, layer: Layer, codes: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Sums of the array, shape (vectors, channels)."""
        stacked = _stacked(layer, self.values[number][codes])
        sums: NDArray[np.float32] = self.cores[number].matmat(stacked)
        return sums.transpose(0, 2, 1).reshape(-1, layer.out_channels)


def crosssim_whole_inputs() -> Workload | Absent:
    """All digits of an input at once: one matrix product per layer."""
    return _workload(WHOLE, IMAGES, "whole inputs, one matrix product per layer", bit_serial=False)


def crosssim_bit_serial() -> Workload | Absent:
    """Eight slices of one input bit, the work of the packed digits."""
    return _workload(
        SERIAL, IMAGES, "eight slices of one input bit, summed without a converter", bit_serial=True
    )


def crosssim_read_noise() -> Workload | Absent:
    """The same with noise that is new in each access of each cell."""
    how = f"eight slices of one input bit, read noise of {READ_NOISE:g} in each access"
    return _workload(NOISE, NOISY_IMAGES, how, bit_serial=True, read_noise=READ_NOISE)


def parameters(layer: Layer, bit_serial: bool, read_noise: float) -> Any:
    """Parameters of CrossSim for a layer: range of its weights and inputs, cells without off current."""
    from simulator import CrossSimParameters

    found = CrossSimParameters()
    weights = found.core.mapping.weights
    largest = float(layer.weight_coding.largest_magnitude)
    weights.percentile, weights.min, weights.max = None, -largest, largest
    for inputs in (found.core.mapping.inputs.mvm, found.core.mapping.inputs.vmm):
        inputs.percentile, inputs.min, inputs.max = None, 0.0, float(layer.input_coding.largest_magnitude)
    for converter in (found.xbar.dac.mvm, found.xbar.dac.vmm):
        converter.model, converter.bits, converter.signed = "QuantizerDAC", layer.input_coding.bits, False
        converter.input_bitslicing, converter.slice_size = bit_serial, 1
    found.xbar.device.infinite_on_off_ratio = True
    noise = found.xbar.device.read_noise
    noise.enable, noise.model, noise.magnitude = read_noise > 0.0, "NormalIndependentDevice", read_noise
    return found


def _workload(name: str, images: int, how: str, **mode: Any) -> Workload | Absent:
    try:
        from simulator import AnalogCore  # noqa: F401 (only whether it is there)
    except ImportError:
        return Absent(
            f"{name}_images_per_s",
            "CrossSim is not installed; 'pip install git+https://github.com/sandialabs/cross-sim' adds it, "
            "for this comparison only.",
        )
    path = CrossbarPath(lenet().layers, **mode)
    return lenet_images(name, path, f"CrossSim {library_version('CrossSim')}: {how}", images)


def _stacked(layer: Layer, images: NDArray[np.float32]) -> NDArray[np.float32]:
    """Windows of decoded images, shape (images, elements, positions), which CrossSim takes fastest."""
    if layer.kind == "dense":
        return images.reshape(1, len(images), -1).transpose(0, 2, 1)
    ordered = windows(images, layer.window, 0.0).transpose(0, 3, 4, 5, 1, 2)
    return ordered.reshape(len(images), layer.fan_in, -1)
