"""Runs a patch: ports, compiler, plan, clock, drivers. Knows no node by name, imports no torch."""

from .batched import Values, column, together
from .beat import Moment, SharedBeat, Ticks
from .clock import FrameTimes, SampleClock
from .compile import CompiledPatch, check_patch, compile_patch
from .declare import NodeSpec, job, node, provides, spec_of
from .engine import Engine
from .hooks import Resting
from .kernels.kernel import Kernel
from .labels import Labels
from .loops import PerSample, PerSampleNode, Sample, State, per_sample
from .palette import Palette, load_palette
from .plan import Fault
from .problems import DeclarationError, PatchError, Problem, SettingError
from .setup import Setup, new_bus
from .values import (
    Bus,
    Content,
    ControlSignal,
    Event,
    Events,
    FloatArray,
    Help,
    Latent,
    LatentSpace,
    Param,
    PortSize,
    Progress,
    Setting,
    SharedContent,
    Signal,
    Size,
    Trajectories,
    UsedWhen,
    Wishes,
)

__all__ = [
    "Bus",
    "CompiledPatch",
    "Content",
    "ControlSignal",
    "DeclarationError",
    "Engine",
    "Event",
    "Events",
    "Fault",
    "FloatArray",
    "FrameTimes",
    "Help",
    "Kernel",
    "Labels",
    "Latent",
    "LatentSpace",
    "Moment",
    "NodeSpec",
    "Palette",
    "Param",
    "PatchError",
    "PerSample",
    "PerSampleNode",
    "PortSize",
    "Problem",
    "Progress",
    "Resting",
    "Sample",
    "SampleClock",
    "Setting",
    "SettingError",
    "Setup",
    "SharedBeat",
    "SharedContent",
    "Signal",
    "Size",
    "State",
    "Ticks",
    "Trajectories",
    "UsedWhen",
    "Values",
    "Wishes",
    "check_patch",
    "column",
    "compile_patch",
    "job",
    "load_palette",
    "new_bus",
    "node",
    "per_sample",
    "provides",
    "spec_of",
    "together",
]
