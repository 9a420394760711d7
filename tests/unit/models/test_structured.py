"""A typed value comes out of a model, or an error that names the field that is wrong."""

import pytest

from quintet.models.port import Message, Reply, Request, Role, SchemaUnsupported
from quintet.models.schema import SchemaInvalid
from quintet.models.scripted import Line, ScriptedModel
from quintet.models.structured import BadReply, ask_for

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
REQUEST = Request((Message(Role.USER, "who?"),))
GOOD = '{"name": "Ada", "age": 36}'


class WithoutSchemas(ScriptedModel):
    """A model that cannot be held to a schema."""

    def complete(self, request: Request) -> Reply:
        if request.schema is not None:
            raise SchemaUnsupported("no schemas here")
        return super().complete(request)


@pytest.mark.parametrize(
    "text", [GOOD, f"```json\n{GOOD}\n```", f"Here it is:\n```\n{GOOD}\n```\nBye"]
)
def test_a_good_answer_is_taken_as_it_is(text):
    model = ScriptedModel([text])
    found = ask_for(model, REQUEST, SCHEMA)
    assert found.value == {"name": "Ada", "age": 36}
    assert len(found.replies) == 1
    assert model.requests[0].schema == SCHEMA


@pytest.mark.demand("MODELS-2")
def test_a_wrong_answer_is_sent_back_once_with_what_is_wrong():
    model = ScriptedModel(['{"name": "Ada", "age": -1}', GOOD])
    found = ask_for(model, REQUEST, SCHEMA)
    assert found.value["age"] == 36
    assert len(found.replies) == 2
    said, told = model.requests[1].messages[-2:]
    assert said.role is Role.ASSISTANT
    assert "$.age: must be at least 0, not -1" in told.content


@pytest.mark.demand("MODELS-2")
def test_after_one_repair_the_error_names_the_path_of_the_bad_field():
    model = ScriptedModel(["nonsense", '{"name": "Ada", "age": "old"}', GOOD])
    with pytest.raises(BadReply) as caught:
        ask_for(model, REQUEST, SCHEMA)
    assert caught.value.details["path"] == "$.age"
    assert "$.age: must be integer" in caught.value.why
    assert len(model.requests) == 2


def test_a_model_without_schemas_is_asked_in_words():
    model = WithoutSchemas(["sure!", GOOD])
    assert ask_for(model, REQUEST, SCHEMA).value["name"] == "Ada"
    assert '"required": ["name", "age"]' in model.requests[0].messages[-1].content


def test_an_answer_that_was_cut_off_is_told_so():
    model = ScriptedModel(['{"name": "' + "a" * 100, '{"name": "' + "a" * 100])
    with pytest.raises(BadReply) as caught:
        ask_for(model, Request(REQUEST.messages, max_tokens=5), SCHEMA)
    assert "cut off" in caught.value.why
    assert "max_tokens" in caught.value.hint


def test_an_empty_answer_is_not_sent_back_as_a_turn():
    model = ScriptedModel([Line(""), GOOD])
    ask_for(model, REQUEST, SCHEMA)
    assert [message.role for message in model.requests[1].messages] == [Role.USER, Role.USER]


def test_a_schema_that_cannot_be_checked_is_refused_before_any_call():
    model = ScriptedModel([GOOD])
    with pytest.raises(SchemaInvalid):
        ask_for(model, REQUEST, {"type": "thing"})
    assert model.requests == []
