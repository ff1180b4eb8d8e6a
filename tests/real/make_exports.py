"""Make real exports: untrained RAVE models of every kind, by RAVE's own exporter, for ``real_exports.py`` beside it.

Run by ``.ci/real-exports`` in an environment of its own, where those programs are installed (their licence is
non-commercial, so nothing of them is kept here): ``python make_exports.py FOLDER [NAME …]``.
"""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

SMALL = ("CAPACITY=8",)
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "v1": (("v1",), SMALL, ("--streaming",)),
    "v2": (("v2",), SMALL, ("--streaming",)),
    "v2_deterministic": (("v2",), (*SMALL, "LATENT_SIZE=8"), ("--streaming",)),
    "v2_small": (("v2_small",), SMALL, ("--streaming",)),
    "v2_causal": (("v2", "causal"), SMALL, ("--streaming",)),
    "v2_offline": (("v2",), SMALL, ()),
    "v2_stereo": (("v2",), SMALL, ("--streaming",)),
    "v2_48k": (("v2",), (*SMALL, "SAMPLING_RATE=48000"), ("--streaming",)),
    "v2_88k": (("v2",), SMALL, ("--streaming", "--sr", "88200")),
    "v3": (("v3",), SMALL, ("--streaming",)),
    "wasserstein": (("v2", "wasserstein"), SMALL, ("--streaming",)),
    "spherical": (("v2", "spherical"), SMALL, ("--streaming",)),
    "discrete": (("v2", "discrete"), SMALL, ("--streaming",)),
}
CHANNELS = {"v2_stereo": 2}


def with_old_scipy() -> None:
    """RAVE asks scipy for functions that have moved."""
    import numpy as np

    signal: Any = import_module("scipy.signal")

    signal.kaiser = signal.windows.kaiser
    firwin, kaiserord = signal.firwin, signal.kaiserord

    def old_firwin(numtaps: int, cutoff: Any, nyq: float | None = None, **options: Any) -> Any:
        cutoff = np.ravel(cutoff)[0]
        return firwin(numtaps, cutoff, fs=2 * nyq, **options) if nyq else firwin(numtaps, cutoff, **options)

    signal.firwin = old_firwin
    signal.kaiserord = lambda ripple, width: kaiserord(np.ravel(ripple)[0], np.ravel(width)[0])


def make(name: str, folder: Path) -> None:
    """Build one model with random weights, and export it. In a process of its own, as gin keeps what it read."""
    with_old_scipy()
    import torch

    gin, rave, export = (import_module(one) for one in ("gin", "rave", "scripts.export"))

    configs, bindings, flags = KINDS[name]
    torch.manual_seed(1)
    own = Path(str(rave.__file__)).parent / "configs"
    gin.parse_config_files_and_bindings([str(own / f"{one}.gin") for one in configs], list(bindings))
    channels = CHANNELS.get(name, 1)
    model = rave.RAVE(n_channels=channels) if channels > 1 else rave.RAVE()
    for key, buffer in model.named_buffers():
        if key.endswith("embed"):
            buffer.normal_()  # tables of entries are empty before training
        elif key.endswith("inited"):
            buffer.fill_(1.0)
    run = folder / "runs" / name
    checkpoints = run / "version_0" / "checkpoints"
    checkpoints.mkdir(parents=True, exist_ok=True)
    text = gin.operative_config_str()
    if channels > 1:
        text += f"\nrave.RAVE.n_channels = {channels}\n"
    (run / "config.gin").write_text(text)
    torch.save({"state_dict": model.state_dict(), "callbacks": {}}, checkpoints / "last.ckpt")
    gin.clear_config()
    words = ["export", "--run", str(run), "--output", str(folder), "--name", name, *flags]
    export.FLAGS(words)
    export.main(words)


def main() -> None:
    """Make all of them, or those that are named."""
    folder = Path(sys.argv[1]).absolute()
    if sys.argv[2:3] == ["--only"]:
        make(sys.argv[3], folder)
        return
    for name in sys.argv[2:] or KINDS:
        done = subprocess.run([sys.executable, __file__, str(folder), "--only", name], capture_output=True, text=True)
        print(name, "is made" if done.returncode == 0 else f"failed: {done.stderr[-1500:]}", flush=True)


if __name__ == "__main__":
    main()
