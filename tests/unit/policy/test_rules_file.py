"""The rules on disk: what is wrong is named with its line, and then nothing leaves."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quintet.errors import QuintetError
from quintet.platform.files import FileFailure
from quintet.platform.policy.label import Label
from quintet.platform.policy.rule import LOCAL_MODELS, Rule
from quintet.platform.policy.rulebook import Rulebook, RuleEntangled, RulesUnsafe
from quintet.platform.policy.rulefile import BadRule, RulesInvalid, as_toml, parse

GOOD = """\
# my rules
[[allow]]
destination = "API.example.com"
port = [443, 8443]
purpose = "model"
data = ["mine", "private"]

# not that one
[[deny]]
destination = "*.example.org"

[[allow]]
destination = "loopback"
purpose = "webhook"
data = []
"""


def test_rules_are_read_in_the_order_in_which_they_stand() -> None:
    first, second, third = parse(GOOD.encode(), Path("egress.toml"))
    assert first == Rule(
        "api.example.com",
        frozenset({443, 8443}),
        "model",
        frozenset({Label.MINE, Label.PRIVATE}),
        line=2,
    )
    assert second == Rule("*.example.org", is_deny=True, line=9)
    assert third == Rule("loopback", purpose="webhook", line=12)
    assert first.where == "egress.toml line 2"


RULE = '[[allow]]\ndestination = "a.b"\nport = 1\npurpose = "x"\ndata = []\n'


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (RULE + "port = = 2", 6, "Invalid value"),
        (RULE.replace('"a.b"', '"a b"'), 2, "not a destination"),
        (RULE.replace('"a.b"', "5"), 2, "needs a destination"),
        (RULE.replace("port = 1", "port = 0"), 3, "needs a port"),
        (RULE.replace("port = 1", "port = true"), 3, "needs a port"),
        (RULE.replace("port = 1", 'port = "https"'), 3, "needs a port"),
        (RULE.replace("port = 1", "port = []"), 3, "needs a port"),
        (RULE.replace("port = 1\n", ""), 1, "needs a port"),
        (RULE.replace('"x"', '"Some Thing"'), 4, "purpose"),
        (RULE.replace('purpose = "x"\n', ""), 1, "purpose"),
        (RULE.replace("data = []", 'data = ["secret"]'), 5, "no label 'secret'"),
        (RULE.replace("data = []", 'data = "mine"'), 5, "needs the labels"),
        (RULE.replace("purpose", "purposes"), 4, "did you mean purpose?"),
        (RULE + "together = true", 6, "by approval each time"),
        (RULE + "together = 1", 6, "true or false"),
        (RULE + RULE.replace("port = 1", "port = -1"), 8, "needs a port"),
        ('[allow]\ndestination = "a.b"', 1, "two brackets"),
        ("x = 1\n[[allw]]\n", 1, "no table 'x'"),
        ("[[deny]]\npurpose = 'x'\n", 1, "needs a destination"),
        ("[[deny]]\ndestination = 'a.b'\ndata = []\n", 3, "no key 'data'"),
        ("allow = [5]", 1, "is a table"),
        ("a = " + "[" * 5000, 1, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(RulesInvalid) as caught:
        parse(text.encode(), Path("/etc/x/egress.toml"))
    assert caught.value.details["line"] == line
    assert caught.value.what.endswith(f"egress.toml:{line}")
    assert words in caught.value.why


def test_bytes_that_are_not_text_are_named_with_their_line() -> None:
    with pytest.raises(RulesInvalid) as caught:
        parse(b"# a\n# b\n\xff\n", Path("egress.toml"))
    assert caught.value.details["line"] == 3


@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda t: (RULE + t).encode("utf-8", "replace"))
)
def test_no_bytes_whatever_are_more_than_rules_or_a_named_flaw(data: bytes) -> None:
    try:
        rules = parse(data, Path("egress.toml"))
    except RulesInvalid:
        return
    assert all(isinstance(rule, Rule) for rule in rules)


@pytest.mark.parametrize("rule", parse(GOOD.encode(), Path("egress.toml")), ids=lambda r: r.where)
def test_a_rule_is_written_as_it_is_read(rule: Rule) -> None:
    (read,) = parse(as_toml(rule).encode(), Path("egress.toml"))
    assert as_toml(read) == as_toml(rule)


def test_without_a_file_only_models_on_this_machine_are_reached(tmp_path: Path) -> None:
    assert list(Rulebook(tmp_path / "egress.toml").rules()) == [LOCAL_MODELS]


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "egress.toml"
    book = Rulebook(path)
    path.write_bytes(book.adding(Rule("a.b", frozenset({1}), "x")))
    path.chmod(0o600)
    assert len(book.rules()) == 2
    path.write_text("[[broken")
    with pytest.raises(RulesInvalid):
        book.rules()
    path.unlink()
    assert len(book.rules()) == 1


def test_adding_a_rule_keeps_every_word_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "egress.toml"
    path.write_text(GOOD)
    path.chmod(0o600)
    rule = Rule("c.d", frozenset({443}), "sync", frozenset({Label.MINE}))
    path.write_bytes(Rulebook(path).adding(rule, "for ines"))
    text = path.read_text()
    assert text.startswith(GOOD)
    assert "# for ines\n[[allow]]\n" in text
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(Rulebook(path).rules()) == 5


@pytest.mark.parametrize(
    "rule",
    [
        Rule("a.b", frozenset({1}), "Two Words"),
        Rule("a.b", frozenset({1}), 'x"\ntogether = true'),
        Rule("a.b", frozenset({70000}), "x"),
        Rule("a.b", frozenset(), "x"),
        Rule("a.b", frozenset({1}), "x", together=True),
    ],
)
def test_a_rule_that_cannot_be_is_refused_as_such(tmp_path: Path, rule: Rule) -> None:
    with pytest.raises(BadRule):
        Rulebook(tmp_path / "egress.toml").adding(rule)


def test_a_note_of_several_lines_stays_a_note(tmp_path: Path) -> None:
    rule = Rule("a.b", frozenset({1}), "x")
    path = tmp_path / "egress.toml"
    data = Rulebook(path).adding(rule, "why\n[[deny]]\ndestination = 'c'\x1b")
    assert [found.destination for found in parse(data, path)] == ["a.b"]


def test_removing_a_rule_leaves_the_others_and_their_comments(tmp_path: Path) -> None:
    path = tmp_path / "egress.toml"
    path.write_text(GOOD)
    book = Rulebook(path)
    path.write_bytes(book.removing(2))
    assert path.read_text().startswith("# my rules\n# not that one\n[[deny]]")
    assert [rule.destination for rule in book.rules()] == ["*.example.org", "loopback", "loopback"]


def test_a_rule_that_cannot_be_taken_out_alone_is_left(tmp_path: Path) -> None:
    path = tmp_path / "egress.toml"
    text = (
        'allow = [{destination="a.b", port=1, purpose="x", data=[]}]\ndeny = [{destination="c"}]\n'
    )
    path.write_text(text)
    with pytest.raises(RuleEntangled):
        Rulebook(path).removing(1)
    assert path.read_text() == text


def test_a_broken_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "egress.toml"
    path.write_text("oops")
    with pytest.raises(RulesInvalid):
        Rulebook(path).adding(Rule("a.b", frozenset({1}), "x"))
    assert path.read_text() == "oops"


@pytest.mark.demand("EGRESS-5")
def test_rules_that_others_could_have_written_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "egress.toml"
    path.write_text(GOOD)
    for mode in (0o602, 0o620, 0o666):
        path.chmod(mode)
        with pytest.raises(RulesUnsafe):
            Rulebook(path).rules()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_rules_that_belong_to_another_user_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "egress.toml"
    path.write_text(GOOD)
    os.chown(path, 65534, 65534)
    with pytest.raises(RulesUnsafe, match="not safe"):
        Rulebook(path).rules()


def test_a_folder_a_huge_file_or_a_file_in_the_way_are_said_in_plain_words(tmp_path: Path) -> None:
    folder, huge = tmp_path / "folder.toml", tmp_path / "huge.toml"
    folder.mkdir(mode=0o700)
    huge.write_bytes(b"#" * (1 << 21))
    for path in (folder, huge, huge / "egress.toml"):
        with pytest.raises(FileFailure):
            Rulebook(path).rules()


def test_every_truncation_of_a_good_file_is_rules_or_a_named_flaw() -> None:
    for length in range(len(GOOD)):
        try:
            parse(GOOD[:length].encode(), Path("egress.toml"))
        except QuintetError as error:
            assert isinstance(error, RulesInvalid)
