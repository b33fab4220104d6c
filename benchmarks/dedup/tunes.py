"""Fine-tunes of the two base models, trained for a moment as people train them.

How far the weights move does not matter here, only which of them do; a few steps
with the optimizer's own defaults decide that.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertForSequenceClassification, LlamaForCausalLM

Weights = dict[str, torch.Tensor]
ROWS = Path("examples/intent_routing/data/train.jsonl")
TOKENS = 24
BATCH = 8


@dataclass(frozen=True)
class Base:
    """A base model: where it lies, how it is built, and which parts a head is."""

    name: str
    folder: Path
    build: Callable[[Path], Any]
    head: tuple[str, ...]
    adapted: tuple[str, ...]
    causal: bool


def bases(cache: Path) -> tuple[Base, Base]:
    """The two base models of the examples."""
    return (
        Base(
            "MiniLM (float32)",
            cache / "minilm-l6-banking77",
            _classifier,
            ("classifier", "pooler"),
            ("query", "value"),
            causal=False,
        ),
        Base(
            "SmolLM2-135M (bfloat16)",
            cache / "smollm2-135m-instruct",
            lambda folder: LlamaForCausalLM.from_pretrained(
                folder, dtype=torch.bfloat16
            ),
            ("model.norm", "layers.29."),
            ("q_proj", "v_proj"),
            causal=True,
        ),
    )


def tunes(base: Base, folder: Path, *, steps: int) -> Iterator[tuple[str, Path]]:
    """Names and files of its fine-tunes."""
    kinds: dict[str, Callable[[], Any]] = {
        "head only": lambda: _tuned(base, steps, only=base.head),
        "LoRA, merged": lambda: _lora(base, steps),
        "all weights, AdamW without decay": lambda: _tuned(base, steps, decay=0.0),
        "all weights, AdamW with decay 0.01": lambda: _tuned(base, steps, decay=0.01),
    }
    known = load_file(base.folder / "model.safetensors")
    for name, make in kinds.items():
        weights = {
            key: value.detach().contiguous().clone()
            for key, value in make().state_dict().items()
            if key in known
        }
        path = folder / "tune.safetensors"
        save_file(weights, path, metadata={"format": "pt"})
        yield name, path


def _classifier(folder: Path) -> Any:
    model = BertForSequenceClassification(BertConfig.from_pretrained(folder))
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    return model


def _tuned(
    base: Base, steps: int, *, only: tuple[str, ...] = (), decay: float = 0.0
) -> Any:
    model = base.build(base.folder)
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not only or any(part in name for part in only)
    _train(base, model, steps, rate=5e-5, decay=decay)
    return model


def _lora(base: Base, steps: int) -> Any:
    from peft import LoraConfig, get_peft_model  # noqa: PLC0415 - takes seconds

    config = LoraConfig(r=8, lora_alpha=16, target_modules=list(base.adapted))
    adapted = get_peft_model(base.build(base.folder), config)
    _train(base, adapted, steps, rate=1e-3, decay=0.0)
    return adapted.merge_and_unload()


def _train(base: Base, model: Any, steps: int, *, rate: float, decay: float) -> None:
    tokenizer = Tokenizer.from_file(str(base.folder / "tokenizer.json"))
    tokenizer.enable_truncation(TOKENS)
    tokenizer.enable_padding(length=TOKENS)
    rows = [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=rate, weight_decay=decay)
    model.train()
    for step in range(steps):
        batch = rows[step * BATCH : (step + 1) * BATCH]
        ids = torch.tensor([tokenizer.encode(row["text"]).ids for row in batch])
        if base.causal:
            labels = ids
        else:
            labels = torch.tensor([sum(row["label"].encode()) % 77 for row in batch])
        model(input_ids=ids, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
