"""Jobs as they are made and kept: verbs only, in a file that belongs to its owner."""

from pathlib import Path

import pytest

from quintet.platform.schedule.job import BadJob, told_duration
from quintet.platform.schedule.jobfile import JobsBroken, JobUnknown, read_jobs
from support.jobs import Jobs
from support.terminal import Terminal


@pytest.mark.demand("SCHEDULE-3")
@pytest.mark.parametrize(
    "words",
    [
        ("rm", "-rf", "/"),
        ("life",),
        ("life", "breif"),
        ("life", "brief", "--dya"),
        ("life", "brief", "surplus", "word"),
        ("log", "--limit", "many"),
        ("log", "--help"),
        ("schedule", "run", "--due"),
        ("--version",),
        ("",),
        ("life\nbrief",),
        ("ai",),
    ],
)
def test_a_command_that_could_not_run_is_no_job(terminal: Terminal, words: tuple[str, ...]) -> None:
    result = terminal.ai("schedule", "add", "x", "hourly", "--", *words)
    assert result.status == 2
    assert not (terminal.home / ".config").exists()


def test_the_word_ai_may_be_typed_or_left_out(terminal: Terminal) -> None:
    terminal.ai("schedule", "add", "x", "hourly", "--", "ai", "log", "--limit", "3")
    shown = terminal.ai("schedule", "list", "--json").json["jobs"][0]
    assert shown["run"] == ["log", "--limit", "3"]


def test_what_may_need_a_person_is_warned_of(terminal: Terminal) -> None:
    asked = terminal.ai("schedule", "add", "x", "hourly", "--", "undo")
    assert "may ask for a yes" in asked.err
    sure = terminal.ai("schedule", "add", "y", "hourly", "--", "undo", "--yes")
    assert "may ask for a yes" not in sure.err


@pytest.mark.demand("SCHEDULE-4")
def test_the_file_keeps_its_comments_when_a_verb_changes_it(terminal: Terminal) -> None:
    path = terminal.home / ".config/ai/schedule.toml"
    path.parent.mkdir(parents=True)
    mine = '# my jobs\n\n[jobs.old]  # keep\nwhen = "hourly" # often\nrun = ["log"]\n'
    path.write_text(mine)
    terminal.ai("schedule", "add", "new", "daily 07:00", "--", "life", "brief")
    assert path.read_text().startswith(mine)
    terminal.ai("schedule", "remove", "new")
    assert path.read_text().rstrip() == mine.rstrip()
    terminal.ai("undo")
    assert read_jobs(path).named("new").words == ("life", "brief")


BROKEN = {
    'when = "noonish"\nrun = ["log"]': "noonish",
    'run = ["log"]': "when",
    'when = "hourly"': "run",
    'when = "hourly"\nrun = "log"': "run",
    'when = "hourly"\nrun = [1]': "run",
    'when = "hourly"\nrun = []': "run",
    'when = "hourly"\nrun = ["ai", "log"]': "behind",
    'when = 7\nrun = ["log"]': "when",
    'when = "hourly"\nrun = ["log"]\nwhem = 1': "whem",
    'when = "hourly"\nrun = ["log"]\ntimeout = 5': "timeout",
    'when = "hourly"\nrun = ["log"]\ntimeout = "0s"': "too short",
    'when = "hourly"\nrun = ["log"]\ntimeout = "9d"': "a week",
    'when = "hourly"\nrun = ["log"]\njitter = "-1s"': "jitter",
    'when = "hourly"\nrun = ["log"]\ncatch_up = "twice"': "skip, once, all",
    'when = "hourly"\nrun = ["log"]\ncatch_up = ["once"]': "skip, once, all",
    'when = "hourly"\nrun = ["log"]\nonly_on_power = 1': "true or false",
    'when = "hourly"\nrun = ["log"]\nfolder = "here"': "absolute",
    'when = "hourly"\nrun = ["log"]\nadded = "lately"': "moment",
    'when = "hourly"\nrun = ["log"]\nadded = 3': "moment",
}


@pytest.mark.demand("SCHEDULE-4")
@pytest.mark.parametrize("table", BROKEN)
def test_a_broken_job_is_told_and_stops_no_other(tmp_path: Path, table: str) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(f'[jobs.bad]\n{table}\n[jobs.good]\nwhen = "hourly"\nrun = ["log"]\n')
    jobs = read_jobs(path)
    assert [job.name for job in jobs.good] == ["good"]
    assert BROKEN[table] in jobs.broken[0].why + jobs.broken[0].hint
    with pytest.raises(JobsBroken):
        jobs.named("bad")


@pytest.mark.parametrize(
    "content",
    [b"[jobs", b"\xff\xfe", b"jobs = 3", b"[job.x]", b"[jobs.x]\n[jobs.x]", b"a = " + b"[" * 9000],
)
def test_a_file_that_is_not_one_of_jobs_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "schedule.toml"
    path.write_bytes(content)
    with pytest.raises(JobsBroken) as refusal:
        read_jobs(path)
    assert str(path) in refusal.value.what
    assert str(path) in refusal.value.hint


def test_names_are_plain_and_a_table_is_a_job(tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text('[jobs]\ny = 3\n"../x" = {when = "hourly", run = ["log"]}\n')
    assert {one.name for one in read_jobs(path).broken} == {"y", "../x"}


def test_without_a_file_there_are_no_jobs(tmp_path: Path) -> None:
    with pytest.raises(JobUnknown):
        read_jobs(tmp_path / "schedule.toml").named("x")


def test_more_jobs_than_anybody_has_are_not_run(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path)
    for number in range(201):
        jobs.write(f"j{number}")
    found = jobs.schedule().jobs
    assert (len(found.good), len(found.broken)) == (200, 1)


def test_a_job_in_the_file_is_the_job_that_was_written(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path)
    jobs.write(catch_up="all", timeout="90s", jitter="5m", only_on_power=True)
    job = jobs.job()
    assert job.as_table() | {"when": "0 7 * * *"} == job.as_table()
    assert (job.timeout_s, job.jitter_s, job.only_on_power) == (90.0, 300.0, True)
    assert [told_duration(s) for s in (0, 90, 120, 7200, 0.5)] == ["0s", "90s", "2m", "2h", "0.5s"]


def test_words_of_any_bytes_are_refused() -> None:
    from quintet.platform.schedule.job import checked_words

    with pytest.raises(BadJob):
        checked_words(("life", "add", "caf\udce9"))
    with pytest.raises(BadJob):
        checked_words(("x",) * 300)


@pytest.mark.demand("SCHEDULE-3")
@pytest.mark.parametrize(
    "words",
    [
        ("undo", "--yes"),
        ("undo", "-qy"),
        ("store", "vacuum", "spine"),
        ("prove", "offline", "--", "sh", "-c", "true"),
    ],
)
def test_a_job_that_nobody_could_stop_takes_a_yes_to_make(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    result = terminal.ai("schedule", "add", "wild", "hourly", "--", *words)
    assert result.status == 4
    assert "ai apply" in result.err
    assert not (terminal.home / ".config/ai/schedule.toml").exists()
    assert terminal.ai("schedule", "add", "wild", "hourly", "--yes", "--", *words).status == 0
