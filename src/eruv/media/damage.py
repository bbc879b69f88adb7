"""What is wrong with a source video: damage that can be decoded around, or no video at all."""

from dataclasses import dataclass


class UnreadableVideo(Exception):
    """A file from which no video can be decoded.

    Args:
        reason: what is wrong with it.
        position: where that was noticed, for example "packet 12 of 20".
    """

    def __init__(self, reason: str, position: str) -> None:
        super().__init__(f"{reason} ({position})")
        self.reason = reason
        self.position = position


@dataclass
class Damage:
    """What could not be decoded: packets, and seconds of the film."""

    packets: int = 0
    failed_packets: int = 0
    lost_s: float = 0.0
    first_failure: str = ""
