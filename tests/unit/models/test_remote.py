"""Model servers that misbehave are told apart in plain words, and keys go where they belong."""

import pickle
from collections.abc import Callable, Iterator

import pytest

from quintet.errors import Kind, QuintetError
from quintet.models.port import (
    ChatModel,
    Finish,
    LoginNeeded,
    Message,
    ModelBusy,
    Reply,
    Request,
    Role,
    SchemaUnsupported,
    Tool,
    whole,
)
from quintet.models.registry import BadSpec, open_model, parse_spec
from quintet.models.remote import KeyOverPlainHttp
from quintet.models.secret import BadReference, Secret, read_secret
from quintet.platform.clock import FakeClock
from quintet.platform.http.message import HttpSettings
from quintet.platform.http.url import BadUrl
from quintet.platform.keys.slots.vault import MemoryVault
from quintet.platform.policy.label import Label
from support.model_servers import KEY_ECHO, ModelServer
from support.model_services import Attempts, http_client, services

KINDS = ["openai", "anthropic"]
WAYS: dict[str, Callable[[ChatModel, Request], Reply]] = {
    "whole": lambda model, request: model.complete(request),
    "streamed": lambda model, request: whole(model.stream(request)),
}
REQUEST = Request((Message(Role.USER, "hello there"),), max_tokens=50)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=list(WAYS))
def way(request: pytest.FixtureRequest) -> Callable[[ChatModel, Request], Reply]:
    return WAYS[request.param]


def model_of(kind: str, behaviour: str, server: ModelServer, **more) -> ChatModel:
    return open_model(parse_spec(f"{kind}:{behaviour}@{server.url}"), services(**more))


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("down", "models.failed"),
        ("unauthorised", "models.login_needed"),
        ("missing", "models.unavailable"),
        ("too-long", "models.context_exceeded"),
        ("refuses", "models.request_refused"),
        ("html", "models.failed"),
        ("garbage", "models.failed"),
        ("shapeless", "models.failed"),
        ("cut", "models.failed"),
        ("midway", "models.failed"),
        ("silent", "models.failed"),
        ("very-busy", "models.busy"),
    ],
)
@pytest.mark.demand("MODELS-8")
def test_each_way_to_misbehave_is_told_apart(kind, way, behaviour, code, server):
    with pytest.raises(QuintetError) as caught:
        way(model_of(kind, behaviour, server), REQUEST)
    error = caught.value
    assert error.code == code
    assert error.why
    assert str(error).isprintable()
    assert KEY_ECHO.split()[-1] not in str(error)
    assert len(server.bodies) == 1


def test_a_server_that_falls_silent_is_given_up(kind, way, server):
    with pytest.raises(QuintetError) as caught:
        way(model_of(kind, "slow", server, timeout_s=0.4), REQUEST)
    assert caught.value.code == "models.failed"
    assert "took too long" in caught.value.what


def test_an_answer_without_end_is_cut_off(kind, server):
    model = model_of(
        kind, "endless", server, http_settings=HttpSettings(response_limit_bytes=200_000)
    )
    chunks = []
    with pytest.raises(QuintetError) as caught:
        chunks.extend(model.stream(Request(REQUEST.messages, stop=("never",))))
    assert caught.value.code == "models.failed"


def test_a_busy_server_is_asked_again_a_few_times(kind, way, server):
    clock = FakeClock()
    assert way(model_of(kind, "busy-once", server, clock=clock), REQUEST).text
    assert len(server.bodies) == 2
    with pytest.raises(ModelBusy):
        way(model_of(kind, "busy", server, clock=clock), REQUEST)
    assert len(server.bodies) == 5
    with pytest.raises(ModelBusy):
        way(model_of(kind, "overloaded", server, clock=clock), REQUEST)


def test_a_long_wait_is_left_to_the_caller(kind, server):
    clock = FakeClock()
    with pytest.raises(ModelBusy) as caught:
        model_of(kind, "very-busy", server, clock=clock).complete(REQUEST)
    assert caught.value.details == {"retry_after_s": 3600}
    assert clock.monotonic_s() == 0


def test_pieces_of_any_size_make_the_same_answer(kind, server):
    good = whole(model_of(kind, "good", server).stream(REQUEST))
    assert whole(model_of(kind, "split", server).stream(REQUEST)) == good


@pytest.mark.parametrize("behaviour", ["good", "split"])
def test_tool_calls_are_put_together_from_their_pieces(kind, behaviour, server):
    schema = {"type": "object", "properties": {"q": {"const": "größe"}}, "required": ["q"]}
    tools = (Tool("find", "finds", schema), Tool("other", "more", schema))
    reply = whole(model_of(kind, behaviour, server).stream(Request(REQUEST.messages, tools=tools)))
    assert [(call.name, call.arguments) for call in reply.tool_calls] == [
        ("find", {"q": "größe"}),
        ("other", {"q": "größe"}),
    ]
    assert reply.finish is Finish.TOOLS


def test_without_usage_tokens_are_counted_roughly_and_said_so(kind, way, server):
    exact = way(model_of(kind, "good", server), REQUEST).usage
    rough = way(model_of(kind, "no-usage", server), REQUEST).usage
    assert exact.exact
    assert not rough.exact
    assert rough.completion_tokens > 0


