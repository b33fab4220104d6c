"""The benchmark's tokenizer: text to token ids.

``tokenizer.json`` is read by the Rust library alone: it names no Python class, so
nothing in a folder can choose what code runs.
"""

from pathlib import Path

from tokenizers import Tokenizer

from assay.protocol.errors import Invalid
from evaluator.engine.trie import Continuation


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a base model's folder, with padding and truncation off.

    Raises:
        Invalid: ``tokenizer_unreadable``.
    """
    path = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:
        raise Invalid(
            "tokenizer_unreadable",
            f"The benchmark's tokenizer cannot be read: {error}.",
            fix="The base model's folder needs a valid tokenizer.json.",
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def classifier_ids(tokenizer: Tokenizer, text: str, max_tokens: int) -> list[int]:
    """Ids with the model's special tokens, cut at the end to ``max_tokens``."""
    encoding = tokenizer.encode(text)
    if len(encoding.ids) > max_tokens:
        tokenizer.enable_truncation(max_tokens)
        encoding = tokenizer.encode(text)
        tokenizer.no_truncation()
    return list(encoding.ids)


def continuation(
    tokenizer: Tokenizer, context: str, choice: str, *, window: int, first: int | None
) -> Continuation:
    """``context + " " + choice`` as tokens, and where the choice begins.

    The boundary is lm-evaluation-harness's: spaces that end the context belong to
    the choice; the choice's tokens are those of the whole after as many as the
    context alone has. ``first`` stands before an empty context. A sequence longer
    than ``window`` + 1 loses its oldest tokens.

    Raises:
        Invalid: ``choice_without_tokens``, ``choice_too_long``.
    """
    kept = context.rstrip()
    whole = _plain(tokenizer, f"{context} {choice}")
    start = len(_plain(tokenizer, kept))
    if start == 0 and first is not None:
        whole, start = [first, *whole], 1
    _check_length(choice, len(whole) - start, start, window)
    cut = max(0, len(whole) - (window + 1))
    return Continuation(tuple(whole[cut:]), start - cut)


def _plain(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False).ids)


def _check_length(choice: str, length: int, start: int, window: int) -> None:
    if length < 1 or start < 1:
        raise Invalid(
            "choice_without_tokens",
            f"The choice {choice!r} has no token of its own after its context.",
            fix="Give every choice some text, and every question a context.",
        )
    if length > window:
        raise Invalid(
            "choice_too_long",
            f"A choice of {length} tokens does not fit the model's {window}.",
            fix="Shorten the choice.",
        )
