import numpy as np
import pytest

from latent_terrain.engine import SettingError
from latent_terrain.nodes.latent_scale import LatentScale

Z = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32)


def test_f36_scale_and_offset_act_on_all_and_lists_on_each() -> None:
    node = LatentScale(scales=(2.0, 0.0), offsets=(0.0, 1.0))
    out = node.process(Z, np.empty_like(Z), 10.0, 0.5)
    assert out.tolist() == [[20.5, 40.5], [1.5, 1.5], [50.5, 60.5]]


def test_f36_frozen_it_holds_the_latest_frame_while_scale_still_acts() -> None:
    node = LatentScale()
    node.process(Z, np.empty_like(Z))
    assert node.process(Z * 9, np.empty_like(Z), 2.0, freeze=True).tolist() == [[4, 4], [8, 8], [12, 12]]
    assert (node.process(Z * 9, np.empty_like(Z)) == Z * 9).all()


@pytest.mark.parametrize("wrong", [("a",), (float("nan"),), (True,), (1e9,)])
def test_a_list_of_something_else_is_refused(wrong: tuple[float, ...]) -> None:
    with pytest.raises(SettingError, match="not valid for a latent"):
        LatentScale(scales=wrong)
