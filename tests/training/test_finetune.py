"""Training on labels as a whole: what it starts from and keeps, and that no stop changes it.

Covers also: base_config, evaluation/finetune, models/classifier, run_folder, trainer.
"""

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional

import eruv
from eruv.clips.spec import ClipSpec
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.models.classifier import Classifier
from eruv.models.encoder import Encoder
from eruv.training.base_config import OptimizerSettings
from eruv.training.finetune import make_classifier
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.metrics import read_metrics
from eruv.training.run_folder import RunFolder
from eruv.training.schedule import ScheduleSettings
from eruv.utils.errors import EruvError
from labelled_for_tests import CLASSES, TINY_FINETUNE, train_classifier
from training_for_tests import last_state, one_validation_earlier, saved_steps, wait_until

TESTS = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def scratch(labelled: LabelledVideos, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The tiny training from scratch; read only."""
    return train_classifier(labelled, tmp_path_factory.mktemp("scratch") / "model")


def validations(run: RunFolder) -> list[dict[str, float]]:
    return [line for line in read_metrics(run.folder) if line["kind"] == "validation"]


def held_out_of(run: RunFolder, data: LabelledVideos) -> list[LabelledVideo]:
    held = {video_id for video_id, _, _ in run.read("run.json")["data"]["held_out"]}
    return [video for video in data.train if data.video_ids[video.video] in held]


def test_a_finished_training_holds_all_that_is_needed_to_use_it(
    scratch: RunFolder, labelled: LabelledVideos
) -> None:
    done = scratch.read("done.json")
    assert (done["steps"], done["clips_seen"]) == (8, 32)
    stored = scratch.read("run.json")
    resolved = replace(TINY_FINETUNE, precision="fp32")
    assert FinetuneConfig.from_dict(stored["config"]) == resolved
    assert (stored["stage"], stored["init"]) == ("finetune", None)
    assert (stored["data"]["name"], stored["data"]["training"]) == ("films", 12)
    assert Counter(video.label for video in held_out_of(scratch, labelled)) == Counter(CLASSES)
    classifier = eruv.load_classifier(scratch.folder)
    assert not classifier.training
    assert classifier.classes == CLASSES
    assert classifier.size == TINY_FINETUNE.size
    assert classifier.details["clips_seen"] == 4 * done["best_step"]
    assert "Trained from scratch." in (scratch.folder / "README.md").read_text()
    assert not list(scratch.folder.rglob("*.part"))


def test_kept_are_the_weights_of_the_lowest_validation_loss(
    scratch: RunFolder, labelled: LabelledVideos
) -> None:
    done = scratch.read("done.json")
    assert [line["step"] for line in validations(scratch)] == [4, 8]
    best = min(validations(scratch), key=lambda line: line["loss"])
    assert (done["best_step"], done["best_loss"]) == (best["step"], best["loss"])
    # By hand: the middle clip of each held-out video through what was kept.
    classifier = eruv.load_classifier(scratch.folder)
    reader = labelled.reader(classifier.size)
    losses, right = [], []
    for video in held_out_of(scratch, labelled):
        first = (video.end - 16) // 2 if video.end >= 16 else 0
        frames = tuple((first + step) % video.end for step in range(16))
        clip = reader.read(ClipSpec(video.video, frames, (0, 5)))
        with torch.no_grad():
            logits = classifier(torch.from_numpy(clip)[None])[0]
        label = CLASSES.index(video.label)
        losses.append(float(-functional.log_softmax(logits, 0)[label]))
        right.append(int(logits.argmax()) == label)
    assert sum(losses) / 3 == pytest.approx(best["loss"], rel=1e-5)
    assert sum(right) / 3 == best["accuracy"]


def relabelled(data: LabelledVideos) -> LabelledVideos:
    """Four dark films under three classes: only a memory for single films tells them apart."""
    dark = [video for video in data.train if video.label == "dark"][1:5]
    videos = tuple(
        replace(video, label=label)
        for video, label in zip(dark, (*CLASSES, CLASSES[0]), strict=True)
    )
    return replace(data, train=videos, test=videos)


def test_one_batch_is_learned_by_heart(labelled: LabelledVideos, tmp_path: Path) -> None:
    data = relabelled(labelled)
    config = replace(
        TINY_FINETUNE,
        steps=60,
        held_out=0,
        batch_norm_batches=4,
        width=0.1,
        optimizer=OptimizerSettings("adamw", 0.01),
        schedule=ScheduleSettings("cosine"),
    )
    run = train_classifier(data, tmp_path / "model", config)
    done = run.read("done.json")
    # Where nothing is held out, the last weights are kept, and measured on what was learned.
    assert (done["best_step"], done["best_accuracy"]) == (60, 1.0)
    assert len(validations(run)) == 1
    classifier = eruv.load_classifier(run.folder)
    reader = data.reader(classifier.size)
    for video in data.train:
        clip = reader.read(ClipSpec(video.video, tuple(range(3, 19)), (0, 8)))
        with torch.no_grad():
            found = int(classifier(torch.from_numpy(clip)[None]).argmax())
        assert CLASSES[found] == video.label


LONGER = replace(TINY_FINETUNE, steps=40, validate_steps=10)
SCRIPT = """
import json, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from labelled_for_tests import opened
import eruv
from eruv.training.finetune import train_classifier

config = eruv.FinetuneConfig.from_dict(json.loads({config!r}))
print(train_classifier(opened(Path({library!r})), {to!r}, config, device="cpu")["steps"])
"""


def break_off(
    data: LabelledVideos, to: Path, steps: int, number: signal.Signals, workers: int
) -> None:
    """Train in a process of its own, a script without a main guard, and end it after some steps."""
    script = to.parent / "script.py"
    config = replace(LONGER, loader_workers=workers, checkpoint_interval_s=0.0)
    words = {"tests": str(TESTS), "library": str(data.library.folder), "to": str(to)}
    script.write_text(SCRIPT.format(config=json.dumps(config.to_dict()), **words))
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: saved_steps(to) >= steps, process)
    time.sleep(random.random() * 0.05)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert not (to / "done.json").exists(), f"too late at step {steps}"
    assert ("the state is saved" in said) == (number == signal.SIGTERM), said


def assert_same_result(run: RunFolder, other: RunFolder) -> None:
    for name in ("model.safetensors", "config.json", "README.md"):
        assert (run.folder / name).read_bytes() == (other.folder / name).read_bytes(), name
    assert last_state(run) == last_state(other)
    assert validations(run) == validations(other)
    assert len(validations(run)) == 4


@pytest.fixture(scope="module")
def longer(labelled: LabelledVideos, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """An unbroken training that is long enough to be broken."""
    return train_classifier(labelled, tmp_path_factory.mktemp("longer") / "model", LONGER)


@pytest.mark.slow  # the loop is pre-training's, which the quick tests kill
def test_a_killed_training_goes_on_to_the_same_bits(
    longer: RunFolder, labelled: LabelledVideos, tmp_path: Path
) -> None:
    # Another moment each time, told when it fails; clips come from a worker, then from here.
    steps = 1 + random.Random(time.time_ns()).randrange(25)
    break_off(labelled, tmp_path / "model", steps, signal.SIGKILL, workers=1)
    assert_same_result(train_classifier(labelled, tmp_path / "model", LONGER), longer)


@pytest.mark.slow
def test_six_stops_change_no_bit(
    longer: RunFolder, labelled: LabelledVideos, tmp_path: Path
) -> None:
    for stop in range(6):
        number = signal.SIGTERM if stop % 2 else signal.SIGKILL
        break_off(labelled, tmp_path / "model", 5 * stop + 1, number, workers=stop % 3 // 2)
    assert_same_result(train_classifier(labelled, tmp_path / "model", LONGER), longer)


def test_an_epoch_is_one_clip_of_every_video(labelled: LabelledVideos, tmp_path: Path) -> None:
    config = replace(
        TINY_FINETUNE, steps=None, epochs=2, batch_size=5, validate_steps=None, width=0.02
    )
    run = train_classifier(labelled, tmp_path / "model", config)
    # Two epochs of 12 videos are 4.8 steps of 5; one epoch is 2.4.
    assert run.read("done.json")["steps"] == 5
    assert [line["step"] for line in validations(run)] == [2, 4, 5]


@pytest.fixture(scope="module")
def fine_tuned(
    labelled: LabelledVideos, unbroken: RunFolder, tmp_path_factory: pytest.TempPathFactory
) -> RunFolder:
    """One step from the tiny pre-training, whose network the configuration leaves open."""
    config = replace(
        TINY_FINETUNE, backbone=None, width=None, size=None, steps=1, batch_norm_batches=0
    )
    to = tmp_path_factory.mktemp("fine") / "model"
    return train_classifier(labelled, to, config, init=unbroken.folder)


def test_fine_tuning_starts_from_weights_and_statistics_with_a_new_layer(
    unbroken: RunFolder,
) -> None:
    encoder = eruv.load(unbroken.folder)
    started = make_classifier(TINY_FINETUNE, CLASSES, unbroken.folder)
    for name, values in encoder.backbone.state_dict().items():
        assert torch.equal(started.backbone.state_dict()[name], values), name
    scratch = make_classifier(TINY_FINETUNE, CLASSES, None)
    assert torch.equal(started.head.weight, scratch.head.weight)
    other = make_classifier(replace(TINY_FINETUNE, seed=1), CLASSES, unbroken.folder)
    assert not torch.equal(other.head.weight, started.head.weight)


def test_fine_tuning_takes_the_encoder_s_network_and_trains_all_of_it(
    fine_tuned: RunFolder, unbroken: RunFolder
) -> None:
    stored = fine_tuned.read("run.json")
    assert stored["init"] == str(unbroken.folder)
    assert (stored["configured"]["backbone"], stored["config"]["backbone"]) == (None, "r3d")
    assert stored["config"]["size"] == {"height": 32, "width": 43, "crop": 32}
    started = make_classifier(TINY_FINETUNE, CLASSES, unbroken.folder)
    trained = eruv.load_classifier(fine_tuned.folder)
    for (name, before), after in zip(started.named_parameters(), trained.parameters(), strict=True):
        assert not torch.equal(before, after), name
    assert "Fine-tuned from run." in (fine_tuned.folder / "README.md").read_text()


def test_an_encoder_of_another_kind_is_refused_before_anything_is_written(
    labelled: LabelledVideos, unbroken: RunFolder, tmp_path: Path
) -> None:
    for changes in ({"backbone": "c3d"}, {"width": 0.1}):
        with pytest.raises(EruvError, match=r"is a r3d of width 0.05.* leave them out"):
            train_classifier(
                labelled,
                tmp_path / "model",
                replace(TINY_FINETUNE, **changes),
                init=unbroken.folder,
            )
        assert not (tmp_path / "model" / "run.json").exists()
    config = replace(TINY_FINETUNE, input="residual")
    with pytest.raises(EruvError, match="sees rgb frames, and the configuration has input resid"):
        train_classifier(labelled, tmp_path / "model", config, init=unbroken.folder)


def test_a_training_that_does_not_name_its_input_goes_on(
    labelled: LabelledVideos, scratch: RunFolder
) -> None:
    run = one_validation_earlier(scratch, "of-an-earlier-version")
    stored = run.read("run.json")
    for part in ("configured", "config"):
        del stored[part]["input"]
    run.write("run.json", stored)
    config = replace(TINY_FINETUNE, input=None)
    assert last_state(train_classifier(labelled, run.folder, config)) == last_state(scratch)


def test_a_classifier_sees_what_its_encoder_saw(labelled: LabelledVideos, tmp_path: Path) -> None:
    Encoder("r3d", 0.05, 32, 43, 32, input="residual").save_pretrained(tmp_path / "encoder")
    config = replace(TINY_FINETUNE, input=None, steps=1)
    run = train_classifier(labelled, tmp_path / "model", config, init=tmp_path / "encoder")
    assert run.read("run.json")["config"]["input"] == "residual"
    assert eruv.load_classifier(run.folder).input == "residual"


def test_a_training_does_not_go_on_with_other_settings(
    scratch: RunFolder, labelled: LabelledVideos, unbroken: RunFolder
) -> None:
    for changes in ({"seed": 1}, {"steps": 9}, {"held_out": 4}, {"labels_per_class": 2}):
        with pytest.raises(EruvError, match=f"other settings: {next(iter(changes))} "):
            train_classifier(labelled, scratch.folder, replace(TINY_FINETUNE, **changes))
    with pytest.raises(EruvError, match="other settings: init "):
        train_classifier(labelled, scratch.folder, init=unbroken.folder)
    fewer = replace(labelled, train=labelled.train[1:])
    with pytest.raises(EruvError, match="other settings: the training videos "):
        train_classifier(fewer, scratch.folder)


def test_a_training_does_not_go_on_from_an_encoder_that_was_trained_anew(
    labelled: LabelledVideos, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    Encoder("r3d", 0.05, 32, 43, 32).save_pretrained(tmp_path / "encoder")
    to, init = tmp_path / "model", tmp_path / "encoder"
    train_classifier(labelled, to, replace(TINY_FINETUNE, steps=1), init=init)
    Encoder("r3d", 0.05, 32, 43, 32).save_pretrained(tmp_path / "encoder")
    with pytest.raises(EruvError, match="encoder, which was trained further or again since"):
        train_classifier(labelled, to, replace(TINY_FINETUNE, steps=1), init=init)


def test_a_finished_training_is_not_made_again(
    scratch: RunFolder, labelled: LabelledVideos, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (scratch.folder / "metrics.jsonl").stat().st_mtime_ns
    # What changes the speed alone may differ, and so may the numbers of the videos.
    turned = replace(
        labelled,
        video_ids=labelled.video_ids[::-1],
        train=tuple(
            replace(video, video=len(labelled.video_ids) - 1 - video.video)
            for video in labelled.train
        ),
        test=(),
    )
    train_classifier(turned, scratch.folder, replace(TINY_FINETUNE, threads=2, loader_workers=1))
    assert (scratch.folder / "metrics.jsonl").stat().st_mtime_ns == before
    assert "started with 1 threads and continues with them" in capsys.readouterr().err


def test_folders_of_pre_training_and_of_fine_tuning_are_not_mixed_up(
    scratch: RunFolder, labelled: LabelledVideos, unbroken: RunFolder
) -> None:
    with pytest.raises(EruvError, match="holds what eruv pretrain made; this needs what eruv fine"):
        train_classifier(labelled, unbroken.folder)
    with pytest.raises(EruvError, match="holds what eruv finetune made; this needs what eruv pre"):
        eruv.relations(scratch.folder)
    with pytest.raises(EruvError, match="holds no encoder of eruv"):
        eruv.load(scratch.folder)
    with pytest.raises(EruvError, match=r"holds no classifier .* eruv finetune DATA --init"):
        eruv.load_classifier(unbroken.folder)
    with pytest.raises(EruvError, match=r"holds no classifier \(config.json"):
        eruv.load_classifier(scratch.folder / "nowhere")


def test_few_labels_are_a_fixed_part_of_the_list(labelled: LabelledVideos, tmp_path: Path) -> None:
    config = replace(TINY_FINETUNE, labels_per_class=2, steps=1, width=0.02)
    run = train_classifier(labelled, tmp_path / "model", config)
    stored = run.read("run.json")["data"]
    assert (stored["training"], len(stored["held_out"])) == (3, 3)
    with pytest.raises(EruvError, match="none can be held out"):
        train_classifier(
            labelled, tmp_path / "one", replace(TINY_FINETUNE, labels_per_class=1, held_out=1)
        )


def test_what_cannot_be_learned_is_refused(labelled: LabelledVideos, tmp_path: Path) -> None:
    with pytest.raises(EruvError, match="films has no training videos"):
        train_classifier(replace(labelled, train=()), tmp_path / "a")
    single = replace(
        labelled,
        classes=("dark",),
        train=tuple(video for video in labelled.train if video.label == "dark"),
        test=(),
    )
    with pytest.raises(EruvError, match="films has 1 class; recognition needs at least two"):
        train_classifier(single, tmp_path / "b")


def test_a_classifier_is_a_linear_layer_on_the_features_and_averages_logits() -> None:
    torch.manual_seed(0)
    classifier = Classifier(["a", "b", "c"], "r3d", 0.05, 32, 43, 32).eval()
    clips = torch.randint(0, 256, (4, 16, 32, 32, 3), dtype=torch.uint8)
    with torch.no_grad():
        logits = classifier(clips)
        features = classifier.backbone(clips.permute(0, 4, 1, 2, 3) / 255)
        torch.testing.assert_close(
            logits, features @ classifier.head.weight.T + classifier.head.bias
        )
    torch.testing.assert_close(classifier.of_video(clips), logits.mean(0))


@pytest.mark.parametrize(
    ("backbone", "classes", "parameters"),
    [
        ("c3d", 101, 27_713_253),
        ("r3d", 101, 14_413_605),
        ("r2plus1d", 101, 14_417_116),
        ("c3d", 51, 27_687_603),
        ("r3d", 51, 14_387_955),
        ("r2plus1d", 51, 14_391_466),
    ],
)
def test_the_networks_of_ucf101_and_hmdb51_have_the_size_of_fact_1(
    backbone: str, classes: int, parameters: int
) -> None:
    names = [f"class {number}" for number in range(classes)]
    with torch.device("meta"):
        classifier = Classifier(names, backbone)
    assert sum(weights.numel() for weights in classifier.parameters()) == parameters
