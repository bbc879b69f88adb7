"""The paper's figures and the experiments that draw them."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.models.backbones import BACKBONES
from eruv.reproduction.experiments import (
    AttentionFigure,
    DataKey,
    EmbeddingFigure,
    Experiment,
    PretrainingRun,
)
from eruv.reproduction.scales import ABLATED, Method
from eruv.reproduction.study import Study

PLACE = "ucf101"


@dataclass(frozen=True)
class Figure:
    """A figure of the paper.

    Attributes:
        name: as on the command line.
        title: for people.
        drawing: the experiment that draws it; None where its data is missing.
        notes: sentences below it.
        files: once it is drawn, a PNG among them.
    """

    name: str
    title: str
    drawing: EmbeddingFigure | AttentionFigure | None
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The one that draws it, if any."""
        return (self.drawing,) if self.drawing else ()

    @property
    def data_url(self) -> str:
        """The picture itself, for a page that loads nothing."""
        picture = next(path for path in self.files if path.suffix == ".png")
        return f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}"


def figure5(study: Study) -> Figure:
    """Features of three classes by three encoders."""
    methods: tuple[Method, ...] = ("random", "vcop", "eruv")
    return _figure(
        study,
        "fig5",
        "Figure 5: features of three classes in the plane (PCA); C3D",
        "The paper shows 300 samples of 3 classes of UCF101.",
        [(method, ABLATED) for method in methods],
        lambda encoders, data: EmbeddingFigure(encoders, data, study.scale.embedded),
    )


def figure6(study: Study) -> Figure:
    """Where three networks look."""
    return _figure(
        study,
        "fig6",
        "Figure 6: attention of conv4 and conv5, three networks pre-trained with ERUV",
        "The first test video of split 1.",
        [("eruv", backbone) for backbone in BACKBONES],
        AttentionFigure,
    )


def _figure(
    study: Study,
    name: str,
    title: str,
    note: str,
    networks: Sequence[tuple[Method, str]],
    draw: Callable[[tuple[PretrainingRun, ...], DataKey], EmbeddingFigure | AttentionFigure],
) -> Figure:
    seed = study.seeds[0]
    made = [study.encoder(method, backbone, seed) for method, backbone in networks]
    encoders = tuple(one for one in made if one)
    there = encoders and PLACE in study.data
    drawing = draw(encoders, study.data[PLACE].key()) if there else None
    return Figure(name, title, drawing, (f"Seed {seed}. {note}",))


FIGURES: dict[str, Callable[[Study], Figure]] = {"fig5": figure5, "fig6": figure6}
