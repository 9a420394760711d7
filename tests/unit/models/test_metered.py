"""Every call is paid for: nothing runs that the budget does not allow, nothing is charged twice."""

from pathlib import Path

import pytest

from quintet.errors import NotFound, QuintetError
from quintet.models.access import Models, NoModelChosen
from quintet.models.catalog import Catalog, Entry
from quintet.models.metered import Account, Call, Meter, MeteredModel
from quintet.models.port import (
    ContextExceeded,
    Finish,
    Message,
    ModelBusy,
    ModelFailed,
    Reply,
    Request,
    Role,
    Usage,
    in_one_piece,
    whole,
)
from quintet.models.prices import (
    FREE,
    Price,
    PricesBroken,
    PriceUnknown,
    known_prices,
    parse_prices,
    price_of,
)
from quintet.models.registry import parse_spec
from quintet.platform.budget.amount import Amount
from quintet.platform.budget.budget import Budget
from quintet.platform.budget.refusal import BudgetSpent
from support.budgets import BudgetHome
from support.model_services import services

REQUEST = Request((Message(Role.USER, "hello"),), max_tokens=100)
DEAR = Price("api.example.org", "m", prompt=1_000_000, cached=100_000, completion=10_000_000)


class Answering:
    """A model whose answer, or failure, a test chooses; the clock moves while it works."""

    name = "answering"

    def __init__(self, home: BudgetHome, outcome: Usage | QuintetError, pieces: int = 0) -> None:
        self._home = home
        self._outcome = outcome
        self._pieces = pieces
        self.calls = 0

    def complete(self, request: Request) -> Reply:
        return whole(self.stream(request))

    def stream(self, request: Request):
        self.calls += 1
        self._home.clock.advance(2.0)
        for _ in range(self._pieces):
            yield from list(in_one_piece(self._reply(Usage(1, 1))))[:1]
        if isinstance(self._outcome, QuintetError):
            raise self._outcome
        yield from in_one_piece(self._reply(self._outcome))

    def _reply(self, usage: Usage) -> Reply:
        return Reply("text", (), usage, Finish.STOP, "m")

    def close(self) -> None:
        return


@pytest.fixture
def home(tmp_path: Path) -> BudgetHome:
    return BudgetHome(tmp_path)


@pytest.fixture
def calls() -> list[Call]:
    return []


def metered(home: BudgetHome, model: Answering, calls: list[Call], **limits) -> MeteredModel:
    budget: Budget = home.budget(**{"day_usd": 1, **limits})
    meter = Meter(budget, home.clock, 60.0, calls.append)
    return MeteredModel(model, DEAR, Account("life", "run-1"), meter)


def spent(home: BudgetHome) -> Amount:
    """What the whole day has been charged, and nothing may still be held."""
    standing = home.budget(day_usd=1).standing()
    assert standing.held == ()
    assert standing.overrun is None
    return next((use.spent for use in standing.uses if use.account == "day"), Amount())


def test_a_call_is_charged_what_it_really_used(home, calls):
    model = Answering(home, Usage(30, 20, cached_tokens=10))
    metered(home, model, calls).complete(REQUEST)
    cost = Amount(20 + 1 + 200, 50, 2.0)
    assert spent(home) == cost
    (call,) = calls
    assert call == Call("answering", Account("life", "run-1"), cost, Usage(30, 20, 10), Finish.STOP)


@pytest.mark.demand("MODELS-12")
def test_a_call_that_could_cost_too_much_is_refused_before_it_is_made(home, calls):
    model = Answering(home, Usage(1, 1))
    paying = metered(home, model, calls, day_usd="0.0005")
    for call in (paying.complete, lambda request: list(paying.stream(request))):
        with pytest.raises(BudgetSpent):
            call(REQUEST)
    assert model.calls == 0
    assert paying.most(REQUEST).money_micros > 500


@pytest.mark.parametrize("error", [ModelBusy("later"), ContextExceeded("long")])
def test_a_call_on_which_no_model_worked_costs_nothing(home, calls, error):
    with pytest.raises(type(error)):
        metered(home, Answering(home, error), calls).complete(REQUEST)
    assert spent(home) == Amount()
    assert calls[0].error == error.code


@pytest.mark.demand("MODELS-12")
def test_a_call_that_failed_midway_is_charged_in_full(home, calls):
    paying = metered(home, Answering(home, ModelFailed("broke")), calls)
    with pytest.raises(ModelFailed):
        paying.complete(REQUEST)
    assert spent(home) == paying.most(REQUEST)
    assert calls[0].error == "models.failed"


def test_once_output_has_come_even_a_busy_server_is_paid(home, calls):
    paying = metered(home, Answering(home, ModelBusy("overloaded"), pieces=1), calls)
    with pytest.raises(ModelBusy):
        list(paying.stream(REQUEST))
    assert spent(home) == paying.most(REQUEST)


def test_a_stream_that_is_left_early_is_charged_in_full(home, calls):
    paying = metered(home, Answering(home, Usage(1, 1), pieces=3), calls)
    stream = paying.stream(REQUEST)
    next(stream)
    stream.close()
    assert spent(home) == paying.most(REQUEST)
    assert calls[0].error == "models.left_early"


def test_only_the_models_time_counts_and_not_its_readers(home, calls):
    paying = metered(home, Answering(home, Usage(1, 1), pieces=2), calls)
    for _ in paying.stream(REQUEST):
        home.clock.advance(1000.0)
    assert spent(home).duration_s == 2.0


