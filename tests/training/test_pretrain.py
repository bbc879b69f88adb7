"""Pre-training as a whole: what it leaves on disk, and that no stop changes it by one bit.

Covers also: feasibility.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

import eruv
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.pretext.relation_settings import TRIMMED_RELATIONS, RelationSettings
from eruv.pretext.segment_arrays import SegmentTable
from eruv.training.base_config import OptimizerSettings
from eruv.training.checkpoint import Checkpoints
from eruv.training.feasibility import segment_table_of, task_maker
from eruv.training.pretrain import make_network, start_pretraining
from eruv.training.pretrain_config import ValidationSettings
from eruv.training.run_folder import RunFolder
from eruv.training.start import load_backbone
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from films_for_tests import SmallLibrary, render_video
from training_for_tests import (
    TINY,
    assert_same_result,
    one_validation_earlier,
    saved_steps,
    start_eruv,
    tiny,
    train,
    wait_until,
    write_recipe,
)


def test_a_finished_run_holds_all_that_is_needed_to_use_it(
    unbroken: RunFolder, small_library: SmallLibrary
) -> None:
    done = unbroken.read("done.json")
    assert (done["steps"], done["pairs_seen"]) == (12, 24)
    assert done["best_step"] in (6, 12)
    stored = unbroken.read("run.json")
    assert unbroken.config == tiny(precision="fp32")
    assert unbroken.library_folder == small_library.folder
    assert (stored["held_out_by"], stored["init"]) == ("videos", None)
    training, held_out = (
        SegmentTable.load(folder) for folder in (unbroken.training_data, unbroken.held_out_data)
    )
    assert (len(training.video_ids), len(held_out.video_ids)) == (3, 2)
    assert set(training.video_ids).isdisjoint(held_out.video_ids)
    encoder = eruv.load(unbroken.folder)
    assert encoder.details["pairs_seen"] == 2 * done["best_step"]
    assert encoder.details["accuracy"] == done["best_accuracy"]
    clips = torch.randint(0, 256, (2, 16, 32, 32, 3), dtype=torch.uint8)
    assert encoder(clips).shape == (2, encoder.num_features)
    card = (unbroken.folder / "README.md").read_text()
    assert "(chance 0.143)" in card
    assert not list(unbroken.folder.rglob("*.part"))


def test_a_finished_run_is_not_trained_again(
    unbroken: RunFolder, small_library: SmallLibrary
) -> None:
    before = (unbroken.folder / "metrics.jsonl").stat().st_mtime_ns
    train(small_library.folder, unbroken.folder)
    assert (unbroken.folder / "metrics.jsonl").stat().st_mtime_ns == before


def test_the_same_seed_gives_the_same_bits_whoever_reads_the_clips(
    unbroken: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    again = train(small_library.folder, tmp_path / "again", tiny(loader_workers=1))
    assert_same_result(again, unbroken)


def test_another_seed_gives_other_weights(
    unbroken: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    config = tiny(seed=1, pairs=2)
    other = train(small_library.folder, tmp_path / "other", config)
    task = task_maker(config)(SegmentTable.load(other.training_data).segments)
    first, second = (make_network(one, task).head.linear.weight for one in (TINY, config))
    assert not torch.equal(first, second)
    names = [one.read("run.json")["fingerprint"] for one in (unbroken, other)]
    assert names[0] == names[1]  # of the data, which did not change


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def assert_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=30)  # they look every five seconds
    assert not alive, "worker processes outlived the training"


LONGER = tiny(pairs=80, checkpoint_interval_s=0.0)


@pytest.fixture(scope="module")
def longer(small_library: SmallLibrary, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """An unbroken training that is long enough to be broken."""
    return train(small_library.folder, tmp_path_factory.mktemp("longer") / "run", LONGER)


def test_a_killed_training_goes_on_to_the_same_bits(
    longer: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    recipe = write_recipe(tmp_path / "recipe.yaml", replace(LONGER, loader_workers=1))
    run = tmp_path / "run"
    orphans = []
    moments = random.Random(time.time_ns())  # other moments each time, told when it fails
    for earliest in (1, 16):
        step = earliest + moments.randrange(12)
        process = start_eruv("pretrain", small_library.folder, "--to", run, "--config", recipe)
        wait_until(lambda step=step: saved_steps(run) >= step, process)
        time.sleep(moments.random() * 0.05)
        orphans += workers_of(process)
        process.kill()
        process.communicate()
        assert not (run / "done.json").exists(), f"too late at step {step}"
    assert len(orphans) >= 2
    assert_gone(orphans)
    assert_same_result(train(small_library.folder, run, LONGER), longer)


@pytest.mark.slow
def test_twenty_kills_change_no_bit(small_library: SmallLibrary, tmp_path: Path) -> None:
    config = tiny(pairs=1000, checkpoint_interval_s=0.1)
    unbroken = train(small_library.folder, tmp_path / "unbroken", config)
    recipe = write_recipe(tmp_path / "recipe.yaml", replace(config, loader_workers=1))
    run, moments = tmp_path / "run", random.Random(time.time_ns())
    for kill in range(20):
        before = saved_steps(run)
        process = start_eruv("pretrain", small_library.folder, "--to", run, "--config", recipe)
        wait_until(lambda step=before: saved_steps(run) > step, process)
        time.sleep(moments.random() * 0.3)
        process.kill()
        process.communicate()
        assert not (run / "done.json").exists(), f"too late at kill {kill}, step {before}"
    assert_same_result(train(small_library.folder, run, config), unbroken)


@pytest.mark.parametrize(
    ("number", "when"),
    [(signal.SIGINT, "workers start"), (signal.SIGTERM, "it trains")],
    ids=["ctrl-c", "sigterm"],
)
def test_a_signal_to_all_processes_ends_cleanly_with_the_state_saved(
    small_library: SmallLibrary, tmp_path: Path, number: signal.Signals, when: str
) -> None:
    config = tiny(pairs=2000, loader_workers=1)
    recipe = write_recipe(tmp_path / "recipe.yaml", config)
    run = tmp_path / "run"
    process = start_eruv("pretrain", small_library.folder, "--to", run, "--config", recipe)
    ready = (lambda: workers_of(process)) if when == "workers start" else (lambda: saved_steps(run))
    wait_until(ready, process)
    workers = workers_of(process)
    os.killpg(process.pid, number)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert output == ""
    assert "Traceback" not in errors
    assert "Run the same command again to continue." in errors
    step = saved_steps(run)
    assert f"stopped at step {step} of 1000" in errors
    assert step > 0
    assert_gone(workers)


def test_a_script_without_a_main_guard_trains_and_runs_once(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    config = write_recipe(tmp_path / "recipe.yaml", tiny(pairs=4, loader_workers=1))
    script = tmp_path / "script.py"
    script.write_text(
        "import yaml, eruv\n"
        "print('here')\n"
        f"config = eruv.PretrainConfig.from_dict(yaml.safe_load(open({str(config)!r})))\n"
        f"result = eruv.pretrain({str(small_library.folder)!r}, 'run', config, device='cpu')\n"
        "print(result.pairs_seen)\n"
    )
    done = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "here\n4\n"), done.stderr


def test_a_start_that_was_cut_off_is_made_again(
    unbroken: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    for name in ("train", "held_out"):
        (tmp_path / "run" / "data" / name).mkdir(parents=True)
        (tmp_path / "run" / "data" / name / "start.npy").write_bytes(b"half")
    assert_same_result(train(small_library.folder, tmp_path / "run"), unbroken)


def test_a_run_goes_on_with_its_own_data_after_the_library_grew(
    unbroken: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    shutil.copytree(small_library.folder, library)
    run = RunFolder(tmp_path / "run")
    start_pretraining(run, Library(library), TINY, init=None)
    render_video(tmp_path / "more.mp4", [(90, 70), (91, 70)])
    ingest([tmp_path / "more.mp4"], library, workers=1)
    assert_same_result(train(library, run.folder), unbroken)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"batch_norm": "per_clip"},
        {"pairs": 26},
        {"task": RelationSettings(paired_window=True)},
        {"optimizer": OptimizerSettings(learning_rate=0.02)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_run_does_not_go_on_with_other_settings(
    unbroken: RunFolder, small_library: SmallLibrary, changes: dict[str, Any]
) -> None:
    with pytest.raises(EruvError, match=rf"started with other settings: {next(iter(changes))}[ .]"):
        train(small_library.folder, unbroken.folder, tiny(**changes))


def test_a_run_does_not_go_on_with_another_library_or_start(
    unbroken: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    shutil.copytree(small_library.folder, tmp_path / "library")
    with pytest.raises(EruvError, match="other settings: init, library "):
        train(tmp_path / "library", unbroken.folder, init=unbroken.folder)


def test_a_run_of_a_newer_version_does_not_go_on(
    unbroken: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    run = RunFolder(Path(shutil.copytree(unbroken.folder, tmp_path / "run")))
    stored = run.read("run.json")
    stored["configured"]["bogus"] = 1
    stored["library"] = str(small_library.folder)
    run.write("run.json", stored)
    with pytest.raises(EruvError, match=r"run\.json .* unknown: bogus.* newer version"):
        train(small_library.folder, run.folder)


def test_settings_that_change_the_speed_alone_may_differ(
    unbroken: RunFolder, small_library: SmallLibrary, capsys: pytest.CaptureFixture[str]
) -> None:
    train(small_library.folder, unbroken.folder, tiny(threads=2, checkpoint_interval_s=5.0))
    assert "started with 1 threads and continues with them" in capsys.readouterr().err


def test_init_starts_from_the_weights_and_statistics_of_an_encoder(
    unbroken: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    encoder = eruv.load(unbroken.folder)
    config = tiny(pairs=2, optimizer=OptimizerSettings(learning_rate=1e-12))
    run = train(small_library.folder, tmp_path / "run", config, init=unbroken.folder)
    assert run.read("run.json")["init"] == str(unbroken.folder)
    started = load_backbone(unbroken.folder, config.backbone, config.width, "rgb").state_dict()
    trained = eruv.load(run.folder).backbone.state_dict()
    for name, values in encoder.backbone.state_dict().items():
        assert torch.equal(started[name], values), name
        if "running" not in name and "batches" not in name:
            torch.testing.assert_close(trained[name], values)


def test_an_encoder_of_another_kind_is_refused_before_anything_is_written(
    unbroken: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    for changes in ({"backbone": "c3d"}, {"width": 0.1}):
        with pytest.raises(EruvError, match=r"Set backbone and width as in its config.json"):
            train(small_library.folder, tmp_path / "run", tiny(**changes), init=unbroken.folder)
        assert not (tmp_path / "run" / "run.json").exists()


def test_one_process_at_a_time_writes_to_a_run(
    unbroken: RunFolder, small_library: SmallLibrary
) -> None:
    with folder_lock(unbroken.folder), pytest.raises(EruvError, match="another eruv process"):
        train(small_library.folder, unbroken.folder)


def test_trimmed_videos_are_trained_with_five_relations_and_per_clip_batch_norm(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    config = tiny(trimmed=True, batch_norm="per_clip", pairs=4)
    run = train(small_library.folder, tmp_path / "run", config)
    assert run.config.task.relations == TRIMMED_RELATIONS
    segments = SegmentTable.load(run.training_data).segments
    assert (segments.num_shots, segments.num_videos) == (3, 3)
    assert eruv.load(run.folder).details["chance"] == 1 / 5


# Libraries at the edge of what can be trained on.


@pytest.fixture(scope="module")
def library_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Library]:
    def make(*films: tuple[int, ...]) -> Library:
        folder = tmp_path_factory.mktemp("edge")
        for number, counts in enumerate(films):
            shots = [(50 * number + shot, count) for shot, count in enumerate(counts)]
            render_video(folder / f"{number}.mp4", shots)
        ingest([folder], folder / "library", workers=1)
        return Library(folder / "library")

    return make


def test_one_video_of_two_shots_is_enough_without_the_relations_it_cannot_have(
    library_of: Callable[..., Library], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = train(library_of((60, 70)).folder, tmp_path / "run", tiny(pairs=2))
    assert run.read("run.json")["held_out_by"] == "shots"
    assert run.config.task.relations == ("C_S", "C_R", "P_I", "P_D", "P_S")
    told = capsys.readouterr().err
    for name in ("C_V", "C_D"):
        assert f"relation {name} is impossible on the training videos and is left out" in told


@pytest.mark.parametrize(
    ("films", "message"),
    [([(40,)], "no segment to train on"), ([(60,)], "at least two shots with segments")],
)
def test_a_library_too_small_to_train_on_is_refused(
    library_of: Callable[..., Library], tmp_path: Path, films: list[tuple[int]], message: str
) -> None:
    with pytest.raises(EruvError, match=message):
        train(library_of(*films).folder, tmp_path / "run")
    assert not (tmp_path / "run" / "run.json").exists()


def test_held_out_videos_that_allow_no_relation_are_refused_before_training(
    library_of: Callable[..., Library], tmp_path: Path
) -> None:
    library = library_of((60,), (61,), (62, 63))
    single = min(row["video_id"] for row in library.videos() if row["num_frames"] < 100)
    config = tiny(
        task=RelationSettings(relations=("C_V", "C_D")),
        validation=ValidationSettings(held_out_ids=(single,)),
    )
    with pytest.raises(EruvError, match="held-out videos allow none of the relations C_V, C_D"):
        train(library.folder, tmp_path / "run", config)


def test_segments_shorter_than_a_clip_are_left_out(
    library_of: Callable[..., Library], tmp_path: Path
) -> None:
    from eruv.detection.segments import SegmentSettings
    from eruv.library.video_pass import EditingSettings

    folder = library_of((60, 70)).folder.parent
    settings = EditingSettings(segments=SegmentSettings(length=25, minimum=5))
    ingest([folder / "0.mp4"], tmp_path / "library", workers=1, settings=settings)
    library = Library(tmp_path / "library")
    assert min(library.segments()["end"].to_numpy() - library.segments()["start"].to_numpy()) < 16
    lengths = library.segments()["end"].to_numpy() - library.segments()["start"].to_numpy()
    kept, left_out = segment_table_of(library, TINY)
    assert sorted(kept.segments.lengths) == sorted(lengths[lengths >= 16])
    assert left_out == (lengths < 16).sum() > 0
    with pytest.raises(
        EruvError, match=r"64 frames or more \(vcop needs 64\)\. Its segments have 25"
    ):
        train(library.folder, tmp_path / "run", tiny(pretext="vcop"))


def test_the_comparison_head_and_residual_frames_train_and_are_remembered(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    config = tiny(input="residual", task=RelationSettings(head="comparison"), pairs=8)
    run = train(small_library.folder, tmp_path / "run", config)
    assert run.config.input == "residual"
    assert run.config.task.head == "comparison"
    assert eruv.load(run.folder).input == "residual"
    assert eruv.relations(run.folder, pairs_per_relation=2, device="cpu").relations


def test_a_run_goes_on_as_it_was_started_where_no_configuration_is_named(
    unbroken: RunFolder, small_library: SmallLibrary
) -> None:
    run = one_validation_earlier(unbroken, "without-a-configuration")
    eruv.pretrain(small_library.folder, run.folder, device="cpu")
    assert_same_result(run, unbroken)


def test_an_encoder_remembers_the_proxies_that_it_was_trained_on(
    unbroken: RunFolder, small_library: SmallLibrary
) -> None:
    proxy = Library(small_library.folder).settings.proxy
    assert eruv.load(unbroken.folder).details["proxy"] == asdict(proxy)


def test_a_run_says_what_differs_and_with_which_values(
    unbroken: RunFolder, small_library: SmallLibrary
) -> None:
    config = tiny(seed=1, optimizer=OptimizerSettings(learning_rate=0.02))
    with pytest.raises(EruvError) as error:
        train(small_library.folder, unbroken.folder, config)
    assert "optimizer.learning_rate is 0.01 in the run, 0.02 here" in str(error.value)
    assert "seed is 0 in the run, 1 here" in str(error.value)
    assert "momentum" not in str(error.value)


def test_an_encoder_is_read_once_and_may_then_go(
    unbroken: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    init = RunFolder(Path(shutil.copytree(unbroken.folder, tmp_path / "init")))
    config = tiny(pairs=4)
    library = Library(small_library.folder)
    start_pretraining(RunFolder(tmp_path / "run"), library, config, init.folder)
    weights = init.folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole + b" ")
    with pytest.raises(EruvError, match="trained further or again since"):
        train(small_library.folder, tmp_path / "run", config, init=init.folder)
    weights.write_bytes(whole)
    train(small_library.folder, tmp_path / "run", config, init=init.folder)
    shutil.rmtree(init.folder)
    (tmp_path / "run" / "done.json").unlink()
    train(small_library.folder, tmp_path / "run", config, init=init.folder)
    assert (tmp_path / "run" / "done.json").exists()


def test_a_video_that_vanishes_in_mid_run_is_named_and_the_run_goes_on_once_it_is_back(
    unbroken: RunFolder,
    small_library: SmallLibrary,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = Path(shutil.copytree(small_library.folder, tmp_path / "library"))
    monkeypatch.setattr("eruv.clips.reader.MAX_OPEN_PROXIES", 1)
    proxies = library / "proxies"
    save = Checkpoints.save

    def vanishing(checkpoints: Checkpoints, *state: Any) -> Path:
        if proxies.exists():
            proxies.rename(tmp_path / "gone")
        return save(checkpoints, *state)

    config = tiny(checkpoint_interval_s=0.0)
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "save", vanishing)
        with pytest.raises(EruvError) as error:
            train(library, tmp_path / "run", config)
    assert re.fullmatch(
        r"the proxy \S+\.mp4 is gone\. Rebuild it with eruv repair LIBRARY, and run the same "
        r"command again\.",
        str(error.value),
    )
    log = (tmp_path / "run" / "log.txt").read_text()
    assert "pretrain: 24 pairs" in log
    assert "Traceback" in log
    (tmp_path / "gone").rename(proxies)
    run = train(library, tmp_path / "run", config)
    assert_same_result(run, unbroken)


def test_a_damaged_proxy_is_named_by_a_worker_without_its_trace(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    library = Path(shutil.copytree(small_library.folder, tmp_path / "library"))
    for path in (library / "proxies").rglob("*.mp4"):
        path.write_bytes(b"no film")
    with pytest.raises(EruvError) as error:
        train(library, tmp_path / "run", tiny(loader_workers=1))
    assert re.fullmatch(r"the proxy \S+\.mp4 is damaged \(.*\)\. Rebuild it .*", str(error.value))
