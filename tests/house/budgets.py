"""The size budgets: ``python -m tests.house.budgets`` prints them, fails over one.

Source is everything but tests and migrations. A function's lines run from ``def`` to
its end, without its docstring; a nested function is counted by itself and as part of
the one around it. Nesting counts the blocks (if, for, while, with, try, match)
around the deepest statement; an ``elif`` is as deep as its ``if``.
"""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

HEAVY = {"datasets", "gguf", "peft", "torch", "transformers"}
HEAVY_IN = {"evaluator": HEAVY | {"evaluator"}}  # its own modules load torch
DOMAIN = {"accounts", "catalogue", "competitions", "ledger", "royalties", "storage"}
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match, ast.AsyncFor)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Measured:
    """One function: where it stands and how large and deep it is."""

    where: str
    lines: int
    depth: int
    typed: bool


@dataclass
class Source:
    """What was found in a set of files."""

    files: dict[str, int] = field(default_factory=dict)
    functions: list[Measured] = field(default_factory=list)
    hidden_imports: list[str] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """One row of the table; ``culprits`` are named when it is over."""

    measure: str
    found: float
    budget: float
    unit: str = ""
    culprits: Sequence[str] = ()

    @property
    def over(self) -> bool:
        return self.found > self.budget

    def __str__(self) -> str:
        word = "OVER" if self.over else "ok"
        found, budget = (f"{x:g}{self.unit}" for x in (self.found, self.budget))
        return f"{self.measure:<28} {found:>8}  <= {budget:<6} {word}"


def read(files: Iterable[tuple[str, str]]) -> Source:
    """Measure files, given as (path from the project's root, text)."""
    source = Source()
    for path, text in files:
        lines = text.count("\n")
        if not lines:
            continue
        source.files[path] = lines
        tree = ast.parse(text)
        source.functions += (measure(path, node) for node in functions(tree))
        source.hidden_imports += hidden_imports(path, tree, text.splitlines())
        if path.split("/")[0] in DOMAIN:
            source.receivers += receivers(path, tree)
    return source


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def measure(path: str, node: Function) -> Measured:
    """The figures of one function."""
    end = node.end_lineno or node.lineno
    lines = end - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    where = f"{path}:{node.lineno} {node.name}"
    return Measured(where, lines, depth(node), is_typed(node))


def depth(node: ast.AST, *, is_elif: bool = False) -> int:
    """How many blocks stand around the deepest statement below ``node``."""
    own = int(isinstance(node, BLOCKS) and not is_elif)
    below = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef | ast.Lambda):
            continue
        chained = isinstance(node, ast.If) and node.orelse == [child]
        elif_child = chained and isinstance(child, ast.If)
        below = max(below, depth(child, is_elif=elif_child))
    return own + below


def is_typed(node: Function) -> bool:
    """Whether it says all of its types; ``self`` and ``cls`` need none."""
    spec = node.args
    named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    if named and named[0].arg in {"self", "cls"}:
        named = named[1:]
    named += [argument for argument in (spec.vararg, spec.kwarg) if argument]
    return node.returns is not None and all(item.annotation for item in named)


def hidden_imports(path: str, tree: ast.AST, lines: Sequence[str]) -> Iterator[str]:
    """Imports inside functions, save heavy ones that say why in a comment."""
    heavy = HEAVY_IN.get(path.split("/", maxsplit=1)[0], HEAVY)
    inside = {node for function in functions(tree) for node in ast.walk(function)}
    for node in inside:
        if isinstance(node, ast.Import | ast.ImportFrom):
            is_explained = "#" in "".join(lines[node.lineno - 2 : node.end_lineno])
            if not (imported(node) <= heavy and is_explained):
                yield f"{path}:{node.lineno}"


def imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The outermost packages that an import names."""
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").split(".")[0]}
    return {alias.name.split(".")[0] for alias in node.names}


def receivers(path: str, tree: ast.AST) -> Iterator[str]:
    """Imports of Django's signals: whoever has none receives none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
            if any(n == "django.dispatch" or n.endswith(".signals") for n in names):
                yield f"{path}:{node.lineno}"


def share(part: Sequence[object], whole: Sequence[object]) -> float:
    """Per cent, to one decimal."""
    return round(100 * len(part) / len(whole), 1) if whole else 0.0


def table(source: Source) -> list[Line]:
    """Each measure beside its budget."""
    return [
        *function_lines(source.functions),
        *file_lines(source.files),
        counted("imports inside functions", source.hidden_imports),
        counted("signals in domain code", source.receivers),
    ]


def function_lines(measured: Sequence[Measured]) -> Iterator[Line]:
    """The measures of functions."""
    over = {n: [f.where for f in measured if f.lines > n] for n in (30, 60, 100)}
    deep = [f.where for f in measured if f.depth > 3]
    lengths = [f.lines for f in measured] or [0]
    yield Line("functions: median lines", median(lengths), 9)
    yield Line("functions > 30 lines", share(over[30], measured), 10, " %", over[30])
    yield Line("functions > 60 lines", share(over[60], measured), 1.5, " %", over[60])
    yield counted("functions > 100 lines", over[100])
    yield Line("functions nested > 3 deep", share(deep, measured), 1, " %", deep)
    yield counted("functions without types", [f.where for f in measured if not f.typed])


def file_lines(files: dict[str, int]) -> Iterator[Line]:
    """The measures of files."""
    large = [path for path, lines in files.items() if lines > 300]
    largest = max(files, key=lambda path: files[path], default="")
    yield Line("files: median lines", median([*files.values()] or [0]), 90)
    yield Line("files > 300 lines", share(large, [*files]), 5, " %", large)
    yield Line("largest file, lines", files.get(largest, 0), 600, "", [largest])


def counted(measure: str, culprits: Sequence[str]) -> Line:
    """A measure of which there may be none."""
    return Line(measure, len(culprits), 0, "", culprits)


def is_source(path: str) -> bool:
    """Whether a file counts."""
    parts = path.split("/")
    return parts[0] != "tests" and "migrations" not in parts


def tracked(root: Path) -> Iterator[tuple[str, str]]:
    """The Python sources that Git knows or would take up, with their text."""
    listing = ["git", "ls-files", "-z", "-co", "--exclude-standard", "--", "*.py"]
    found = subprocess.run(listing, cwd=root, check=True, capture_output=True)
    for path in sorted(set(found.stdout.decode().split("\0")) - {""}):
        if is_source(path) and (root / path).is_file():
            yield path, (root / path).read_text(encoding="utf-8")


def main() -> int:
    """Print the table; returns 1 when anything is over its budget."""
    source = read(tracked(Path(__file__).resolve().parents[2]))
    print(f"{len(source.files)} files, {len(source.functions)} functions")  # noqa: T201
    lines = table(source)
    for line in lines:
        print(line)  # noqa: T201 - this is the report
        for culprit in line.culprits if line.over else ():
            print(f"    {culprit}")  # noqa: T201
    return int(any(line.over for line in lines))


if __name__ == "__main__":
    sys.exit(main())
