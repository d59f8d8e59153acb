"""Many of anything, and the whole chain from device to network."""
