"""The command line: what it prints and where, its exit statuses, and one line for every input that cannot be used."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine

from diachron.cli import main
from diachron.model.look import parse_look
from diachron.runtime import ModelChoice
from fake_interpreter import EchoInterpreter
from small_rasters import PLACE, ground, with_roof, write

QUESTION = "How many buildings are new?"


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    return [write(tmp_path / "before.tif", ground()), write(tmp_path / "after.tif", with_roof(ground(), 10, 12))]


def run(*arguments: Any, interpreter: EchoInterpreter | None = None) -> int:
    return main([str(each) for each in arguments], load=lambda choice: interpreter or EchoInterpreter())


# -- ask --------------------------------------------------------------------------------------


def test_the_answer_goes_to_stdout_and_progress_to_stderr(pair, tmp_path, capsys):
    assert run("ask", *pair, "--question", QUESTION, "--out", tmp_path / "out") == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("1 new, ") and printed.out.count("\n") == 1
    assert "map 100 %, 1 of 1" in printed.err.splitlines()
    assert (tmp_path / "out" / "answer.json").is_file()


def test_every_option_reaches_the_answer(pair, tmp_path, capsys):
    pytest.importorskip("torch")
    chosen: list[ModelChoice] = []

    def load(choice: ModelChoice) -> EchoInterpreter:
        chosen.append(choice)
        return EchoInterpreter()

    arguments = ["ask", *pair, "--question", "Quoi de neuf ?", "--out", str(tmp_path / "out"), "--model", "other",
                 "--adapter", "adapted", "--device", "cpu", "--date", "2018", "--date", "2023", "--language", "fr",
                 "--threshold", "0.6", "--look", "task=area change=any>building", "--area",
                 "652000,6861960,652060,6862000"]  # fmt: skip
    assert main(arguments, load) == 0
    answer = json.loads((tmp_path / "out" / "answer.json").read_text(encoding="utf-8"))
    assert chosen == [ModelChoice("other", "adapted", "cpu")]
    assert answer["language"] == "fr" and answer["look"]["task"] == "area"
    assert [each["date"] for each in answer["inputs"]] == ["2018", "2023"]


def test_an_abstention_is_an_answer(pair, tmp_path, capsys):
    assert run("ask", *pair, "--question", "Why was it built?", "--out", tmp_path / "out") == 0
    assert "cannot show" in capsys.readouterr().out


def test_an_interrupt_ends_with_130_and_leaves_nothing(pair, tmp_path, capsys):
    def interrupt() -> None:
        raise KeyboardInterrupt

    interpreter = EchoInterpreter(on_tile=interrupt)
    status = run("ask", *pair, "--question", QUESTION, "--out", tmp_path / "out", interpreter=interpreter)
    assert status == 130
    assert "cancelled" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_real_interrupt_ends_the_process_with_130(pair, tmp_path):
    code = (
        "import sys, time; from diachron.cli import main; from fake_interpreter import EchoInterpreter\n"
        "def wait(): print('looking', file=sys.stderr, flush=True); time.sleep(60)\n"
        "sys.exit(main(sys.argv[1:], lambda choice: EchoInterpreter(on_tile=wait)))"
    )
    command = [sys.executable, "-c", code, "ask", *pair, "--question", QUESTION, "--out", str(tmp_path / "out")]
    path = os.pathsep.join(each for each in sys.path if each)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}) as child:
        assert child.stderr is not None
        while child.stderr.readline() != "looking\n":
            assert child.poll() is None
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 130
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        [], ["fly"], ["ask"], ["ask", "a.tif", "--question", "q", "--out", "o"],
        ["ask", "a.tif", "b.tif", "--question", "What changed?", "--out", "o", "--look", "task=guess"],
        ["ask", "a.tif", "b.tif", "--question", "What changed?", "--out", "o", "--date", "2018"],
        ["ask", "a.tif", "b.tif", "--question", "What changed?", "--out", "o", "--threshold", "7"],
        ["read"],
    ],
)  # fmt: skip
def test_wrong_usage_is_2(wrong, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    try:
        status: Any = run(*wrong)
    except SystemExit as left:
        status = left.code
    assert status == 2
    assert capsys.readouterr().err
    assert not list(tmp_path.iterdir())


# -- read -------------------------------------------------------------------------------------


def test_read_prints_one_object_a_question(tmp_path, capsys):
    lines = tmp_path / "questions.txt"
    lines.write_text("Why?\n\nCombien de bâtiments ?\n", encoding="utf-8")
    assert run("read", QUESTION, "--file", lines) == 0
    read = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["question"] for each in read] == [QUESTION, "Why?", "Combien de bâtiments ?"]
    assert [each["abstained"] for each in read] == [False, True, False]
    assert read[0]["look"] == parse_look("look task=count change=any>building").as_json()


# -- input that cannot be used ----------------------------------------------------------------


def refused(arguments: list[Any], out: Path, capsys, *told: str) -> None:
    """Check for exit status 3, one line that says what, where and what to do, and no output."""
    before = sorted(out.parent.iterdir()) if out.parent.is_dir() else None
    assert run(*arguments) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    line = [each for each in printed.err.splitlines() if each.startswith("diachron: ")]
    assert len(line) == 1 and printed.err.splitlines()[-1] == line[0], printed.err
    assert "; " in line[0], "the line says what to do"
    for words in told:
        assert words in line[0]
    assert "Traceback" not in printed.err
    assert (sorted(out.parent.iterdir()) if out.parent.is_dir() else None) == before, "nothing was left"


def asked(pair: list[Any], out: Path, question: str = QUESTION) -> list[Any]:
    return ["ask", *pair, "--question", question, "--out", out]


def test_a_missing_file(pair, tmp_path, capsys):
    refused(asked([pair[0], tmp_path / "gone.tif"], tmp_path / "out"), tmp_path / "out", capsys, "gone.tif")


def test_text_named_tif(pair, tmp_path, capsys):
    (tmp_path / "text.tif").write_text("This is not a raster.\n", encoding="utf-8")
    refused(asked([pair[0], tmp_path / "text.tif"], tmp_path / "out"), tmp_path / "out", capsys, "text.tif")


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.05])
@pytest.mark.parametrize("tiled", [False, True])
def test_a_truncated_geotiff(pair, tmp_path, capsys, kept, tiled):
    layout = {"tiled": True, "blockxsize": 64, "blockysize": 64} if tiled else {}
    whole = Path(write(tmp_path / "whole.tif", ground(256, 256), **layout)).read_bytes()
    (tmp_path / "cut.tif").write_bytes(whole[: int(len(whole) * kept)])
    refused(asked([pair[0], tmp_path / "cut.tif"], tmp_path / "out"), tmp_path / "out", capsys, "cut.tif")


def test_rasters_that_do_not_overlap(pair, tmp_path, capsys):
    far = write(tmp_path / "far.tif", ground(), PLACE @ Affine.translation(5000, 0))
    refused(asked([pair[0], far], tmp_path / "out"), tmp_path / "out", capsys, "do not overlap", "far.tif")


@pytest.mark.parametrize("question", ["", "   ", "?!", "a" * 10_000])
def test_a_question_without_words_or_without_end(pair, tmp_path, capsys, question):
    refused(asked(pair, tmp_path / "out", question), tmp_path / "out", capsys, "question")


def test_a_raster_of_one_pixel(pair, tmp_path, capsys):
    one = write(tmp_path / "one.tif", ground()[:, :1, :1])
    refused(asked([pair[0], one], tmp_path / "out"), tmp_path / "out", capsys, "one.tif")


def test_nothing_but_nodata(pair, tmp_path, capsys):
    empty = write(tmp_path / "empty.tif", np.full((3, 96, 128), 7, np.uint8), nodata=7)
    refused(asked([pair[0], empty], tmp_path / "out"), tmp_path / "out", capsys, "empty.tif", "no data")


@pytest.mark.parametrize("kind", ["complex64", "complex128"])
def test_bands_of_a_type_that_holds_no_image(pair, tmp_path, capsys, kind):
    odd = write(tmp_path / "odd.tif", ground().astype(kind))
    refused(asked([pair[0], odd], tmp_path / "out"), tmp_path / "out", capsys, "odd.tif", kind)


def test_an_output_that_is_a_file(pair, tmp_path, capsys):
    (tmp_path / "taken").write_text("mine", encoding="utf-8")
    refused(asked(pair, tmp_path / "taken"), tmp_path / "taken", capsys, "taken")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "mine"


def test_an_output_folder_with_other_things_in_it(pair, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    refused(asked(pair, tmp_path / "mine"), tmp_path / "mine", capsys, "mine")
    assert (tmp_path / "mine" / "thesis.txt").is_file()


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a folder that not even root may write to")
def test_no_permission_at_the_output(pair, capsys):
    refused(asked(pair, Path("/proc/diachron/out")), Path("/proc/diachron/out"), capsys, "/proc/diachron/out")


def test_no_permission_in_a_folder_of_ones_own(pair, tmp_path, capsys):
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked").chmod(0o555)
    if os.access(tmp_path / "locked", os.W_OK):
        pytest.skip("this user may write anywhere")
    refused(asked(pair, tmp_path / "locked" / "out"), tmp_path / "locked" / "out", capsys, "locked")


def test_no_room_before_the_work(pair, tmp_path, capsys, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage._replace(free=1000))
    refused(asked(pair, tmp_path / "out"), tmp_path / "out", capsys, "no room")


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files stands in for a full disk")
def test_no_room_while_writing(pair, tmp_path):
    """The limit makes each write past it fail, as on a full disk, in the C libraries too."""
    code = (
        "import resource, signal, sys; from diachron.cli import main; from fake_interpreter import EchoInterpreter\n"
        "import diachron.ask; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "sys.exit(main(sys.argv[1:], lambda choice: EchoInterpreter(on_tile=limit)))"
    )
    command = [sys.executable, "-c", code, *map(str, asked(pair, tmp_path / "out"))]
    path = os.pathsep.join(each for each in sys.path if each)
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr and str(tmp_path / "out") in done.stderr.splitlines()[-1]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["after.tif", "before.tif"]


def test_a_language_it_does_not_speak(pair, tmp_path, capsys):
    question = "Wie viele Gebäude sind neu?"
    out = tmp_path / "out"
    refused(asked(pair, out, question), out, capsys, "language", question, "English or French")


# -- weights that cannot be used --------------------------------------------------------------


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """Return a folder with a card whose weights' checksum is that of other bytes."""
    pytest.importorskip("torch")
    from diachron.model.card import write_card
    from fake_interpreter import CARD

    folder = tmp_path / "model"
    folder.mkdir()
    write_card(folder, CARD)
    return folder


