"""Trains the shipped networks: quantisation in the forward pass, straight-through gradients (needs torch).

Run ``python -m spinpim.network.train --dataset digits --seed 1 --output digits_w1a4.npz``.
"""

from __future__ import annotations

import argparse
import datetime
import math
import platform
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from spinpim.errors import InputError
from spinpim.network.augment import augmented
from spinpim.network.datasets import Dataset, held_out, load_dataset
from spinpim.network.fake_layer import FakeLayer, whole_activations
from spinpim.network.model import Network, pixel_table
from spinpim.network.quantise import BitCoding
from spinpim.network.recipes import RECIPES, Recipe
from spinpim.network.reference import accuracy, class_scores
from spinpim.network.training_state import TrainingState, load_weights

EVALUATION_BATCH = 512
LAST_CHECKED = 500
"""Held-out images on which the exported network must equal the trained one, in double precision."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Digits of the weights, of the activations, and of the pixels that enter."""

    weights: int
    activations: int
    pixels: int


def main(arguments: list[str] | None = None) -> int:
    """Train, export and verify one network; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m spinpim.network.train", description=__doc__)
    parser.add_argument("--dataset", choices=sorted(RECIPES), required=True)
    parser.add_argument("--data-dir", type=Path, help="folder with the files of the data set")
    parser.add_argument("--weight-bits", type=int, default=1)
    parser.add_argument("--activation-bits", type=int, default=4)
    parser.add_argument("--epochs", type=int, help="instead of the recipe's number")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument(
        "--initial", type=Path, help="state of another training to start from, other digits allowed"
    )
    parser.add_argument(
        "--state", type=Path, help="where to keep the state after each epoch; goes on from there"
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="of the processor; other numbers round otherwise"
    )
    parser.add_argument(
        "--bfloat16", action="store_true", help="shorter floating-point numbers in the training"
    )
    parser.add_argument("--output", type=Path, required=True, help="network file to write (.npz)")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    try:
        network = train(
            options.dataset,
            options.data_dir,
            name=options.output.stem,
            weight_bits=options.weight_bits,
            activation_bits=options.activation_bits,
            epochs=options.epochs,
            seed=options.seed,
            initial=options.initial,
            state=options.state,
            bfloat16=options.bfloat16,
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
    activation_bits: int = 4,
    epochs: int | None = None,
    initial: Path | None = None,
    state: Path | None = None,
    bfloat16: bool = False,
) -> Network:
    """Network of the epoch with the best validation accuracy, verified against its whole-number form.

    The test part is looked at once, after the choice.

    Raises
    ------
    InputError
        If the data is absent, or the whole-number network does not predict what the trained one does.
    """
    recipe = RECIPES[dataset]
    if epochs is not None:
        recipe = replace(recipe, epochs=epochs)
    widths = Widths(weight_bits, activation_bits, recipe.input_bits or activation_bits)
    data = load_dataset(dataset, data_dir, "train")
    fit, validation = _divide(data, recipe)
    generator = torch.Generator().manual_seed(seed)
    layers = _build(recipe, data.images.shape[1:], widths, generator)
    if initial is not None:
        load_weights(initial, layers)
    precision = torch.bfloat16 if bfloat16 else torch.float32
    settings = {
        "dataset": dataset,
        "seed": seed,
        "weight_bits": weight_bits,
        "activation_bits": activation_bits,
        "epochs": recipe.epochs,
        "bfloat16": bfloat16,
    }
    curve = _fit(layers, recipe, widths, fit, validation, generator, precision, state, settings)
    record = _record(recipe, data, seed, curve, (len(fit.labels), len(validation.labels)))
    options = {
        "--dataset": dataset,
        "--data-dir": "DATA" if data_dir else None,
        "--weight-bits": weight_bits,
        "--activation-bits": activation_bits,
        "--epochs": recipe.epochs,
        "--seed": seed,
        "--initial": initial.name if initial else None,
        "--threads": torch.get_num_threads(),
        "--output": f"{name}.npz",
    }
    stated = " ".join(f"{option} {value}" for option, value in options.items() if value is not None)
    record["command"] = f"python -m spinpim.network.train {stated}{' --bfloat16' if bfloat16 else ''}"
    network = Network(
        name=name,
        title=f"{recipe.title}; {weight_bits} bit weights, {activation_bits} bit activations",
        input_shape=data.images.shape[1:],
        input_table=pixel_table(widths.pixels, data.maximum, data.images.shape[3]),
        input_coding=BitCoding("unsigned", widths.pixels),
        nodes=tuple(node for layer in layers for node in layer.export()),
    )
    _verify(layers, network, widths, validation)
    test = load_dataset(dataset, data_dir, "test")
    record["accuracy"] = {
        "validation": accuracy(network, validation.images, validation.labels),
        "test": accuracy(network, test.images, test.labels),
        "test_images": len(test.labels),
        "method": "whole-number inference",
    }
    return replace(network, training=record)


def _divide(data: Dataset, recipe: Recipe) -> tuple[Dataset, Dataset]:
    """Training images proper, and those that choose the epoch."""
    if recipe.held_out is None:
        chosen = held_out(data.labels)
    else:
        chosen = np.arange(len(data.labels)) >= len(data.labels) - recipe.held_out
    parts = [
        Dataset(data.name, split, data.images[mask], data.labels[mask], data.maximum, data.attribution)
        for split, mask in (("fit", ~chosen), ("validation", chosen))
    ]
    return parts[0], parts[1]


def _build(
    recipe: Recipe, shape: tuple[int, ...], widths: Widths, generator: torch.Generator
) -> list[FakeLayer]:
    height, width, channels = shape
    layers = []
    entering = widths.pixels
    for plan in recipe.plans:
        handed_on = None if plan is recipe.plans[-1] else widths.activations
        layer = FakeLayer(plan, (height, width, channels), widths.weights, entering, handed_on, generator)
        layers.append(layer)
        height, width, channels = layer.output_shape
        entering = widths.activations
    return layers


def _fit(
    layers: list[FakeLayer],
    recipe: Recipe,
    widths: Widths,
    fit: Dataset,
    validation: Dataset,
    generator: torch.Generator,
    precision: torch.dtype,
    state: Path | None,
    settings: dict[str, Any],
) -> list[dict[str, float]]:
    """Train in place; leaves the layers as they were after the epoch with the best validation accuracy."""
    images, labels = _tensors(fit)
    optimiser = torch.optim.Adam([p for layer in layers for p in layer.parameters()], lr=recipe.learning_rate)
    schedule = _schedule(optimiser, recipe, -(-len(images) // recipe.batch))
    progress = TrainingState(settings, layers, optimiser, schedule, generator)
    if state is not None:
        progress.resume(state)
    for epoch in range(len(progress.curve) + 1, recipe.epochs + 1):
        losses, hits = 0.0, 0
        for chosen in torch.randperm(len(images), generator=generator).split(recipe.batch):
            batch = augmented(images[chosen], recipe, generator)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == torch.bfloat16):
                outputs = _forward(layers, batch, widths, training=True)
            loss = functional.cross_entropy(outputs.float(), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses += float(loss.detach()) * len(chosen)
            hits += int((outputs.argmax(1) == labels[chosen]).sum())
        row = {"epoch": epoch, "train_loss": losses / len(images), "train_accuracy": hits / len(images)}
        row |= _evaluate(layers, validation, widths)
        progress.note({key: round(value, 5) for key, value in row.items()})
        print(progress.curve[-1], flush=True)
        if state is not None:
            progress.save(state)
    progress.restore_best()
    return progress.curve


def _schedule(
    optimiser: torch.optim.Optimizer, recipe: Recipe, steps: int
) -> torch.optim.lr_scheduler.LambdaLR:
    """Learning rate that rises in a line over the warm-up and falls to zero as a cosine."""
    last = recipe.epochs * steps
    rising = max(1.0, recipe.warm_up * last)

    def factor(step: int) -> float:
        if recipe.warm_up and step < rising:
            return (step + 1) / rising
        fallen = (step - rising) / (last - rising) if recipe.warm_up else step / last
        return 0.5 * (1.0 + math.cos(math.pi * min(1.0, fallen)))

    return torch.optim.lr_scheduler.LambdaLR(optimiser, factor)


def _forward(
    layers: list[FakeLayer], images: torch.Tensor, widths: Widths, *, training: bool
) -> torch.Tensor:
    values = whole_activations(images, widths.pixels).contiguous(memory_format=torch.channels_last)
    for layer in layers:
        values = layer.forward(values, training=training)
    return values


def _evaluate(layers: list[FakeLayer], data: Dataset, widths: Widths) -> dict[str, float]:
    images, labels = _tensors(data)
    with torch.no_grad():
        parts = [_forward(layers, part, widths, training=False) for part in images.split(EVALUATION_BATCH)]
    outputs = torch.cat(parts)
    return {
        "validation_loss": float(functional.cross_entropy(outputs, labels)),
        "validation_accuracy": float((outputs.argmax(1) == labels).double().mean()),
    }


def _verify(layers: list[FakeLayer], network: Network, widths: Widths, validation: Dataset) -> None:
    """Compare in double precision, so that only a wrong export can make a difference."""
    images, _ = _tensors(validation)
    images = images[-LAST_CHECKED:]
    for layer in layers:
        layer.to_double()
    with torch.no_grad():
        parts = [
            _forward(layers, part, widths, training=False) for part in images.double().split(EVALUATION_BATCH)
        ]
    trained = torch.cat(parts).numpy()
    whole = class_scores(network, validation.images[-LAST_CHECKED:])
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
    recipe: Recipe, data: Dataset, seed: int, curve: list[dict[str, float]], counts: tuple[int, int]
) -> dict[str, Any]:
    best = max(curve, key=lambda row: (row["validation_accuracy"], row["epoch"]))
    changed = ("rotation_degrees", "shift_pixels", "scaling", "mirrored")
    return {
        "dataset": data.name,
        "attribution": data.attribution,
        "images": {"fit": counts[0], "validation": counts[1]},
        "method": "DoReFa-Net, arXiv:1606.06160, all layers quantised, batch normalisation folded",
        "seed": seed,
        "epochs": recipe.epochs,
        "chosen_epoch": best["epoch"],
        "optimiser": f"Adam, learning rate {recipe.learning_rate} with cosine decay, batch {recipe.batch}",
        "augmentation": {name: value for name, value in asdict(recipe).items() if name in changed},
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
