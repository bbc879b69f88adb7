"""Shots as CSV and JSON."""

import csv
import io
import json

from eruv.detection.export.rows import COLUMNS, as_json, csv_text
from shot_lists_for_tests import CUT_DISSOLVE_GAP, shot_list


def test_csv_has_a_line_for_each_shot() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(shot_list(CUT_DISSOLVE_GAP, 100)))))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["start_frame"], row["end_frame"]) for row in rows] == [
        ("0", "30"),
        ("30", "50"),
        ("62", "80"),
        ("80", "100"),
    ]
    assert [row["transition"] for row in rows] == ["start", "cut", "dissolve", "gap"]
    assert [row["confidence"] for row in rows] == ["", "", "0.800000", ""]
    assert (rows[2]["transition_start"], rows[2]["transition_end"]) == ("50", "62")
    assert [row["transition_frames"] for row in rows] == ["0", "0", "12", "0"]
    assert rows[2]["start"] == "0:00:02.480"
    assert float(rows[2]["length_s"]) == 0.72


def test_json_says_what_was_found_and_how() -> None:
    video = json.loads(json.dumps(as_json(shot_list(CUT_DISSOLVE_GAP, 100))))
    assert [(shot["start"], shot["end"]) for shot in video["shots"]] == [
        (0, 30),
        (30, 50),
        (62, 80),
        (80, 100),
    ]
    assert video["transitions"][1] == {
        **{"start": 50, "end": 62, "start_s": 2.0, "end_s": 2.48},
        **{"kind": "dissolve", "score": 0.7, "confidence": 0.8},
    }
    assert [one["kind"] for one in video["transitions"]] == ["cut", "dissolve", "gap"]
    assert video["transitions"][0]["start_s"] == video["transitions"][0]["end_s"] == 1.2
    assert video["detector"]["name"] == "hog-fixed"
    assert video["detector"]["parameters"]["threshold"] == 0.0715
    assert (video["frames"], video["end_s"]) == (100, 4.0)
