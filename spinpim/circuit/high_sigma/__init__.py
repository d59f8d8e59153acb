"""Failure probabilities far below what counting reaches, for any continuous margin of Gaussian variables."""

from spinpim.circuit.high_sigma.failure import margin_failure
from spinpim.circuit.high_sigma.tail import DesignPoint, TailProbability
from spinpim.circuit.high_sigma.union import UnionFailure, union_failure
from spinpim.circuit.high_sigma.yields import (
    CorrectedError,
    MixedCorrection,
    chip_failure,
    chip_yield,
    column_yield,
    error_after_mixed_correction,
    error_after_single_correction,
    failure_of_any,
)

__all__ = [
    "CorrectedError",
    "DesignPoint",
    "MixedCorrection",
    "TailProbability",
    "UnionFailure",
    "chip_failure",
    "chip_yield",
    "column_yield",
    "error_after_mixed_correction",
    "error_after_single_correction",
    "failure_of_any",
    "margin_failure",
    "union_failure",
]
