"""The table of a network: one line per node, and sums that are those of the network."""

import pytest

from spinpim.errors import InputError
from spinpim.network import Network
from spinpim.report.network_table import print_network


def test_each_node_has_a_line_and_the_sums_are_the_networks(capsys):
    network = Network.load("digits_w1a4")
    print_network("digits_w1a4")
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert [line.split()[0] for line in lines[4 : 4 + len(network.nodes)]] == [n.name for n in network.nodes]
    columns = [line.split() for line in lines[4 : 4 + len(network.nodes)]]
    ands = [int(words[-2].replace(",", "")) for words in columns if ":" in words[-3]]
    assert sum(ands) == network.and_operations_per_image
    assert f"{network.correction_bits_per_image:,} corrections" in printed
    assert "bipolar weights have a constant" in printed


def test_an_architecture_is_listed_with_the_asked_digits(capsys):
    print_network("resnet18", 2, 3)
    printed = capsys.readouterr().out
    assert "2:8" in printed
    assert "2:3" in printed
    assert "sum of 2" in printed
    assert "average of 4x4" in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("resnet50",), "Architectures: .*Did you mean 'resnet18'"),
        (("LeNet5",), "Did you mean 'lenet5'"),
        (("digits_w1a4", 3), "has its own digits"),
        ((".",), "is a folder"),
        (("absent.npz",), "no such file"),
        (("svhn", 9), "weight_bits must be"),
    ],
)
def test_what_cannot_be_listed_is_told(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        print_network(*arguments)
