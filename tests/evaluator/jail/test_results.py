"""The file of outputs is read as if an enemy had written it."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.protocol.scoring import Output
from evaluator.jail.channel import Transcript
from evaluator.jail.results import BadOutputsError, read_outputs

MOST = 1 << 20


def read(content, most=MOST):
    descriptor = os.memfd_create("outputs")
    try:
        os.write(descriptor, content)
        return read_outputs(descriptor, most)
    finally:
        os.close(descriptor)


def test_each_line_is_an_output_with_every_bit():
    content = b'{"id": "a", "scores": ["0x1.999999999999ap-4"]}\n'
    content += b'{"id": "\xc3\xa9", "scores": ["-0x1p+0", "0x0p+0"]}\n'

    outputs = read(content)

    assert outputs == (Output("a", (0.1,)), Output("é", (-1.0, 0.0)))


@pytest.mark.parametrize(
    "line",
    [
        b"nothing",
        b"[]",
        b"3",
        b"null",
        b'"id scores"',
        b"{}",
        b'{"id": "a"}',
        b'{"id": "a", "scores": []}',
        b'{"id": "a", "scores": {}}',
        b'{"id": "a", "scores": ["0x1p+0"], "more": 1}',
        b'{"id": "", "scores": ["0x1p+0"]}',
        b'{"id": 7, "scores": ["0x1p+0"]}',
        b'{"id": "a", "scores": [1.0]}',
        b'{"id": "a", "scores": [NaN]}',
        b'{"id": "a", "scores": [true]}',
        b'{"id": "a", "scores": ["0x' + b"1" * 99 + b'"]}',
        b'{"id": "' + b"a" * 300 + b'", "scores": ["0x1p+0"]}',
        b"[" * 200_000,
        b'{"id": "a", "scores": [' + b"9" * 10_000 + b"]}",
        b"\xff\xfe",
        b"\0" * 64,
    ],
)
def test_anything_else_is_malformed(line):
    with pytest.raises(BadOutputsError) as refused:
        read(line)

    assert refused.value.code == "outputs_malformed"


@pytest.mark.parametrize("number", [b"nan", b"inf", b"-inf", b"0x1p+9999"])
def test_a_score_that_is_no_number_is_refused(number):
    with pytest.raises(BadOutputsError) as refused:
        read(b'{"id": "a", "scores": ["' + number + b'"]}')

    assert refused.value.code == "scores_not_finite"


def test_an_id_stands_once():
    with pytest.raises(BadOutputsError, match="stands twice"):
        read(b'{"id": "a", "scores": ["0x1p+0"]}\n' * 2)


def test_a_file_over_the_limit_is_not_read():
    with pytest.raises(BadOutputsError) as refused:
        read(b"x" * 11, most=10)

    assert refused.value.code == "outputs_too_large"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content):
    try:
        outputs = read(content)
    except BadOutputsError:
        return
    assert all(isinstance(output, Output) for output in outputs)


@given(st.lists(st.binary(max_size=80), max_size=8))
def test_no_bytes_break_the_transcript(pieces):
    transcript = Transcript()

    for piece in pieces:
        transcript.hear(piece)

    assert 0 <= transcript.done <= 999_999_999


def test_speech_is_heard_however_it_is_cut():
    said = b'noise\nsealed {"version": "1"}\n3/9\nfault {"by": "model", "code": "c"'
    said += b', "sentence": "A\\u001b[31m."}\n4/9'
    transcript = Transcript()

    for at in range(len(said)):
        transcript.hear(said[at : at + 1])

    assert transcript.sealed == {"version": "1"}
    assert (transcript.done, transcript.total) == (3, 9)
    assert transcript.fault is not None
    assert transcript.fault.sentence == "A [31m."