def test_roughly_counted_tokens_do_not_lower_a_price(home, calls):
    paying = metered(home, Answering(home, Usage(1, 1, exact=False)), calls)
    paying.complete(REQUEST)
    assert spent(home).money_micros == paying.most(REQUEST).money_micros


@pytest.mark.parametrize("text", ["", "plain words", "日本語", "\x00🙂\ud800", "x" * 10_000])
def test_what_is_reserved_is_never_less_than_any_tokenizer_counts(home, calls, text):
    """No token is shorter than a byte, so bytes are the most that a tokenizer can count."""
    request = Request((Message(Role.USER, text),), max_tokens=7)
    most = metered(home, Answering(home, Usage(1, 1)), calls).most(request)
    assert most.tokens >= len(text.encode("utf-8", "surrogatepass")) + 7


def test_the_price_of_a_snapshot_is_that_of_its_model():
    prices = known_prices(Path("/nonexistent"))
    for model in ("gpt-4.1", "gpt-4.1-2025-04-14"):
        price = price_of(parse_spec(f"openai:{model}"), prices, allow_unpriced=False)
        assert (price.model, price.prompt) == ("gpt-4.1", 2_000_000)
        assert price.as_of
    dated = parse_spec("anthropic:claude-haiku-4-5-20251001")
    assert price_of(dated, prices, allow_unpriced=False).completion == 5_000_000


@pytest.mark.demand("MODELS-13")
@pytest.mark.parametrize(
    "spec",
    ["openai:gpt-99", "openai:gpt-4.1-turbo", "openai:gpt-4.1@https://other.example/v1"],
)
def test_an_unknown_price_is_refused_unless_it_is_allowed(spec):
    prices = known_prices(Path("/nonexistent"))
    with pytest.raises(PriceUnknown) as caught:
        price_of(parse_spec(spec), prices, allow_unpriced=False)
    assert "allow_unpriced" in caught.value.hint
    assert price_of(parse_spec(spec), prices, allow_unpriced=True) is FREE


@pytest.mark.parametrize("spec", ["gguf:x", "scripted:x", "openai:m@http://127.0.0.1:8080/v1"])
def test_what_runs_on_this_machine_is_free(spec):
    assert price_of(parse_spec(spec), [], allow_unpriced=False).is_free


def test_a_users_own_row_comes_first(tmp_path):
    own = tmp_path / "prices.toml"
    own.write_text(
        '[[price]]\nhost = "api.openai.com"\nmodel = "gpt-4.1"\nprompt = 1\ncompletion = 2\n'
        "as_of = 2026-11-01\n"
    )
    price = price_of(parse_spec("openai:gpt-4.1"), known_prices(own), allow_unpriced=False)
    assert (price.prompt, price.cached, price.completion) == (1, 1, 2)


def test_money_is_rounded_up():
    assert DEAR.cost_micros(Usage(1, 0)) == 1
    assert Price(prompt=1, completion=1).cost_micros(Usage(1, 1)) == 1
    assert FREE.cost_micros(Usage(10**6, 10**6)) == 0


ROW = 'host = "h"\nmodel = "m"\nprompt = 1\ncompletion = 1\nas_of = 2026-01-01\n'


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "[[price",
        "price = 5",
        "other = 1",
        "[[price]]\n",
        f"[[price]]\n{ROW}extra = 1",
        "[[price]]\n" + ROW.replace("prompt = 1", "prompt = -1"),
        "[[price]]\n" + ROW.replace("prompt = 1", "prompt = 1.5"),
        "[[price]]\n" + ROW.replace("prompt = 1", "prompt = true"),
        "[[price]]\n" + ROW.replace("prompt = 1", "prompt = 99999999999999999999"),
        "[[price]]\n" + ROW.replace("2026-01-01", '"soon"'),
    ],
)
def test_a_price_list_that_makes_no_sense_is_refused(text):
    with pytest.raises(PricesBroken) as caught:
        parse_prices(text.encode())
    assert caught.value.why
    with pytest.raises(PricesBroken):
        parse_prices(b"\xff")


@pytest.fixture
def models(tmp_path: Path, home: BudgetHome) -> Models:
    (tmp_path / "script.jsonl").write_text('"hello from the script"\n')
    catalog = Catalog(tmp_path / "models")
    catalog.put(Entry("talk", f"scripted:{tmp_path}/script.jsonl"))
    catalog.put(Entry("dear", "openai:gpt-99"))
    return Models(
        catalog,
        services(default="talk"),
        home.budget(day_usd=0),
        own_prices=tmp_path / "prices.toml",
    )


@pytest.mark.parametrize("name", ["", "talk"])
def test_a_model_is_opened_by_name_by_default_or_by_spec(models, calls, tmp_path, name):
    model = models.chat(name, group="life", on_call=calls.append)
    assert model.complete(REQUEST).text == "hello from the script"
    assert calls[0].account == Account("life")
    spec = f"scripted:{tmp_path}/script.jsonl"
    assert models.chat(spec, group="ops", run="r").complete(REQUEST).text
    assert models.embedder().dimensions == 128


def test_a_model_that_is_not_known_or_not_priced_is_refused_when_it_is_opened(models):
    with pytest.raises(NotFound):
        models.chat("nothing", group="life")
    with pytest.raises(PriceUnknown):
        models.chat("dear", group="life")


def test_without_a_choice_the_command_that_makes_one_is_told(tmp_path, home):
    models = Models(
        Catalog(tmp_path),
        services(),
        home.budget(),
        own_prices=tmp_path / "p",
    )
    with pytest.raises(NoModelChosen) as caught:
        models.chat(group="life")
    assert "models.default" in caught.value.hint
