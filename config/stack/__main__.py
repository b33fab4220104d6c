"""The door of ``make run``: start a stack, seed it, stay until told to end."""

import argparse
import contextlib
import importlib.util
import signal
import sys
import threading
import time
from collections.abc import Sequence

from assay.protocol.errors import Refusal
from config.stack.console import Console
from config.stack.stack import Stack

SEED = "examples.story"
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str]) -> int:
    """Run a stack in the foreground; returns the exit code."""
    options = _parser().parse_args(arguments)
    console = Console(verbose=options.verbose)
    stack = Stack(console=console)
    for number in ENDINGS:
        signal.signal(number, signal.default_int_handler)
    try:
        _serve(stack, console, seed=options.seed)
    except KeyboardInterrupt:
        _ignore_endings()
        console.say("\nEnding all of it …")
    except Refusal as refusal:
        console.say(f"Error: {refusal}")
        return 1
    finally:
        _ignore_endings()
        stack.stop()
    console.say("Ended; all data is kept.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m config.stack", description=__doc__)
    parser.add_argument("--no-seed", dest="seed", action="store_false")
    parser.add_argument("--verbose", action="store_true", help="show every log line")
    return parser


def _serve(stack: Stack, console: Console, *, seed: bool) -> None:
    console.say(f"Starting on {stack.layout.var} …")
    began = time.monotonic()
    stack.start()
    console.say(f"Ready in {time.monotonic() - began:.1f} s at {stack.url}")
    if seed and stack.is_empty and _has_story():
        _seed(stack, console)
    elif stack.layout.seeding.exists():
        console.say(
            "The demo story was cut off and is incomplete; to play it anew, end this, "
            f"remove {stack.layout.var} and start again."
        )
    _welcome(stack, console)
    threading.Event().wait()


def _has_story() -> bool:
    try:
        return importlib.util.find_spec(SEED) is not None
    except ModuleNotFoundError:
        return False


def _seed(stack: Stack, console: Console) -> None:
    """Play the demo story on the new stack; its failure leaves the stack up."""
    console.say(f"Nothing is here yet: playing the demo story on {stack.url} …")
    stack.layout.seeding.touch()
    with contextlib.suppress(Refusal):
        stack.run("seed", "-m", SEED, "--endpoint", stack.url, "--seed")
        stack.layout.seeding.unlink()
        return
    console.say("Error: The demo story did not end well; the stack runs all the same.")


def _welcome(stack: Stack, console: Console) -> None:
    console.say(f"\nPages    {stack.url}/\nAPI      {stack.url}/api/docs")
    console.say(f"Logs     {stack.layout.logs}")
    if stack.layout.welcome.exists():
        console.say(stack.layout.welcome.read_text().rstrip())
    console.say("\nCtrl-C ends it.")


def _ignore_endings() -> None:
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
