"""Play a patch, store two snapshots of it, and glide from one to the other while it plays."""

import sys

from latent_terrain import play

device = sys.argv[1] if len(sys.argv) > 1 else None  # part of a sound device's name; "none" plays unheard

with play("walk", device) as it:
    it.snapshot("slow")
    it.map.rate = 2.0
    it.out.level = -12.0
    it.decoder.glide_to(seconds=0.5, even=1.0)
    it.snapshot("fast")
    it.recall("slow", seconds=2.0)
    print("blocks played:", it.status()["blocks"])
    print("the canvas walks at", it.map.rate, "and the playhead is at", it.shown("map", "places"))
    it.undo()
    print("after undo it walks at", it.map.rate)
