"""What is shown is shared without messages, is never half of one thing and half of another, and goes with its maker."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from latent_terrain.engine.messages import FROM_ENGINE, BoardAt, Bye, Gone, Message, MessageError, Slot, decode, encode
from latent_terrain.engine.processes.child import Child
from latent_terrain.engine.session.board import BEGUN, CHECKS, Board, BoardGone, BoardReader
from latent_terrain.engine.session.board_publisher import Publisher
from latent_terrain.engine.values import Reading

from ...waiting import eventually
from ...wild import packed
from .toy_board import KNOWN

HERE = Path(__file__).parent
PEAK, PICTURE = Slot("meter", "peak", (2,)), Slot("land", "picture", (4, 5, 3), "uint8")


@pytest.fixture
def board() -> Iterator[Board]:
    made = Board([PEAK, PICTURE])
    yield made
    made.close()


@pytest.fixture
def reader(board: Board) -> Iterator[BoardReader]:
    made = BoardReader(board.description())
    yield made
    made.close()


def test_what_is_written_is_read(board: Board, reader: BoardReader) -> None:
    assert list(reader.values()) == [PEAK, PICTURE]
    board.write("meter", "peak", np.array([0.25, 0.5], np.float32))
    picture = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    board.write("land", "picture", picture)
    np.testing.assert_array_equal(reader.read("meter", "peak"), [0.25, 0.5])
    np.testing.assert_array_equal(reader.read("land", "picture"), picture)


def test_before_the_first_writing_there_is_nothing(reader: BoardReader) -> None:
    assert reader.read("meter", "peak") is None
    assert reader.count("meter", "peak") == 0


def test_a_copy_stays_as_it_was_read(board: Board, reader: BoardReader) -> None:
    board.write("meter", "peak", np.array([1, 2], np.float32))
    first = reader.read("meter", "peak")
    board.write("meter", "peak", np.array([3, 4], np.float32))
    np.testing.assert_array_equal(first, [1, 2])
    assert first is not None
    assert not first.flags.writeable
    assert reader.count("meter", "peak") == 2


@pytest.mark.parametrize(("word", "more"), [(BEGUN, 2), (CHECKS + 1, 1)], ids=["written over", "not a whole number"])
def test_what_is_not_whole_is_not_shown_but_the_last_that_was(
    board: Board, reader: BoardReader, word: int, more: int
) -> None:
    board.write("meter", "peak", np.array([1, 2], np.float32))
    assert reader.read("meter", "peak") is not None
    board._places[0][1] = 9
    board._head[CHECKS + 1] = crc32(board._places[0][1].data)
    np.testing.assert_array_equal(reader.read("meter", "peak"), [9, 9])
    board._places[0][1] = 7
    board._head[CHECKS + 1] = crc32(board._places[0][1].data)
    board._head[word] += more
    np.testing.assert_array_equal(reader.read("meter", "peak"), [9, 9])


def test_while_one_half_is_written_the_other_is_read(board: Board, reader: BoardReader) -> None:
    board.write("meter", "peak", np.array([1, 2], np.float32))
    board._head[BEGUN] += 1
    board._places[0][0] = 9
    np.testing.assert_array_equal(reader.read("meter", "peak"), [1, 2])


def test_what_does_not_fit_is_refused_and_leaves_the_slot_readable(board: Board, reader: BoardReader) -> None:
    board.write("meter", "peak", np.array([1, 2], np.float32))
    with pytest.raises(ValueError, match=r"meter.peak shows \(2,\), not \(3,\)"):
        board.write("meter", "peak", np.zeros(3, np.float32))
    with pytest.raises(TypeError):
        board.write("meter", "peak", np.array([1j, 2j]))
    with pytest.raises(KeyError):
        board.write("meter", "rms", np.zeros(2, np.float32))
    np.testing.assert_array_equal(reader.read("meter", "peak"), [1, 2])


@pytest.mark.parametrize(
    "slots",
    [
        None,
        [["meter", "peak", [-2], "float32"]],
        [["meter", "peak", [2.0], "float32"]],
        [["meter", "peak", [True], "float32"]],
        [["meter", "peak", [2], "object"]],
        [["meter", "peak", [1] * 9, "float32"]],
        [["meter", "peak", [2], "float32"]] * 2,
    ],
)
def test_a_board_described_wrongly_is_no_message(slots: Any) -> None:
    with pytest.raises(MessageError, match="slots"):
        decode(packed({"op": "boardat", "path": "x", "slots": slots})[4:], FROM_ENGINE)


def test_a_board_that_is_larger_than_it_says_is_refused(board: Board) -> None:
    with pytest.raises(BoardGone):
        BoardReader(BoardAt(path=board.description().path, slots=(Slot("meter", "peak", (1 << 20, 1 << 20)),)))


def test_a_board_that_was_taken_away_is_gone_and_a_reader_keeps_what_it_had() -> None:
    board = Board([PEAK])
    reader = BoardReader(board.description())
    board.write("meter", "peak", np.array([1, 2], np.float32))
    description = board.description()
    board.close()
    np.testing.assert_array_equal(reader.read("meter", "peak"), [1, 2])
    reader.close()
    with pytest.raises(BoardGone, match="the board is gone"):
        BoardReader(description)


@pytest.mark.parametrize("size", [7, 20_000])
def test_a_reader_never_sees_half_of_one_writing_and_half_of_another(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))
    heard: list[Message] = []
    order = BoardAt(slots=(Slot("scope", "samples", (2, size)),))
    child = Child("toy_board:hammer", order, KNOWN, heard.append)
    eventually(lambda: bool(heard))
    assert isinstance(heard[0], BoardAt)
    reader = BoardReader(heard[0])
    before, different = 0.0, set()

    def look() -> bool:
        nonlocal before
        for _ in range(100):
            samples, picture = reader.read("scope", "samples"), reader.read("land", "picture")
            if samples is not None:
                assert samples.min() == samples.max() >= before
                before = float(samples[0, 0])
                different.add(before)
            assert picture is None or picture.min() == picture.max()
        return len(different) >= 500

    eventually(look)
    child.send(Bye())
    eventually(lambda: isinstance(heard[-1], Gone))
    reader.close()
    child.close()


def test_a_reader_in_another_process_does_not_take_the_board_away(board: Board) -> None:
    board.write("meter", "peak", np.array([1, 2], np.float32))
    code = (
        "import sys; from latent_terrain.engine.session.board import BoardReader; "
        "from latent_terrain.engine.messages import FROM_ENGINE, decode; "
        "reader = BoardReader(decode(bytes.fromhex(sys.argv[1]), FROM_ENGINE)); "
        "print(reader.read('meter', 'peak').tolist())"
    )
    words = [sys.executable, "-c", code, encode(board.description()).hex()]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.stdout.strip(), ran.stderr) == ("[1.0, 2.0]", "")
    reader = BoardReader(board.description())
    assert reader.read("meter", "peak") is not None
    reader.close()


class Desk:
    """What a player shows, and what a publisher tells of it."""

    def __init__(self) -> None:
        self.shown: list[Reading] = [Reading("meter", "peak", np.array([0.5, 0.25], np.float32))]
        self.told: list[BoardAt] = []
        self.complaints: list[str] = []
        self.is_broken = False
        self.asked = 0

    def readings(self) -> list[Reading]:
        self.asked += 1
        if self.is_broken:
            raise RuntimeError("no meter today")
        return self.shown

    def publisher(self) -> Publisher:
        return Publisher(self.readings, self.told.append, self.complaints.append)


def test_readings_are_published_and_told_once_while_they_keep_their_shape() -> None:
    desk = Desk()
    publisher = desk.publisher()
    publisher.publish()
    reader = BoardReader(desk.told[0])
    desk.shown[0].array[0] = 0.75
    publisher.publish()
    np.testing.assert_array_equal(reader.read("meter", "peak"), [0.75, 0.25])
    assert desk.told == [publisher.description]
    reader.close()
    publisher.close()
    assert desk.told[1:] == [BoardAt()]
    assert publisher.description == BoardAt()


def test_when_nodes_come_and_go_there_is_a_new_board_and_the_old_one_stays_readable() -> None:
    desk = Desk()
    publisher = desk.publisher()
    publisher.publish()
    old = BoardReader(desk.told[-1])
    desk.shown.append(Reading("scope", "samples", np.zeros((2, 16), np.float32)))
    publisher.publish()
    new = BoardReader(desk.told[-1])
    assert list(new) == [("meter", "peak"), ("scope", "samples")]
    np.testing.assert_array_equal(old.read("meter", "peak"), new.read("meter", "peak"))
    old.close()
    new.close()
    desk.shown.clear()
    publisher.publish()
    assert desk.told[-1] == BoardAt()
    publisher.close()


def test_a_player_that_fails_is_told_once_and_publishing_goes_on() -> None:
    desk = Desk()
    desk.is_broken = True
    publisher = desk.publisher()
    publisher.start()
    eventually(lambda: desk.asked > 3)
    assert desk.complaints == ["meters and scopes can't be shown (RuntimeError: no meter today)"]
    desk.is_broken = False
    eventually(lambda: bool(desk.told))
    publisher.close()
