"""What the relations mean, in words.

Comes in: a relation, and the clips of a pair. Goes out: sentences for a reader new to them.
"""

from collections.abc import Sequence

from eruv.clips import ClipSpec

EXPLANATIONS = {
    "C_S": "Both clips come from one shot and share no frame: same scene, another moment.",
    "C_V": "The clips come from two shots of one video: other pictures, the same world.",
    "C_D": "The clips come from two different videos.",
    "C_R": "The second clip is turned by 90, 180 or 270 degrees, every frame by the same angle.",
    "P_I": "The second clip is played backwards.",
    "P_D": "The frames of the second clip are shuffled.",
    "P_S": "The second clip is played two or four times as fast.",
}
IMPOSSIBLE = {
    "C_S": "no {part} shot has room for two clips that share no frame",
    "C_V": "no {part} video has two usable shots",
    "C_D": "there is only one {part} video",
    "C_R": "no {part} segment has 16 frames",
    "P_I": "no {part} segment has 16 frames",
    "P_D": "no {part} segment has 16 frames",
    "P_S": "no {part} segment has the 31 frames that double speed needs",
}


def difference(relation: str, clips: Sequence[ClipSpec], shots: Sequence[int | None]) -> str:
    """What differs between the two clips of one pair.

    Args:
        relation: that they stand in.
        clips: v_i and v_j.
        shots: number of the shot of each, from 0, if known.
    """
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