def with_model(pair: list[str], out: Path, model: Path) -> int:
    return main([*map(str, asked(pair, out)), "--model", str(model), "--device", "cpu"])


def one_line(capsys) -> str:
    lines = [each for each in capsys.readouterr().err.splitlines() if each.startswith("diachron: ")]
    assert len(lines) == 1
    return lines[0]


def test_weights_whose_checksum_differs(pair, tmp_path, capsys, model_folder):
    from dataclasses import replace

    from diachron.model.card import read_card, write_card

    (model_folder / "model.safetensors").write_bytes(b"\x00" * 100)
    write_card(model_folder, replace(read_card(model_folder), sha256={"model.safetensors": "0" * 64}))
    assert with_model(pair, tmp_path / "out", model_folder) == 3
    assert "corrupt" in one_line(capsys)
    assert not (tmp_path / "out").exists()


def test_weights_that_are_no_safetensors(pair, tmp_path, capsys, model_folder):
    (model_folder / "model.safetensors").write_bytes(b"\x00" * 100)
    assert with_model(pair, tmp_path / "out", model_folder) == 3
    assert "weights" in one_line(capsys)


def test_weights_that_are_a_pickle_are_never_loaded(pair, tmp_path, capsys):
    pytest.importorskip("torch")
    import pickle

    folder = tmp_path / "pickled"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": 1}))
    for model in (folder, folder / "pytorch_model.bin"):
        assert with_model(pair, tmp_path / "out", model) == 3
        assert "pickle" in one_line(capsys)


