"""Measure every workload that can run here, and set the rates against each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from spinpim.bench import (
    bit_kernels,
    crosssim_peer,
    device_kernels,
    high_sigma,
    naive,
    networks,
    organisations,
    peers,
    sensing,
    vector_units,
)
from spinpim.bench.machine import Fact, machine_facts
from spinpim.bench.workload import WALL_TIME, Absent, Rate, Workload, measure, present, steps_of

SCHEMA = "spinpim-bench/1"
REPEATS, REPEAT_S = 15, 0.1
QUICK_REPEATS, QUICK_REPEAT_S = 3, 0.03
WHOLE_CORES = 0.95
"""Below this share of the cores that its threads could use, a repeat shared them with other programs."""

TWO_THREADS_RATIO = "llg_f64_two_threads_ratio"

WORKLOADS: tuple[Callable[[], Workload | Absent], ...] = (
    device_kernels.llg_f64,
    device_kernels.llg_f32,
    device_kernels.llg_f64_warm,
    device_kernels.llg_f32_warm,
    device_kernels.llg_f64_one_thread,
    device_kernels.llg_f64_two_threads,
    naive.naive,
    naive.numpy_arrays,
    peers.cmtj_heun,
    bit_kernels.and_popcount_k512,
    bit_kernels.and_popcount_k1152,
    bit_kernels.numpy_bitwise_count_k512,
    bit_kernels.numpy_bitwise_count_k1152,
    bit_kernels.float_matrix_product_k512,
    bit_kernels.float_matrix_product_k1152,
    networks.lenet_integers,
    networks.lenet_bits,
    networks.lenet_flips,
    vector_units.vector_units_one_thread,
    vector_units.vector_units_two_threads,
    networks.lenet_integers_one_thread,
    networks.lenet_integers_two_threads,
    networks.lenet_bits_one_thread,
    networks.lenet_bits_two_threads,
    networks.svhn_bits,
    crosssim_peer.crosssim_whole_inputs,
    crosssim_peer.crosssim_bit_serial,
    crosssim_peer.crosssim_read_noise,
    high_sigma.high_sigma_and,
    high_sigma.openturns_and,
    high_sigma.high_sigma_xor,
    high_sigma.openturns_xor,
    high_sigma.high_sigma_two_sided,
    high_sigma.openturns_two_sided,
    sensing.sense_one,
    sensing.sense_many,
    organisations.organisation_one,
    organisations.organisations_many,
)

RATIOS = {
    "llg_f64_over_cmtj_heun": ("llg_f64_steps_per_s", "cmtj_heun_steps_per_s"),
    "llg_f32_over_cmtj_heun": ("llg_f32_steps_per_s", "cmtj_heun_steps_per_s"),
    "llg_f64_over_naive": ("llg_f64_steps_per_s", "naive_steps_per_s"),
    "llg_f32_over_naive": ("llg_f32_steps_per_s", "naive_steps_per_s"),
    "llg_f64_over_numpy": ("llg_f64_steps_per_s", "numpy_steps_per_s"),
    "llg_f32_over_numpy": ("llg_f32_steps_per_s", "numpy_steps_per_s"),
    TWO_THREADS_RATIO: ("llg_f64_two_threads_steps_per_s", "llg_f64_one_thread_steps_per_s"),
    "vector_units_two_threads_ratio": (
        "vector_units_two_threads_gmac_per_s",
        "vector_units_one_thread_gmac_per_s",
    ),
    "and_popcount_k512_over_numpy": (
        "and_popcount_k512_gbit_per_s",
        "numpy_bitwise_count_k512_gbit_per_s",
    ),
    "and_popcount_k1152_over_numpy": (
        "and_popcount_k1152_gbit_per_s",
        "numpy_bitwise_count_k1152_gbit_per_s",
    ),
    "and_popcount_k512_over_float": (
        "and_popcount_k512_gbit_per_s",
        "float_matrix_product_k512_gbit_per_s",
    ),
    "and_popcount_k1152_over_float": (
        "and_popcount_k1152_gbit_per_s",
        "float_matrix_product_k1152_gbit_per_s",
    ),
    **{
        f"lenet_{path}_two_threads_ratio": (
            f"lenet_{path}_two_threads_images_per_s",
            f"lenet_{path}_one_thread_images_per_s",
        )
        for path in ("integers", "bits")
    },
    **{
        f"lenet_{ours}_over_{theirs}": (f"lenet_{ours}_images_per_s", f"{theirs}_images_per_s")
        for ours, theirs in (
            ("integers", crosssim_peer.WHOLE),
            ("integers", crosssim_peer.SERIAL),
            ("bits", crosssim_peer.SERIAL),
            ("flips", crosssim_peer.SERIAL),
            ("flips", crosssim_peer.NOISE),
        )
    },
    **{
        f"{name}_over_openturns": (f"{name}_estimates_per_s", f"openturns_{name}_estimates_per_s")
        for name in (high_sigma.AND, high_sigma.XOR, high_sigma.TWO_SIDED)
    },
}
"""Ratios of rates of one run: name, numerator, denominator."""


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """Rates of one run with the machine they were measured on.

    Attributes
    ----------
    machine : dict
        Facts, see `machine_facts`.
    rates : tuple of Rate
        What was measured.
    absent : tuple of Absent
        What could not run here.
    quick : bool
        Whether the repeats were few and short.
    """

    machine: dict[str, Fact]
    rates: tuple[Rate, ...]
    absent: tuple[Absent, ...]
    quick: bool

    @property
    def ratios(self) -> dict[str, float]:
        """Those of `RATIOS` whose two rates were measured [1]."""
        value = {rate.name: rate.value for rate in self.rates}
        return {
            name: value[above] / value[below]
            for name, (above, below) in RATIOS.items()
            if above in value and below in value
        }

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader of the numbers must know: what is absent, and whether the machine was shared."""
        remarks = [f"{absent.name}: {absent.reason}" for absent in self.absent]
        for rate in self.rates:
            if rate.clock == WALL_TIME and rate.cores < WHOLE_CORES * rate.threads:
                remarks.append(
                    f"{rate.name}: got {rate.cores:.2f} of {rate.threads} cores in its best repeat. The "
                    "machine was shared, or has fewer: a lower bound, and its ratio is not to be quoted."
                )
        return tuple(remarks)


