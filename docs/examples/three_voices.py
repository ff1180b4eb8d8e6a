"""A definition used three times: one voice at three pitches, each with a loudness and a vibrato of its own."""

import soundfile

from latent_terrain import new

it = new()
it.add("param", "voice/pitch", value=220.0).add("param", "voice/level", value=-18.0).add(
    "param", "voice/rate", value=4.0
)
it.add("lfo", "voice/vibrato", low=0.997, high=1.003).add("multiply", "voice/hertz").add("sine", "voice/tone")
it.add("gain", "voice/quiet").add("outlet", "voice/sound")
it.connect("voice/rate.out", "voice/vibrato.rate", "voice/level.out", "voice/quiet.level")
it.connect("voice/pitch.out", "voice/hertz.a", "voice/vibrato.out", "voice/hertz.b")
it.connect("voice/hertz.out", "voice/tone.frequency", "voice/tone.out", "voice/quiet.audio")
it.connect("voice/quiet.out", "voice/sound.audio")

it.add("voice", "low", pitch=220.0, rate=3.0).add("voice", "middle", pitch=277.18).add("voice", "high", pitch=329.63)
it.add("mix", "chord").add("audio_out", "out")
it.connect("low.sound", "chord.audio_1", "middle.sound", "chord.audio_2", "high.sound", "chord.audio_3")
it.connect("chord.out", "out.audio")
it["high"].level = -12.0
assert not it.problems, it.problems

sound = it.render(seconds=4)
soundfile.write("three_voices.wav", sound.T, 48_000)
it.save("three_voices.ltp")
print(f"three_voices.wav: a chord of one voice, peak {abs(sound).max():.2f}")
it.close()
