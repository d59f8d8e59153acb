"""A layer during training: real weights that act as quantised ones (needs torch when used)."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np

from spinpim.network.folding import fold, weight_coding, whole_weights
from spinpim.network.joins import Pool
from spinpim.network.layers import Layer
from spinpim.network.quantise import REAL, BitCoding
from spinpim.network.quantiser import Affine
from spinpim.network.recipes import LayerPlan
from spinpim.network.training_faults import TrainingFaults, flipped_sum, wrong_pair_changes
from spinpim.network.window import Window


def whole_activations(values: Any, bits: int) -> Any:
    """Tensor clipped to 0..1 and rounded to codes 0..2^bits - 1; gradient as if only clipped and scaled."""
    if bits == REAL:
        return values.clamp(0.0, 1.0)
    from spinpim.network.rounding import ClippedCodes

    return ClippedCodes.apply(values, (1 << bits) - 1)


def quantise_weights(weights: Any, bits: int) -> Any:
    """Whole numbers as from `spinpim.network.folding.whole_weights`; straight-through gradient.

    For one digit the gradient is that of weights counted in units of their mean magnitude.
    """
    if bits == REAL:
        return weights
    if bits == 1:
        scaled = weights / weights.detach().abs().mean()
        signs = weights.detach().ge(0.0).to(weights.dtype) * 2.0 - 1.0
        return scaled + (signs - scaled).detach()
    squashed = weights.tanh()
    codes = whole_activations(squashed / (2.0 * squashed.abs().max()) + 0.5, bits)
    return 2.0 * codes - ((1 << bits) - 1)


class FakeLayer:
    """Convolution or dense layer, batch normalisation, quantised activation and pooling on tensors."""

    def __init__(
        self,
        plan: LayerPlan,
        input_shape: tuple[int, int, int],
        weight_bits: int,
        input_bits: int,
        output_bits: int | None,
        generator: Any,
    ) -> None:
        """Draw the weights, normal with variance 2 / fan-in, from the torch generator."""
        import torch

        self.plan = plan
        self.weight_bits, self.input_bits, self.output_bits = weight_bits, input_bits, output_bits
        height, width, channels = input_shape
        self.in_channels = channels if plan.kind == "conv" else height * width * channels
        fan_in = self.in_channels * plan.kernel**2
        shape = (plan.out_channels, self.in_channels, plan.kernel, plan.kernel)
        self.weights = torch.randn(shape, generator=generator) * math.sqrt(2.0 / fan_in)
        self.weights = self.weights.contiguous(memory_format=torch.channels_last)
        self.weights.requires_grad_(True)
        self.normalisation = torch.nn.BatchNorm2d(plan.out_channels)
        margin = 2 * plan.padding - plan.kernel + 1
        conv_shape = ((height + margin) // plan.pool, (width + margin) // plan.pool, plan.out_channels)
        self.output_shape = conv_shape if plan.kind == "conv" else (1, 1, plan.out_channels)

    def forward(
        self, values: Any, *, training: bool, faults: TrainingFaults | None = None, draws: Any = None
    ) -> Any:
        """Output for whole activations, shape (images, channels, height, width); scores if last.

        Codes and weights are whole numbers of at most eight digits, which the shortest floating-point numbers
        hold exactly, or real numbers. What a unit of their sums is worth does not matter before a
        normalisation. Errors of the memory are drawn from the torch generator ``draws`` and leave mean and
        variance of the normalisation alone, as those of a chip leave the numbers that were folded before.
        """
        import torch.nn.functional as functional

        if self.plan.kind == "dense":
            # The stored order of a dense layer is row, column, channel.
            values = values.permute(0, 2, 3, 1).reshape(len(values), -1, 1, 1)
        weights = quantise_weights(self.weights, self.weight_bits)
        self.normalisation.train(training)
        sums = functional.conv2d(values, weights, padding=self.plan.padding)
        outputs = self.normalisation(sums)
        if faults is not None and faults.any:
            variance = (
                sums.float().var((0, 2, 3), unbiased=False) if training else self.normalisation.running_var
            )
            unit = self.normalisation.weight * (variance + self.normalisation.eps).rsqrt()
            outputs = outputs + self._errors(values, weights, sums, faults, draws) * unit[:, None, None]
        if self.output_bits is None:
            return outputs.flatten(1)
        activations = whole_activations(outputs, self.output_bits)
        return functional.max_pool2d(activations, self.plan.pool) if self.plan.pool > 1 else activations

    def _errors(self, values: Any, weights: Any, sums: Any, faults: TrainingFaults, draws: Any) -> Any:
        """What wrong answers leave in the sums after the digital unit has set right their mean."""
        import torch
        import torch.nn.functional as functional

        elements = self.in_channels * self.plan.kernel**2
        errors = torch.zeros_like(sums)
        if faults.wrong_pairs:
            faulty, constants = self._with_wrong_pairs(weights, faults.wrong_pairs, draws)
            wrong = functional.conv2d(values, faulty, constants, padding=self.plan.padding)
            law = flipped_sum(elements, self.weight_bits, self.input_bits, faults.wrong_pairs)
            errors = (wrong - law.offset) / law.gain - sums
        if faults.flips:
            law = flipped_sum(elements, self.weight_bits, self.input_bits, faults.flips)
            own = torch.randn(sums.shape, generator=draws)
            shared = torch.randn((len(sums), 1, *sums.shape[2:]), generator=draws)
            errors = errors + (law.own * own + law.shared * shared) / law.gain
        return errors

    def _with_wrong_pairs(self, weights: Any, rate: float, draws: Any) -> tuple[Any, Any]:
        """Weights of a chip drawn here, and what it adds to the sums of each filter."""
        import torch

        codes = (weights.detach() + ((1 << self.weight_bits) - 1)) / 2
        uniforms = torch.rand((self.weight_bits, *weights.shape), generator=draws)
        ones_uniforms = torch.rand(weights.shape[1:], generator=draws)
        changes, sums = wrong_pair_changes(codes, self.weight_bits, rate, uniforms, ones_uniforms)
        return weights + changes, sums.to(weights.dtype) * ((1 << self.input_bits) - 1)

    def parameters(self) -> list[Any]:
        """Everything that the optimiser changes."""
        return [self.weights, *self.normalisation.parameters()]

    def state(self) -> tuple[Any, Any]:
        """Copy of all numbers, for `restore`."""
        return self.weights.detach().clone(), copy.deepcopy(self.normalisation.state_dict())

    def restore(self, state: tuple[Any, Any]) -> None:
        """Return to a copy made by `state`."""
        self.weights.data.copy_(state[0])
        self.normalisation.load_state_dict(state[1])

    def to_double(self) -> None:
        """Go on in double precision."""
        self.weights = self.weights.detach().double()
        self.normalisation.double()

    def export(self) -> tuple[Layer | Pool, ...]:
        """Return the same layer in whole numbers, and its pooling."""
        real = self.weights.detach().double().numpy().transpose(0, 2, 3, 1)
        values, _ = whole_weights(real.reshape(self.plan.out_channels, -1), self.weight_bits)
        named = {
            "gain": self.normalisation.weight,
            "bias": self.normalisation.bias,
            "mean": self.normalisation.running_mean,
            "variance": self.normalisation.running_var,
        }
        numbers = {name: tensor.detach().double().numpy() for name, tensor in named.items()}
        scale, offset = fold(numbers, self.normalisation.eps, sum_unit=1.0, output_bits=self.output_bits)
        coding = weight_coding(self.weight_bits)
        handed_on = None if self.output_bits is None else BitCoding("unsigned", self.output_bits)
        layer = Layer(
            kind=self.plan.kind,
            name=self.plan.name,
            in_channels=self.in_channels,
            out_channels=self.plan.out_channels,
            weight_coding=coding,
            input_coding=BitCoding("unsigned", self.input_bits),
            weight_codes=np.ascontiguousarray(coding.encode(values)),
            quantiser=Affine(scale, offset, handed_on),
            window=Window.square(self.plan.kernel, padding=self.plan.padding),
        )
        if self.plan.pool == 1:
            return (layer,)
        side = self.plan.pool
        return layer, Pool("max", f"{self.plan.name}_pool", Window.square(side, stride=side))
