"""The workload: quantised layers, data sets, training."""
