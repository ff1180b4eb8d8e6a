"""A formula oscillator with feedback: a sine whose phase is moved by what it gave last, to a saw and back."""

import soundfile

from latent_terrain import new

it = new()
it.add("lfo", "more", rate=0.25, low=0.0, high=1.2)
it.add("expr", "tone", formula="0.3 * sin(twopi * phasor(110) + p1 * (y[-1] + y[-2]) / 0.6)").add("audio_out", "out")
it.connect("more.out", "tone.p1", "tone.out", "out.audio")
assert not it.problems, it.problems

sound = it.render(seconds=4)
soundfile.write("feedback.wav", sound.T, 48_000)
it.save("feedback.ltp")
print(f"feedback.wav: 110 Hz, from a sine to a saw and back, peak {abs(sound).max():.2f}")
it.close()
