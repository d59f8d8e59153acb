"""What moves a ratio of two machines: numbers with bounds, decisions of the design, ways of counting."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from spinpim.array import ArrayModel
from spinpim.array.baselines.sizing import READING_WEIGHTS
from spinpim.circuit import SenseAmp
from spinpim.network.model import Network
from spinpim.params.amplifier_file import AmplifierFile
from spinpim.params.array_file import ArrayFile
from spinpim.params.baseline_file import BaselineFile
from spinpim.params.changed_numbers import Band, at_band, with_numbers
from spinpim.params.load import shipped_names, validated
from spinpim.params.schema import BoundedQuantity, ParameterFile
from spinpim.params.technology_file import FlavourName
from spinpim.study.comparison.sides import Precision, Side, baseline_side

Kind = Literal["number", "design", "accounting"]

MEMORY, BASELINE = "memory", "baseline"

FACTORS: dict[str, tuple[float, float]] = {
    "read current per row": (0.5, 1.3),
    "tunnel magnetoresistance": (0.5, 2.0),
    "resistance-area product": (0.8, 1.2),
    "spin Hall angle": (0.9, 2.0),
    "rows of a sub-array": (0.5, 2.0),
    "columns of a sub-array": (0.5, 2.0),
    "area of a cell": (0.4, 1.5),
}
"""By what a design is changed: a choice, wide enough to show what each is worth. With the spin Hall angle the
write current changes inversely, so that the same torque writes. The area of a cell changes its pitches alone:
whether its transistors fit is not asked."""

WEIGHT_ROWS = (0.25, 0.75)
"""Shares of the rows for weights: more of them leave fewer for activations."""


SHARED_READS, WEIGHTS_INSIDE = "images per read of a weight", "weights of the baseline"
READING = (SHARED_READS, WEIGHTS_INSIDE)
"""Levers that save energy of reading weights; all that they do to speed is to ask for larger buffers."""

BATCH = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """A memory and a baseline.

    Attributes
    ----------
    array : ArrayModel
        The memory.
    file : BaselineFile
        The baseline.
    precision : str
        At which digits it computes.
    batch : int
        Images that share a read of a weight.
    weights_inside : bool
        Whether its buffer holds all weights.
    """

    array: ArrayModel
    file: BaselineFile
    precision: Precision
    batch: int = 1
    weights_inside: bool = False


Change = Callable[[Pair], Pair]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a lever: what it says, and the pair with it changed."""

    label: str
    change: Change


