"""Training and export; needs torch."""

import numpy as np
import pytest

from spinpim.network import Network, accuracy
from spinpim.network.datasets import load_dataset
from spinpim.network.fake_layer import quantise_unit, quantise_weights
from spinpim.network.folding import whole_weights

torch = pytest.importorskip("torch", reason="training needs the extra `train`")


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_weights_in_training_are_the_exported_ones(bits):
    real = torch.randn(4, 9, generator=torch.Generator().manual_seed(bits), dtype=torch.float64)
    values, unit = whole_weights(real.numpy(), bits)
    assert quantise_weights(real, bits).numpy() == pytest.approx(values * unit)


def test_the_gradient_passes_through_rounding_and_stops_at_the_clip():
    values = torch.tensor([-0.5, 0.2, 0.49, 0.9, 1.5], requires_grad=True)
    quantise_unit(values, 2).sum().backward()
    assert values.grad.tolist() == [0.0, 1.0, 1.0, 1.0, 0.0]
    weights = torch.tensor([-0.5, 0.2], requires_grad=True)
    quantise_weights(weights, 1).sum().backward()
    assert weights.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("weight_bits", [1, 2])
def test_the_same_seed_trains_the_same_network_and_it_learns(tmp_path, weight_bits):
    from spinpim.network.train import main

    options = ["--dataset", "digits", "--epochs", "2", "--seed", "5", "--weight-bits", str(weight_bits)]
    for name in ("a.npz", "b.npz"):
        assert main([*options, "--output", str(tmp_path / name)]) == 0
    first, second = Network.load(tmp_path / "a.npz"), Network.load(tmp_path / "b.npz")
    for layer, twin in zip(first.layers, second.layers, strict=True):
        assert np.array_equal(layer.weight_codes, twin.weight_codes)
        assert np.array_equal(layer.offset, twin.offset)
    test = load_dataset("digits")
    assert accuracy(first, test.images, test.labels) == first.training["accuracy"]["test"] > 0.8
    assert first.weight_bits == weight_bits


def test_absent_data_ends_with_a_sentence(tmp_path, capsys):
    from spinpim.network.train import main

    options = ["--dataset", "mnist", "--data-dir", str(tmp_path), "--seed", "1"]
    assert main([*options, "--output", str(tmp_path / "a.npz")]) == 2
    assert "spinpim data fetch mnist" in capsys.readouterr().err
