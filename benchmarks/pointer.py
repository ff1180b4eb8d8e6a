"""From the hand to the ear: how long after a pointer's move the sound of another place is heard, end to end.

Run: .venv/bin/python benchmarks/pointer.py [--moves 100] [--block 128] [--codec-rate 44100] [--codec NAME] [--json]
Needs jackd (Debian: jackd2). An engine in a process of its own plays a terrain and a codec as heavy as RAVE (frames of
2048 samples) on jackd's dummy device; its output is wired to an input of this process. A client moves the
coordinate over the middle of the land at random moments; on the other side the codec sounds six times as loud. Counted
is from just before the client's call to the callback that brings the first loud sample: parsing, gliding of the param
(10 ms, of which the land's edge is met after 5), waiting for the next frame, decoding, lookahead, output, and one block
of the input, all in one clock (CLOCK_MONOTONIC). Error: at most one block (the callback's own) and a millisecond (the
tone's period, 2.3 ms, has two crests). The classical chain holds the coordinate for up to R, then adds two buffers of
R: 2.5 R on average. Target: R / 2 + 25 ms on average.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp(prefix="latent-terrain-benchmark-")  # what is allowed here is forgotten

import numpy as np

from latent_terrain.nodes.codec.trust import digest_of, trust

RATE, QUIET, LOUD = 48_000, 0.1, 0.6
SETTLING_SECONDS = 3.0
OWN = "builtin:sounds"


def save_codec(path: Path, rate: int) -> None:
    """Quiet where the first latent is below 0, loud above; as heavy as RAVE."""
    import torch
    from render_speed import LATENT, RATIO, Decoder
    from torch import Tensor, nn

    class Stepping(nn.Module):
        tone: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.heavy, self.rate = Decoder(), rate
            phase = torch.arange(RATIO) / RATIO * 2 * torch.pi * 20
            self.register_buffer("tone", torch.sin(phase).reshape(1, 1, RATIO))
            self.register_buffer("decode_params", torch.tensor([LATENT, RATIO, 1, 1]))

        @torch.jit.export
        def get_methods(self) -> list[str]:
            return ["decode"]

        @torch.jit.export
        def get_sample_rate(self) -> int:
            return self.rate

        @torch.jit.export
        def decode(self, z: Tensor) -> Tensor:
            noise = self.heavy.decode(z)
            level = torch.where(z[:, :1] > 0, 0.6, 0.1).repeat_interleave(2048, -1)
            return self.tone.repeat(z.shape[0], 1, z.shape[2]) * level + 1e-7 * noise

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(Stepping().eval()).save(str(path))
        trust(digest_of(path.read_bytes()), path.name)


def with_sounds(folder: Path) -> tuple[Any, Any, Any]:
    """A patch with a quiet and a loud tone for ``builtin:sounds``, and the latents of the middle of both."""
    import soundfile

    from latent_terrain.engine import load_palette
    from latent_terrain.engine.offline import offline_setup
    from latent_terrain.engine.training.jobs import run_jobs
    from latent_terrain.graphs import Patch, add_node
    from latent_terrain.nodes.encode import encoded

    tone = np.sin(np.arange(4 * RATE) / RATE * 2 * np.pi * 440)
    for name, level in (("a-quiet", QUIET), ("b-loud", LOUD)):
        soundfile.write(str(folder / f"{name}.wav"), level * tone, RATE, subtype="FLOAT")
    values = {"codec": "builtin:sounds", "sounds": ["a-quiet.wav", "b-loud.wav"]}
    patch = add_node(Patch(), "encode", "sounds", values)
    patch = run_jobs(patch, load_palette(), offline_setup(patch, folder)).patch
    quiet, loud = encoded(patch.nodes["sounds"].content).values()
    return patch, quiet[len(quiet) // 2], loud[len(loud) // 2]


def patch_for(codec: Path | str, folder: Path) -> Any:
    """
    x, y (sliders) --> place --> land --> voice --> out
    """
    from latent_terrain.graphs import Patch, add_node, connect
    from latent_terrain.nodes.terrain.dataset import Pairs
    from latent_terrain.nodes.terrain.network import TerrainShape
    from latent_terrain.nodes.terrain.training import fit

    x = np.stack([np.linspace(-10, 10, 200), np.zeros(200)], 1).astype(np.float32)
    patch, low, high = Patch(), np.full(16, -2.0), np.full(16, 2.0)
    if codec == OWN:
        patch, low, high = with_sounds(folder)
    z = ((low + high) / 2 + (high - low) / 2 * np.tanh(x[:, :1])).astype(np.float32)
    weights = fit(Pairs(x, z, (200,)), TerrainShape(2, z.shape[1]), steps=200).weights
    for name, type_, values in (
        ("x", "slider", {"value": -6.0}),
        ("y", "slider", {"value": 0.0}),
        ("place", "join", {}),
        ("voice", "decoder", {"codec": str(codec)}),
        ("out", "audio_out", {}),
    ):
        patch = add_node(patch, type_, name, values)
    content = {f"learn/{name}": array for name, array in weights.items()}
    patch = add_node(patch, "terrain", "land", content=content)
    for source, target in (
        ("x.out", "place.a"),
        ("y.out", "place.b"),
        ("place.out", "land.position"),
        ("land.out", "voice.latents"),
        ("voice.out", "out.audio"),
    ):
        patch = connect(patch, source, target)
    return patch


class Ear:
    """An input that keeps what it hears, and when each block of it came."""

    def __init__(self, block: int, seconds: float) -> None:
        import sounddevice

        self.sound = np.zeros(int(seconds * RATE), np.float32)
        self.times = np.zeros(int(seconds * RATE / block) + 1)
        self.blocks, self.size = 0, block
        self._stream = sounddevice.InputStream(
            RATE, block, device="system", channels=1, dtype="float32", callback=self._hear
        )

    def start(self) -> None:
        self._stream.start()

    def stop(self) -> None:
        self._stream.stop()

    def _hear(self, heard: np.ndarray, count: int, when: object, status: object) -> None:
        begin = self.blocks * self.size
        if begin + count <= len(self.sound) and self.blocks < len(self.times):
            self.sound[begin : begin + count] = heard[:, 0]
            self.times[self.blocks] = time.monotonic()
            self.blocks += 1

    def loud_after(self, moment: float) -> float:
        """Seconds from a moment to the callback that brought the first loud sample after it; NaN if none did."""
        first = int(np.searchsorted(self.times[: self.blocks], moment))
        loud = np.abs(self.sound[first * self.size : self.blocks * self.size]) > (QUIET + LOUD) / 2
        if not loud.any():
            return float("nan")
        block = first + int(np.argmax(loud)) // self.size
        return float(self.times[block] - moment)


def wire() -> None:
    """Lead the engine's first output to our input."""
    ports = subprocess.run(["jack_lsp"], capture_output=True, text=True, check=True).stdout.split()
    source = next(port for port in ports if port.endswith(":out_0"))
    target = next(port for port in ports if port.endswith(":in_0"))
    subprocess.run(["jack_disconnect", "system:capture_1", target], capture_output=True, check=False)
    subprocess.run(["jack_connect", source, target], capture_output=True, check=True)


