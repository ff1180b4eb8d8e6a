"""Learn the same sounds three ways, and hear how smoothly each land moves: a small experiment."""

import numpy as np

from latent_terrain import load

it = load("walk")
for gauss in (0.02, 0.06, 0.15):
    it.terrain.gauss = gauss
    it.teach("terrain")
    sound = it.render(seconds=4).mean(0)
    spectra = np.abs(np.fft.rfft(sound[: len(sound) // 2048 * 2048].reshape(-1, 2048) * np.hanning(2048)))
    spectra /= spectra.sum(1, keepdims=True) + 1e-9
    change = np.abs(np.diff(spectra, axis=0)).sum(1).mean()
    print(f"gauss {gauss:.2f}: the spectrum changes by {change:.3f} from one moment to the next")
it.close()
