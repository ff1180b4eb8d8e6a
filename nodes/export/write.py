"""Writing instruments: scripted, tried, and saved whole or not at all.

What is written here may run here: its user made it, from what was allowed already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..codec.interface import Codec, CodecError, reason_of
from ..codec.library import file_digest
from ..codec.torchscript import need_torch
from ..codec.trust import trust
from ..terrain.network import TerrainError, Weights, shape_of
from ..terrain.save import save_whole

if TYPE_CHECKING:
    from torch import nn

    from ..codec.sounds import SoundsCodec
    from .instrument import Between
    from .sounds_player import SoundsDecoder

# Lanes that a model is tried with before it is written, as exporters of nn~ do.
TRIED = (1, 4)
TRIED_FRAMES = (1, 3, 8)
# Sounds of a file last no longer than this together: 53 MB in mono.
MOST_SOUND_SECONDS = 600


@dataclass(frozen=True)
class Exported:
    """What was written: its methods with (channels, ratio) in and out, Hz, bytes, and what the user should know."""

    path: Path
    methods: dict[str, tuple[int, int, int, int]]
    sample_rate: int
    size: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Playing:
    """How ``builtin:sounds`` is exported to play. blend, even: as its decoder is turned. seed: the decoder's."""

    blend: str = "together"
    even: float = 0.0
    seed: int = 0


def export_terrain(
    weights: Weights,
    ratio: int,
    sample_rate: int,
    labels: tuple[str, ...],
    path: Path,
    between: "Between | None" = None,
) -> Exported:
    """Write a terrain as TorchScript: ``forward`` from coordinates to latents. Raises CodecError, TerrainError.

    between: what happens to the latents on the way to their decoder.
    """
    need_torch(path.name)
    from .instrument import ExportedTerrain

    count = shape_of(weights).latent_dim
    names = labels if len(labels) == count else tuple(f"latent {number}" for number in range(1, count + 1))
    return _write(lambda: ExportedTerrain(weights, ratio, sample_rate, names, between), sample_rate, path, ())


def export_instrument(
    weights: Weights, codec: Codec, path: Path, between: "Between | None" = None, playing: Playing | None = None
) -> Exported:
    """Write a terrain with its codec as TorchScript: ``forward`` from coordinates to sound.

    between: what happens to the latents on the way. playing: how ``builtin:sounds`` plays.

    Raises TerrainError when they do not fit each other, CodecError when the codec cannot be taken along.
    """
    need_torch(path.name)
    from ..codec.sounds import SoundsCodec
    from .instrument import Between, ExportedInstrument
    from .sounds import SoundsInstrument

    facts, wanted = codec.facts, shape_of(weights).latent_dim
    if wanted != facts.latent_dim:
        raise TerrainError(
            f"the terrain gives {wanted} latents and {facts.name} takes {facts.latent_dim}; train it with that codec"
        )
    notes = [] if facts.is_streaming else [f"{facts.name} is not a streaming model: it will click at buffer boundaries"]
    if not facts.name.startswith("builtin:"):
        notes.append(f"{facts.name} is included in the file; its licence applies")
    way = between or Between()
    if isinstance(codec, SoundsCodec):
        decoder = _sounds_decoder(codec, playing or Playing())
        return _write(
            lambda: SoundsInstrument(weights, decoder, facts, way), facts.sample_rate, path, (*notes, *codec.problems)
        )
    return _write(
        lambda: ExportedInstrument(weights, _decoder(codec), facts, way), facts.sample_rate, path, tuple(notes)
    )


def export_codec(codec: Codec, path: Path, playing: Playing | None = None) -> Exported:
    """Write a codec of ours as TorchScript: ``encode``, ``decode`` and ``forward``. Raises CodecError.

    playing: how ``builtin:sounds`` plays.
    """
    need_torch(path.name)
    from ..codec.bank import BankCodec
    from ..codec.sounds import SoundsCodec
    from .instrument import BankModel
    from .sounds import SoundsModel

    if isinstance(codec, SoundsCodec):
        decoder = _sounds_decoder(codec, playing or Playing())
        return _write(
            lambda: SoundsModel(codec.loaded.moments, decoder, codec.facts),
            codec.facts.sample_rate,
            path,
            codec.problems,
        )
    if not isinstance(codec, BankCodec):
        raise CodecError(f"{codec.facts.name} is a TorchScript model already; copy its file")
    return _write(lambda: BankModel(codec.weights, codec.facts), codec.facts.sample_rate, path, ())


