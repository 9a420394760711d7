"""`ai key` as a script uses it: what it changes, what it tells, and that no secret is kept."""

import secrets
from pathlib import Path

import pytest

from quintet.app.home import App
from quintet.platform.keys.keyset import Keyset
from quintet.platform.paths import Paths
from quintet.platform.rng import SeededRng
from support.terminal import Terminal

WORDS = "correct horse battery staple"


@pytest.fixture
def user(terminal: Terminal) -> Terminal:
    """A user with encrypted data of two groups and a passphrase in a file."""
    app = App({"HOME": str(terminal.home)})
    app.keys.ensure("life")
    app.keys.ensure("code")
    (terminal.home / "pass.txt").write_text(f"{WORDS}\nnot this line\n")
    # Sessions are found by the keyset's id, which must not repeat from test to test.
    terminal.rng = SeededRng(secrets.randbits(64))
    return terminal


def _keyset(user: Terminal) -> Keyset:
    return App({"HOME": str(user.home), **user.extra_env}).keys


def test_adding_a_way_in_can_be_undone(user: Terminal) -> None:
    added = user.ai("key", "add", "keyfile", "--to", "usb.key", "--json")
    assert added.json["changed"] is True
    path = user.home / "usb.key"
    assert path.exists()

    undone = user.ai("undo", added.err.split("ai undo ")[1][:6], "--yes")

    assert undone.status == 0, undone.err
    assert not path.exists()
    assert [slot["kind"] for slot in user.ai("key", "status", "--json").json["slots"]] == [
        "keyfile"
    ]


@pytest.mark.demand("KEY-11")
def test_a_job_at_night_with_its_own_key_file_reads_its_group_and_no_other(user: Terminal) -> None:
    key = _keyset(user).data_key("life")
    cron = user.home / "cron.key"
    assert user.ai("key", "add", "keyfile", "--to", str(cron), "--only", "life").status == 0
    assert user.ai("key", "add", "passphrase", "--passphrase-from", "pass.txt").status == 0
    assert user.ai("key", "remove", "made on first use", "--yes").status == 0

    user.extra_env = {"AI_KEY_FILE": str(cron)}
    assert _keyset(user).data_key("life") == key
    assert user.ai("key", "rotate", "--no-input").status == 4
    assert user.ai("key", "status", "--json").json["unattended"] == ["life"]


@pytest.mark.slow
@pytest.mark.demand("KEY-14")
def test_no_secret_that_was_typed_or_shown_is_kept_anywhere(user: Terminal) -> None:
    code = user.ai("key", "add", "recovery", "--json").json["code"]
    user.ai("key", "add", "passphrase", "--passphrase-from", "pass.txt")
    user.ai("key", "export", "out.json", "--passphrase-from", "pass.txt")
    user.ai("key", "add", "command", "--command", "echo a secret line")
    (user.home / "pass.txt").unlink()

    kept = b"".join(path.read_bytes() for path in user.home.rglob("*") if path.is_file())
    for secret in (code, code.replace("-", ""), WORDS, "a secret line"):
        assert secret.encode() not in kept


def test_the_first_line_of_a_file_is_the_passphrase(user: Terminal) -> None:
    user.ai("key", "add", "passphrase", "--passphrase-from", str(user.home / "pass.txt"))
    user.ai("key", "remove", "made on first use", "--yes")
    user.extra_env = {"AI_KEY_COMMAND": f"echo {WORDS}"}
    assert user.ai("key", "rotate", "--json").json == {
        "schema": "ai.key.rotate/1",
        "changed": True,
        "master_generation": 2,
    }


def test_an_empty_passphrase_is_a_usage_error(user: Terminal) -> None:
    (user.home / "empty").write_text("\n")
    result = user.ai("key", "add", "passphrase", "--passphrase-from", "empty")
    assert (result.status, "passphrase is empty" in result.err) == (2, True)


