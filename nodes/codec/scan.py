"""Look into a model's archive before it is loaded: what would act while it is being loaded is refused.

What its program does is judged when it is compiled (see ``operators``), in a confined process.
"""

import io
import re
import zipfile
from pathlib import PurePosixPath

from .interface import CodecError

MOST_ENTRIES = 50_000
MOST_UNPACKED = 8 << 30
MOST_CODE = 256 << 20
# Unpacked over packed size beyond which an archive is taken for a trap.
MOST_RATIO = 200

# Compiled classes that aren't torch's own for models; their objects are made while a model is loaded.
CLASSES = re.compile(r"__torch__\.torch\.classes\.(?!(?:quantized|rnn|xnnpack|mkldnn)\.)(\w+)")
# Operators of other libraries, which can't be loaded here.
OPERATORS = re.compile(r"\bops\.(?!(?:prim|aten|_?quantized|onednn|mkldnn|mkldnn_prepacked|prepacked|sparse)\.)(\w+)\.")
# How torch's own quantized layers take up their weights: they put them in place and do nothing else.
HARMLESS = re.compile(
    r"""def\ __setstate__\(self:\ __torch__\.torch\.(?:ao\.)?nn\.(?:intrinsic\.)?quantized\.[\w.]+,\s+
    state:[^=()]*\)(?:\ ->\ NoneType)?:
    (?:\s+self\.\w+\ =\ \(state\)\[\d+\]|\s+_\d+\ =\ \(self\)\.set_weight_bias\([\d\s(),\[\]state]*\))*
    \s+return\ None\s*""",
    re.VERBOSE,
)


def scan_model(data: bytes, name: str) -> None:
    """Raise CodecError, with the reason, when the bytes of a TorchScript file should not be loaded.

    Checked: that it is an archive with code, its entries' number, names and sizes, and that loading it runs nothing.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_archive(archive, name)
            for entry in archive.infolist():
                if is_code(entry.filename):
                    _check_code(archive.read(entry).decode("utf-8", "replace"), name)
                elif entry.filename.lower().endswith((".pkl", ".debug_pkl")):
                    archive.read(entry)  # its checksum: a damaged one makes torch ask for gigabytes
    except CodecError:
        raise
    except Exception as error:  # zipfile raises half a dozen kinds on damaged archives
        raise CodecError(
            f"{name} is not a TorchScript model or is damaged ({error}); download the .ts file again"
        ) from None


def _check_archive(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if not any(is_code(one) for one in names) or not any(one.endswith("/data.pkl") for one in names):
        raise CodecError(f"{name} contains no TorchScript program (only weights); export the model for nn~ as .ts")
    if len(names) != len({one.lower() for one in names}):
        raise CodecError(f"{name} contains two entries of the same name and is rejected; download the .ts file again")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise CodecError(f"{name} is larger inside than any known model and is rejected; ask its author")
    for entry in entries:
        if ".." in PurePosixPath(entry.filename).parts or entry.filename.startswith("/"):
            raise CodecError(f"{name} has entries outside the archive and is rejected; ask its author")
        if entry.file_size > MOST_RATIO * max(entry.compress_size, 1 << 12):
            raise CodecError(f"{name} unpacks to far more than its size and is rejected; ask its author")
    if sum(entry.file_size for entry in entries if entry.filename.lower().endswith((".py", "pkl"))) > MOST_CODE:
        raise CodecError(f"{name} contains more code than any known model and is rejected; ask its author")


def _check_code(code: str, name: str) -> None:
    words = re.sub(r"\\\s*\n|\s+", "", code)  # a line join or a space between words changes nothing
    reason = ""
    if found := CLASSES.search(words):
        reason = f"needs compiled classes that are not part of torch ({found[1]})"
    elif found := OPERATORS.search(words):
        reason = f"needs operators that are not part of torch ({found[1]})"
    if "__setstate__" in HARMLESS.sub("", code):
        reason = "runs code while it is being loaded (__setstate__)"
    if reason:
        raise CodecError(f"{name} is rejected: its code {reason}, which no audio model needs")


def is_code(entry: str) -> bool:
    """Whether a part of an archive holds program; torch finds its parts whatever letters are capitals."""
    return entry.lower().endswith(".py")
