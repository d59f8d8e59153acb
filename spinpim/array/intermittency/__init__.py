"""Power that comes and goes: what a harvester delivers, and what a memory makes of it."""

from spinpim.array.intermittency.generators import diurnal, log_normal, on_off, square, two_levels
from spinpim.array.intermittency.policies import Policy
from spinpim.array.intermittency.result import Intermittent
from spinpim.array.intermittency.simulate import StoreTooSmallError, intermittent
from spinpim.array.intermittency.storage import Storage
from spinpim.array.intermittency.trace import Trace
from spinpim.array.intermittency.trace_files import load_trace
from spinpim.array.intermittency.work import Phase, Work, work_of, work_of_baseline

__all__ = [
    "Intermittent",
    "Phase",
    "Policy",
    "Storage",
    "StoreTooSmallError",
    "Trace",
    "Work",
    "diurnal",
    "intermittent",
    "load_trace",
    "log_normal",
    "on_off",
    "square",
    "two_levels",
    "work_of",
    "work_of_baseline",
]
