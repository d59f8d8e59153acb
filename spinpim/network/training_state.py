"""What a training needs to go on after an interruption, kept in one file (needs torch)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from spinpim.errors import InputError
from spinpim.network.fake_layer import FakeLayer
from spinpim.storage import replace_path


class TrainingState:
    """Layers, optimiser, schedule, draws, the curve so far and the best layers of it."""

    def __init__(
        self,
        settings: dict[str, Any],
        layers: list[FakeLayer],
        optimiser: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        generator: torch.Generator,
    ) -> None:
        """Begin before the first epoch; the settings tell this training from all others."""
        self.settings = settings
        self.layers, self.optimiser, self.schedule, self.generator = layers, optimiser, schedule, generator
        self.curve: list[dict[str, float]] = []
        self.best = [layer.state() for layer in layers]

    def note(self, row: dict[str, float]) -> None:
        """Add an epoch; of equally good ones the last is the best."""
        self.curve.append(row)
        if row["validation_accuracy"] >= max(one["validation_accuracy"] for one in self.curve):
            self.best = [layer.state() for layer in self.layers]

    def restore_best(self) -> None:
        """Take the layers back to the best epoch."""
        for layer, state in zip(self.layers, self.best, strict=True):
            layer.restore(state)

    def save(self, path: Path) -> None:
        """Write everything; a file in place is always whole."""
        content = {
            "settings": self.settings,
            "layers": [layer.state() for layer in self.layers],
            "best": self.best,
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
            "curve": self.curve,
        }
        with replace_path(path) as temporary:
            torch.save(content, temporary)

    def resume(self, path: Path) -> None:
        """Go on from a file that `save` wrote, if it is there.

        Raises
        ------
        InputError
            If the file is damaged or of another training.
        """
        if not path.exists():
            return
        content = _read(path)
        found = content["settings"]
        other = [key for key, value in self.settings.items() if found.get(key) != value]
        if other:
            stated = ", ".join(f"{key} {found.get(key)} instead of {self.settings[key]}" for key in other)
            raise InputError(f"{path}: is the state of another training: {stated}. {REMEDY}")
        for layer, state in zip(self.layers, content["layers"], strict=True):
            layer.restore(state)
        self.best = content["best"]
        self.optimiser.load_state_dict(content["optimiser"])
        self.schedule.load_state_dict(content["schedule"])
        self.generator.set_state(content["generator"])
        self.curve = content["curve"]


def load_weights(path: Path, layers: list[FakeLayer]) -> dict[str, Any]:
    """Give layers the best weights of another training of the same shapes, whatever its digits.

    Returns the settings of that training.

    Raises
    ------
    InputError
        If the file is absent or damaged, or its layers have other shapes.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; check --initial.")
    content = _read(path)
    states = content["best"]
    shapes = [tuple(state[0].shape) for state in states]
    wanted = [tuple(layer.weights.shape) for layer in layers]
    if shapes != wanted:
        raise InputError(f"{path}: has layers of the shapes {shapes}, not {wanted}. {REMEDY}")
    for layer, state in zip(layers, states, strict=True):
        layer.restore(state)
    return dict(content["settings"])


KEYS = {"settings", "layers", "best", "optimiser", "schedule", "generator", "curve"}
REMEDY = "Check --state and --initial, or delete the file."


def _read(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, weights_only=True)
    except Exception as error:
        # Whatever a damaged file makes the reader stumble over.
        raise InputError(f"{path}: not the state of a training ({error}). {REMEDY}") from None
    if not isinstance(content, dict) or set(content) != KEYS:
        raise InputError(f"{path}: not the state of a training. {REMEDY}")
    return content
