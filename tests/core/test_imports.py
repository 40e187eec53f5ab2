"""The imports of the project form a directed acyclic graph of files.

Which package may import which is checked by import-linter (`make check`).
"""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "api",
    "config",
    "core",
    "games",
    "operations",
    "organizations",
    "playsessions",
    "repos",
    "users",
)


def _modules() -> dict[str, Path]:
    modules = {}
    for package in PACKAGES:
        for path in (PROJECT / package).rglob("*.py"):
            parts = path.relative_to(PROJECT).with_suffix("").parts
            if "migrations" not in parts:
                modules[".".join(part for part in parts if part != "__init__")] = path
    return modules


def _imports(path: Path, modules: dict[str, Path]) -> set[str]:
    """The project's modules that `path` imports, wherever the statement stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {member for member in members if member in modules} or {node.module}
    return found & modules.keys()


def test_no_file_imports_itself_through_others() -> None:
    modules = _modules()
    graph = {name: _imports(path, modules) - {name} for name, path in modules.items()}

    order = list(TopologicalSorter(graph).static_order())  # CycleError names the cycle

    assert len(order) == len(modules)


def test_no_import_of_the_project_hides_in_a_function() -> None:
    hidden = [
        f"{path.relative_to(PROJECT)}:{inner.lineno}"
        for path in _modules().values()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
        and ast.unparse(inner).split()[1].startswith(PACKAGES)
    ]

    assert hidden == []
