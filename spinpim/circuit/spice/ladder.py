"""The bit line as a ladder of resistors and capacitors."""

from __future__ import annotations

from spinpim.circuit.spice.deck import name, number


def ladder(
    label: str,
    near: str,
    far: str,
    *,
    resistance_ohm: float,
    capacitance_F: float,
    segments: int,
    ground: str = "0",
) -> tuple[str, ...]:
    """Lines of a uniform line between two nodes, in pi sections.

    Parameters
    ----------
    label : str
        Name behind the letters of its elements, and of its inner nodes.
    near, far : str
        End nodes.
    resistance_ohm, capacitance_F : float
        Whole line [ohm], [F].
    segments : int
        Number of sections, at least 1.
    ground : str
        Node of the other end of each capacitor.

    Returns
    -------
    tuple of str
        Resistors and capacitors.

    Examples
    --------
    >>> for line in ladder("w", "a", "b", resistance_ohm=10.0, capacitance_F=2e-15, segments=2):
    ...     print(line)
    cw0 a 0 5e-16
    rw1 a w_1 5.0
    cw1 w_1 0 1e-15
    rw2 w_1 b 5.0
    cw2 b 0 5e-16
    """
    inner = [f"{name(label)}_{at}" for at in range(1, segments)]
    nodes = [name(near), *inner, name(far)]
    whole = capacitance_F / segments
    lines = [f"c{label}0 {near} {name(ground)} {number(0.5 * whole)}"]
    for at in range(1, segments + 1):
        end = whole if at < segments else 0.5 * whole
        lines.append(f"r{label}{at} {nodes[at - 1]} {nodes[at]} {number(resistance_ohm / segments)}")
        lines.append(f"c{label}{at} {nodes[at]} {name(ground)} {number(end)}")
    return tuple(lines)