def test_a_server_that_does_not_stream_is_understood(kind, server):
    chunks = list(model_of(kind, "whole", server).stream(REQUEST))
    assert "".join(chunk.text for chunk in chunks) == chunks[-1].reply.text != ""


def test_a_missing_end_mark_is_forgiven_when_the_answer_is_complete(server):
    assert whole(model_of("openai", "no-done", server).stream(REQUEST)).text


def test_a_refused_schema_is_told_apart(kind, way, server):
    with pytest.raises(SchemaUnsupported):
        way(model_of(kind, "no-schema", server), Request(REQUEST.messages, schema={}))


def test_nobody_listening_is_unavailable(kind, way):
    with pytest.raises(QuintetError) as caught:
        way(open_model(parse_spec(f"{kind}:m@http://127.0.0.1:9/v1"), services()), REQUEST)
    assert caught.value.code == "models.unavailable"
    assert caught.value.kind is Kind.UNAVAILABLE


@pytest.mark.demand("MODELS-9")
def test_a_place_that_no_rule_allows_is_never_reached(kind, way):
    attempts = Attempts()
    env = {"OPENAI_API_KEY": "k" * 30, "ANTHROPIC_API_KEY": "k" * 30}
    made = services(http=lambda: http_client(attempts), env=env)
    private = frozenset({Label.PRIVATE})
    request = Request((Message(Role.USER, "secret", labels=private), *REQUEST.messages))
    with pytest.raises(QuintetError) as caught:
        way(open_model(parse_spec(f"{kind}:some-model"), made), request)
    assert caught.value.kind is Kind.REFUSED
    (attempt,) = attempts
    assert attempt.purpose == "model"
    assert attempt.labels == ("private",)
    assert attempt.verdict == "denied"


def test_a_key_reaches_its_own_server_and_no_other(kind, server):
    place = server.url.removeprefix("http://").removesuffix("/v1")
    env = {"MINE": "key-for-here", "OPENAI_API_KEY": "hosted", "ANTHROPIC_API_KEY": "hosted"}
    model_of(kind, "good", server, env=env).complete(REQUEST)
    assert not {"authorization", "x-api-key"} & server.headers[-1].keys()
    model_of(kind, "good", server, env=env, keys={place: "env:MINE"}).complete(REQUEST)
    sent = server.headers[-1]
    assert "key-for-here" in sent.get("authorization", "") + sent.get("x-api-key", "")


def test_a_key_is_not_sent_over_plain_http(kind):
    made = services(env={"MINE": "k"}, keys={"models.example.org": "env:MINE"})
    model = open_model(parse_spec(f"{kind}:m@http://models.example.org/v1"), made)
    with pytest.raises(KeyOverPlainHttp):
        model.complete(REQUEST)


def test_a_missing_key_is_told_with_a_command(kind):
    with pytest.raises(LoginNeeded) as caught:
        open_model(parse_spec(f"{kind}:some-model"), services()).complete(REQUEST)
    assert "export" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "gpt-4", "nothing:x", "openai:", "openai:@http://h/v1", "OPENAI:x", "x" * 5000]
)
def test_a_spec_that_names_no_model_is_refused(text):
    with pytest.raises(BadSpec):
        open_model(parse_spec(text), services())


@pytest.mark.parametrize("url", ["ftp://h", "http://", "http://user:pw@h/v1", "http://h:99999/v1"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises((BadUrl, BadSpec, LoginNeeded)):
        open_model(parse_spec(f"openai:m@{url}"), services()).complete(REQUEST)


def test_a_secret_is_shown_by_nothing_but_reveal(tmp_path):
    secret = Secret("s3cret-value")
    assert "s3cret" not in f"{secret} {secret!r} {[secret]}"
    assert secret.reveal() == "s3cret-value"
    assert secret == Secret("s3cret-value")
    assert secret != Secret("other")
    for unsafe in (lambda: pickle.dumps(secret), lambda: hash(secret)):
        with pytest.raises(TypeError):
            unsafe()


def test_secrets_are_read_from_where_they_lie(tmp_path):
    vault = MemoryVault()
    vault.put("mine", "from-vault")
    path = tmp_path / "key"
    path.write_text("from-file\n")
    path.chmod(0o600)
    env = {"NAME": "from-env"}
    for reference, value in [
        ("env:NAME", "from-env"),
        (f"file:{path}", "from-file"),
        ("keyring:mine", "from-vault"),
    ]:
        assert read_secret(reference, env, vault).reveal() == value


def test_a_reference_that_is_the_key_itself_is_refused_unseen(tmp_path):
    with pytest.raises(BadReference) as caught:
        read_secret("sk-live-0123456789", {}, MemoryVault())
    assert "sk-live" not in str(caught.value) + caught.value.hint
    path = tmp_path / "key"
    path.write_bytes(b"\xff")
    path.chmod(0o644)
    with pytest.raises(LoginNeeded, match="other users"):
        read_secret(f"file:{path}", {}, MemoryVault())
    path.chmod(0o600)
    with pytest.raises(LoginNeeded, match="not text"):
        read_secret(f"file:{path}", {}, MemoryVault())
    for reference in ("env:MISSING", "keyring:missing"):
        with pytest.raises(LoginNeeded):
            read_secret(reference, {}, MemoryVault())
