"""Losses beside the relations, on the same features: all pairs of a batch, and contrast."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from eruv.models.auxiliary import AllPairsHead, ProjectionHead
from eruv.pretext.relation_settings import Negatives, RelationSettings
from eruv.training.loop import StepLoss
from eruv.training.origins import Origins

ALL_PAIRS, CONTRAST = "all_pairs", "contrast"


def auxiliary_heads(settings: RelationSettings, num_features: int) -> dict[str, nn.Module]:
    """The heads that the losses of these settings need."""
    heads: dict[str, nn.Module] = {}
    if settings.all_pairs:
        heads[ALL_PAIRS] = AllPairsHead(num_features)
    if settings.contrast:
        heads[CONTRAST] = ProjectionHead(num_features, settings.queue)
    return heads


def relation_loss(
    model: nn.Module, clips_BNTHWC: Tensor, rows: Tensor, settings: RelationSettings
) -> StepLoss:
    """Cross-entropy of the relations, and the further losses by their weights.

    Args:
        model: a `SiameseNet` with `auxiliary_heads`, or a wrapper around one.
        clips_BNTHWC: in uint8.
        rows: (B, 1 + 3 N), labels and `origin_columns`.
        settings: with the weights.
    """
    labels, origins = rows[:, 0], Origins.of(rows[:, 1:])
    logits, outputs = model(clips_BNTHWC, origins.unaltered)
    relations = functional.cross_entropy(logits.float(), labels)
    metrics, total = {"relation_loss": relations}, relations
    if settings.all_pairs:
        metrics["all_pairs_loss"] = all_pairs_loss(outputs[ALL_PAIRS], origins)
        total = total + settings.all_pairs * metrics["all_pairs_loss"]
    if settings.contrast:
        unwrapped: nn.Module = getattr(model, "module", model)
        head = unwrapped.get_submodule(f"auxiliary.{CONTRAST}")
        assert isinstance(head, ProjectionHead)
        with torch.autocast(clips_BNTHWC.device.type, enabled=False):
            metrics["contrast_loss"] = contrastive_loss(
                outputs[CONTRAST], origins, head, settings.temperature, settings.negatives
            )
        total = total + settings.contrast * metrics["contrast_loss"]
    accuracy = (logits.detach().argmax(dim=1) == labels).float().mean()
    return StepLoss(total, accuracy, metrics)


def all_pairs_loss(logits_MM3: Tensor, origins: Origins) -> Tensor:
    """Cross-entropy of same shot, same video or two videos, of every two unaltered clips.

    Most pairs are of two videos: each class that occurs weighs the same (HiCo, "topical
    prediction", weighs by focal loss).

    Args:
        logits_MM3: of `AllPairsHead`, for the unaltered clips.
        origins: of these clips.
    """
    labels = 2 - origins.same_video.long() - origins.same_shot.long()
    upper = torch.ones_like(labels, dtype=torch.bool).triu(1)
    logits, labels = logits_MM3[upper].float(), labels[upper]
    counts = labels.bincount(minlength=logits.shape[-1])
    weights = counts.clamp(min=1).reciprocal()[labels]
    losses = functional.cross_entropy(logits, labels, reduction="none")
    return (losses * weights).sum() / weights.sum().clamp(min=torch.finfo(weights.dtype).eps)


def contrastive_loss(
    vectors_MD: Tensor,
    origins: Origins,
    head: ProjectionHead,
    temperature: float,
    negatives: Negatives,
) -> Tensor:
    """InfoNCE: two unaltered clips of a shot against clips of other videos; 0 without such pairs.

    Args:
        vectors_MD: of the unaltered clips, of unit length.
        origins: of these clips.
        head: whose queue has negatives of earlier steps; it takes in these vectors.
        temperature: of the softmax.
        negatives: clips of other videos; or also those of other shots of the same video, which
            look alike and mostly show something else.
    """
    vectors = vectors_MD.float()
    alike = vectors @ vectors.T / temperature  # (M, M)
    unlike = ~origins.same_shot if negatives == "other_shot" else ~origins.same_video
    terms = [alike.masked_fill(~unlike, -torch.inf)]
    if len(head.kept):
        earlier = vectors @ head.kept.T / temperature  # (M, queue)
        usable = (head.kept_video >= 0) & (head.kept_video != origins.video[:, None])
        terms.append(earlier.masked_fill(~usable, -torch.inf))
    against = torch.cat(terms, dim=1).logsumexp(dim=1)  # (M,)
    query, positive = (origins.same_shot & origins.different).nonzero(as_tuple=True)
    head.keep(vectors_MD, origins.video)
    if not len(query):
        return vectors.sum() * 0
    likeness = alike[query, positive]
    return (torch.logaddexp(against[query], likeness) - likeness).mean()
