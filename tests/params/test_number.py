import pytest
from nearly import near

from spinpim.params import DeviceFile, parse


@pytest.mark.parametrize(
    ("key", "number", "sentence"),
    [
        (
            "saturation_magnetisation",
            'value = 1.1, unit = "A/m"',
            "mine.toml: free_layer.saturation_magnetisation is 1.1 A/m, outside 1e4..3e6 A/m. Did you "
            "mean 1.1 MA/m "
            'or 1.1 T? (A value in tesla must be written with unit "T"; it is read as mu0 M_s.)',
        ),
        (
            "tunnel_magnetoresistance",
            'value = 150, unit = "1"',
            "mine.toml: junction.tunnel_magnetoresistance is 150, outside 0.01..10. Did you mean 150 %?",
        ),
        (
            "external_field_x",
            'value = 200, unit = "T"',
            "mine.toml: environment.external_field_x is 200 T, outside -5..5 T. Did you mean 200 mT, "
            "200 Oe or "
            "200 kA/m? (Fields are B; 1 Oe counts as 0.1 mT, and a value in A/m is read as H with B = "
            "mu0 H.)",
        ),
        (
            "diameter_x",
            'value = 62, unit = "m"',
            "mine.toml: free_layer.diameter_x is 62 m, outside 5e-9..5e-6 m. Did you mean 62 nm or 62 "
            "angstrom?",
        ),
        (
            "diameter_x",
            'value = 62, unit = "mm"',
            "mine.toml: free_layer.diameter_x is 62 mm (0.062 m), outside 5e-9..5e-6 m. Did you mean 62 "
            "nm or "
            "62 angstrom?",
        ),
        (
            "temperature",
            'value = 27000, unit = "K"',
            "mine.toml: environment.temperature is 27000 K, outside 1..700 K. (Temperatures are in kelvin; "
            "27 degC is 300 K.)",
        ),
        (
            "stt_efficiency",
            'value = -0.4, unit = "1"',
            "mine.toml: junction.stt_efficiency is -0.4, outside 0..1. Did you mean 0.4?",
        ),
        (
            "damping",
            'value = 0.02, unit = "s"',
            'mine.toml: free_layer.damping has the unit "s", which is of another kind; accepted are 1, %.',
        ),
        (
            "temperature",
            'value = 27, unit = "degC"',
            "mine.toml: environment.temperature has the unit 'degC', which is not known; accepted are K. "
            "(Temperatures are in kelvin; 27 degC is 300 K.)",
        ),
        (
            "damping",
            'value = 0.02, unit = "1", sigma = -0.1',
            "mine.toml: free_layer.damping has the negative sigma -0.1; a standard deviation is 0 or more.",
        ),
        (
            "damping",
            'value = 0.02, unit = "1", sigma = 5',
            "mine.toml: free_layer.damping has sigma 5, larger than the value 0.02 itself; sigma is one "
            "standard "
            "deviation in the unit of the value, not a percentage.",
        ),
    ],
)
def test_an_implausible_number_is_told_with_the_likely_slip(spoilt, key, number, sentence):
    assert spoilt(f"{key} =", f'{key} = {{ {number}, status = "assumed" }}') == sentence


@pytest.mark.parametrize("status", ["measured", "fitted", "derived"])
def test_a_number_that_is_known_must_name_its_source(spoilt, status):
    assert spoilt("damping", f'damping = {{ value = 0.02, unit = "1", status = "{status}" }}') == (
        f'mine.toml: free_layer.damping is "{status}" but names no source; add source = "..." with a key of '
        f'[sources], or set status = "assumed".'
    )


def test_a_source_that_is_not_listed_is_told(spoilt):
    assert spoilt(
        "damping", 'damping = { value = 0.02, unit = "1", source = "paper", status = "assumed" }'
    ) == (
        'mine.toml: free_layer.damping names the source "paper", which is not a key of [sources]; '
        "listed are: lab."
    )


def test_a_value_of_zero_may_have_any_spread(sound_text):
    text = sound_text.replace(
        'external_field_x = { value = 200, unit = "Oe"',
        'external_field_z = { value = 0, sigma = 1, unit = "mT"',
    )
    field = parse(DeviceFile, text, "mine.toml").environment.external_field_z
    assert field is not None
    assert (field.sigma_si, field.relative_sigma) == (1e-3, 0.0)


def test_value_and_spread_are_converted_alike(sound_text):
    given = parse(DeviceFile, sound_text, "mine.toml").free_layer.saturation_magnetisation
    assert (given.si, given.sigma_si, given.text) == (1.1e6, 0.02e6, "1.1 MA/m")
    assert given.relative_sigma == near(0.02 / 1.1)


def test_a_magnetisation_in_tesla_differs_by_mu0_from_one_in_ampere_per_metre(sound_text):
    text = sound_text.replace('value = 1.1, unit = "MA/m"', 'value = 1.38, unit = "T"')
    given = parse(DeviceFile, text, "mine.toml").free_layer.saturation_magnetisation
    assert given.si == near(1.098e6, rel=1e-3)


def test_a_quantity_cannot_be_changed(sound_text):
    given = parse(DeviceFile, sound_text, "mine.toml").free_layer.damping
    with pytest.raises(ValueError, match="frozen"):
        given.value = 0.5
