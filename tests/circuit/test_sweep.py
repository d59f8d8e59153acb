import dataclasses

import numpy as np
import pytest

from spinpim.circuit import sense
from spinpim.circuit.sweep import sense_sweep
from spinpim.errors import InputError


def patterns(swept, rows):
    return ["0" * (rows - ones) + "1" * ones for ones in (swept.lower_ones, swept.upper_ones)]


@pytest.mark.parametrize(("operation", "rows"), [("READ", 1), ("AND", 2), ("OR", 2), ("AND", 3), ("MAJ", 3)])
def test_a_sweep_is_sense_one_by_one(cell, small_amplifier, operation, rows):
    draw = np.random.default_rng(7)
    quantities = {
        "read_current_per_row_A": draw.uniform(7e-6, 12e-6, 4),
        "tunnel_magnetoresistance": draw.uniform(0.8, 2.0, 4),
        "area_scale": draw.uniform(1.0, 20.0, 4),
        "read_current_sigma": draw.uniform(0.0, 0.02, 4),
    }
    swept = sense_sweep(
        cell, small_amplifier, operation=operation, rows=rows, offset_ignored=True, **quantities
    )
    lower, upper = patterns(swept, rows)
    for index in range(4):
        current, magnetoresistance, area, sigma = (values[index] for values in quantities.values())
        one = sense(
            cell.replace(
                read_current_per_row_A=current,
                read_current_sigma=sigma,
                device=cell.device.replace(tunnel_magnetoresistance=magnetoresistance),
            ),
            small_amplifier.replace(area_scale=area),
            operation=operation,
            rows=rows,
        )
        assert swept.reference_V[index] == pytest.approx(one.reference_V, abs=2e-7)
        assert swept.strobe_s[index] == pytest.approx(one.delay_split_s["settling"], rel=1e-8)
        for found, alone, pattern in (
            (swept.error_lower, swept.error_lower_without_offset, lower),
            (swept.error_upper, swept.error_upper_without_offset, upper),
        ):
            assert found[index] == pytest.approx(one.error_static[pattern], rel=1e-3)
            assert alone[index] == pytest.approx(one.error_without_offset[pattern], rel=1e-3, abs=1e-250)
        assert swept.error[index] == max(swept.error_lower[index], swept.error_upper[index])


def test_designs_out_of_reach_are_refused_and_the_others_stay(cell, amplifier):
    currents = np.array([10e-6, 40e-6, 1e-3])
    swept = sense_sweep(cell, amplifier, read_current_per_row_A=currents)
    assert swept.refused.tolist() == [False, True, True]
    assert swept.error[1:].tolist() == [1.0, 1.0]
    for field in dataclasses.fields(swept):
        values = getattr(swept, field.name)
        assert not isinstance(values, np.ndarray) or np.all(np.isfinite(values))
    alone = sense_sweep(cell, amplifier, read_current_per_row_A=currents[:1])
    assert swept.error[0] == alone.error[0]


def test_quantities_broadcast_in_flattened_order(cell, amplifier):
    magnetoresistance = np.array([1.0, 1.5, 2.0])
    swept = sense_sweep(
        cell,
        amplifier,
        tunnel_magnetoresistance=magnetoresistance[:, None],
        area_scale=np.array([4.0, 16.0]),
    )
    by_shape = swept.error.reshape(3, 2)
    assert np.all(np.diff(by_shape, axis=0) < 0.0)
    assert np.all(np.diff(by_shape, axis=1) < 0.0)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"width": 1.0}, "no quantity width; accepted are read_current_per_row_A"),
        ({"area_scale": [1.0, np.nan]}, "area_scale must be one or more numbers, finite"),
        ({"area_scale": 0.0}, "area_scale must be a number, finite and at least 0"),
        ({"resistance_sigma": -0.1}, "resistance_sigma must be a number, finite and at least 0"),
        ({"area_scale": "large"}, "area_scale must be one or more numbers"),
        ({"area_scale": [1.0, 2.0], "resistance_sigma": [0.1, 0.2, 0.3]}, "must broadcast"),
        ({"area_scale": []}, "area_scale must be one or more numbers"),
        ({"operation": "XOR"}, "XOR has 2 references"),
    ],
)
def test_impossible_sweeps_are_told(cell, amplifier, given, sentence):
    with pytest.raises(InputError, match=sentence):
        sense_sweep(cell, amplifier, **given)


def test_a_clamp_is_not_swept(cell, clamp_amplifier):
    with pytest.raises(InputError, match="senses current"):
        sense_sweep(cell, clamp_amplifier)
