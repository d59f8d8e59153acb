"""A network operation by operation, digit by digit, through power cuts: what is kept is what was computed."""

from spinpim.array.intermittency.replay.replay import Replay, replay

__all__ = ["Replay", "replay"]
