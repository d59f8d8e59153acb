import math

import pytest

from spinpim.circuit.bitline import line_settling, strobe_time_s
from spinpim.circuit.sensing_window import sensing_window
from spinpim.errors import InputError

HIGH, LOW = (line_settling(2e-5, ohm, wire_F=8e-14, wire_ohm=600.0) for ohm in (6e3, 4e3))


def test_without_limits_the_window_stays_open_from_the_strobe_on():
    window = sensing_window(HIGH, LOW, 0.1)
    assert window.earliest_s == strobe_time_s(HIGH, LOW, 0.1)
    assert (window.latest_s, window.limit) == (math.inf, "none")


def test_the_earlier_limit_ends_the_window():
    leak = {"leakage_A": 1e-8, "capacitance_F": 8e-14, "droop_V": 1e-3}
    disturb = {"disturb_rate_per_s": 1e-3, "disturb_budget": 1e-10}
    window = sensing_window(HIGH, LOW, 0.1, **leak, **disturb)
    assert window.limit == "leakage"
    assert window.latest_s == pytest.approx(8e-9)


def test_an_empty_window_is_refused():
    with pytest.raises(InputError, match="disturb ends the window"):
        sensing_window(HIGH, LOW, 1e-3, disturb_rate_per_s=1.0, disturb_budget=1e-10)
