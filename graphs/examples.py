"""Examples: for each node type a small patch that lets it be heard or seen, drawn in a line or two of text.

A line is a chain of nodes with their values; ``tone.out > gain.audio`` are its cords. Types that need a map, a
terrain or takes are heard in a starter patch instead, which has them trained.
"""

from collections.abc import Mapping

from .arrange import insert_on_cord
from .edits import add_node, connect, set_value
from .files import load_file
from .patch import Cord, Patch
from .starters import STARTERS

COLUMN, ROW = 250.0, 260.0
# Quiet enough to be pressed by surprise.
OUT = "out: audio_out level=-14"
PULSE = "tone: sine frequency=330; pulse: lfo shape=square rate=1.5 low=0 high=1; hit: multiply"
HIT = "tone.out > hit.a, pulse.out > hit.b"
VOICES = (
    "voice/pitch: param value=220; voice/loudness: inlet; voice/tone: sine; voice/amp: multiply; voice/sound: outlet; "
    f"slow: lfo rate=0.3 low=0 high=1; fast: lfo low=0 high=1; low: voice; high: voice pitch=330; add; {OUT} | "
    "voice/pitch.out > voice/tone.frequency, voice/tone.out > voice/amp.a, voice/loudness.out > voice/amp.b, "
    "voice/amp.out > voice/sound.audio, slow.out > low.loudness, fast.out > high.loudness, low.sound > add.a, "
    "high.sound > add.b, add.out > out.audio"
)

