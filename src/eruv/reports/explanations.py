"""What the classes of the tasks mean, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eruv.clips.spec import ClipSpec
from eruv.pretext.vcop import ORDERS
from eruv.pretext.vcp import CHUNK_FRAMES

# Of a class, the clips of a sample, and the number of the shot of each, from 0, if known.
Difference = Callable[[str, Sequence[ClipSpec], Sequence[int | None]], str]
ORDINALS = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True)
class Explanations:
    """A task as a reader of the report meets it.

    Attributes:
        learns: what the encoder learns by telling, after "by telling".
        question: what the network sees, and what it says.
        slots: indices of the clips of a sample.
        classes: a sentence about each class.
        difference: what is seen in one sample.
    """

    learns: str
    question: str
    slots: str
    classes: dict[str, str]
    difference: Difference


def related(relation: str, clips: Sequence[ClipSpec], shots: Sequence[int | None]) -> str:
    """What differs between the two clips of a pair."""
    first, second = clips
    if relation == "C_S":
        apart = min(second.frames) - min(first.frames)
        return f"vⱼ begins {abs(apart)} frames {'after' if apart > 0 else 'before'} vᵢ."
    if relation == "C_V":
        if None in shots:
            return "vᵢ and vⱼ are separated by at least one cut."
        numbers = [shot + 1 for shot in shots if shot is not None]
        return f"vᵢ is from shot {numbers[0]}, vⱼ from shot {numbers[1]}."
    if relation == "C_R":
        return f"vⱼ is turned by {90 * second.quarter_turns}° counter-clockwise."
    if relation == "P_I":
        return "The frame numbers of vⱼ count down."
    if relation == "P_D":
        return "The frame numbers of vⱼ jump back and forth."
    if relation == "P_S":
        speed = second.frames[1] - second.frames[0]
        return f"vⱼ shows every {'second' if speed == 2 else 'fourth'} frame of its stretch."
    return "vᵢ and vⱼ are from different files."


def ordered(order: str, clips: Sequence[ClipSpec], shots: Sequence[int | None]) -> str:
    """In which order the three clips follow in the video."""
    starts = sorted((min(clip.frames), f"v{slot}") for slot, clip in zip("₁₂₃", clips, strict=True))
    first, second, third = (f"{name} at frame {start}" for start, name in starts)
    return f"{first}, then {second}, then {third}."


def filled(operation: str, clips: Sequence[ClipSpec], shots: Sequence[int | None]) -> str:
    """What was done to the middle clip of three."""
    before, middle, after = clips
    if operation == "rotated":
        return f"v₂ is turned by {90 * middle.quarter_turns}° counter-clockwise."
    if operation == "permuted":
        tiles = ", ".join(str(tile + 1) for tile in middle.tiles)
        return f"row by row, v₂ shows its tiles {tiles}."
    if operation == "remote":
        if min(middle.frames) > min(after.frames):
            where = (
                f"begins {min(middle.frames) - max(after.frames) - 1} frames after the end of v₃"
            )
        else:
            where = f"ends {min(before.frames) - max(middle.frames) - 1} frames before v₁ begins"
        elsewhere = None not in shots and shots[1] != shots[0]
        return f"v₂ {where}{', in another shot' if elsewhere else ''}."
    if operation == "adjacent":
        firsts = middle.frames[::CHUNK_FRAMES]
        chunks = ", ".join(str(sorted(firsts).index(first) + 1) for first in firsts)
        return f"v₂ shows its chunks {chunks}."
    return "v₁, v₂ and v₃ follow one another with gaps of 8 frames."


EXPLANATIONS = {
    "eruv": Explanations(
        learns="how two short clips are related, for example whether they are from one shot, or "
        "whether one is played backwards",
        question="The network sees two clips of 16 frames, vᵢ and vⱼ, and tells in which relation "
        "they stand.",
        slots="ij",
        classes={
            "C_S": "Both clips come from one shot and share no frame: same scene, another moment.",
            "C_V": "The clips come from two shots of one video: other pictures, the same world.",
            "C_D": "The clips come from two different videos.",
            "C_R": "The second clip is turned by 90, 180 or 270 degrees, every frame by the same "
            "angle.",
            "P_I": "The second clip is played backwards.",
            "P_D": "The frames of the second clip are shuffled.",
            "P_S": "The second clip is played two or four times as fast.",
        },
        difference=related,
    ),
    "vcop": Explanations(
        learns="in which order three short clips followed one another in their video",
        question="The network sees three clips of 16 frames, v₁, v₂ and v₃, which in the video "
        "follow one another with gaps of 8 frames, in any order, and tells the order.",
        slots="123",
        classes={
            name: "In the video, v₁ is the {}, v₂ the {} and v₃ the {}.".format(
                *(ORDINALS[place] for place in order)
            )
            for name, order in ORDERS.items()
        },
        difference=ordered,
    ),
    "vcp": Explanations(
        learns="what was done to the middle one of three short clips, for example whether it was "
        "turned, or taken from elsewhere in the video",
        question="The network sees three clips of 16 frames, v₁, v₂ and v₃, which follow one "
        "another with gaps of 8 frames. Something may have been done to v₂, or another clip may "
        "be in its place; the network tells what.",
        slots="123",
        classes={
            "original": "The middle clip is the one that belongs between the others.",
            "rotated": "The middle clip is turned by 90, 180 or 270 degrees, every frame by the "
            "same angle.",
            "permuted": "The picture of the middle clip is cut into four tiles, which have changed "
            "places, in every frame alike.",
            "remote": "In the middle is another clip of the video, at least 16 frames before the "
            "first or after the third.",
            "adjacent": "The middle clip is cut into four chunks of four frames, two of which have "
            "changed places.",
        },
        difference=filled,
    ),
}
