"""The workload: quantised layers, data sets, training."""

from spinpim.network.layers import Layer, im2col, requantise, scores
from spinpim.network.model import Network
from spinpim.network.quantise import BitCoding, quantise_activation
from spinpim.network.reference import accumulate, accuracy, class_scores, predict

__all__ = [
    "BitCoding",
    "Layer",
    "Network",
    "accumulate",
    "accuracy",
    "class_scores",
    "im2col",
    "predict",
    "quantise_activation",
    "requantise",
    "scores",
]
