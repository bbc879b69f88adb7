"""The command line: exit codes, one sentence for each mistake, and clean JSON.

Covers also: utils/errors.
"""

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import eruv
from eruv.cli.main import COMMANDS
from films_for_tests import SmallLibrary
from training_for_tests import start_eruv, tiny, write_recipe

Call = Callable[..., Any]


def assert_one_sentence(called: Any, code: int, *parts: str) -> None:
    assert called.code == code, called
    assert called.out == ""
    assert called.err.count("\n") == 1, called.err
    assert called.err.startswith("eruv")
    for part in parts:
        assert part in called.err


@pytest.mark.parametrize("word", ["--version", "-V"])
def test_version(call: Call, word: str) -> None:
    assert call(word) == (0, f"eruv {eruv.__version__}\n", "")


def test_without_words_it_says_what_there_is_and_fails(call: Call) -> None:
    called, helped = call(), call("--help")
    assert (called.code, helped.code) == (2, 0)
    assert called.out == helped.out
    assert all(f"eruv {name} " in helped.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(call: Call, name: str) -> None:
    called = call(name, "--help")
    assert called.code == 0
    assert called.out.startswith(f"usage: eruv {name}")
    assert COMMANDS[name] in " ".join(called.out.split())
    assert "--json" in called.out


def test_an_unknown_command_is_refused_with_those_there_are(call: Call) -> None:
    called = call("train")
    assert_one_sentence(called, 2, "no command 'train'", "ingest", "pretrain")


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("pretrain", ["required"]),
        ("pretrain lib", ["required", "to"]),
        ("pretrain lib --to run --bogus 3", ["--bogus"]),
        ("pretrain lib --to run --width wide", ["width", "wide"]),
        ("pretrain lib --to run --schedule.name step", ["schedule.name", "step"]),
        # Refused by the settings themselves, not by the parser.
        ("pretrain lib --to run --batch_size 0", ["--batch-size must be at least 1; got 0"]),
        ("pretrain lib --to run --width -1", ["width must be a factor in (0, 4]"]),
        ("pretrain lib --to run --size.crop 999", ["crop must be at least 16 and fit into"]),
        ("pretrain lib --to run --optimizer.momentum 3", ["momentum must be in [0, 1); got 3.0"]),
        ("pretrain lib --to run --task.relations [C_S]", ["at least two of C_S, C_V"]),
        ("pretrain lib --to run --task.relations [C_S,C_X]", ["at least two of C_S, C_V"]),
        ("pretrain lib --to run --validation.share 1.5", ["share must be in (0, 1); got 1.5"]),
        ("run film.mp4 --to out --epochs 0", ["epochs must be at least 1"]),
        ("relations run --seed half", ["seed", "half"]),
        ("ingest film.mp4", ["required", "to"]),
        ("ingest film.mp4 --to lib --workers many", ["workers", "many"]),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(call: Call, words: str, parts: list[str]) -> None:
    assert_one_sentence(call(*words.split(), *device(words)), 2, "(see eruv", *parts)


def device(words: str) -> list[str]:
    """Training commands in tests stay on the processor."""
    return ["--device", "cpu"] if words.split()[0] in ("pretrain", "run") else []


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("bogus: 1\n", "'bogus' is not accepted"),
        ("task: {bogus: 1}\n", "bogus"),
        ("width: [1\n", "config"),
        ("width: wide\n", "width"),
        ("seed: -1\n", "seed must be in [0, 2^32); got -1"),
        ("size: {crop: 500}\n", "crop must be at least 16"),
    ],
)
def test_a_bad_recipe_is_one_sentence_and_exit_2(
    call: Call, tmp_path: Path, text: str, part: str
) -> None:
    (tmp_path / "recipe.yaml").write_text(text)
    called = call("pretrain", "lib", "--to", "run", "--config", tmp_path / "recipe.yaml")
    assert_one_sentence(called, 2, part)


