"""Pages escape what they show and refuse what is not there; pictures come back as they were."""

import base64
import io

import av
import numpy as np
import pytest
from jinja2 import UndefinedError

from eruv.utils.html import data_uri, jpeg, page_environment
from films_for_tests import pattern


def test_names_of_files_are_escaped_and_figures_have_their_filters() -> None:
    page = page_environment("eruv.reports").from_string("{{ name }}: {{ share|percent }}")
    assert page.render(name="<b>.mp4", share=0.5) == "&lt;b&gt;.mp4: 50.0 %"


def test_what_is_undefined_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        page_environment("eruv.reports").from_string("{{ missing }}").render()


def test_a_picture_comes_back_as_it_was() -> None:
    picture = np.repeat(pattern(1, 48, 64)[..., None], 3, axis=2)
    head, _, data = data_uri(picture).partition(",")
    assert head == "data:image/jpeg;base64"
    assert base64.b64decode(data) == jpeg(picture)
    with av.open(io.BytesIO(jpeg(picture)), format="mjpeg") as container:
        (frame,) = container.decode(video=0)
    difference = frame.to_ndarray(format="rgb24").astype(int) - picture
    assert np.abs(difference).mean() < 4
