"""The same trajectories on a CUDA device, one thread each (extra: ``cuda``).

The random numbers, the draw of the initial state and the step are the functions of the CPU lanes, compiled
again for the device, and a trajectory has the same address: it is the same trajectory up to rounding (the
device contracts products and sums). All threads of a launch read the same row of the drive at the same time.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinpim.checks import whole
from spinpim.device.dynamics.ensemble import DRIVE_COLUMNS, STATE_ROWS
from spinpim.device.dynamics.initial_state import thermal_weight_per_T
from spinpim.device.dynamics.trajectories import Job
from spinpim.device.validity import AXES
from spinpim.errors import InputError

THREADS = 128
"""Threads per block: what the register file holds of them matters, not this number."""

LAUNCH_TRIALS = 1 << 20
"""Trajectories per launch: many times what any device runs at once, 32 MB of results."""


def count_in_p_cuda(job: Job, first_trial: int, trials: int) -> int:
    """How many of ``trials`` trajectories, from a trial on, end in the P half of the sphere.

    As `trajectories.count_in_p`, in the precision of the job, on a CUDA device.

    Parameters
    ----------
    job : Job
        From `trajectories.prepare`.
    first_trial : int
        Address of the first trajectory, >= 0.
    trials : int
        Number of trajectories, >= 1.

    Returns
    -------
    int
        Count.

    Raises
    ------
    InputError
        If the extra or a CUDA device is missing.
    """
    whole("first_trial", first_trial, 0)
    whole("trials", trials, 1)
    easy = AXES.index(job.device.easy_axis)
    starts = range(first_trial, first_trial + trials, LAUNCH_TRIALS)
    sizes = (min(LAUNCH_TRIALS, first_trial + trials - start) for start in starts)
    return sum(
        int(np.count_nonzero(final_states_cuda(job, start, size)[:, easy] > 0.0))
        for start, size in zip(starts, sizes, strict=True)
    )


def final_states_cuda(job: Job, first_trial: int, trials: int) -> NDArray[np.floating[Any]]:
    """Final states of trajectories, (trials, 4): m and the warmth of the junction [K].

    The same numbers as `trajectories.run_block` gives for these trials, up to rounding.

    Raises
    ------
    InputError
        If the extra or a CUDA device is missing, or the job asks for another method than Heun's.
    """
    cuda = _cuda()
    if job.method != "heun":
        raise InputError(f"The CUDA kernel integrates by Heun's method only; received {job.method!r}.")
    heated = job.drive.rise.size > 0
    table, rise, heat, constants = job.drive.kernel_arguments(job.precision)
    if not heated:
        # A device array may not be empty.
        rise, heat = np.zeros((1, DRIVE_COLUMNS), dtype=table.dtype), np.zeros((1, 2), dtype=table.dtype)
    device, well, landscape = job.device, job.well, job.device.landscape()
    final = cuda.device_array((STATE_ROWS, trials), dtype=table.dtype)
    blocks = math.ceil(trials / THREADS)
    _kernel(job.precision, heated)[blocks, THREADS](
        (job.seed, job.point, first_trial),
        tuple(cuda.to_device(part) for part in (well.frame, well.sigma, well.side, landscape.stiffness_T)),
        cuda.to_device(np.array(landscape.field_T, dtype=np.float64)),
        (well.log_bound, well.border, thermal_weight_per_T(device), float(landscape.second_order_T)),
        cuda.to_device(table),
        cuda.to_device(rise),
        cuda.to_device(heat),
        constants,
        final,
    )
    states: NDArray[np.floating[Any]] = final.copy_to_host().T.copy()
    return states


def _cuda() -> Any:
    """The CUDA module of numba, if it can run something."""
    if find_spec("numba_cuda") is None:
        raise InputError(
            "Trajectories on a CUDA device need numba-cuda, which is not installed; "
            "install it with pip install 'spinpim[cuda]'."
        )
    from numba import cuda

    module: Any = cuda
    if not module.is_available():
        raise InputError(
            "No CUDA device with its driver is available here; run on the CPU, or check with nvidia-smi that "
            "the device is visible to this process."
        )
    return module


@cache
def _kernel(precision: str, heated: bool) -> Any:
    """Kernel of one precision, with or without the heat of the junction."""
    # Imported here because it loads CUDA.
    from spinpim.device.dynamics.cuda_kernel import kernel_function

    return _cuda().jit(kernel_function(precision, heated))
