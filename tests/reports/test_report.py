"""The page about a run: whole, self-contained, and true to the run's own figures.

Covers also: charts, clock, ingested, measured, moments, results, settings, strips,
timeline.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import eruv
from eruv.evaluation.worth import Worth, worth_key
from eruv.models.encoder import Encoder
from eruv.pretext.relation_settings import RELATIONS
from eruv.pretext.segment_arrays import SegmentTable
from eruv.reports.report import report
from eruv.reports.results import DEMO_RETRIEVAL, read_results
from eruv.training.pretrain_config import ValidationSettings
from eruv.training.run_folder import RunFolder
from eruv.utils.errors import EruvError
from training_for_tests import tiny

HOSTILE = "<script>alert(1)</script>".replace("/", "\u2215")
MOST_BYTES = 2_000_000


class Made(NamedTuple):
    run: Path
    library: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, render_video: Callable[..., Path]) -> Made:
    folder = tmp_path_factory.mktemp("report")
    films = folder / "films"
    films.mkdir()
    for number in range(5):
        shots = [(10 * number + shot, 60 + 10 * shot) for shot in range(3)]
        render_video(films / f"film{number}{HOSTILE if number == 0 else ''}.mp4", shots)
    render_video(films / "short.mp4", [(90, 20)])
    (films / f"broken{HOSTILE}.mp4").write_bytes(b"no video at all")
    shutil.copy(films / "film1.mp4", films / "copy.mp4")
    eruv.ingest([films], folder / "library", workers=1)
    config = tiny(pairs=4, validation=ValidationSettings(pairs_per_relation=1))
    eruv.pretrain(folder / "library", folder / "run", config, device="cpu")
    eruv.relations(folder / "run", pairs_per_relation=1, device="cpu")
    return Made(folder / "run", folder / "library")


@pytest.fixture(scope="module")
def page(made: Made) -> str:
    return report(made.run).report.read_text(encoding="utf-8")


def test_the_page_loads_nothing(page: str) -> None:
    assert not re.findall(r"https?://", page)
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert sources
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert "url(" not in page
    assert len(page.encode()) < MOST_BYTES


def test_once_embedded_the_page_has_a_map_clusters_and_neighbours_of_other_videos(
    made: Made, page: str, tmp_path: Path
) -> None:
    assert 'id="moments"' not in page
    shutil.copytree(made.library, tmp_path / "library")
    done = eruv.embed(tmp_path / "library", run=made.run, every_s=0.4, device="cpu")
    seen = report(made.run, tmp_path / "a.html", library=tmp_path / "library").report.read_text()
    section = seen.split('id="moments"')[1].split("</section>")[0]
    assert f"{done.windows} windows of 16 frames" in section
    assert section.count("M") >= done.windows
    groups = section.split('class="neighbours"')[1:]
    assert groups
    for group in groups:
        name, *others = re.findall(r'title="([^"]*)"', group.split("<details>")[0])
        assert others
        assert name not in others
    assert len(seen.encode()) < MOST_BYTES
    assert not re.findall(r"https?://", seen)


def test_every_relation_is_named_with_a_pair(page: str) -> None:
    for symbol, name in RELATIONS.items():
        example = _example(page, symbol)
        assert name in example
        assert example.count("<img ") == 16


def test_figures_are_those_of_the_records(made: Made, page: str) -> None:
    relations = json.loads((made.run / "relations.json").read_text())
    done = json.loads((made.run / "done.json").read_text())
    result = page.split('id="result"')[1].split("</section>")[0]
    assert f"{100 * relations['relation_accuracy']:.1f} %" in result
    assert f"{100 * relations['chance']:.1f} %" in result
    assert f"<dt>pairs seen</dt><dd>{done['pairs_seen']}</dd>" in result
    rows = page.split('id="relations"')[1]
    for symbol, accuracy in relations["relations"].items():
        row = rows.split(f">{symbol}</code></th>")[1].split("</tr>")[0]
        assert f'<td class="number">{100 * accuracy:.1f} %</td>' in row


def test_file_names_are_text_and_nothing_else(page: str) -> None:
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 2
    assert "not a video file" in page
    assert "short.mp4" in page
    assert "copy.mp4" in page


def test_an_equal_run_gives_an_equal_page(made: Made, page: str, tmp_path: Path) -> None:
    other = report(made.run, tmp_path / "new" / "page.html").report
    assert other.read_text(encoding="utf-8") == page
    assert list(other.parent.iterdir()) == [other]


def test_an_unfinished_run_says_so(made: Made, tmp_path: Path) -> None:
    run = _copy(made, tmp_path)
    for name in ("relations.json", "done.json", "metrics.jsonl", "config.json"):
        (run / name).unlink()
    page = report(run, library=made.library).report.read_text(encoding="utf-8")
    assert "has not finished" in page
    assert "eruv relations run" in page


@pytest.mark.parametrize(
    ("keep", "step", "said"),
    [
        ("accuracy", 1, "The validation set chose the weights of step 1"),
        ("last", 2, "The weights are those of step 2, the last to be validated"),
    ],
)
def test_the_validation_whose_weights_are_kept_is_told(
    made: Made, tmp_path: Path, keep: str, step: int, said: str
) -> None:
    run = shutil.copytree(made.run, tmp_path / "run")
    (run / "relations.json").unlink()
    settings = (run / "run.json").read_text()
    assert settings.count('"keep": "accuracy"') == 2
    (run / "run.json").write_text(settings.replace('"keep": "accuracy"', f'"keep": "{keep}"'))
    lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    line = next(one for one in lines if one["kind"] == "validation")
    validations = [line | {"step": 1, "accuracy": 0.75}, line | {"step": 2, "accuracy": 0.5}]
    (run / "metrics.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in validations))
    page = report(run, library=made.library).report.read_text()
    assert said in page
    assert ("a little optimistic" in page) == (keep == "accuracy")
    assert read_results(RunFolder(run)).kept_validation == validations[step - 1]


def test_a_judgement_of_an_earlier_version_is_not_shown(made: Made, tmp_path: Path) -> None:
    run, sentence = shutil.copytree(made.run, tmp_path / "run"), "The encoder is worth all of it."
    judged = Worth(
        verdict="yes", sentence=sentence, shots=30, mean_rank=0.1, mean_rank_untrained=0.3,
        **worth_key(run, "rgb"),
    ).to_dict()  # fmt: skip
    (run / "worth.json").write_text(json.dumps(judged))
    assert sentence in report(run, library=made.library).report.read_text()
    for removed, old in (("query", {}), ("mean_rank", {"same_shot": 0.1})):
        earlier = {name: value for name, value in judged.items() if name != removed} | old
        (run / "worth.json").write_text(json.dumps(earlier))
        assert read_results(RunFolder(run)).worth is None
    assert sentence not in report(run, library=made.library).report.read_text()


@pytest.mark.parametrize("name", [DEMO_RETRIEVAL, "retrieval.json"])
def test_retrieval_of_the_demo_is_shown_under_its_old_name_too(
    made: Made, tmp_path: Path, name: str
) -> None:
    run = _copy(made, tmp_path)
    ends = ("", "_untrained", "_still", "_colour")
    record: dict[str, Any] = {f"retrieval_top1{end}": 0.375 for end in ends}
    recall = {f"retrieval_recall{end}": {"1": 0.375, "5": 0.625} for end in ends}
    record |= {"retrieval_chance": 0.1, "recall": recall, "queries": 8, "gallery": 9}
    (run / name).write_text(json.dumps(record | {"actions": ["<wave>", "bow"]}))
    page = report(run, library=made.library).report.read_text(encoding="utf-8")
    assert "For each of 8 clips, does the nearest of 9 other clips show the same of 2 actions?" in (
        " ".join(page.split())
    )
    assert "37.5 %" in page
    assert "62.5 %" in page


@pytest.mark.parametrize("folder", [".", "retrieval/films-1"])
def test_a_users_own_retrieval_is_shown_beside_that_of_the_demo(
    made: Made, tmp_path: Path, folder: str
) -> None:
    run = _copy(made, tmp_path)
    demo = {"retrieval_top1": 0.375, "retrieval_chance": 0.1, "queries": 8, "gallery": 9}
    (run / DEMO_RETRIEVAL).write_text(json.dumps(demo))
    rows = [["path", "label", "split"]]
    films = made.library.parent / "films"
    rows += [[str(films / f"film{n}.mp4"), "<ab>"[n % 2 : 4], "train"] for n in (1, 2)]
    rows += [[str(films / f"film{n}.mp4"), "<ab>"[n % 2 : 4], "test"] for n in (3, 4)]
    table = tmp_path / "films.csv"
    table.write_text("\n".join(map(",".join, rows)))
    encoder = tmp_path / "encoder"
    Encoder("r3d", 0.02, 32, 43, 32).save_pretrained(encoder)
    found = eruv.retrieve(table, encoder, run / folder, library=made.library, device="cpu")
    page = report(run, library=made.library).report.read_text(encoding="utf-8")
    assert "Retrieval of actions" in page
    assert "37.5 %" in page
    assert "Retrieval on films.csv, split by its column" in page
    section = page.split("Retrieval on films.csv")[1].split("</section>")[0]
    assert f"{100 * found.recall['1']:.1f} %" in section
    assert "2 test videos" in section


def test_a_damaged_retrieval_is_left_out_with_a_warning(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = _copy(made, tmp_path)
    (run / "retrieval" / "films-1").mkdir(parents=True)
    damaged = run / "retrieval" / "films-1" / "retrieval.json"
    damaged.write_text('{"rec')
    page = report(run, library=made.library).report.read_text(encoding="utf-8")
    assert 'id="result"' in page
    assert f"{damaged} is damaged" in capsys.readouterr().err


def test_a_film_whose_proxy_is_gone_has_no_pictures(made: Made, tmp_path: Path) -> None:
    library = tmp_path / "library"
    shutil.copytree(made.library, library)
    gone = SegmentTable.load(made.run / "data" / "train").video_ids[0]
    (library / "proxies" / gone[:2] / f"{gone}.mp4").unlink()
    page = report(made.run, tmp_path / "page.html", library=library).report.read_text(
        encoding="utf-8"
    )
    films = [film for film in page.split('<article class="film">')[1:] if "timebar" in film]
    assert len(films) == 6
    assert sum("<img " not in film.split("</article>")[0] for film in films) == 1


def test_relations_whose_proxies_are_damaged_have_no_pictures(made: Made, tmp_path: Path) -> None:
    library = tmp_path / "library"
    shutil.copytree(made.library, library)
    for proxy in (library / "proxies").glob("*/*.mp4"):
        proxy.write_bytes(b"broken")
    page = report(made.run, tmp_path / "page.html", library=library).report
    assert "the proxy of its video cannot be read" in page.read_text(encoding="utf-8")


def test_what_is_missing_is_named(made: Made, tmp_path: Path) -> None:
    with pytest.raises(EruvError, match=r"no run"):
        report(tmp_path)
    with pytest.raises(EruvError, match="not a library"):
        report(made.run, library=tmp_path)


def _example(page: str, symbol: str) -> str:
    return page.split(f'id="example-{symbol}"')[1].split("</article>")[0]


def _copy(made: Made, to: Path) -> Path:
    return Path(shutil.copytree(made.run, to / "run"))
