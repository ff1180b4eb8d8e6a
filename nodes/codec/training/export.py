"""From a trained network to the file that is played: whitened, labelled, and small.

Latents are turned and scaled so that every axis is N(0, 1) over what was learnt, the most telling one first; each
then gets the name of what it is heard to do. The level, which is no network's business, is the last one.
"""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ....graphs.file_write import write_file
from ..bank.codec import LAYOUT
from ..bank.decoder import BankDecoder
from ..bank.encoder import BankEncoder
from ..bank.layers import Weights, read_weights
from ..bank.layout import QUIETEST_DB as SILENCE_DB
from ..bank.layout import noise_centres, noise_shapes
from .analysis import Features, load_features
from .measure import QUIETEST_DB, onset_lag
from .model import Autoencoder, Shape
from .train import split

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[np.floating]]

TONES = ("A", "A♯", "B", "C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯")
# Random points that latents are named by.
DRAWN = 800
# Weights with which the decoder answers to latents it did not have before, as a share of those it has.
NEWCOMERS = 0.1
# A latent is named after what it does only if it correlates at least this much with it.
CLEAREST = 0.25


def export(checkpoint: Path, features: Path, weights: Path, shape: Shape | None = None) -> tuple[str, ...]:
    """Write ``weights`` (npz of half floats, no pickles) and return the labels of the latents."""
    model = Autoencoder(shape or Shape())
    model.load_state_dict(torch.load(checkpoint, weights_only=True))
    learning, _ = split(load_features(features))
    inner = model.shape.latents - 1
    arrays: Arrays = {name: array.numpy() for name, array in model.state_dict().items()}
    arrays["encoder.leave.weight"] = arrays["encoder.leave.weight"][:inner]
    arrays["encoder.leave.bias"] = arrays["encoder.leave.bias"][:inner]
    levels = [_decibels(part) for part in learning]
    sounding = [level > QUIETEST_DB for level in levels]
    latents = [z[:, loud] for z, loud in zip(_encode(model, learning), sounding, strict=True)]
    arrays |= _whitening(np.concatenate(latents, axis=1))
    loudness = np.concatenate([level[loud] for level, loud in zip(levels, sounding, strict=True)])
    arrays["level"] = np.array([loudness.mean(), loudness.std()])
    labels, signs = _labels(arrays)
    arrays["whiten"] = arrays["whiten"] * signs[:, None]
    arrays["unwhiten"] = arrays["unwhiten"] * signs
    halves = {name: array.astype(np.float16) for name, array in arrays.items()}
    ready = read_weights(halves)
    # of networks that have learned from one steady tone, say, no lag can be measured: they are not early, though
    lag = max(0, onset_lag(BankEncoder(ready, 1).encode, BankDecoder(ready, 1).decode))
    about = json.dumps({"layout": LAYOUT, "labels": [*labels, "loudness"], "encoder_latency": lag})
    held = io.BytesIO()
    np.savez_compressed(held, about=np.array(about), **halves)  # type: ignore[arg-type]
    write_file(weights, held.getvalue())
    return (*labels, "loudness")


def restore(weights: Weights, latents: int = 0) -> dict[str, torch.Tensor]:
    """A model's state from a codec's weights, to go on learning from; the spreads start small.

    latents: how many it is to have, level included, if more than the codec has. The new ones begin as weak random
    mixtures of what the encoder hears, which the decoder hardly answers to (seeded).
    """
    state = {}
    for name, array in weights.items():
        if name.startswith(("encoder.", "decoder.")):
            turned = array.transpose(2, 1, 0) if array.ndim == 3 else array
            state[name] = torch.from_numpy(turned.copy())
    kernel, bias, enter = (
        state[name] for name in ("encoder.leave.weight", "encoder.leave.bias", "decoder.enter.weight")
    )
    spread_bias = torch.full_like(bias, -3.0)
    more = max(0, latents - 1 - len(bias))
    rng = torch.Generator().manual_seed(0)
    drawn = torch.randn(more, *kernel.shape[1:], generator=rng) * kernel.std()
    answers = torch.randn(len(enter), more, enter.shape[2], generator=rng) * (NEWCOMERS * enter.std())
    state["encoder.leave.weight"] = torch.cat([kernel, drawn, torch.zeros(len(kernel) + more, *kernel.shape[1:])])
    state["encoder.leave.bias"] = torch.cat([bias, torch.zeros(more), spread_bias, torch.full((more,), -1.0)])
    state["decoder.enter.weight"] = torch.cat([enter, answers], dim=1)
    return state


