"""The limits of our style that a machine can see: sizes, names, docstrings, and what is absent."""

import ast
from typing import TypeGuard

import pytest

from support.sources import ROOT, Source, sources

PRODUCT = sources("cli", "lib")
LIBRARY = sources("lib")
FILE_LINES = 500
FUNCTION_LINES = 60
PARAMETERS = 6
# A constructor that is handed the world, piece by piece, may take a few more.
CONSTRUCTOR_PARAMETERS = 8
VAGUE_NAMES = {"utils", "helpers", "common", "misc", "base", "manager", "handlers", "core"}

# Who may start a process, open a socket or call into C by hand, and what for. Adapters of engines
# may, that is what they are.
OUTWARD = {"anyio", "subprocess", "socket", "ssl", "ctypes", "multiprocessing", "asyncio", "pty"}
OUTWARD_MODULES = {
    "quintet.platform.http": "the one client of the network",
    "quintet.platform.confine": "denies the network, and looks whether that holds",
    "quintet.platform.keys.kernel_keyring": "the kernel's keyring has no module of its own",
    "quintet.platform.keys.session": "locks keys in memory",
    "quintet.platform.keys.slots.command": "a key that a command prints",
    "quintet.platform.extras": "installs parts by pip",
    "quintet.models.worker_process": "keeps native runtimes in a process of their own",
    "quintet.platform.schedule": "runs jobs, and speaks with crontab, systemctl and launchctl",
    "quintet.app.doctor.parts": "tries each part in a child process",
    "quintet.app.torture": "kills children on purpose",
    "quintet.mcp": "a protocol over pipes and loopback, each call in a process of its own",
    "quintet_cli.config.edit": "your editor",
}

_of_product = pytest.mark.parametrize("source", PRODUCT, ids=lambda source: source.place)
_of_library = pytest.mark.parametrize("source", LIBRARY, ids=lambda source: source.place)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(argument.arg not in ("self", "cls") for argument in named)


def _is_of_sys(node: ast.AST) -> TypeGuard[ast.Attribute]:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "sys"
    )


def _is_verb(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    calls = [node.func for node in function.decorator_list if isinstance(node, ast.Call)]
    return any(isinstance(call, ast.Name) and call.id == "verb" for call in calls)


@_of_product
def test_files_functions_and_parameter_lists_stay_small(source: Source) -> None:
    assert len(source.text.splitlines()) <= FILE_LINES
    for function in source.functions():
        length = (function.end_lineno or 0) - function.lineno + 1
        limit = CONSTRUCTOR_PARAMETERS if function.name == "__init__" else PARAMETERS
        assert length <= FUNCTION_LINES, f"{function.name} has {length} lines"
        # The parameters of a verb are its options.
        assert _is_verb(function) or _parameters(function) <= limit, function.name


@_of_product
def test_a_module_says_why_it_exists_and_is_called_after_a_thing(source: Source) -> None:
    docstring = ast.get_docstring(source.tree) or ""
    assert 1 <= len(docstring.splitlines()) <= 12, "a docstring of 1 to 5 lines or so"
    words = set(source.path.stem.split("_")) | set(source.path.parent.name.split("_"))
    assert not words & VAGUE_NAMES


@_of_product
def test_a_package_file_holds_a_docstring_and_a_group_its_verbs(source: Source) -> None:
    if source.path.name == "__init__.py":
        _, *rest = source.tree.body
        is_table = [
            isinstance(node, ast.AnnAssign) and "VERBS" in ast.unparse(node) for node in rest
        ]
        assert is_table in ([], [True])


@_of_library
def test_the_library_neither_prints_nor_asks_nor_exits(source: Source) -> None:
    if '__name__ == "__main__"' in source.text:
        pytest.skip("a program of its own, run as a child")
    assert not {"print", "input", "exit", "quit", "breakpoint"} & set(source.calls())
    reached = {node.attr for node in ast.walk(source.tree) if _is_of_sys(node)}
    # Where a file is wanted, `-` stands for stdin; the composition root knows which stream that is.
    allowed = {"stdin"} if source.module.startswith("quintet.app.") else set[str]()
    assert not ({"exit", "stdout", "stderr", "stdin"} - allowed) & reached


@_of_product
def test_only_known_places_reach_outside_the_process(source: Source) -> None:
    reached = OUTWARD & {name.partition(".")[0] for name in source.imports()}
    is_known = ".adapters." in source.module or any(
        f"{source.module}.".startswith(f"{place}.") for place in OUTWARD_MODULES
    )
    assert not reached or is_known, f"{source.module} imports {reached}"


@pytest.mark.parametrize("place", OUTWARD_MODULES)
def test_the_list_of_places_that_reach_outside_names_no_place_in_vain(place: str) -> None:
    reached = {
        name.partition(".")[0]
        for source in PRODUCT
        if f"{source.module}.".startswith(f"{place}.")
        for name in source.imports()
    }
    assert reached & OUTWARD


def test_migrations_make_no_secondary_index() -> None:
    # DuckDB 1.x answers wrongly from one after a crash.
    scripts = [path for root in ("lib", "cli") for path in (ROOT / root).rglob("*.sql")]
    assert scripts
    for path in scripts:
        assert "CREATE INDEX" not in " ".join(path.read_text().upper().split()), path


def test_no_test_uses_a_mock() -> None:
    for source in sources("tests", "benchmarks"):
        assert not {"unittest.mock", "mock", "pytest_mock"} & set(source.imports()), source.place
