"""Health: whether what plays is well, and why not; the same for people, for OSC, for HTTP and for other programs."""

import functools
import math
import platform
import time
from collections.abc import Mapping
from importlib import metadata
from typing import Any

# Of the blocks that should have been made in the last second, so many must have been.
LEAST_BLOCKS = 0.5
PACKAGES = ("latent-terrain", "numpy", "torch", "sounddevice")
# What a program says of its own that must be well for all to be well.
PROBLEMS = "problems"


def health_of(
    status: Mapping[str, Any], facts: Mapping[str, Mapping[str, Any]] | None = None, now: float | None = None
) -> dict[str, Any]:
    """Plain data that JSON can hold: see the keys. status: an engine's (``Performance.status``), empty for none.

    facts: what programs beside it tell of themselves (``engine/session/facts.py``), by program; None: as in status.
    now: seconds since 1970.
    """
    now = time.time() if now is None else now
    known: Mapping[str, Any] = status.get("facts", {}) if facts is None else facts
    second = status.get("last_second", {})
    told = {program: one for program, one in known.items() if isinstance(one, Mapping)}
    sources: dict[str, float] = {}
    for one in told.values():
        for source, at in dict(one.get("sources") or {}).items():
            sources[str(source)] = max(0.0, round(now - float(at), 1))
    why = [*_why(status), *(str(text) for one in told.values() for text in one.get(PROBLEMS, ()) or ())]
    whole = {
        "is_well": not why,
        "why": why,
        "is_playing": bool(status.get("is_playing", False)),
        "is_heard": bool(status.get("is_heard", False)),
        "heard_since" if status.get("is_heard") else "not_heard_since": _clock(status.get("heard_changed_at")),
        "device": str(status.get("device", "")),
        "blocks_last_second": int(second.get("blocks", 0)),
        "late_frames": int(status.get("late_frames", 0)),
        "late_last_second": int(second.get("late_frames", 0)),
        "xruns": int(status.get("xruns", 0)),
        "peak_db": second.get("peak_db"),
        "rms_db": second.get("rms_db"),
        "load_p99": (status.get("load") or {}).get("p99"),
        "sources_seconds_ago": dict(sorted(sources.items())),
        **{key: one for about in told.values() for key, one in about.items() if key not in ("sources", PROBLEMS)},
        "versions": versions(),
    }
    plain: dict[str, Any] = _plain(whole)
    return plain


def lines_of(health: Mapping[str, Any]) -> list[str]:
    """The same for people."""
    heard = f"heard on {health['device']}" if health["is_heard"] else "not heard (no audio device)"
    since = health.get("heard_since") or health.get("not_heard_since")
    lines = [
        "well" if health["is_well"] else "NOT WELL",
        *(f"  {text}" for text in health["why"]),
        f"{'playing' if health['is_playing'] else 'not playing'}, {heard}{f' since {since}' if since else ''}",
        f"{health['blocks_last_second']} blocks in the last second, {health['late_last_second']} of them late; "
        f"{health['late_frames']} late frames and {health['xruns']} xruns in all",
        f"peak {health['peak_db']} dB, rms {health['rms_db']} dB",
    ]
    for source, ago in health["sources_seconds_ago"].items():
        lines.append(f"last heard of {source}: {ago:g} s ago")
    shown = {"disk_free", "recording", "state", "restarts", "uptime_seconds", "training", "pad"}
    lines += [f"{key.replace('_', ' ')}: {_said(key, health[key])}" for key in health if key in shown]
    return [*lines, ", ".join(f"{name} {version}" for name, version in health["versions"].items())]


@functools.cache
def versions() -> dict[str, str]:
    """What this is made with."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _why(status: Mapping[str, Any]) -> list[str]:
    if not status:
        return ["nothing plays: there is no engine, or it does not answer"]
    if not status.get("is_playing", False):
        return ["the sound stands still: no block has been played for a second"]
    why = []
    wanted = float(status.get("sample_rate", 0.0)) / max(float(status.get("block", 1)), 1.0)
    blocks = float((status.get("last_second") or {}).get("blocks", wanted))
    if blocks < LEAST_BLOCKS * wanted:
        why.append(f"only {blocks:.0f} of {wanted:.0f} blocks were played in the last second")
    if status.get("wants_device", False) and not status.get("is_heard", False):
        since = _clock(status.get("heard_changed_at"))
        why.append(f"no audio device since {since}: it plays without audio output, and waits for it")
    return why


def _clock(at: object) -> str:
    if not isinstance(at, int | float) or not math.isfinite(at) or not 0 < at < 1e11:
        return ""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def _said(key: str, value: Any) -> str:
    if key == "disk_free" and isinstance(value, int | float):
        return f"{value / (1 << 30):.1f} GB"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return str(value)


def _plain(value: Any) -> Any:
    """What JSON can hold: no number that is none."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int | str | None) else str(value)