def test_a_pickle_behind_a_safetensors_name(pair, tmp_path, capsys, model_folder):
    import pickle

    (model_folder / "model.safetensors").write_bytes(pickle.dumps({"weight": 1}))
    assert with_model(pair, tmp_path / "out", model_folder) == 3
    assert "weights" in one_line(capsys)


def test_a_model_that_is_not_there(pair, tmp_path, capsys):
    pytest.importorskip("torch")
    assert with_model(pair, tmp_path / "out", tmp_path / "nowhere") == 3
    assert "no such model" in one_line(capsys)


# -- the commands about the installation ------------------------------------------------------


def test_the_doctor_says_versions_device_models_and_room(capsys):
    pytest.importorskip("torch")
    status = run("doctor")
    lines = capsys.readouterr().out.splitlines()
    assert status in (0, 1) and status == any(line.startswith("!!") for line in lines)
    for name in ("diachron", "torch", "rasterio", "GDAL", "PROJ", "device", "free disk"):
        assert any(line[4:].startswith(name) for line in lines), name


def test_models_are_listed_with_their_checksums_verified(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    import hashlib
    from dataclasses import replace

    from diachron.model.card import write_card
    from fake_interpreter import CARD

    folder = tmp_path / "weights" / "echo"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"weights")
    write_card(folder, replace(CARD, sha256={"model.safetensors": hashlib.sha256(b"weights").hexdigest()}))
    for module in ("folders", "adapters"):
        monkeypatch.setattr(f"diachron.model.{module}.resource", lambda name: tmp_path / name)
    assert run("models") == 0
    assert "echo 0.1, for tests" in capsys.readouterr().out
    (folder / "model.safetensors").write_bytes(b"others")
    assert run("models") == 1
    assert "corrupt" in capsys.readouterr().out


