"""A process that writes on a board as fast as it can: loaded there by name, so it imports nothing of the tests."""

import numpy as np

from latent_terrain.engine.messages import BoardAt, Bye, General, Slot, decoder
from latent_terrain.engine.session.board import Board

KNOWN = decoder(Bye | BoardAt | General)


def hammer(parent):
    """Arrays of one number each, ever larger; ends when told."""
    shape = parent.order(BoardAt).slots[0].shape
    board = Board([Slot("scope", "samples", shape), Slot("land", "picture", (64, 64, 3), "uint8")])
    parent.send(board.description())
    number = 0
    while parent.receive(KNOWN, 0) is None:
        number += 1
        board.write("scope", "samples", np.full(shape, number, np.float32))
        board.write("land", "picture", np.full((64, 64, 3), number % 251, np.uint8))
    board.close()
