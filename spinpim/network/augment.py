"""Training images turned, scaled, shifted and mirrored at random (needs torch when used)."""

from __future__ import annotations

from typing import Any

import numpy as np

from spinpim.network.recipes import Recipe


def augmented(images: Any, recipe: Recipe, generator: Any) -> Any:
    """Each image changed by draws of its own, in the ranges of the recipe.

    Parameters
    ----------
    images : tensor, shape (images, channels, side, side)
        Values in 0..1; what comes from beyond the edge is 0.
    recipe : Recipe
        Gives the ranges.
    generator : torch.Generator
        Source of the draws.

    Returns
    -------
    tensor, same shape
    """
    import torch

    draws = 2.0 * torch.rand(len(images), 5, generator=generator) - 1.0
    if recipe.mirrored:
        mirror = draws[:, 4] > 0.0
        images = torch.where(mirror[:, None, None, None], images.flip(3), images)
    if recipe.rotation_degrees or recipe.scaling:
        return _moved(images, recipe, draws)
    return _shifted(images, torch.round(draws[:, 2:4] * recipe.shift_pixels).long())


def _moved(images: Any, recipe: Recipe, draws: Any) -> Any:
    """Turned, scaled and shifted by parts of a pixel, by bilinear interpolation."""
    import torch
    from torch.nn import functional

    angle = draws[:, 0] * np.deg2rad(recipe.rotation_degrees)
    size = 1.0 + recipe.scaling * draws[:, 1]
    shift = draws[:, 2:4] * (2.0 * recipe.shift_pixels / images.shape[-1])
    cosine, sine = size * torch.cos(angle), size * torch.sin(angle)
    matrices = torch.stack([cosine, -sine, shift[:, 0], sine, cosine, shift[:, 1]], dim=1).view(-1, 2, 3)
    grid = functional.affine_grid(matrices, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def _shifted(images: Any, pixels: Any) -> Any:
    """Shifted by whole pixels, which leaves all values as they are."""
    import torch
    from torch.nn import functional

    count, _, side, _ = images.shape
    margin = int(pixels.abs().max()) if len(pixels) else 0
    padded = functional.pad(images, (margin, margin, margin, margin))
    across = torch.arange(side) + margin
    rows, columns = across + pixels[:, :1], across + pixels[:, 1:]
    chosen = padded.permute(0, 2, 3, 1)[
        torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None]
    ]
    return chosen.permute(0, 3, 1, 2)
