"""spinpim: from one magnetic tunnel junction to a convolutional network computed in its memory."""

__version__ = "0.1.0"
