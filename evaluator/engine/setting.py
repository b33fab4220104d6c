"""What a scorer is given: a loaded model, the benchmark's tokenizer, the options."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias, TypeVar

from tokenizers import Tokenizer
from transformers import PreTrainedModel

from assay.protocol.errors import Invalid
from evaluator.engine import llama
from evaluator.engine.likelihood import Likelihoods, ModuleLikelihoods
from evaluator.engine.packed_likelihood import PackedLikelihoods


class Example(Protocol):
    """One parsed input row."""

    @property
    def id(self) -> str:
        """Unique within the inputs."""


ExampleT = TypeVar("ExampleT", bound=Example)
# One list of numbers per example, in order, each given as soon as it is known.
Scorer: TypeAlias = Callable[[Sequence[ExampleT]], Iterator[list[float]]]


@dataclass(frozen=True)
class Setting:
    """A model ready to run, float32 on one thread, in inference mode."""

    model: PreTrainedModel
    tokenizer: Tokenizer
    options: Mapping[str, Any]

    @cached_property
    def likelihoods(self) -> Likelihoods:
        """What answers requests for log-likelihoods."""
        if llama.fits(self.model):
            return PackedLikelihoods(llama.Llama(self.model))
        return ModuleLikelihoods(self.model)

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
        return min(wanted, int(self.model.config.max_position_embeddings))
