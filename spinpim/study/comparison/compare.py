"""Networks in the memory and on every baseline: merits with bands, levers by rank, published claims."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from spinpim.array import ArrayModel
from spinpim.checks import finite, instance
from spinpim.errors import InputError
from spinpim.network.model import Network
from spinpim.params.baseline_file import BaselineFile, load_baseline
from spinpim.params.changed_numbers import BANDS, Band, at_band
from spinpim.params.claims_file import ClaimsFile
from spinpim.study.comparison.bout import Bout, worst_error
from spinpim.study.comparison.claims import FAMILIES, Claimed
from spinpim.study.comparison.filling import Filled, fill
from spinpim.study.comparison.ratios import Merit, Ratio, Swing, merits
from spinpim.study.comparison.sides import Precision, Side, baseline_side, memory_side

PRECISIONS: tuple[Precision, ...] = ("matched", "native")
CLAIMED: tuple[Merit, ...] = ("energy", "speed")
SPARE = 2.0
"""Size of the chips of the equal-area and equal-capacity views over that of the largest machine."""

LARGEST_AREA_M2 = 1.0
LARGEST_BITS = 1e15

Given = TypeVar("Given")

Banded = Mapping[Band, Side]


@dataclass(frozen=True, slots=True)
class Opponent:
    """A baseline at one precision.

    Attributes
    ----------
    name, structure, precision : str
        Which.
    sides : mapping of str to Side
        By band; empty where the baseline cannot compute the network.
    coarser : bool
        Whether it computes with fewer digits than the network has: then it does less than the same work.
    refusal : str
        Why it cannot; empty where it can.
    ratios : dict of str to Ratio
        By merit.
    """

    name: str
    structure: str
    precision: Precision
    sides: Banded
    coarser: bool
    refusal: str
    ratios: dict[Merit, Ratio]


@dataclass(frozen=True, slots=True)
class Tornado:
    """What levers do to a ratio over one baseline, the most effective first."""

    baseline: str
    precision: Precision
    merit: Merit
    nominal: float
    swings: tuple[Swing, ...]


@dataclass(frozen=True, slots=True)
class AtDigits:
    """The comparison of one network, at its digits of weights and activations.

    Attributes
    ----------
    network : Network
        The workload.
    memory : mapping of str to Side
        By band.
    opponents : tuple of Opponent
        Every baseline, matched and native.
    area_m2, capacity_bits : float
        Chips of the views of equal area and of equal capacity [m^2], [1].
    tornados : tuple of Tornado
        Of the baselines that stand for the claims.
    claims : tuple of Claimed
        Published ratios beside these.
    """

    network: Network = field(repr=False)
    memory: Banded
    opponents: tuple[Opponent, ...]
    area_m2: float
    capacity_bits: float
    tornados: tuple[Tornado, ...]
    claims: tuple[Claimed, ...]

    def sides(self) -> Iterator[Side]:
        """The memory and every baseline that can compute the network, at nominal numbers."""
        yield self.memory["nominal"]
        for one in self.opponents:
            if one.sides:
                yield one.sides["nominal"]

    def on_equal_area(self, side: Side) -> Filled:
        """A machine on the chip of equal area."""
        return fill(side, "area", self.area_m2)

    def with_equal_capacity(self, side: Side) -> Filled:
        """A machine that holds as many digits as the others."""
        return fill(side, "capacity", self.capacity_bits)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Networks in a memory and on baselines.

    Attributes
    ----------
    array : ArrayModel
        The memory.
    baselines : tuple of BaselineFile
        The others.
    claims : ClaimsFile
        What was published.
    at_digits : tuple of AtDigits
        One for each network.
    """

    array: ArrayModel = field(repr=False)
    baselines: tuple[BaselineFile, ...] = field(repr=False)
    claims: ClaimsFile = field(repr=False)
    at_digits: tuple[AtDigits, ...]


