import re

import pytest

from spinpim.errors import InputError
from spinpim.params.amplifier_file import AmplifierFile, load_amplifier
from spinpim.params.load import parameter_folder, parse, shipped_names

SOUND = (parameter_folder() / "current_clamp_45nm.toml").read_text(encoding="utf-8")
CANCELLATION = """
[offset_cancellation]
residual = { value = 0.25, unit = "1", where = "test", status = "assumed" }
noise = { value = 0.3, unit = "mV", where = "test", status = "assumed" }
extra_time = { value = 1, unit = "ns", where = "test", status = "assumed" }
extra_energy = { value = 20, unit = "fJ", where = "test", status = "assumed" }
"""


def sentence(line_start, replacement):
    """Replace one line of a sound file, found by its beginning; return the sentence that this earns."""
    text, count = re.subn(rf"^{line_start}.*$", replacement, SOUND, count=1, flags=re.MULTILINE)
    assert count == 1
    with pytest.raises(InputError) as caught:
        parse(AmplifierFile, text, "mine.toml")
    return str(caught.value)


def quantity(key, value, unit):
    return f'{key} = {{ value = {value}, unit = "{unit}", where = "test", status = "assumed" }}'


def test_the_shipped_amplifiers_are_listed():
    assert set(shipped_names(AmplifierFile)) >= {
        "strongarm_45nm",
        "strongarm_minimum_45nm",
        "current_clamp_45nm",
    }


@pytest.mark.parametrize("name", shipped_names(AmplifierFile))
def test_every_number_of_a_shipped_amplifier_says_where_it_is_from(name):
    file = load_amplifier(name)
    assert all(record.where for record in file.records())
    assert set(file.sources.values()) <= {record.source for record in file.records()}


def test_the_two_strongarms_differ_in_size_alone():
    sized, minimum = (load_amplifier(name) for name in ("strongarm_45nm", "strongarm_minimum_45nm"))
    changed = {
        one.key
        for one, other in zip(sized.records(), minimum.records(), strict=True)
        if one.value_si != other.value_si
    }
    assert changed == {"layout.area_scale"}


def test_an_offset_cancellation_may_be_added():
    file = parse(AmplifierFile, SOUND + CANCELLATION, "mine.toml")
    assert file.offset_cancellation is not None
    assert file.offset_cancellation.residual.si == 0.25


def test_an_empty_common_mode_range_is_refused():
    told = sentence("common_mode_maximum", quantity("common_mode_maximum", 0, "V"))
    assert "the amplifier would work nowhere" in told


def test_a_matching_coefficient_without_its_length_is_refused():
    told = sentence("matching", quantity("matching", 2.0, "mV"))
    assert "offset.matching" in told
    assert "A_VT of a pair" in told


def test_a_section_without_a_key_is_refused():
    assert "transresistance" in sentence("transresistance", "")


def test_a_part_that_the_topology_lacks_is_refused():
    told = sentence("topology", 'topology = "strongarm"')
    assert 'topology "strongarm" has no [clamp]' in told
    assert "its own sections are input_pair" in told


def test_currents_of_a_clamp_in_the_wrong_order_are_refused():
    told = sentence("lowest_current ", quantity("lowest_current", 60, "uA"))
    assert "the clamp would work nowhere" in told


def test_a_clamp_may_leave_its_range_of_currents_out():
    text = re.sub(r"^(lowest|highest|linear)_current.*\n?", "", SOUND, flags=re.MULTILINE)
    clamp = parse(AmplifierFile, text, "mine.toml").clamp
    assert clamp.lowest_current is None
    assert clamp.highest_current is None
