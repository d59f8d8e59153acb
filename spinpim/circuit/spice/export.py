"""From names of parameter files to written decks; each file is whole or is not there."""

from __future__ import annotations

from pathlib import Path

from spinpim.circuit.cell import Cell
from spinpim.circuit.sense_amp import SenseAmp
from spinpim.circuit.spice.amplifier_netlists import amplifier_subcircuit
from spinpim.circuit.spice.cards import find_cards
from spinpim.circuit.spice.column import column_deck
from spinpim.circuit.spice.deck import Deck
from spinpim.circuit.spice.nvsim import NODE_NM, nvsim_cell_text
from spinpim.circuit.spice.sample import draw_column, draw_threshold_shifts_V
from spinpim.circuit.spice.sot_mtj import subcircuit_file, subcircuit_name
from spinpim.device import Device
from spinpim.errors import InputError
from spinpim.storage import replace_path

TRANSISTORS = ("cards", "behavioural")


def export_column(
    out: str | Path,
    *,
    device: str,
    cell: str,
    amplifier: str,
    operation: str = "AND",
    pattern: str = "01",
    sample: int | None = None,
    seed: int | None = None,
    temperature_K: float | None = None,
    transistors: str = "cards",
    card_folder: str | Path | None = None,
) -> Deck:
    """Write the deck of one access of one column; see `column_deck`.

    Parameters
    ----------
    out : str or path
        File to write.
    device, cell, amplifier : str
        Shipped names or parameter files.
    operation, pattern : str
        What is asked, and the states of the cells.
    sample, seed : int, optional
        Address of the column's deviations, both or neither; the nominal column without.
    temperature_K : float, optional
        Temperature [K].
    transistors : str
        "cards" takes FreePDK45 cards for the read transistors and the amplifier, of a sampled column with a
        threshold shift for every matched transistor; "behavioural" takes the laws of this package for both.
    card_folder : str or path, optional
        Folder of the cards.

    Returns
    -------
    Deck
        What was written.

    Raises
    ------
    InputError
        If only one of sample and seed is given, cards are wanted but not there, or what is asked cannot be.
    """
    if (sample is None) != (seed is None):
        raise InputError(
            "A sampled column needs both its number and the seed of the population: give --sample and "
            "--seed, or neither for the nominal column."
        )
    if transistors not in TRANSISTORS:
        raise InputError(
            f"transistors must be one of {', '.join(TRANSISTORS)}; instead received {transistors!r}."
        )
    if card_folder is not None and transistors != "cards":
        raise InputError("A folder of cards goes with --transistors cards; leave out one of the two.")
    chosen = Cell.load(cell, device=Device.load(device))
    sensed_by = SenseAmp.load(amplifier)
    found = find_cards(card_folder) if transistors == "cards" else None
    drawn, shifts, note = None, {}, "nominal column"
    if sample is not None and seed is not None:
        drawn = draw_column(chosen, max(len(pattern), 1), seed=seed, sample=sample)
        shifts = draw_threshold_shifts_V(sensed_by, seed=seed, sample=sample)
        note = f"column {sample} of the population with seed {seed}"
    deck = column_deck(
        chosen,
        sensed_by,
        pattern=pattern,
        operation=operation,
        temperature_K=temperature_K,
        sample=drawn,
        cards=found,
        netlist=amplifier_subcircuit(sensed_by, shifts) if found else (),
        note=f"written by spinpim; {note}",
    )
    _write(out, deck.text)
    return deck


def export_subcircuit(out: str | Path, *, device: str) -> str:
    """Write the three-terminal junction of a device; return the name of its subcircuit.

    Raises
    ------
    InputError
        If the device cannot be read or warms itself, or the file cannot be written.
    """
    chosen = Device.load(device)
    _write(out, subcircuit_file(chosen))
    return subcircuit_name(chosen)


def export_nvsim(out: str | Path, *, device: str, cell: str, node_nm: int = NODE_NM) -> None:
    """Write an NVSim cell file; see `nvsim_cell_text`.

    Raises
    ------
    InputError
        If a parameter file cannot be read, the node is out of range, or the file cannot be written.
    """
    _write(out, nvsim_cell_text(Cell.load(cell, device=Device.load(device)), node_nm=node_nm))


def _write(out: str | Path, text: str) -> None:
    with replace_path(out) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
