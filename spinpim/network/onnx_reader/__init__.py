"""Reads quantised ONNX files (QONNX, QCDQ, QDQ) as networks.

file -> graph (plain data) -> walk (one operator after the other, values) -> builder (nodes, settle).
"""

from spinpim.network.onnx_reader.network import network_from_onnx

__all__ = ["network_from_onnx"]