def descriptions(amplitude: Floats, hertz: Floats, noise: Floats) -> Mapping[str, Floats]:
    """What one would say of moments of sound, whatever their level, one number each.

    amplitude, hertz: ``[moments, 112]``; noise: ``[moments, 32]``. Brightness and pitch in octaves, noise and the
    regions of the spectrum as shares of power in dB, density as the number of partials that matter, tones of the scale
    as shares of the partials' power in dB.
    """
    partial = amplitude**2 / 2
    hiss = noise**2 / 3 * noise_shapes().mean(axis=1)
    power = np.concatenate([partial, hiss], axis=1) + 1e-12
    octaves = np.log2(np.concatenate([hertz, np.broadcast_to(noise_centres(), noise.shape)], axis=1))
    total = power.sum(axis=1)
    centre = (power * octaves).sum(axis=1) / total
    classes = np.stack([partial[:, tone::12].sum(axis=1) for tone in range(12)], axis=1) + 1e-9

    def share(low: float, high: float) -> Floats:
        inside = (octaves >= np.log2(low)) & (octaves < np.log2(high))
        return np.asarray(10 * np.log10((power * inside).sum(axis=1) / total + 1e-6), dtype=np.float64)

    of_tones = 10 * np.log10(classes / classes.sum(axis=1, keepdims=True))
    tones = {f"tone {name}": of_tones[:, number] for number, name in enumerate(TONES)}
    return {
        "brightness": centre,
        "noisiness": 10 * np.log10((hiss.sum(axis=1) + 1e-9) / (partial.sum(axis=1) + 1e-9)),
        "pitch centre": (amplitude * np.log2(hertz)).sum(axis=1) / (amplitude.sum(axis=1) + 1e-9),
        "density": np.log(amplitude.sum(axis=1) ** 2 / ((amplitude**2).sum(axis=1) + 1e-12) + 1e-3),
        "width": np.sqrt((power * (octaves - centre[:, None]) ** 2).sum(axis=1) / total),
        "depth": share(20, 160),
        "warmth": share(160, 500),
        "body": share(500, 1200),
        "presence": share(1200, 3500),
        "edge": share(3500, 8000),
        "air": share(8000, 20000),
        "purity": 10 * np.log10(partial.max(axis=1) / (partial.sum(axis=1) + 1e-12) + 1e-6),
        "tonality": 10 * np.log10(classes.max(axis=1) / classes.sum(axis=1)),
    } | tones


def _encode(model: Autoencoder, parts: list[Features]) -> list[Floats]:
    with torch.no_grad():
        heard = (torch.from_numpy(part.heard.T.astype(np.float32))[None] for part in parts)
        return [model.encoder(one)[0][0].double().numpy() for one in heard]


def _decibels(features: Features) -> Floats:
    level = features.level.astype(np.float64)
    return np.asarray(20 * np.log10(np.maximum(level, 10 ** (SILENCE_DB / 20))), dtype=np.float64)


def _whitening(latents: Floats) -> Arrays:
    variance, axes = np.linalg.eigh(np.cov(latents))
    order = np.argsort(variance)[::-1]
    spread, axes = np.sqrt(variance[order]), axes[:, order]
    return {"mean": latents.mean(axis=1), "whiten": (axes / spread).T, "unwhiten": axes * spread}


def _labels(arrays: Arrays) -> tuple[tuple[str, ...], Floats]:
    """A name for every latent but the level, and +1 or −1: the direction in which there is more of it."""
    inner = len(arrays["mean"])
    drawn = np.random.default_rng(0).standard_normal((DRAWN, inner + 1)).astype(np.float32)
    drawn[:, -1] = 0.0
    decoder = BankDecoder(read_weights({name: array.astype(np.float16) for name, array in arrays.items()}), len(drawn))
    controls = decoder.controls(drawn)
    for _ in range(7):
        controls = decoder.controls(drawn)
    said = descriptions(*(np.asarray(control[:, -1], dtype=np.float64) for control in controls))
    table = np.array([[np.corrcoef(drawn[:, k], value)[0, 1] for value in said.values()] for k in range(inner)])
    names, signs = [f"latent {k + 1}" for k in range(inner)], np.ones(inner)
    free = np.abs(table)
    while free.max() >= CLEAREST:
        latent, word = np.unravel_index(free.argmax(), free.shape)
        names[latent], signs[latent] = list(said)[word], np.sign(table[latent, word])
        free[latent], free[:, word] = 0.0, 0.0
    return tuple(names), signs