def _decoder(codec: Codec) -> Any:
    from ..codec.bank import BankCodec
    from ..codec.others import family_of
    from ..codec.torchscript import TorchCodec
    from .bank import ExportedBankDecoder
    from .instrument import ExportedDecode

    if isinstance(codec, BankCodec):
        return ExportedBankDecoder(codec.weights)
    if isinstance(codec, TorchCodec) and family_of(codec.facts.name) is None:
        return ExportedDecode(codec.model.loaded.pristine, codec.facts.hidden_latents)
    raise CodecError(f"{codec.facts.name} can't be exported to TorchScript")


def _sounds_decoder(codec: "SoundsCodec", playing: Playing) -> "SoundsDecoder":
    """The decoder with the sounds inside. Raises CodecError where there are none, or too many for a file."""
    from ..codec.sounds.layout import BLENDS, SAMPLE_RATE
    from .sounds_player import SoundsDecoder

    sounds, name = codec.loaded.corpus.sounds, codec.facts.name
    if not sounds:
        why = f" ({codec.problems[0]})" if codec.problems else ""
        raise CodecError(f"{name} has no sounds here{why}; export a patch with encoded sounds")
    minutes, most = sum(one.samples for one in sounds) / SAMPLE_RATE / 60, MOST_SOUND_SECONDS / 60
    if minutes > most:
        raise CodecError(
            f"{name}: the sounds last {minutes:.1f} minutes, and a .ts file takes {most:.0f}; remove some, or encode "
            "parts of them (FILE#t=BEGIN,END)"
        )
    blend = BLENDS.index(playing.blend) if playing.blend in BLENDS else 0
    return SoundsDecoder(codec.loaded.corpus, playing.seed, blend, min(max(playing.even, 0.0), 1.0))


def _write(make: "Callable[[], nn.Module]", sample_rate: int, path: Path, notes: tuple[str, ...]) -> Exported:
    import torch

    from ..codec.stream import clear_residue
    from ..codec.torchscript import quiet

    torch.set_num_threads(1)
    with quiet():
        try:
            module = torch.jit.script(make().eval())
            methods = {name: _parameters(module, name) for name in module.get_methods()}
            for name, parameters in methods.items():
                _try(module, name, parameters)
        except (CodecError, TerrainError):
            raise
        except Exception as error:
            raise CodecError(
                f"{path.name} cannot be made ({reason_of(error)}); was the model exported for nn~?"
            ) from None
        clear_residue(module)
        written = save_whole(path, ".ts", lambda file: torch.jit.save(module, file))
    trust(file_digest(written), str(written))
    return Exported(written, methods, sample_rate, written.stat().st_size, notes)


def _parameters(module: Any, method: str) -> tuple[int, int, int, int]:
    channels_in, ratio_in, channels_out, ratio_out = (int(one) for one in getattr(module, f"{method}_params"))
    return channels_in, ratio_in, channels_out, ratio_out


def _try(module: Any, method: str, parameters: tuple[int, int, int, int]) -> None:
    """Call a method with several lanes and lengths. Raises CodecError when a size is wrong or a number is none."""
    import torch

    channels, ratio, given, given_ratio = parameters
    period = max(ratio, given_ratio, 1024)
    for lanes in TRIED:
        for frames in TRIED_FRAMES:
            with torch.inference_mode():
                made = getattr(module, method)(torch.zeros(lanes, channels, frames * period // ratio)).numpy()
            if made.shape != (lanes, given, frames * period // given_ratio) or not np.isfinite(made).all():
                raise CodecError(f"its method {method} gives {list(made.shape)} of {lanes} lanes and {frames} frames")
