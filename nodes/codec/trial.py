"""Looking at a model that nobody knows, in a process of its own that can do no harm.

``examine`` starts the process; run as a program, this module is that process: it loads torch, is confined, and then
loads and tries the model. However it ends, the parent has a sentence or a description.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...engine.processes.priority import give_way
from .confinement import Limits, confine
from .interface import CodecError

MOST_ANSWER = 4 << 20
NICENESS = 15
"""Somebody may be playing meanwhile."""


@dataclass(frozen=True)
class Examined:
    """A model as it was found in a confined process: what ``describe`` says, and what the process was denied."""

    description: dict[str, Any]
    confined: tuple[str, ...]


def examine(path: Path, name: str = "", limits: Limits | None = None, *, scan: bool = True) -> Examined:
    """Load and try a model file in a confined process. Raises CodecError with what went wrong, whatever it was.

    scan: search the archive first, as is always right; without it only the confinement protects (for its own tests).
    """
    limits, name = limits or Limits(), name or str(path)
    if scan:
        from .scan import scan_model
        from .torchscript import read_model

        scan_model(read_model(path, name), name)
    order = json.dumps({"path": str(path.resolve()), "name": name, "limits": asdict(limits), "scan": scan})
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", f"from {__name__} import main; main()"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        answer, _ = process.communicate(order.encode(), timeout=limits.wall_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise CodecError(f"{name} was stopped: it took longer than {limits.wall_seconds:.0f} seconds to try") from None
    return _understood(answer, process.returncode, name, limits)


def main() -> None:
    """Be the confined process: an order on standard input, one answer on what was standard output."""
    give_way(NICENESS)
    order = json.loads(sys.stdin.buffer.read(1 << 20))
    sys.stdin.close()
    target = os.dup(1)  # the answer's way; what anything in here prints goes where errors go
    os.dup2(2, 1)
    done: tuple[str, ...] = ()
    try:
        from .describe import describe
        from .torchscript import need_torch

        torch = need_torch("looking at a model")
        torch.set_num_threads(1)
        torch.zeros(1).numpy()
        done = confine(Limits(**order["limits"]))
        found = describe(Path(order["path"]), name=order["name"], confined=True, scan=order["scan"])
        answer = {"description": found.as_json(), "confined": done}
    except CodecError as error:
        answer = {"error": str(error), "confined": done}
    except ImportError as error:
        answer = {"error": f"{order['name']} could not be tried: this program is not whole here ({error})"}
    except MemoryError:
        answer = {"error": f"{order['name']} needs more memory than a sound model should", "confined": done}
    data = json.dumps(answer, default=str).encode()
    os.write(target, len(data).to_bytes(8, "little"))
    while data:
        data = data[os.write(target, data) :]
    os._exit(0)


def _understood(answer: bytes, code: int, name: str, limits: Limits) -> Examined:
    size = int.from_bytes(answer[:8], "little") if len(answer) >= 8 else -1
    if code > 0 and sys.platform != "win32":  # Python's own end: nothing that a model does
        raise CodecError(f"{name} could not be tried: the process for it did not start well (code {code})")
    if code != 0 or size < 0 or size > MOST_ANSWER or len(answer) != 8 + size:
        raise CodecError(f"{name} was stopped while it was tried: {_why(code, limits)}; get it from its author")
    read = json.loads(answer[8:])
    if "error" in read:
        raise CodecError(str(read["error"]))
    return Examined(read["description"], tuple(read["confined"]))


def _why(code: int, limits: Limits) -> str:
    if sys.platform == "win32" or code >= 0:
        return "its process ended unexpectedly"
    reasons = {
        signal.SIGXCPU: f"it used the processor for more than {limits.cpu_seconds} seconds",
        signal.SIGKILL: "it used too much time or memory",
        signal.SIGXFSZ: "it tried to write a file",
        signal.SIGSYS: "it asked the system for what no sound model needs",
        signal.SIGSEGV: "it broke its process",
        signal.SIGABRT: "it broke its process",
    }
    return reasons.get(signal.Signals(-code), f"its process ended by signal {-code}")