DRAWN: Mapping[str, str] = {
    "add": f"low: sine frequency=220; high: sine frequency=330; add; {OUT} | low.out > add.a, high.out > add.b, "
    "add.out > out.audio",
    "audio_in": "audio_in; meter | audio_in.out > meter.audio",
    "calibrate": f"moved: lfo rate=0.5 low=200 high=800; calibrate low=220 high=440 learning=on; tone: sine; {OUT} | "
    "moved.out > calibrate.audio, calibrate.out > tone.frequency, tone.out > out.audio",
    "delay": f"{PULSE}; delay time=340; mix level_2=-6; {OUT} | {HIT}, hit.out > mix.audio_1, hit.out > delay.audio, "
    "delay.out > mix.audio_2, mix.out > out.audio",
    "expr": f"expr formula=0.5*sin(twopi*phasor(110)+p1*y[-1]) p1=2.0; {OUT} | expr.out > out.audio",
    "faust": f"{PULSE}; reverb: faust; mix level_2=-6; {OUT} | {HIT}, hit.out > reverb.audio, hit.out > mix.audio_1, "
    "reverb.out > mix.audio_2, mix.out > out.audio",
    "file_recorder": f"tone: sine frequency=220; file_recorder channels=1; {OUT} | tone.out > file_recorder.audio, "
    "tone.out > out.audio",
    "gain": f"noise colour=pink; gain level=-9; {OUT} | noise.out > gain.audio, gain.out > out.audio",
    "gamepad": f"gamepad; stick: pick; pitch: scale in_low=-1 in_high=1 out_low=110 out_high=440; tone: sine; {OUT} | "
    "gamepad.left > stick.audio, stick.out > pitch.audio, pitch.out > tone.frequency, tone.out > out.audio",
    "inlet": VOICES,
    "join": f"left: sine frequency=220; right: sine frequency=330; join; {OUT} | left.out > join.a, "
    "right.out > join.b, join.out > out.audio",
    "keyboard": f"keyboard note=57 gate=1; soft: smooth time=10; tone: sine; note: multiply; {OUT} | "
    "keyboard.frequency > tone.frequency, keyboard.gate > soft.audio, tone.out > note.a, soft.out > note.b, "
    "note.out > out.audio",
    "lfo": f"lfo rate=0.5 low=220 high=440; tone: sine; {OUT} | lfo.out > tone.frequency, tone.out > out.audio",
    "line": f"metro tempo=90; step: multiply value=40; line time=400 start=220; tone: sine; {OUT} | "
    "metro.out > line.target, line.out > step.a, step.out > tone.frequency, tone.out > out.audio",
    "median": f"steps: lfo shape=square rate=1 low=220 high=440; median window=200.0; tone: sine; {OUT} | "
    "steps.out > median.audio, median.out > tone.frequency, tone.out > out.audio",
    "meter": f"{PULSE}; meter; {OUT} | {HIT}, hit.out > meter.audio, meter.out > out.audio",
    "metro": f"metro tempo=120; tone: sine frequency=440; fade: scale out_low=1 out_high=0 curve=0.3; hit: multiply; "
    f"{OUT} | metro.phase > fade.audio, tone.out > hit.a, fade.out > hit.b, hit.out > out.audio",
    "midi_in": f"midi_in value=0.5 low=110 high=440; tone: sine; {OUT} | midi_in.out > tone.frequency, "
    "tone.out > out.audio",
    "midi_out": "lfo rate=0.5 low=0 high=1; midi_out; scope | lfo.out > midi_out.value, midi_out.out > scope.audio",
    "mix": f"low: sine frequency=220; middle: sine frequency=275; high: sine frequency=330; mix level_3=-12; {OUT} | "
    "low.out > mix.audio_1, middle.out > mix.audio_2, high.out > mix.audio_3, mix.out > out.audio",
    "model": f"tone: sine frequency=220; model dry=1; {OUT} | tone.out > model.audio, model.out > out.audio",
    "multiply": f"one: sine frequency=220; two: sine frequency=97; multiply; {OUT} | one.out > multiply.a, "
    "two.out > multiply.b, multiply.out > out.audio",
    "noise": f"noise colour=pink; {OUT} | noise.out > out.audio",
    "one_euro": f"steps: lfo shape=square rate=1 low=220 high=440; one_euro min_cutoff=0.5 beta=0.005; tone: sine; "
    f"{OUT} | steps.out > one_euro.audio, one_euro.out > tone.frequency, tone.out > out.audio",
    "osc_in": f"osc_in a=0.5 low=110 high=440; tone: sine; {OUT} | osc_in.out > tone.frequency, tone.out > out.audio",
    "osc_out": "lfo rate=0.5 low=0 high=1; osc_out; scope | lfo.out > osc_out.audio, osc_out.out > scope.audio",
    "outlet": VOICES,
    "pad": f"pad; across: pick; pitch: scale in_low=-16 in_high=16 out_low=110 out_high=440; tone: sine; {OUT} | "
    "pad.xy > across.audio, across.out > pitch.audio, pitch.out > tone.frequency, tone.out > out.audio",
    "pan": f"tone: sine frequency=330; lfo rate=0.5; pan; {OUT} | tone.out > pan.audio, lfo.out > pan.place, "
    "pan.out > out.audio",
    "param": VOICES,
    "phasor": f"phasor frequency=2; fade: scale out_low=1 out_high=0; noise; hit: multiply; {OUT} | "
    "phasor.out > fade.audio, noise.out > hit.a, fade.out > hit.b, hit.out > out.audio",
    "pick": f"left: sine frequency=220; right: sine frequency=330; join; pick channel=2; {OUT} | left.out > join.a, "
    "right.out > join.b, join.out > pick.audio, pick.out > out.audio",
    "reduce": "low: lfo rate=0.3; high: lfo rate=0.7; middle: lfo rate=0.5; join; take: record; reduce; x: pick; "
    f"pitch: scale in_low=-16 in_high=16 out_low=110 out_high=440; tone: sine; {OUT} | low.out > join.a, "
    "middle.out > join.b, high.out > join.c, join.out > take.input, take.takes > reduce.trajectories, "
    "join.out > reduce.audio, reduce.out > x.audio, x.out > pitch.audio, pitch.out > tone.frequency, "
    "tone.out > out.audio",
    "rotate": f"{PULSE.replace('1.5', '8')}; round: lfo shape=saw rate=0.5; rotate speakers=4; {OUT} | {HIT}, "
    "hit.out > rotate.audio, round.out > rotate.place, rotate.out > out.audio",
    "scale": f"lfo rate=0.5; scale out_low=220 out_high=880 curve=2; tone: sine; {OUT} | lfo.out > scale.audio, "
    "scale.out > tone.frequency, tone.out > out.audio",
    "scope": f"tone: sine frequency=110; scope; {OUT} | tone.out > scope.audio, scope.out > out.audio",
    "sine": f"sine frequency=220; {OUT} | sine.out > out.audio",
    "slider": f"slider value=220; tone: sine; {OUT} | slider.out > tone.frequency, tone.out > out.audio",
    "smooth": f"steps: lfo shape=square rate=1 low=220 high=440; smooth time=120; tone: sine; {OUT} | "
    "steps.out > smooth.audio, smooth.out > tone.frequency, tone.out > out.audio",
    "sound_player": "sound_player file=bundled:04-beat.flac loop=on; out: audio_out | sound_player.audio > out.audio",
    "split": f"left: sine frequency=220; right: sine frequency=331; join; split; mix level_2=-12; {OUT} | "
    "left.out > join.a, right.out > join.b, join.out > split.audio, split.a > mix.audio_1, split.b > mix.audio_2, "
    "mix.out > out.audio",
    "timeout": "sensor: slider value=440; walk: lfo rate=0.5 low=220 high=330; timeout seconds=2 fade=3; tone: sine; "
    f"{OUT} | sensor.out > timeout.audio, walk.out > timeout.other, timeout.out > tone.frequency, tone.out > out.audio",
}
# A line has no room for programs.
REVERB = """import("stdfaust.lib");
time = hslider("time [unit:s] [scale:log]", 2, 0.2, 20, 0.01);
process = re.zita_rev1_stereo(20, 200, 6000, time, time, 48000);
"""
IN_STARTERS: Mapping[str, str] = {
    "audio_out": "walk",
    "decoder": "walk",
    "encode": "walk",
    "gui": "walk",
    "terrain": "walk",
    "latent_smooth": "points",
    "record": "points",
    "spread": "choir",
    "timeline": "granulator",
}


