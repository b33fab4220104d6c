"""Fine-tune the classification head of the base model, on a CPU in about a minute.

The encoder stays as it is: its first-token states are computed once, then the
pooler and the classifier are trained on them. Start here, then try to do better:
more epochs, the last encoder layer too, or a LoRA adapter.

    python train.py --base base --train train.jsonl --out my-model
"""

import argparse
import json
from pathlib import Path

import torch
from datasets import load_dataset
from torch import nn
from transformers import AutoTokenizer, BertForSequenceClassification

BATCH = 64
MAX_TOKENS = 64
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def first_states(
    model: BertForSequenceClassification, tokenizer: AutoTokenizer, texts: list[str]
) -> torch.Tensor:
    """The encoder's first-token state of each text: (texts, hidden size)."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    states = torch.empty(len(texts), model.config.hidden_size, device=DEVICE)
    for start in range(0, len(order), BATCH):
        chosen = order[start : start + BATCH]
        batch = tokenizer(
            [texts[index] for index in chosen],
            truncation=True,
            max_length=MAX_TOKENS,
            padding=True,
            return_tensors="pt",
        ).to(DEVICE)
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


def labels_of(folder: Path) -> list[str]:
    """The task's labels, in the order of the model's outputs."""
    task = json.loads((folder / "task.json").read_text("utf-8"))
    labels: list[str] = task["options"]["labels"]
    return labels


def main() -> None:
    """Read, encode, train, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, default=Path("base"))
    parser.add_argument("--train", type=Path, help="train.jsonl, else sample.jsonl")
    parser.add_argument("--out", type=Path, default=Path("my-model"))
    parser.add_argument("--examples", type=int, default=0, help="0 means all")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()

    torch.manual_seed(chosen.seed)
    here = Path(__file__).parent
    labels = labels_of(here)
    model = BertForSequenceClassification.from_pretrained(
        chosen.base,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
        ignore_mismatched_sizes=True,
    )
    model = model.eval().to(DEVICE)
    tokenizer = AutoTokenizer.from_pretrained(chosen.base)
    known = [here / name for name in ("train.jsonl", "sample.jsonl")]
    train = chosen.train or next(path for path in known if path.exists())
    rows = load_dataset("json", data_files=str(train), split="train")
    if chosen.examples:
        rows = rows.shuffle(seed=chosen.seed).select(range(chosen.examples))
    numbers = [labels.index(name) for name in rows["label"]]
    targets = torch.tensor(numbers, device=DEVICE)
    states = first_states(model, tokenizer, list(rows["text"]))
    train_head(model, states, targets, chosen.epochs)
    model.save_pretrained(chosen.out, safe_serialization=True)
    print(f"saved {chosen.out}")


if __name__ == "__main__":
    main()
