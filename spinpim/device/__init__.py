"""One junction: magnetisation dynamics, switching statistics, resistance."""

from spinpim.device.dynamics.switching import Trajectories, characterise, simulate
from spinpim.device.dynamics.switching_table import SwitchingTable
from spinpim.device.energy import WriteEnergy, write_energy
from spinpim.device.escape.escape_rates import EscapeRate, escape_rate
from spinpim.device.escape.read_disturb import ReadDisturb, read_disturb_probability
from spinpim.device.escape.retention import (
    energy_barrier,
    escape_rate_per_s,
    retention_failure_probability,
    retention_s,
)
from spinpim.device.failure.optimise import WriteOptimum, optimise_write
from spinpim.device.failure.write_error import write_error_rate
from spinpim.device.failure.write_objective import WritePoint
from spinpim.device.measure.astroid import Astroid, astroid
from spinpim.device.measure.loops import FieldLoop, field_loop
from spinpim.device.measure.pulse_loops import PulseLoop, current_loop, voltage_loop
from spinpim.device.measure.resonance import Resonance, ferromagnetic_resonance
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse, WriteSettings
from spinpim.device.warming import Warming

__all__ = [
    "Astroid",
    "Device",
    "EscapeRate",
    "FieldLoop",
    "Pulse",
    "PulseLoop",
    "ReadDisturb",
    "Resonance",
    "SwitchingTable",
    "Trajectories",
    "Warming",
    "WriteEnergy",
    "WriteOptimum",
    "WritePoint",
    "WriteSettings",
    "astroid",
    "characterise",
    "current_loop",
    "energy_barrier",
    "escape_rate",
    "escape_rate_per_s",
    "ferromagnetic_resonance",
    "field_loop",
    "optimise_write",
    "read_disturb_probability",
    "retention_failure_probability",
    "retention_s",
    "simulate",
    "voltage_loop",
    "write_energy",
    "write_error_rate",
]
