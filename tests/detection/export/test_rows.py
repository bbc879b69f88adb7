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
    assert [row["transition"] for row in rows] == ["start", "cut", "gradual", "gap"]
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
    assert [one["kind"] for one in video["transitions"]] == ["cut", "gradual", "gap"]
    assert video["detector"]["name"] == "hog-fixed"
    assert video["detector"]["parameters"]["threshold"] == 0.0715
    assert (video["frames"], video["end_s"]) == (100, 4.0)
