"""A table of labelled files: what it says comes back, and every mistake has its line."""

import csv
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.datasets.csv_table import csv_table
from eruv.utils.errors import EruvError

from .conftest import Plant

# Python's writer leaves a carriage return unquoted where lines end otherwise.
FILE_NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0\r"), min_size=1, max_size=12
).filter(lambda name: name.strip() not in ("", ".", ".."))
LABELS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9).filter(
    lambda label: label == label.strip()
)
ROWS = st.dictionaries(
    FILE_NAMES, st.tuples(LABELS, st.sampled_from(["train", "test"])), min_size=1, max_size=6
)


@given(ROWS, st.sampled_from(["\r\n", "\n"]), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_what_is_written_comes_back(
    rows: dict[str, tuple[str, str]], line_end: str, encoding: str
) -> None:
    with TemporaryDirectory() as folder:
        # Apart from the table, which may else have the name of a video.
        (Path(folder) / "films").mkdir()
        for name in rows:
            (Path(folder) / "films" / name).touch()
        table = Path(folder) / "table.csv"
        with table.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, lineterminator=line_end)
            writer.writerow(["split", "note", "path", "label"])
            for name, (label, split) in rows.items():
                writer.writerow([split, "", f"films/{name}", label])
        found = csv_table(table)
        assert [(file.path, file.label, file.split) for file in found.files] == [
            (Path(folder).absolute() / "films" / name, label, split)
            for name, (label, split) in rows.items()
        ]
        assert set(found.classes) == {label for label, _ in rows.values()}


def write(folder: Path, text: str | bytes) -> Path:
    table = folder / "table.csv"
    table.write_bytes(text if isinstance(text, bytes) else text.encode())
    return table


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (b"", ["table.csv is empty"]),
        ("path,label,split\n", ["names no file"]),
        ("path,label\na.mp4,run\n", ["line 1", "split cannot be identified"]),
        ("path;label;split\na.mp4;run;train\n", ["line 1", "commas", "path;label;split"]),
        ("path,label,split,path\na.mp4,run,train,b\n", ["line 1", "path cannot be identified"]),
        ("path,label,split\n\na.mp4,run,dev\n", ["line 3", "train, test", "'dev'"]),
        ("path,label,split\na.mp4,run,Trial\n", ["line 2", "'trial'"]),
        ("path,label,split\na.mp4,,train\n", ["line 2", "label is empty"]),
        ("path,label,split\na.mp4,run\n", ["line 2", "split is empty"]),
        (
            "path,label,split\na.mp4,run,train\nb.mp4,run,test\n./a.mp4,run,train\n",
            ["lines 2 and 4", "'./a.mp4' is named twice"],
        ),
        (
            'path,label,split\n"a.mp4",run,train\n"b\nc.mp4",run,test\na.mp4,run,test\n',
            ["lines 2 and 5", "both in train and in test"],
        ),
        ('path,label,split\na.mp4,run,train\n"b.mp4,run,test\n', ["line 3", "quotes"]),
        ('path,label,split\na.mp4,"run\nfast",train\n', ["line 2", "not plain text"]),
        (
            "path,label,split\na.mp4,run,train\nb.mp4,läuft,test\n".encode("latin-1"),
            ["line 3", "byte 0xe4 is not UTF-8"],
        ),
        ("path,label,split\n".encode("utf-16"), ["line 1", "byte 0xff is not UTF-8"]),
        ("path,label,split\nnone.mp4,run,train\n", ["none of the 1 file", "none.mp4"]),
    ],
)
def test_a_wrong_table_is_an_error_with_file_and_line(
    tmp_path: Path, plant: Plant, text: str | bytes, parts: list[str]
) -> None:
    plant(tmp_path, ["a.mp4", "b.mp4", "b\nc.mp4"])
    with pytest.raises(EruvError) as error:
        csv_table(write(tmp_path, text))
    for part in ["table.csv", *parts]:
        assert part in str(error.value)


def test_missing_files_are_listed_with_their_lines_and_the_others_used(
    tmp_path: Path, plant: Plant
) -> None:
    plant(tmp_path, ["a.mp4", "deep/b.mp4"])
    rows = "path,label,split\na.mp4,run,train\ndeep/b.mp4,walk,test\ngone.mp4,hop,train\n"
    found = csv_table(write(tmp_path, rows))
    assert [file.path.name for file in found.files] == ["a.mp4", "b.mp4"]
    assert found.classes == ("hop", "run", "walk")
    said = " ".join(found.problems)
    assert f"1 of 3 files that the table names (line 4: {tmp_path / 'gone.mp4'})" in said
    assert "1 class has no video: hop." in said


def test_absolute_paths_stay_and_blanks_around_values_go(tmp_path: Path, plant: Plant) -> None:
    elsewhere = plant(tmp_path / "elsewhere", ["a.mp4"]) / "a.mp4"
    (tmp_path / "tables").mkdir()
    rows = (
        f"path, label , split\n{elsewhere}, run , train\n../elsewhere/../elsewhere/b.mp4,walk,test"
    )
    (elsewhere.parent / "b.mp4").touch()
    found = csv_table(write(tmp_path / "tables", rows))
    assert [(file.path, file.label) for file in found.files] == [
        (elsewhere, "run"),
        (elsewhere.parent / "b.mp4", "walk"),
    ]


def test_a_table_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EruvError, match=r"cannot read .*none\.csv"):
        csv_table(tmp_path / "none.csv")
    with pytest.raises(EruvError, match="cannot read"):
        csv_table(tmp_path)


def test_accents_of_both_encodings_and_headers_as_spreadsheets_write_them(
    tmp_path: Path, plant: Plant
) -> None:
    apart, together = (unicodedata.normalize(form, "Möwé.mp4") for form in ("NFD", "NFC"))
    plant(tmp_path, [f"ü/{apart}", "b.mp4"])
    table = write(tmp_path, f"Path, Label, Split\nü/{together}, Gull, Train\nb.mp4, Crow, TEST\n")
    found = csv_table(table)
    assert [(file.path, file.label, file.split) for file in found.files] == [
        (tmp_path / "ü" / apart, "Gull", "train"),
        (tmp_path / "b.mp4", "Crow", "test"),
    ]


def test_classes_that_look_the_same_are_told(tmp_path: Path, plant: Plant) -> None:
    plant(tmp_path, ["a.mp4", "b.mp4", "c.mp4", "d.mp4"])
    rows = ["a.mp4,Walk,train", "b.mp4,walk,train", "c.mp4,run,test", "d.mp4,run,train"]
    problems = csv_table(write(tmp_path, "\n".join(["path,label,split", *rows]))).problems
    assert any("'Walk' and 'walk'" in one for one in problems)
    assert not any("run" in one and "differ" in one for one in problems)
