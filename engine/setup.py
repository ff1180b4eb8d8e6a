"""What a node is told when it is made: rate, block, seed, where files are, and where the device is."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .beat import SharedBeat
from .clock import SampleClock
from .name_schemes import register_scheme
from .values import Bus
from .vectors import SharedVectors

if TYPE_CHECKING:
    from .frames import FrameService

BUNDLED = register_scheme("bundled")


def new_bus(block: int, outputs: int = 2, inputs: int = 2) -> Bus:
    """A silent bus: float32 ``[channels, block]`` both ways."""
    return Bus(np.zeros((inputs, block), np.float32), np.zeros((outputs, block), np.float32))


@dataclass(frozen=True)
class Setup:
    """What stays the same while a node lives.

    sample_rate: Hz. block: samples per block of the plan, and of the bus. seed: this node's own. patch_seed: the
    patch's. folder: the patch's, for relative paths. offline: nobody waits for the sound, so a node may be slow.
    default_ratio: samples per latent frame where no codec says. beat: that of a clock outside. vectors: what sensors
    send. warn: tells the player something about this node. node: this node's name. frames: who computes latent frames
    beside the audio thread; None: do it on the spot.
    """

    sample_rate: float = 48_000.0
    block: int = 256
    seed: int = 0
    patch_seed: int = 0
    folder: Path = field(default_factory=Path)
    offline: bool = True
    default_ratio: Fraction = Fraction(2048)
    bus: Bus = field(default_factory=lambda: new_bus(256))
    clock: SampleClock = field(default_factory=SampleClock)
    beat: SharedBeat = field(default_factory=SharedBeat)
    vectors: SharedVectors = field(default_factory=SharedVectors)
    warn: Callable[[str], None] = lambda text: None
    node: str = ""
    frames: "FrameService | None" = None

    def __post_init__(self) -> None:
        if self.bus.block != self.block:
            raise ValueError(f"the bus must carry {self.block} samples a block; make it with new_bus({self.block})")

    def for_node(self, node: str, warn: Callable[[str], None]) -> "Setup":
        """The same with a node's own seed and its own sink for warnings."""
        return replace(self, seed=seed_for(self.patch_seed, node), warn=warn, node=node)

    def random(self) -> np.random.Generator:
        """This node's random numbers, the same on every run."""
        return np.random.default_rng(self.seed)

    def resolve(self, path: str) -> Path:
        """A path in a patch as a path on disk (see ``resolved``)."""
        return resolved(path, self.folder)


def resolved(path: str, folder: Path) -> Path:
    """A path in a patch as a path on disk: absolute, relative to the patch's folder, or ``bundled:NAME``."""
    if path.startswith(BUNDLED):
        return bundled_folder() / path.removeprefix(BUNDLED)
    return Path(os.path.normpath(folder / path))


def written(path: Path, folder: Path, is_absolute: bool = False) -> str:
    """A path on disk as a patch in ``folder`` writes it, to be read by ``resolved``: from the folder on.

    is_absolute: in full, unless it lies within.
    """
    if path.is_relative_to(bundled_folder()):
        return BUNDLED + path.relative_to(bundled_folder()).as_posix()
    whole, home = Path(os.path.abspath(path)), os.path.abspath(folder)
    if not whole.is_relative_to(home) and (is_absolute or whole.anchor != Path(home).anchor):
        return str(whole)
    return Path(os.path.relpath(whole, home)).as_posix()


def bundled_folder() -> Path:
    """Where the sounds lie that come with the program."""
    return Path(str(files("latent_terrain.graphs.starters"))) / "sounds"


def seed_for(seed: int, name: str) -> int:
    """A seed of its own for each node: 63 bits of sha256 over the patch's seed and the node's name."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:8], "little") >> 1
