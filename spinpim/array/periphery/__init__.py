"""What surrounds the cells, out of transistors and wires: gates, drivers, decoders, lines, strips, trees.

The functions of this folder are kernels: numbers in, numbers out, SI, no checks and no files. One enters by
`process`, which reads a file, and `checked`, which refuses a plan that cannot be built. Areas are rectangles,
delays are to half the supply, energies are drawn from the supply, C V^2 per full swing.
"""
