"""One junction: magnetisation dynamics, switching statistics, resistance."""

from spinpim.device.energy import WriteEnergy, write_energy
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse, WriteSettings
from spinpim.device.retention import energy_barrier, escape_rate_per_s, retention_s
from spinpim.device.switching import Trajectories, characterise, simulate
from spinpim.device.switching_table import SwitchingTable
from spinpim.device.warming import Warming
from spinpim.device.write_error import write_error_rate

__all__ = [
    "Device",
    "Pulse",
    "SwitchingTable",
    "Trajectories",
    "Warming",
    "WriteEnergy",
    "WriteSettings",
    "characterise",
    "energy_barrier",
    "escape_rate_per_s",
    "retention_s",
    "simulate",
    "write_energy",
    "write_error_rate",
]
