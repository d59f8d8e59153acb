"""Settings of a run: every data set and protection has its place, and what cannot be is refused at once."""

import numpy as np
import pytest

from spinpim.errors import InputError
from spinpim.network.datasets import DATASET_NAMES
from spinpim.study.settings import DEFAULT_NETWORKS, PROTECTIONS, ChainSettings


def test_every_data_set_can_be_run():
    assert tuple(DEFAULT_NETWORKS) == DATASET_NAMES
    for name in DATASET_NAMES:
        assert ChainSettings(dataset=name, network="mine.npz").network_name == "mine.npz"


def test_a_folder_of_images_has_no_network_of_its_own():
    with pytest.raises(InputError, match="--network"):
        ChainSettings(dataset="folder")


@pytest.mark.parametrize("name", PROTECTIONS)
def test_a_word_belongs_to_a_code(name):
    if name in ("parity", "single-correction"):
        assert ChainSettings(protection=name, word=np.int64(5)).word == 5
    else:
        with pytest.raises(InputError, match="word belongs to"):
            ChainSettings(protection=name, word=5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("images", value) for value in (0, -1, 2.5, "3", True)),
        *(("word", value) for value in (1, 65, "8")),
        *(("stuck_at_0", value) for value in (-1e-9, 1.1, float("nan"), "0.1", None)),
        *(("images_before", value) for value in (-1, 2**54, 1.5)),
        *(("protection", value) for value in ("", "ecc", None, 3)),
        *(("dataset", value) for value in ("", "imagenet", None)),
        *(("chips", value) for value in (None, 0, "2")),
    ],
)
def test_an_impossible_value_is_refused_by_name(name, value):
    protection = {} if name == "protection" else {"protection": "parity"}
    with pytest.raises(InputError, match=f"{name} must be"):
        ChainSettings(**{**protection, name: value})
