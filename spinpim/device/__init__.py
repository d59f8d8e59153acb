"""One junction: magnetisation dynamics, switching statistics, resistance."""

from spinpim.device.energy import WriteEnergy, write_energy
from spinpim.device.mtj import Device
from spinpim.device.pulse import Pulse, WriteSettings
from spinpim.device.retention import energy_barrier, escape_rate_per_s, retention_s
from spinpim.device.switching import Trajectories, characterise, simulate, write_error_rate
from spinpim.device.switching_table import SwitchingTable

__all__ = [
    "Device",
    "Pulse",
    "SwitchingTable",
    "Trajectories",
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
