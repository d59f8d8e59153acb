import re

import pytest

from spinpim.params import DeviceFile, load_device, shipped_names
from spinpim.params.load import parameter_folder
from spinpim.params.publish import FILE_MODELS
from spinpim.params.toml_text import parse_toml

FILES = sorted(parameter_folder().glob("*.toml"))
DEVICES = shipped_names(DeviceFile)


def test_the_devices_that_the_documentation_speaks_of_are_shipped():
    assert set(DEVICES) >= {
        "beta_w_80nm_a",
        "imec_sot_62nm",
        "in_plane_y_60x40",
        "in_plane_y_memory",
        "perpendicular_memory_60nm",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_file_is_of_a_known_kind_and_bears_its_own_name(path):
    text = path.read_text(encoding="utf-8")
    data = parse_toml(text, path)
    kinds = {f"spinpim-{model.kind}/1": model.kind for model in FILE_MODELS}
    assert data["name"] == path.stem
    assert data["schema"] in kinds
    assert text.startswith(f"#:schema ./spinpim-{kinds[data['schema']]}.schema.json\n")


@pytest.mark.parametrize("name", DEVICES)
def test_every_shipped_number_says_where_it_is_from(name):
    assert all(record.where for record in load_device(name).records())


@pytest.mark.parametrize("name", DEVICES)
def test_every_listed_source_is_used(name):
    file = load_device(name)
    used = {record.source for record in file.records()}
    assert set(file.sources.values()) <= used


@pytest.mark.parametrize("name", DEVICES)
def test_what_is_recalled_or_a_design_figure_is_assumed(name):
    doubtful = re.compile(r"recalled|design|usual|carried over|starting point|no figure|convention")
    for record in load_device(name).records():
        known = record.where.split(";")[0] if record.status != "assumed" else ""
        assert not doubtful.search(known), record


def test_the_recalled_ellipse_has_its_smallest_factor_along_its_long_axis():
    layer = load_device("in_plane_y_60x40").free_layer
    x, y, z = layer.demagnetising_factor_x, layer.demagnetising_factor_y, layer.demagnetising_factor_z
    assert x is not None
    assert y is not None
    assert z is not None
    assert layer.diameter_x.si < layer.diameter_y.si
    assert y.si < x.si < z.si


@pytest.mark.parametrize("name", DEVICES)
def test_the_stt_efficiency_follows_from_the_magnetoresistance(name):
    junction = load_device(name).junction
    ratio = junction.tunnel_magnetoresistance.si
    polarisation = (ratio / (ratio + 2.0)) ** 0.5
    assert junction.stt_efficiency.si == pytest.approx(polarisation / (1.0 + polarisation**2), abs=0.01)


@pytest.mark.parametrize("name", DEVICES)
def test_the_readme_says_what_a_shipped_device_is(name):
    assert f"| `{name}` |" in (parameter_folder() / "README.md").read_text(encoding="utf-8")
