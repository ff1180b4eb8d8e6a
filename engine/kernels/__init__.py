"""Kernels: what most patches are made of, compiled once for a machine, so that many voices cost little.

Nodes that play in one call (``together``) may name the op that does the same in compiled code (``Kernel``). Where their
tables (``lanes``) stand beside each other in a plan, one call plays them all (``runs``), with the bits of numpy. The
ops are in ``ops``, which only the process that compiles them imports (``build``); here the machine code is loaded
without numba (``code``). Until it is there, and where it can't be had, numpy plays.
"""
