"""The comparison of networks: ratios by hand, bands, views, refusals; no headline number in the code."""

import dataclasses
import re
from pathlib import Path

import pytest
from nearly import near

import spinpim
from spinpim.array import cost
from spinpim.array.baselines import baseline_cost
from spinpim.errors import InputError
from spinpim.params import at_band, load_baseline, load_claims, with_numbers
from spinpim.study.comparison import MERITS, compare


def by_name(at, name, precision):
    (found,) = [one for one in at.opponents if (one.name, one.precision) == (name, precision)]
    return found


@pytest.mark.parametrize("name", ["reram_prime_like_45nm", "yodann_65nm", "cmos_mac8_45nm"])
def test_ratios_and_their_joint_bounds_are_those_of_the_two_ledgers(comparison, memory, lenet, name):
    at, file = comparison.at_digits[0], load_baseline(name)

    def both(own, other):
        array = dataclasses.replace(memory, technology=at_band(memory.technology, own))
        return cost(array, lenet), baseline_cost(lenet, file, band=other)

    found = by_name(at, name, "matched").ratios
    for value, own, other in (
        ("nominal", "nominal", "nominal"),
        ("low", "high", "low"),
        ("high", "low", "high"),
    ):
        mine, theirs = both(own, other)
        energy = theirs.energy_per_image_J / mine.energy_per_image_J
        assert getattr(found["energy"], value) == near(energy, rel=1e-12)
        once = theirs.interval_per_image_s / mine.interval_per_image_s
        assert getattr(found["speed_once"], value) == near(once, rel=1e-12)
        with_area = energy * theirs.area_m2 / mine.area_m2
        assert getattr(found["energy_and_area"], value) == near(with_area, rel=1e-12)


def test_bands_enclose_the_nominal_ratio_and_joint_bounds_the_independent_ones(comparison):
    for at in comparison.at_digits:
        for one in at.opponents:
            assert set(one.ratios) == (set(MERITS) if one.sides else set())
            for found in one.ratios.values():
                assert found.low <= found.independent_low * (1 + 1e-9)
                assert found.independent_low <= found.nominal <= found.independent_high
                assert found.independent_high <= found.high * (1 + 1e-9)


def test_a_number_at_its_bound_in_both_ways_of_asking(comparison, memory, lenet):
    at = comparison.at_digits[0]
    (tornado,) = [
        one for one in at.tornados if (one.baseline, one.merit) == ("reram_prime_like_45nm", "energy")
    ]
    (swing,) = [one for one in tornado.swings if one.lever == "calibration.sensing_energy"]
    array = dataclasses.replace(
        memory, technology=at_band(memory.technology, "high", {"calibration.sensing_energy"})
    )
    theirs = baseline_cost(lenet, load_baseline("reram_prime_like_45nm"))
    expected = theirs.energy_per_image_J / cost(array, lenet).energy_per_image_J
    assert swing.ratios[swing.labels.index("1.25")] == near(expected, rel=1e-12)


def test_levers_are_ranked(comparison):
    for at in comparison.at_digits:
        for one in at.tornados:
            spans = [swing.span(one.nominal) for swing in one.swings]
            assert spans == sorted(spans, reverse=True)
            assert spans[0] > 0.3


def test_the_claims_are_those_of_the_file_and_each_has_a_way_or_none(comparison, claims):
    for at in comparison.at_digits:
        found = {(one.family, one.merit): one for one in at.claims}
        assert {key: one.published for key, one in found.items()} == {
            ("reram", "energy"): claims.reram.energy_ratio.si,
            ("reram", "speed"): claims.reram.speed_ratio.si,
            ("cmos", "energy"): claims.cmos.energy_ratio.si,
            ("cmos", "speed"): claims.cmos.speed_ratio.si,
        }
        for one in found.values():
            upwards = one.published > one.found.nominal
            ratios = [one.found.nominal, *(step.ratio for step in one.steps)]
            assert ratios == sorted(ratios, reverse=not upwards)
            # Every step but the last is short of the claim.
            assert all((ratio < one.published) == upwards for ratio in ratios[:-1])
            assert one.reached == ((ratios[-1] >= one.published) == upwards)
            assert 0.0 < one.error < 1.0
            if one.merit == "energy":
                assert one.energy_then == near(ratios[-1])


def test_a_baseline_that_cannot_compute_the_network_says_why_and_stands_at_its_own_digits(comparison):
    at = comparison.at_digits[1]
    matched = by_name(at, "yodann_65nm", "matched")
    assert matched.sides == {}
    assert "computes with weights of 1 digit" in matched.refusal
    assert {one.precision for one in at.claims if one.family == "cmos"} == {"native"}
    assert {one.precision for one in at.claims if one.family == "reram"} == {"matched"}
    assert by_name(at, "yodann_65nm", "native").coarser
    assert not by_name(comparison.at_digits[0], "yodann_65nm", "native").coarser
    assert not by_name(at, "cmos_mac8_45nm", "native").coarser


def test_chips_of_the_views_hold_every_machine_at_any_bound(comparison):
    for at in comparison.at_digits:
        for one in at.opponents:
            for side in one.sides.values():
                assert side.area_m2 <= 0.5 * at.area_m2 * (1 + 1e-12)
                assert side.bits <= 0.5 * at.capacity_bits * (1 + 1e-12)
        for side in at.sides():
            assert at.on_equal_area(side).machines >= 1
            assert at.with_equal_capacity(side).machines >= 1


