"""Files at their bounds, and with numbers of a script."""

from __future__ import annotations

import pytest
from nearly import near

from spinpim.errors import InputError
from spinpim.params.array_file import load_array
from spinpim.params.baseline_file import load_baseline
from spinpim.params.changed_numbers import BANDS, at_band, bound_si, with_numbers
from spinpim.params.device_file import load_device
from spinpim.params.schema import BoundedQuantity


@pytest.fixture(params=["array_45nm", "isaac_32nm", "yodann_65nm"])
def file(request):
    return load_array(request.param) if request.param.startswith("array") else load_baseline(request.param)


def test_every_number_is_at_its_bound_and_says_so(file):
    for band in BANDS:
        before = {record.key: record for record in file.records()}
        for record in at_band(file, band).records():
            was = before[record.key]
            bounds = {"low": was.low_si, "nominal": was.value_si, "high": was.high_si}
            assert record.value_si == (was.value_si if was.low_si is None else bounds[band])
            assert (record.low_si, record.high_si) == (was.low_si, was.high_si)
            if record.value_si != was.value_si:
                assert record.text != was.text
                assert record.source == was.source


def test_a_number_out_of_a_file_without_bounds_stays():
    device = load_device("imec_sot_62nm")
    assert at_band(device, "high").records() == device.records()


def test_bounds_enclose_the_number_in_si(file):
    bounded = [
        number
        for _, content in file.sections()
        for _, number, _ in content.quantities()
        if isinstance(number, BoundedQuantity)
    ]
    assert len(bounded) > 10
    for number in bounded:
        low, value, high = (bound_si(number, band) for band in BANDS)
        assert low <= value <= high


def test_a_changed_number_is_on_record_as_assumed_and_without_bounds():
    file = load_array("array_45nm")
    changed = with_numbers(file, {"buffer.bit_area": 2e-13, "digital_unit.lanes": 32})
    assert changed.buffer.bit_area.si == 2e-13
    assert (changed.path, changed.text) == (file.path, file.text)
    for record, was in zip(changed.records(), file.records(), strict=True):
        if record.key in ("buffer.bit_area", "digital_unit.lanes"):
            assert (record.status, record.source) == ("assumed", "")
            assert record.where == "changed in a script"
            assert record.low_si in (None, record.value_si)
        else:
            assert record == was
    assert file.buffer.bit_area.si == near(0.42e-12)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"buffer.colour": 1.0}, r"array_45nm has no number 'buffer.colour'; its numbers are: organisation"),
        ({"buffer.bit_area": -1.0}, r"array_45nm: buffer.bit_area is -1 m\^2, outside"),
        ({"digital_unit.lanes": 2.5}, "array_45nm: digital_unit.lanes is .*must be a whole number"),
        ({"buffer.bit_area": float("nan")}, "buffer.bit_area must be"),
    ],
)
def test_a_number_that_no_file_could_hold_is_refused(numbers, sentence):
    with pytest.raises(InputError, match=sentence):
        with_numbers(load_array("array_45nm"), numbers)


def test_a_number_to_move_that_is_not_there_is_told():
    with pytest.raises(InputError, match=r"array_45nm has no number 'buffer\.colour'"):
        at_band(load_array("array_45nm"), "low", {"buffer.colour"})


def test_another_band_is_told():
    with pytest.raises(InputError, match="band must be one of low, nominal, high"):
        at_band(load_array("array_45nm"), "middle")


@pytest.mark.parametrize(
    "call",
    [
        lambda: at_band("array_45nm", "low"),
        lambda: at_band(None, "nominal"),
        lambda: with_numbers("array_45nm", {}),
        lambda: with_numbers(load_array("array_45nm"), [1.0]),
    ],
)
def test_an_argument_of_another_kind_is_told(call):
    with pytest.raises(InputError, match="must come from"):
        call()
