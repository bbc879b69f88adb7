"""The cuts of a video as a QP file, by which x264 and x265 put key frames there."""

from eruv.detection.detect import ShotList

# The quantiser of the frame is the encoder's choice.
ENDING = "I -1"


def qp_text(shots: ShotList) -> str:
    """A line with frame number, "I" and -1 for the first frame of each shot (`x264 --qpfile`).

    x264 counts the frames that it is given, from 0: give it the whole film. The format has no
    comments, so that the file cannot say who made it.
    """
    return "".join(f"{shot.start} {ENDING}\n" for shot in shots.shots)
