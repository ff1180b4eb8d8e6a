"""Names that README, docs or a script used before 0.2 go on working for a release."""

import json
from pathlib import Path

import pytest

from latent_terrain.engine import node, spec_of
from latent_terrain.engine.session import Client
from latent_terrain.engine.training.jobs import run_jobs
from latent_terrain.nodes.gui.node import Gui
from latent_terrain.ui.cli import main
from latent_terrain.ui.script import Instrument


def test_import_paths_of_the_readme_lead_to_what_they_named() -> None:
    from latent_terrain.engine.link import Client as FormerClient
    from latent_terrain.engine.teach import teach

    assert FormerClient is Client
    assert teach is run_jobs


def test_scripts_may_say_teach() -> None:
    assert Instrument.teach is Instrument.train


def test_the_command_line_takes_teach_for_train(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = tmp_path / "walk.ltp"
    assert main(["new", "walk", "-o", str(made), "--teach"]) == 0
    assert main(["new", "walk", "-o", str(tmp_path / "again.ltp"), "--train"]) == 0
    assert made.read_bytes() == (tmp_path / "again.ltp").read_bytes()
    main(["new", "--help"])
    assert "--train" in capsys.readouterr().out


def test_results_in_json_have_their_former_names_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["terrain", "info", "walk", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["terrains"][0]
    assert found["relative_validation_error"] == found["relative_error_beside"]
    assert found["validation_db"] == found["beside_db"]


def test_packages_of_nodes_may_say_canvas_for_map() -> None:
    class TheirMap(Gui):
        """A map of somebody else."""

    declared = spec_of(node(role="canvas")(TheirMap))  # type: ignore[call-overload]
    assert declared.role == "map"
