"""Baselines: chip figures of their authors from their parts, and hand calculations for the SVHN network."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

from rows import Row, report

from spinpim.array.baselines import BaselineCost, baseline_cost, chip_figures, load_baseline
from spinpim.array.baselines.constants import constants_of
from spinpim.array.baselines.crossbar import conversions_per_mac, crossbar_work
from spinpim.array.baselines.workload import layer_works
from spinpim.network.architectures import random_network
from spinpim.params import BaselineFile, parse
from spinpim.params.changed_numbers import BANDS

CLOSE = 0.15


def near(what: str, ours: float, expected: float, share: float = CLOSE) -> Row:
    """A row that allows a share of the expected value."""
    return Row(what, ours, expected, share * expected)


def within(what: str, low: float, published: float, high: float) -> Row:
    """A row that holds where a published figure lies inside the band."""
    return Row(
        f"{what}: {low:.3g} to {high:.3g} holds {published:.3g}", float(low <= published <= high), 1.0, 0.0
    )


def isaac() -> list[Row]:
    """ISAAC, Table I and IV."""
    file = load_baseline("isaac_32nm")
    chip, tiles = chip_figures(file), chip_figures(file, link=False)
    per_and = tiles.energy_per_bit_operation_J
    carried = per_and * constants_of(load_baseline("reram_bit_serial_45nm"), "nominal").energy_factor
    return [
        near("ISAAC, power in W", chip.power_W, 65.8),
        near("ISAAC, area in mm2", 1e6 * chip.area_m2, 85.4),
        near("ISAAC, GOPS/s/mm2", 1e-15 * chip.operations_per_s_m2, 478.95),
        near("ISAAC, GOPS/W", 1e-9 * chip.operations_per_J, 627.5),
        near("ISAAC, tiles, fJ per bit AND", 1e15 * per_and, 10.3),
        near("ISAAC with its link, fJ per bit AND", 1e15 * chip.energy_per_bit_operation_J, 12.4),
        near("ISAAC carried to 45 nm, fJ per bit AND", 1e15 * carried, 16.0),
    ]


def yodann() -> list[Row]:
    """YodaNN at both supplies; only at 0.6 V do numbers rest on the figures compared."""
    full, low = (chip_figures(load_baseline(name)) for name in ("yodann_65nm", "yodann_65nm_0v6"))
    return [
        near("YodaNN 1.2 V, GOp/s", 1e-9 * full.operations_per_s, 1510.0),
        near("YodaNN 1.2 V, mW", 1e3 * full.power_W, 153.0),
        near("YodaNN 1.2 V, fJ per bit AND", 1e15 * full.energy_per_bit_operation_J, 17.0),
        near("YodaNN 0.6 V (clock and ratio fitted), uW", 1e6 * low.power_W, 895.0),
        near("YodaNN 0.6 V (clock and ratio fitted), TOp/s/W", 1e-12 * low.operations_per_J, 61.2),
        near(
            "YodaNN 0.6 V (clock and ratio fitted), fJ per bit AND",
            1e15 * low.energy_per_bit_operation_J,
            2.7,
        ),
        near("YodaNN, counted parts in mm2", 1e6 * full.area_m2, 1.9, 0.25),
    ]


def by_hand() -> list[Row]:
    """SVHN network, one frame, converters, cells and drivers alone, every row of a crossbar used."""
    network = random_network("svhn", weight_bits=1, activation_bits=1, seed=1)
    macs = network.macs_per_image
    section = constants_of(load_baseline("isaac_32nm"), "nominal")["crossbar"]
    conversion_uJ = 1e6 * section["conversion_energy"]
    sixteen, prime = conversions_per_mac(8, 16, 128), conversions_per_mac(2, 2, 256)
    one, four = conversions_per_mac(1, 1, 256), conversions_per_mac(1, 4, 128)
    # Multiply-accumulates of one digit by one, all layers alike, with the rows that stay empty.
    file = load_baseline("reram_bit_serial_45nm")
    constants = constants_of(file, "nominal")
    sections = {
        **constants.sections,
        "crossbar": {**constants["crossbar"], "rows": 256.0, "unit_columns": 0.0},
    }
    wide = dataclasses.replace(constants, sections=sections)
    works = [dataclasses.replace(w, activation_bits=1) for w in layer_works(network, constants, "matched")]
    rounded = sum(crossbar_work(work, wide).conversions for work in works)
    # A driver serves the 128 columns of a crossbar, so that drives are as many as conversions.
    per_conversion_uJ = conversion_uJ + 1e6 * section["row_drive_energy"]
    serial = macs * (four * per_conversion_uJ + 4e6 * section["cell_energy"])
    full, low = (chip_figures(load_baseline(name)) for name in ("yodann_65nm", "yodann_65nm_0v6"))
    return [
        near("SVHN, MACs", macs, 41_735_424, 0.0),
        near("16b:16b, converters, uJ", macs * sixteen * conversion_uJ, 65.0),
        near("PRIME 8b:6b, four products, M conversions", 1e-6 * macs * prime, 0.65),
        near("PRIME 8b:6b, four products, uJ", macs * prime * conversion_uJ, 1.02),
        near("PRIME 8b:6b, three products, uJ", 0.75 * macs * prime * conversion_uJ, 0.76),
        near("1:1, 256 rows, uJ", macs * one * conversion_uJ, 0.25),
        near("1:1, 256 rows, rounded up by layer, M conversions", 1e-6 * rounded, 0.24),
        near("1:1, 256 rows, rounded up by layer, uJ", rounded * conversion_uJ, 0.37),
        near("1:4, 128 rows, converters, cells and drivers, uJ", serial, 2.9),
        near("YodaNN 1.2 V at its peak, uJ", 1e6 * macs * full.power_W / full.macs_per_s, 8.5),
        near("YodaNN 0.6 V at its peak, uJ", 1e6 * macs * low.power_W / low.macs_per_s, 1.4),
    ]


def bands() -> list[Row]:
    """Figures of other models and papers inside the bands."""
    prime = [
        1e15 * chip_figures(load_baseline("reram_prime_like_45nm"), band=band).energy_per_bit_operation_J
        for band in BANDS
    ]
    # AlexNet needs a larger buffer and more sub-arrays than the file has.
    file = load_baseline("imce_like_45nm")
    text = file.text
    for key, value in (("capacity", 1 << 22), ("sub_arrays", 40960)):
        text = re.sub(rf"^{key} = {{ value = \d+", f"{key} = {{ value = {value}", text, flags=re.MULTILINE)
    large = parse(BaselineFile, text, file.path)
    alexnet = random_network("alexnet", weight_bits=1, activation_bits=2, seed=1)
    imce = [energy_uJ(baseline_cost(alexnet, large, band=band)) for band in BANDS]
    return [
        within("PRIME-like chip, fJ per bit AND; NeuroSim, 8b:8b", prime[0], 2.5, prime[2]),
        within("IMCE-like, AlexNet 1:2 in uJ; IMCE, digits not stated", imce[0], 785.25, imce[2]),
    ]


def compare() -> list[Row]:
    """All comparisons."""
    return [*isaac(), *yodann(), *by_hand(), *bands()]


def draw(axes: Any, rows: Sequence[Row]) -> None:
    """Energy of the SVHN network at one digit by four on every baseline, with its band."""
    network = random_network("svhn", weight_bits=1, activation_bits=4, seed=1)
    names = ("isaac_32nm", "reram_prime_like_45nm", "reram_bit_serial_45nm", "yodann_65nm", "yodann_65nm_0v6")
    names += ("cmos_mac8_45nm", "sram_bitline_45nm", "imce_like_45nm")
    for place, name in enumerate(names):
        for precision, sign in (("native", "s"), ("matched", "o")):
            low, middle, high = (
                energy_uJ(baseline_cost(network, name, precision=precision, band=band)) for band in BANDS
            )
            axes.errorbar(middle, place, xerr=[[middle - low], [high - middle]], fmt=sign, ms=3)
    axes.set_yticks(range(len(names)), names, fontsize=5)
    axes.set(xscale="log", xlabel="uJ per image; squares: native, circles: matched")


def energy_uJ(cost: BaselineCost) -> float:
    """Energy per image [uJ]."""
    return 1e6 * cost.energy_per_image_J


if __name__ == "__main__":
    report("v29_baselines", compare, draw)
