"""A sliding window: where it fits, and what is no window."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinpim.errors import InputError
from spinpim.network import Window

pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def windows(draw):
    kernel, stride, dilation = draw(pairs), draw(pairs), draw(pairs)
    down, across = (gap * (side - 1) for side, gap in zip(kernel, dilation, strict=True))
    margins = [draw(st.integers(0, largest)) for largest in (down, across, down, across)]
    return Window(kernel, stride, tuple(margins), dilation)


@given(windows(), st.integers(1, 12), st.integers(1, 12))
def test_positions_are_all_places_whose_elements_lie_on_the_padded_image(window, height, width):
    for axis, size in enumerate((height, width)):
        before, after = window.padding[axis], window.padding[axis + 2]
        allowed = range(-before, size + after)
        elements = [window.dilation[axis] * k for k in range(window.kernel[axis])]
        places = [
            first for first in allowed[:: window.stride[axis]] if all(first + e in allowed for e in elements)
        ]
        assert max(0, window.positions(height, width)[axis]) == len(places)
        assert window.extent[axis] == elements[-1] + 1


def test_a_square_window_is_alike_in_both_directions():
    assert Window.square(3, stride=2, padding=1) == Window((3, 3), (2, 2), (1, 1, 1, 1), (1, 1))
    assert Window.square(1) == Window()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"kernel": (0, 3)}, r"kernel of a window must be 2 whole numbers of at least 1; got \(0, 3\)"),
        ({"kernel": (3,)}, "kernel of a window must be 2 whole numbers"),
        ({"kernel": [3, 3]}, "kernel of a window must be 2 whole numbers"),
        ({"kernel": (1 << 21, 3)}, "kernel of a window must be 2 whole numbers"),
        ({"kernel": (3, "3")}, "kernel of a window must be 2 whole numbers"),
        ({"stride": (0, 1)}, "stride of a window must be"),
        ({"stride": (1.0, 1)}, "stride of a window must be"),
        ({"stride": 2}, "stride of a window must be"),
        ({"dilation": (1, 0)}, "dilation of a window must be"),
        ({"dilation": (True, 1)}, "dilation of a window must be"),
        ({"padding": (1, 1)}, "padding of a window must be 4 whole numbers of at least 0"),
        ({"padding": (0, 0, -1, 0)}, "padding of a window must be 4 whole numbers of at least 0"),
        ({"padding": (0, 0, 3, 0)}, "must be smaller than the height 3 of the window"),
        ({"padding": (0, 3, 0, 0)}, "must be smaller than the width 3 of the window"),
        ({"padding": (5, 0, 0, 0), "dilation": (2, 1)}, "must be smaller than the height 5 of the window"),
    ],
)
def test_numbers_that_make_no_window_are_refused(parts, message):
    with pytest.raises(InputError, match=message):
        Window(**({"kernel": (3, 3)} | parts))


def test_whole_numbers_of_numpy_are_whole_numbers():
    assert Window((np.int64(3), 3)).positions(5, 5) == (3, 3)
