"""Speed of the kernels, beside what a user would write first and the fastest correct peer, in one run.

A workload is a function that returns a `Workload`; `run.WORKLOADS` lists them. To measure another kernel,
write one function and add it to that tuple, and to `run.RATIOS` if it is to be set against another.
"""
