"""Fine-tune the classification head of the base model on a CPU, in about a minute.

The encoder stays as it is: its first-token states are computed once, then the
pooler and the classifier are trained on them. Start here, then try to do better:
more epochs, the last encoder layer too, or a LoRA adapter.

    python train.py --base base --train train.jsonl --out my-model
"""

import argparse
import shutil
from pathlib import Path

import torch
from datasets import load_dataset
from torch import nn
from transformers import AutoTokenizer, BertForSequenceClassification

BATCH = 64
MAX_TOKENS = 64


def first_states(
    model: BertForSequenceClassification, tokenizer: AutoTokenizer, texts: list[str]
) -> torch.Tensor:
    """The encoder's first-token state of each text: (texts, hidden size)."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    states = torch.empty(len(texts), model.config.hidden_size)
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        batch = tokenizer(
            [texts[index] for index in chosen],
            truncation=True,
            max_length=MAX_TOKENS,
            padding=True,
            return_tensors="pt",
        )
        with torch.no_grad():
            hidden = model.bert(**batch).last_hidden_state
        states[torch.tensor(chosen)] = hidden[:, 0]
        if start % (10 * BATCH) == 0:
            print(f"encoding {start + len(chosen)}/{len(texts)}", flush=True)
    return states


def train_head(
    model: BertForSequenceClassification,
    states: torch.Tensor,
    targets: torch.Tensor,
    epochs: int,
) -> None:
    """Adam with a cosine schedule and label smoothing on pooler and classifier."""
    head = [*model.bert.pooler.parameters(), *model.classifier.parameters()]
    optimizer = torch.optim.AdamW(head, lr=3e-3, weight_decay=0.01)
    steps = epochs * -(-len(states) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    lossy = nn.CrossEntropyLoss(label_smoothing=0.05)
    for epoch in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(states)).split(BATCH):
            pooled = model.bert.pooler(states[chosen].unsqueeze(1))
            loss = lossy(model.classifier(pooled), targets[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(chosen)
        print(f"epoch {epoch + 1}/{epochs}: loss {total / len(states):.3f}")


def save(model: BertForSequenceClassification, base: Path, out: Path) -> None:
    """What may be submitted: config.json and model.safetensors."""
    out.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(out, safe_serialization=True)
    shutil.copy(base / "config.json", out / "config.json")


def main() -> None:
    """Read, encode, train, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, default=Path("base"))
    parser.add_argument("--train", type=Path, default=Path("train.jsonl"))
    parser.add_argument("--out", type=Path, default=Path("my-model"))
    parser.add_argument("--examples", type=int, default=0, help="0 means all")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()

    torch.manual_seed(chosen.seed)
    model = BertForSequenceClassification.from_pretrained(chosen.base).eval()
    tokenizer = AutoTokenizer.from_pretrained(chosen.base)
    rows = load_dataset("json", data_files=str(chosen.train), split="train")
    if chosen.examples:
        rows = rows.shuffle(seed=chosen.seed).select(range(chosen.examples))
    targets = torch.tensor([model.config.label2id[name] for name in rows["label"]])
    states = first_states(model, tokenizer, list(rows["text"]))
    train_head(model, states, targets, chosen.epochs)
    save(model, chosen.base, chosen.out)
    print(f"saved {chosen.out}")


if __name__ == "__main__":
    main()
