"""Many of anything, and the whole chain from device to network."""

from spinpim.study.error_tolerance import Tolerance, tolerance

__all__ = ["Tolerance", "tolerance"]