def inside(moves: int, block: int, rate: int, folder: Path, codec: Path | str) -> dict[str, Any]:
    """The measurement, in a process that JACK's server is told to."""
    from latent_terrain.engine.session import Client
    from latent_terrain.engine.session.client import Hosting

    if codec != OWN:
        codec = folder / "stepping.ts"
        save_codec(codec, rate)
    ear = Ear(block, moves * 0.9 + 3 * SETTLING_SECONDS + 60)
    news: list[str] = []
    hosting = Hosting(str(folder), "system", "none", RATE, block, linger_seconds=5.0)
    client = Client.start(patch_for(codec, folder), hosting, lambda one: news.append(str(one.get("text", ""))))
    client.wait(60.0)
    # The ear is a JACK client of this process: while a thread here holds Python, or a collection of all that torch has
    # brought goes on, its block is late, and JACK tells every client of it as an xrun of theirs.
    sys.setswitchinterval(0.0001)
    gc.collect()
    gc.freeze()
    ear.start()
    time.sleep(SETTLING_SECONDS)
    wire()
    time.sleep(SETTLING_SECONDS)
    random = np.random.default_rng(1)
    moments = []
    for _ in range(moves):
        time.sleep(float(random.uniform(0.25, 0.45)))
        moments.append(time.monotonic())
        client.turn("x", "value", 6.0)
        time.sleep(float(random.uniform(0.25, 0.45)))
        client.turn("x", "value", -6.0)
    time.sleep(0.5)
    status = dict(client.status())
    client.close(stops_engine=True)
    ear.stop()
    found = np.array([ear.loud_after(moment) for moment in moments]) * 1000
    heard = found[np.isfinite(found)]
    frame_ms = 1000 * (1024 if codec == OWN else 2048) / rate
    assert len(heard), f"nothing was heard; the engine said: {news}"
    return {
        "moves": moves,
        "heard": len(heard),
        "block": block,
        "mean_ms": round(float(heard.mean()), 1),
        **{f"p{share}_ms": round(float(np.percentile(heard, share)), 1) for share in (5, 50, 95, 99)},
        "codec_rate": rate,
        "target_mean_ms": round(frame_ms / 2 + 25, 1),
        "classical_mean_ms": round(2.5 * frame_ms, 1),
        "latency_ms": status["latency_ms"],
        "xruns": status["xruns"],
        "late_frames": status["late_frames"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--block", type=int, default=128)
    parser.add_argument("--codec-rate", type=int, default=44_100, help="Hz; another than 48000 is converted")
    parser.add_argument("--codec", choices=("heavy", OWN), default="heavy", help="the heavy one, or own sounds")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside is not None:
        print(json.dumps(inside(options.moves, options.block, options.codec_rate, options.inside, options.codec)))
        sys.stdout.flush()
        os._exit(0)  # PortAudio and a JACK server that is about to go do not part well
    from live import Jack

    with tempfile.TemporaryDirectory() as folder:
        jack = Jack(options.block, Path(folder) / "jack.log")
        words = [sys.executable, __file__, "--inside", folder, "--moves", str(options.moves)]
        words += ["--codec-rate", str(options.codec_rate), "--codec", options.codec]
        try:
            done = subprocess.run(
                [*words, "--block", str(options.block)],
                env=jack.environment,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            jack.stop()
    if done.returncode or not done.stdout.strip():
        raise SystemExit(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    if options.json:
        print(json.dumps(found, indent=2))
        return
    print(
        f"{found['heard']} of {found['moves']} moves heard: mean {found['mean_ms']} ms "
        f"(target {found['target_mean_ms']}, classical chain {found['classical_mean_ms']}), "
        f"p5 {found['p5_ms']}, p50 {found['p50_ms']}, p95 {found['p95_ms']}, p99 {found['p99_ms']} ms; "
        f"latency as told {found['latency_ms']}, xruns {found['xruns']}, late frames {found['late_frames']}"
    )


if __name__ == "__main__":
    main()
