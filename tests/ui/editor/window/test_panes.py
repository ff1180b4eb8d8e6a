"""Who gets how much of the window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_terrain.ui.editor.document.settings import MAP_SHARES, Settings
from latent_terrain.ui.editor.window.panes import dragged_share, shared_out

SIDES = st.sampled_from(("above", "below", "beside"))


@given(
    st.tuples(st.integers(320, 4000), st.integers(200, 2400)),
    st.floats(0.5, 4.0),
    st.floats(*MAP_SHARES),
    st.integers(1, 5000),
    SIDES,
    st.booleans(),
    st.sampled_from(("none", "docked", "full")),
)
def test_panes_never_take_more_than_there_is(
    room: tuple[int, int], scale: float, share: float, side_width: int, map_side: str, has_both: bool, way: str
) -> None:
    settings = Settings(ui_scale=scale, map_share=share, side_width=side_width, map_side=map_side)
    panes = shared_out(room, settings, has_side=has_both, has_bottom=has_both, map_way=way)  # type: ignore[arg-type]
    assert 0 <= panes.side <= room[0]
    assert 0 <= panes.bottom <= room[1]
    assert panes.patch[0] <= max(50, room[0])
    if way == "docked":
        assert panes.map_size is not None
        assert panes.map_size[0] > 0
        assert panes.map_size[1] > 0
    assert (panes.map_size is None) == (way == "none")


def test_a_map_in_full_leaves_nothing_of_the_patch() -> None:
    panes = shared_out((1280, 700), Settings(), has_side=True, has_bottom=False, map_way="full")
    assert panes.patch[1] == 0
    assert panes.map_size == (1280 - 330 - 5, 700)


@pytest.mark.parametrize(
    ("side", "by", "is_more"), [("above", (0, 70), True), ("below", (0, 70), False), ("beside", (90, 0), False)]
)
def test_a_bar_gives_the_pane_what_the_hand_takes_from_the_other(side: str, by: tuple[int, int], is_more: bool) -> None:
    settings = Settings(map_side=side)
    share = dragged_share(settings, 0.5, (900, 700), by)
    assert share == pytest.approx(0.6 if is_more else 0.4)
    assert dragged_share(settings, 0.5, (900, 700), (10**6, 10**6)) in MAP_SHARES
