"""The workload: quantised layers, data sets, training."""

from spinpim.network.joins import Add, Pool
from spinpim.network.layers import Layer, im2col
from spinpim.network.model import Network, pixel_table
from spinpim.network.quantise import BitCoding, quantise_activation
from spinpim.network.quantiser import Affine, Thresholds
from spinpim.network.reference import accumulate, accuracy, class_scores, node_outputs, predict
from spinpim.network.single_precision import SinglePrecision
from spinpim.network.window import Window

__all__ = [
    "Add",
    "Affine",
    "BitCoding",
    "Layer",
    "Network",
    "Pool",
    "SinglePrecision",
    "Thresholds",
    "Window",
    "accumulate",
    "accuracy",
    "class_scores",
    "im2col",
    "node_outputs",
    "pixel_table",
    "predict",
    "quantise_activation",
]
