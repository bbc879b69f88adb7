"""VCOP and VCP from a library to a report: a short real training of each, on the same films."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import eruv
from eruv.cli.main import main
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.pretext.segment_arrays import SegmentTable
from eruv.training.metrics import read_metrics
from eruv.training.pretrain_config import PretrainConfig, ValidationSettings
from eruv.training.run_folder import RunFolder
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary, render_video
from training_for_tests import assert_same_result, one_validation_earlier, tiny, train

CLASSES = {
    "vcop": ["1 2 3", "1 3 2", "2 1 3", "2 3 1", "3 1 2", "3 2 1"],
    "vcp": ["original", "rotated", "permuted", "remote", "adjacent"],
}
KIND = {"vcop": "order", "vcp": "operation"}
BY_LOSS = ValidationSettings(
    pairs_per_relation=1, every_pairs=12, batch_norm_batches=1, keep="loss"
)


@pytest.fixture(scope="module", params=CLASSES)
def run(
    request: pytest.FixtureRequest,
    small_library: SmallLibrary,
    tmp_path_factory: pytest.TempPathFactory,
) -> RunFolder:
    """A finished training, kept by its loss; measured."""
    config = tiny(pretext=request.param, batch_norm="per_clip", validation=BY_LOSS)
    folder = tmp_path_factory.mktemp(request.param) / "run"
    made = train(small_library.folder, folder, config)
    eruv.relations(folder, pairs_per_relation=1, device="cpu")
    return made


def test_segments_too_short_for_three_clips_are_left_out_and_counted(
    run: RunFolder, small_library: SmallLibrary
) -> None:
    lengths = [end - start for film in small_library.truth for start, end in film.shots]
    feasibility = run.read("run.json")["feasibility"]
    assert feasibility["left_out"] == {
        "segments": sum(length < 64 for length in lengths),
        "of": len(lengths),
        "shorter_than": 64,
    }
    catalogues = [SegmentTable.load(folder) for folder in (run.training_data, run.held_out_data)]
    kept = [length for one in catalogues for length in one.segments.lengths.tolist()]
    assert sorted(kept) == sorted(length for length in lengths if length >= 64)


def test_the_lowest_loss_chose_the_weights(run: RunFolder) -> None:
    validations = [line for line in read_metrics(run.folder) if line["kind"] == "validation"]
    best = min(validations, key=lambda line: line["loss"])
    done = run.read("done.json")
    assert (done["best_step"], done["best_loss"]) == (best["step"], best["loss"])
    details = eruv.load(run.folder).details
    assert details["pairs_seen"] == 2 * best["step"]
    assert details["accuracy"] == best["accuracy"]


def test_the_card_says_what_was_told_apart(run: RunFolder) -> None:
    pretext = run.config.pretext
    details = eruv.load(run.folder).details
    assert (details["pretext"], details["classes"]) == (pretext, CLASSES[pretext])
    card = (run.folder / "README.md").read_text()
    assert f"| {KIND[pretext]}s | {', '.join(CLASSES[pretext])} |" in card
    assert f"Trained by predicting {'the order of three' if pretext == 'vcop' else 'what'}" in card
    assert "accuracy on held-out tuples" in card
    assert "The lowest loss chose these weights" in card
    assert not re.search(r"relation[^s]|\bpairs?\b", card)


def test_a_training_goes_on_to_the_same_bits(run: RunFolder, small_library: SmallLibrary) -> None:
    """VCOP's head drops half of its numbers at random: the same ones in a step done again."""
    earlier = one_validation_earlier(run, "earlier")
    config = PretrainConfig.from_dict(run.read("run.json")["configured"])
    train(small_library.folder, earlier.folder, config)
    assert_same_result(earlier, run)


def test_accuracy_of_each_class_is_measured_without_the_paper_s_relations(run: RunFolder) -> None:
    found = run.read("relations.json")
    classes = CLASSES[run.config.pretext]
    assert (found["pretext"], list(found["relations"])) == (run.config.pretext, classes)
    assert found["chance"] == 1 / len(classes)
    assert found["paper"] is None
    assert [sum(row) for row in found["confusion"]] == [1] * len(classes)
    mean = sum(found["relations"].values()) / len(classes)
    assert found["relation_accuracy"] == pytest.approx(mean)


