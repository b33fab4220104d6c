from pathlib import Path

import pytest

from assay.protocol.errors import Invalid
from evaluator.engine.tokenizer import classifier_ids, continuation, load_tokenizer
from tests.evaluator.engine import tiny


@pytest.fixture
def tokenizer(tmp_path: Path):
    tiny.save_tokenizer(tmp_path)
    return load_tokenizer(tmp_path)


def cut(tokenizer, context: str, choice: str, window: int = 50) -> tuple[str, str]:
    """What is given and what is scored, as text."""
    found = continuation(tokenizer, context, choice, window=window, first=0)
    words = [tokenizer.id_to_token(token) for token in found.tokens]
    return "".join(words[: found.start]), "".join(words[found.start :])


def test_the_space_before_a_choice_is_scored_with_it(tokenizer):
    assert cut(tokenizer, "what", "bath") == ("what", "Ġbath")


def test_spaces_that_end_a_context_are_scored_with_the_choice(tokenizer):
    assert cut(tokenizer, "what ", "bath") == ("what", "ĠĠbath")


def test_an_empty_context_begins_with_the_start_token(tokenizer):
    assert cut(tokenizer, "", "bath") == ("[CLS]", "Ġbath")


def test_a_sequence_longer_than_the_window_loses_its_beginning(tokenizer):
    assert cut(tokenizer, "abcdefgh", "xy", window=4) == ("gh", "Ġxy")


@pytest.mark.parametrize(("choice", "code"), [("x" * 60, "choice_too_long")])
def test_a_choice_that_cannot_be_scored_is_refused(tokenizer, choice: str, code: str):
    with pytest.raises(Invalid) as caught:
        cut(tokenizer, "what", choice)
    assert caught.value.code == code


def test_an_empty_context_without_a_start_token_is_refused(tokenizer):
    with pytest.raises(Invalid) as caught:
        continuation(tokenizer, "", "bath", window=9, first=None)
    assert caught.value.code == "choice_without_tokens"


def test_padding_in_a_tokenizers_file_is_ignored(tokenizer):
    assert len(classifier_ids(tokenizer, "abc", 64)) == 5


def test_a_long_text_is_cut_and_keeps_its_special_tokens(tokenizer):
    ids = classifier_ids(tokenizer, "abcdefgh", 5)

    assert [tokenizer.id_to_token(token) for token in ids] == [
        *("[CLS]", "a", "b", "c", "[SEP]")
    ]


def test_cutting_one_text_leaves_the_next_whole(tokenizer):
    classifier_ids(tokenizer, "abcdefgh", 5)

    assert len(classifier_ids(tokenizer, "abcdefgh", 64)) == 10


def test_a_broken_tokenizer_is_refused(tmp_path: Path):
    (tmp_path / "tokenizer.json").write_text("{}")

    with pytest.raises(Invalid) as caught:
        load_tokenizer(tmp_path)

    assert caught.value.code == "tokenizer_unreadable"
