"""What a run counted on its chips beyond accuracies: told only where it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from spinpim.array import Run
    from spinpim.study.chain import ChainResult
    from spinpim.study.settings import ChainSettings

PROTECTION_COUNTS = {
    "none": (),
    "majority": ("extra_accesses",),
    "parity": (
        "words",
        "words_sensed_again",
        "pairs_sensed_again",
        "rereads_per_word",
        "wrong_words",
        "extra_accesses",
    ),
    "single-correction": ("words", "corrected_words", "wrong_words", "extra_accesses"),
}
"""Counts of a run that each protection has, one number per chip."""

WORDS = {
    "stuck_cells": ("stuck cells", "of weights and activations, mean of the chips"),
    "lost_digits": ("lost digits", "of weights, flipped by reads before the last image, mean of the chips"),
    "words": ("words sensed", "mean of the chips, repeats not counted"),
    "words_sensed_again": ("words sensed again", "because of their parity, mean of the chips"),
    "pairs_sensed_again": ("pairs sensed again", "in these words, check columns not counted"),
    "rereads_per_word": ("rereads per word", "mean of the chips"),
    "corrected_words": ("words put right", "one wrong answer each, mean of the chips"),
    "wrong_words": ("words handed on wrong", "mean of the chips"),
    "extra_accesses": ("extra accesses", "of single columns by the protection, mean of the chips"),
}
"""Label of each count, and how it was obtained."""

PROTECTIONS = {
    "majority": ("majority of three", "each row operation is sensed three times; the voters are not priced"),
    "parity": ("parity", "bound: check columns that hold the right answer's parity and are never wrong"),
    "single-correction": (
        "single correction",
        "bound: check columns that hold the right answer's check bits and are never wrong",
    ),
}


def told_counts(settings: ChainSettings) -> tuple[str, ...]:
    """Names of the counts of a ``Run`` that carry information with these settings.

    Examples
    --------
    >>> from spinpim.study.settings import ChainSettings
    >>> told_counts(ChainSettings()), told_counts(ChainSettings(protection="majority", stuck_at_0=1e-4))
    ((), ('stuck_cells', 'extra_accesses'))
    """
    return (*_fault_counts(settings), *PROTECTION_COUNTS[settings.protection])


def chip_figures(settings: ChainSettings, run: Run) -> dict[str, Any]:
    """What was asked for and the means over chips of what was counted, for ``summary.json``; may be empty."""
    figures: dict[str, Any] = {}
    if settings.stuck_at_0 or settings.stuck_at_1:
        figures |= {"stuck_at_0": settings.stuck_at_0, "stuck_at_1": settings.stuck_at_1}
    if settings.images_before is not None:
        figures["images_before"] = settings.images_before
    if run.protection is not None:
        figures["protection"] = settings.protection
        if run.protection.word:
            figures |= {"word": run.protection.word, "check_columns": run.check_columns}
    return figures | {name: float(np.mean(getattr(run, name))) for name in told_counts(settings)}


def chip_rows(result: ChainResult) -> Iterator[tuple[str, ...]]:
    """Rows of a table: label, values for both amplifiers or one for both, and how they were obtained."""
    settings, runs = result.settings, (result.chosen.run, result.minimum.run)
    protection = runs[0].protection
    for name in _fault_counts(settings):
        yield _row(name, runs, _asked(settings)[name])
    if protection is not None:
        label, how = PROTECTIONS[settings.protection]
        words = f", words of {protection.word} columns" if protection.word else ""
        yield "protection", f"{label}{words}", how
        if protection.word:
            yield "check columns", f"{runs[0].check_columns:,}", "of a chip; in its area and energy"
    for name in PROTECTION_COUNTS[settings.protection]:
        yield _row(name, runs)


def _fault_counts(settings: ChainSettings) -> tuple[str, ...]:
    stuck = ("stuck_cells",) if settings.stuck_at_0 or settings.stuck_at_1 else ()
    return stuck if settings.images_before is None else (*stuck, "lost_digits")


def _row(name: str, runs: tuple[Run, ...], asked: str = "") -> tuple[str, ...]:
    label, how = WORDS[name]
    return label, *(_value(name, run) for run in runs), asked + how


def _asked(settings: ChainSettings) -> dict[str, str]:
    before = 0 if settings.images_before is None else settings.images_before
    return {
        "stuck_cells": f"{settings.stuck_at_0:g} at 0 and {settings.stuck_at_1:g} at 1 of all cells "
        "asked for; ",
        "lost_digits": f"{before:,} images before the first; ",
    }


def _value(name: str, run: Run) -> str:
    mean = float(np.mean(getattr(run, name)))
    if name == "extra_accesses":
        share = mean / (run.and_operations + run.correction_operations)
        return f"{mean:,.0f} ({100.0 * share:.3g} % more)"
    return f"{mean:.3g}" if name == "rereads_per_word" else f"{mean:,.1f}".removesuffix(".0")