def test_the_command_line_speaks_of_its_own_classes(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["relations", str(run.folder), "--pairs-per-relation", "1", "--device", "cpu"]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    shown = capsys.readouterr().out
    kind = KIND[run.config.pretext]
    assert f"{kind} accuracy on held-out tuples" in shown
    assert f"1 tuples per {kind}" in shown
    assert "paper" not in shown
    for name in CLASSES[run.config.pretext]:
        assert re.search(rf"^ *{name} ", shown, re.MULTILINE)


@pytest.fixture(scope="module")
def page(run: RunFolder) -> str:
    return eruv.report(run.folder).report.read_text(encoding="utf-8")


def example(page: str, name: str) -> str:
    return page.split(f'id="example-{name.replace(" ", "-")}"')[1].split("</article>")[0]


def test_the_report_shows_three_clips_of_each_class(run: RunFolder, page: str) -> None:
    for name in CLASSES[run.config.pretext]:
        shown = example(page, name)
        assert shown.count("<img ") == 3 * 8
        titles = re.findall(r"<figcaption><b>v<sub>(.)</sub></b>", shown)
        assert titles == ["1", "2", "3"]
        starts = [
            int(first) for first in re.findall(r'<ol>\s*<li><img[^>]* alt="frame (\d+)"', shown)
        ]
        if run.config.pretext == "vcop":
            order = " ".join(str(1 + sorted(starts).index(start)) for start in starts)
            assert order == name
            slots = ["v" + "₁₂₃"[starts.index(start)] for start in sorted(starts)]
            told = [f"{slot} at frame {at}" for slot, at in zip(slots, sorted(starts), strict=True)]
            assert f"Here: {', then '.join(told)}." in shown
        else:
            assert starts[2] - starts[0] == 48


def test_the_report_speaks_neither_of_pairs_nor_of_relations(run: RunFolder, page: str) -> None:
    settings = r"<code>[^<]*</code>"  # their names, and the command's, are those of all tasks
    text = re.sub(rf"<style>.*?</style>|{settings}|<[^>]*>", " ", page, flags=re.DOTALL)
    assert not re.findall(r"\b\w*relation\w*|\bpairs?\b", text)
    kind = KIND[run.config.pretext]
    for words in (
        f"{kind} accuracy",
        "tuples seen",
        "Tuples per second",
        "Left out were 2 of 12 segments: they have fewer than the 64 frames",
        f"one real tuple for each {kind}",
        "lowest loss chose the weights",
    ):
        assert words in " ".join(text.split()), words
    assert "in the paper" not in text
    assert "task.relations" not in page
    ids = re.findall(r' id="([^"]*)"', page)
    assert all(re.fullmatch(r"\S+", one) for one in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("pretext", CLASSES)
def test_trimmed_videos_are_one_segment_each_and_never_loop(
    small_library: SmallLibrary, tmp_path: Path, pretext: str
) -> None:
    config = tiny(pretext=pretext, trimmed=True, pairs=4)
    run = train(small_library.folder, tmp_path / "run", config)
    catalogues = [SegmentTable.load(folder) for folder in (run.training_data, run.held_out_data)]
    lengths = [length for one in catalogues for length in one.segments.lengths.tolist()]
    assert sorted(lengths) == sorted(film.num_frames for film in small_library.truth)
    assert run.read("run.json")["feasibility"]["left_out"]["segments"] == 0
    assert eruv.load(run.folder).details["chance"] == 1 / len(CLASSES[pretext])
    page = eruv.report(run.folder, tmp_path / "page.html").report.read_text(encoding="utf-8")
    assert "Videos are taken whole" in page


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


@pytest.fixture(scope="module")
def short(library_of: Callable[..., Library]) -> Library:
    """Each film has one shot, too short for a remote clip; one cannot even hold three clips."""
    return library_of((70,), (71,), (72,), (73,), (60,))


@pytest.mark.parametrize("trimmed", [False, True])
def test_a_task_without_one_of_its_classes_is_refused_with_a_way_out(
    short: Library, tmp_path: Path, trimmed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    way_out = (
        r"not allow every operation of vcp: remote needs a segment of at least 96 frames, or a "
        r"video with two segments of at least 64\. Add longer videos, or hold out others"
    )
    with pytest.raises(EruvError, match=way_out):
        train(short.folder, tmp_path / "run", tiny(pretext="vcp", trimmed=trimmed))
    assert not (tmp_path / "run" / "run.json").exists()
    left_out = f"1 of 5 {'whole videos' if trimmed else 'segments'} have fewer than the 64 frames"
    assert f"{left_out} that vcp needs, and are left out" in capsys.readouterr().err
    run = train(short.folder, tmp_path / "run", tiny(pretext="vcop", trimmed=trimmed, pairs=2))
    assert run.read("run.json")["feasibility"]["left_out"]["segments"] == 1


@pytest.mark.parametrize(
    ("trimmed", "said"),
    [(False, "none of its shots has 64 frames or more"), (True, "none of its videos has 64")],
)
def test_a_library_without_room_for_three_clips_is_refused(
    library_of: Callable[..., Library], tmp_path: Path, trimmed: bool, said: str
) -> None:
    library = library_of((60,), (61,), (62,), (63,))
    with pytest.raises(EruvError, match=rf"{said}.*\(vcop needs 64\)\. Add longer videos"):
        train(library.folder, tmp_path / "run", tiny(pretext="vcop", trimmed=trimmed))


def test_an_operation_impossible_among_the_held_out_is_left_open(
    library_of: Callable[..., Library], tmp_path: Path
) -> None:
    library = library_of((70,), (71, 72), (73, 74), (130,))
    (held_out,) = (row["video_id"] for row in library.videos() if row["num_frames"] == 70)
    validation = ValidationSettings(held_out_ids=(held_out,), pairs_per_relation=1)
    config = tiny(pretext="vcp", pairs=2, validation=validation)
    run = train(library.folder, tmp_path / "run", config)
    found = eruv.relations(run.folder, pairs_per_relation=2, device="cpu")
    assert found.relations.pop("remote") is None
    assert found.relation_accuracy == pytest.approx(sum(found.relations.values()) / 4)
    page = eruv.report(run.folder).report.read_text(encoding="utf-8")
    assert "<img" not in example(page, "remote")
    assert "impossible here: it needs a segment of at least 96 frames" in example(page, "remote")
