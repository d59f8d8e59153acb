"""Training and export; needs torch."""

import json

import numpy as np
import pytest

from spinpim.network import Network, accuracy
from spinpim.network.datasets import load_dataset
from spinpim.network.fake_layer import quantise_weights, whole_activations
from spinpim.network.folding import whole_weights

torch = pytest.importorskip("torch", reason="training needs the extra `train`")


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_weights_in_training_are_the_exported_ones(bits):
    real = torch.randn(4, 9, generator=torch.Generator().manual_seed(bits), dtype=torch.float64)
    values, _ = whole_weights(real.numpy(), bits)
    assert quantise_weights(real, bits).numpy() == pytest.approx(values)


def test_the_gradient_passes_through_rounding_and_stops_at_the_clip():
    values = torch.tensor([-0.5, 0.2, 0.49, 0.9, 1.5], requires_grad=True)
    whole_activations(values, 2).sum().backward()
    assert values.grad.tolist() == [0.0, 3.0, 3.0, 3.0, 0.0]
    weights = torch.tensor([-0.5, 0.3], requires_grad=True)
    quantise_weights(weights, 1).sum().backward()
    assert weights.grad.tolist() == pytest.approx([2.5, 2.5])


@pytest.mark.parametrize("weight_bits", [1, 2])
def test_the_same_seed_trains_the_same_network_and_it_learns(tmp_path, weight_bits):
    from spinpim.network.train import main

    options = ["--dataset", "digits", "--epochs", "2", "--seed", "5", "--weight-bits", str(weight_bits)]
    for name in ("a.npz", "b.npz"):
        assert main([*options, "--output", str(tmp_path / name)]) == 0
    first, second = Network.load(tmp_path / "a.npz"), Network.load(tmp_path / "b.npz")
    for layer, twin in zip(first.layers, second.layers, strict=True):
        assert np.array_equal(layer.weight_codes, twin.weight_codes)
        assert np.array_equal(layer.quantiser.offset, twin.quantiser.offset)
    test = load_dataset("digits")
    assert accuracy(first, test.images, test.labels) == first.training["accuracy"]["test"] > 0.8
    assert first.weight_bits == weight_bits


def test_absent_data_ends_with_a_sentence(tmp_path, capsys):
    from spinpim.network.train import main

    options = ["--dataset", "mnist", "--data-dir", str(tmp_path), "--seed", "1"]
    assert main([*options, "--output", str(tmp_path / "a.npz")]) == 2
    assert "spinpim data fetch mnist" in capsys.readouterr().err


def test_a_training_goes_on_from_its_state_to_the_same_network(tmp_path):
    from spinpim.network import training_loop as training

    whole = train_digits(tmp_path / "whole.npz", epochs=3)
    state = tmp_path / "state.pt"

    class Interrupted(Exception):
        pass

    def stop_after_two(row):
        if row["epoch"] == 3:
            raise Interrupted

    original = training.TrainingState.note
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            training.TrainingState, "note", lambda self, row: stop_after_two(row) or original(self, row)
        )
        with pytest.raises(Interrupted):
            train_digits(tmp_path / "parts.npz", epochs=3, state=state)
    parts = train_digits(tmp_path / "parts.npz", epochs=3, state=state)
    for layer, twin in zip(whole.layers, parts.layers, strict=True):
        assert np.array_equal(layer.weight_codes, twin.weight_codes)
        assert np.array_equal(layer.quantiser.scale, twin.quantiser.scale)


def test_a_training_starts_from_the_weights_of_another_of_more_digits(tmp_path):
    train_digits(tmp_path / "long.npz", epochs=3, state=tmp_path / "long.pt", weight_bits=4)
    fresh = train_digits(tmp_path / "fresh.npz", epochs=1, weight_bits=2)
    tuned = train_digits(tmp_path / "tuned.npz", epochs=1, weight_bits=2, initial=tmp_path / "long.pt")
    first = [network.training["curve"][0]["train_loss"] for network in (fresh, tuned)]
    assert first[1] < 0.8 * first[0]


