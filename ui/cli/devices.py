"""Devices: what sound can be played on and heard with here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import finish, say
from .patches import AsJson

if TYPE_CHECKING:
    from ...engine.drivers import Device, Offers

HEADINGS = ("device", "host API", "in", "out", "rate", "default for")
OFFERED = ("rates", "blocks")


def devices(
    asks: Annotated[
        bool, typer.Option("--offers", help="Open each briefly to find supported sample rates and block sizes.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """List the sound devices, with their channels and rates.

    Where there are none, or no PortAudio, it says what to do; that is no error.
    """
    from ...engine.drivers import DeviceError, list_devices, offers
    from ...engine.drivers.devices import NO_DEVICES

    note: str | None = None
    found: tuple[Device, ...] = ()
    offered: dict[int, Offers] = {}
    try:
        found = list_devices()
        if asks:
            offered = {one.index: offers(one) for one in found if one.outputs > 0}
        note = None if found else NO_DEVICES
    except DeviceError as error:
        note = str(error)
    if note is not None and not as_json:
        say(note)
    document = {"devices": [_plain(one, offered.get(one.index)) for one in found], "note": note}
    if found or as_json:
        finish(document, _table(found, offered, asks), as_json)
    return 0


def _plain(device: "Device", offered: "Offers | None") -> dict[str, Any]:
    plain: dict[str, Any] = {
        "index": device.index,
        "name": device.name,
        "host_api": device.host_api,
        "inputs": device.inputs,
        "outputs": device.outputs,
        "sample_rate": device.sample_rate,
        "is_default_output": device.is_default_output,
        "is_default_input": device.is_default_input,
    }
    if offered is not None:
        plain["offers"] = {"rates": list(offered.rates), "blocks": list(offered.blocks)}
    return plain


def _table(found: Sequence["Device"], offered: dict[int, "Offers"], asks: bool) -> list[str]:
    rows: list[tuple[str, ...]] = [HEADINGS + (OFFERED if asks else ())]
    for one in found:
        row = (one.name, one.host_api, str(one.inputs), str(one.outputs), f"{one.sample_rate:g}", _uses(one))
        what = offered.get(one.index)
        rows.append(row + ((_numbers(what.rates), _numbers(what.blocks)) if what else ("", "") if asks else ()))
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(f"{text:<{width}}" for text, width in zip(row, wide, strict=True)).rstrip() for row in rows]


def _uses(device: "Device") -> str:
    uses = ((device.is_default_output, "playing"), (device.is_default_input, "hearing"))
    return " and ".join(use for is_it, use in uses if is_it)


def _numbers(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers)) or "none"
