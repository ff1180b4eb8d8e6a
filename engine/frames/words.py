"""What engine and frame worker write to each other in shared memory, word by word."""

from ..processes.shared import Layout

(
    POSTED,  # frames asked for so far; engine writes
    BLOCK_NS,  # nanoseconds of a device block; engine writes
    DONE,  # frames answered so far; worker writes, as all below
    EPOCH,  # which beginning of the stream READY belongs to
    READY,  # sound: absolute sample up to which the ring is filled
    FAULTS,  # frames that were no numbers or failed, and became silence
    SKIPPED,  # frames that came too late to be worth computing
    MOST_WAITING,  # frames that may wait before the older ones are given up; engine writes
    WORDS,
) = range(9)

# Frames that may wait for the worker; more means that it hangs.
SLOTS = 256
# How many of the latest computing times are kept.
TIMES = 256

# Words of a waiting frame: its sample, begin and end of its block, its epoch, when it was sent.
DUE, BEGIN, UNTIL, STREAM, SENT_NS, SLOT_WORDS = range(6)

# Rows of ``times``: nanoseconds to compute a frame, and from sending it to having its answer.
COMPUTING, ANSWERING = range(2)


def sound_layout(latents: int, channels: int, ring: int) -> Layout:
    """Memory of a stream from latents to sound. ring: samples, a power of two."""
    return {**_common(), "latents": ("<f4", (SLOTS, latents)), "sound": ("<f4", (channels, ring))}


def latent_layout(channels: int, latents: int, ring: int) -> Layout:
    """Memory of a stream from sound to latents. ring: samples, a power of two."""
    return {**_common(), "sound": ("<f4", (channels, ring)), "latents": ("<f4", (SLOTS, latents))}


def _common() -> Layout:
    return {"words": ("<i8", (WORDS,)), "slots": ("<i8", (SLOTS * SLOT_WORDS,)), "times": ("<i8", (2 * TIMES,))}
