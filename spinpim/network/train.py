"""Trains the shipped networks: quantisation in the forward pass, straight-through gradients (needs torch).

Run ``python -m spinpim.network.train --dataset digits --seed 1 --output digits_w1a4.npz``.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from spinpim.errors import InputError
from spinpim.network.datasets import Dataset, held_out, load_dataset
from spinpim.network.fake_layer import FakeLayer, LayerPlan, quantise_unit
from spinpim.network.model import Network
from spinpim.network.reference import accuracy, class_scores

ACTIVATION_BITS = 4
BATCH = 64
EVALUATION_BATCH = 512


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network is built and trained."""

    title: str
    plans: tuple[LayerPlan, ...]
    epochs: int
    learning_rate: float
    rotation_degrees: float
    shift_pixels: float
    scaling: float


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
        ),
    }
)


def main(arguments: list[str] | None = None) -> int:
    """Train, export and verify one network; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m spinpim.network.train", description=__doc__)
    parser.add_argument("--dataset", choices=sorted(RECIPES), required=True)
    parser.add_argument("--data-dir", type=Path, help="folder with the MNIST files")
    parser.add_argument("--weight-bits", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="instead of the recipe's number")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True, help="network file to write (.npz)")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        network = train(
            options.dataset,
            options.data_dir,
            name=options.output.stem,
            weight_bits=options.weight_bits,
            epochs=options.epochs,
            seed=options.seed,
        )
        network.save(options.output)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{options.output}: {options.output.stat().st_size} bytes; {network.training['accuracy']}")
    return 0


def train(
    dataset: str,
    data_dir: Path | None,
    *,
    name: str,
    seed: int,
    weight_bits: int = 1,
    epochs: int | None = None,
) -> Network:
    """Network of the epoch with the best validation accuracy, verified against its whole-number form.

    The test part is looked at once, after the choice.

    Raises
    ------
    InputError
        If the data is absent, or the whole-number network does not predict what the trained one does.
    """
    recipe = RECIPES[dataset]
    data = load_dataset(dataset, data_dir, "train")
    fit, validation = _divide(data)
    generator = torch.Generator().manual_seed(seed)
    layers = _build(recipe, data.images.shape[1:], weight_bits, generator)
    total = epochs or recipe.epochs
    curve = _fit(layers, recipe, fit, validation, total, generator)
    record = _record(recipe, data, seed, total, curve, (len(fit.labels), len(validation.labels)))
    record["command"] = (
        f"python -m spinpim.network.train --dataset {dataset} {'--data-dir DATA ' if data_dir else ''}"
        f"--weight-bits {weight_bits} --epochs {total} --seed {seed} --output {name}.npz"
    )
    network = Network(
        name=name,
        title=f"{recipe.title}; {weight_bits} bit weights, {ACTIVATION_BITS} bit activations",
        input_shape=data.images.shape[1:],
        input_maximum=data.maximum,
        input_bits=ACTIVATION_BITS,
        layers=tuple(layer.export() for layer in layers),
    )
    _verify(layers, network, validation)
    test = load_dataset(dataset, data_dir, "test")
    record["accuracy"] = {
        "validation": accuracy(network, validation.images, validation.labels),
        "test": accuracy(network, test.images, test.labels),
        "test_images": len(test.labels),
        "method": "whole-number inference",
    }
    return replace(network, training=record)


def _divide(data: Dataset) -> tuple[Dataset, Dataset]:
    """Training images proper, and the fifth (MNIST: the last 5,000) that chooses the epoch."""
    if data.name == "mnist":
        chosen = np.arange(len(data.labels)) >= len(data.labels) - 5000
    else:
        chosen = held_out(data.labels)
    parts = [
        Dataset(data.name, split, data.images[mask], data.labels[mask], data.maximum, data.attribution)
        for split, mask in (("fit", ~chosen), ("validation", chosen))
    ]
    return parts[0], parts[1]


def _build(
    recipe: Recipe, shape: tuple[int, ...], weight_bits: int, generator: torch.Generator
) -> list[FakeLayer]:
    height, width, channels = shape
    layers = []
    for plan in recipe.plans:
        output_bits = None if plan is recipe.plans[-1] else ACTIVATION_BITS
        layer = FakeLayer(
            plan, (height, width, channels), weight_bits, ACTIVATION_BITS, output_bits, generator
        )
        layers.append(layer)
        height, width, channels = layer.output_shape
    return layers


def _fit(
    layers: list[FakeLayer],
    recipe: Recipe,
    fit: Dataset,
    validation: Dataset,
    epochs: int,
    generator: torch.Generator,
) -> list[dict[str, float]]:
    """Train in place; leaves the layers as they were after the epoch with the best validation accuracy."""
    images, labels = _tensors(fit)
    optimiser = torch.optim.Adam([p for layer in layers for p in layer.parameters()], lr=recipe.learning_rate)
    steps = -(-len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * steps)
    curve: list[dict[str, float]] = []
    best, best_state = -1.0, [layer.state() for layer in layers]
    for epoch in range(1, epochs + 1):
        losses, hits = 0.0, 0
        for chosen in torch.randperm(len(images), generator=generator).split(BATCH):
            outputs = _forward(layers, _augment(images[chosen], recipe, generator), training=True)
            loss = functional.cross_entropy(outputs, labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses += float(loss.detach()) * len(chosen)
            hits += int((outputs.argmax(1) == labels[chosen]).sum())
        row = {"epoch": epoch, "train_loss": losses / len(images), "train_accuracy": hits / len(images)}
        row |= _evaluate(layers, validation)
        curve.append({key: round(value, 5) for key, value in row.items()})
        print(curve[-1], flush=True)
        if row["validation_accuracy"] >= best:
            best, best_state = row["validation_accuracy"], [layer.state() for layer in layers]
    for layer, state in zip(layers, best_state, strict=True):
        layer.restore(state)
    return curve


def _forward(layers: list[FakeLayer], images: torch.Tensor, *, training: bool) -> torch.Tensor:
    values = quantise_unit(images, ACTIVATION_BITS)
    for layer in layers:
        values = layer.forward(values, training=training)
    return values


def _augment(images: torch.Tensor, recipe: Recipe, generator: torch.Generator) -> torch.Tensor:
    """Each image turned, scaled and shifted at random."""
    count, side = len(images), images.shape[-1]
    draws = 2.0 * torch.rand(count, 4, generator=generator) - 1.0
    angle = draws[:, 0] * np.deg2rad(recipe.rotation_degrees)
    size = 1.0 + recipe.scaling * draws[:, 1]
    shift = draws[:, 2:] * (2.0 * recipe.shift_pixels / side)
    cosine, sine = size * torch.cos(angle), size * torch.sin(angle)
    matrices = torch.stack([cosine, -sine, shift[:, 0], sine, cosine, shift[:, 1]], dim=1).view(-1, 2, 3)
    grid = functional.affine_grid(matrices, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def _evaluate(layers: list[FakeLayer], data: Dataset) -> dict[str, float]:
    images, labels = _tensors(data)
    with torch.no_grad():
        parts = [_forward(layers, part, training=False) for part in images.split(EVALUATION_BATCH)]
    outputs = torch.cat(parts)
    return {
        "validation_loss": float(functional.cross_entropy(outputs, labels)),
        "validation_accuracy": float((outputs.argmax(1) == labels).double().mean()),
    }


def _verify(layers: list[FakeLayer], network: Network, validation: Dataset) -> None:
    """Compare in double precision, so that only a wrong export can make a difference."""
    images, _ = _tensors(validation)
    for layer in layers:
        layer.to_double()
    with torch.no_grad():
        parts = [_forward(layers, part, training=False) for part in images.double().split(EVALUATION_BATCH)]
    trained = torch.cat(parts).numpy()
    whole = class_scores(network, validation.images)
    different = int(np.count_nonzero(trained.argmax(1) != whole.argmax(1)))
    if different or not np.allclose(trained, whole, rtol=1e-9, atol=1e-9):
        raise InputError(
            f"the exported network differs from the trained one in {different} of {len(whole)} predictions "
            f"(largest difference of a score: {np.abs(trained - whole).max():.3g}); nothing was written."
        )


def _tensors(data: Dataset) -> tuple[torch.Tensor, torch.Tensor]:
    images = torch.from_numpy(data.images.astype(np.float32).transpose(0, 3, 1, 2) / data.maximum)
    return images.contiguous(), torch.from_numpy(data.labels.astype(np.int64))


def _record(
    recipe: Recipe,
    data: Dataset,
    seed: int,
    epochs: int,
    curve: list[dict[str, float]],
    counts: tuple[int, int],
) -> dict[str, Any]:
    best = max(curve, key=lambda row: (row["validation_accuracy"], row["epoch"]))
    augmentation = {
        name: value
        for name, value in asdict(recipe).items()
        if name in ("rotation_degrees", "shift_pixels", "scaling")
    }
    return {
        "dataset": data.name,
        "attribution": data.attribution,
        "images": {"fit": counts[0], "validation": counts[1]},
        "method": "DoReFa-Net, arXiv:1606.06160, all layers quantised, batch normalisation folded",
        "seed": seed,
        "epochs": epochs,
        "chosen_epoch": best["epoch"],
        "optimiser": f"Adam, learning rate {recipe.learning_rate} with cosine decay, batch {BATCH}",
        "augmentation": augmentation,
        "curve": curve,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


if __name__ == "__main__":
    raise SystemExit(main())
