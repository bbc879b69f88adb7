"""Whether an encoder is worth trying, judged without labels."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from eruv.clips.reader import ClipReader
from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.evaluation.feature_file import Features
from eruv.evaluation.features import on_device
from eruv.evaluation.relations import RelationAccuracy, relations
from eruv.evaluation.saved_result import saved_result
from eruv.library.catalogue import Library
from eruv.models.encoder import Encoder, load
from eruv.models.inputs import InputKind
from eruv.models.saving import weights_digest
from eruv.pretext import TASKS
from eruv.pretext.segment_arrays import Segments, SegmentTable
from eruv.pretext.task import EVALUATION, generator_for
from eruv.training.augmentation import AugmentationSettings, augment
from eruv.training.device import choose_device, torch_threads
from eruv.training.run_folder import RunFolder
from eruv.training.samples import ProxyPaths
from eruv.training.untrained import untrained_encoder
from eruv.utils.console import with_progress
from eruv.utils.results import Result

RESULT = "worth.json"
MOST_SHOTS, FEWEST_SHOTS = 500, 20
SHOTS_AT_ONCE = 8
# How a shot is asked for. Pictures show the background, which any network finds again unless it
# looks different; residual frames do not, and there other looks are what recipes train to overlook.
QUERIES: dict[InputKind, tuple[str, AugmentationSettings]] = {
    "rgb": ("another clip, in other colours,", AugmentationSettings(photometric=0.5, flip=True)),
    "residual": ("another clip", AugmentationSettings()),
}
# Differences of more than two standard errors are hardly chance.
STANDARD_ERRORS = 2.0

Verdict = Literal["yes", "no", "unknown"]


@dataclass(frozen=True)
class Worth(Result):
    """What speaks for an encoder, and the verdict.

    A yes says that it has learned something of the footage, not that certain labels gain: on
    surveillance clips an encoder had a yes and a linear probe like that of an untrained network
    (docs/learning.md).

    Attributes:
        weights: digest of the encoder.
        verdict: yes, no, or unknown where there are too few shots to tell.
        sentence: the verdict with its figures, and what to do if it is no.
        query: how a shot is asked for.
        shots: held-out shots that were looked for.
        mean_rank: normalised rank of the right shot, in the mean: the share of the other shots that
            are nearer; 0 is best, 0.5 chance.
        mean_rank_untrained: the same by the network before its training.
    """

    weights: str
    verdict: Verdict
    sentence: str
    query: str
    shots: int
    mean_rank: float | None
    mean_rank_untrained: float | None


def worth(run: Path | str, *, library: Path | str | None = None, device: str = "auto") -> Worth:
    """Judge a run's encoder by its held-out videos.

    A clip of each shot is looked for, by cosine of features, with another clip of the shot, far
    from it in time; of RGB encoders in other colours and perhaps mirrored; the untrained one sees
    the same input.
    The result is also written to worth.json.

    Args:
        run: folder of a run that has validated at least once.
        library: where the library is now, if it was moved.
        device: auto, cpu or cuda.

    Raises:
        EruvError: if there is no such run or library.
    """
    folder = RunFolder(Path(run))
    found = relations(run, library=library, device=device)
    encoder = load(folder.folder)
    opened = Library(Path(library) if library else folder.library_folder)
    key = worth_key(folder.folder, encoder.input)
    measure = partial(_measure, key, folder, encoder, opened, found, device)
    return saved_result(Worth, folder.folder / RESULT, key, measure)


def worth_key(run: Path, seen_as: InputKind) -> dict[str, str]:
    """What the judgement of a run depends on: weights, and how shots are asked for."""
    return {"weights": weights_digest(run, seen_as), "query": QUERIES[seen_as][0]}


def _measure(
    key: dict[str, str],
    folder: RunFolder,
    encoder: Encoder,
    library: Library,
    accuracy: RelationAccuracy,
    device: str,
) -> Worth:
    table = SegmentTable.load(folder.held_out_data)
    pairs = shot_pairs(table.segments, encoder.size)
    if len(pairs) < FEWEST_SHOTS:
        sentence = (
            f"Whether the encoder is worth trying cannot be judged: {len(pairs)} held-out shots "
            f"have two clips that share no frame, and {FEWEST_SHOTS} are needed. Run the same "
            f"command with more videos, or with a larger --validation.share, to train another "
            "encoder."
        )
        return Worth(
            verdict="unknown",
            sentence=sentence,
            shots=len(pairs),
            mean_rank=None,
            mean_rank_untrained=None,
            **key,
        )
    chosen = choose_device(device)
    encoders = [on_device(one, chosen) for one in (encoder, untrained_encoder(folder, library))]
    paths = ProxyPaths(library.folder / "proxies", table.video_ids)
    paths.refuse_missing()
    reader = ClipReader(paths, library.settings.proxy, encoder.size)
    with torch_threads(folder.config.threads):
        trained, untrained = (
            normalized_ranks(*features) for features in _features(pairs, reader, encoders, chosen)
        )
    verdict, figures = judge(trained, untrained, accuracy, key["query"])
    if verdict == "yes":
        sentence = (
            f"The encoder is worth trying. {figures} To compare it with an untrained "
            f"network on your own labels, use eruv.probe (in Python)."
        )
    else:
        had = encoder.details
        sentence = (
            f"The encoder is not worth trying yet. {figures} It had {had['segments']:,} segments "
            f"of {had['videos']:,} videos and saw {had['pairs_seen']:,} "
            f"{TASKS[accuracy.pretext].text.sample}s. Run the same command with more videos, or "
            f"with --pairs N, to train another encoder."
        )
    return Worth(
        verdict=verdict,
        sentence=sentence,
        shots=len(pairs),
        mean_rank=float(trained.mean()),
        mean_rank_untrained=float(untrained.mean()),
        **key,
    )


def shot_pairs(segments: Segments, size: ClipSize) -> list[tuple[ClipSpec, ClipSpec]]:
    """The first and the last clip of each shot with room for two, of at most 500 shots."""
    first, last = segments.shot_offsets[:-1], segments.shot_offsets[1:] - 1
    starts, ends = segments.start[first], segments.end[last]
    usable = np.flatnonzero(ends - starts >= 2 * CLIP_FRAMES)
    if len(usable) > MOST_SHOTS:
        usable = usable[np.linspace(0, len(usable) - 1, MOST_SHOTS).astype(int)]
    pairs = []
    for shot in usable.tolist():
        video = int(segments.video[first[shot]])
        numbers = (int(starts[shot]), int(ends[shot]) - CLIP_FRAMES)
        one, other = (
            ClipSpec(video, tuple(range(start, start + CLIP_FRAMES)), size.centre)
            for start in numbers
        )
        pairs.append((one, other))
    return pairs


@torch.no_grad()
def _features(
    pairs: list[tuple[ClipSpec, ClipSpec]],
    reader: ClipReader,
    encoders: list[Encoder],
    device: str,
) -> list[tuple[Features, Features]]:
    """For each encoder features (S, F) of the first clips, and of the others, which ask."""
    looks = QUERIES[encoders[0].input][1]
    batches = [
        pairs[start : start + SHOTS_AT_ONCE] for start in range(0, len(pairs), SHOTS_AT_ONCE)
    ]
    found: list[list[Tensor]] = [[] for _ in encoders]
    for number, batch in enumerate(
        with_progress(batches, "same shot", len(batches), "batches of shots")
    ):
        read = [torch.from_numpy(reader.read_all(list(pair))) for pair in batch]
        clips = torch.stack(read)  # (B, 2, T, H, W, 3)
        with torch.random.fork_rng(devices=[]):
            seed = generator_for(0, EVALUATION, 0, number).integers(2**63)
            torch.manual_seed(int(seed))
            clips[:, 1:] = augment(clips[:, 1:], looks)
        for rows, encoder in zip(found, encoders, strict=True):
            features = encoder(clips.flatten(0, 1).to(device)).float().cpu()
            rows.append(features.unflatten(0, (len(batch), 2)))
    return [
        (features[:, 0].numpy(), features[:, 1].numpy())
        for features in (torch.cat(rows) for rows in found)
    ]


def normalized_ranks(gallery_SF: Features, queries_SF: Features) -> Features:
    """For each query the share of the other shots nearer by cosine than its own, (S,).

    One that is as near counts half: features that are all alike give 0.5, like chance.
    """
    queries, gallery = (
        functional.normalize(torch.from_numpy(rows), dim=1) for rows in (queries_SF, gallery_SF)
    )
    similarity = queries @ gallery.T
    own = similarity.diagonal()[:, None]
    equal = torch.isclose(similarity, own, rtol=0, atol=1e-6)
    nearer = ((similarity > own) & ~equal).sum(dim=1) + (equal.sum(dim=1) - 1) / 2
    return np.asarray(nearer / (len(similarity) - 1), np.float32)


def judge(
    trained_S: Features, untrained_S: Features, accuracy: RelationAccuracy, query: str
) -> tuple[Verdict, str]:
    """The verdict, and the figures that it rests on.

    The encoder has to find shots sooner than the untrained one, and to tell the classes of its own
    task better than chance, both by two standard errors.

    Args:
        trained_S, untrained_S: of `normalized_ranks`.
        accuracy: on held-out samples of the pretext task.
        query: how a shot was asked for.
    """
    gain_S = untrained_S - trained_S
    finds_sooner = gain_S.mean() > STANDARD_ERRORS * gain_S.std(ddof=1) / len(gain_S) ** 0.5
    # A relation that the held-out videos cannot show has no accuracy, and one answer for all
    # samples is right for one of those that they can.
    shown = sum(value is not None for value in accuracy.relations.values())
    share, chance = accuracy.relation_accuracy, 1 / shown
    samples = accuracy.pairs_per_relation * shown
    among = "" if shown == len(accuracy.relations) else f" among the {shown} that can be shown"
    learned = share - chance > STANDARD_ERRORS * (chance * (1 - chance) / samples) ** 0.5
    figures = (
        f"Given {query} of a held-out shot, it ranks {trained_S.mean():.0%} of the other "
        f"{len(trained_S) - 1} before the right one (untrained {untrained_S.mean():.0%}, chance "
        f"50%); it solves its own task in {share:.0%} (chance {chance:.0%}{among})."
    )
    return "yes" if finds_sooner and learned else "no", figures
