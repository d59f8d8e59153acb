"""The exported macrospin against the package's own equation of motion, term by term and over a reversal."""

from __future__ import annotations

import re

import numpy as np
import pytest

from spinpim.circuit.spice.deck import SHARP_TOLERANCES, Deck, include, number, options, piecewise_linear
from spinpim.circuit.spice.macrospin import (
    CAPACITANCE_F,
    LONGEST_STEP_S,
    macrospin_subcircuit,
)
from spinpim.circuit.spice.ngspice import run_ngspice
from spinpim.circuit.spice.sot_mtj import sot_junction_subcircuits, subcircuit_file, subcircuit_name
from spinpim.constants import GYROMAGNETIC_RATIO
from spinpim.device import Device, Pulse
from spinpim.device.dynamics.deterministic import zero_temperature_path
from spinpim.device.dynamics.drive import drive_rows
from spinpim.device.dynamics.macrospin import total_slope
from spinpim.device.warming import Warming
from spinpim.errors import InputError

TILTED = np.array([0.08, 0.06, np.sqrt(1.0 - 0.01)])
EVERY_TORQUE = {
    "stt_asymmetry": 0.3,
    "stt_field_like_ratio": 0.2,
    "second_order_anisotropy_J_per_m2": 4e-5,
    "demagnetising_off_diagonal": (0.004, 0.002, -0.003),
    "external_field_T": (0.02, -0.005, 0.01),
}
COMPONENTS = ("mx", "my", "mz")


@pytest.fixture(scope="module")
def full(device):
    """Perpendicular junction with every torque that the macrospin can have."""
    return device.replace(**EVERY_TORQUE)


def exported_slope(lines, m, channel_V, junction_V):
    """dm/dt [1/s] by evaluating the text of the subcircuit with Python's own arithmetic."""
    nodes = dict(zip(COMPONENTS, m, strict=True))

    def V(first, second=None):  # the name that the text uses
        if second is not None:
            return {"plus": channel_V, "free": junction_V}[first]
        return nodes[first]

    slopes = []
    for line in lines:
        source = re.match(r"b(\w+) (\w+) (\w+) ([vi])=(.*)", line)
        if not source:
            continue
        label, first, second, kind, text = source.groups()
        moving = re.match(r"\(time > 0\) \? (.*) : \(\{.*", text)
        quoted = re.sub(r"V\((\w+),(\w+)\)", r"V('\1','\2')", moving[1] if moving else text)
        quoted = re.sub(r"V\((\w+)\)", r"V('\1')", quoted)
        value = eval(quoted, {"V": V})
        if kind == "v":
            nodes[first] = value
        else:
            assert second == label[1:] or second == f"m{label[-1]}"
            slopes.append(value / CAPACITANCE_F)
    return np.array(slopes)


def in_order(lines):
    """Damping-like fields, then the fields that use them, then the slopes."""
    return sorted(lines, key=lambda line: "db".find(line[1:2]) if line.startswith(("bd", "bb")) else 2)


@pytest.mark.parametrize("name", ["perpendicular_memory_60nm", "in_plane_y_60x40", "imec_sot_62nm"])
@pytest.mark.parametrize("changes", [{}, EVERY_TORQUE], ids=["shipped", "every torque"])
def test_the_text_of_the_subcircuit_is_the_equation_of_motion(name, changes):
    loaded = Device.load(name)
    device = loaded.replace(**changes)
    lines = in_order(macrospin_subcircuit(device))
    constants = (device.reference_direction, device.stt_asymmetry, device.damping, 1.0)
    rate = GYROMAGNETIC_RATIO / (1.0 + device.damping**2)
    generator = np.random.default_rng(3)
    for _ in range(20):
        m = generator.normal(size=3)
        m /= np.linalg.norm(m)
        current, voltage = 3e-4 * generator.normal(), 0.5 * generator.normal()
        pulse = Pulse.points([0.0, 1e-9], sot_current_A=current, mtj_voltage_V=voltage)
        row = drive_rows(device, pulse, np.zeros(1))[0]
        drive = (tuple(row[0:3]), tuple(row[3:9]), row[9], tuple(row[10:13]), row[13])
        expected = rate * np.array(total_slope(tuple(m), (0.0, 0.0, 0.0), drive, constants))
        found = exported_slope(lines, m, current * device.channel_resistance_ohm, voltage)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9 * np.abs(expected).max())


def test_the_added_term_holds_the_length_alone(full):
    lines = in_order(macrospin_subcircuit(full))
    long = exported_slope(lines, 1.01 * TILTED, 0.0, 0.0)
    assert long @ TILTED < 0.0 < exported_slope(lines, 0.99 * TILTED, 0.0, 0.0) @ TILTED