def test_a_recipe_that_is_missing_is_one_sentence_and_exit_2(call: Call, tmp_path: Path) -> None:
    called = call("pretrain", "lib", "--to", "run", "--config", tmp_path / "none.yaml")
    assert_one_sentence(called, 2, "none.yaml", "does not exist")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("ingest {}/none.mp4 --to {}/lib", "none.mp4 does not exist"),
        ("ingest {}/file --to {}/lib --workers 0", "at least 1; got 0"),
        ("pretrain {}/none --to {}/run --device cpu", "is not a library"),
        ("pretrain {}/none --to {}/run --device tpu", "--device must be one of auto, cpu, cuda"),
        ("relations {}/none", "it is not a run"),
        ("relations {}/none --pairs-per-relation 0", "must be at least 1; got 0"),
        ("relations {}/none --seed -1", "--seed must be at least 0; got -1"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_1(
    call: Call, tmp_path: Path, words: str, part: str
) -> None:
    (tmp_path / "file").touch()
    called = call(*words.replace("{}", str(tmp_path)).split())
    assert_one_sentence(called, 1, part)
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_folder_that_cannot_be_made_is_one_sentence_and_exit_1(
    call: Call, small_library: SmallLibrary, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    called = call("pretrain", small_library.folder, "--to", tmp_path / "file", "--device", "cpu")
    assert_one_sentence(called, 1, "file")


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
@pytest.mark.parametrize("command", ["pretrain lib", "run film.mp4"])
def test_cuda_where_there_is_none_is_one_sentence_and_exit_1(call: Call, command: str) -> None:
    called = call(*command.split(), "--to", "out", "--device", "cuda")
    assert_one_sentence(called, 1, "torch finds no CUDA device", "eruv doctor")


def test_ctrl_c_is_130_and_says_how_to_go_on(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*ignored: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(eruv, "ingest", interrupted)
    called = call("ingest", tmp_path, "--to", tmp_path / "lib")
    assert_one_sentence(called, 130, "interrupted; run the same command again")


def test_ctrl_c_during_an_import_is_130_too(tmp_path: Path) -> None:
    """A KeyboardInterrupt that crossed the exec of a string would end `python -m` by the signal."""
    (tmp_path / "interrupted.py").write_text(
        "import eruv\n"
        "from eruv.cli.main import main\n"
        "eruv.doctor = lambda **options: exec('raise KeyboardInterrupt')\n"
        "main(['doctor'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "interrupted"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert "interrupted; run the same command again" in done.stderr


def test_json_is_one_object_on_stdout_and_all_else_goes_to_stderr(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    process = start_eruv("ingest", small_library.truth[0].path, "--to", tmp_path / "lib", "--json")
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert output.count("\n") == 1
    assert json.loads(output)["videos"] == 1
    assert "ingest" in errors


def test_strict_is_exit_3_where_files_are_quarantined(
    call: Call, small_library: SmallLibrary, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    words = ["ingest", small_library.truth[0].path, broken, "--to", tmp_path / "lib"]
    words += ["--workers", "1"]
    assert call(*words).code == 0
    strict = call(*words, "--strict", "--json")
    assert strict.code == 3
    (found,) = json.loads(strict.out)["quarantined"]
    assert found["path"] == str(broken)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"stage": "pre', "run.json is damaged"),
        ('{"config": {"bogus": 1}}', "run.json has no settings that this version"),
        ('{"config": {"width": 9}}', "width must be a factor in (0, 4]"),
        ('{"stage": "pretrain"}', "run.json has no settings"),
    ],
)
def test_a_run_that_cannot_be_read_is_one_sentence(
    call: Call, tmp_path: Path, text: str, part: str
) -> None:
    (tmp_path / "run.json").write_text(text)
    called = call("report", tmp_path)
    assert_one_sentence(called, 1, part, str(tmp_path), "into another folder")


def test_pretrain_and_relations_from_the_command_line(
    call: Call, small_library: SmallLibrary, tmp_path: Path
) -> None:
    recipe = write_recipe(tmp_path / "recipe.yaml", tiny(pairs=10))
    run = tmp_path / "run"
    words = ["pretrain", small_library.folder, "--to", run, "--config", recipe, "--device", "cpu"]
    # Words after a recipe change it; lists are written in brackets.
    called = call(*words, "--pairs", "2", "--task.relations", "[P_S,C_S,C_D]", "--json")
    assert called.code == 0, called.err
    result = json.loads(called.out)
    assert (result["run"], result["pairs_seen"]) == (str(run), 2)
    assert "pretrain" in called.err
    called = call("relations", run, "--pairs-per-relation", "1", "--device", "cpu", "--json")
    assert called.code == 0, called.err
    measured = json.loads(called.out)
    assert list(measured["relations"]) == ["C_S", "C_D", "P_S"]
    assert measured["chance"] == 1 / 3
    shown = call("relations", run, "--pairs-per-relation", "1", "--device", "cpu")
    assert shown.code == 0
    assert "paper (C3D, THUMOS14)" in shown.out


def test_doctor_finds_nothing_that_breaks_json(call: Call) -> None:
    called = call("doctor", "--json")
    assert called.code == 0
    found = json.loads(called.out)
    assert found["versions"]["eruv"] == eruv.__version__
    assert 0 < found["shot_detector_ms"] < 10


def full_disk(**options: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/there/file")


def test_a_full_disk_is_one_sentence_and_debug_shows_where(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eruv.doctor", full_disk)
    plain, debug = call("doctor"), call("doctor", "--debug")
    sentence = "eruv doctor: the disk of /there/file is full. Make room, and run the same command"
    assert (plain.code, debug.code) == (1, 1)
    assert plain.err.startswith(sentence)
    assert plain.err.count("\n") == 1
    assert "in full_disk" in debug.err
    assert sentence in debug.err


def test_a_thread_with_a_full_disk_prints_no_trace_and_others_do(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def threads(**options: object) -> None:
        for failing in (full_disk, lambda: [][1]):
            thread = threading.Thread(target=failing)
            thread.start()
            thread.join()
        full_disk()

    monkeypatch.setattr(threading, "excepthook", threading.excepthook)  # put back at the end
    monkeypatch.setattr("eruv.doctor", threads)
    called = call("doctor")
    assert "IndexError" in called.err
    assert "OSError" not in called.err
    assert called.err.count("is full") == 1


def test_who_reads_only_the_beginning_of_json_sees_no_trace(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "eruv", "doctor", "--json"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
