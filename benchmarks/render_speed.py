"""How much faster than real time sound is decoded: a RAVE-sized streaming model beside the built-in codec.

Run: .venv/bin/python benchmarks/render_speed.py [--seconds S] [--json]
The model is made here of plain torch modules with random weights: 16 latents at 2048 samples a frame, cached
convolutions, about 5.6 million parameters. CPU time of one thread, best of three passes; more frames per call is what
an offline render uses.
"""

import argparse
import json
import os
import tempfile
import time
import warnings
from pathlib import Path

os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="latent-terrain-benchmark-")  # what is allowed here is forgotten

import numpy as np
import torch
from torch import Tensor, nn

from latent_terrain.nodes.codec.interface import Codec
from latent_terrain.nodes.codec.loader import load_codec
from latent_terrain.nodes.codec.trust import digest_of, trust

LATENT, RATIO, BANDS, RATE = 16, 2048, 16, 44_100
STAGES = ((512, 256, 4, 3), (256, 128, 4, 4), (128, 64, 4, 6), (64, 32, 2, 9))
"""Channels in and out, upsampling, and residual layers before it."""
COUNTS = (1, 16, 32)
PASSES = 3


class Remembering(nn.Module):
    """A causal dilated convolution that keeps its past, for up to 64 lanes."""

    pad: Tensor

    def __init__(self, inputs: int, outputs: int, size: int, dilation: int = 1) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, outputs, size, dilation=dilation)
        self.keep = (size - 1) * dilation
        self.register_buffer("pad", torch.zeros(64, inputs, self.keep))

    def forward(self, x: Tensor) -> Tensor:
        joined = torch.cat([self.pad[: x.shape[0]], x], -1)
        self.pad[: x.shape[0]] = joined[..., -self.keep :]
        return self.convolution(joined)


class Residual(nn.Module):
    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.layer = Remembering(channels, channels, 3, dilation)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layer(nn.functional.leaky_relu(x, 0.2))


class Upsampling(nn.Module):
    def __init__(self, inputs: int, outputs: int, times: int) -> None:
        super().__init__()
        self.layer, self.outputs, self.times = Remembering(inputs, outputs * times, 3), outputs, times

    def forward(self, x: Tensor) -> Tensor:
        made = self.layer(nn.functional.leaky_relu(x, 0.2))
        made = made.reshape(x.shape[0], self.outputs, self.times, x.shape[2])
        return made.permute(0, 1, 3, 2).reshape(x.shape[0], self.outputs, -1)


class Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        layers: list[nn.Module] = [Remembering(LATENT, STAGES[0][0], 7)]
        for inputs, outputs, times, residuals in STAGES:
            layers += [Residual(inputs, 3 ** (place % 3)) for place in range(residuals)]
            layers.append(Upsampling(inputs, outputs, times))
        layers += [Residual(STAGES[-1][1], 3 ** (place % 3)) for place in range(9)]
        self.body = nn.Sequential(*layers, Remembering(STAGES[-1][1], 2 * BANDS, 7))
        self.bands = Upsampling(BANDS, 1, BANDS)
        self.register_buffer("decode_params", torch.tensor([LATENT, RATIO, 1, 1]))

    @torch.jit.export
    def get_methods(self) -> list[str]:
        return ["decode"]

    @torch.jit.export
    def get_sample_rate(self) -> int:
        return 44_100

    @torch.jit.export
    def decode(self, z: Tensor) -> Tensor:
        wave, loudness = self.body(z).chunk(2, 1)
        return torch.tanh(self.bands(torch.tanh(wave) * torch.sigmoid(loudness)))


def rave_sized(folder: Path) -> Path:
    """Write the model and tell where."""
    path = folder / "rave_sized.ts"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(Decoder().eval()).save(str(path))
        trust(digest_of(path.read_bytes()), path.name)
    return path


def speed(codec: Codec, count: int, seconds: float) -> tuple[float, float]:
    """Milliseconds of CPU per frame and times real time, decoding ``count`` frames per call."""
    facts = codec.facts
    stream = codec.new_instance()
    random = np.random.default_rng(1)
    latents = random.standard_normal((1, facts.latent_dim, count)).astype(np.float32)
    calls = max(3, round(seconds * facts.sample_rate / facts.ratio / count))
    for _ in range(3):
        stream.decode(latents)
    found = []
    for _ in range(PASSES):
        begin = time.thread_time()
        for _ in range(calls):
            stream.decode(latents)
        found.append((time.thread_time() - begin) / (calls * count))
    return min(found) * 1e3, facts.ratio / facts.sample_rate / min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=6.0, help="sound decoded per pass")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = rave_sized(Path(folder))
        for label, name in (("RAVE-sized TorchScript", str(path)), ("builtin:bank", "builtin:bank")):
            begin = time.perf_counter()
            codec = load_codec(name)
            loading = time.perf_counter() - begin
            for count in COUNTS:
                per_frame, times = speed(codec, count, options.seconds)
                rows.append(
                    {
                        "codec": label,
                        "ratio": codec.facts.ratio,
                        "frames_per_call": count,
                        "cpu_ms_per_frame": round(per_frame, 3),
                        "times_real_time": round(times, 1),
                        "load_s": round(loading, 2),
                    }
                )
    parameters = sum(one.numel() for one in Decoder().parameters())
    if options.json:
        print(json.dumps({"parameters": parameters, "rows": rows}))
        return
    print(f"one thread, torch {torch.__version__}; RAVE-sized: {parameters / 1e6:.1f} M parameters")
    print(f"{'codec':<24}{'samples/frame':>14}{'frames/call':>13}{'CPU ms/frame':>14}{'x real time':>13}{'load s':>8}")
    for row in rows:
        print(
            f"{row['codec']:<24}{row['ratio']:>14}{row['frames_per_call']:>13}{row['cpu_ms_per_frame']:>14.3f}"
            f"{row['times_real_time']:>13.1f}{row['load_s']:>8.2f}"
        )


if __name__ == "__main__":
    main()
