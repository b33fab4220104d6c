"""Writes ``assay/client/asynchronous.pyi`` from the synchronous client's types.

Run it after a change of the client: ``python -m tests.client.async_stub``.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "assay" / "client"
STUB = CLIENT / "asynchronous.pyi"
HEAD = """# Made by `python -m tests.client.async_stub`; a test keeps it true.
"""
WALK = """
Record = TypeVar("Record")

class AsyncWalk(AsyncIterator[Record], Generic[Record]):
    def __init__(self, walk: Walk[Record]) -> None: ...
    async def __anext__(self) -> Record: ...
    async def take(
        self, limit: int, *, after: str = ""
    ) -> tuple[Sequence[Record], str]: ...
"""
CLOSE = """    async def close(self) -> None: ...
    async def __aenter__(self) -> AsyncClient: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
"""
BEGIN = """    def __init__(
        self, endpoint: str, *, token: str = "", patience: Patience | None = None
    ) -> None: ...
    @property
    def endpoint(self) -> str: ...
"""


def stub() -> str:
    """The whole file, in its final form."""
    text = _drafted()
    for command in (["check", "--fix-only", "--select", "I"], ["format"]):
        ruff = [
            sys.executable,
            "-m",
            "ruff",
            *command,
            "--quiet",
            "--stdin-filename",
            str(STUB),
            "-",
        ]
        text = subprocess.run(
            ruff, input=text, capture_output=True, text=True, check=True
        ).stdout
    return text


def _drafted() -> str:
    trees = {path.stem: _tree(path) for path in sorted(CLIENT.glob("areas/*.py"))}
    areas = {name: node for name, tree in trees.items() for node in _classes(tree)}
    client = next(
        n for n in _classes(_tree(CLIENT / "client.py")) if n.name == "Client"
    )
    uploads = next(
        n for n in _classes(_tree(CLIENT / "uploads.py")) if n.name == "Uploads"
    )
    classes = {node.name: node for node in [*areas.values(), uploads]}
    body = "\n".join(_area(node) for node in classes.values())
    text = body + "\n" + _client(client, classes)
    return HEAD + _imports(trees, WALK + text) + WALK + "\n" + text


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.ClassDef)]


def _area(node: ast.ClassDef) -> str:
    methods = "".join(_method(one) for one in _public(node))
    return f"class Async{node.name}:\n{methods}"


def _client(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> str:
    assigned = re.findall(r"self\.(\w+) = (\w+)\(transport\)", ast.unparse(node))
    attributes = "".join(f"    {a}: Async{c}\n" for a, c in assigned if c in classes)
    own = [m for m in _public(node) if m.name in {"version", "me"}]
    methods = "".join(map(_method, own))
    return f"class AsyncClient:\n{attributes}{BEGIN}{methods}{CLOSE}"


def _public(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_"):
            yield one


def _method(node: ast.FunctionDef) -> str:
    assert node.returns is not None
    returns = ast.unparse(node.returns)
    word = "def" if returns.startswith("Walk[") else "async def"
    returns = re.sub(r"^Walk\[", "AsyncWalk[", returns)
    arguments = ast.unparse(node.args).replace("'", '"')
    return f"    {word} {node.name}({arguments}) -> {returns}: ...\n"


def _imports(trees: dict[str, ast.Module], text: str) -> str:
    """What the text names, from wherever the areas have it."""
    used, found = set(re.findall(r"\b\w+\b", text)), {}
    for tree in [*trees.values(), _tree(CLIENT / "client.py")]:
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module != "urllib.parse":
                found |= {name.name: str(node.module) for name in node.names}
    found |= {
        **dict.fromkeys(("AsyncIterator", "Sequence"), "collections.abc"),
        **dict.fromkeys(("Generic", "TypeVar"), "typing"),
        "OnProgress": "assay.client.uploads",
        "HeldFile": "assay.client.records",
        "Path": "pathlib",
        "Walk": "assay.client.paging",
        "TracebackType": "types",
    }
    modules: dict[str, set[str]] = {}
    for name in used & found.keys():
        modules.setdefault(found[name], set()).add(name)
    lines = [_import(module, sorted(names)) for module, names in modules.items()]
    return "\n".join(sorted(lines)) + "\n"


def _import(module: str, names: list[str]) -> str:
    return f"from {module} import {', '.join(names)}"


if __name__ == "__main__":
    STUB.write_text(stub(), "utf-8")
