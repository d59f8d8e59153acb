import pytest

from spinpim.params import DeviceFile, Quantity, parse, stated_mismatch


@pytest.fixture
def stability_of_50(sound_text: str) -> Quantity:
    line = '\n[stated]\nthermal_stability = { value = 50, sigma = 2, unit = "1", status = "assumed" }\n'
    stated = parse(DeviceFile, sound_text + line, "mine.toml").stated
    assert stated is not None
    assert stated.thermal_stability is not None
    return stated.thermal_stability


@pytest.mark.parametrize("derived", [37.5, 50.0, 62.5])
def test_a_quarter_of_difference_is_no_contradiction(stability_of_50, derived):
    assert stated_mismatch("stated.thermal_stability", stability_of_50, derived, "1", "the barrier") is None


def test_a_contradiction_is_told_with_both_numbers(stability_of_50):
    assert stated_mismatch("stated.thermal_stability", stability_of_50, 63.0, "1", "the barrier") == (
        "stated.thermal_stability is 50, but the barrier gives 63; they may differ by 12.5 (3 sigma or "
        "25 %). "
        "Correct one of them, or leave the stated figure out."
    )


def test_a_derived_figure_that_is_not_a_number_contradicts(stability_of_50):
    text = stated_mismatch("stated.thermal_stability", stability_of_50, float("nan"), "1", "the barrier")
    assert text is not None
    assert "gives nan" in text


def test_what_is_not_stated_is_not_contradicted():
    assert stated_mismatch("stated.thermal_stability", None, 1.0, "1", "the barrier") is None
