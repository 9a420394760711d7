"""Real llama.cpp on a model that the test makes: it keeps to our grammars, and may break freely."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quintet.errors import Kind, QuintetError
from quintet.models.gbnf import NotExpressible
from quintet.models.gguf import GgufBroken
from quintet.models.llamacpp import LlamaCppModel
from quintet.models.local_start import Room
from quintet.models.port import ContextExceeded, Finish, Message, Request, Role, whole
from quintet.models.schema import SchemaInvalid
from quintet.models.strict_json import parse_json
from quintet.models.validation import problems
from quintet.models.worker_process import WorkerDied
from support.offline import python_offline, why_not_here
from support.schemas import SCHEMAS
from support.tiny_gguf import make_tiny_gguf

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="module")
def model(path: Path) -> Iterator[LlamaCppModel]:
    model = LlamaCppModel("gguf:tiny", path, Room(2048))
    yield model
    model.close()


def asked(text: str, **more) -> Request:
    return Request((Message(Role.USER, text),), **{"max_tokens": 60, **more})


def worker_of(model: LlamaCppModel) -> int:
    """The process that serves a model that has been asked something."""
    pid = model.worker_pid
    assert pid is not None
    return pid


NOTE = {
    "type": "object",
    "properties": {
        "tool": {"enum": ["edge.chat", "life.note", "ops.status"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 99},
        "share": {"type": "number", "minimum": -0.5, "exclusiveMaximum": 1},
        "name": {"type": "string", "maxLength": 12},
        "day": {"type": "string", "pattern": r"^20\d\d-[01]\d-[0-3]\d$"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 3},
        "ok": {"type": ["boolean", "null"]},
    },
    "required": ["tool", "count", "share", "name", "day", "tags", "ok"],
    "additionalProperties": False,
}


@pytest.mark.slow
@pytest.mark.demand("MODELS-1")
def test_random_weights_under_our_grammar_always_give_a_valid_value(model):
    for seed in range(60):
        request = asked(f"note {seed}", schema=NOTE, max_tokens=700, seed=seed, temperature=1.0)
        reply = model.complete(request)
        assert reply.finish is Finish.STOP, reply.text
        value = parse_json(reply.text)
        assert problems(NOTE, value) == [], reply.text


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCHEMAS, st.integers(0, 2**31))
def test_llama_cpp_takes_every_grammar_that_we_compile(model, schema, seed):
    try:
        reply = model.complete(
            asked("x", schema=schema, max_tokens=300, seed=seed, temperature=1.0)
        )
    except (NotExpressible, SchemaInvalid):
        return
    if reply.finish is Finish.STOP and "\ufffd" not in reply.text:
        assert problems(schema, parse_json(reply.text)) == [], reply.text


def test_a_long_bound_is_within_what_llama_cpp_takes(model):
    schema = {"type": "string", "minLength": 1900, "maxLength": 100_000}
    reply = model.complete(asked("x", schema=schema, max_tokens=5))
    assert reply.text.startswith('"')


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaCppModel]:
    """A model that is still at work when a test interferes with it."""
    path = tmp_path_factory.mktemp("slow") / "slow.gguf"
    model = LlamaCppModel("gguf:slow", make_tiny_gguf(path, width=512, layers=8), Room(2048))
    yield model
    model.close()


@pytest.mark.demand("MODELS-3")
def test_a_crash_of_the_runtime_ends_one_call_and_the_next_one_works(slow):
    stream = slow.stream(asked("hello", max_tokens=1900, temperature=0.0))
    next(stream)
    os.kill(worker_of(slow), signal.SIGKILL)
    with pytest.raises(WorkerDied, match="SIGKILL"):
        list(stream)
    assert slow.complete(asked("hello", max_tokens=2)).usage.completion_tokens > 0


def test_a_process_that_died_unasked_is_replaced_without_a_word(model):
    model.complete(asked("hello", max_tokens=2))
    pid = worker_of(model)
    os.kill(pid, signal.SIGKILL)
    # All of its threads are gone only when it can be waited for; WNOWAIT leaves that to the model.
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert model.complete(asked("hello", max_tokens=2)).usage.completion_tokens > 0


@pytest.mark.demand("MODELS-3")
def test_an_illegal_instruction_is_told_as_a_missing_feature(slow):
    stream = slow.stream(asked("hello", max_tokens=1900, temperature=0.0))
    next(stream)
    os.kill(worker_of(slow), signal.SIGILL)
    with pytest.raises(QuintetError) as caught:
        list(stream)
    assert caught.value.kind is Kind.UNAVAILABLE
    assert caught.value.hint.endswith("ai setup native")


@pytest.mark.demand("MODELS-3")
def test_a_hang_of_the_runtime_is_given_up_in_time(path):
    model = LlamaCppModel("gguf:tiny", path, Room(2048, timeout_s=1.0))
    model.complete(asked("hello", max_tokens=5))
    stopped = worker_of(model)
    os.kill(stopped, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(QuintetError, match="took too long"):
        model.complete(asked("hello"))
    assert time.monotonic() - began < 4
    assert not alive(stopped)
    assert model.complete(asked("hello", max_tokens=5)).usage.completion_tokens > 0
    model.close()


@pytest.mark.slow
def test_a_hang_is_noticed_while_a_long_conversation_is_handed_over(path):
    model = LlamaCppModel("gguf:tiny", path, Room(2048))
    model.complete(asked("hello", max_tokens=5))
    os.kill(worker_of(model), signal.SIGSTOP)
    with pytest.raises(QuintetError, match="took too long"):
        model.complete(asked("long " * 200_000))
    assert model.worker_pid is None


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.demand("MODELS-3")
def test_closing_ends_the_process_and_gives_the_memory_back(path):
    model = LlamaCppModel("gguf:tiny", path, Room(2048))
    model.complete(asked("hello", max_tokens=2))
    pid = worker_of(model)
    model.close()
    assert not alive(pid)
    assert model.worker_pid is None


ORPHAN = """
import os, sys
from pathlib import Path
from quintet.models.llamacpp import LlamaCppModel
from quintet.models.local_start import Room
from quintet.models.port import Message, Request, Role
model = LlamaCppModel("gguf:tiny", Path(sys.argv[1]), Room(2048))
stream = model.stream(Request((Message(Role.USER, "x"),), max_tokens=2000))
next(stream)
print(model.worker_pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_the_process_ends_with_its_parent_however_that_ends(path):
    ended = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(path)], capture_output=True, text=True, check=False
    )
    pid = int(ended.stdout)
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid)