def test_speed_on_equal_area_is_free_of_the_size_of_large_chips(memory, lenet, claims):
    large, twice = (compare([lenet], memory, [], claims, area_m2=area).at_digits[0] for area in (0.1, 0.2))
    for one in large.opponents:
        again = by_name(twice, one.name, one.precision).ratios["speed"].nominal
        assert one.ratios["speed"].nominal == near(again, rel=1e-9)


def test_a_baseline_that_is_given_stands_for_its_claim(memory, lenet, claims):
    mine = with_numbers(load_baseline("yodann_65nm"), {"process.supply": 1.0})
    at = compare([lenet], memory, [mine], claims).at_digits[0]
    theirs = baseline_cost(lenet, mine).energy_per_image_J
    found = by_name(at, "yodann_65nm", "matched").ratios["energy"].nominal
    assert found == near(theirs / cost(memory, lenet).energy_per_image_J)
    (claim,) = [one for one in at.claims if (one.family, one.merit) == ("cmos", "energy")]
    assert claim.found.nominal == found


def test_a_claim_with_a_baseline_that_is_not_meant_is_refused(memory, lenet, claims, tmp_path):
    def claiming(name):
        path = tmp_path / "mine.toml"
        path.write_text(claims.text.replace('"yodann_65nm"', f'"{name}"'))
        return load_claims(path)

    with pytest.raises(
        InputError, match=r"cmos\.baseline is isaac_32nm, of the structure 'crossbar'; one of mac"
    ):
        compare([lenet], memory, [], claiming("isaac_32nm"))
    with pytest.raises(InputError, match=r"cmos\.baseline: No baseline is called 'nothing'"):
        compare([lenet], memory, [], claiming("nothing"))
    other = tmp_path / "yodann.toml"
    text = load_baseline("yodann_65nm").text
    other.write_text(
        text.replace(
            'access_energy = { value = 156, unit = "fJ", low = 32',
            'access_energy = { value = 999, unit = "fJ", low = 32',
        )
    )
    with pytest.raises(InputError, match="both called 'yodann_65nm', with other numbers"):
        compare([lenet], memory, [load_baseline("yodann_65nm")], claiming(str(other)))


def test_whatever_goes_through_networks_and_baselines_will_do(memory, lenet, claims):
    found = compare(
        (one for one in [lenet]), memory, (load_baseline(name) for name in ["isaac_32nm"]), claims
    )
    assert [one.network.name for one in found.at_digits] == [lenet.name]
    assert "isaac_32nm" in {file.name for file in found.baselines}


def test_a_baseline_without_any_price_cannot_be_compared(lenet, memory, claims):
    file = load_baseline("cmos_mac8_45nm")
    free = with_numbers(
        file,
        {
            record.key: 0.0
            for record in file.records()
            if record.unit_si == "J" or record.key.endswith("leakage")
        },
    )
    at = compare([lenet], memory, [free], claims).at_digits[0]
    assert "the energy is zero with its low numbers" in by_name(at, "cmos_mac8_45nm", "matched").refusal


def test_a_claim_that_is_assumed_needs_no_source(memory, lenet, claims):
    assumed = with_numbers(claims, {"reram.energy_ratio": 2.0})
    at = compare([lenet], memory, [], assumed).at_digits[0]
    (claim,) = [one for one in at.claims if (one.family, one.merit) == ("reram", "energy")]
    assert (claim.published, claim.source) == (2.0, "")
    assert {name for name, _, _ in claim.others} == {"reram_prime_like_45nm"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"networks": []}, "compare needs at least one network"),
        ({"area_m2": 0.0}, "area_m2"),
        ({"area_m2": float("nan")}, "area_m2"),
        ({"capacity_bits": -1.0}, "capacity_bits"),
        ({"networks": ["svhn"]}, "networks"),
        ({"networks": "svhn"}, "networks must be a list"),
        ({"networks": None}, "networks must be a list"),
        ({"baselines": None}, "baselines must be a list"),
        ({"area_m2": 1e300}, "area_m2"),
        ({"array": "array_45nm"}, "array must come from ArrayModel"),
        ({"baselines": ["isaac_32nm"]}, "baselines"),
        ({"claims": "roohi2019_claims"}, "claims must come from load_claims"),
        ({"area_m2": 1e-9}, "does not fit"),
        ({"baselines": [load_baseline("isaac_32nm")] * 2}, "two of the baselines are called 'isaac_32nm'"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(memory, lenet, claims, changes, sentence):
    given = {"networks": [lenet], "array": memory, "baselines": [], "claims": claims} | changes
    with pytest.raises(InputError, match=sentence):
        compare(**given)


def test_no_published_ratio_is_in_the_code():
    folder = Path(spinpim.__file__).parent
    numbers = re.compile(r"(?<![\d.\w])(?:5\.4|9\.7|13\.5)0*(?![\d\w])|\b9(?:\.0)?\s?(?:x|times|-fold)\b")
    for path in folder.rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not numbers.search(line), f"{path}: {line.strip()}"
