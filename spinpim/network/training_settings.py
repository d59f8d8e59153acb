"""What tells one training of a network from another."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from spinpim.checks import choice, finite, flag, seed_address, whole
from spinpim.errors import InputError
from spinpim.network.quantise import MAXIMUM_BITS, REAL
from spinpim.network.recipes import RECIPES, Recipe
from spinpim.network.training_faults import TrainingFaults

MOST_EPOCHS = 100_000
HIGHEST_LEARNING_RATE = 100.0


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """Numbers of a training; None takes that of the recipe.

    Attributes
    ----------
    dataset : str
        Name of a recipe.
    seed : int
        Address of all draws.
    weight_bits, activation_bits : int
        Digits, 1 to 8; or 32 for both: real numbers, as a standard of comparison that no memory computes.
    epochs : int or None
        Passes over the training images.
    learning_rate : float or None
        Largest rate.
    bfloat16 : bool
        Whether the products of the training are of shorter floating-point numbers.
    threads : int
        Of the processor; another number rounds otherwise.
    flips, wrong_pairs : float
        See `spinpim.network.training_faults.TrainingFaults`.

    Raises
    ------
    InputError
        If there is no such recipe, or a number is out of range.

    Examples
    --------
    >>> settings = TrainingSettings("mnist", seed=1, epochs=3)
    >>> settings.recipe.epochs, settings.recipe.learning_rate, settings.pixel_bits
    (3, 0.002, 4)
    """

    dataset: str
    seed: int
    weight_bits: int = 1
    activation_bits: int = 4
    epochs: int | None = None
    learning_rate: float | None = None
    bfloat16: bool = False
    threads: int = 1
    flips: float = 0.0
    wrong_pairs: float = 0.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        choice("dataset", self.dataset, tuple(RECIPES))
        seed_address(self.seed)
        flag("bfloat16", self.bfloat16)
        for name in ("weight_bits", "activation_bits"):
            whole(name, getattr(self, name), 1)
        if REAL in (self.weight_bits, self.activation_bits) and not self.is_real:
            raise InputError(
                f"weight_bits and activation_bits must both be {REAL}, real numbers, or neither."
            )
        if not self.is_real:
            for name in ("weight_bits", "activation_bits"):
                whole(name, getattr(self, name), 1, MAXIMUM_BITS)
        whole("threads", self.threads, 1, 1024)
        if self.epochs is not None:
            whole("epochs", self.epochs, 1, MOST_EPOCHS)
        if self.learning_rate is not None:
            finite("learning_rate", self.learning_rate, high=HIGHEST_LEARNING_RATE, above=0.0)
        if self.faults.any and self.is_real:
            raise InputError(
                "flips and wrong_pairs belong to digits; real numbers have none. Leave them out."
            )

    @property
    def faults(self) -> TrainingFaults:
        """Wrong answers that the network meets."""
        return TrainingFaults(self.flips, self.wrong_pairs)

    @property
    def is_real(self) -> bool:
        """Whether nothing is rounded."""
        return self.weight_bits == self.activation_bits == REAL

    @property
    def recipe(self) -> Recipe:
        """The recipe with what is set otherwise."""
        recipe = RECIPES[self.dataset]
        changes: dict[str, Any] = {"epochs": self.epochs, "learning_rate": self.learning_rate}
        return dataclasses.replace(recipe, **{key: value for key, value in changes.items() if value})

    @property
    def pixel_bits(self) -> int:
        """Digits of a pixel."""
        return REAL if self.is_real else self.recipe.input_bits or self.activation_bits

    @property
    def method(self) -> str:
        """How weights and activations are rounded, for the record."""
        if self.is_real:
            return "real weights and activations clipped to 0..1, batch normalisation"
        return "DoReFa-Net, arXiv:1606.06160, all layers quantised, batch normalisation folded"

    @property
    def widths(self) -> str:
        """Digits in words."""
        return f"{self.weight_bits} bit weights, {self.activation_bits} bit activations"

    def command(self, **files: str | None) -> str:
        """Return the command line that trains like this, with the options in ``files``."""
        stated = {
            "dataset": self.dataset,
            "seed": self.seed,
            "weight_bits": self.weight_bits,
            "activation_bits": self.activation_bits,
            "epochs": self.recipe.epochs,
            "learning_rate": self.learning_rate,
            "threads": self.threads,
            "flips": self.flips or None,
            "wrong_pairs": self.wrong_pairs or None,
            **files,
        }
        words = [f"--{name.replace('_', '-')} {value}" for name, value in stated.items() if value is not None]
        return " ".join(["python -m spinpim.network.train", *words, *(["--bfloat16"] * self.bfloat16)])
