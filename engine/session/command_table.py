"""The commands that may come from outside: a row for each, of which OSC, OSCQuery, the prompt and the docs tell.

What they do is in ``ui/control/run_commands.py``; what listens for OSC does a few itself.
"""

from dataclasses import dataclass

SLOT = "slot (a number or a word)"
FOLDER = "in the folder of the patch that plays, and nowhere else"
ENCODER = "a node, if several have sounds"
SHARED = "and those who take part in Link"


@dataclass(frozen=True)
class Command:
    """help: what it does. takes, types: its arguments in words, and those that it can't do without as OSC's letters.

    script: how it is said in a script or at the prompt. is_of_osc: done by what listens for OSC.
    """

    address: str
    help: str
    takes: str = ""
    types: str = ""
    script: str = ""
    is_of_osc: bool = False


COMMANDS = {
    one.address: one
    for one in (
        Command("/transport/play", f"all that has a param `playing` plays, {SHARED}"),
        Command("/transport/stop", f"all that has a param `playing` stops, {SHARED}"),
        Command("/transport/tempo", f"the tempo of all that has a param `tempo`, {SHARED}", "bpm, 10 … 400", "f"),
        Command("/transport/bar", "starts a bar now: quantised lines and pads count from here"),
        Command("/snapshot/store", "stores all parameters and training results", SLOT, "s", "snapshot(1)"),
        Command(
            "/snapshot/recall",
            "recalls a snapshot",
            f"{SLOT}, morph time in seconds",
            "s",
            "recall(1, seconds=4)",
        ),
        Command("/snapshot/remove", "removes a snapshot", SLOT, "s"),
        Command("/patch/load", f"plays another patch, {FOLDER}", "a name", "s"),
        Command(
            "/patch/save",
            f"saves it, {FOLDER}; what another program made of its own file meanwhile is kept beside it, and said",
            "a name, or none for its own",
            script='save("mine.ltp")',
        ),
        Command(
            "/patch/codec",
            "one codec for all nodes that share latents; files of that folder only, and no program that its user has "
            "not allowed",
            "`builtin:bank`, or a model file",
            "s",
            'set_codec("builtin:bank")',
        ),
        Command(
            "/sounds/add",
            f"adds sounds, and folders with all in them, {FOLDER}; lines of others stay where they are",
            f"{ENCODER}; files and folders",
            "s",
        ),
        Command(
            "/sounds/remove",
            "removes sounds; their lines are kept, and come back with them",
            f"{ENCODER}; names or paths",
            "s",
        ),
        Command(
            "/sounds/relink",
            f"finds missing sounds in a folder, or says where one is now, {FOLDER}; answers with those still missing",
            f"{ENCODER}; a folder, or name and file",
            "s",
        ),
        Command("/sounds/list", "answers with the sounds, as the patch names them", ENCODER),
        Command(
            "/undo",
            "undoes the last edit of any client, up to 250 steps; one turn of a knob is one step",
            script="undo()",
        ),
        Command("/redo", "redoes the last undone step", script="redo()"),
        Command(
            "/learn",
            "the next controller that moves turns the param, with `*` to the number of the program, key or button; or "
            "what is pressed next recalls the snapshot, with the slot `*` that of the number that is pressed",
            "node, param, `*` or nothing; or `snapshot`, slot, morph time in seconds",
            "ss",
        ),
        Command(
            "/take/start",
            "begins a take in a record node, or in all that lead to a terrain together; into which pair, or at the end",
            "node, `*` or nothing; number or name of the take to replace",
            script='record("terrain")',
        ),
        Command(
            "/take/stop",
            "ends it, names it, and answers with its length in vectors, one for each record node",
            "node, `*` or nothing; a name; number or name of the take to replace",
            script='stop_recording("terrain", "door")',
        ),
        Command("/take/name", "gives a take another name", "node, number or name of the take, new name", "sss"),
        Command("/take/delete", "deletes a take, of a terrain in all its record nodes", "node, number or name", "ss"),
        Command(
            "/take/list", "answers `/take/list.reply`: node, number, name and vectors of each take", "node or nothing"
        ),
        Command(
            "/train",
            "trains a node with what leads to it, or all that has changed, with what was recorded until now, while it "
            "plays on. `/training/…` tells how far it is. `/learn terrain` is the same",
            "node or `*`, seconds at most, `again` to begin anew",
            script='start_training("terrain")',
        ),
        Command(
            "/train/cancel",
            "ends it and drops what it learned, or keeps the best until then",
            "`keep` or nothing",
            script="cancel_training(keep=True)",
        ),
        Command(
            "/train/status",
            "answers `/train/status.reply`: 1 while it trains, node, share, words, last error/variance",
        ),
        Command("/get", "answers with the address and its value", "an address", "s"),
        Command(
            "/subscribe",
            "answers with every value that changes (`/node/…`), and how training goes (`/training/*`); 32 programs at "
            "most, and who has gone (or sent nothing for half a minute, when all places are taken) makes room",
            "addresses, wildcards too",
            "s",
            is_of_osc=True,
        ),
        Command("/unsubscribe", "ends that", "addresses, or none for all", is_of_osc=True),
        Command("/sync", "answers `/synced` once all before is done and plays", "a number"),
        Command(
            "/status",
            "answers `/status.reply`: blocks, xruns, late frames, load at the median and at 99 %, 1 while blocks are "
            "made and 0 when the sound has stopped; then health, as `latent-terrain status` tells it: 1 for well, else "
            "0, 1 for heard on a device, blocks of the last second, its peak and rms in dB, the device, what is wrong",
            is_of_osc=True,
        ),
        Command("/ping", "answers `/pong`", is_of_osc=True),
        Command("/panic", "silences everything at once; playing continues", is_of_osc=True),
    )
}
