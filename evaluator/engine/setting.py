"""What a scorer is given: a loaded model, the benchmark's tokenizer, the options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

from tokenizers import Tokenizer
from transformers import PreTrainedModel

from assay.protocol.errors import Invalid


class Example(Protocol):
    """One parsed input row."""

    @property
    def id(self) -> str:
        """Unique within the inputs."""


ExampleT = TypeVar("ExampleT", bound=Example)
Scorer: TypeAlias = Callable[[ExampleT], list[float] | str]


@dataclass(frozen=True)
class Setting:
    """A model ready to run, float32 on one thread, in inference mode."""

    model: PreTrainedModel
    tokenizer: Tokenizer
    options: Mapping[str, Any]

    def first_token(self) -> int | None:
        """What stands before an empty context: the start token, else the end token."""
        config = self.model.config
        for token in (config.bos_token_id, config.eos_token_id):
            if isinstance(token, int):
                return token
        return None

    def window(self, most: int) -> int:
        """Tokens that a decoder reads at once: at most ``most``, and all by each layer.

        Where layers look back over a sliding window, no more than it holds, so that
        every way of computing attention sees the same.
        """
        config = self.model.config
        sliding = getattr(config, "sliding_window", None)
        kinds = getattr(config, "layer_types", None)
        limit = min(most, self.positions)
        if isinstance(sliding, int) and (not kinds or "sliding_attention" in kinds):
            return min(limit, sliding)
        return limit

    @property
    def positions(self) -> int:
        """How many positions the model has for tokens."""
        config = self.model.config
        found = int(config.max_position_embeddings)
        if config.model_type == "roberta":  # which counts from after the padding's
            found -= int(config.pad_token_id or 0) + 1
        return found

    def token_limit(self, default: int) -> int:
        """``options.max_tokens``, but never more than the model has positions for.

        Raises:
            Invalid: ``options_max_tokens``.
        """
        wanted = self.options.get("max_tokens", default)
        if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted < 2:
            raise Invalid(
                "options_max_tokens",
                f"The option max_tokens must be an integer from 2 on, not {wanted!r}.",
                where="options.max_tokens",
            )
        return min(wanted, self.positions)
