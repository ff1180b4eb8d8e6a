"""Take a model's program to the machine that it is to run on: what was exported on a graphics card asks for one.

torch moves a model's numbers to the processor when it is loaded, not the devices that are written in its program
(``device=torch.device("cuda:0")``, which tracing on a card leaves behind, or ``x.cuda()``). Every tensor lies on the
processor here, so the processor is what these words have to mean; the mathematics stay the same.
"""

import io
import re
import zipfile

from .scan import is_code

CARDS = "cuda|mps|xpu|hip|privateuseone"
DEVICE = re.compile(rb'(torch\.device\()"(?:' + CARDS.encode() + rb')(?::\d+)?"(\))')
MOVED = re.compile(rb"\btorch\.(cuda|xpu)\(")
# A device's name as a word of its own: what chooses a device by it chooses the processor then.
NAMED = re.compile(rb'"(?:' + CARDS.encode() + rb')(?::\d+)?"')
OF_STRING = re.compile(rb"torch\.device\((\w+)\)")


def for_this_machine(data: bytes) -> bytes:
    """The bytes of a TorchScript archive, with the processor wherever its program names a graphics card."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        code = {entry.filename: archive.read(entry) for entry in archive.infolist() if is_code(entry.filename)}
        mended = {name: new for name, text in code.items() if (new := _on_processor(text)) != text}
        if not mended:
            return data
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as target:
            for entry in archive.infolist():
                if entry.filename.removesuffix(".debug_pkl") in mended and entry.filename not in mended:
                    continue  # where the words stood in the author's files: they stand elsewhere now
                target.writestr(entry, mended.get(entry.filename) or archive.read(entry))
        return made.getvalue()


def _on_processor(code: bytes) -> bytes:
    code = MOVED.sub(rb"torch.cpu(", code)
    code = OF_STRING.sub(rb'torch.device("cpu")', DEVICE.sub(rb'\1"cpu"\2', code))
    return NAMED.sub(b'"cpu"', code)
