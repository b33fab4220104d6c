"""all-MiniLM-L6-v2 as a zero-shot classifier of the 77 BANKING77 intents.

The encoder is untouched. The head is computed, not trained: each label's name is
put into a sentence and encoded, and a text is compared with these 77 vectors by
their inner product. It has seen no example, so it is an honest baseline to beat.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

LABELS = Path(__file__).with_name("banking77_labels.txt")
_SENTENCE = "I have a question about my {}."
_POOLER_SCALE = 0.3  # keeps tanh near its straight part, yet lets it be trained
_LOGIT_SCALE = 12.0  # spreads 77 near-equal cosines into probabilities
_TOKENIZER_FILES = ("tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


def labels() -> list[str]:
    """The 77 intents; the position in this list is the class index."""
    return LABELS.read_text("utf-8").split()


def build(source: Path, folder: Path) -> None:
    """Write config.json, model.safetensors and the tokenizer's files to ``folder``.

    ``source`` is the package's model.safetensors; its other files lie beside it.
    """
    origin = source.parent
    encoder = load_file(source)
    encoder.pop("embeddings.position_ids", None)
    keys = json.loads((origin / "config.json").read_text("utf-8"))
    tokenizer = _copy_tokenizer(origin, folder)
    centres = _encode(encoder, keys, tokenizer, [_sentence(name) for name in labels()])
    weights = {f"bert.{name}": tensor for name, tensor in encoder.items()}
    weights |= _head(centres)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    text = json.dumps(_config(keys), indent=2, sort_keys=True)
    (folder / "config.json").write_text(text + "\n", "utf-8")


def _sentence(label: str) -> str:
    words = label.replace("_", " ").rstrip("?").strip()
    return _SENTENCE.format(words)


def _copy_tokenizer(origin: Path, folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(origin / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"))
    for name in _TOKENIZER_FILES:
        (folder / name).write_bytes((origin / name).read_bytes())
    return tokenizer


def _encode(
    weights: dict[str, torch.Tensor],
    keys: dict[str, Any],
    tokenizer: Tokenizer,
    sentences: list[str],
) -> torch.Tensor:
    """The first token's last hidden state of each sentence: (sentences, 384)."""
    model = BertModel(BertConfig.from_dict(keys)).eval()
    model.load_state_dict(weights)
    with torch.inference_mode():
        rows = [
            model(input_ids=torch.tensor([tokenizer.encode(text).ids]))[0][0, 0]
            for text in sentences
        ]
    return torch.stack(rows).clone()


def _head(centres: torch.Tensor) -> dict[str, torch.Tensor]:
    """A pooler that subtracts the mean label, and one unit row per label."""
    mean = centres.mean(dim=0)
    size = mean.shape[0]
    pooled = torch.tanh(_POOLER_SCALE * (centres - mean))
    rows = torch.nn.functional.normalize(pooled, dim=-1)
    return {
        "bert.pooler.dense.weight": _POOLER_SCALE * torch.eye(size),
        "bert.pooler.dense.bias": -_POOLER_SCALE * mean,
        "classifier.weight": _LOGIT_SCALE * rows,
        "classifier.bias": torch.zeros(len(centres)),
    }


def _config(keys: dict[str, Any]) -> dict[str, Any]:
    names = labels()
    kept = {
        key: value
        for key, value in keys.items()
        if key
        not in {"_name_or_path", "gradient_checkpointing", "transformers_version"}
    }
    return kept | {
        "architectures": ["BertForSequenceClassification"],
        "dtype": "float32",
        "id2label": {str(index): name for index, name in enumerate(names)},
        "label2id": {name: index for index, name in enumerate(names)},
    }