@pytest.mark.parametrize(
    "words",
    [
        ("key", "add", "recovery"),
        ("key", "remove", "keyfile"),
        ("key", "rotate"),
        ("key", "rotate", "--data", "life"),
        ("key", "unlock"),
        ("key", "lock"),
        ("key", "export", "out.json"),
    ],
)
def test_a_dry_run_changes_nothing(user: Terminal, words: tuple[str, ...]) -> None:
    def state() -> dict[Path, bytes]:
        data_dir = Paths.from_environment({"HOME": str(user.home)}).data_dir
        return {path: path.read_bytes() for path in data_dir.glob("keys*")}

    user.ai("key", "add", "recovery")
    before = state()
    assert user.ai(*words, "--dry-run").status == 0
    assert state() == before
    assert not (user.home / "out.json").exists()


@pytest.mark.slow
def test_what_an_export_holds_comes_to_another_home(user: Terminal, tmp_path: Path) -> None:
    key = _keyset(user).data_key("life")
    user.ai("key", "export", "out.json", "--passphrase-from", "pass.txt")
    other = Terminal(tmp_path / "other")
    other.home.mkdir()
    words = ("key", "import", str(user.home / "out.json"), "--passphrase-from")

    imported = other.ai(*words, str(user.home / "pass.txt"), "--json").json

    assert imported["is_new"] is True
    assert imported["groups"] == ["code", "life"]
    other.extra_env = {"AI_KEY_COMMAND": f"cat {user.home / 'pass.txt'}"}
    (user.home / "pass.txt").write_text(WORDS)
    assert _keyset(other).data_key("life") == key


def test_unlock_and_lock_tell_what_is_open(user: Terminal) -> None:
    unlocked = user.ai("key", "unlock", "--for", "1m")
    if unlocked.status == 9:
        pytest.skip("no place in memory here")
    assert unlocked.out == "unlocked until Mon 09:31\n"
    assert user.ai("key", "status", "--json").json["is_unlocked"] is True
    locked = user.ai("key", "lock", "--json").json
    assert locked == {
        "schema": "ai.key.lock/1",
        "changed": True,
        "still_opens": ["code", "life"],
    }
    assert user.ai("key", "lock", "--json").json["changed"] is False


def test_a_damaged_keyset_ends_with_its_status_and_the_command_that_helps(user: Terminal) -> None:
    path = Paths.from_environment({"HOME": str(user.home)}).data_dir / "keys.json"
    path.write_bytes(path.read_bytes()[:-30])
    result = user.ai("key", "status")
    assert result.status == 7
    assert "keys.copy.json' '" in result.err


@pytest.mark.slow
def test_the_data_of_a_group_gets_a_new_key(user: Terminal) -> None:
    app = App({"HOME": str(user.home)})
    with app.database("life").write("a note") as connection:
        connection.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, text VARCHAR)")
        connection.execute("INSERT INTO note VALUES (1, 'dentist')")
    with app.record.action("life", "add", "a note"):
        pass
    old = app.keys.data_key("life")

    rotated = user.ai("key", "rotate", "--data", "life", "--json")

    assert (rotated.status, rotated.json["left_out"]) == (0, [])
    app = App({"HOME": str(user.home)})
    assert old not in app.keys.candidates("life")
    with app.database("life").read() as connection:
        assert connection.value("SELECT text FROM note") == "dentist"
    assert [e.summary for e in app.record.events() if e.group == "life"] == ["a note"]


@pytest.mark.slow
def test_an_import_that_is_only_tried_changes_nothing(user: Terminal, tmp_path: Path) -> None:
    user.ai("key", "export", "out.json", "--passphrase-from", "pass.txt")
    other = Terminal(tmp_path)
    words = ("key", "import", str(user.home / "out.json"), "--passphrase-from")
    done = other.ai(*words, str(user.home / "pass.txt"), "--dry-run")
    assert (done.status, _keyset(other).document()) == (0, None)


@pytest.mark.slow
def test_an_import_says_what_it_added(user: Terminal) -> None:
    words = ("--passphrase-from", "pass.txt")
    user.ai("key", "export", "out.json", *words)
    assert "now opens your keys" in user.ai("key", "import", "out.json", *words).out
    assert "nothing to add" in user.ai("key", "import", "out.json", *words).out


def test_a_keyring_that_is_not_there_is_not_available(user: Terminal) -> None:
    assert user.ai("key", "add", "keyring").status == 9
    assert len(user.ai("key", "status", "--json").json["slots"]) == 1
