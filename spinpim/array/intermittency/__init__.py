"""Power that comes and goes: what a harvester delivers, and what a memory makes of it."""

from spinpim.array.intermittency.generators import diurnal, log_normal, on_off, square, two_levels
from spinpim.array.intermittency.trace import Trace
from spinpim.array.intermittency.trace_files import load_trace

__all__ = ["Trace", "diurnal", "load_trace", "log_normal", "on_off", "square", "two_levels"]
