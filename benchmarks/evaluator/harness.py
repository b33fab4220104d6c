"""lm-evaluation-harness on a file of questions; runs in an environment of its own.

``python harness.py MODEL QUESTIONS BATCH`` prints one line of JSON. Nothing of this
project is imported: the harness's own class for transformers answers its own requests.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

os.environ.update(
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    HF_DATASETS_OFFLINE="1",
    TOKENIZERS_PARALLELISM="false",
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    TQDM_DISABLE="1",
)

import torch
from lm_eval.api.instance import Instance  # type: ignore[import-not-found]
from lm_eval.models.huggingface import HFLM  # type: ignore[import-not-found]


def main() -> None:
    """Score every question once and say what it took."""
    model, path, batch = sys.argv[1:4]
    torch.set_num_threads(1)
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    harness = HFLM(
        pretrained=model, dtype="float32", device="cpu", batch_size=int(batch)
    )
    requests = [
        Instance("loglikelihood", {}, (row["context"], f" {choice}"), index)
        for row in rows
        for index, choice in enumerate(row["choices"])
    ]
    before = time.process_time()
    values = iter(harness.loglikelihood(requests, disable_tqdm=True))
    seconds = time.process_time() - before
    found = {
        "cpu_seconds": seconds,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "scores": [[next(values)[0] for _ in row["choices"]] for row in rows],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
