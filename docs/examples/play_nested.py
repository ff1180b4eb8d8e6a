"""A definition inside a definition, edited while it plays: what is edited once is heard in every instance."""

import sys
from contextlib import closing

import soundfile

from latent_terrain import new

device = sys.argv[1] if len(sys.argv) > 1 else None  # part of a sound device's name; "none" plays unheard

it = new()
it.add("param", "tone/pitch", value=220.0).add("sine", "tone/first").add("gain", "tone/quiet", level=-18.0)
it.add("outlet", "tone/sound")
it.connect("tone/pitch.out", "tone/first.frequency", "tone/first.out", "tone/quiet.audio")
it.connect("tone/quiet.out", "tone/sound.audio")
it.add("tone", "chord/low", pitch=220.0).add("tone", "chord/high", pitch=330.0).add("add", "chord/sum")
it.add("outlet", "chord/sound")
it.connect("chord/low.sound", "chord/sum.a", "chord/high.sound", "chord/sum.b", "chord/sum.out", "chord/sound.audio")
it.add("chord", "one").add("audio_out", "out").connect("one.sound", "out.audio")

with closing(it.play(device)):
    it.add("multiply", "tone/twice", value=2.0).add("sine", "tone/second").add("add", "tone/both")
    it.connect("tone/pitch.out", "tone/twice.a", "tone/twice.out", "tone/second.frequency")
    it.connect("tone/first.out", "tone/both.a", "tone/second.out", "tone/both.b", "tone/both.out", "tone/quiet.audio")
    it["chord/high"].glide_to(0.5, pitch=275.0)
    assert not it.problems, it.problems
    print("blocks played:", it.status()["blocks"])

    sound = it.render(seconds=2)
    soundfile.write("play_nested.wav", sound.T, 48_000)
    it.save("play_nested.ltp")
    print(f"play_nested.wav: both tones have an octave now, peak {abs(sound).max():.2f}")
