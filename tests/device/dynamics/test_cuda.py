"""Trajectories on a CUDA device against the CPU; numba's simulator stands in where there is no device."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from types import SimpleNamespace

import numba
import numpy as np
import pytest

from spinpim.device import Pulse
from spinpim.device.dynamics import cuda as device_cuda
from spinpim.device.dynamics.trajectories import count_in_p, prepare, run_block
from spinpim.device.warming import Warming
from spinpim.errors import InputError

FIRST, TRIALS = 3, 4

needs_numba_cuda = pytest.mark.skipif(
    find_spec("numba_cuda") is None, reason="the extra 'cuda' is not installed"
)

RUN = """
import pickle, sys
import numpy as np
from spinpim.device.dynamics import cuda
with open(sys.argv[1], "rb") as stored:
    jobs, first, trials = pickle.load(stored)
cuda.LAUNCH_TRIALS = 3
results = {name: cuda.final_states_cuda(job, first, trials) for name, job in jobs.items()}
results["count"] = np.array(cuda.count_in_p_cuda(jobs["cold float64"], 0, 8))
np.savez(sys.argv[2], **results)
"""

HAS_DEVICE = "import sys; from numba import cuda; sys.exit(0 if cuda.is_available() else 1)"

COMPILE = """
import sys
from types import SimpleNamespace
import numba.cuda.dispatcher
from numba import cuda, types
from spinpim.device.dynamics.cuda_kernel import kernel_function
# Device functions ask the present device for its capability even when only code is wanted.
numba.cuda.dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=(9, 0))
wide, line = types.Array(types.float64, 2, "C"), types.Array(types.float64, 1, "C")
for precision, real in (("float64", types.float64), ("float32", types.float32)):
    for heated in (False, True):
        table = types.Array(real, 2, "C")
        constants = types.Tuple((types.UniTuple(real, 3), real, real, real, real, real))
        arguments = (
            types.UniTuple(types.int64, 3), types.Tuple((wide, line, line, wide)), line,
            types.UniTuple(types.float64, 4), table, table, table, constants, table,
        )
        body = kernel_function(precision, heated)
        code, _ = cuda.compile(body, arguments, cc=(9, 0), output="ptx", device=False, abi="numba")
        code = code.decode() if isinstance(code, bytes) else code
        assert ".target sm_90" in code
        # Everything is inlined, so the generator and m stay in registers.
        assert "call" not in code
        if precision == "float32":
            # Doubles draw the start; from the first normal of the pulse on there are none.
            assert ".f64" not in code[code.index("sqrt.rn.f32"):]
"""


@pytest.fixture(scope="module")
def jobs(memory):
    pulse = Pulse.rectangle(sot_current_A=150e-6, mtj_voltage_V=0.4, width_s=0.1e-9, settle_time_s=0.05e-9)
    heated = replace(memory, warming=Warming(4e5, 0.3e-9, 1e5, 1e-9))
    lopsided = replace(memory, stt_asymmetry=0.3)
    odd = pulse.duration_s / 301
    made = {
        "cold float64": prepare(memory, pulse, seed=5, point=2),
        "odd float64": prepare(lopsided, pulse, seed=5, initial_state="AP", time_step_s=odd),
        "heated float64": prepare(heated, pulse, seed=6, initial_state="AP"),
        "cold float32": prepare(memory, pulse, seed=5, point=2, precision="float32"),
        "heated float32": prepare(heated, pulse, seed=6, initial_state="AP", precision="float32"),
    }
    assert made["odd float64"].drive.steps == 301
    assert made["heated float64"].drive.rise.size > 0
    return made


@pytest.fixture(scope="module", params=["simulator", "device"])
def results(request, jobs, tmp_path_factory):
    """Final states of the jobs from another process, because numba chooses the simulator at import."""
    environment = dict(os.environ)
    if request.param == "simulator":
        # The arrays of the simulator are objects of Python, so all the functions must be, too.
        environment.update(NUMBA_ENABLE_CUDASIM="1", NUMBA_DISABLE_JIT="1", PYTHONWARNINGS="ignore")
    elif subprocess.run([sys.executable, "-c", HAS_DEVICE], check=False, capture_output=True).returncode:
        pytest.skip("no CUDA device is available")
    folder = tmp_path_factory.mktemp("cuda")
    (folder / "jobs").write_bytes(pickle.dumps((jobs, FIRST, TRIALS)))
    run = subprocess.run(
        [sys.executable, "-c", RUN, str(folder / "jobs"), str(folder / "states.npz")],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    with np.load(folder / "states.npz") as stored:
        return dict(stored)


@needs_numba_cuda
@pytest.mark.parametrize("name", ["cold float64", "odd float64", "heated float64"])
def test_a_trial_ends_where_it_ends_on_the_cpu(jobs, results, name):
    expected = run_block(jobs[name], 0)[0][FIRST : FIRST + TRIALS]
    assert np.abs(results[name] - expected).max() < 1e-9


@needs_numba_cuda
@pytest.mark.parametrize("name", ["cold float32", "heated float32"])
def test_a_float32_trial_ends_near_the_one_of_the_cpu(jobs, results, name):
    expected = run_block(jobs[name], 0)[0][FIRST : FIRST + TRIALS]
    assert results[name].dtype == np.float32
    assert np.abs(results[name] - expected)[:, :3].max() < 1e-4
    assert results[name][:, 3] == pytest.approx(expected[:, 3], rel=1e-4)


@needs_numba_cuda
def test_launches_add_up_to_the_count_of_the_cpu(jobs, results):
    assert results["count"] == count_in_p(jobs["cold float64"], 0, 8)


@needs_numba_cuda
def test_the_kernel_compiles_for_a_device_without_calls():
    run = subprocess.run([sys.executable, "-c", COMPILE], check=False, capture_output=True, text=True)
    if run.returncode and "DynamicLibNotFoundError" in run.stderr:
        pytest.skip("the compiler of CUDA (nvvm, nvrtc) is not installed")
    assert run.returncode == 0, run.stderr


def test_a_missing_extra_is_told_with_its_remedy(jobs, monkeypatch):
    monkeypatch.setattr(device_cuda, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'spinpim\[cuda\]'"):
        device_cuda.count_in_p_cuda(jobs["cold float64"], 0, 8)


def test_a_missing_device_is_told(jobs, monkeypatch):
    monkeypatch.setattr(device_cuda, "find_spec", lambda name: object())
    monkeypatch.setattr(numba, "cuda", SimpleNamespace(is_available=lambda: False), raising=False)
    with pytest.raises(InputError, match="No CUDA device"):
        device_cuda.final_states_cuda(jobs["cold float64"], 0, 8)


@pytest.mark.parametrize(("first_trial", "trials"), [(-1, 8), (0, 0), (0, 2.5)])
def test_trials_must_be_whole_numbers(jobs, first_trial, trials):
    with pytest.raises(InputError, match="trial"):
        device_cuda.count_in_p_cuda(jobs["cold float64"], first_trial, trials)