def test_the_state_of_another_training_is_refused(tmp_path):
    from spinpim.errors import InputError

    train_digits(tmp_path / "a.npz", epochs=1, state=tmp_path / "state.pt")
    with pytest.raises(InputError, match="weight_bits 1 instead of 2"):
        train_digits(tmp_path / "a.npz", epochs=1, state=tmp_path / "state.pt", weight_bits=2)


def test_a_damaged_state_ends_with_a_sentence(tmp_path):
    from spinpim.errors import InputError

    (tmp_path / "state.pt").write_bytes(b"damaged")
    with pytest.raises(InputError, match="not the state of a training"):
        train_digits(tmp_path / "a.npz", epochs=1, state=tmp_path / "state.pt")
    with pytest.raises(InputError, match="no such file"):
        train_digits(tmp_path / "a.npz", epochs=1, initial=tmp_path / "absent.pt")


def test_a_training_that_met_errors_bears_them_better_and_is_as_good_without(tmp_path):
    rate = 0.02
    train_digits(tmp_path / "calm.npz", epochs=8, state=tmp_path / "calm.pt")
    calm = Network.load(tmp_path / "calm.npz")
    for name, errors in (("flips", {"temporal": rate}), ("wrong_pairs", {"static": rate})):
        used = train_digits(tmp_path / "used.npz", epochs=8, initial=tmp_path / "calm.pt", **{name: rate})
        assert used.training["faults"][name] == rate
        assert f"--{name.replace('_', '-')} {rate}" in used.training["command"]
        assert used.training["initial"]["epochs"] == 8
        assert used.training["accuracy"]["test"] > 0.9
        # The digital unit is set for the errors in both: what is left is what was learnt.
        assert faulty_accuracy(used, rate, errors) > faulty_accuracy(calm, rate, errors) + 0.05


def test_real_numbers_are_trained_for_comparison_alone(tmp_path):
    from spinpim.network.train import main

    options = ["--dataset", "digits", "--epochs", "2", "--seed", "5", "--output", str(tmp_path / "a.json")]
    assert main([*options, "--weight-bits", "32", "--activation-bits", "32"]) == 0
    record = json.loads((tmp_path / "a.json").read_text())
    assert 0.8 < record["accuracy"]["test"] <= 1.0
    assert "--weight-bits 32 --activation-bits 32" in record["command"]
    assert "real" in record["method"]
    assert main([*options, "--weight-bits", "32"]) == 2
    both = ["--weight-bits", "32", "--activation-bits", "32", "--flips", "0.1"]
    assert main([*options, *both]) == 2


def faulty_accuracy(network, rate, errors):
    from spinpim.array import EvenErrors, Faults
    from spinpim.array.bit_path import BitPath
    from spinpim.array.forward import forward
    from spinpim.array.machine import Chip, draw_chip
    from spinpim.array.mapping import map_network
    from spinpim.network.recentring import recentred

    digits, network = load_dataset("digits"), recentred(network, rate)
    mapping, hits = map_network(network, rows=256, columns=128), []
    for chip in range(4):
        machine = draw_chip(network.layers, Chip(mapping, Faults(EvenErrors(**errors)), 1, chip))
        scores = forward(network, network.encode_input(digits.images), BitPath(machine))
        hits.append(np.argmax(scores, axis=1) == digits.labels)
    return np.mean(hits)


def train_digits(path, *, epochs, weight_bits=1, state=None, initial=None, **faults):
    from spinpim.network.train import train
    from spinpim.network.training_settings import TrainingSettings

    settings = TrainingSettings("digits", seed=2, epochs=epochs, weight_bits=weight_bits, **faults)
    network = train(settings, name=path.stem, state=state, initial=initial)
    network.save(path)
    return network