def reversal(path, time_s):
    """First time [s] at which m_z changes sign, linear between the points."""
    at = int(np.flatnonzero(np.diff(np.sign(path[:, 2])))[0])
    share = path[at, 2] / (path[at, 2] - path[at + 1, 2])
    return time_s[at] + share * (time_s[at + 1] - time_s[at])


@pytest.mark.parametrize("kind", ["channel alone", "channel, junction and every torque"])
def test_reversal_and_final_state_are_those_of_the_package(ngspice, device, full, kind):
    pulse = device.write_pulse("AP")
    chosen = full
    if kind == "channel alone":
        chosen = device.replace(external_field_T=(0.05, 0.0, 0.0))
        pulse = Pulse.rectangle(
            sot_current_A=300e-6, width_s=0.5e-9, rise_time_s=0.1e-9, fall_time_s=0.1e-9, settle_time_s=2e-9
        )
    along_V = pulse.sot_current_A * chosen.channel_resistance_ohm
    start = " ".join(f"{key}={number(part)}" for key, part in zip(("x0", "y0", "z0"), TILTED, strict=True))
    lines = (
        *macrospin_subcircuit(chosen),
        "vchannel plus 0 " + piecewise_linear(zip(pulse.time_s, along_V, strict=True)),
        "vjunction free 0 " + piecewise_linear(zip(pulse.time_s, pulse.mtj_voltage_V, strict=True)),
        f"x1 plus 0 free 0 mx my mz macrospin {start}",
        options(SHARP_TOLERANCES),
        f".tran {number(LONGEST_STEP_S)} {number(pulse.duration_s)} 0 {number(LONGEST_STEP_S)}",
    )
    found = run_ngspice(Deck("reversal", lines), columns=("v(mx)", "v(my)", "v(mz)")).columns
    path = np.stack([found[f"v({m})"] for m in COMPONENTS], axis=1)
    time_s = np.minimum(found["time"], pulse.duration_s)
    expected = zero_temperature_path(chosen, pulse, time_s, start=TILTED)
    assert expected[-1, 2] < -0.9, "the pulse must reverse the junction"
    assert reversal(path, time_s) == pytest.approx(reversal(expected, time_s), rel=1e-3)
    assert path[-1] == pytest.approx(expected[-1], abs=1e-3)
    assert np.abs(path - expected).max() < 1e-3


def test_a_device_that_warms_itself_is_refused(device):
    warm = device.replace(warming=Warming(1e6, 1e-9, 1e5, 1e-9))
    with pytest.raises(InputError, match="warms itself"):
        macrospin_subcircuit(warm)


def test_the_complete_junction_is_written_by_its_own_file(ngspice, device, tmp_path):
    path = tmp_path / "junction.inc"
    path.write_text(subcircuit_file(device))
    title, pulse = subcircuit_name(device), device.write_pulse("AP")
    half = 0.5 * pulse.sot_current_A * device.channel_resistance_ohm
    lines = (
        include(path),
        "vp plus 0 " + piecewise_linear(zip(pulse.time_s, 2.0 * half, strict=True)),
        "vt top 0 " + piecewise_linear(zip(pulse.time_s, half - pulse.mtj_voltage_V, strict=True)),
        f"x1 plus 0 top {title} x0=0.08 y0=0.06 z0=0.995",
        f".tran {number(LONGEST_STEP_S)} {number(pulse.duration_s)} 0 {number(LONGEST_STEP_S)}",
    )
    found = run_ngspice(Deck("write", lines), columns=("v(x1.mz)", "v(x1.free)", "v(top)", "i(vt)")).columns
    assert found["v(x1.mz)"][0] == pytest.approx(0.995, abs=1e-6)
    assert found["v(x1.mz)"][-1] < -0.99
    # While the assist is on, the junction has the resistance of its own state and bias.
    middle = int(np.argmin(np.abs(found["time"] - 2.5e-9)))
    bias = found["v(x1.free)"][middle] - found["v(top)"][middle]
    expected = float(device.resistance_ohm(found["v(x1.mz)"][middle], bias))
    assert bias / found["i(vt)"][middle] == pytest.approx(expected, rel=1e-6)


def test_the_file_of_the_complete_junction_is_a_part_of_a_deck(device):
    text = subcircuit_file(device)
    assert ".end\n" not in text
    assert ".options reltol=1e-06" in text
    assert text == subcircuit_file(device)
    assert [line.split()[1] for line in sot_junction_subcircuits(device) if line.startswith(".ends")] == [
        "perpendicular_memory_60nm_macrospin",
        "perpendicular_memory_60nm",
    ]


def test_a_name_that_spice_cannot_read_becomes_one_that_it_can(device):
    hostile = device.replace(name="6 nm;.end", title="first\n.control\nshell rm")
    text = subcircuit_file(hostile)
    assert subcircuit_name(hostile) == "device_6_nm__end"
    assert not [line for line in text.splitlines() if line.startswith((".control", "shell", ".end\n"))]
