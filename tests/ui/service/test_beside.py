"""What runs beside a service is looked after: a pad that has ended is told as ill, and tried again."""

from pathlib import Path
from typing import Any

from latent_terrain.engine import load_palette
from latent_terrain.graphs import load_file, save
from latent_terrain.graphs.starters import STARTERS
from latent_terrain.ui.service.service import BESIDE_SECONDS, Service, ServicePlan
from latent_terrain.ui.service.state import ServedState

PALETTE = load_palette()


class ToyPad:
    name, is_kept, starts = "the pad", False, 0

    def start(self) -> None:
        self.starts += 1
        self.is_kept = True


def test_a_pad_that_has_ended_is_ill_and_is_tried_again_after_a_while(tmp_path: Path) -> None:
    file = save(load_file(STARTERS["live-record"].file), tmp_path / "stage.ltp")
    state = ServedState(tmp_path / "state", file, PALETTE, lambda text: None)
    service = Service(ServicePlan(file), PALETTE, state, lambda text: None)
    service.recordings = None
    pad: Any = ToyPad()
    pad.is_kept = True
    service._beside = [pad]
    service._look_after_programs(1000.0)
    assert service._facts()["problems"] == []
    pad.is_kept = False
    service._look_after_programs(1001.0)
    assert service._facts()["problems"] == ["the pad has ended; the log has why"]
    assert pad.starts == 0
    service._look_after_programs(1001.0 + BESIDE_SECONDS)
    assert pad.starts == 1
    assert service._facts()["problems"] == []
    state.close()
