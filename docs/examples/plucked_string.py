"""A plucked string: a burst of noise goes round a loop that is as long as a period (Karplus and Strong 1983)."""

import soundfile

from latent_terrain import new

HERTZ, RATE = 440.0, 48_000.0

it = new()
it.add("noise", "noise", colour="white").add("metro", "pluck", tempo=60.0)
it.add("scale", "burst", in_low=0.0, in_high=0.01, out_low=1.0, out_high=0.0).add("multiply", "plucked")
it.add("add", "string").add("expr", "dull", formula="0.4985 * (in1 + x[-1])")
it.add("delay", "period", time=1000.0 * (RATE / HERTZ - 0.5) / RATE, max=100.0)
it.add("gain", "quiet", level=-12.0).add("audio_out", "out")
it.connect("noise.out", "plucked.a", "pluck.phase", "burst.audio", "burst.out", "plucked.b", "plucked.out", "string.a")
it.connect("string.out", "period.audio", "period.out", "dull.in1", "dull.out", "string.b")
it.connect("string.out", "quiet.audio", "quiet.out", "out.audio")
assert not it.problems, it.problems

sound = it.render(seconds=4)
soundfile.write("plucked.wav", sound.T, int(RATE))
it.save("plucked.ltp")
print(f"plucked.wav: a string at {HERTZ:g} Hz, plucked once a second, peak {abs(sound).max():.2f}")
it.close()
