"""What the memory of a run computes: a network, and images that it can tell apart."""

from __future__ import annotations

from spinpim.errors import InputError
from spinpim.network import Network
from spinpim.network.checks import check_images
from spinpim.network.datasets import Dataset, load_dataset
from spinpim.network.storage import shipped_networks
from spinpim.study.settings import ChainSettings


def workload(settings: ChainSettings) -> tuple[Network, Dataset]:
    """Network and images of a run.

    Raises
    ------
    InputError
        If one of them is absent or damaged, or they do not fit each other.

    Examples
    --------
    >>> network, dataset = workload(ChainSettings(images=5))
    >>> network.name, dataset.labels.size
    ('digits_w1a4', 5)
    """
    network = _network(settings)
    dataset = load_dataset(settings.dataset, settings.data_dir)
    if settings.images is not None:
        dataset = dataset.spread(settings.images)
    check_fit(network, dataset)
    return network, dataset


def _network(settings: ChainSettings) -> Network:
    """The network that was named, or the one shipped for the data set."""
    name = settings.network_name
    if settings.network is None and name not in shipped_networks():
        raise InputError(
            f"no network is shipped for the data set {settings.dataset}; name one that was trained on it as "
            f"network (--network)."
        )
    return Network.load(name)


def check_fit(network: Network, dataset: Dataset) -> None:
    """Refuse images and labels that the network cannot have been trained on.

    Raises
    ------
    InputError
        If the shapes, the values or the numbers of classes differ.
    """
    if tuple(network.input_shape) != tuple(dataset.images.shape[1:]):
        raise InputError(
            f"Network {network.name} takes images of shape {tuple(network.input_shape)} but the data set "
            f"{dataset.name} has {tuple(dataset.images.shape[1:])}; choose a network trained for it."
        )
    check_images(network, dataset.images)
    classes = len(dataset.classes) or int(dataset.labels.max()) + 1
    # Labels are places among the classes of a folder, so that one class less would number the others anew.
    if classes > network.classes or (dataset.classes and classes != network.classes):
        raise InputError(
            f"Network {network.name} tells {network.classes} classes apart but the data set {dataset.name} "
            f"has {classes}; choose a network trained for it, or give it all classes."
        )
