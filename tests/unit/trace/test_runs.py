"""What a run leaves behind: its spans, and nothing of its words."""

import json
import sys
import threading
from pathlib import Path

import pytest

from quintet.engines.video.adapters.ffmpeg import find_ffmpeg
from quintet.errors import QuintetError
from quintet.models.port import Message, Request, Role
from quintet.platform.masking import MASK
from quintet.platform.policy.label import Label
from quintet.platform.trace import conventions as words
from quintet.platform.trace.conventions import Kind
from quintet.platform.trace.span import NOTHING, begin, current, for_child, span
from quintet.platform.trace.told import Told
from support.model_servers import ModelServer
from support.terminal import Terminal
from support.traces import (
    PROMPT,
    SECRET,
    app_at,
    model_tool_and_subprocess,
    traced,
    write_script,
)


def everything_written(home: Path) -> str:
    folder = home / ".local/share/ai/trace"
    return "".join(path.read_text() for path in folder.glob("*.jsonl"))


def spans_of(home: Path) -> list[Told]:
    return app_at(home).traces.run("@-1")


def one(spans: list[Told], kind: Kind, name: str = "") -> Told:
    (found,) = [s for s in spans if s.kind is kind and s.name.startswith(name)]
    return found


@pytest.fixture
def whole_run(tmp_path: Path) -> list[Told]:
    home = tmp_path / "home"
    model = write_script(home, "a", "b")
    with ModelServer() as server:
        app = app_at(home)
        with traced(app, "code", "fix"), app.record.action("code", "fix", "prove it"):
            model_tool_and_subprocess(app, model, f"openai:good@{server.url}")
    return spans_of(home)


@pytest.mark.demand("TRACE-1")
def test_a_run_shows_its_models_tools_programs_and_requests_below_each_other(
    whole_run: list[Told],
) -> None:
    named = {s.span_id: s for s in whole_run}

    def above(s: Told) -> str:
        return named[s.parent_id].name if s.parent_id else ""

    assert {(s.name.partition(":")[0], above(s)) for s in whole_run} == {
        ("ai code fix", ""),
        ("plan the work", "ai code fix"),
        ("chat script.jsonl", "plan the work"),
        ("execute_tool run_tests", "ai code fix"),
        (Path(sys.executable).name, "execute_tool run_tests"),
        ("ai log", Path(sys.executable).name),
        ("chat good", "execute_tool run_tests"),
        ("POST", "chat good"),
    }
    assert len({s.trace_id for s in whole_run}) == 1
    assert all(s.ended_ns > s.began_ns for s in whole_run)


@pytest.mark.demand("TRACE-1")
def test_attributes_are_those_of_the_conventions_and_name_their_version(
    whole_run: list[Told],
) -> None:
    call = one(whole_run, Kind.MODEL, "chat good").attributes
    assert call["gen_ai.operation.name"] == "chat"
    assert call["gen_ai.provider.name"] == "openai"
    assert call["gen_ai.request.model"] == "good"
    assert call["gen_ai.usage.output_tokens"] == 15
    assert call["gen_ai.response.finish_reasons"] == ("stop",)
    assert call["gen_ai.request.stream"] is True
    assert float(call["gen_ai.response.time_to_first_chunk"]) > 0
    tool = one(whole_run, Kind.TOOL).attributes
    assert (tool["gen_ai.operation.name"], tool["gen_ai.tool.name"]) == (
        "execute_tool",
        "run_tests",
    )
    request = one(whole_run, Kind.HTTP).attributes
    assert (request["server.address"], request["http.response.status_code"]) == ("127.0.0.1", 200)
    statuses = {s.attributes["process.exit.code"] for s in whole_run if s.kind is Kind.SUBPROCESS}
    assert statuses == {0, 3}
    assert {s.attributes[words.CONVENTIONS] for s in whole_run} == {words.VERSIONS}
    assert {name for s in whole_run for name in s.attributes} <= words.OPEN


