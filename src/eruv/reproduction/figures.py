"""Which experiments the paper's figures need."""

from collections.abc import Callable
from dataclasses import dataclass

from eruv.models.backbones import BACKBONES
from eruv.reproduction.experiments import AttentionFigure, EmbeddingFigure, Experiment
from eruv.reproduction.factory import Factory
from eruv.reproduction.scale import ABLATED

PLACE = "ucf101"


@dataclass(frozen=True)
class WantedFigure:
    """A figure of the paper, to be drawn.

    Attributes:
        name: as on the command line.
        title: for people.
        drawing: the experiment that draws it; None where its data is not given.
        notes: sentences below it.
    """

    name: str
    title: str
    drawing: EmbeddingFigure | AttentionFigure | None
    notes: tuple[str, ...] = ()

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """All that it is made from."""
        return (self.drawing,) if self.drawing else ()


def figure5(factory: Factory) -> WantedFigure:
    """Features of three classes by three encoders."""
    seed = factory.seeds[0]
    encoders = [factory.encoder(method, ABLATED, seed) for method in ("random", "vcop", "eruv")]
    made = tuple(one for one in encoders if one)
    drawing = None
    if made and PLACE in factory.outlines:
        drawing = EmbeddingFigure(made, factory.outlines[PLACE].key(), factory.scale.embedded)
    return WantedFigure(
        "fig5",
        "Figure 5: features of three classes in the plane (PCA); C3D",
        drawing,
        (f"Seed {seed}. The paper shows 300 samples of 3 classes of UCF101.",),
    )


def figure6(factory: Factory) -> WantedFigure:
    """Where three networks look."""
    seed = factory.seeds[0]
    encoders = [factory.encoder("eruv", backbone, seed) for backbone in BACKBONES]
    made = tuple(one for one in encoders if one)
    drawing = None
    if made and PLACE in factory.outlines:
        drawing = AttentionFigure(made, factory.outlines[PLACE].key())
    return WantedFigure(
        "fig6",
        "Figure 6: attention of conv4 and conv5, three networks pre-trained with ERUV",
        drawing,
        (f"Seed {seed}. The first test video of split 1.",),
    )


FIGURES: dict[str, Callable[[Factory], WantedFigure]] = {"fig5": figure5, "fig6": figure6}
