"""The classes of transformers that run weights, and what each can be asked.

To allow another one, add its line here and its schema to ``assay.protocol.admission``;
the class must come with transformers itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    Gemma2Config,
    Gemma2ForCausalLM,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GemmaConfig,
    GemmaForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    ModernBertConfig,
    ModernBertForSequenceClassification,
    ModernBertModel,
    PretrainedConfig,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    RobertaConfig,
    RobertaForSequenceClassification,
    RobertaModel,
)


@dataclass(frozen=True)
class Architecture:
    """A model class, its configuration's class and the task types it serves.

    ``attention`` is torch's own kernel, except where that leaves a step out.
    """

    model: type[PreTrainedModel]
    config: type[PretrainedConfig]
    task_types: tuple[str, ...]
    attention: str = "sdpa"


_LABELS = ("preference", "text_classification")
_VECTORS = ("retrieval", "similarity")
_TEXT = ("generation", "language_modelling", "multiple_choice", "preference")

# Gemma 2 caps its attention's logits, which torch's kernel cannot.
ARCHITECTURES: Mapping[str, Architecture] = {
    "BertForSequenceClassification": Architecture(
        BertForSequenceClassification, BertConfig, _LABELS
    ),
    "RobertaForSequenceClassification": Architecture(
        RobertaForSequenceClassification, RobertaConfig, _LABELS
    ),
    "ModernBertForSequenceClassification": Architecture(
        ModernBertForSequenceClassification, ModernBertConfig, _LABELS
    ),
    "BertModel": Architecture(BertModel, BertConfig, _VECTORS),
    "RobertaModel": Architecture(RobertaModel, RobertaConfig, _VECTORS),
    "ModernBertModel": Architecture(ModernBertModel, ModernBertConfig, _VECTORS),
    "LlamaForCausalLM": Architecture(LlamaForCausalLM, LlamaConfig, _TEXT),
    "Qwen2ForCausalLM": Architecture(Qwen2ForCausalLM, Qwen2Config, _TEXT),
    "Qwen3ForCausalLM": Architecture(Qwen3ForCausalLM, Qwen3Config, _TEXT),
    "MistralForCausalLM": Architecture(MistralForCausalLM, MistralConfig, _TEXT),
    "GemmaForCausalLM": Architecture(GemmaForCausalLM, GemmaConfig, _TEXT),
    "Gemma2ForCausalLM": Architecture(
        Gemma2ForCausalLM, Gemma2Config, _TEXT, attention="eager"
    ),
    "Gemma3ForCausalLM": Architecture(Gemma3ForCausalLM, Gemma3TextConfig, _TEXT),
    "GPT2LMHeadModel": Architecture(GPT2LMHeadModel, GPT2Config, _TEXT),
    "GPTNeoXForCausalLM": Architecture(GPTNeoXForCausalLM, GPTNeoXConfig, _TEXT),
}
