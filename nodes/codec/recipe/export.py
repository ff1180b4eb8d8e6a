"""From a trained network to the file that ships: whitened, levelled, labelled, and small.

Latents are turned and scaled so that every axis is N(0, 1) over what was learnt, the most telling one first; each
then gets the name of what it is heard to do.
"""

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..bank.decoder import BankDecoder
from ..bank.encoder import BankEncoder
from ..bank.layers import read_weights
from ..bank.layout import HOPS_PER_FRAME, LATENTS, NOISE_BANDS, PARTIALS, noise_centres, noise_shapes
from .analysis import Features, load_features
from .measure import onset_lag
from .model import Autoencoder, shape_controls
from .train import split

Floats = NDArray[np.float64]

CLEAREST = 0.3
"""A latent is named after what it does only if it correlates at least this much with it."""
QUIETEST_DB = -40.0
"""Frames below this level in dBFS say nothing about where the land lies."""
GAIN_RANGE = (0.5, 4.0)


def export(checkpoint: Path, features: Path, weights: Path) -> tuple[str, ...]:
    """Write ``weights`` (npz of half floats, no pickles) and return the labels of the latents."""
    model = Autoencoder()
    model.load_state_dict(torch.load(checkpoint, weights_only=True))
    learning, _ = split(load_features(features))
    arrays = {name: array.numpy() for name, array in model.state_dict().items()}
    arrays["encoder.leave.weight"] = arrays["encoder.leave.weight"][:LATENTS]
    arrays["encoder.leave.bias"] = arrays["encoder.leave.bias"][:LATENTS]
    latents = _encode(model, learning)
    arrays |= _whitening(
        np.concatenate([z[:, _sounds(part)] for z, part in zip(latents, learning, strict=True)], axis=1)
    )
    arrays["partial_gain"], arrays["noise_gain"] = _missing_gain(model, latents, learning)
    labels, signs = _labels(arrays)
    arrays["whiten"] = arrays["whiten"] * signs[:, None]
    arrays["unwhiten"] = arrays["unwhiten"] * signs
    halves = {name: array.astype(np.float16) for name, array in arrays.items()}
    ready = read_weights(halves)
    lag = onset_lag(BankEncoder(ready, 1).encode, BankDecoder(ready, 1).decode)
    about = json.dumps({"labels": labels, "encoder_latency": lag})
    part = weights.with_suffix(".part.npz")
    np.savez_compressed(part, about=np.array(about), **halves)
    part.replace(weights)
    return labels


def descriptions(amplitude: Floats, hertz: Floats, noise: Floats) -> dict[str, Floats]:
    """What one would say of moments of sound, one number each.

    amplitude, hertz: ``[moments, 112]``; noise: ``[moments, 32]``. Loudness in dB, brightness and pitch in
    octaves, noise as a share of power in dB, density as the number of partials that matter.
    """
    partial = amplitude**2 / 2
    hiss = noise**2 / 3 * noise_shapes().mean(axis=1)
    power = np.concatenate([partial, hiss], axis=1) + 1e-12
    octaves = np.log2(np.concatenate([hertz, np.broadcast_to(noise_centres(), noise.shape)], axis=1))
    total = power.sum(axis=1)
    return {
        "loudness": 10 * np.log10(total),
        "brightness": (power * octaves).sum(axis=1) / total,
        "noise": 10 * np.log10((hiss.sum(axis=1) + 1e-9) / (partial.sum(axis=1) + 1e-9)),
        "pitch": (amplitude * np.log2(hertz)).sum(axis=1) / (amplitude.sum(axis=1) + 1e-9),
        "density": np.log(amplitude.sum(axis=1) ** 2 / ((amplitude**2).sum(axis=1) + 1e-12) + 1e-3),
        "depth": 10 * np.log10(power[:, octaves[0] < np.log2(200)].sum(axis=1) / total),
        "air": 10 * np.log10(power[:, octaves[0] > np.log2(4000)].sum(axis=1) / total),
    }


def _encode(model: Autoencoder, parts: list[Features]) -> list[Floats]:
    with torch.no_grad():
        return [model.encoder(torch.from_numpy(part.mel.T.copy())[None])[0][0].double().numpy() for part in parts]


def _sounds(features: Features) -> NDArray[np.bool_]:
    """Which frames are loud enough for the axes to be laid through them: silence is left at the edge of the land."""
    hiss = features.noise**2 @ noise_shapes().mean(axis=1) / 3
    power = (features.amplitude**2).sum(axis=1) / 2 + hiss
    return np.asarray(10 * np.log10(power[HOPS_PER_FRAME - 1 :: HOPS_PER_FRAME] + 1e-12) > QUIETEST_DB)


def _whitening(latents: Floats) -> dict[str, NDArray[np.float64]]:
    variance, axes = np.linalg.eigh(np.cov(latents))
    order = np.argsort(variance)[::-1]
    spread, axes = np.sqrt(variance[order]), axes[:, order]
    return {"mean": latents.mean(axis=1), "whiten": (axes / spread).T, "unwhiten": axes * spread}


def _missing_gain(model: Autoencoder, latents: list[Floats], parts: list[Features]) -> tuple[Floats, Floats]:
    """What every partial and band must be raised by so that its energy over all sounds is right, smoothed."""
    wanted, played = np.zeros(PARTIALS + NOISE_BANDS), np.zeros(PARTIALS + NOISE_BANDS)
    for latent, part in zip(latents, parts, strict=True):
        with torch.no_grad():
            raw = model.decoder(torch.from_numpy(latent.astype(np.float32))[None])
            amplitude, _, noise = shape_controls(raw)
        wanted += np.concatenate([(part.amplitude**2).sum(axis=0), (part.noise**2).sum(axis=0)])
        played += np.concatenate([(amplitude[0] ** 2).sum(1).numpy(), (noise[0] ** 2).sum(1).numpy()])

    def ratio(start: int, end: int, width: int) -> Floats:
        window = np.hanning(width + 2)
        up, down = (np.convolve(np.pad(e[start:end], width, mode="edge"), window, "same") for e in (wanted, played))
        return np.clip(np.sqrt(up / down)[width:-width], *GAIN_RANGE)

    return ratio(0, PARTIALS, 13), ratio(PARTIALS, PARTIALS + NOISE_BANDS, 5)


def _labels(arrays: dict[str, NDArray[np.float64]]) -> tuple[tuple[str, ...], Floats]:
    """A name for every latent, and +1 or −1: the direction in which there is more of it."""
    random = np.random.default_rng(0)
    drawn = random.standard_normal((2000, LATENTS, 1)).repeat(8, axis=2).astype(np.float32)
    weights = read_weights({name: array.astype(np.float16) for name, array in arrays.items()})
    controls = BankDecoder(weights, len(drawn)).controls(drawn)
    said = descriptions(*(np.asarray(control[:, -1], dtype=np.float64) for control in controls))
    table = np.array([[np.corrcoef(drawn[:, k, 0], value)[0, 1] for value in said.values()] for k in range(LATENTS)])
    names, signs = [f"latent {k + 1}" for k in range(LATENTS)], np.ones(LATENTS)
    free = np.abs(table)
    while free.max() >= CLEAREST:
        latent, word = np.unravel_index(free.argmax(), free.shape)
        names[latent], signs[latent] = list(said)[word], np.sign(table[latent, word])
        free[latent], free[:, word] = 0.0, 0.0
    return tuple(names), signs