def test_the_engine_stays_offline_and_shares_the_cores(monkeypatch, capsys):
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    run("questions", "--count", 1)
    assert (os.environ["HF_HUB_OFFLINE"], os.environ["TRANSFORMERS_OFFLINE"]) == ("1", "1")
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    run("questions", "--count", 1)
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE", "who sets it is heard"


def test_importing_the_command_line_loads_nothing_heavy():
    code = "import sys, diachron.cli; print([n for n in ('torch', 'numpy', 'rasterio') if n in sys.modules])"
    path = os.pathsep.join(each for each in sys.path if each)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.stdout.strip() == "[]"


# -- made-up data -----------------------------------------------------------------------------


def test_questions_come_with_readings_that_read_keeps(capsys):
    assert run("questions", "--count", 20, "--seed", 3) == 0
    first = capsys.readouterr().out
    lines = [json.loads(line) for line in first.splitlines()]
    assert len(lines) == 20 and {each["language"] for each in lines} == {"en", "fr"}
    assert all(set(each["look"]) == {"task", "from", "to", "classes", "date", "region", "reason"} for each in lines)
    assert run("questions", "--count", 20, "--seed", 3) == 0
    assert capsys.readouterr().out == first


def test_a_synthetic_pair_can_be_asked_about(tmp_path, capsys):
    assert run("synthesize", "--out", tmp_path / "pairs", "--size", 96, "--seed", 5) == 0
    folder = Path(capsys.readouterr().out.strip())
    pair = [folder / "before.tif", folder / "after.tif"]
    assert run("ask", *pair, "--question", QUESTION, "--out", tmp_path / "out") == 0


@pytest.mark.parametrize("wrong", [["--count", "0"], ["--size", "8"], ["--gsd", "0"]])
def test_scenes_of_no_size_are_wrong_usage(tmp_path, wrong):
    try:
        status: Any = run("synthesize", "--out", tmp_path / "pairs", *wrong)
    except SystemExit as left:
        status = left.code
    assert status == 2 and not (tmp_path / "pairs").exists()
