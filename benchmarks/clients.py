"""What a turned param, an edit and arrays cost between two clients of an engine with 200 nodes, and how soon they come.

Run: .venv/bin/python benchmarks/clients.py [--turns 3000] [--edits 600]
The engine plays nothing, and all are in one process: the processor's time is that of both ends and of the server
between them. To compare with another state of the program, run it there too, in turns.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable

import numpy as np

NODES = 200
LOOK_SECONDS, REST_SECONDS = 0.00005, 0.003


def until(seen: Callable[[], bool]) -> None:
    while not seen():
        time.sleep(LOOK_SECONDS)


def way(change: Callable[[float], object], value: Callable[[], object], count: int) -> str:
    """How long until the other client has it."""
    times = []
    for number in range(count):
        wanted = number + 0.125
        began = time.perf_counter()
        change(wanted)
        until(lambda wanted=wanted: value() == wanted)
        times.append(1e3 * (time.perf_counter() - began))
        time.sleep(REST_SECONDS)
    return "{:.2f} ms, a tenth below {:.2f}".format(*np.percentile(times, (50, 10)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3000)
    parser.add_argument("--edits", type=int, default=600)
    how = parser.parse_args()
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp()
    from latent_terrain.engine.session import Client, Server
    from latent_terrain.engine.session.player_protocol import Silence
    from latent_terrain.graphs import Patch, add_node, set_content, set_value

    patch = Patch()
    for number in range(NODES):
        patch = add_node(patch, "gain", name=f"g{number}")
    server = Server(Silence(patch))
    one, other = (Client.attach(server.address, lambda news: None) for _ in range(2))

    def level(node: str) -> object:
        return other.patch.nodes[node].values.get("level")

    began = time.process_time()
    for number in range(how.turns):
        one.turn(f"g{number % NODES}", "level", float(number))
    until(lambda: level(f"g{(how.turns - 1) % NODES}") == how.turns - 1)
    print(f"a turn: {1e6 * (time.process_time() - began) / how.turns:.0f} µs of processor time")
    began = time.process_time()
    for number in range(how.edits):
        one.edit(lambda now, n=number: set_value(now, f"g{n % NODES}", "level", n + 0.5))
    until(lambda: level(f"g{(how.edits - 1) % NODES}") == how.edits - 0.5)
    print(f"an edit: {1e6 * (time.process_time() - began) / how.edits:.0f} µs of processor time")
    print(f"a turn's way: {way(lambda value: one.turn('g7', 'level', value), lambda: level('g7'), 400)}")
    edited = way(lambda value: one.edit(lambda now: set_value(now, "g9", "level", value)), lambda: level("g9"), 400)
    print(f"an edit's way: {edited}")
    arrays = {f"lines/{number}": np.full((500_000, 2), number, np.float32) for number in range(4)}
    began = time.process_time()
    one.edit(lambda now: set_content(add_node(now, "gui", name="map"), "map", arrays))
    until(lambda: "map" in other.patch.nodes)
    print(f"16 MB of arrays: {time.process_time() - began:.3f} s of processor time")
    one.close()
    other.close()
    server.close()


if __name__ == "__main__":
    main()
