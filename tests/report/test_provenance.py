from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinpim.params import load_device, shipped_names
from spinpim.params.device_file import DeviceFile
from spinpim.report.provenance import command, used_files, versions
from spinpim.report.source_tables import sigma_text
from spinpim.study.settings import PROTECTIONS, WITH_WORDS, ChainSettings

NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(NAMES, NAMES, st.integers(0, 2**63 - 1), st.integers(1, 10_000), st.none() | NAMES)
def test_the_command_gives_the_same_settings_again(device, network, seed, chips, folder):
    settings = ChainSettings(
        device=device,
        network=network,
        seed=seed,
        chips=chips,
        data_dir=None if folder is None else Path(folder),
    )
    words = shlex.split(command(settings))
    assert words[:2] == ["spinpim", "run"]
    given_options = dict(zip([word[2:].replace("-", "_") for word in words[2::2]], words[3::2], strict=True))
    for name, value in given_options.items():
        assert value == str(getattr(settings, name))
    assert {"device", "network", "seed", "chips", "trials", "dataset", "cell", "amplifier"} <= set(
        given_options
    )


@given(
    st.sampled_from(PROTECTIONS),
    st.none() | st.integers(1, 10_000),
    st.none() | st.integers(2, 64),
    st.tuples(*[st.floats(0.0, 0.5)] * 2),
    st.none() | st.integers(0, 2**53),
)
def test_faults_and_protection_are_in_the_command_where_they_are_asked_for(
    protection, images, word, stuck, images_before
):
    settings = ChainSettings(
        images=images,
        protection=protection,
        word=word if protection in WITH_WORDS else None,
        stuck_at_0=stuck[0],
        stuck_at_1=stuck[1],
        images_before=images_before,
    )
    words = shlex.split(command(settings))
    told = dict(zip([word[2:].replace("-", "_") for word in words[2::2]], words[3::2], strict=True))
    plain = ChainSettings()
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.name in told:
            wanted = settings.network_name if field.name == "network" else str(value)
            assert told[field.name] == wanted
        else:
            assert value == getattr(plain, field.name)


def test_the_versions_are_those_of_this_interpreter():
    import numpy

    assert versions()["numpy"] == numpy.__version__


def test_the_files_are_those_that_the_result_rests_on(chain_result):
    files = {used.role: used for used in used_files(chain_result)}
    assert list(files) == ["device", "cell", "amplifier", "minimum amplifier", "array", "technology"]
    assert all(used.text.startswith("#:schema") for used in files.values())
    assert sum(len(used.records) for used in files.values()) == len(chain_result.chosen.array.records) + len(
        chain_result.minimum.amplifier.records
    )


@pytest.mark.parametrize("name", shipped_names(DeviceFile))
def test_sigma_is_told_in_the_unit_of_the_file(name):
    file = load_device(name)
    sigmas = {
        f"{section}.{key}": (given.sigma, given.unit)
        for section, content in file.sections()
        for key, given, _ in content.quantities()
    }
    for record in file.records():
        sigma, unit = sigmas[record.key]
        wanted = "" if sigma == 0.0 else f"{sigma:.3g}" if unit == "1" else f"{sigma:.3g} {unit}"
        assert sigma_text(record) == wanted
