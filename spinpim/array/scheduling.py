"""Copies of layers on a chip of so many sub-arrays: rate, latency, use, power and wear.

Layers that take long are held several times, so that their windows are shared out; images follow each other
through the layers as through a pipeline, at the pace of the slowest. What does not fit at once is written
anew for each batch of images.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

from spinpim.array.ledger import LayerCost, cost, digital_time_s, memory_time_s
from spinpim.array.mapping import LayerMapping
from spinpim.array.model import ArrayModel
from spinpim.array.prices import Prices
from spinpim.array.schedule_result import LayerSchedule, Schedule
from spinpim.array.sensing_work import sensing_work
from spinpim.checks import whole
from spinpim.errors import InputError
from spinpim.network.model import Network

MOST = 10**12
"""Sub-arrays of a chip, and images of a batch, far beyond any."""


def schedule(
    array: ArrayModel, network: Network, *, sub_arrays: int | None = None, batch: int = 1
) -> Schedule:
    r"""Lay a network on a chip so that images follow each other as fast as the sub-arrays allow.

    A layer with r copies has ceil(windows / r) windows to do in each. The copies are those of the least time
    T between images for which

    .. math:: \sum_i r_i(T)\, s_i \le S, \qquad r_i(T) = \min\{r : t_i(r) \le T\}

    with the sub-arrays s of a copy and the time t of a layer. No other numbers of whole copies are faster.

    Parameters
    ----------
    array : ArrayModel
        Sub-arrays and what surrounds them.
    network : Network
        The workload.
    sub_arrays : int or None
        Of the chip; None: as many as hold each layer once. With fewer, layers are loaded in turns.
    batch : int
        Images that use a load of weights, of a chip that is loaded in turns.

    Raises
    ------
    InputError
        If a number is out of range, a single layer does not fit, or ``cost`` refuses the network.

    Notes
    -----
    All layers share one digital unit, whose time bounds the rate. The energy of an image is that of the
    ledger: copies of weights are written once, and their sub-arrays leak for a shorter time in proportion;
    digital unit and buffer are charged as if layers followed each other. What waits between layers that work
    on different images takes a larger buffer than that of one image. Powers are means over the sub-arrays of
    a layer, of which the last may hold fewer filters.

    Examples
    --------
    >>> import spinpim as sp
    >>> cell = sp.Cell.load("2t1r_45nm", device=sp.Device.load("perpendicular_memory_60nm"))
    >>> write = sp.Estimate.from_counts(0, 100_000)
    >>> array = sp.ArrayModel(cell, sp.SenseAmp.load("strongarm_45nm"), write=write)
    >>> digits = sp.Network.load("digits_w1a4")
    >>> once = schedule(array, digits)
    >>> more = schedule(array, digits, sub_arrays=4 * once.sub_arrays)
    >>> more.images_per_s > 2.0 * once.images_per_s
    True
    """
    batch = whole("batch", batch, 1, MOST)
    priced, prices = cost(array, network), array.prices()
    mappings = [layer.mapping for layer in priced.layers]
    once = sum(mapping.sub_arrays for mapping in mappings)
    available = once if sub_arrays is None else whole("sub_arrays", sub_arrays, 1, MOST)
    largest = max(mappings, key=lambda mapping: mapping.sub_arrays)
    if largest.sub_arrays > available:
        raise InputError(
            f"layer {largest.name!r} of {network.name!r} takes {largest.sub_arrays} sub-arrays, and the chip "
            f"has {available}; give more sub_arrays."
        )
    if once > available:
        pages = _pages(mappings, available)
        load_s = math.fsum(_load_time_s(page, prices) for page in pages) / batch
        load_W = max(_load_power_W(page, prices) for page in pages)
        load_J = priced.weight_load_energy_J / batch
        copies = [1] * len(mappings)
    else:
        pages, load_s, load_J, load_W = [mappings], 0.0, 0.0, 0.0
        copies = _copies(mappings, available, prices)
    return Schedule(
        network=network.name,
        layers=tuple(_line(*one, prices) for one in zip(priced.layers, copies, strict=True)),
        sub_arrays=available,
        batch=batch,
        pages=len(pages),
        load_s_per_image=load_s,
        load_J_per_image=load_J,
        load_power_W=load_W,
        writes_per_cell=_writes_per_cell(pages, copies, batch),
        digital_s=math.fsum(digital_time_s(mapping, prices) for mapping in mappings),
    )


def _pages(mappings: list[LayerMapping], available: int) -> list[list[LayerMapping]]:
    """Layers that are on the chip together, in their order."""
    pages: list[list[LayerMapping]] = []
    left = 0
    for mapping in mappings:
        if mapping.sub_arrays > left:
            pages.append([])
            left = available
        pages[-1].append(mapping)
        left -= mapping.sub_arrays
    return pages


def _load_time_s(page: list[LayerMapping], prices: Prices) -> float:
    """Time of writing the weights of a page: all sub-arrays side by side, row after row in each [s]."""
    rows = max(mapping.filters_per_group * mapping.weight_bits + mapping.corrected for mapping in page)
    return rows * prices.row_write_s + prices.settle_time_s


def _load_power_W(page: list[LayerMapping], prices: Prices) -> float:
    """Power while the weights of a page are written in all its sub-arrays at once [W]."""
    energy_J = math.fsum(
        one.stored_bits * prices.write_energy_J + one.stored_rows * prices.row_write_select_J for one in page
    )
    return energy_J / _load_time_s(page, prices)


def _writes_per_cell(pages: list[list[LayerMapping]], copies: list[int], batch: int) -> float:
    """Writes per image of the most written cell: each page may use the same cells as the others."""
    numbers = iter(copies)
    activations = sum(max(_loads(_share(one, next(numbers))) for one in page) for page in pages)
    return max(activations, len(pages) / batch if len(pages) > 1 else 0.0)


def _loads(mapping: LayerMapping) -> int:
    """Times per image that the activation rows of a sub-array are written."""
    return -(-mapping.windows // mapping.windows_held)


def _copies(mappings: list[LayerMapping], available: int, prices: Prices) -> list[int]:
    return balanced_copies(
        [mapping.windows for mapping in mappings],
        [mapping.sub_arrays for mapping in mappings],
        lambda layer, copies: layer_time_s(mappings[layer], copies, prices),
        available,
        math.fsum(digital_time_s(mapping, prices) for mapping in mappings),
    )


def balanced_copies(
    windows: Sequence[int],
    sizes: Sequence[float],
    time_s: Callable[[int, int], float],
    room: float,
    shared_s: float = 0.0,
) -> list[int]:
    """Copies of each layer: the slowest gets the next ones, as long as there is room and they help.

    Parameters
    ----------
    windows : sequence of int
        Windows of each layer, which its copies share out.
    sizes : sequence of float
        What a copy takes of the room.
    time_s : callable
        Of the number of a layer and of its copies: time for an image [s].
    room : float
        In the unit of the sizes.
    shared_s : float
        Time of what all layers share [s]; nobody has to be faster.

    Examples
    --------
    >>> balanced_copies([8, 8], [1, 2], lambda layer, copies: -(-8 // copies), 9)
    [3, 3]
    """
    copies = [1] * len(windows)
    left = room - math.fsum(sizes)
    times = [time_s(layer, 1) for layer in range(len(windows))]
    while True:
        slowest = max(range(len(times)), key=times.__getitem__)
        more = _next_copies(windows[slowest], copies[slowest])
        taken = (more - copies[slowest]) * sizes[slowest]
        if more > windows[slowest] or taken > left or times[slowest] <= shared_s:
            return copies
        copies[slowest], left = more, left - taken
        times[slowest] = time_s(slowest, more)


def _next_copies(windows: int, copies: int) -> int:
    """Smallest number of copies that leaves each fewer windows; above ``windows`` if there is none."""
    each = -(-windows // copies)
    return windows + 1 if each == 1 else -(-windows // (each - 1))


def _share(mapping: LayerMapping, copies: int) -> LayerMapping:
    """Work of the busiest copy."""
    return dataclasses.replace(mapping, windows=-(-mapping.windows // copies))


def layer_time_s(mapping: LayerMapping, copies: int, prices: Prices) -> float:
    """Time of a layer for an image, its windows shared out over copies [s]."""
    share = _share(mapping, copies)
    return max(memory_time_s(share, sensing_work(share), prices), digital_time_s(mapping, prices))


def _line(layer: LayerCost, copies: int, prices: Prices) -> LayerSchedule:
    mapping, share = layer.mapping, _share(layer.mapping, copies)
    energy = layer.energy_breakdown_J
    written = energy["activation writes"]
    sensed = math.fsum(energy[part] for part in ("word lines", "sensing", "counting", "shifting and adding"))
    writing_s = share.serial_row_writes * prices.row_write_s
    sensing_s = sensing_work(share).serial_row_operations * prices.row_cycle_s
    return LayerSchedule(
        name=layer.name,
        copies=copies,
        sub_arrays=copies * mapping.sub_arrays,
        latency_s=layer_time_s(mapping, copies, prices),
        energy_J=layer.energy_J,
        writes_per_cell=_loads(share),
        write_power_W=written / writing_s,
        sense_power_W=sensed / sensing_s,
    )
