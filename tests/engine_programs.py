"""Programs for the engine, without a network."""

import numpy as np

from spinpim.array.intermittency.columns import NAMES
from spinpim.array.intermittency.program import Packed, Program


def program_with(counts, energy_J, time_s, every, **others):
    """A program of blocks that keeps each image; zero whatever is not given.

    ``end_J`` and ``end_s`` of one number are those of the image; other blocks end as they save.
    """
    zeros = np.zeros(len(counts))
    given = dict.fromkeys(NAMES, zeros) | dict.fromkeys(Packed._fields[1:], 0.0)
    given |= {
        "counts": np.array(counts, np.int64),
        "energy_J": np.array(energy_J, float),
        "time_s": np.array(time_s, float),
        "every": np.array(every, np.int64),
        "end_every": 1,
    }
    arrays = {
        name: np.array(value, float) if isinstance(value, list) else value for name, value in others.items()
    }
    for end, save in (("end_J", "save_J"), ("end_s", "save_s")):
        of_image = arrays.pop(end, 0.0)
        saves = arrays.get(save, zeros)
        arrays[end] = of_image if np.ndim(of_image) else np.append(saves[:-1], of_image)
    return Program(**(given | arrays))
