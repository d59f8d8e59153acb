"""The shipped networks as a table: digits, accuracy with its interval, and what they were trained with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from spinpim.estimate import Estimate
from spinpim.network.model import Network
from spinpim.network.storage import SHIPPED


class Shipped(NamedTuple):
    """One network, or the record of one in real numbers, which no memory computes.

    ``ands`` are the bit-ANDs of an image, 0 for real numbers; ``flips`` the rate of wrong answers that
    accesses had in the training.
    """

    name: str
    dataset: str
    digits: str
    accuracy: Estimate
    images: int
    ands: int
    flips: float


def shipped_rows() -> Iterator[Shipped]:
    """Every shipped network in the order of data sets and digits, those in real numbers first."""
    found = [_of_network(Network.load(path.stem)) for path in SHIPPED.glob("*.npz")]
    found += [_of_record(path.stem, json.loads(path.read_text())) for path in SHIPPED.glob("*.json")]
    return iter(sorted(found, key=lambda one: (one.dataset, one.ands, one.name)))


def print_shipped() -> None:
    """Print the table."""
    print(
        f"{'network':<20} {'W:I':>5} {'test accuracy, 95 %':>24} {'images':>7} {'bit-ANDs':>15}  trained with"
    )
    for one in shipped_rows():
        accuracy = f"{one.accuracy.value:.4f} ({one.accuracy.low:.4f} to {one.accuracy.high:.4f})"
        ands = f"{one.ands:,}" if one.ands else "-"
        flips = f"{one.flips:g} of the answers wrong" if one.flips else ""
        print(f"{one.name:<20} {one.digits:>5} {accuracy:>24} {one.images:>7} {ands:>15}  {flips}".rstrip())
    print("\nNetwork.load(name).training has the command, the curve and the attribution of the data.")


def _of_network(network: Network) -> Shipped:
    # Pixels apart, all layers have the same digits.
    digits = f"{network.weight_bits}:{network.layers[-1].input_coding.bits}"
    return _row(network.name, network.training, digits, network.and_operations_per_image)


def _of_record(name: str, record: Mapping[str, Any]) -> Shipped:
    return _row(name, record, "32:32", 0)


def _row(name: str, record: Mapping[str, Any], digits: str, ands: int) -> Shipped:
    test, images = record["accuracy"]["test"], record["accuracy"]["test_images"]
    accuracy = Estimate.from_counts(round(test * images), images)
    flips = record.get("faults", {}).get("flips", 0.0)
    return Shipped(name, record["dataset"], digits, accuracy, images, ands, flips)
