"""Power that comes and goes: what a harvester delivers, and what a memory makes of it."""

from spinpim.array.intermittency.generators import diurnal, log_normal, on_off, square, two_levels
from spinpim.array.intermittency.policies import Policy
from spinpim.array.intermittency.simulate import Intermittent, intermittent
from spinpim.array.intermittency.storage import Storage
from spinpim.array.intermittency.trace import Trace
from spinpim.array.intermittency.trace_files import load_trace

__all__ = [
    "Intermittent",
    "Policy",
    "Storage",
    "Trace",
    "diurnal",
    "intermittent",
    "load_trace",
    "log_normal",
    "on_off",
    "square",
    "two_levels",
]