def example(type_: str) -> Patch | None:
    """A patch that uses a node type; None for types without one. Raises PatchFileError for a starter that is gone."""
    if type_ in DRAWN:
        patch = drawn(DRAWN[type_])
        return set_value(patch, "reverb", "code", REVERB) if type_ == "faust" else patch
    if type_ in IN_STARTERS:
        return load_file(STARTERS[IN_STARTERS[type_]].file)
    walk = load_file(STARTERS["walk"].file) if type_ in ("latent_scale", "locate") else None
    if walk is not None and type_ == "latent_scale":
        walk = add_node(walk, "latent_scale", "latent_scale", {"scale": 1.3}, (780, 320))
        return insert_on_cord(walk, Cord("terrain.out", "decoder.latents"), "latent_scale", "latents", "out")
    if walk is not None:
        walk = set_value(walk, "map", "mode", "outside")
        walk = add_node(walk, "audio_in", "voice", position=(0, 700))
        walk = add_node(walk, "locate", "locate", position=(260, 700))
        for source, target in (
            ("voice.out", "locate.audio"),
            ("map.coordinates", "locate.coordinates"),
            ("sounds.latents", "locate.latents"),
            ("locate.xy", "map.outside"),
        ):
            walk = connect(walk, source, target)
    return walk


def drawn(text: str) -> Patch:
    """A patch of a line: ``[name:] type key=value …; … | node.port > node.port, …``.

    Each node stands right of its sources.
    """
    nodes, _, cords = text.partition("|")
    ends = [tuple(part.strip() for part in cord.split(">")) for cord in cords.split(",")]
    patch, columns, taken = Patch(), dict[str, int](), dict[int, int]()
    for words in nodes.split(";"):
        name, _, rest = words.strip().rpartition(": ")
        type_, *values = rest.split()
        name = name or type_
        before = [columns.get(source.partition(".")[0], 0) for source, target in ends if target.startswith(f"{name}.")]
        columns[name] = column = max(before, default=-1) + 1
        row = taken[column] = taken.get(column, -1) + 1
        given = {key: _value(value) for key, _, value in (one.partition("=") for one in values)}
        patch = add_node(patch, type_, name, given, (column * COLUMN, row * ROW))
    for source, target in ends:
        patch = connect(patch, source, target)
    return patch


def _value(text: str) -> float | bool | str:
    if text in ("on", "off"):
        return text == "on"
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text
