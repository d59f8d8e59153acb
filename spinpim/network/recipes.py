"""How the shipped networks are built and trained: plans of layers, epochs, augmentation; plain data."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """Kind, name and sizes of a layer; what enters it is known from the layer before."""

    kind: str
    name: str
    kernel: int
    padding: int
    out_channels: int
    pool: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network is built and trained.

    Attributes
    ----------
    title : str
        Data and architecture in a line.
    plans : tuple of LayerPlan
        First to last.
    epochs : int
        Passes over the training images.
    learning_rate : float
        Largest rate of Adam, after a warm-up of ``warm_up`` of all steps; then a cosine to zero.
    warm_up : float
        Part of all steps [1].
    batch : int
        Images per step.
    input_bits : int or None
        Digits of a pixel; None takes as many as an activation has.
    rotation_degrees, shift_pixels, scaling : float
        Largest random turn, shift and relative change of size of a training image.
    mirrored : bool
        Whether half of the training images are mirrored.
    held_out : int or None
        Last images of the training part that choose the epoch; None takes a fifth of each class.
    """

    title: str
    plans: tuple[LayerPlan, ...]
    epochs: int
    learning_rate: float
    rotation_degrees: float
    shift_pixels: float
    scaling: float
    warm_up: float = 0.0
    batch: int = 64
    input_bits: int | None = None
    mirrored: bool = False
    held_out: int | None = None


RECIPES = MappingProxyType(
    {
        "digits": Recipe(
            "8 x 8 handwritten digits, two convolutions and one dense layer",
            (
                LayerPlan("conv", "conv1", 3, 1, 32, pool=1),
                LayerPlan("conv", "conv2", 3, 1, 64, pool=2),
                LayerPlan("dense", "dense1", 1, 0, 10, pool=1),
            ),
            epochs=150,
            learning_rate=3e-3,
            rotation_degrees=10.0,
            shift_pixels=0.6,
            scaling=0.08,
        ),
        "mnist": Recipe(
            "MNIST, two convolutions and two dense layers after LeNet",
            (
                LayerPlan("conv", "conv1", 5, 0, 16, pool=2),
                LayerPlan("conv", "conv2", 5, 0, 32, pool=2),
                LayerPlan("dense", "dense1", 1, 0, 128, pool=1),
                LayerPlan("dense", "dense2", 1, 0, 10, pool=1),
            ),
            epochs=25,
            learning_rate=2e-3,
            rotation_degrees=8.0,
            shift_pixels=1.5,
            scaling=0.08,
            held_out=5000,
        ),
        "svhn": Recipe(
            "SVHN, the DoReFa network of seven convolutions and a dense layer",
            (
                LayerPlan("conv", "conv1", 5, 4, 48, pool=2),
                LayerPlan("conv", "conv2", 3, 1, 64, pool=1),
                LayerPlan("conv", "conv3", 3, 1, 64, pool=2),
                LayerPlan("conv", "conv4", 3, 0, 128, pool=1),
                LayerPlan("conv", "conv5", 3, 1, 128, pool=1),
                LayerPlan("conv", "conv6", 3, 0, 128, pool=1),
                LayerPlan("conv", "conv7", 5, 0, 512, pool=1),
                LayerPlan("dense", "dense1", 1, 0, 10, pool=1),
            ),
            epochs=60,
            learning_rate=2e-3,
            warm_up=0.1,
            input_bits=8,
            rotation_degrees=5.0,
            shift_pixels=2.0,
            scaling=0.1,
            held_out=400,
        ),
        "cifar10": Recipe(
            "CIFAR-10, six convolutions and two dense layers after VGG",
            (
                LayerPlan("conv", "conv1", 3, 1, 64, pool=1),
                LayerPlan("conv", "conv2", 3, 1, 64, pool=2),
                LayerPlan("conv", "conv3", 3, 1, 128, pool=1),
                LayerPlan("conv", "conv4", 3, 1, 128, pool=2),
                LayerPlan("conv", "conv5", 3, 1, 256, pool=1),
                LayerPlan("conv", "conv6", 3, 1, 256, pool=2),
                LayerPlan("dense", "dense1", 1, 0, 512, pool=1),
                LayerPlan("dense", "dense2", 1, 0, 10, pool=1),
            ),
            epochs=20,
            learning_rate=2e-3,
            warm_up=0.1,
            batch=128,
            input_bits=8,
            rotation_degrees=0.0,
            shift_pixels=3.0,
            scaling=0.0,
            mirrored=True,
            held_out=2000,
        ),
    }
)
