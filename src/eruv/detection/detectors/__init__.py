"""The shot detectors by name."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from typing import Any, Self

from eruv.detection.detectors.base import Detector, SpanDetector
from eruv.detection.detectors.hog_fixed import HogFixed, HogFixedSettings
from eruv.detection.detectors.hog_reference import HogReference, HogReferenceSettings
from eruv.detection.detectors.learned import Learned, LearnedSettings
from eruv.detection.detectors.transnetv2 import TransNetV2, TransNetV2Settings


@dataclass(frozen=True)
class DetectorKind:
    """One way to find shots.

    Attributes:
        version: raised whenever a video may give other shots.
        settings: dataclass of its parameters, with defaults.
        make: from settings to a detector of frames without a gap.
    """

    version: int
    settings: type[Any]
    make: Callable[[Any], SpanDetector]


DETECTORS = {
    "hog-fixed": DetectorKind(1, HogFixedSettings, HogFixed),
    "hog-reference": DetectorKind(1, HogReferenceSettings, HogReference),
    "learned": DetectorKind(5, LearnedSettings, Learned),
    "transnetv2": DetectorKind(1, TransNetV2Settings, TransNetV2),
}
DEFAULT_DETECTOR = "learned"


@dataclass(frozen=True)
class DetectorChoice:
    """Which detector, and with what parameters; saved with a library.

    Attributes:
        name: of `DETECTORS`.
        parameters: all of them; missing ones take their defaults.
        version: of the detector; None takes the current one. The parameters of another version
            stay as they were stored.
    """

    name: str = DEFAULT_DETECTOR
    parameters: Mapping[str, float] = field(default_factory=dict)
    version: int | None = None

    def __post_init__(self) -> None:
        if self.name not in DETECTORS:
            raise ValueError(f"a detector must be one of {', '.join(DETECTORS)}; got {self.name!r}")
        kind = DETECTORS[self.name]
        if self.version not in (None, kind.version):
            return  # how a library was made; that version may have had other parameters
        known = [one.name for one in fields(kind.settings)]
        unknown = [name for name in self.parameters if name not in known]
        if unknown:
            raise ValueError(
                f"parameters of the detector {self.name} are {', '.join(known) or 'none'}; "
                f"got {', '.join(unknown)}"
            )
        for one in fields(kind.settings):
            value = float(self.parameters.get(one.name, 0))
            if not math.isfinite(value) or (one.type is int and not value.is_integer()):
                what = "a whole number" if one.type is int else "a finite number"
                raise ValueError(f"{one.name} must be {what}; got {self.parameters[one.name]}")
        values = {
            one.name: one.type(self.parameters[one.name])
            for one in fields(kind.settings)
            if one.name in self.parameters and callable(one.type)
        }
        object.__setattr__(self, "parameters", asdict(kind.settings(**values)))
        if self.version is None:
            object.__setattr__(self, "version", kind.version)

    @classmethod
    def of(cls, detector: Self | str | None) -> Self:
        """A choice as it is, a name with its defaults, or the default detector for None."""
        if isinstance(detector, cls):
            return detector
        return cls() if detector is None else cls(str(detector))

    def __str__(self) -> str:
        values = ", ".join(f"{name} {value}" for name, value in self.parameters.items())
        return f"{self.name} version {self.version}" + (f" ({values})" if values else "")

    def make(self) -> Detector:
        """A new detector for one video.

        Raises:
            ValueError: if it is of another version.
        """
        kind = DETECTORS[self.name]
        if self.version != kind.version:
            raise ValueError(f"{self.name} has version {kind.version} here; got {self.version}")
        return Detector(partial(kind.make, kind.settings(**self.parameters)))
