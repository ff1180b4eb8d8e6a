"""An engine that stands still is ended within seconds, once; one that plays, waits or begins is not."""

from latent_terrain.ui.service.watchdog import FIRST_SECONDS, STILL_SECONDS, Watchdog


class Looked:
    def __init__(self) -> None:
        self.ended: list[int] = []
        self.said: list[str] = []
        self.dog = Watchdog(self.said.append, self.ended.append)

    def look(self, begin: float, seconds: float, process: int | None, blocks: int | None, step: int = 0) -> int:
        count = round(seconds * 10)
        for index in range(count + 1):
            now = begin + index / 10
            status = {} if blocks is None else {"blocks": blocks + step * index}
            self.dog.look(now, process, status)
        return 0 if blocks is None else blocks + step * count


def test_one_that_plays_is_left_alone() -> None:
    one = Looked()
    one.look(0.0, 60.0, 7, 0, step=19)
    assert not one.ended
    assert not one.said


def test_one_that_stands_still_is_ended_once_in_time() -> None:
    one = Looked()
    blocks = one.look(0.0, 5.0, 7, 0, step=19)
    one.look(5.0, STILL_SECONDS - 0.2, 7, blocks)
    assert not one.ended
    one.look(5.0 + STILL_SECONDS, 5.0, 7, blocks)
    assert one.ended == [7]
    assert "the sound has stood still for" in one.said[0]


def test_one_that_begins_has_longer_for_its_first_block() -> None:
    one = Looked()
    one.look(0.0, FIRST_SECONDS - 1, 7, None)
    assert not one.ended
    one.look(FIRST_SECONDS - 0.9, 2.0, 7, None)
    assert one.ended == [7]


def test_another_engine_is_noticed_and_counted() -> None:
    one = Looked()
    assert not one.dog.look(0.0, 7, {"blocks": 1})
    assert not one.dog.look(0.1, None, {})
    assert one.dog.look(0.2, 8, {"blocks": 0})
    assert not one.dog.look(0.3, 8, {"blocks": 1})
    assert one.dog.restarts == 1


def test_sound_that_is_turned_off_stands_still_rightly() -> None:
    one = Looked()
    blocks = one.look(0.0, 2.0, 7, 0, step=19)
    for index in range(600):
        one.dog.look(2.0 + index / 10, 7, {"blocks": blocks, "is_on": False})
    assert not one.ended
