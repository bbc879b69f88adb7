"""Published figures beyond the paper: the ladder that its line of work went on to climb.

Goes out: numbers in per cent. They stand beside ours as context only: other protocols, longer
pre-training, other networks, and where it is said, other data. Works are pre-trained on UCF101
unless their name says otherwise. Retrieval is in `published_retrieval.LATER_UCF101`.
"""

from dataclasses import dataclass

MARK = "other protocols: not comparable line by line"


@dataclass(frozen=True)
class Rung:
    """Recognition after fine-tuning, in per cent; None where none was published.

    Attributes:
        method: short name of the work.
        network: its backbone.
        ucf101, hmdb51: top-1 accuracy.
    """

    method: str
    network: str
    ucf101: float
    hmdb51: float | None = None

    @property
    def title(self) -> str:
        return f"{self.method}, {self.network}"


FINE_TUNING = (
    Rung("PRP", "C3D", 69.1, 34.5),
    Rung("PRP", "R3D", 66.5, 29.7),
    Rung("PRP", "R(2+1)D", 72.1, 35.0),
    Rung("Pace", "R(2+1)D", 75.9, 35.9),
    Rung("RTT", "R3D-18", 77.3, 47.5),
    Rung("IIC", "R3D", 74.4, 38.3),
    Rung("RSPNet (Kinetics-400)", "C3D", 76.7, 44.6),
    Rung("RSPNet (Kinetics-400)", "R3D-18", 74.3, 41.8),
    Rung("PCL (VCP)", "C3D", 81.4, 45.2),
    Rung("PCL (VCP)", "R3D", 81.1, 45.0),
    Rung("PCL (VCP)", "R3D-18", 83.4, 48.8),
    Rung("TCLR", "R3D-18", 82.0),
    Rung("CoCLR (Kinetics-400)", "S3D", 87.9),
    Rung("VideoMAE", "ViT-B", 91.3),
)
