"""Nodes by code per sample pass the tests that every node passes, and more of their own."""

from latent_terrain.testing import battery

from .toys import toy_drive, toy_one_pole, toy_svf

TestNodes = battery(toy_one_pole, toy_svf, toy_drive)