Move = Callable[[Pair, str, Band], Pair]
"""Moves a number, by section and key, to its bound."""


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that two people could assume differently.

    Attributes
    ----------
    name : str
        For example "buffer.access_energy".
    kind : str
        "number": within the bounds that a file states. "design": another choice of the designer.
        "accounting": another way of counting.
    of : str
        "memory" or "baseline".
    ends : tuple of End
        One or two.
    """

    name: str
    kind: Kind
    of: str
    ends: tuple[End, ...]


def memory_numbers(technology: ArrayFile) -> Iterator[Lever]:
    """A lever for each number of the array file with bounds."""

    def moved(pair: Pair, key: str, band: Band) -> Pair:
        changed = at_band(pair.array.technology, band, {key})
        return with_array(pair, technology=changed)

    yield from _numbers(technology, MEMORY, moved)


def baseline_numbers(file: BaselineFile) -> Iterator[Lever]:
    """A lever for each number of the baseline with bounds."""

    def moved(pair: Pair, key: str, band: Band) -> Pair:
        return dataclasses.replace(pair, file=at_band(pair.file, band, {key}))

    yield from _numbers(file, BASELINE, moved)


def design_levers(array: ArrayModel) -> Iterator[Lever]:
    """Other decisions of whoever designs the memory."""
    others = [name for name in shipped_names(AmplifierFile) if name != array.amplifier.name]
    yield _alternatives(
        "sense amplifier", others, lambda pair, name: with_array(pair, amplifier=SenseAmp.load(name))
    )
    flavours = [name for name in get_args(FlavourName) if name != array.technology.periphery.flavour]
    yield _alternatives("transistors of the periphery", flavours, _with_flavour)
    for name, changed in _DESIGNS.items():
        yield Lever(name, "design", MEMORY, tuple(_factor_end(changed, factor) for factor in FACTORS[name]))
    yield _alternatives("share of rows for weights", WEIGHT_ROWS, _with_weight_rows)
    if array.technology.counter.sums_kept == "never":
        yield _alternatives("sums kept without supply", ["each_addition"], _with_sums_kept)


def accounting_levers(array: ArrayModel, file: BaselineFile, precision: Precision) -> Iterator[Lever]:
    """Other ways of counting."""
    other: Precision = "native" if precision == "matched" else "matched"
    label = "at its own digits" if other == "native" else "at the digits of the network"
    change = functools.partial(dataclasses.replace, precision=other)
    yield Lever("digits of the baseline", "accounting", BASELINE, (End(label, change),))
    if file.structure in READING_WEIGHTS:
        together = functools.partial(dataclasses.replace, batch=BATCH)
        yield Lever(SHARED_READS, "accounting", BASELINE, (End(f"{BATCH}", together),))
        inside = functools.partial(dataclasses.replace, weights_inside=True)
        yield Lever(WEIGHTS_INSIDE, "accounting", BASELINE, (End("all in its buffer", inside),))
    node_m, supply_V = array.cmos.feature_m, array.cell.supply_V
    if not math.isclose(file.process.node.si, node_m):
        end = End(f"{1e9 * node_m:.3g} nm, {supply_V:.3g} V", _at_node(node_m, supply_V))
        yield Lever("node of the baseline", "accounting", BASELINE, (end,))


def baseline_of(pair: Pair, network: Network) -> Side:
    """The network on the baseline of a pair.

    Raises
    ------
    InputError
        If it cannot compute the network.
    """
    return baseline_side(
        network, pair.file, pair.precision, batch=pair.batch, weights_inside=pair.weights_inside
    )


def with_array(pair: Pair, **changes: Any) -> Pair:
    """The pair with a changed memory; its sensing is computed anew."""
    return dataclasses.replace(pair, array=dataclasses.replace(pair.array, **changes))


def _numbers(file: ParameterFile, of: str, moved: Move) -> Iterator[Lever]:
    for section, content in file.sections():
        for key, number, _ in content.quantities():
            if isinstance(number, BoundedQuantity) and number.low_si < number.high_si:
                name = f"{section}.{key}"
                yield Lever(name, "number", of, tuple(_number_ends(number, name, moved)))


def _number_ends(number: BoundedQuantity, name: str, moved: Move) -> Iterator[End]:
    bounds: tuple[tuple[Band, float | None], ...] = (("low", number.low), ("high", number.high))
    for band, bound in bounds:
        if bound is not None and bound != number.value:
            label = f"{float(f'{bound:.3g}'):.10g} {number.unit}".removesuffix(" 1").replace("^2", "²")
            yield End(label, _at_bound(moved, name, band))


def _at_bound(moved: Move, name: str, band: Band) -> Change:
    return lambda pair: moved(pair, name, band)


def _alternatives(name: str, choices: Sequence[str | float], change: Callable[..., Pair]) -> Lever:
    ends = tuple(End(f"{choice}".replace("_", " "), _applied(change, choice)) for choice in choices)
    return Lever(name, "design", MEMORY, ends)


def _applied(change: Callable[..., Pair], choice: object) -> Callable[[Pair], Pair]:
    return lambda pair: change(pair, choice)


def _factor_end(change: Callable[[Pair, float], Pair], factor: float) -> End:
    return End(f"times {factor:g}", _applied(change, factor))


def _with_flavour(pair: Pair, flavour: str) -> Pair:
    return _with_word(pair, "periphery", "flavour", flavour)


def _with_sums_kept(pair: Pair, word: str) -> Pair:
    return _with_word(pair, "counter", "sums_kept", word)


def _with_word(pair: Pair, section: str, key: str, word: str) -> Pair:
    file = pair.array.technology
    data = file.model_dump(by_alias=True, exclude_none=True)
    data[section][key] = word
    changed = validated(ArrayFile, data, file.name)
    changed._path, changed._text = file.path, file.text
    return with_array(pair, technology=changed)


def _with_weight_rows(pair: Pair, share: float) -> Pair:
    changed = with_numbers(pair.array.technology, {"organisation.weight_row_fraction": share})
    return with_array(pair, technology=changed)


def _with_read_current(pair: Pair, factor: float) -> Pair:
    cell = pair.array.cell
    return with_array(pair, cell=cell.replace(read_current_per_row_A=factor * cell.read_current_per_row_A))


def _with_device(pair: Pair, **changes: object) -> Pair:
    cell = pair.array.cell
    return with_array(pair, cell=cell.replace(device=cell.device.replace(**changes)))


def _with_magnetoresistance(pair: Pair, factor: float) -> Pair:
    return _with_device(
        pair, tunnel_magnetoresistance=factor * pair.array.cell.device.tunnel_magnetoresistance
    )


def _with_resistance(pair: Pair, factor: float) -> Pair:
    return _with_device(
        pair,
        resistance_area_product_ohm_m2=factor * pair.array.cell.device.resistance_area_product_ohm_m2,
    )


def _at_node(node_m: float, supply_V: float) -> Change:
    """Energies and areas at another node; times and leakages as they are."""
    moved = {"process.node": node_m, "process.supply": supply_V}
    return lambda pair: dataclasses.replace(pair, file=with_numbers(pair.file, moved))


def _with_spin_hall_angle(pair: Pair, factor: float) -> Pair:
    device = pair.array.cell.device
    current_A = device.write.sot_current_A / factor
    return _with_device(
        pair,
        spin_hall_angle=factor * device.spin_hall_angle,
        write=dataclasses.replace(device.write, sot_current_A=current_A),
    )


def _with_rows(pair: Pair, factor: float) -> Pair:
    return with_array(pair, rows=round(factor * pair.array.rows))


def _with_columns(pair: Pair, factor: float) -> Pair:
    return with_array(pair, columns=round(factor * pair.array.columns))


def _with_cell_area(pair: Pair, factor: float) -> Pair:
    cell, side = pair.array.cell, math.sqrt(factor)
    smaller = cell.replace(row_pitch_m=side * cell.row_pitch_m, column_pitch_m=side * cell.column_pitch_m)
    return with_array(pair, cell=smaller)


_DESIGNS: dict[str, Callable[[Pair, float], Pair]] = {
    "read current per row": _with_read_current,
    "tunnel magnetoresistance": _with_magnetoresistance,
    "resistance-area product": _with_resistance,
    "spin Hall angle": _with_spin_hall_angle,
    "rows of a sub-array": _with_rows,
    "columns of a sub-array": _with_columns,
    "area of a cell": _with_cell_area,
}