@pytest.mark.demand("TRACE-1")
def test_a_run_is_found_by_the_action_that_it_recorded(terminal: Terminal) -> None:
    terminal.ai("life", "add", "dentist tomorrow 15:00")
    terminal.clock.advance(60)
    terminal.ai("life", "brief")
    action = terminal.ai("log", "--json", "--group", "life").json["actions"][1]["id"]
    shown = terminal.ai("trace", "show", action[:8], "--json").json
    assert shown["spans"][0]["name"] == "ai life add"
    assert shown["spans"][0]["attributes"]["ai.action.ids"] == [action]


@pytest.mark.demand("TRACE-1")
def test_how_a_command_ended_is_told(terminal: Terminal) -> None:
    terminal.ai("life", "brief")
    terminal.clock.advance(1)
    assert terminal.ai("show", "zzzz").status == 1
    root = terminal.ai("trace", "show", "--json").json["spans"][0]
    assert (root["name"], root["error"]) == ("ai show", "not-found")
    assert root["attributes"]["process.exit.code"] == 1


@pytest.mark.demand("TRACE-2")
def test_words_and_values_are_not_in_a_trace(terminal: Terminal) -> None:
    terminal.ai("config", "set", "life.day_ends", "21:00", "--config", "budget.day_usd=3.25")
    written = everything_written(terminal.home)
    assert '"--config"' in written
    for private in ("21:00", "day_ends", "3.25", str(terminal.home)):
        assert private not in written


@pytest.mark.demand("TRACE-2")
def test_prompts_and_answers_are_kept_only_where_that_is_wanted(tmp_path: Path) -> None:
    for name, given in (("plain", ()), ("full", ("trace.content=true",))):
        home = tmp_path / name
        model = write_script(home, "the answer is blue")
        app = app_at(home, *given)
        question = Request((Message(Role.USER, "which colour?"),), max_tokens=9)
        with traced(app, "code", "ask", line=("code", "ask", "which colour?")):
            app.models.chat(model, group="code").complete(question)
        written = everything_written(home)
        assert ("which colour?" in written) == bool(given)
        assert ("the answer is blue" in written) == bool(given)
    call = one(spans_of(tmp_path / "full"), Kind.MODEL)
    said = json.loads(str(call.attributes[words.INPUT]))
    assert said == [{"role": "user", "parts": [{"type": "text", "content": "which colour?"}]}]


@pytest.mark.demand("TRACE-2")
def test_an_encrypted_group_keeps_its_words_to_itself_even_then(tmp_path: Path) -> None:
    app = app_at(tmp_path / "home", "trace.content=true")
    app.keys.ensure("ops")
    for group in ("life", "ops"):
        with traced(app, group, "note", line=(group, "note", f"private {group} words")) as root:
            root.set("note", f"private {group} words")
            with span("look", Kind.STEP, {"what": f"private {group} words"}):
                pass
    with traced(app, "code", "note", line=("code", "note", "open words")):
        pass
    written = everything_written(tmp_path / "home")
    assert "open words" in written
    assert "private" not in written


@pytest.mark.demand("TRACE-3")
def test_a_secret_is_masked_wherever_it_stands(tmp_path: Path) -> None:
    home = tmp_path / "home"
    model = write_script(home, f"you said {SECRET}")
    app = app_at(home, "trace.content=true")
    with traced(app, "code", "ask", line=("code", "ask", f"--key={SECRET}")):
        question = Request((Message(Role.USER, PROMPT),), max_tokens=9)
        app.models.chat(model, group="code").complete(question)
        with begin(words.execute_tool(f"tool {SECRET}")) as tool:
            tool.offer(words.TOOL_RESULT, lambda: f"password: {SECRET}", {Label.UNTRUSTED})
        with begin(words.subprocess(f"/bin/{SECRET}")), begin(words.http("GET", SECRET, 443)):
            pass
    written = everything_written(home)
    assert "invoice 4711" in written
    assert json.dumps(MASK)[1:-1] in written
    assert SECRET not in written
    assert SECRET not in app_at(home).traces.page(spans_of(home))