def compare(
    networks: Sequence[Network],
    array: ArrayModel,
    baselines: Sequence[BaselineFile],
    claims: ClaimsFile,
    *,
    area_m2: float | None = None,
    capacity_bits: float | None = None,
    progress: Callable[[str], None] = lambda stage: None,
) -> Comparison:
    """Compare networks in a memory with the same networks on other accelerators.

    Parameters
    ----------
    networks : sequence of Network
        Workloads, for example one network at several digits.
    array : ArrayModel
        The memory; bounds are those of its array file. Device, cell and amplifier have none: they are moved
        as decisions of the design.
    baselines : sequence of BaselineFile
        From ``load_baseline``; those that stand for the claims are taken in addition.
    claims : ClaimsFile
        From ``load_claims``.
    area_m2, capacity_bits : float or None
        Chips of the views of equal area [m^2] and equal capacity [1]; None: twice the largest machine.
    progress : callable
        Told what is being done.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If an argument is of another kind, two have one name, a number is out of range, the memory cannot hold
        a network, or a baseline that stands for a claim cannot compute it.

    Notes
    -----
    Every machine is given as many arrays and as much buffer as the network needs: chips are built for their
    work. Speeds are of a stream of images, layers side by side where a machine has parts for each. Energies
    are those of machines that hold every layer once.

    Examples
    --------
    >>> import spinpim as sp
    >>> from spinpim.params import load_baseline, load_claims
    >>> cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    >>> array = sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=sp.Estimate.from_counts(0, 1))
    >>> found = compare([sp.Network.load("digits_w1a4")], array, [], load_claims("roohi2019_claims"))
    >>> [one.merit for one in found.at_digits[0].claims]
    ['energy', 'speed', 'energy', 'speed']
    """
    networks, baselines = _listed("networks", networks), _listed("baselines", baselines)
    _check_kinds(networks, array, baselines, claims)
    named = _named(claims, baselines)
    files = {file.name: file for file in (*baselines, *named.values())}
    at_digits = []
    for network in networks:
        progress(network.name)
        at_digits.append(_at_digits(network, array, files, claims, named, area_m2, capacity_bits))
    return Comparison(array, tuple(files.values()), claims, tuple(at_digits))


