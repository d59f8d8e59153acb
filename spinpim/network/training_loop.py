"""The passes of a training over its images, with or without errors of the memory (needs torch)."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional

from spinpim.errors import InputError
from spinpim.network.augment import augmented
from spinpim.network.datasets import Dataset
from spinpim.network.fake_layer import FakeLayer, whole_activations
from spinpim.network.recipes import Recipe
from spinpim.network.training_faults import TrainingFaults
from spinpim.network.training_settings import TrainingSettings
from spinpim.network.training_state import TrainingState

EVALUATION_BATCH = 512
CHIPS = 8
"""Least number of chips that share out the images of an evaluation with errors."""


def fit(
    layers: list[FakeLayer],
    settings: TrainingSettings,
    started: dict[str, Any],
    parts: tuple[Dataset, Dataset],
    generator: torch.Generator,
    state: Path | None,
) -> list[dict[str, float]]:
    """Train in place; leaves the layers as they were after the epoch with the best validation accuracy.

    ``started`` are the settings of the training that this one starts from. The second of the parts chooses,
    and meets the errors of the memory, too. Returns a row per epoch.
    """
    recipe, faults = settings.recipe, settings.faults
    images, labels = tensors(parts[0])
    optimiser = torch.optim.Adam([p for layer in layers for p in layer.parameters()], lr=recipe.learning_rate)
    schedule = _schedule(optimiser, recipe, -(-len(images) // recipe.batch))
    told = {**dataclasses.asdict(settings), "initial": started}
    progress = TrainingState(told, layers, optimiser, schedule, generator)
    if state is not None:
        progress.resume(state)
    for epoch in range(len(progress.curve) + 1, recipe.epochs + 1):
        losses, hits = 0.0, 0
        for chosen in torch.randperm(len(images), generator=generator).split(recipe.batch):
            batch = augmented(images[chosen], recipe, generator)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=settings.bfloat16):
                outputs = forward(layers, batch, training=True, faults=faults, draws=generator)
            loss = functional.cross_entropy(outputs.float(), labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses += float(loss.detach()) * len(chosen)
            if not math.isfinite(losses):
                raise InputError(
                    f"the training diverged in epoch {epoch}: its loss is no number any more. Use a lower "
                    "learning rate or fewer errors."
                )
            hits += int((outputs.argmax(1) == labels[chosen]).sum())
        row = {"epoch": epoch, "train_loss": losses / len(images), "train_accuracy": hits / len(images)}
        loss_then, accuracy_then = evaluate(layers, parts[1], faults)
        row |= {"validation_loss": loss_then, "validation_accuracy": accuracy_then}
        progress.note({key: round(value, 5) for key, value in row.items()})
        print(progress.curve[-1], flush=True)
        if state is not None:
            progress.save(state)
    progress.restore_best()
    return progress.curve


def forward(
    layers: list[FakeLayer],
    images: torch.Tensor,
    *,
    training: bool,
    faults: TrainingFaults | None = None,
    draws: torch.Generator | None = None,
) -> torch.Tensor:
    """Scores of images with values in 0..1, shape (images, channels, height, width)."""
    values = whole_activations(images, layers[0].input_bits).contiguous(memory_format=torch.channels_last)
    for layer in layers:
        values = layer.forward(values, training=training, faults=faults, draws=draws)
    return values


def tensors(data: Dataset) -> tuple[torch.Tensor, torch.Tensor]:
    """Images with values in 0..1, shape (images, channels, height, width), and labels."""
    images = torch.from_numpy(data.images.astype(np.float32).transpose(0, 3, 1, 2) / data.maximum)
    return images.contiguous(), torch.from_numpy(data.labels.astype(np.int64))


def evaluate(
    layers: list[FakeLayer], data: Dataset, faults: TrainingFaults | None = None
) -> tuple[float, float]:
    """Loss and accuracy on images that were not trained on, with errors on the same chips at each call."""
    images, labels = tensors(data)
    draws = torch.Generator().manual_seed(0)
    size = min(EVALUATION_BATCH, -(-len(images) // CHIPS)) if faults and faults.any else EVALUATION_BATCH
    with torch.no_grad():
        parts = [
            forward(layers, part, training=False, faults=faults, draws=draws) for part in images.split(size)
        ]
    outputs = torch.cat(parts)
    loss = float(functional.cross_entropy(outputs, labels))
    return loss, float((outputs.argmax(1) == labels).double().mean())


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