@pytest.mark.demand("TRACE-4")
def test_a_home_that_was_never_used_gets_no_folder_for_the_sake_of_a_trace(
    terminal: Terminal,
) -> None:
    assert terminal.ai("version").status == 0
    assert list(terminal.home.iterdir()) == []
    assert terminal.ai("trace", "list").status == 0
    assert not (terminal.home / ".local/share/ai/store/trace").exists()


def test_traces_can_be_switched_off(terminal: Terminal) -> None:
    terminal.ai("config", "set", "trace.enabled", "false")
    before = everything_written(terminal.home)
    terminal.ai("life", "brief")
    assert everything_written(terminal.home) == before


def test_where_nobody_traces_a_span_is_nothing_at_all() -> None:
    with begin(words.execute_tool("t")) as here, span("inside") as inside:
        here.set("a", 1)
        here.offer("b", lambda: "c")
        here.acted("k7f3q9")
        inside.fail(ValueError())
        assert here is inside is current() is NOTHING
        assert for_child({"A": "b"}) == {"A": "b"}
    assert NOTHING.attributes == {} == NOTHING.content


def test_what_is_wrong_with_the_telling_never_reaches_the_work(tmp_path: Path) -> None:
    app = app_at(tmp_path / "home", "trace.content=true")
    with traced(app, "code", "ask"), span("broken") as broken, span("whole"):
        broken.offer("content", lambda: str(1 / 0))
    names = {s.name for s in spans_of(tmp_path / "home")}
    assert names == {"ai code ask", "broken", "whole"}


def test_a_thread_that_was_told_of_a_span_works_below_it(tmp_path: Path) -> None:
    app = app_at(tmp_path / "home")
    with traced(app) as root:

        def work() -> None:
            assert current() is NOTHING
            with root.active():
                for _ in range(300):
                    span("in a thread").end()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    spans = spans_of(tmp_path / "home")
    assert len(spans) == 1201
    assert len({s.span_id for s in spans}) == 1201


def test_a_span_that_nobody_ended_ends_with_its_process(tmp_path: Path) -> None:
    app = app_at(tmp_path / "home")
    with traced(app):
        span("left alone")
    assert all(s.ended_ns for s in spans_of(tmp_path / "home"))


@pytest.mark.parametrize(
    ("error", "told"),
    [(QuintetError("x"), "failed"), (KeyboardInterrupt(), "interrupted"), (OSError(), "OSError")],
)
def test_a_failure_is_told_by_its_kind_alone(
    tmp_path: Path, error: BaseException, told: str
) -> None:
    app = app_at(tmp_path / "home")
    with traced(app), pytest.raises(type(error)), span("work"):
        raise error
    assert one(spans_of(tmp_path / "home"), Kind.STEP).attributes[words.ERROR] == told


def test_a_stream_that_is_left_early_ends_its_span_and_leaves_no_other_current(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    model = write_script(home, "one two three")
    app = app_at(home)
    with traced(app) as root:
        question = Request((Message(Role.USER, "count"),), max_tokens=9)
        chunks = app.models.chat(model, group="code").stream(question)
        next(chunks)
        assert current() is root
        chunks.close()
        assert current() is root
    assert one(spans_of(home), Kind.MODEL).attributes[words.ERROR] == "models.left_early"


def test_a_decoder_is_a_program_like_any_other(tmp_path: Path) -> None:
    from quintet.engines.video.adapters.ffmpeg import decoded
    from quintet.engines.video.frames import ClipUnreadable

    ffmpeg = find_ffmpeg() or Path("/bin/false")
    app = app_at(tmp_path / "home")
    clip = tmp_path / "no-clip.mp4"
    clip.write_text("no clip")
    with traced(app), pytest.raises(ClipUnreadable), decoded(ffmpeg, clip):
        pass
    assert one(spans_of(tmp_path / "home"), Kind.SUBPROCESS).name == ffmpeg.name
