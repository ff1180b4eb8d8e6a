"""Learning slows down before the sound suffers, and speeds up again when there is room."""

from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.engine.live.governor import RESTING, SLOWEST, Governor


def test_it_stays_at_full_pace_while_all_is_well() -> None:
    governor = Governor()
    assert [governor.watch(0.1, 0.3, 0) for _ in range(50)] == [1.0] * 50


def test_late_frames_halve_it_at_once_but_only_once_a_second() -> None:
    governor = Governor()
    assert governor.watch(0.1, 0.2, 1) == 0.5
    assert governor.watch(0.1, 0.2, 2) == 0.5
    for _ in range(11):
        governor.watch(0.1, 0.7, 2)
    assert governor.watch(0.1, 0.2, 3) == 0.25


def test_a_high_load_halves_it_before_anything_is_late() -> None:
    assert Governor().watch(0.1, 0.85, 0) == 0.5


def test_it_recovers_slowly_and_only_while_the_load_is_low() -> None:
    governor = Governor()
    governor.watch(0.1, 0.9, 0)
    for _ in range(30):
        governor.watch(0.1, 0.7, 0)
    assert governor.pace == 0.5, "between busy and calm it stays"
    for _ in range(20):
        governor.watch(0.1, 0.2, 0)
    assert 0.6 < governor.pace < 0.8
    for _ in range(60):
        governor.watch(0.1, 0.2, 0)
    assert governor.pace == 1.0


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 5), st.integers(0, 3)), max_size=60))
def test_it_never_leaves_its_range(moments: list[tuple[float, float, int]]) -> None:
    governor, troubles = Governor(), 0
    for seconds, load, more in moments:
        troubles += more
        assert SLOWEST <= governor.watch(seconds, load, troubles) <= 1.0


def test_a_patch_that_is_heavy_by_itself_does_not_keep_others_from_their_work_for_ever() -> None:
    governor = Governor()
    paces = [governor.watch(0.1, 1.0, 0) for _ in range(300)]
    assert min(paces) == RESTING, "first it is found out whether their rest helps"
    assert governor.pace == 1.0, "it does not"
    for _ in range(15):
        governor.watch(0.1, 1.45, 0)
    assert governor.pace < 1.0, "what they add counts"
    before = governor.pace
    governor.watch(2.0, 1.0, 0)
    governor.watch(0.1, 1.0, 1)
    assert governor.pace < before, "late frames too"


def test_blocks_that_take_far_too_long_are_nobodys_usual() -> None:
    governor = Governor()
    for _ in range(300):
        governor.watch(0.1, 2.0, 0)
    assert governor.pace == RESTING, "they are not heard as long as nothing is late, so others are not held up further"


def test_where_it_did_harm_it_is_tried_again_with_care() -> None:
    def harms(pace: float) -> bool:
        return pace > 0.6

    governor, troubles, trials = Governor(), 0, []
    for tenth in range(3000):
        troubles += harms(governor.pace)
        governor.watch(0.1, 0.3, troubles)
        if harms(governor.pace):
            trials.append(tenth)
    assert len(trials) < 20, "five minutes: a glitch in so long is not heard as a fault"
    assert governor.pace > 0.3, "and it is not held up for it"


def test_frames_that_are_late_whatever_others_do_keep_nobody_from_work_for_ever() -> None:
    governor = Governor()
    paces = [governor.watch(0.1, 0.3, tenth) for tenth in range(1200)]
    assert min(paces) == SLOWEST, "first it is found out whether their rest helps"
    assert sum(paces[300:]) / 900 > 0.1, "it does not"


def test_a_patch_that_becomes_light_is_held_to_what_is_light() -> None:
    governor = Governor()
    for _ in range(300):
        governor.watch(0.1, 1.0, 0)
    governor.watch(0.1, 0.2, 0)
    governor.watch(0.1, 0.9, 0)
    assert governor.pace == 0.5
