"""A whole image at once: what it takes, and what it makes of the level of the store."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit

from spinpim.array.intermittency.levels import level_after
from spinpim.array.intermittency.power import moment, repeated
from spinpim.array.intermittency.program import (
    BLOCK_COUNTS,
    BLOCK_DIGITS,
    BLOCK_ENERGY_J,
    BLOCK_EVERY,
    BLOCK_SAVE_J,
    BLOCK_SAVE_S,
    BLOCK_THROUGH_J,
    BLOCK_THROUGH_S,
    BLOCK_TIME_S,
)


class WholeImage(NamedTuple):
    """An image without a cut.

    Attributes
    ----------
    operation_J, operation_s, save_J, save_s : float
        Energy and time of its operations and saves [J], [s].
    saves : int
        Saves.
    drawn_J : float
        Level of a store after it that was at 0 before, without a source [J]; negative.
    """

    operation_J: float
    operation_s: float
    save_J: float
    save_s: float
    saves: int
    drawn_J: float


@njit(cache=True, nogil=True)
def whole_image(store: Any, program: Any) -> Any:
    """Sum up an image of a program."""
    operation_J = operation_s = save_J = save_s = level_J = fresh = 0.0
    saves = 0
    for block in range(len(program.table)):
        count, step = int(program.table[block, BLOCK_COUNTS]), int(program.table[block, BLOCK_EVERY])
        fresh += count * program.table[block, BLOCK_DIGITS]
        last = block == len(program.table) - 1
        through_J, through_s = program.table[block, BLOCK_THROUGH_J], program.table[block, BLOCK_THROUGH_S]
        energy_J, time_s = (
            program.table[block, BLOCK_ENERGY_J] + through_J,
            program.table[block, BLOCK_TIME_S] + through_s,
        )
        # The last save of a block holds what was handed on since the one before, where that is counted.
        end_J = (
            program.end_J if last else program.table[block, BLOCK_SAVE_J]
        ) + fresh * program.snapshot_digit_J
        end_s = (
            program.end_s if last else program.table[block, BLOCK_SAVE_S]
        ) + fresh * program.snapshot_digit_s
        ends = program.end_every > 0 if last else step > 0
        rounds = (count - 1) // step if step else 0
        rest = count - rounds * step
        level_J = _rounds_from(
            store,
            level_J,
            rounds,
            step * energy_J,
            step * time_s,
            program.table[block, BLOCK_SAVE_J],
            program.table[block, BLOCK_SAVE_S],
        )
        level_J = _loaded(store, level_J, rest * energy_J, rest * time_s)
        if ends:
            level_J, fresh = _loaded(store, level_J, end_J, end_s), 0.0
        operation_J += count * program.table[block, BLOCK_ENERGY_J]
        operation_s += count * program.table[block, BLOCK_TIME_S]
        save_J += rounds * program.table[block, BLOCK_SAVE_J] + count * through_J + ends * end_J
        save_s += rounds * program.table[block, BLOCK_SAVE_S] + count * through_s + ends * end_s
        saves += rounds + ends
    return WholeImage(operation_J, operation_s, save_J, save_s, saves, level_J)


@njit(cache=True, nogil=True)
def level_after_images(
    supply: Any, store: Any, whole: Any, start_s: float, level_J: float, count: int
) -> Any:
    """Level after so many images within a piece of the supply: each maps a level to another on a line."""
    _, piece = moment(supply, start_s)
    source_W = store.charging * supply.power_W[piece]
    time_s = whole.operation_s + whole.save_s
    # What arrives and what is drawn add up, since the law is linear.
    once_J = whole.drawn_J + level_after(0.0, source_W, store.forgetting_s, time_s)
    return repeated(level_J, once_J, time_s / store.forgetting_s, count)


@njit(cache=True, nogil=True)
def _loaded(store: Any, level_J: float, load_J: float, load_s: float) -> Any:
    if load_s <= 0.0:
        return level_J
    return level_after(level_J, -load_J / load_s / store.supplying, store.forgetting_s, load_s)


@njit(cache=True, nogil=True)
def _rounds_from(
    store: Any, level_J: float, rounds: int, first_J: float, first_s: float, second_J: float, second_s: float
) -> Any:
    if rounds == 0:
        return level_J
    once_J = _loaded(store, _loaded(store, 0.0, first_J, first_s), second_J, second_s)
    return repeated(level_J, once_J, (first_s + second_s) / store.forgetting_s, rounds)
