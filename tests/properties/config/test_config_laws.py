"""Laws of the settings that hold for every input that hypothesis can think of."""

import tomllib
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quintet.errors import QuintetError
from quintet.platform.config.layer import Source
from quintet.platform.config.lines import key_lines, line_of
from quintet.platform.config.shape import Mismatch, Text
from support.configs import SCHEMA, ConfigHome, OvenSettings, change

WORD = st.text("abcdefgh", min_size=1, max_size=4)
QUOTED = st.text(st.characters(codec="utf-8", exclude_characters='"\\\r'), max_size=6).map(
    lambda text: '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in text) + '"'
)
COMMENT = st.sampled_from(["", "", " # note", " # [x] y = 'z'", '\t# """'])
BLANK = st.sampled_from(["", "\n", "# alone\n", "\n\n  # [oven]\n"])
VALUE = st.one_of(
    st.integers(-99, 99).map(str),
    st.sampled_from(["true", "1.50", "1e3", "inf", "nan", "2026-11-24", "0x1F", "'#'"]),
    st.sampled_from(["'''a\n[b]\n'''", '"""x\n# y = 1\n"""""', "[1,\n # in\n [2]]", "{ a = [1] }"]),
    QUOTED,
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Valid TOML as people write it: comments everywhere, values over several lines."""
    lines: list[str] = [draw(BLANK)]
    for name in draw(st.lists(WORD, unique=True, max_size=3)):
        lines.append(f"top_{name} = {draw(VALUE)}{draw(COMMENT)}\n")
    sections = [*draw(st.lists(WORD, unique=True, max_size=3)), *draw(st.sampled_from(PARTS))]
    for section in draw(st.permutations(sections)):
        lines.append(f"{draw(BLANK)}[{section}]{draw(COMMENT)}\n")
        for name in draw(st.lists(WORD | QUOTED, unique=True, max_size=3)):
            lines.append(f"{draw(BLANK)}{name} = {draw(VALUE)}{draw(COMMENT)}\n")
    return "".join(lines)


PARTS = [[], ["oven"], ["oven", "oven.tips"], ["oven.tips"], ["kettle", "oven"]]


def valid(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


@pytest.mark.demand("CONF-1")
@settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.sampled_from(list(Source)), st.integers(0, 99)))
def test_the_strongest_source_wins_and_is_named(values: dict[Source, int]) -> None:
    values.pop(Source.DEFAULT, None)
    with TemporaryDirectory() as folder:
        home = ConfigHome(Path(folder))
        if Source.USER in values:
            home.user(f"[oven]\nheat = {values[Source.USER]}\n")
        if Source.PROJECT in values:
            home.trusted(f"[oven]\nheat = {values[Source.PROJECT]}\n")
        env = {"AI_OVEN__HEAT": str(values.get(Source.ENVIRONMENT, ""))}
        if Source.ENVIRONMENT not in values:
            env.clear()
        flags = [f"oven.heat={values[Source.FLAG]}"] if Source.FLAG in values else []
        setting = home.config(*flags, env=env).explain("oven.heat")
    strongest = next((source for source in Source if source in values), Source.DEFAULT)
    assert setting.source is strongest
    assert setting.value == values.get(strongest, 0.5)


@pytest.mark.demand("CONF-7")
@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200) | documents().map(str.encode), st.sampled_from(["user", "project"]))
def test_no_content_of_a_file_raises_anything_but_our_errors(content: bytes, place: str) -> None:
    with TemporaryDirectory() as folder:
        home = ConfigHome(Path(folder))
        if place == "user":
            home.file.write_bytes(content)
        else:
            home.trusted("")
            home.project_file.write_bytes(content)
        config = home.config()
        for attempt in (
            lambda: config.section("oven", OvenSettings),
            config.settings,
            config.problems,
            config.notices,
            lambda: change(home.file, "oven.tips.ann", "2"),
            lambda: change(home.file, "oven.tips.ann", None),
        ):
            with suppress(QuintetError):
                attempt()


@pytest.mark.demand("CONF-7")
@given(st.text(max_size=30), st.sampled_from([option.key for option in SCHEMA.options()]))
def test_no_typed_text_raises_anything_but_our_errors(text: str, key: str) -> None:
    shape = SCHEMA.target(key).option.shape
    try:
        value = shape.read(Text(text))
    except Mismatch:
        return
    assert shape.read(shape.write(value)) == value


@given(st.decimals(0, 10**9, places=6))
def test_money_is_exact(amount: Decimal) -> None:
    price = SCHEMA.target("oven.price").option.shape
    assert price.read(Text(str(amount))) == amount


@pytest.mark.demand("CONF-8")
@settings(deadline=None, max_examples=40)
@given(
    documents().filter(valid),
    st.sampled_from(
        [
            ("oven.heat", "0.25"),
            ("oven.name", "x # y"),
            ("oven.tips.ann", "2"),
            ("kettle.litres", "3"),
        ]
    ),
)
def test_a_set_value_is_read_back_and_nothing_else_changes(
    document: str, wanted: tuple[str, str]
) -> None:
    target = SCHEMA.target(wanted[0])
    with TemporaryDirectory() as folder:
        home = ConfigHome(Path(folder))
        home.file.write_text(document, newline="")
        try:
            change(home.file, *wanted)
        except QuintetError:
            assert home.file.read_text() == document
            return
        edited = home.file.read_text()
    assert value_at(edited, target.path) is not None
    before, after = (tomllib.loads(text, parse_float=str) for text in (document, edited))
    for data in (before, after):
        data.setdefault(target.path[0], {})
        if len(target.path) == 3:
            data["oven"].setdefault("tips", {})
        table = data[target.path[0]]
        set_to = (table["tips"] if len(target.path) == 3 else table).pop(target.path[-1], None)
    assert set_to in (wanted[1], int(wanted[1]) if wanted[1].isdigit() else None)
    assert before == after
    kept = [line for line in document.splitlines() if line.lstrip().startswith("#")]
    rest = iter(edited.splitlines())
    assert all(comment in rest for comment in kept), "a comment was lost or moved"


def value_at(text: str, path: tuple[str, ...]) -> object:
    found: object = tomllib.loads(text)
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


@given(documents().filter(valid))
def test_every_key_is_found_on_the_line_that_sets_it(document: str) -> None:
    found = key_lines(document)
    lines = document.split("\n")
    for path, number in found.items():
        # Another header may have made the same table before.
        assert not value_at("\n".join(lines[: number - 1]), path) or "[" in lines[number - 1]
        longer = ("\n".join(lines[:end]) for end in range(number, len(lines) + 1))
        assert value_at(next(filter(valid, longer)), path) is not None
    for section, table in tomllib.loads(document).items():
        for name in table if isinstance(table, dict) else ():
            assert line_of(found, (section, name)) > 0