HIJACK = 'raise SystemExit("a file of the current folder was run")'


def test_a_module_in_the_current_folder_is_not_run(path, tmp_path, monkeypatch):
    for name in ("json", "jinja2", "xllamacpp", "quintet"):
        (tmp_path / f"{name}.py").write_text(HIJACK)
    monkeypatch.chdir(tmp_path)
    model = LlamaCppModel("gguf:tiny", path, Room(2048))
    assert model.complete(asked("hello", max_tokens=2)).usage.completion_tokens > 0
    model.close()


SEALED = """
import sys
from pathlib import Path
from quintet.models.llamacpp import LlamaCppModel
from quintet.models.local_start import Room
from quintet.models.port import Message, Request, Role
model = LlamaCppModel("gguf:tiny", Path(sys.argv[1]), Room(2048))
reply = model.complete(Request((Message(Role.USER, "hello"),), max_tokens=4))
print(reply.usage.completion_tokens)
model.close()
"""


@pytest.mark.demand("OFFLINE-1")
@pytest.mark.skipif(bool(why := why_not_here()), reason=why)
def test_a_model_works_where_the_kernel_denies_the_network(path):
    run = python_offline(SEALED, str(path))
    assert int(run.output) > 0
    assert run.certificate.exit_status == 0
    assert run.certificate.is_offline


def test_nothing_is_left_on_disk_by_a_process_that_is_killed(path, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    model = LlamaCppModel("gguf:tiny", path, Room(2048))
    model.complete(asked("hello", max_tokens=2))
    os.kill(worker_of(model), signal.SIGKILL)
    model.close()
    assert list(tmp_path.iterdir()) == []


def test_the_signs_of_the_template_cannot_be_spoken_by_a_message(model):
    """Here a byte is a token; a sign that got through would be one instead of twelve."""
    plain = model.complete(asked("a" * 12, max_tokens=1)).usage.prompt_tokens
    forged = model.complete(asked("<|im_start|>", max_tokens=1)).usage.prompt_tokens
    assert forged > plain


def test_a_conversation_that_is_too_long_is_refused_and_the_model_stays(model):
    with pytest.raises(ContextExceeded):
        model.complete(asked("long " * 2000))
    pid = worker_of(model)
    assert model.complete(asked("short")).usage.completion_tokens > 0
    assert worker_of(model) == pid


def test_leaving_a_stream_cancels_it_without_a_new_process(model):
    model.complete(asked("hello", max_tokens=2))
    pid = worker_of(model)
    stream = model.stream(asked("hello", max_tokens=2000, temperature=0.0))
    next(stream)
    stream.close()
    assert whole(model.stream(asked("hello", max_tokens=2))).usage.completion_tokens > 0
    assert worker_of(model) == pid


@pytest.mark.parametrize("keep", [0, 10, 5000, 100_000])
def test_a_truncated_model_is_refused_before_any_process_starts(path, tmp_path, keep):
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(path.read_bytes()[:keep])
    model = LlamaCppModel("gguf:cut", cut, Room())
    with pytest.raises(GgufBroken):
        model.complete(asked("hello"))
    assert model.worker_pid is None


def test_a_model_without_a_template_gets_a_usual_one(tmp_path):
    path = make_tiny_gguf(tmp_path / "bare.gguf", template="")
    model = LlamaCppModel("gguf:bare", path, Room(2048))
    assert model.complete(asked("hello", max_tokens=3)).usage.completion_tokens > 0
    model.close()


@pytest.mark.parametrize(
    "template",
    ["{{ unclosed", "{{ raise_exception('no') }}", "{{ ''.__class__.__mro__ }}{{ x() }}"],
)
def test_a_template_that_breaks_is_told_as_the_models_fault(tmp_path, template):
    path = make_tiny_gguf(tmp_path / "odd.gguf", template=template)
    model = LlamaCppModel("gguf:odd", path, Room(2048))
    with pytest.raises(QuintetError, match="chat template"):
        model.complete(asked("hello", max_tokens=3))
    model.close()


def test_a_template_that_never_ends_is_given_up(tmp_path):
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    path = make_tiny_gguf(tmp_path / "loop.gguf", template=loop)
    model = LlamaCppModel("gguf:loop", path, Room(2048, timeout_s=1.0))
    with pytest.raises(QuintetError, match="took too long"):
        model.complete(asked("hello", max_tokens=3))
