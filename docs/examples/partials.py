"""64 partials of a tone, each with a vibrato of its own: 192 nodes and their sum play in a few calls."""

import soundfile

from latent_terrain import new

HERTZ, PARTIALS = 55.0, 64

it = new()
it.add("audio_out", "out")
before = ""
for number in range(1, PARTIALS + 1):
    hertz = HERTZ * number
    it.add("lfo", f"vibrato-{number}", rate=0.1 + 0.03 * number, low=hertz * 0.998, high=hertz * 1.002)
    it.add("sine", f"partial-{number}").add("gain", f"level-{number}", level=-32.0 - 20.0 * number / PARTIALS)
    it.connect(f"vibrato-{number}.out", f"partial-{number}.frequency", f"partial-{number}.out", f"level-{number}.audio")
    if before:
        it.add("add", f"sum-{number}")
        it.connect(f"{before}.out", f"sum-{number}.a", f"level-{number}.out", f"sum-{number}.b")
    before = f"sum-{number}" if before else f"level-{number}"
it.connect(f"{before}.out", "out.audio")
assert not it.problems, it.problems

sound = it.render(seconds=4)
soundfile.write("partials.wav", sound.T, 48_000)
it.save("partials.ltp")
print(f"partials.wav: {PARTIALS} partials of {HERTZ:g} Hz, peak {abs(sound).max():.2f}")
it.close()