def run_bench(
    quick: bool = False,
    progress: Callable[[str, int], None] = lambda name, total: None,
    workloads: Sequence[Callable[[], Workload | Absent]] = WORKLOADS,
) -> Bench:
    """Measure all workloads.

    Parameters
    ----------
    quick : bool
        Few and short repeats: orders of magnitude in seconds, not figures to quote.
    progress : callable
        Told what is measured next and how many such reports there will be.
    workloads : sequence of callables
        What to measure; each returns a Workload, or says why it is absent.
    """
    machine = machine_facts()
    ready, absent = present([build() for build in workloads])
    repeats, repeat_s = (QUICK_REPEATS, QUICK_REPEAT_S) if quick else (REPEATS, REPEAT_S)
    total = steps_of(ready, repeats)
    rates = measure(ready, repeats, repeat_s, lambda name: progress(name, total))
    return Bench(machine, rates, absent, quick)


def as_json(bench: Bench) -> str:
    """Text of the result file: schema, machine, rates, ratios, absent workloads and remarks."""
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "quick": bench.quick,
        "machine": bench.machine,
        "rates": {rate.name: _without_name(asdict(rate)) for rate in bench.rates},
        "ratios": {
            name: {"value": value, "unit": "1", "numerator": RATIOS[name][0], "denominator": RATIOS[name][1]}
            for name, value in bench.ratios.items()
        },
        "absent": {absent.name: absent.reason for absent in bench.absent},
        "remarks": list(bench.remarks),
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _without_name(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != "name"}
