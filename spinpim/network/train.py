"""Trains the shipped networks: quantisation in the forward pass, straight-through gradients (needs torch).

Run ``python -m spinpim.network.train --dataset digits --seed 1 --output digits_w1a4.npz``.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import platform
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from spinpim.errors import InputError
from spinpim.network.datasets import Dataset, held_out, load_dataset
from spinpim.network.fake_layer import FakeLayer
from spinpim.network.model import Network, pixel_table
from spinpim.network.quantise import BitCoding
from spinpim.network.recipes import RECIPES, Recipe
from spinpim.network.reference import accuracy, class_scores
from spinpim.network.training_loop import EVALUATION_BATCH, evaluate, fit, forward, tensors
from spinpim.network.training_settings import TrainingSettings
from spinpim.network.training_state import load_weights
from spinpim.storage import check_target, replace_path

MISTAKE, INTERRUPTED = 2, 130
LAST_CHECKED = 500
"""Held-out images on which the exported network must equal the trained one, in double precision."""


def main(arguments: list[str] | None = None) -> int:
    """Train, export and verify one network; returns the exit status."""
    options = vars(_parser().parse_args(arguments))
    files = {name: options.pop(name) for name in ("data_dir", "initial", "state", "output")}
    output = files.pop("output")
    try:
        settings = TrainingSettings(**options)
        _check_files(settings, output, files["initial"], files["state"])
        if settings.is_real:
            record = train_real(settings, name=output.stem, **files)
            with replace_path(output) as path:
                path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        else:
            network = train(settings, name=output.stem, **files)
            network.save(output)
            record = dict(network.training)
    except InputError as error:
        print(error, file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        print("interrupted; --state has the last whole epoch, if it was given.", file=sys.stderr)
        return INTERRUPTED
    print(f"{output}: {output.stat().st_size} bytes; {record['accuracy']}")
    return 0


def _check_files(settings: TrainingSettings, output: Path, initial: Path | None, state: Path | None) -> None:
    """Refuse, before hours of work, files that would be in the way at its end."""
    wanted = ".json" if settings.is_real else ".npz"
    if output.suffix != wanted:
        raise InputError(f"{output}: a file of this training ends in {wanted}; give --output such a name.")
    for path in (output, state):
        if path is not None:
            check_target(path)
    if state is not None and state.absolute() in (output.absolute(), initial and initial.absolute()):
        raise InputError(
            f"{state}: --state is a file of its own, neither --output nor --initial; name another."
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m spinpim.network.train", description=__doc__)
    add = parser.add_argument
    add("--dataset", choices=sorted(RECIPES), required=True)
    add("--data-dir", type=Path, help="folder with the files of the data set")
    add("--weight-bits", type=int, default=1)
    add("--activation-bits", type=int, default=4)
    add("--epochs", type=int, help="instead of the recipe's number")
    add("--learning-rate", type=float, help="instead of the recipe's")
    add("--seed", type=int, required=True)
    add("--initial", type=Path, help="state of another training to start from, other digits allowed")
    add("--state", type=Path, help="where to keep the state after each epoch; goes on from there")
    add("--threads", type=int, default=1, help="of the processor; other numbers round otherwise")
    add("--bfloat16", action="store_true", help="shorter floating-point numbers in the training")
    add("--flips", type=float, default=0.0, help="accesses of the memory that answer wrongly, new each time")
    add("--wrong-pairs", type=float, default=0.0, help="pairs of cells that do so always, new each step")
    add("--output", type=Path, required=True, help="network (.npz) or, of real numbers, record (.json)")
    return parser


class Trained(NamedTuple):
    """Training images, those that chose the epoch, layers of that epoch, and a row for each epoch.

    ``initial`` are the settings of the training that this one started from; empty if of none.
    """

    data: Dataset
    validation: Dataset
    layers: list[FakeLayer]
    curve: list[dict[str, float]]
    initial: dict[str, Any]


def train(
    settings: TrainingSettings,
    *,
    name: str,
    data_dir: Path | None = None,
    initial: Path | None = None,
    state: Path | None = None,
) -> Network:
    """Network of the epoch with the best validation accuracy, verified against its whole-number form.

    The choice meets the errors of the memory that the training does. The accuracies on record are without
    errors; the test part is looked at once, after the choice.

    Raises
    ------
    InputError
        If the data is absent, or the whole-number network does not predict what the trained one does.
    """
    trained = _trained(settings, data_dir, initial, state)
    data, validation, layers = trained.data, trained.validation, trained.layers
    network = Network(
        name=name,
        title=f"{settings.recipe.title}; {settings.widths}",
        input_shape=data.images.shape[1:],
        input_table=pixel_table(settings.pixel_bits, data.maximum, data.images.shape[3]),
        input_coding=BitCoding("unsigned", settings.pixel_bits),
        nodes=tuple(node for layer in layers for node in layer.export()),
    )
    _verify(layers, network, validation)
    test = load_dataset(settings.dataset, data_dir, "test")
    record = _record(settings, trained)
    record["command"] = _command(settings, data_dir, initial, f"{name}.npz")
    record["accuracy"] = {
        "validation": accuracy(network, validation.images, validation.labels),
        "test": accuracy(network, test.images, test.labels),
        "test_images": len(test.labels),
        "method": "whole-number inference",
    }
    return replace(network, training=record)


def train_real(
    settings: TrainingSettings,
    *,
    name: str,
    data_dir: Path | None = None,
    initial: Path | None = None,
    state: Path | None = None,
) -> dict[str, Any]:
    """Record of the same layers trained in real numbers: what their digits cost is measured against it.

    Raises
    ------
    InputError
        If the data is absent.
    """
    trained = _trained(settings, data_dir, initial, state)
    record = _record(settings, trained)
    record["command"] = _command(settings, data_dir, initial, f"{name}.json")
    test = load_dataset(settings.dataset, data_dir, "test")
    record["accuracy"] = {
        "validation": evaluate(trained.layers, trained.validation)[1],
        "test": evaluate(trained.layers, test)[1],
        "test_images": len(test.labels),
        "method": "real numbers, 32 bit weights, 32 bit activations",
    }
    return record


def _trained(
    settings: TrainingSettings, data_dir: Path | None, initial: Path | None, state: Path | None
) -> Trained:
    torch.set_num_threads(settings.threads)
    data = load_dataset(settings.dataset, data_dir, "train")
    parts = _divided(data, settings.recipe)
    generator = torch.Generator().manual_seed(settings.seed)
    layers = _build(settings, data.images.shape[1:], generator)
    started = {} if initial is None else load_weights(initial, layers)
    curve = fit(layers, settings, started, parts, generator, state)
    return Trained(data, parts[1], layers, curve, started)


def _command(settings: TrainingSettings, data_dir: Path | None, initial: Path | None, output: str) -> str:
    return settings.command(
        data_dir="DATA" if data_dir else None, initial=initial.name if initial else None, output=output
    )


def _divided(data: Dataset, recipe: Recipe) -> tuple[Dataset, Dataset]:
    """Training images proper, and those that choose the epoch."""
    if recipe.held_out is None:
        chosen = held_out(data.labels)
    else:
        chosen = np.arange(len(data.labels)) >= len(data.labels) - recipe.held_out
    fit, validation = (
        replace(data, split=split, images=data.images[mask], labels=data.labels[mask])
        for split, mask in (("fit", ~chosen), ("validation", chosen))
    )
    return fit, validation


def _build(settings: TrainingSettings, shape: tuple[int, ...], generator: torch.Generator) -> list[FakeLayer]:
    height, width, channels = shape
    layers: list[FakeLayer] = []
    entering, plans = settings.pixel_bits, settings.recipe.plans
    for plan in plans:
        handed_on = None if plan is plans[-1] else settings.activation_bits
        layer = FakeLayer(
            plan, (height, width, channels), settings.weight_bits, entering, handed_on, generator
        )
        layers.append(layer)
        height, width, channels = layer.output_shape
        entering = settings.activation_bits
    return layers


def _verify(layers: list[FakeLayer], network: Network, validation: Dataset) -> None:
    """Compare in double precision, so that only a wrong export can make a difference."""
    images, _ = tensors(validation)
    images = images[-LAST_CHECKED:]
    for layer in layers:
        layer.to_double()
    with torch.no_grad():
        parts = [forward(layers, part, training=False) for part in images.double().split(EVALUATION_BATCH)]
    trained = torch.cat(parts).numpy()
    whole = class_scores(network, validation.images[-LAST_CHECKED:])
    different = int(np.count_nonzero(trained.argmax(1) != whole.argmax(1)))
    if different or not np.allclose(trained, whole, rtol=1e-9, atol=1e-9):
        raise InputError(
            f"the exported network differs from the trained one in {different} of {len(whole)} predictions "
            f"(largest difference of a score: {np.abs(trained - whole).max():.3g}); nothing was written."
        )


def _record(settings: TrainingSettings, trained: Trained) -> dict[str, Any]:
    recipe, data = settings.recipe, trained.data
    held_out_images = len(trained.validation.labels)
    best = max(trained.curve, key=lambda row: (row["validation_accuracy"], row["epoch"]))
    changed = ("rotation_degrees", "shift_pixels", "scaling", "mirrored")
    return {
        "dataset": data.name,
        "attribution": data.attribution,
        "images": {"fit": len(data.labels) - held_out_images, "validation": held_out_images},
        "method": settings.method,
        "seed": settings.seed,
        "epochs": recipe.epochs,
        "chosen_epoch": best["epoch"],
        "optimiser": f"Adam, learning rate {recipe.learning_rate} after a warm-up of {recipe.warm_up:g} of "
        f"the steps, then cosine decay, batch {recipe.batch}",
        "initial": trained.initial,
        "augmentation": {name: getattr(recipe, name) for name in changed},
        "faults": dataclasses.asdict(settings.faults),
        "curve": trained.curve,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


if __name__ == "__main__":
    raise SystemExit(main())