def _listed(name: str, given: Sequence[Given]) -> tuple[Given, ...]:
    """What was given as a tuple, be it a list or whatever else goes through them."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise InputError(f"{name} must be a list; instead received the {type(given).__name__} {given!r:.60}.")
    return tuple(given)


def _check_kinds(
    networks: Sequence[Network], array: ArrayModel, baselines: Sequence[BaselineFile], claims: ClaimsFile
) -> None:
    instance("array", array, ArrayModel, "ArrayModel(...)")
    instance("claims", claims, ClaimsFile, "load_claims(...)")
    for network in networks:
        instance("each of networks", network, Network, "Network.load(...)")
    for file in baselines:
        instance("each of baselines", file, BaselineFile, "load_baseline(...)")
    if not networks:
        raise InputError("compare needs at least one network.")
    for kind, names in (
        ("networks", [network.name for network in networks]),
        ("baselines", [file.name for file in baselines]),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(f"two of the {kind} are called {twice[0]!r}; give each a name of its own.")


def _check_room(area_m2: float, every: Sequence[Side]) -> None:
    largest = max(every, key=lambda side: side.area_m2)
    if area_m2 < largest.area_m2:
        raise InputError(
            f"{largest.name}, {largest.precision}, does not fit on a chip of {1e6 * area_m2:.4g} mm2: it "
            f"takes up to {1e6 * largest.area_m2:.4g} mm2. Give a larger area_m2 (--area), or leave that "
            "baseline out where no claim names it."
        )


def _named(claims: ClaimsFile, baselines: Sequence[BaselineFile]) -> dict[str, BaselineFile]:
    """The baselines that stand for the claims, by family: those given, if they have the name."""
    given = {file.name: file for file in baselines}
    found = {}
    for family, name in (("reram", claims.reram.baseline), ("cmos", claims.cmos.baseline)):
        try:
            file = given[name] if name in given else load_baseline(name)
        except InputError as mistake:
            raise InputError(f"{claims.name}: {family}.baseline: {mistake}") from None
        if (
            file.name in given
            and file is not given[file.name]
            and file.records() != given[file.name].records()
        ):
            raise InputError(
                f"{claims.name}: {family}.baseline and a given baseline are both called {file.name!r}, with "
                "other numbers; give each a name of its own."
            )
        if file.structure not in FAMILIES[family]:
            raise InputError(
                f"{claims.name}: {family}.baseline is {file.name}, of the structure {file.structure!r}; one "
                f"of {', '.join(FAMILIES[family])} is needed there."
            )
        found[family] = file
    return found


class _Field(NamedTuple):
    """A baseline at one precision, with its sides by band or why there are none."""

    file: BaselineFile
    precision: Precision
    sides: Banded
    refusal: str


def _at_digits(
    network: Network,
    array: ArrayModel,
    files: Mapping[str, BaselineFile],
    claims: ClaimsFile,
    named: Mapping[str, BaselineFile],
    area_m2: float | None,
    capacity_bits: float | None,
) -> AtDigits:
    memory: Banded = {
        band: memory_side(dataclasses.replace(array, technology=at_band(array.technology, band)), network)
        for band in BANDS
    }
    fields = [_field(network, file, precision) for file in files.values() for precision in PRECISIONS]
    every = [*memory.values(), *(side for one in fields for side in one.sides.values())]
    chip_m2 = SPARE * max(side.area_m2 for side in every) if area_m2 is None else area_m2
    held = SPARE * max(side.bits for side in every) if capacity_bits is None else capacity_bits
    chip_m2, held = (
        finite("area_m2 (--area, in mm2)", chip_m2, high=LARGEST_AREA_M2, above=0.0),
        finite("capacity_bits (--capacity)", held, high=LARGEST_BITS, above=0.0),
    )
    _check_room(chip_m2, every)
    bout = Bout(network, array, chip_m2, {band: merits(side, chip_m2) for band, side in memory.items()})
    opponents = tuple(_opponent(bout, one) for one in fields)
    tornados: list[Tornado] = []
    found: list[Claimed] = []
    for family, claim in (("reram", claims.reram), ("cmos", claims.cmos)):
        file = named[family]
        one = _standing(file, opponents)
        for name, published in zip(CLAIMED, (claim.energy_ratio, claim.speed_ratio), strict=True):
            swings = bout.swings(file, one.precision, name)
            nominal = one.ratios[name].nominal
            ranked = sorted(swings, key=lambda swing: -swing.span(nominal))
            tornados.append(Tornado(file.name, one.precision, name, nominal, tuple(ranked)))
            steps, end = bout.way(file, one.precision, name, published.si, nominal, swings)
            found.append(
                Claimed(
                    family=family,
                    merit=name,
                    published=published.si,
                    source=claims.sources.get(published.source, ""),
                    baseline=file.name,
                    precision=one.precision,
                    found=one.ratios[name],
                    others=tuple(
                        (other.name, other.precision, other.ratios[name].nominal)
                        for other in opponents
                        if other.sides and other.structure in FAMILIES[family]
                    ),
                    steps=steps,
                    error=worst_error(end.array),
                    energy_then=bout.ratio_at(end, "energy"),
                )
            )
    return AtDigits(network, memory, opponents, chip_m2, held, tuple(tornados), tuple(found))


def _field(network: Network, file: BaselineFile, precision: Precision) -> _Field:
    try:
        sides = {band: baseline_side(network, file, precision, band) for band in BANDS}
    except InputError as refusal:
        return _Field(file, precision, {}, str(refusal))
    return _Field(file, precision, sides, "")


def _opponent(bout: Bout, one: _Field) -> Opponent:
    ratios = bout.ratios(one.file, one.precision, one.sides) if one.sides else {}
    coarser = one.precision == "native" and _coarser(one.file, bout.network)
    return Opponent(one.file.name, one.file.structure, one.precision, one.sides, coarser, one.refusal, ratios)


def _coarser(file: BaselineFile, network: Network) -> bool:
    """Whether a layer has more digits than the baseline computes with."""
    own = file.precision.weight_bits.si, file.precision.activation_bits.si
    return any(
        layer.weight_coding.bits > own[0] or layer.input_coding.bits > own[1] for layer in network.layers
    )


def _standing(file: BaselineFile, opponents: Sequence[Opponent]) -> Opponent:
    """The baseline at the digits of the network, or at its own where it has no others."""
    own = [one for one in opponents if one.name == file.name]
    able = [one for one in own if one.sides]
    if not able:
        raise InputError(f"{file.name} stands for a claim, but cannot compute the network: {own[0].refusal}")
    return able[0]
