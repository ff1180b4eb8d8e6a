"""Faust programs that are wrong, hostile or too large: each is a sentence, and nothing else suffers."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from latent_terrain.engine import Engine, check_patch
from latent_terrain.engine.missing_package import MissingError
from latent_terrain.graphs import add_node, connect
from latent_terrain.nodes.faust_program import compiler, library, source
from latent_terrain.nodes.faust_program.compiler import NotCompiledError, compile_apart, program, told
from latent_terrain.nodes.faust_program.library import FaustError
from latent_terrain.nodes.faust_program.source import read_code, read_file

from ...waiting import eventually
from ..land import PALETTE, draw, heard, setup_for

pytest.importorskip("cyfaust", reason="Faust programs need the package cyfaust-llvm")

STANDARD = 'import("stdfaust.lib");\n'
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a process from reading files")


def refusal(code: str, folder: Path = Path(), seconds: float = 20.0) -> str:
    with pytest.raises(FaustError) as raised:
        program(read_code(code, folder), seconds)
    return str(raised.value)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (STANDARD + "process = _ : ;", "code, line 2: syntax error, unexpected ENDDEF; correct it there"),
        ("\n\nprocess = loud;", "code, line 3: undefined symbol : loud; correct it there"),
        ('import("reverb.lib");\nprocess = _;', "did you mean 'reverbs.lib'?"),
        ("nothing = _;", "code: it says nothing of what it plays; add a line: process = …;"),
        ("", "code: it is empty; write a line: process = …;"),
        ("process = process;", "refers to itself without end"),
        ("process = !;", "it has no outputs"),
        ("process = par(i, 300, 0.1);", "has 300 outputs; 64 are the most"),
        ("process = si.bus(65);" + STANDARD, "has 65 inputs; 64 are the most"),
        ("process = _,_ : _;", "The number of outputs [2] of A must be equal to the number of inputs [1] of B"),
        ("process = +" + "_" * 5_000_000 + ";", "5.0 MB are more than is read of a program"),
        ("process = @(300000000);", "code: there is not enough memory for it; shorten its delays and tables"),
        ("process = @(100000000);", "needs 512 MB of memory"),
        ("process = 0,0 : soundfile(\"a[url:{'x.wav'}]\",1) : !,!,_;", "plays sound files (soundfile)"),
        ('process = ffunction(float system(float), "<stdlib.h>", "");', "line 1: ffunction calls foreign code"),
        ("x = fvariable(int y, <math.h>);\nprocess = x;", "fvariable calls foreign code"),
        ("process = _;\0", "is not a text"),
    ],
)
def test_what_can_not_be_played_is_a_sentence_that_says_where_and_what(code: str, words: str) -> None:
    said = refusal(code)
    assert words in said
    assert said.startswith("code")
    assert len(said) < 320


@pytest.mark.slow
def test_endless_recursion_ends() -> None:
    assert "refers to itself without end" in refusal("f(x) = f(x + 1);\nprocess = f(1);")


def test_what_takes_too_long_is_stopped() -> None:
    code = STANDARD + "process = par(i, 60, re.zita_rev1_stereo(0, 200, 6000, 2, 2, 48000));"
    assert "took more than 0.3 seconds and was stopped" in refusal(code, seconds=0.3)


def test_what_takes_all_memory_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "MEMORY", 300 << 20)
    said = refusal(STANDARD + "process = par(i, 100000, os.osc(i)) :> _;")
    assert said.startswith("code: ")
    assert "make the program smaller" in said


@pytest.mark.parametrize(
    "code",
    [
        'import("/etc/passwd");\nprocess = _;',
        'process = component("../../etc/hostname.dsp");',
        'process = library("/etc/passwd").x;',
        'import /* not seen */ ( // "\n "/etc/passwd" );\nprocess = _;',
        'import("https://example.org/evil.lib");\nprocess = _;',
        '<mdoc> " </mdoc>\nimport("/etc/passwd");\nprocess = _;\n// "',
        'process = library("secret.txt").x;',
    ],
)
def test_files_elsewhere_are_refused_before_a_compiler_sees_them(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was compiled")

    monkeypatch.setattr(compiler, "compile_apart", never)
    (tmp_path / "secret.txt").write_text("x = 1;")
    said = refusal(code, tmp_path)
    assert "only files in the patch's folder" in said or "which is not there" in said


def test_a_whole_path_is_refused_also_into_the_patchs_folder(tmp_path: Path) -> None:
    near = tmp_path / "near.lib"
    near.write_text("<mdoc>precious</mdoc> x = 1;")
    assert "only files in the patch's folder" in refusal(f'import("{near}"); process = x;', tmp_path)
    assert near.read_text() == "<mdoc>precious</mdoc> x = 1;"


def test_a_link_out_of_the_patchs_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.lib").write_text("x = 1;")
    patch = tmp_path / "patch"
    patch.mkdir()
    (patch / "near.lib").symlink_to(tmp_path / "secret.lib")
    assert "only files in the patch's folder" in refusal('import("near.lib"); process = x;', patch)


@linux
def test_what_the_reading_would_overlook_the_process_can_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.lib"
    secret.write_text("x = 0.5;")
    hidden = source.FaustSource("code", f'import("{secret}");\nprocess = x;', {})
    with pytest.raises(FaustError, match="unable to open file"):
        compile_apart(hidden)


@pytest.mark.parametrize(
    "code",
    [
        "process = _ <: _, (_ * 5 : max(0) : min(5) : int) : @;",
        "process = _ <: _, (_ * 2000 : max(0) : min(2000) : int) : @;",
        "process = (waveform{1.0, 2.0, 3.0}, int(_ * 1000)) : rdtable;",
        "process = rwtable(100, 0.0, int(_ * 1e6), _, int(_ * 1e7));",
    ],
)
def test_places_in_tables_and_delays_that_come_of_broken_numbers_stay_within(code: str) -> None:
    assert 0 < compile_apart(read_code(code, Path())).load < 1


def test_imports_of_imports_beside_the_patch_are_followed_and_a_mistake_there_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "voice.dsp").write_text('import("tune.lib");\nprocess = pitch;\n')
    (tmp_path / "tune.lib").write_text("pitch = ;\n")
    assert refusal('process = component("parts/voice.dsp");', tmp_path).startswith("tune.lib, line 1: syntax error")
    (tmp_path / "tune.lib").write_text("pitch = 440;\n")
    program(read_code('process = component("parts/voice.dsp");', tmp_path))


def test_documentation_is_left_out_and_lines_stay() -> None:
    assert "line 4" in refusal("<mdoc>\n<listing/>\n</mdoc>\nprocess = loud;")


@linux
def test_a_pipe_by_the_name_of_a_program_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "it.dsp")
    with pytest.raises(FaustError, match="no such file"):
        read_file(tmp_path / "it.dsp", tmp_path, "it.dsp")


@pytest.mark.parametrize("content", [None, b"\xff\xfe\0", b"x" * 2_000_000])
def test_a_file_that_is_none_is_a_sentence(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "it.dsp"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FaustError, match=r"^it\.dsp: .*(no such file|can't be read|more than)"):
        read_file(path, tmp_path, "it.dsp")


def test_a_bad_program_is_compiled_once_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def compile_once(one: source.FaustSource, seconds: float) -> compiler.CompiledFaust:
        calls.append(one.text)
        raise FaustError("code: no")

    monkeypatch.setattr(compiler, "compile_apart", compile_once)
    code = "process = _; // remembered"
    assert refusal(code) == refusal(code) == "code: no"
    assert len(calls) == 1


def test_a_package_without_a_compiler_for_this_machine_is_told_with_the_one_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "cyfaust.so"
    broken.write_bytes(b"no library")
    monkeypatch.setattr(library, "installed", lambda: (broken, tmp_path))
    with pytest.raises(MissingError, match=r"needs cyfaust-llvm, but .* does not work here .*; run: .*cyfaust-llvm"):
        library.load.__wrapped__()


@linux
def test_a_compiler_that_is_killed_is_a_sentence_and_the_next_edit_tries_again() -> None:
    code = STANDARD + "process = par(i, 60, re.zita_rev1_stereo(0, 200, 6000, 2, 2, 48000)); // killed"
    raised: list[FaustError] = []

    def compile_it() -> None:
        try:
            program(read_code(code, Path()))
        except FaustError as error:
            raised.append(error)

    thread = threading.Thread(target=compile_it)
    thread.start()
    found: list[int] = []

    def has_started() -> bool:
        found[:] = [one for one in children() if compiler.__name__ in command(one)]
        return bool(found)

    eventually(has_started)
    os.kill(found[0], signal.SIGKILL)
    thread.join()
    (error,) = raised
    assert isinstance(error, NotCompiledError)
    assert "try again" in str(error)
    assert read_code(code, Path()).digest not in compiler._remembered


def children() -> list[int]:
    own = os.getpid()
    return [int(one) for task in Path(f"/proc/{own}/task").iterdir() for one in (task / "children").read_text().split()]


def command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def test_beside_a_program_that_does_not_compile_the_rest_plays() -> None:
    patch = draw("tone.out -> out.audio", tone=("sine", {}), out="audio_out")
    alone = heard(patch, 0.1)
    both = connect(add_node(patch, "faust", "bad", {"code": "process = ;"}), "tone.out", "bad.audio")
    assert [one.node for one in check_patch(both, PALETTE, setup_for(both)) if one.severity == "error"] == ["bad"]
    engine = Engine(both, PALETTE, setup_for(both), strict=False)
    assert engine.process().tobytes() == alone[:, :512].tobytes()
    engine.close()


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("ERROR : unable to open file x.lib\n", "p.dsp: unable to open file x.lib; correct the program"),
        ("/tmp/x/a.lib:7 : ERROR : bad\n", "a.lib, line 7: bad; correct it there"),
        (
            "????:-1 : ERROR : undefined symbol : process\n",
            "p.dsp: it says nothing of what it plays; add a line: process = …;",
        ),
        ("p.dsp: a sentence of ours", "p.dsp: a sentence of ours"),
        ("ERROR : " + "long " * 500, "p.dsp: " + ("long " * 48).strip() + " …; correct the program"),
    ],
)
def test_the_compilers_words_become_a_sentence(said: str, wanted: str) -> None:
    assert told("p.dsp", said) == wanted
