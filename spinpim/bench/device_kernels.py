"""The macrospin kernel with every torque, as `write_error_rate` runs it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from spinpim.bench.workload import WALL_TIME, Workload
from spinpim.device.dynamics.ensemble import LANES
from spinpim.device.dynamics.trajectories import Job, map_ordered, prepare, run_block
from spinpim.device.mtj import Device
from spinpim.device.warming import Warming

UNIT = "trajectory-steps/s"
BLOCKS_PER_CALL = 8
PHYSICS = (
    "Heun, drive table in time, damping-like and field-like SOT, STT with asymmetry, VCMA, full anisotropy "
    "tensor and second order, thermal field"
)


def every_torque(warm: bool) -> Device:
    """Return a junction in which no column of the drive table is zero, with or without self-heating."""
    paths = Warming(
        junction_resistance_K_per_W=2e5,
        junction_time_s=1e-9,
        channel_resistance_K_per_W=2e4,
        channel_time_s=2e-9,
    )
    return Device.load("perpendicular_memory_60nm").replace(
        stt_field_like_ratio=0.1,
        stt_asymmetry=0.3,
        second_order_anisotropy_J_per_m2=1e-5,
        demagnetising_off_diagonal=(0.002, 0.003, 0.001),
        sot_polarisation=(0.36, 0.8, 0.48),
        external_field_T=(0.01, 0.002, 0.003),
        curie_temperature_K=1100.0,
        warming=paths if warm else None,
    )


def llg_f64() -> Workload:
    """Float64 trajectories at a given temperature, one core."""
    return _trajectories("llg_f64_steps_per_s", "float64", warm=False)


def llg_f32() -> Workload:
    """Float32 trajectories at a given temperature, one core."""
    return _trajectories("llg_f32_steps_per_s", "float32", warm=False)


def llg_f64_warm() -> Workload:
    """Float64 trajectories whose current heats each of them, one core."""
    return _trajectories("llg_f64_warm_steps_per_s", "float64", warm=True)


def llg_f32_warm() -> Workload:
    """Float32 trajectories whose current heats each of them, one core."""
    return _trajectories("llg_f32_warm_steps_per_s", "float32", warm=True)


def llg_f64_one_thread() -> Workload:
    """Float64 blocks on an executor of one thread."""
    return _threads("llg_f64_one_thread_steps_per_s", 1)


def llg_f64_two_threads() -> Workload:
    """Float64 blocks on an executor of two threads."""
    return _threads("llg_f64_two_threads_steps_per_s", 2)


def prepared(precision: str, warm: bool) -> Job:
    """Return the write pulse of the junction with every torque, ready to run."""
    device = every_torque(warm)
    return prepare(device, device.write_pulse("AP"), seed=1, precision=precision)


def _trajectories(name: str, precision: str, warm: bool) -> Workload:
    job = prepared(precision, warm)
    heating = ", self-heating of each trajectory" if warm else ""
    return Workload(
        name,
        UNIT,
        float(LANES * job.drive.steps),
        lambda: run_block(job, 0),
        f"{PHYSICS}{heating}; {precision}, one core, Boltzmann start included.",
    )


def _threads(name: str, threads: int) -> Workload:
    job = prepared("float64", warm=False)

    def call() -> None:
        with ThreadPoolExecutor(threads) as pool:
            for _ in map_ordered(pool, run_block, [job] * BLOCKS_PER_CALL, range(BLOCKS_PER_CALL)):
                pass

    return Workload(
        name,
        UNIT,
        float(LANES * job.drive.steps * BLOCKS_PER_CALL),
        call,
        f"The float64 blocks on ThreadPoolExecutor({threads}).",
        WALL_TIME,
        threads,
    )
