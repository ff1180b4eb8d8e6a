"""Build a patch from nothing, render it, and keep both."""

from pathlib import Path

import soundfile

from latent_terrain import new

it = new()
it.add("lfo", "slow", rate=0.2).add("scale", "range", out_low=110.0, out_high=440.0)
it.add("sine", "tone").add("gain", "quiet", level=-12.0).add("audio_out", "out")
it.connect("slow.out", "range.audio", "range.out", "tone.frequency")
it.connect("tone.out", "quiet.audio", "quiet.out", "out.audio")
assert not it.problems, it.problems

sound = it.render(seconds=5)
soundfile.write("tone.wav", sound.T, 48_000)
it.save("tone.ltp")
print(f"{Path('tone.wav').resolve()}: {sound.shape[1]} samples, peak {abs(sound).max():.2f}")
it.close()
